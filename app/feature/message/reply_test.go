package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/message"
)

// set changes settings of the house.
func set(t testing.TB, h *apptest.House, pairs ...string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			if err := h.Settings.Set(tx, pairs[i], pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wish(t testing.TB, h *apptest.House, person int64, w channel.Wish) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return channel.SetWish(tx, person, w) }); err != nil {
		t.Fatal(err)
	}
}

// answered is Ada's question with Stefan's answer at 8:12, of which Ada has been told by mail.
func answered(t testing.TB, h *apptest.House, s *apptest.Site) (at string, told mail.Message) {
	t.Helper()
	wish(t, h, apptest.Ada, channel.Wish{Mail: channel.Now})
	at = asked(t, s)
	h.Work(t)
	h.Clock.Add(time.Hour)
	s.Post(apptest.Stefan, at, "uid", "st", "body", "Am **Haken**, geheim.")
	h.Work(t)
	h.Clock.Add(3 * time.Minute)
	h.Work(t)
	for _, m := range h.Post.Sent() {
		if m.To == "ada@example.org" {
			told = m
		}
	}
	if told.To == "" {
		t.Fatalf("Ada got no mail: %+v", h.Post.Sent())
	}
	return at, told
}

// No mail says what was written unless the house allows it, and nobody is told twice.
func TestMail(t *testing.T) {
	h, s, _ := site(t)
	at, m := answered(t, h, s)
	if strings.Contains(m.Text+m.Subject, "Haken") || strings.Contains(m.Text+m.Subject, "Gummi") || !strings.Contains(m.Text, apptest.Base+at) || m.Subject != "Neue Nachricht von Team Käfer" || m.Reply != "" {
		t.Errorf("the mail: %+v", m)
	}
	set(t, h, settings.MessageMail, "1", settings.MessageReply, "antwort@kita.example", settings.BounceHost, "imap.kita.example")
	before := len(h.Post.Sent())
	s.Post(apptest.Stefan, at, "uid", "zwei", "body", "Und die Mütze.")
	s.Post(apptest.Stefan, at, "uid", "drei", "body", "Und der Schal.")
	h.Work(t)
	h.Clock.Add(3 * time.Minute)
	h.Work(t)
	sent := h.Post.Sent()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "Und die Mütze.") || !strings.Contains(sent[0].Text, "Und der Schal.") || !strings.HasPrefix(sent[0].Reply, "antwort+") {
		t.Errorf("with words: %+v", sent)
	}
	// Whoever has read it in the meantime needs no mail.
	before = len(h.Post.Sent())
	s.Post(apptest.Stefan, at, "uid", "vier", "body", "Und noch etwas.")
	h.Work(t)
	s.Post(apptest.Ada, at+"/gelesen", "message", "99")
	h.Clock.Add(3 * time.Minute)
	h.Work(t)
	if n := len(h.Post.Sent()) - before; n != 0 {
		t.Errorf("%d mails about what was read", n)
	}
	// The team hears of a family in the evening, without its name in the subject; who is no longer of it hears nothing.
	before = len(h.Post.Sent())
	sql(t, h, `INSERT INTO account_mail (mail, person, verified) VALUES ('stefan@example.org', 5, 1)`)
	sql(t, h, `UPDATE membership SET state = 'ended', until = 1 + since WHERE person = 4`)
	set(t, h, settings.MessageMail, "")
	s.Post(apptest.Ada, at, "uid", "fuenf", "body", "Danke!")
	h.Work(t)
	h.Clock.Add(12 * time.Hour)
	h.Work(t)
	sent = h.Post.Sent()[before:]
	if len(sent) != 1 || sent[0].To != "stefan@example.org" || sent[0].Subject != "Neue Nachricht" || sent[0].Reply != "" || strings.Contains(sent[0].Text, "Ada") {
		t.Errorf("the team's digest: %+v", sent)
	}
}

// An answer by mail counts from whom the mail went to, with the token of that mail, for thirty days; all else is refused.
func TestReply(t *testing.T) {
	h, s, _ := site(t)
	set(t, h, settings.MessageReply, "antwort@kita.example", settings.BounceHost, "imap.kita.example")
	at, m := answered(t, h, s)
	take := message.Answered(h.House)
	count := func() int { return strings.Count(s.Get(apptest.Stefan, at).Body, `class="said`) }
	try := func(name string, r mail.Reply, mine bool, messages int, told string) {
		t.Helper()
		n, mails := count(), len(h.Post.Sent())
		got, err := take(t.Context(), r)
		if got != mine || err != nil || count() != n+messages {
			t.Errorf("%s: %v, %v, %d new messages", name, got, err, count()-n)
		}
		sent := h.Post.Sent()[mails:]
		switch {
		case told == "" && len(sent) > 0:
			t.Errorf("%s: is answered: %+v", name, sent)
		case told != "" && (len(sent) != 1 || sent[0].To != r.From || !strings.Contains(sent[0].Text, told) || strings.Contains(sent[0].Text, "Käfer") || strings.Contains(sent[0].Subject, "Gummi")):
			t.Errorf("%s: is answered %+v", name, sent)
		}
	}
	to := []string{"Kita <x>", strings.ToUpper(m.Reply)}
	good := mail.Reply{ID: "1@phone", From: "ada@example.org", To: to, Text: "Danke, # gefunden"}
	try("good", good, true, 1, "")
	if a := s.Get(apptest.Stefan, at); !a.Has("Danke, # gefunden") || !a.Has("Ada Demir") {
		t.Error("the team does not read the answer")
	}
	try("the same mail again", good, true, 0, "")
	with := func(f func(*mail.Reply)) mail.Reply {
		r := good
		r.ID += "x"
		f(&r)
		return r
	}
	for i := range 30 { // of 2 to the 64
		guess := fmt.Sprintf("antwort+1-6-fz0-%016x@kita.example", i)
		r := with(func(r *mail.Reply) { r.To = []string{guess}; r.From = fmt.Sprintf("fremd%d@example.org", i) })
		try("guessed", r, true, 0, "gibt es nicht oder nicht mehr")
	}
	local, domain, _ := strings.Cut(m.Reply, "@")
	forged := strings.Replace(local, "antwort+1-6-", "antwort+1-7-", 1) + "@" + domain
	try("another person's", with(func(r *mail.Reply) { r.To = []string{forged}; r.From = "cem@example.org" }), true, 0, "gibt es nicht oder nicht mehr")
	try("another sender", with(func(r *mail.Reply) { r.From = "bert@example.org" }), true, 0, "von einer anderen Adresse")
	try("a machine", with(func(r *mail.Reply) { r.Auto = true }), true, 0, "")
	try("nobody", with(func(r *mail.Reply) { r.From = "" }), true, 0, "")
	try("nothing", with(func(r *mail.Reply) { r.Text = "" }), true, 0, "kein Text")
	try("with a photo", with(func(r *mail.Reply) { r.Files = true }), true, 1, "Dateien nehmen wir aus Mails nicht an")
	try("to somebody else", with(func(r *mail.Reply) { r.To = []string{"antwort@kita.example", "leitung+1@kita.example"} }), false, 0, "")
	s.Post(apptest.Stefan, at+"/schliessen", "closed", "1")
	try("closed", with(func(r *mail.Reply) { r.ID = "c" }), true, 0, "Dieses Gespräch ist geschlossen")
	for i := range 3 { // two machines do not write to each other for ever
		r := with(func(r *mail.Reply) { r.ID = fmt.Sprint("many", i) })
		if _, err := take(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
	try("the fifth refusal of a day", with(func(r *mail.Reply) { r.ID = "last" }), true, 0, "")
	s.Post(apptest.Stefan, at+"/schliessen", "closed", "0")
	h.Clock.Add(32 * 24 * time.Hour)
	try("late", with(func(r *mail.Reply) { r.ID = "late" }), true, 0, "nur 30 Tage")
	h.Clock.Add(-32 * 24 * time.Hour)
	sql(t, h, `UPDATE guardian SET informed = 0 WHERE person = 6`)
	h.Clock.Add(25 * time.Hour)
	try("no right any more", with(func(r *mail.Reply) { r.ID = "lost" }), true, 0, "Das gibt es hier nicht")
	sql(t, h, `UPDATE guardian SET informed = 1 WHERE person = 6`)
	sql(t, h, `INSERT INTO membership (person, unit, role, state, since) VALUES (6, 5, 5, 'confirmed', 0)`)
	h.Clock.Add(25 * time.Hour)
	try("of the team by now", with(func(r *mail.Reply) { r.ID = "team" }), true, 0, "Wer im Team ist")
}

// No telephone rings at night, nor one of the team while no answer is expected; a lively conversation rings once.
func TestCalm(t *testing.T) {
	h, s, _ := site(t)
	due := func(person int64) string {
		t.Helper()
		var at []int64
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			at, err = store.All(tx, store.Value[int64], `SELECT due FROM task WHERE kind = 'message.push' AND arg = ?`, itoa(person))
			return err
		})
		if err != nil || len(at) > 1 {
			t.Fatal(at, err)
		}
		if len(at) == 0 {
			return ""
		}
		return house.Local(time.Unix(at[0], 0)).Format("2 15:04")
	}
	at := asked(t, s)
	s.Post(apptest.Ada, at, "uid", "n", "body", "Noch etwas.")
	h.Work(t)
	if got := due(apptest.Stefan) + ", " + due(apptest.Hanna) + ", " + due(apptest.Ada); got != "2 07:30, 2 07:30, " {
		t.Errorf("at 7:12 the team is called at %s", got)
	}
	h.Clock.Add(14 * time.Hour)
	h.Work(t)
	s.Post(apptest.Stefan, at, "uid", "o", "body", "Ja!")
	h.Work(t)
	if got := due(apptest.Ada) + ", " + due(apptest.Hanna); got != "3 07:00, 3 07:30" {
		t.Errorf("at 21:12 they are called at %s", got)
	}
}

// What waits on a telephone's lock screen names no family, and goes to nobody who has read it or may not read it any more.
func TestPush(t *testing.T) {
	h, s, _ := site(t)
	service := h.PushService(t)
	stefan, ada := device(t, h, service, apptest.Stefan), device(t, h, service, apptest.Ada)
	at := asked(t, s)
	h.Work(t)
	h.Clock.Add(20 * time.Minute)
	h.Work(t)
	if got := stefan.Titles(); len(got) != 1 || got[0] != "Neue Nachricht" || len(ada.Titles()) != 0 {
		t.Errorf("Stefan's telephone shows %q, Ada's %q", got, ada.Titles())
	}
	s.Post(apptest.Stefan, at, "uid", "p", "body", "Ja.")
	h.Work(t)
	if got := ada.Titles(); len(got) != 1 || got[0] != "Neue Nachricht von Team Käfer" {
		t.Errorf("Ada's telephone shows %q", got)
	}
	h.Clock.Add(13 * time.Hour) // quiet hours have begun: it waits until seven
	s.Post(apptest.Stefan, at, "uid", "q", "body", "Bis morgen.")
	s.Post(apptest.Ada, at, "uid", "r", "body", "Noch etwas.")
	h.Work(t)
	sql(t, h, `UPDATE membership SET state = 'suspended' WHERE person = 5`)
	h.Clock.Add(14 * time.Hour)
	h.Work(t)
	if a, b := len(stefan.Titles()), len(ada.Titles()); a != 1 || b != 1 { // Ada has answered, so she has read it
		t.Errorf("%d notifications for Stefan, %d for Ada", a, b)
	}
}

// device is a telephone of a person on which notifications are allowed.
func device(t *testing.T, h *apptest.House, service *apptest.PushService, person int64) *apptest.PushBrowser {
	t.Helper()
	b := service.Browser()
	sub, err := h.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Appendf(nil, "session of %d", person)
	sql(t, h, `INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)`, id, person)
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return push.Subscribe(tx, person, id, sub, h.Now()) }); err != nil {
		t.Fatal(err)
	}
	return b
}
