package reachability

import (
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/channel"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func never(*store.Tx, who.Viewer, time.Time) (time.Time, bool, error) { return time.Time{}, true, nil }

func site(t *testing.T) (*apptest.House, *apptest.Site) {
	h := apptest.New(t)
	return h, h.Serve(t, New(h.House, never))
}

func write(t *testing.T, h *apptest.House, f func(tx *store.Tx) error) {
	t.Helper()
	if err := h.DB.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// The head sees before the emergency whom she would not reach, and over what; carrier and city see numbers.
func TestFamilies(t *testing.T) {
	h, s := site(t)
	write(t, h, func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE guardian SET phone = '0171 2345678' WHERE person = ?`, apptest.Dana); err != nil {
			return err
		}
		return channel.Failed(tx, apptest.Cem, channel.Mail, "cem@example.org", "kam zurück: Postfach unbekannt", h.Now())
	})
	a := s.Get(apptest.Hanna, "/erreichbarkeit")
	for _, want := range []string{
		`<span class="big-number num">1</span>`,    // Dora's mother has a mobile number
		`<b class="num">1</b> nur noch per Mail`,   // Mila
		`<b class="num">1</b> nur noch am Telefon`, // Can: the mail came back, the number is a landline
		"Es ist Zeit für den nächsten", `Can Yildiz`, `Nur noch am Telefon (1)`, `kam zurück: Postfach unbekannt`, `Mila Demir`, `tel:0461113`,
	} {
		if !a.Has(want) {
			t.Errorf("Hanna does not see %s", want)
		}
	}
	for _, not := range []string{"Dora Beirat", "Stan Still", "Emil"} {
		if a.Has(not) {
			t.Errorf("Hanna sees %s", not)
		}
	}
	if a := s.Get(apptest.Stefan, "/erreichbarkeit"); !a.Has("Mila Demir") || a.Has("Can Yildiz") {
		t.Errorf("Stefan sees not just his group: %s", a.Body)
	}
	for _, p := range []int64{apptest.Max, apptest.Olga} {
		if a := s.Get(p, "/erreichbarkeit"); a.Code != 200 || a.Has("Mila") || a.Has("Demir") || a.Has("0461") || !a.Has(`<b class="num">1</b> nur noch am Telefon`) {
			t.Errorf("person %d: %d %s", p, a.Code, a.Body)
		}
	}
	for _, p := range []int64{apptest.Ada, apptest.Dana, apptest.Former, apptest.Invited, apptest.Locked, apptest.Arno} {
		if a := s.Get(p, "/erreichbarkeit"); a.Code == 200 {
			t.Errorf("person %d sees who can be reached", p)
		}
	}
	// Without a service, a mobile number is a telephone number and nothing else.
	h.Phones.Off = true
	if a := s.Get(apptest.Hanna, "/erreichbarkeit"); !a.Has(`<span class="big-number num">0</span>`) || !a.Has("kein SMS-Dienst eingerichtet") {
		t.Errorf("without SMS: %s", a.Body)
	}
	h.Phones.Off = false
	// A link that is opened proves the channel, and STOPP ends another.
	write(t, h, func(tx *store.Tx) error {
		if err := channel.Proved(tx, apptest.Cem, channel.Mail, "Cem@example.org", h.Now().Add(time.Minute)); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO sms_stop (number, at) VALUES ('+491712345678', 1)`)
		return err
	})
	if a := s.Get(apptest.Hanna, "/erreichbarkeit"); !a.Has(`<b class="num">2</b> nur noch per Mail`) || !a.Has("hat STOPP geschickt") || !a.Has("Dora Beirat") {
		t.Errorf("afterwards: %s", a.Body)
	}
}

// What somebody wishes is kept, and what makes no sense is said beside the field.
func TestWish(t *testing.T) {
	_, s := site(t)
	a := s.Get(apptest.Ada, "/konto/wege")
	if a.Code != 200 || !a.Has("ada@example.org") || !a.Has("noch nie benutzt") || !a.Has(`value="digest" checked`) || !a.Has("kommen immer sofort an") {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if a.Has("cem@example.org") {
		t.Error("Ada sees the address of somebody else")
	}
	for _, test := range []struct {
		name, want string
		fields     []string
	}{
		{"no choice", "wann Sie Mails bekommen möchten", []string{"push", "1"}},
		{"nonsense", "wann Sie Mails bekommen möchten", []string{"mail", "hourly"}},
		{"no hour", "eine Uhrzeit an", []string{"mail", "now", "quiet", "1", "quiet_from", "abends", "quiet_until", "07:00"}},
		{"no length", "sind gleich", []string{"mail", "now", "quiet", "1", "quiet_from", "07:00", "quiet_until", "07:00"}},
	} {
		if a := s.Post(apptest.Ada, "/konto/wege", test.fields...); a.Code != 422 || !a.Has(test.want) {
			t.Errorf("%s: %d %s", test.name, a.Code, a.Body)
		}
	}
	if a := s.Post(apptest.Ada, "/konto/wege", "mail", "never", "quiet", "1", "quiet_from", "21:30", "quiet_until", "06:15"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, "/konto/wege"); !a.Has(`value="never" checked`) || !a.Has(`value="21:30"`) || !a.Has(`value="06:15"`) || a.Has(`name="push" value="1" checked`) {
		t.Errorf("kept: %s", a.Body)
	}
}

func TestClass(t *testing.T) {
	now := apptest.Start
	at := func(days int) time.Time { return now.AddDate(0, 0, days) }
	mail := contact{Mail: "a@example.org"}
	for _, test := range []struct {
		name   string
		who    contact
		proofs []channel.Proof
		want   string
	}{
		{"nothing", contact{}, nil, Nothing},
		{"landline", contact{Phone: "0461 111"}, nil, PhoneOnly},
		{"mail", mail, nil, MailOnly},
		{"mail came back", mail, []channel.Proof{{Channel: "mail", Address: "a@example.org", Handed: at(-3), Failed: at(-2)}}, Nothing},
		{"another address came back", mail, []channel.Proof{{Channel: "mail", Address: "old@example.org", Failed: at(-2)}}, MailOnly},
		{"came back, next one only taken", mail, []channel.Proof{{Channel: "mail", Address: "a@example.org", Failed: at(-2), Handed: at(-1)}}, Nothing},
		{"came back, next one has stayed", mail, []channel.Proof{{Channel: "mail", Address: "a@example.org", Failed: at(-9), Handed: at(-3)}}, MailOnly},
		{"came back, then opened", mail, []channel.Proof{{Channel: "mail", Address: "a@example.org", Failed: at(-2), Proved: at(-1)}}, MailOnly},
		{"mobile", contact{Phone: "0171 2345678"}, nil, Good},
		{"mobile that wants none", contact{Phone: "0171 2345678", Stopped: true}, nil, PhoneOnly},
		{"device", contact{Devices: 1}, nil, Good},
		{"device that is gone", contact{Mail: "a@example.org"}, []channel.Proof{{Channel: "push", Proved: at(-1)}}, MailOnly},
	} {
		g := Guardian{contact: test.who, Access: true}
		g.Ways = g.ways(test.proofs, true, now)
		if got := (Family{Guardians: []Guardian{g}}).Class(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		for _, w := range g.Ways {
			for _, l := range lang.All() {
				if s := w.Words(l, now); s == "" || strings.Contains(s, "%!") {
					t.Errorf("%s in %s: %q", w.State, l.Code, s)
				}
			}
		}
	}
}
