// Package reachability (Erreichbarkeit) shows before an emergency who can be reached in one, and over what: to everybody
// their own channels and wishes, to a team the families of its groups, to carriers and city numbers.
//
// A channel counts by what has been proved. That a server took a mail proves little, that somebody opened its link a lot;
// what came back or was refused proves that the channel is broken until something arrives again.
package reachability

import (
	"slices"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/sms"
)

// A Way is a channel to one person, and how far it can be relied on.
type Way struct {
	Channel string
	Address string    // shown to the person only
	State   string    // of package channel
	Proved  time.Time // zero: never
	Reason  string    // of Broken and Blocked; German
}

// Works reports whether something may arrive.
func (w Way) Works() bool {
	return w.State == channel.Proven || w.State == channel.Taken || w.State == channel.Untried
}

// Words say the state, in a language.
func (w Way) Words(l *lang.Lang, now time.Time) string {
	switch w.State {
	case channel.Proven:
		return l.T("funktioniert, zuletzt %s", l.When(house.Local(now), house.Local(w.Proved)))
	case channel.Taken:
		return l.T("angenommen, noch nicht bewiesen")
	case channel.Untried:
		return l.T("noch nie benutzt")
	case channel.Broken:
		return l.T("funktioniert nicht")
	case channel.Blocked:
		return l.T("gesperrt")
	}
	return l.T("nicht eingerichtet")
}

// A medium is how a channel is called and shown.
type medium struct{ Channel, Name, Icon string }

func media() []medium {
	return []medium{
		{Channel: channel.Push, Name: "Nachricht aufs Handy", Icon: "bell"},
		{Channel: channel.Mail, Name: "Mail", Icon: "mail"},
		{Channel: channel.SMS, Name: "SMS", Icon: "message-square-text"},
	}
}

func (w Way) medium() medium {
	all := media()
	return all[max(0, slices.IndexFunc(all, func(m medium) bool { return m.Channel == w.Channel }))]
}

// Icon stands for the channel.
func (w Way) Icon() string { return w.medium().Icon }

// Name is what the channel is called, in a language.
func (w Way) Name(l *lang.Lang) string { return l.T(w.medium().Name) }

// A contact is what the house has to reach somebody with.
type contact struct {
	Person  int64
	Mail    string // "": none
	Phone   string // "": none
	Devices int    // on which notifications are allowed
	Stopped bool   // the number has asked for no more SMS
}

// ways are the channels of a contact, judged by what is known of them. texts: the house can send SMS.
func (c contact) ways(proofs []channel.Proof, texts bool, now time.Time) []Way {
	number := sms.Number(c.Phone)
	if !sms.Mobile(number) {
		number = ""
	}
	all := []Way{{Channel: channel.Push}, {Channel: channel.Mail, Address: c.Mail}, {Channel: channel.SMS, Address: number}}
	there := []bool{c.Devices > 0, c.Mail != "", number != ""}
	for i := range all {
		w := &all[i]
		if w.State = channel.None; !there[i] {
			continue
		}
		if w.Channel == channel.SMS && !texts {
			w.Reason = "kein SMS-Dienst eingerichtet"
			continue
		}
		w.State = channel.Untried
		for _, p := range proofs {
			if p.Channel == w.Channel && p.Address == w.Address {
				w.State, w.Proved, w.Reason = p.State(now), p.Proved, p.Reason
			}
		}
		if w.Channel == channel.SMS && c.Stopped {
			w.State, w.Reason = channel.Blocked, "hat STOPP geschickt"
		}
	}
	return all
}

// Classes of a family, the worst first.
const (
	Nothing   = "nothing"   // nobody can be reached
	PhoneOnly = "phone"     // only a telephone call is left
	MailOnly  = "mail"      // nothing that rings
	Good      = "reachable" // a notification or an SMS rings
)

// A Guardian is one of those who can be reached for a child.
type Guardian struct {
	contact
	child  int64
	Name   string
	Access bool // has taken up their access; else a letter is still open
	Ways   []Way
}

// A Family is a child with those who can be reached for it.
type Family struct {
	Child     int64
	Name      string
	Group     string
	Facility  string
	Guardians []Guardian
}

// Class is how well the family can be reached: by the best channel of any guardian.
func (f Family) Class() string {
	class := Nothing
	for _, g := range f.Guardians {
		if g.Phone != "" && class == Nothing {
			class = PhoneOnly
		}
		if !g.Access {
			continue
		}
		for _, w := range g.Ways {
			switch {
			case !w.Works():
			case w.Channel == channel.Mail && class != Good:
				class = MailOnly
			case w.Channel != channel.Mail:
				class = Good
			}
		}
	}
	return class
}

// Counts are families by class.
type Counts struct{ Families, Good, MailOnly, PhoneOnly, Nothing int }

func (c *Counts) add(class string) {
	c.Families++
	*map[string]*int{Good: &c.Good, MailOnly: &c.MailOnly, PhoneOnly: &c.PhoneOnly, Nothing: &c.Nothing}[class]++
}
