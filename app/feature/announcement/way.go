package announcement

import (
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
)

// A Way is what became of one channel to a guardian.
type Way struct {
	person  int64
	Channel string
	State   string
	Reason  string // of failed and skipped
	At      time.Time
}

// A medium is how a channel is called and shown.
type medium struct{ Channel, Name, Icon string }

func mediumOf(ch string) medium {
	for _, m := range []medium{
		{Channel: channel.Push, Name: "Handy", Icon: "bell"},
		{Channel: channel.Mail, Name: "Mail", Icon: "mail"},
		{Channel: channel.SMS, Name: "SMS", Icon: "message-square-text"},
	} {
		if m.Channel == ch {
			return m
		}
	}
	return medium{Channel: channel.App, Name: "in Nestfunk", Icon: "smartphone"}
}

// Icon stands for the channel.
func (w Way) Icon() string { return mediumOf(w.Channel).Icon }

// Words say it in a few words: "SMS angekommen, 6:39 Uhr".
func (w Way) Words() string {
	name := mediumOf(w.Channel).Name
	if w.Reason != "" {
		return name + ": " + w.Reason
	}
	at := lang.German().Clock(house.Local(w.At))
	switch {
	case w.State == "waiting":
		return name + " unterwegs"
	case w.State == "handed" && w.Channel == channel.Mail:
		return name + " angenommen, " + at
	case w.State == "handed":
		return name + " gesendet, " + at
	case w.Channel == channel.SMS:
		return name + " angekommen, " + at
	}
	return name + " gezeigt, " + at
}

// Over says over which channel a guardian came to confirm; "": in the app.
func (r Receipt) Over() string {
	return map[string]string{channel.Mail: "über den Link in der Mail", channel.SMS: "über den Link in der SMS",
		channel.Push: "über die Nachricht auf dem Handy"}[r.Channel]
}

// ways lists what became of every channel to some people.
func ways(tx *store.Tx, id int64, people []int64) (map[int64][]Way, error) {
	all, err := store.All(tx, func(w *Way) []any { return []any{&w.person, &w.Channel, &w.State, &w.Reason, (*store.Time)(&w.At)} }, `
		SELECT person, channel, state, reason, at FROM announcement_delivery
		WHERE announcement = ? AND person IN (SELECT value FROM json_each(?)) ORDER BY person, at, channel`, id, store.List(people))
	m := map[int64][]Way{}
	for _, w := range all {
		m[w.person] = append(m[w.person], w)
	}
	return m, err
}
