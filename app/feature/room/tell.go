package room

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
)

const (
	tellKind   = "room.tell"   // tell a person something; the argument says what, whom and over which channel
	spreadKind = "room.spread" // have all told of a post who want to be
)

// What a person is told, and what the number of the task is.
type news string

const (
	ofPost      news = "post"      // there is a new post, which is ref, as are:
	toRelease   news = "release"   // a post waits for the person's release
	toModerator news = "report"    // somebody has reported a post; ref is the report, as is:
	toReporter  news = "outcome"   // what became of a report of the person's
	toSubject   news = "action"    // something was restricted; ref is the action, as are:
	toJudge     news = "objection" // somebody objects
	toObjector  news = "answer"    // the person's objection is answered
)

// tell has people told, over push and mail as they wish it, each by tasks of their own. Push waits until quiet hours are
// over.
func tell(tx *store.Tx, h *house.House, what news, ref int64, people ...int64) error {
	for _, p := range people {
		wish, err := channel.WishOf(tx, p)
		if err != nil {
			return err
		}
		waits := 0 // one notification of a topic is enough for a night
		if what == ofPost {
			if waits, err = store.One(tx, store.Value[int], `
				SELECT count(*) FROM room_post n JOIN room_post o ON o.topic = n.topic JOIN task k ON k.kind = ?1 AND k.ref = o.id
				WHERE n.id = ?2 AND k.arg = ?3`, tellKind, ref, fmt.Sprint(what, " ", p, " ", channel.Push)); err != nil {
				return err
			}
		}
		if wish.Push && waits == 0 {
			if err := h.Tasks.AddAt(tx, tellKind, ref, fmt.Sprint(what, " ", p, " ", channel.Push), wish.Quiet(h.Now())); err != nil {
				return err
			}
		}
		switch {
		case what == ofPost && wish.Mail == channel.Never:
		case what == ofPost && wish.Mail == channel.Digest:
			if err := gather(tx, h, p, ref); err != nil {
				return err
			}
		default: // what somebody has to act on does not wait for the evening
			if err := h.Tasks.Add(tx, tellKind, ref, fmt.Sprint(what, " ", p, " ", channel.Mail)); err != nil {
				return err
			}
		}
	}
	return nil
}

// spreadJob finds out who is to be told of a post: of a new topic whoever wants to hear of new ones, of an answer
// whoever follows, and whom it addresses in any case.
func spreadJob(h *house.House) task.Job {
	return task.Job{Kind: spreadKind, Run: func(ctx context.Context, post int64, _ string) error {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			people, err := store.All(tx, store.Value[int64], `
				WITH p AS (SELECT p.id, p.topic, p.author, t.room, p.id = (SELECT min(o.id) FROM room_post o WHERE o.topic = p.topic) AS first
					FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE p.id = ?1 AND p.state = 'shown')
				SELECT f.person FROM p JOIN room_follow f ON f.topic = p.topic AND f.follows = 1 WHERE f.person IS NOT p.author
				UNION SELECT m.person FROM p JOIN room_member m ON m.room = p.room AND m.news = 1 WHERE p.first AND m.person IS NOT p.author
				UNION SELECT m.person FROM p JOIN room_mention m ON m.post = p.id`, post)
			if err != nil {
				return err
			}
			return tell(tx, h, ofPost, post, people...)
		})
	}}
}

// A message is what a person is told.
type message struct {
	what    news
	to      int64
	name    string
	address string // of mail; "": none is known
	lang    *lang.Lang
	title   string // of the topic; "": of a youth room, from which nothing is told
	room    string
	body    string // of a post, where mails may carry it
	path    string
	tag     string
	secret  bool // what stands on a lock screen does not name the topic
}

// tellJob tells one person, where there still is something to tell and the person may still read it.
func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, ref int64, arg string) error {
		words := strings.Fields(arg)
		if len(words) != 3 {
			return task.Drop(fmt.Errorf("cannot tell %q", arg))
		}
		to, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		m := message{what: news(words[0]), to: to}
		var devices []push.Subscription
		err = h.DB.Read(ctx, func(tx *store.Tx) error {
			if err := m.load(tx, h, ref); err != nil {
				return err
			}
			devices, err = push.Of(tx, h.Now(), to)
			return err
		})
		switch {
		case fault.KindOf(err) == fault.NotFound:
			return nil // who has lost the right is not told, nor of what is gone
		case err != nil:
			return err
		case words[2] == channel.Push:
			return m.push(ctx, h, devices)
		}
		return m.mail(ctx, h)
	}}
}

// load fills the message; NotFound: there is nothing to tell any more.
func (m *message) load(tx *store.Tx, h *house.House, ref int64) error {
	now := h.Now()
	v, err := org.Viewer(tx, m.to, now)
	if err != nil {
		return err
	}
	m.name, m.lang, m.address = v.Name(), lang.Of(v.Lang), ""
	var room int64
	switch m.what {
	case ofPost, toRelease:
		type row struct {
			id, room    int64
			title, body string
		}
		state := Shown
		if m.what == toRelease {
			state = Waiting
		}
		x, err := store.One(tx, func(r *row) []any { return []any{&r.id, &r.room, &r.title, &r.body} }, `
			SELECT t.id, t.room, h.title, p.body FROM room_post p JOIN room_topic t ON t.id = p.topic JOIN room_heading h ON h.topic = t.id WHERE p.id = ? AND p.state = ?`, ref, state)
		if err != nil {
			return err
		}
		room, m.title, m.body, m.path, m.tag = x.room, x.title, x.body, fmt.Sprintf("/beitrag/%d", ref), fmt.Sprintf("r%d", x.id)
		if m.what == toRelease {
			m.path = fmt.Sprintf("/raum/%d/moderation", room)
		}
	case toModerator, toReporter:
		type row struct {
			room    int64
			title   string
			decided bool
		}
		x, err := store.One(tx, func(r *row) []any { return []any{&r.room, &r.title, &r.decided} }, `
			SELECT t.room, h.title, x.decided IS NOT NULL FROM room_report x JOIN room_post p ON p.id = x.post JOIN room_topic t ON t.id = p.topic JOIN room_heading h ON h.topic = t.id WHERE x.id = ?`, ref)
		if err != nil {
			return err
		}
		if x.decided != (m.what == toReporter) {
			return fault.Gone()
		}
		room, m.title, m.path, m.tag = x.room, x.title, fmt.Sprintf("/raum/%d/moderation", x.room), fmt.Sprintf("m%d", ref)
		if m.what == toReporter {
			m.path = fmt.Sprintf("/meldung/%d", ref)
		}
	default:
		a, _, err := action(tx, ref, v, now)
		if err != nil {
			return err
		}
		if m.what == toJudge && !a.Waits() {
			return fault.Gone()
		}
		room, m.title, m.path, m.tag = a.Room, a.Title, fmt.Sprintf("/massnahme/%d", ref), fmt.Sprintf("a%d", ref)
	}
	details, err := h.Settings.Get(tx, settings.PushDetails)
	if err != nil {
		return err
	}
	m.secret = details != "1"
	switch r, err := Get(tx, room, v, now); {
	case err == nil:
		m.room, m.secret = r.Name, m.secret || r.Youth
		if (m.what == toRelease || m.what == toModerator || m.what == toJudge) && !r.Moderates {
			return fault.Gone()
		}
		if r.Youth {
			m.title, m.body = "", ""
		}
	case fault.KindOf(err) == fault.NotFound && (m.what == toSubject || m.what == toObjector): // who has left still reads why
	default:
		return err
	}
	if details, err = h.Settings.Get(tx, settings.MailDetails); err != nil {
		return err
	}
	if details != "1" {
		m.body = ""
	}
	var language string
	m.address, language, err = channel.Reached(tx, m.to, now)
	m.lang = lang.Of(language)
	return err
}

// line is what it is about, without the name of the topic.
func (m *message) line() string {
	switch m.what {
	case ofPost:
		return m.lang.T("Neues im Austausch")
	case toRelease:
		return m.lang.T("Ein Beitrag wartet auf Ihre Freigabe")
	case toModerator:
		return m.lang.T("Ein Beitrag wurde gemeldet")
	case toReporter:
		return m.lang.T("Zu Ihrer Meldung ist entschieden")
	case toSubject:
		return m.lang.T("Zu Ihrem Beitrag wurde etwas entschieden")
	case toJudge:
		return m.lang.T("Jemand widerspricht einer Maßnahme")
	}
	return m.lang.T("Antwort auf Ihren Widerspruch")
}

func (m *message) push(ctx context.Context, h *house.House, devices []push.Subscription) error {
	note := push.Message{Title: m.line(), Lang: m.lang.Code, Navigate: h.URL(m.path), Urgency: push.Low, TTL: 3 * 24 * time.Hour, Tag: m.tag, Topic: m.tag}
	if !m.secret {
		note.Body = m.title
	}
	var failed error
	for _, d := range devices {
		if err := h.Push.Send(ctx, d, note); err != nil && !push.Refused(err) {
			failed = err
		}
	}
	return failed
}

func (m *message) mail(ctx context.Context, h *house.House) error {
	if m.address == "" || !h.Mail.Configured(ctx) {
		return nil
	}
	lines := []string{m.line()}
	if m.title != "" {
		lines[0] += ": " + m.title
	}
	if words := text.Plain(m.body, 500); words != "" {
		lines = append(lines, words)
	}
	lines = append(lines, h.URL(m.path), m.lang.T("Ändern können Sie das hier: %s", h.URL("/konto/wege")))
	if m.room != "" {
		lines[0] += " (" + m.room + ")"
	}
	err := h.Mail.Send(ctx, mail.Message{To: m.address, Name: m.name, Kind: mail.News, Language: m.lang.Code, Subject: m.line(), Text: strings.Join(lines, "\n\n")})
	if mail.Refused(err) {
		return task.Drop(err)
	}
	return err
}
