// Package notice (Bescheid) tells one person one thing: with a notification on their devices, and else by mail. What has
// to be confirmed, or proved to have arrived, is an announcement.
package notice

import (
	"context"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Notice is what somebody is told. The zero Notice is nothing to tell.
type Notice struct {
	Title string   // one line; on a lock screen only where the house lets it tell what it is about
	Body  string   // likewise, one more: when, how much
	Lines []string // what only a mail says, and only where the house lets mails tell more than a title
	Path  string   // where one can do something about it
	From  string   // name of the unit
	Tag   string   // a later notice with the same tag takes its place
	Until time.Time

	// Calendar makes the calendar file of an invitation, which goes by mail, also to whoever has a device; nil: it is none. It
	// is given the name and the address of the house and the reader's address, and may say more than title, time and place only
	// with details.
	Calendar func(house, from, to string, details bool) mail.Calendar
	Ref      string // of the mail, as mail.Message has it; "": none

	Unsubscribe string // URL at which one click ends what such notices rest on (RFC 8058); "": none
}

// At is when a person may be told: now, or when their quiet hours are over.
func At(tx *store.Tx, person int64, now time.Time) (time.Time, error) {
	w, err := channel.WishOf(tx, person)
	return w.Quiet(now), err
}

// A reader is whom a notice goes to, looked up as it goes.
type reader struct {
	who.Viewer
	lang    *lang.Lang
	address string // "": none is known
	wish    channel.Wish
	devices []push.Subscription
	details bool // mails may tell more than a title
	open    bool // a lock screen may tell what it is about

	house, from string // name and address of the house
}

// Send has compose say what a person is told, in their language, and with the rights of the moment. Where there is
// nothing to tell any more, compose returns the zero Notice, or that what it is about is not found.
func Send(ctx context.Context, h *house.House, person int64, compose func(*store.Tx, who.Viewer, *lang.Lang) (Notice, error)) error {
	_, err := Tell(ctx, h, person, compose)
	return err
}

// Tell is Send for who wants to know whether a device or a mail server has taken it.
func Tell(ctx context.Context, h *house.House, person int64, compose func(*store.Tx, who.Viewer, *lang.Lang) (Notice, error)) (handed bool, err error) {
	var n Notice
	var to reader
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if to, err = find(tx, h, person); err != nil {
			return err
		}
		n, err = compose(tx, to.Viewer, to.lang)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil || n.Title == "" {
		return false, err
	}
	handed, err = to.push(ctx, h, n)
	if n.Calendar == nil && (handed || err != nil) || err != nil && !to.mails(ctx, h) {
		return handed, err
	}
	return to.mail(ctx, h, n) // a calendar arrives this way only, whatever a device says
}

func find(tx *store.Tx, h *house.House, person int64) (to reader, err error) {
	now := h.Now()
	if to.Viewer, err = org.Viewer(tx, person, now); err != nil {
		return to, err
	}
	var language string
	if to.address, language, err = channel.Reached(tx, person, now); err != nil {
		return to, err
	}
	to.lang = lang.Of(language)
	if to.wish, err = channel.WishOf(tx, person); err != nil {
		return to, err
	}
	if to.devices, err = push.Of(tx, now, person); err != nil {
		return to, err
	}
	for name, on := range map[string]*bool{settings.MailDetails: &to.details, settings.PushDetails: &to.open} {
		value, err := h.Settings.Get(tx, name)
		if err != nil {
			return to, err
		}
		*on = value == "1"
	}
	to.house, to.from, err = mail.From(tx, h.Settings)
	if to.from == "" { // a mail needs it, and no calendar is sent without one
		to.from = "kalender@" + h.Base.Hostname()
	}
	return to, err
}

// push sends to all devices; handed: one has taken it.
func (to reader) push(ctx context.Context, h *house.House, n Notice) (handed bool, err error) {
	if !to.wish.Push {
		return false, nil
	}
	life := 24 * time.Hour
	if !n.Until.IsZero() {
		life = max(time.Minute, min(life, n.Until.Sub(h.Now())))
	}
	m := push.Message{Title: n.Title, Body: n.Body, Lang: to.lang.Code, Navigate: h.URL(n.Path), Tag: n.Tag, Topic: n.Tag, TTL: life, Urgency: push.Normal}
	if !to.open {
		m.Title, m.Body = to.lang.T("Neues von %s", n.From), ""
	}
	for _, d := range to.devices {
		switch e := h.Push.Send(ctx, d, m); {
		case e == nil:
			handed = true
		case !push.Refused(e): // it may pass, and is tried again
			err = e
		}
	}
	if handed {
		return true, nil
	}
	return false, err
}

// mails reports whether a mail can go to the person.
func (to reader) mails(ctx context.Context, h *house.House) bool {
	return to.address != "" && to.wish.Mail != channel.Never && h.Mail.Configured(ctx)
}

func (to reader) mail(ctx context.Context, h *house.House, n Notice) (handed bool, err error) {
	if !to.mails(ctx, h) {
		return false, nil
	}
	lines := []string{n.Body}
	if to.details {
		lines = append(lines, n.Lines...)
	}
	lines = append(lines, h.URL(n.Path), to.lang.T("Diese Nachricht kommt von %s.", n.From))
	if n.Unsubscribe != "" {
		lines = append(lines, to.lang.T("Nichts mehr davon bekommen: %s", n.Unsubscribe))
	}
	var text []string
	for _, l := range lines {
		if l != "" {
			text = append(text, l)
		}
	}
	m := mail.Message{To: to.address, Name: to.Name(), Subject: n.Title, Text: strings.Join(text, "\n\n"), Kind: mail.News, Language: to.lang.Code, Ref: n.Ref, Unsubscribe: n.Unsubscribe}
	if n.Calendar != nil {
		m.Calendar = n.Calendar(to.house, to.from, to.address, to.details)
	}
	err = h.Mail.Send(ctx, m)
	if err != nil && mail.Refused(err) {
		return false, h.DB.Write(ctx, func(tx *store.Tx) error {
			return channel.Failed(tx, to.ID, channel.Mail, to.address, "die Adresse wurde abgelehnt", h.Now())
		})
	}
	return err == nil, err
}
