package wiki

import (
	"context"
	"fmt"
	"slices"
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
)

const (
	tellKind   = "wiki.tell"   // tell a person something of a page; the argument says what, whom and over which channel
	remindKind = "wiki.remind" // remind all who have to read a page and have not
)

// What a person is told of a page.
type news string

const (
	toRead    news = "read"    // it waits for the person's word that it was read
	toReview  news = "review"  // the day has come to look whether it still holds
	toRelease news = "release" // a revision waits for the person's release
	goneBack  news = "back"    // the person's revision was not released
)

// tell has people told of a page, over push and mail, each by tasks of their own: one that has to wait rings nobody else
// again. Push waits until the quiet hours of its reader are over.
func tell(tx *store.Tx, h *house.House, page int64, what news, people ...int64) error {
	now := h.Now()
	for _, p := range people {
		wish, err := channel.WishOf(tx, p)
		if err != nil {
			return err
		}
		if wish.Push {
			if err := h.Tasks.AddAt(tx, tellKind, page, fmt.Sprint(what, " ", p, " ", channel.Push), wish.Quiet(now)); err != nil {
				return err
			}
		}
		if err := h.Tasks.Add(tx, tellKind, page, fmt.Sprint(what, " ", p, " ", channel.Mail)); err != nil {
			return err
		}
	}
	return nil
}

// A message is what a person is told of a page.
type message struct {
	what    news
	page    Page
	to      int64
	name    string
	address string // of mail; "": none is known
	lang    *lang.Lang
	details bool // what stands on a lock screen may name the page
}

// tellJob tells one person, where there still is something to tell.
func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, page int64, arg string) error {
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
			open, err := m.load(tx, h, page)
			if err != nil || !open {
				m.to = 0
				return err
			}
			devices, err = push.Of(tx, h.Now(), to)
			return err
		})
		switch {
		case err != nil || m.to == 0:
			return err
		case words[2] == channel.Push:
			return m.push(ctx, h, devices)
		}
		return m.mail(ctx, h)
	}}
}

// load fills the message; false: there is nothing to tell any more.
func (m *message) load(tx *store.Tx, h *house.House, page int64) (open bool, err error) {
	now := h.Now()
	v, err := org.Viewer(tx, m.to, now)
	if err == nil {
		m.page, err = get(tx, page, v, now)
	}
	if fault.KindOf(err) == fault.NotFound {
		return false, nil // who has lost the right is not told
	}
	if err != nil {
		return false, err
	}
	switch p := m.page; m.what {
	case toRead:
		all, err := missing(tx, page, now)
		if !slices.Contains(all, m.to) || err != nil {
			return false, err
		}
	case toReview:
		if !p.Due(now) || !p.Write {
			return false, nil
		}
	case toRelease:
		rev, err := revision(tx, p.Latest)
		if err != nil {
			return false, err
		}
		back, err := returned(tx, rev.ID)
		if err != nil || back.Is() || mayRelease(tx, p, rev, v) != nil {
			return false, err
		}
	case goneBack:
		back, err := returned(tx, p.Latest)
		if err != nil || !back.Is() || !p.Write {
			return false, err
		}
	}
	m.name = v.Name()
	var language string
	if m.address, language, err = channel.Reached(tx, m.to, now); err != nil {
		return false, err
	}
	m.lang = lang.Of(language)
	if m.what != toRead {
		m.lang = lang.German() // as the pages on which one writes
	}
	details, err := h.Settings.Get(tx, settings.PushDetails)
	m.details = details == "1"
	return true, err
}

// title is the line that says what it is about. On a lock screen it does not name the page unless the house allows it.
func (m *message) title(secret bool) string {
	t, unit := m.page.Title, m.page.UnitName
	switch {
	case m.what == toRead && secret:
		return m.lang.T("Bitte lesen: eine Seite von %s", unit)
	case m.what == toRead:
		return m.lang.T("Bitte lesen: %s", t)
	}
	if secret {
		t = "eine Seite von " + unit
	}
	return map[news]string{toReview: "Bitte prüfen: ", toRelease: "Wartet auf Ihre Freigabe: ", goneBack: "Zurück an Sie: "}[m.what] + t
}

// path is where one can do what is asked.
func (m *message) path() string {
	if m.what == toRelease || m.what == goneBack {
		return fmt.Sprintf("/fassung/%d", m.page.Latest)
	}
	return seite(m.page.ID)
}

func (m *message) push(ctx context.Context, h *house.House, devices []push.Subscription) error {
	note := push.Message{Title: m.title(!m.details), Lang: m.lang.Code, Navigate: h.URL(m.path()), Urgency: push.Low,
		TTL: 3 * 24 * time.Hour, Tag: "w" + strconv.FormatInt(m.page.ID, 10)}
	note.Topic = note.Tag
	if m.what == toRead {
		note.Body = m.lang.T("Bitte bestätigen.")
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
	var lines []string
	switch m.what {
	case toRead:
		lines = []string{m.lang.T("Bitte bestätigen Sie, dass Sie das gelesen haben:") + "\n" + h.URL(m.path()), m.lang.T("Diese Nachricht kommt von %s.", m.page.UnitName)}
	case toReview:
		lines = []string{"Stimmt noch, was auf dieser Seite steht? Bitte lesen Sie sie durch. Wenn alles richtig ist, genügt ein Druck auf „Noch richtig“.", h.URL(m.path())}
	case toRelease:
		lines = []string{"Jemand hat etwas geschrieben, das Leserinnen und Leser erst sehen, wenn Sie oder jemand anderes es freigegeben haben.", h.URL(m.path())}
	case goneBack:
		lines = []string{"Ihre Fassung wurde noch nicht freigegeben. Warum, steht hier:", h.URL(m.path())}
	}
	if m.what != toRead {
		lines = append(lines, "Wissensspeicher: "+m.page.UnitName)
	}
	err := h.Mail.Send(ctx, mail.Message{To: m.address, Name: m.name, Kind: mail.News, Language: m.lang.Code, Subject: m.title(false), Text: strings.Join(lines, "\n\n")})
	if mail.Refused(err) {
		return task.Drop(err)
	}
	return err
}

// remindChunk is how many people one write reminds: nobody else waits for more than a few milliseconds.
const remindChunk = 100

// remindJob has everybody told who has to read a page and has not. The argument is after whom to go on.
func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, page int64, arg string) error {
		after, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			all, err := missing(tx, page, h.Now())
			if err != nil {
				return err
			}
			all = slices.DeleteFunc(all, func(p int64) bool { return p <= after })
			part := all[:min(len(all), remindChunk)]
			if err := tell(tx, h, page, toRead, part...); err != nil || len(part) == len(all) {
				return err
			}
			return h.Tasks.Add(tx, remindKind, page, strconv.FormatInt(part[len(part)-1], 10))
		})
	}}
}
