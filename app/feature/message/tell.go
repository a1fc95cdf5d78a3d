package message

import (
	"context"
	"fmt"
	"strconv"
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
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	tellKind = "message.tell" // have all who take part told of a message
	pushKind = "message.push" // ref: a conversation; the argument is a person
	mailKind = "message.mail" // ref: a person, who gets one mail about all that is new

	reading = 2 * time.Minute // whoever has the page open reads it in that time, and needs no mail
)

// tellJob decides how each who reads the conversation is told of a message, as they wish. A team's devices rest while no
// answer is expected.
func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, id int64, _ string) error {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			now := h.Now()
			type said struct {
				conversation, author, unit int64
				kind                       string
			}
			m, err := store.One(tx, func(m *said) []any { return []any{&m.conversation, store.Null(&m.author), &m.kind, &m.unit} }, `
				SELECT c.id, m.author, c.kind, c.unit FROM message m JOIN message_conversation c ON c.id = m.conversation
				WHERE m.id = ? AND m.removed IS NULL`, id)
			if fault.KindOf(err) == fault.NotFound {
				return nil // nobody need know any more
			}
			if err != nil {
				return err
			}
			type seated struct{ person, unit int64 }
			all, err := store.All(tx, func(s *seated) []any { return []any{&s.person, store.Null(&s.unit)} }, `
				SELECT person, unit FROM message_seat WHERE conversation = ?1 AND since <= ?2 AND until > ?2 GROUP BY person`, m.conversation, now.Unix())
			if err != nil {
				return err
			}
			for _, s := range all {
				if s.person == m.author {
					continue
				}
				wish, err := channel.WishOf(tx, s.person)
				if err != nil {
					return err
				}
				at := wish.Quiet(now)
				if (m.kind == Family || m.kind == Council) && s.unit != 0 {
					rule, err := hoursOf(tx, h, m.unit)
					if err != nil {
						return err
					}
					at = wish.Quiet(rule.Next(at))
				}
				if wish.Push {
					if err := once(tx, h, pushKind, m.conversation, strconv.FormatInt(s.person, 10), at); err != nil {
						return err
					}
				}
				switch wish.Mail {
				case channel.Now:
					err = once(tx, h, mailKind, s.person, "", now.Add(reading))
				case channel.Digest:
					err = once(tx, h, mailKind, s.person, "", channel.Evening(now))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}}
}

// once adds a task unless the same waits already.
func once(tx *store.Tx, h *house.House, kind string, ref int64, arg string, at time.Time) error {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND ref = ? AND arg = ? AND due > ? AND tries = 0`,
		kind, ref, arg, h.Now().Unix())
	if err != nil || n > 0 {
		return err
	}
	return h.Tasks.AddAt(tx, kind, ref, arg, at)
}

// from names whom a conversation is with, for a line that others may see: a family is not named unless that is allowed.
func from(c Conversation, all []Party, person int64, l *lang.Lang, named bool) string {
	for _, p := range others(all, c.Side, person) {
		if p.Unit != 0 || named {
			return l.T("Neue Nachricht von %s", p.Words(l))
		}
	}
	return l.T("Neue Nachricht")
}

// pushJob rings the devices of one person, where there still is something to read.
func pushJob(h *house.House) task.Job {
	return task.Job{Kind: pushKind, Run: func(ctx context.Context, id int64, arg string) error {
		person, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		var devices []push.Subscription
		var note push.Message
		err = h.DB.Read(ctx, func(tx *store.Tx) error {
			v, err := org.Viewer(tx, person, h.Now())
			if err != nil {
				return err
			}
			c, err := get(tx, id, v, h.Now())
			if err != nil || c.Latest <= c.Seen {
				return err
			}
			all, err := parties(tx, id)
			if err != nil {
				return err
			}
			details, err := h.Settings.Get(tx, settings.PushDetails)
			if err != nil {
				return err
			}
			_, language, err := channel.Reached(tx, person, h.Now())
			if err != nil {
				return err
			}
			l := lang.Of(language)
			note = push.Message{Title: from(c, all, person, l, details == "1"), Lang: l.Code, Navigate: h.URL(gespraech(id)), Urgency: push.Normal,
				TTL: 24 * time.Hour, Tag: "n" + strconv.FormatInt(id, 10)}
			note.Topic = note.Tag
			devices, err = push.Of(tx, h.Now(), person)
			return err
		})
		if fault.KindOf(err) == fault.NotFound {
			return nil // who has lost the right is not told
		}
		if err != nil {
			return err
		}
		var failed error
		for _, d := range devices {
			if err := h.Push.Send(ctx, d, note); err != nil && !push.Refused(err) {
				failed = err
			}
		}
		return failed
	}}
}

// gespraech is the path of a conversation.
func gespraech(id int64) string { return "/gespraech/" + strconv.FormatInt(id, 10) }

// A letter is the mail of one person about all that is new.
type letter struct {
	to      who.Viewer
	address string
	lang    *lang.Lang
	rows    []Row
	words   []Message // of the only conversation; nil: mails may not contain them
	reply   string    // "": answers by mail are not taken
}

// mailJob sends a person one mail about the conversations in which there is something new, and not yet told by mail.
func mailJob(h *house.House) task.Job {
	return task.Job{Kind: mailKind, Run: func(ctx context.Context, person int64, _ string) error {
		if !h.Mail.Configured(ctx) {
			return nil
		}
		var l letter
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			l, err = write(tx, h, person)
			return err
		})
		if fault.KindOf(err) == fault.NotFound || err == nil && (len(l.rows) == 0 || l.address == "") {
			return nil
		}
		if err != nil {
			return err
		}
		sent := h.Mail.Send(ctx, l.compose(h))
		if sent != nil && !mail.Refused(sent) {
			return sent
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			for _, r := range l.rows {
				if _, err := tx.Exec(`
					INSERT INTO message_read (person, conversation, mailed) VALUES (?, ?, ?)
					ON CONFLICT (person, conversation) DO UPDATE SET mailed = max(mailed, excluded.mailed)`, person, r.ID, r.Latest); err != nil {
					return err
				}
			}
			if sent != nil {
				return channel.Failed(tx, person, channel.Mail, l.address, mail.Words(sent), h.Now())
			}
			return channel.Handed(tx, person, channel.Mail, l.address, h.Now())
		})
	}}
}

const mostRows = 20 // conversations that one mail tells of

// write gathers what a mail says.
func write(tx *store.Tx, h *house.House, person int64) (l letter, err error) {
	now := h.Now()
	if l.to, err = org.Viewer(tx, person, now); err != nil {
		return l, err
	}
	all, err := rows(tx, l.to, now, 1<<60, 1<<60, mostRows)
	if err != nil {
		return l, err
	}
	for _, r := range all {
		if r.Unread == 0 {
			continue
		}
		mailed, err := store.One(tx, store.Value[int64], `
			SELECT coalesce((SELECT mailed FROM message_read WHERE person = ? AND conversation = ?), 0)`, person, r.ID)
		if err != nil {
			return l, err
		}
		if r.Latest > mailed {
			l.rows = append(l.rows, r)
		}
	}
	var language string
	if l.address, language, err = channel.Reached(tx, person, now); err != nil || len(l.rows) != 1 {
		l.lang = lang.Of(language)
		return l, err
	}
	l.lang = lang.Of(language)
	c := l.rows[0].Conversation
	if !guarded(l.to) {
		if l.reply, err = replyAddress(tx, h, c.ID, person); err != nil {
			return l, err
		}
	}
	details, err := h.Settings.Get(tx, settings.MessageMail)
	if err != nil || details != "1" {
		return l, err
	}
	if l.words, err = after(tx, c.ID, c.Seen, 10); err != nil {
		return l, err
	}
	return l, dress(tx, l.to, l.words)
}

// compose writes the mail. What was written stands in it only where the house allows that; else neither that nor what it is
// about.
func (l letter) compose(h *house.House) mail.Message {
	m := mail.Message{To: l.address, Name: l.to.Name(), Kind: mail.News, Language: l.lang.Code, Subject: l.lang.T("Neue Nachrichten")}
	var lines []string
	if l.reply != "" {
		m.Reply = l.reply
		lines = append(lines, mail.Above+"\n"+l.lang.T("Bitte schreiben Sie Ihre Antwort über diese Zeile."))
	}
	for _, r := range l.rows {
		subject := from(r.Conversation, r.With, l.to.ID, l.lang, l.words != nil)
		if len(l.rows) == 1 {
			m.Subject = subject
		}
		if l.words == nil {
			lines = append(lines, subject+"\n"+h.URL(gespraech(r.ID)))
		}
	}
	if l.words != nil {
		r := l.rows[0]
		lines = append(lines, r.Title)
		for _, w := range l.words {
			if w.Mine || !w.Removed.IsZero() {
				continue
			}
			words := text.ForMail(w.body)
			for _, x := range w.Files {
				words += fmt.Sprintf("\n%s\n%s", x.Name, h.URL(fmt.Sprintf("/datei/%d", x.ID)))
			}
			lines = append(lines, w.By(l.lang)+":\n"+strings.TrimSpace(words))
		}
		lines = append(lines, l.lang.T("Lesen und antworten:")+"\n"+h.URL(gespraech(r.ID)))
	}
	m.Text = strings.Join(append(lines, l.lang.T("Wie Sie benachrichtigt werden, ändern Sie hier: %s", h.URL("/konto/wege"))), "\n\n")
	return m
}
