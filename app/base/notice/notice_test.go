package notice_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A post is a house that tells people things.
type post struct {
	*apptest.House
	t *testing.T
}

func (p post) write(f func(tx *store.Tx) error) {
	p.t.Helper()
	if err := p.DB.Write(p.t.Context(), f); err != nil {
		p.t.Fatal(err)
	}
}

// device is a browser of Ada's on which notifications are allowed.
func (p post) device(service *apptest.PushService, answers ...http.HandlerFunc) *apptest.PushBrowser {
	p.t.Helper()
	b := service.Browser(answers...)
	sub, err := p.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		p.t.Fatal(err)
	}
	id := []byte(b.Endpoint)
	p.write(func(tx *store.Tx) error {
		if _, err := tx.Exec(`
			INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)`, id, apptest.Ada); err != nil {
			return err
		}
		return push.Subscribe(tx, apptest.Ada, id, sub, p.Now())
	})
	return b
}

func (p post) set(name, value string) {
	p.t.Helper()
	p.write(func(tx *store.Tx) error { return p.Settings.Set(tx, name, value) })
}

// tell has a person told that it is their turn.
func (p post) tell(person int64) error {
	return notice.Send(p.t.Context(), p.House.House, person, func(_ *store.Tx, v who.Viewer, l *lang.Lang) (notice.Notice, error) {
		if v.ID != person {
			p.t.Errorf("composed for %d, want %d", v.ID, person)
		}
		return notice.Notice{Title: l.T("Erinnerung: %s", "Elterngespräche"), Body: "heute, 14 Uhr", Lines: []string{"Büro", ""}, Path: "/liste/1",
			From: "Kita Sonnenblume", Tag: "l1", Until: p.Now().Add(time.Hour)}, nil
	})
}

// TestSend: who has a device is told there, and by mail only where no device takes it; neither says more than the house
// allows.
func TestSend(t *testing.T) {
	p := post{apptest.New(t), t}
	service := p.PushService(t)
	mails := func(want int) string {
		t.Helper()
		all := p.Post.Sent()
		if len(all) != want {
			t.Fatalf("%d mails, want %d: %+v", len(all), want, all)
		}
		if want == 0 {
			return ""
		}
		m := all[want-1]
		return m.To + ": " + m.Subject + "\n" + m.Text
	}
	if err := p.tell(apptest.Ada); err != nil {
		t.Fatal(err)
	}
	m := mails(1)
	for _, s := range []string{"ada@example.org: Erinnerung: Elterngespräche\n", "heute, 14 Uhr", p.URL("/liste/1"), "Diese Nachricht kommt von Kita Sonnenblume."} {
		if !strings.Contains(m, s) {
			t.Errorf("%q is not in %q", s, m)
		}
	}
	if strings.Contains(m, "Büro") {
		t.Errorf("a mail tells more than a title: %s", m)
	}
	p.set(settings.MailDetails, "1")
	if err := p.tell(apptest.Ada); err != nil {
		t.Fatal(err)
	}
	if m := mails(2); !strings.Contains(m, "Büro") {
		t.Error(m)
	}

	// A device: no mail, and a lock screen that tells nobody what it is about.
	b := p.device(service)
	told := func(n int) string {
		t.Helper()
		if got := b.Got(); len(got) != n {
			t.Fatalf("%d notifications, want %d", len(got), n)
		}
		return string(b.Got()[n-1].Text)
	}
	if err := p.tell(apptest.Ada); err != nil {
		t.Fatal(err)
	}
	if text := told(1); !strings.Contains(text, "Neues von Kita Sonnenblume") || strings.Contains(text, "gespräche") || strings.Contains(text, "14 Uhr") {
		t.Error(text)
	}
	p.set(settings.PushDetails, "1")
	if err := p.tell(apptest.Ada); err != nil {
		t.Fatal(err)
	}
	if text := told(2); !strings.Contains(text, "Elterngespräche") || !strings.Contains(text, "14 Uhr") {
		t.Error(text)
	}
	mails(2)

	// A person without address and device is told nothing, and nobody fails at it.
	if err := p.tell(apptest.Bert); err != nil {
		t.Fatal(err)
	}
	mails(2)
}

// TestRefused: a device that refuses gives way to the mail; one that may take it later does not, and it is tried again.
func TestRefused(t *testing.T) {
	p := post{apptest.New(t), t}
	service := p.PushService(t)
	p.device(service, apptest.PushAnswer(410))
	if err := p.tell(apptest.Ada); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Post.Sent()); n != 1 {
		t.Errorf("%d mails after a refusal, want 1", n)
	}
	p.device(service, apptest.PushAnswer(503))
	if err := p.tell(apptest.Ada); err == nil {
		t.Error("what may arrive later is given up")
	}
	if n := len(p.Post.Sent()); n != 1 {
		t.Errorf("%d mails while a device may still take it, want 1", n)
	}
}

// TestNothingToTell: what has been settled meanwhile, and what somebody may no longer see, is not told.
func TestNothingToTell(t *testing.T) {
	p := post{apptest.New(t), t}
	broken := errors.New("broken")
	for _, c := range []struct{ err, want error }{{nil, nil}, {fault.Gone(), nil}, {broken, broken}} {
		err := notice.Send(t.Context(), p.House.House, apptest.Ada, func(*store.Tx, who.Viewer, *lang.Lang) (notice.Notice, error) { return notice.Notice{}, c.err })
		if !errors.Is(err, c.want) || err != nil && c.want == nil {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	if n := len(p.Post.Sent()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// TestCalendar: an invitation goes by mail, too, where a device has taken it or may yet; its calendar is made for its reader.
func TestCalendar(t *testing.T) {
	p := post{apptest.New(t), t}
	service := p.PushService(t)
	invite := func() error {
		return notice.Send(t.Context(), p.House.House, apptest.Ada, func(*store.Tx, who.Viewer, *lang.Lang) (notice.Notice, error) {
			return notice.Notice{Title: "Einladung", Path: "/sitzung/1", Ref: "sitzung-1", Calendar: func(house, from, to string, details bool) mail.Calendar {
				return mail.Calendar{Method: "REQUEST", File: fmt.Appendf(nil, "%s %s %s %v", house, from, to, details)}
			}}, nil
		})
	}
	b := p.device(service)
	if err := invite(); err != nil {
		t.Fatal(err)
	}
	sent := p.Post.Sent()
	if len(b.Got()) != 1 || len(sent) != 1 || sent[0].Ref != "sitzung-1" || string(sent[0].Calendar.File) != " kalender@localhost ada@example.org false" {
		t.Errorf("%d pushes, %+v", len(b.Got()), sent)
	}

	p = post{apptest.New(t), t}
	service = p.PushService(t)
	p.set(settings.HouseName, "Kitas in Musterhausen")
	p.set(settings.MailFrom, "kita@example.org")
	p.set(settings.MailDetails, "1")
	p.device(service, apptest.PushAnswer(503), apptest.PushAnswer(503))
	if err := invite(); err != nil {
		t.Error(err)
	}
	if sent := p.Post.Sent(); len(sent) != 1 || string(sent[0].Calendar.File) != "Kitas in Musterhausen kita@example.org ada@example.org true" {
		t.Errorf("%+v", sent)
	}
	p.Post.Off = true // then only a device can take it
	if err := invite(); err == nil {
		t.Error("what may arrive later is given up")
	}
}
