package announcement

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/channel"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// busy is a mail server that takes no mail for some addresses at the moment.
func busy(h *apptest.House, addresses ...string) {
	h.Post.Refuse(func(m mail.Message) error {
		if slices.Contains(addresses, m.To) {
			return errors.New("452 mailbox full")
		}
		return nil
	})
}

// mailed lists to whom mails went, in the order of the addresses.
func mailed(h *apptest.House) (all []string) {
	for _, m := range h.Post.Sent() {
		all = append(all, m.To)
	}
	slices.Sort(all)
	return all
}

func ladder(t *testing.T, h *apptest.House, kind, steps string) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		l, err := channel.Parse(steps)
		return errors.Join(err, channel.Save(tx, h.Settings, kind, l))
	}); err != nil {
		t.Fatal(err)
	}
}

// write has Hanna tell the families of her Kita something, and returns the path of it.
func write(t *testing.T, s *apptest.Site, fields ...string) string {
	t.Helper()
	a := s.Post(apptest.Hanna, "/mitteilungen/neu", append([]string{"unit", "4", "audience", "4", "role", "parent", "title", "Waldtag",
		"body", "Mila fehlt noch die Jacke."}, fields...)...)
	if a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	return strings.TrimSuffix(a.To, "/stand")
}

// A mailbox that is full for days keeps nobody else's mail from going out at once.
func TestOneMailWaits(t *testing.T) {
	h, s := site(t)
	change(t, h, `
		WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1250)
		INSERT INTO person (id, uid, given, family) SELECT i, 'many' || i, 'Eins', 'Viele' FROM n`)
	change(t, h, `
		INSERT INTO guardian (child, person, state, mail, since) SELECT 4, id, 'confirmed', 'm' || id || '@example.org', 0 FROM person WHERE id > 1000`)
	busy(h, "ada@example.org", "m1150@example.org")
	write(t, s, "confirm", "1")
	h.Work(t)
	if n := len(mailed(h)); n != 250 { // all but the two, and with Cem
		t.Errorf("%d mails went out, want 250", n)
	}
	busy(h)
	h.Clock.Add(time.Minute)
	h.Work(t)
	h.Clock.Add(time.Hour)
	h.Work(t)
	if all := mailed(h); len(all) != 252 || len(slices.Compact(all)) != 252 {
		t.Errorf("%d mails in the end", len(all))
	}
}

// Nor does one digest that has to wait, whoever comes first.
func TestOneDigestWaits(t *testing.T) {
	h, s := site(t)
	busy(h, "ada@example.org")
	write(t, s)
	h.Work(t)
	h.Clock.Add(11 * time.Hour) // 18:12
	h.Work(t)
	if got, want := mailed(h), []string{"cem@example.org"}; !slices.Equal(got, want) {
		t.Errorf("digests to %v, want %v", got, want)
	}
	busy(h)
	h.Clock.Add(time.Minute)
	h.Work(t)
	if got, want := mailed(h), []string{"ada@example.org", "cem@example.org"}; !slices.Equal(got, want) {
		t.Errorf("digests to %v, want %v", got, want)
	}
	for _, m := range h.Post.Sent() {
		if strings.Contains(m.Text, "Jacke") {
			t.Errorf("a digest carries what was written, though the house does not allow it: %s", m.Text)
		}
	}
}

// Where the house allows it, the digest has the first words.
func TestDigestDetails(t *testing.T) {
	h, s := site(t)
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return h.Settings.Set(tx, settings.MailDetails, "1") }); err != nil {
		t.Fatal(err)
	}
	write(t, s)
	h.Work(t)
	h.Clock.Add(11 * time.Hour)
	h.Work(t)
	if all := h.Post.Sent(); len(all) != 2 || !strings.Contains(all[0].Text, "Mila fehlt noch die Jacke.") {
		t.Errorf("digests: %+v", all)
	}
}

// A digest that is being sent does not swallow what is written in its last moment.
func TestDigestOfTheLastMoment(t *testing.T) {
	h, _ := site(t)
	evening := channel.Evening(h.Now())
	at := func() {
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return digestAt(tx, h.House, evening) }); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (n int) {
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, digestKind)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	at()
	at()
	if n := count(); n != 1 {
		t.Errorf("%d digests before the evening", n)
	}
	h.Clock.Add(evening.Sub(h.Now()))
	at()
	if n := count(); n != 2 {
		t.Errorf("%d digests, where the first may already be past this person", n)
	}
}

// Between the decision and the deed a right may end: no digest and no notification then.
func TestRightEndsBeforeTheDeed(t *testing.T) {
	h, s := site(t)
	service := h.PushService(t)
	ada := device(t, h, service, apptest.Ada)
	h.Clock.Add(14 * time.Hour) // 21:12: notifications wait for the morning, mails for the evening after
	write(t, s)
	h.Work(t)
	change(t, h, `UPDATE guardian SET informed = 0 WHERE person = ? AND child = ?`, apptest.Ada, apptest.Mila)
	change(t, h, `UPDATE guardian SET until = ? WHERE person = ?`, h.Now().Add(time.Hour).Unix(), apptest.Cem)
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if n := len(ada.Got()); n != 0 {
		t.Errorf("%d notifications to a mother who is not to be informed any more", n)
	}
	if got := mailed(h); len(got) != 0 {
		t.Errorf("digests to %v", got)
	}
}

// Whoever has confirmed is not rung in the morning about what came at night.
func TestConfirmedBeforeTheMorning(t *testing.T) {
	h, s := site(t)
	service := h.PushService(t)
	ada, bert := device(t, h, service, apptest.Ada), device(t, h, service, apptest.Bert)
	h.Clock.Add(14 * time.Hour)
	path := write(t, s, "confirm", "1")
	h.Work(t)
	s.Post(apptest.Ada, path+"/bestaetigen")
	h.Clock.Add(10 * time.Hour)
	h.Work(t)
	if n := len(ada.Got()); n != 0 {
		t.Errorf("Ada, who has confirmed, is rung %d times", n)
	}
	if n := len(bert.Got()); n != 1 {
		t.Errorf("Bert is rung %d times", n)
	}
}

// A reminder of what is not urgent rings when the quiet hours of its reader are over; its mail does not wait.
func TestReminderInQuietHours(t *testing.T) {
	h, s := site(t)
	service := h.PushService(t)
	ada := device(t, h, service, apptest.Ada)
	ladder(t, h, channel.Confirm, "push:0 mail:0 remind:60")
	h.Clock.Add(12*time.Hour + 15*time.Minute) // 19:27; the reminder would be at 20:27, and waits until six
	write(t, s, "confirm", "1")
	h.Work(t)
	if n := len(ada.Got()); n != 1 {
		t.Fatalf("%d notifications", n)
	}
	h.Clock.Add(11*time.Hour + 32*time.Minute) // 6:59
	h.Work(t)
	if n := len(ada.Got()); n != 1 {
		t.Errorf("%d notifications before seven", n)
	}
	if n := len(mailed(h)); n != 4 {
		t.Errorf("%d mails, want two and two reminders", n)
	}
	h.Clock.Add(time.Minute)
	h.Work(t)
	if n := len(ada.Got()); n != 2 {
		t.Errorf("%d notifications after seven", n)
	}
}

// Who works in a Kita and has a child there is reminded for both: what the other parent has confirmed, the team has not.
func TestStaffWhoAreParents(t *testing.T) {
	h, s := site(t)
	change(t, h, `INSERT INTO membership (person, unit, role, state, mail, since) VALUES (?, 5, 5, 'confirmed', 'bert@example.org', 0)`, apptest.Bert)
	ladder(t, h, channel.Confirm, "mail:0 remind:60")
	path := write(t, s, "role", "team", "confirm", "1")
	h.Work(t)
	s.Post(apptest.Ada, path+"/bestaetigen")
	before := len(mailed(h))
	h.Clock.Add(time.Hour)
	h.Work(t)
	var again []string
	for _, m := range h.Post.Sent()[before:] {
		again = append(again, m.To)
	}
	slices.Sort(again)
	if want := []string{"bert@example.org", "cem@example.org"}; !slices.Equal(again, want) {
		t.Errorf("reminded %v, want %v", again, want)
	}
}

// What nobody confirms has no later steps, so that every channel of its ladder is used at once.
func TestUnconfirmedClosureIsTold(t *testing.T) {
	h, s := site(t)
	ladder(t, h, channel.Urgent, "push:0 mail:10 sms:15 call:30")
	if a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "today",
		"hours", "all", "reason", "illness", "rule", "first"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	if got, want := mailed(h), []string{"ada@example.org", "cem@example.org", "hanna@example.org"}; !slices.Equal(got, want) {
		t.Errorf("mails to %v, want %v", got, want)
	}
}

// Who looks at their own families in what a city sends does not have the whole city reminded.
func TestWhoMayRemind(t *testing.T) {
	h, s := site(t)
	a := s.Post(apptest.Olga, "/mitteilungen/neu", "unit", "1", "audience", "1", "role", "parent", "title", "Streik", "body", "", "confirm", "1")
	if a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	path := strings.TrimSuffix(a.To, "/stand")
	for _, p := range []int64{apptest.Hanna, apptest.Max} {
		if a := s.Get(p, path+"/stand"); a.Code != 200 || a.Has("Jetzt erinnern") {
			t.Errorf("person %d: %d, and offered to remind: %v", p, a.Code, a.Has("Jetzt erinnern"))
		}
		if a := s.Post(p, path+"/erinnern"); a.Code != 404 {
			t.Errorf("person %d has a city reminded: %d", p, a.Code)
		}
	}
	if a := s.Post(apptest.Olga, path+"/erinnern"); a.Code != 303 {
		t.Errorf("the office: %d %s", a.Code, a.Body)
	}
}

// The call list rings each of the team once, whoever else's mail has to wait, and whoever has an address of their own only.
func TestCallListRingsOnce(t *testing.T) {
	h, s := site(t)
	service := h.PushService(t)
	hanna := device(t, h, service, apptest.Hanna)
	change(t, h, `INSERT INTO account_mail (mail, person, verified) VALUES ('stefan@example.org', ?, 1)`, apptest.Stefan)
	id := closeKaefer(t, s, 1)
	h.Work(t)
	rung, mails := len(hanna.Got()), len(mailed(h))
	busy(h, "stefan@example.org")
	for range 40 {
		h.Clock.Add(time.Minute)
		h.Work(t)
	}
	if n := len(hanna.Got()) - rung; n != 1 {
		t.Errorf("Hanna is rung %d times", n)
	}
	busy(h)
	for range 60 {
		h.Clock.Add(time.Minute)
		h.Work(t)
	}
	last := h.Post.Sent()[mails:]
	if len(last) != 1 || last[0].To != "stefan@example.org" || !strings.HasSuffix(last[0].Text, fmt.Sprintf("/mitteilung/%s/stand", id)) {
		t.Errorf("mails of the call list: %+v", last)
	}
}

// An address that nobody has proved to read gets no mail.
func TestUnprovenAddress(t *testing.T) {
	h, s := site(t)
	change(t, h, `INSERT INTO account_mail (mail, person, verified) VALUES ('typo@example.org', ?, 0), ('dana@example.org', ?, 1)`, apptest.Bert, apptest.Dana)
	write(t, s, "confirm", "1")
	h.Work(t)
	if got, want := mailed(h), []string{"ada@example.org", "cem@example.org", "dana@example.org"}; !slices.Equal(got, want) {
		t.Errorf("mails to %v, want %v", got, want)
	}
}
