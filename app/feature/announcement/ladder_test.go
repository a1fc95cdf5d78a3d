package announcement

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/channel"
	"nestfunk/app/base/push"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
)

// phones gives guardians mobile numbers: those of the town are landlines.
func phones(t *testing.T, h *apptest.House) {
	t.Helper()
	change(t, h, `UPDATE guardian SET phone = '0171 23456' || printf('%02d', person)`)
}

func change(t *testing.T, h *apptest.House, query string, args ...any) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// device signs a person in on a browser that allows notifications.
func device(t *testing.T, h *apptest.House, s *apptest.PushService, person int64) *apptest.PushBrowser {
	t.Helper()
	b := s.Browser()
	sub, err := h.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		t.Fatal(err)
	}
	id := []byte(fmt.Sprintf("session of %d", person))
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`
			INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)
			ON CONFLICT DO NOTHING`, id, person); err != nil {
			return err
		}
		return push.Subscribe(tx, person, id, sub, h.Now())
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// notice is what a browser is to show.
type notice struct {
	Notification struct {
		Title, Body, Navigate, Lang, Tag string
		Silent                           bool
	} `json:"notification"`
	Badge string `json:"app_badge"`
}

func noticesOf(t *testing.T, b *apptest.PushBrowser) (all []notice) {
	t.Helper()
	for _, p := range b.Got() {
		var n notice
		if err := json.Unmarshal(p.Text, &n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// The ladder of a closure of today: who is told what, to the second.
func TestLadder(t *testing.T) {
	h, s := site(t)
	phones(t, h)
	service := h.PushService(t)
	devices := map[string]*apptest.PushBrowser{}
	for name, person := range map[string]int64{"Ada": apptest.Ada, "Bert": apptest.Bert, "Hanna": apptest.Hanna} {
		devices[name] = device(t, h, service, person)
	}
	people := map[string]string{"ada@example.org": "Ada", "cem@example.org": "Cem", "hanna@example.org": "Hanna", "+491712345607": "Cem", "+491712345608": "Dana"}
	var log []string
	seen := map[string]int{}
	look := func() {
		at := h.Now().Sub(apptest.Start)
		note := func(channel, who string, n int) {
			for ; seen[channel+who] < n; seen[channel+who]++ {
				log = append(log, fmt.Sprintf("%02d:%02d %s %s", int(at.Minutes()), int(at.Seconds())%60, channel, who))
			}
		}
		for name, b := range devices {
			silent := 0
			for _, n := range noticesOf(t, b) {
				if n.Notification.Silent {
					silent++
				}
			}
			note("push", name, len(b.Got())-silent)
			note("silent push", name, silent)
		}
		count := map[string]int{}
		for _, m := range h.Post.Sent() {
			count[m.To]++
		}
		for to, n := range count {
			note("mail", people[to], n)
		}
		count = map[string]int{}
		for _, m := range h.Phones.Sent() {
			count[m.To]++
		}
		for to, n := range count {
			note("sms", people[to], n)
		}
	}

	a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "today",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1")
	if a.Code != 303 {
		t.Fatalf("close: %d %s", a.Code, a.Body)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(a.To, "/mitteilung/"), "/stand")
	for second := 0; second <= 45*60; second++ {
		switch second {
		case 5 * 60: // Mila's mother confirms: her father need not worry, and neither gets an SMS
			if a := s.Post(apptest.Ada, "/mitteilung/"+id+"/bestaetigen", "way", "push"); a.Code != 303 {
				t.Fatal(a.Code, a.Body)
			}
		case 40 * 60: // it opens after all, and every step that is left is gone
			if a := s.Post(apptest.Hanna, "/schliessung/"+id+"/aufheben", "version", "1"); a.Code != 303 {
				t.Fatal(a.Code, a.Body)
			}
		}
		h.Work(t)
		look()
		h.Clock.Add(time.Second)
	}
	want := []string{
		"00:00 mail Ada", "00:00 mail Cem", "00:00 push Ada", "00:00 push Bert",
		"05:00 silent push Bert",
		"15:00 sms Cem", "15:00 sms Dana",
		"30:00 push Hanna",
		"40:00 mail Ada", "40:00 mail Cem", "40:00 mail Hanna", "40:00 push Ada", "40:00 push Bert", "40:00 push Hanna",
		"40:00 sms Cem", "40:00 sms Dana",
	}
	// Hanna has written it herself and is not outstanding; the house tells her like everybody of the team at first.
	want = append([]string{"00:00 mail Hanna", "00:00 push Hanna"}, want...)
	slices.Sort(want)
	slices.Sort(log)
	if !slices.Equal(log, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
	}

	first := noticesOf(t, devices["Ada"])[0]
	if first.Notification.Title != "Kita Sonnenblume bleibt heute geschlossen" || first.Badge != "1" || first.Notification.Tag != "c"+id ||
		!strings.HasSuffix(first.Notification.Navigate, "/mitteilung/"+id+"?weg=push&ref="+id) {
		t.Errorf("the first notification: %+v", first)
	}
	for _, n := range append(noticesOf(t, devices["Ada"]), noticesOf(t, devices["Bert"])...) {
		if b := n.Notification.Title + n.Notification.Body; strings.Contains(b, "Mila") || strings.Contains(b, "Krankheit") {
			t.Errorf("a lock screen shows a child or a reason: %+v", n)
		}
	}
	if calls := noticesOf(t, devices["Hanna"])[1]; calls.Notification.Title != "Noch 2 Kinder offen: Bitte rufen Sie an." ||
		!strings.HasSuffix(calls.Notification.Navigate, "/mitteilung/"+id+"/stand") {
		t.Errorf("the call list: %+v", calls)
	}
	sent := h.Phones.Sent()
	if i := slices.IndexFunc(sent, func(m sms.Message) bool { return m.Language == "de" }); i < 0 || sms.Parts(sent[i].Text) > 2 ||
		!strings.Contains(sent[i].Text, "Kita Sonnenblume bleibt heute geschlossen") || !strings.Contains(sent[i].Text, "?weg=sms") {
		t.Errorf("SMS: %+v", sent)
	}
	if a := s.Get(apptest.Hanna, "/mitteilung/"+id+"/stand"); !a.Has("über die Nachricht auf dem Handy") || !a.Has("SMS gesendet, 7:27 Uhr") {
		t.Errorf("coverage: %s", a.Body)
	}
}

// What the gateway refuses is shown to the head with the reason, and what it reports later, too.
func TestSMSRefused(t *testing.T) {
	h, s := site(t)
	phones(t, h)
	h.Phones.Refuse(func(m sms.Message) error {
		if strings.HasSuffix(m.To, "07") {
			return sms.NumberBlocked()
		}
		return nil
	})
	a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "group", "6", "when", "today",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1")
	id := strings.TrimSuffix(strings.TrimPrefix(a.To, "/mitteilung/"), "/stand")
	h.Work(t)
	h.Clock.Add(15 * time.Minute)
	h.Work(t)
	if a := s.Get(apptest.Hanna, "/mitteilung/"+id+"/stand"); !a.Has("SMS gesperrt") || !a.Has("SMS gesendet, 7:27 Uhr") {
		t.Errorf("coverage: %s", a.Body)
	}
	// Dana's telephone has it, and says so; reports about strangers and nonsense change nothing.
	report := Texted(h.Now)
	for _, r := range [][3]string{{id + "-8", "delivered", ""}, {id + "-999", "delivered", ""}, {"x", "failed", "unbekannt"}} {
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return report(tx, r[0], r[1], r[2]) }); err != nil {
			t.Fatal(err)
		}
	}
	if a := s.Get(apptest.Hanna, "/mitteilung/"+id+"/stand"); !a.Has("SMS angekommen, 7:27 Uhr") || strings.Count(a.Body, "SMS angekommen") != 1 {
		t.Errorf("coverage after the report: %s", a.Body)
	}
	proofs := map[int64]string{apptest.Dana: channel.Proven, apptest.Cem: channel.Broken}
	for person, want := range proofs {
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			all, err := channel.ProofsOf(tx, person)
			i := slices.IndexFunc(all, func(p channel.Proof) bool { return p.Channel == channel.SMS })
			if err == nil && (i < 0 || all[i].State(h.Now()) != want) {
				err = fmt.Errorf("proofs of %d: %+v", person, all)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}

// Ordinary announcements wait: notifications for the morning, mails for one digest in the evening; and who wishes
// nothing gets nothing. A closure of today waits for nobody's morning.
func TestQuietHoursAndDigest(t *testing.T) {
	h, s := site(t)
	service := h.PushService(t)
	ada, dana := device(t, h, service, apptest.Ada), device(t, h, service, apptest.Dana)
	wish := func(person int64, w channel.Wish) {
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return channel.SetWish(tx, person, w) }); err != nil {
			t.Fatal(err)
		}
	}
	wish(apptest.Dana, channel.Wish{Mail: channel.Never})
	h.Clock.Add(14 * time.Hour) // 21:12
	write := func(title string) {
		a := s.Post(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", title, "body", "Milas Gruppe singt.")
		if a.Code != 303 {
			t.Fatal(a.Code, a.Body)
		}
		h.Work(t)
	}
	write("Laternenfest")
	write("Waldtag")
	if n := len(ada.Got()) + len(dana.Got()) + len(h.Post.Sent()); n != 0 {
		t.Fatalf("%d messages at night", n)
	}
	// The closure of the same night rings.
	a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "tomorrow",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1")
	if a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	if len(ada.Got()) != 1 || len(dana.Got()) != 1 {
		t.Fatalf("the closure: %d and %d notifications", len(ada.Got()), len(dana.Got()))
	}
	for _, p := range []int64{apptest.Ada, apptest.Dana} {
		s.Post(p, strings.TrimSuffix(a.To, "/stand")+"/bestaetigen")
	}
	mails := len(h.Post.Sent())

	h.Clock.Add(9*time.Hour + 47*time.Minute) // 6:59
	h.Work(t)
	before := len(ada.Got())
	h.Clock.Add(time.Minute)
	h.Work(t)
	if len(ada.Got()) != before+2 {
		t.Errorf("%d notifications at seven, before %d", len(ada.Got()), before)
	}
	for _, n := range noticesOf(t, ada) {
		if strings.Contains(n.Notification.Title+n.Notification.Body, "Mila") || strings.Contains(n.Notification.Title, "Laternenfest") {
			t.Errorf("the lock screen shows what was written: %+v", n)
		}
	}
	if n := len(dana.Got()); n != 1 {
		t.Errorf("%d notifications for somebody who wants none", n)
	}
	// One of the two has been shown; the other comes in the evening, to Ada and to Cem, who has no device.
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return Shown(h.Now)(tx, apptest.Ada, "1") }); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(11*time.Hour - time.Second) // 17:59:59
	h.Work(t)
	digests := func() (all []string) {
		for _, m := range h.Post.Sent()[mails:] {
			if m.Unsubscribe != "" {
				all = append(all, m.To+": "+m.Subject)
			}
		}
		slices.Sort(all)
		return all
	}
	if got := digests(); got != nil {
		t.Errorf("before six: %v", got)
	}
	h.Clock.Add(time.Second)
	h.Work(t)
	if got, want := digests(), []string{"ada@example.org: Waldtag", "cem@example.org: 2 yeni duyuru"}; !slices.Equal(got, want) {
		t.Errorf("digests: %v, want %v", got, want)
	}
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if got := digests(); len(got) != 2 {
		t.Errorf("the next evening again: %v", got)
	}
}

// Reminders go to those outstanding only.
func TestReminder(t *testing.T) {
	h, s := site(t)
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		l, err := channel.Parse("mail:0 remind:60")
		return errors.Join(err, channel.Save(tx, h.Settings, channel.Confirm, l))
	}); err != nil {
		t.Fatal(err)
	}
	a := s.Post(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", "Elternabend", "body", "", "confirm", "1")
	if a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	id := strings.TrimSuffix(strings.TrimPrefix(a.To, "/mitteilung/"), "/stand")
	s.Post(apptest.Ada, "/mitteilung/"+id+"/bestaetigen")
	first := len(h.Post.Sent())
	h.Clock.Add(time.Hour)
	h.Work(t)
	var again []string
	for _, m := range h.Post.Sent()[first:] {
		again = append(again, m.To+": "+m.Subject)
	}
	if want := []string{"cem@example.org: Hatırlatma: Elternabend"}; !slices.Equal(again, want) {
		t.Errorf("reminders: %v, want %v", again, want)
	}
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if n := len(h.Post.Sent()); n != first+1 {
		t.Errorf("%d mails in the end, want %d", n, first+1)
	}
}

// A drill takes the ladder of a closure of today, says that it is one, and asks nothing but a confirmation. Nobody is
// drilled twice in an hour, and only who leads may drill.
func TestDrill(t *testing.T) {
	h, s := site(t)
	phones(t, h)
	for _, p := range []int64{apptest.Ada, apptest.Stefan, apptest.Arno, apptest.Former} {
		if a := s.Get(p, "/probealarm"); a.Code == 200 {
			t.Errorf("person %d opens the page of drills", p)
		}
	}
	if a := s.Post(apptest.Rosa, "/probealarm", "unit", "4"); a.Code != 404 {
		t.Errorf("the head of another facility drills: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/probealarm"); a.Code != 200 || !a.Has("Hier gab es noch keinen Probealarm") || !a.Has("4 SMS") {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	a := s.Post(apptest.Hanna, "/probealarm", "unit", "4")
	if a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	stand := a.To
	h.Work(t)
	for _, m := range h.Post.Sent() {
		if !strings.Contains(m.Text, "Es ist nichts passiert") && m.Language == "de" {
			t.Errorf("a drill that does not say so: %+v", m)
		}
	}
	if a := s.Get(apptest.Ada, "/"); !a.Has("Probealarm: Bitte bestätigen Sie") || !a.Has("Es ist nichts passiert.") {
		t.Errorf("Ada's start page: %s", a.Body)
	}
	if a := s.Post(apptest.Hanna, "/probealarm", "unit", "4"); a.Code != 422 || !a.Has("läuft schon ein Probealarm") {
		t.Errorf("a second drill: %d %s", a.Code, a.Body)
	}
	s.Post(apptest.Ada, strings.TrimSuffix(stand, "/stand")+"/bestaetigen")
	h.Clock.Add(45 * time.Minute)
	h.Work(t)
	if n := len(h.Phones.Sent()); n != 0 {
		t.Errorf("%d SMS of a drill without", n)
	}
	if a := s.Get(apptest.Hanna, stand); a.Code != 200 || !a.Has("1 von 3 Kindern") {
		t.Errorf("the report: %d %s", a.Code, a.Body)
	}
	h.Clock.Add(24 * time.Hour)
	if a := s.Post(apptest.Hanna, "/probealarm", "unit", "4", "sms", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	h.Clock.Add(15 * time.Minute)
	h.Work(t)
	if n := len(h.Phones.Sent()); n != 4 {
		t.Errorf("%d SMS of a drill with them", n)
	}
	if a := s.Get(apptest.Hanna, "/schliessungen"); a.Has("Probealarm: ") {
		t.Error("the book of closures holds a drill")
	}
}
