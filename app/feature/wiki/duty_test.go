package wiki

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
)

const confirmButton = "Ich habe das gelesen"

// shown is the revision that a page's form to confirm names.
func shown(t *testing.T, s *apptest.Site, person int64, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s.Get(person, page).Body, `name="revision" value="`)
	if !ok {
		t.Fatalf("person %d is not asked to confirm %s", person, page)
	}
	n, _, _ := strings.Cut(rest, `"`)
	return n
}

// save edits a page as it is now.
func save(t *testing.T, s *apptest.Site, person int64, page, title, body string, more ...string) {
	t.Helper()
	a := s.Post(person, page+"/bearbeiten", append([]string{"title", title, "body", body, "base", base(t, s, person, page)}, more...)...)
	if a.Code != 303 {
		t.Fatalf("save %s as %d: %d %s", page, person, a.Code, main(a.Body))
	}
}

// TestBell: what the bell counts follows at once what is asked, what is read, and who belongs to whom.
func TestBell(t *testing.T) {
	h := apptest.New(t)
	f := New(h.House, noLog, nil, noPassage)
	s := h.Serve(t, f)
	counts := func(what string, want int) {
		t.Helper()
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			v, err := org.Viewer(tx, apptest.Ada, h.Now())
			if err != nil {
				return err
			}
			n, err := f.Ask(tx, v)
			if n != want {
				t.Errorf("%s: the bell says %d, want %d", what, n, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Netiquette", "x")
	counts("before", 0)
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	counts("asked", 1)
	s.Post(apptest.Ada, at+"/gelesen", "revision", shown(t, s, apptest.Ada, at))
	counts("read", 0)
	save(t, s, apptest.Hanna, at, "Netiquette", "y", "again", "1")
	counts("changed", 1)
	change(t, h, `UPDATE guardian SET until = ? WHERE person = ? AND child = ?`, h.Now().Add(time.Hour).Unix(), apptest.Ada, apptest.Mila)
	counts("for another hour", 1)
	h.Clock.Add(time.Hour)
	counts("left", 0)
}

// owes is how many pages a person still has to read.
func owes(t *testing.T, h *apptest.House, person int64) (n int) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = owed(tx, person, h.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// mailed lists to whom mails with a subject went.
func mailed(h *apptest.House, subject string) (all []string) {
	for _, m := range h.Post.Sent() {
		if strings.HasPrefix(m.Subject, subject) {
			all = append(all, m.To)
		}
	}
	slices.Sort(all)
	return all
}

// accounts gives everybody a proven address: person4@example.org.
func accounts(t *testing.T, h *apptest.House) {
	t.Helper()
	change(t, h, `INSERT INTO account_mail (mail, person, verified) SELECT 'person' || id || '@example.org', id, 1 FROM person`)
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

// device is a browser of a person on which notifications are allowed.
func device(t *testing.T, h *apptest.House, service *apptest.PushService, person int64) *apptest.PushBrowser {
	t.Helper()
	b := service.Browser()
	sub, err := h.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Appendf(nil, "session of %d", person)
	change(t, h, `INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)`, id, person)
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return push.Subscribe(tx, person, id, sub, h.Now()) }); err != nil {
		t.Fatal(err)
	}
	return b
}

func people(ids ...int64) (all []string) {
	for _, id := range ids {
		all = append(all, fmt.Sprintf("person%d@example.org", id))
	}
	slices.Sort(all)
	return all
}

// TestWhoMustRead says for every kind of archive who has to read its pages: those there and below, and nobody else.
func TestWhoMustRead(t *testing.T) {
	for _, c := range []struct {
		by, unit int64
		asks     Asked
		words    string // that say for whom the page is
		want     []int64
	}{
		{apptest.Hanna, apptest.Sonne, AskStaff, "Das Team von Kita Sonnenblume soll diese Seite lesen.", []int64{apptest.Hanna, apptest.Stefan}},
		{apptest.Hanna, apptest.Sonne, AskAll, "Diese Seite gilt für alle.", []int64{apptest.Hanna, apptest.Stefan, apptest.Ada, apptest.Bert, apptest.Cem, apptest.Dana, apptest.Chair}},
		{apptest.Max, apptest.CarrierA, AskStaff, "Das Team von ", []int64{apptest.Max, apptest.Hanna, apptest.Stefan}},
		{apptest.Olga, apptest.City, AskStaff, "Das Team von ", []int64{apptest.Olga, apptest.Max, apptest.Hanna, apptest.Stefan, apptest.Greta, apptest.Rosa}},
		{apptest.Olga, apptest.Office, AskStaff, "Das Team von ", []int64{apptest.Olga}},
		{apptest.Chair, apptest.Council, AskStaff, "Die Mitglieder von ", []int64{apptest.Dana, apptest.Chair}},
		{apptest.Chair, apptest.Council, AskAll, "Diese Seite gilt für alle.", []int64{apptest.Hanna, apptest.Stefan, apptest.Ada, apptest.Bert, apptest.Cem, apptest.Dana, apptest.Chair}},
	} {
		h, s := serve(t)
		at := write(t, s, c.by, c.unit, Around, "Plan", "x")
		if a := s.Post(c.by, at+"/pflicht", "asks", string(c.asks)); a.To != at {
			t.Fatalf("%d %s: %d %s", c.unit, c.asks, a.Code, main(a.Body))
		}
		for id := int64(1); id <= 17; id++ {
			must := slices.Contains(c.want, id)
			if n := owes(t, h, id); (n == 1) != must || n > 1 {
				t.Errorf("%d %s: person %d has to read %d pages", c.unit, c.asks, id, n)
			}
			if a := s.Get(id, at); must != a.Has(at+"/gelesen") || must != (a.Has(c.words) || a.Has("Bu sayfa herkes için geçerlidir.")) {
				t.Errorf("%d %s: person %d is asked on the page: %v, %d %s", c.unit, c.asks, id, !must, a.Code, main(a.Body))
			}
			if a := s.Get(id, "/wissen"); must != a.Has("zu-lesen") {
				t.Errorf("%d %s: the list of person %d is wrong", c.unit, c.asks, id)
			}
		}
	}
}

// TestRead is the story of a hygiene plan that the team has to know: a small correction need not be read again.
func TestRead(t *testing.T) {
	h, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Hygieneplan", "Hände waschen.")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "staff")
	first := shown(t, s, apptest.Stefan, at)
	if a := s.Post(apptest.Ada, at+"/gelesen", "revision", first); a.Code != 409 {
		t.Errorf("Ada, who need not, confirms: %d", a.Code)
	}
	if a := s.Post(apptest.Rosa, at+"/gelesen", "revision", first); a.Code != 404 {
		t.Errorf("Rosa, who may not read it, confirms: %d", a.Code)
	}
	for _, rev := range []string{"0", "999", "x"} {
		if a := s.Post(apptest.Stefan, at+"/gelesen", "revision", rev); a.Code == 303 {
			t.Errorf("a revision %q is confirmed", rev)
		}
	}
	if a := s.Post(apptest.Stefan, at+"/gelesen", "revision", first); a.To != at {
		t.Fatalf("confirm: %d %s", a.Code, main(a.Body))
	}
	if a := s.Get(apptest.Stefan, at); a.Has(confirmButton) || !a.Has("Gelesen ") || owes(t, h, apptest.Stefan) != 0 {
		t.Errorf("it still waits: %s", main(a.Body))
	}
	save(t, s, apptest.Hanna, at, "Hygieneplan", "Hände gut waschen.")
	if a := s.Get(apptest.Stefan, at); a.Has(confirmButton) {
		t.Error("a small correction is to be read again")
	}
	stale := shown(t, s, apptest.Hanna, at)
	save(t, s, apptest.Hanna, at, "Hygieneplan", "Hände eine Minute lang waschen.", "again", "1")
	if a := s.Get(apptest.Stefan, at); !a.Has(confirmButton) || !a.Has("hat sich geändert") {
		t.Errorf("what has changed is not to be read again: %s", main(a.Body))
	}
	// A confirmation that has waited on a device counts for the words that were on its screen.
	s.Post(apptest.Hanna, at+"/gelesen", "revision", stale)
	if a := s.Get(apptest.Hanna, at); !a.Has(confirmButton) {
		t.Error("an old revision counts for the new one")
	}
	s.Post(apptest.Stefan, at+"/gelesen", "revision", shown(t, s, apptest.Stefan, at))
	s.Post(apptest.Stefan, at+"/gelesen", "revision", first) // late, from another device
	if n := owes(t, h, apptest.Stefan); n != 0 {
		t.Error("a late confirmation takes back a later one")
	}
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "")
	if n := owes(t, h, apptest.Hanna); n != 0 {
		t.Error("nobody has to, and Hanna still does")
	}
	if a := s.Get(apptest.Hanna, at+"/leserliste"); a.Code != 404 {
		t.Errorf("the list of what nobody has to read: %d", a.Code)
	}
}

// TestNarrowedDuty: nobody has to read what they may not.
func TestNarrowedDuty(t *testing.T) {
	h, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Netiquette", "x")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	s.Post(apptest.Hanna, at+"/leser", "access", "staff")
	if owes(t, h, apptest.Ada) != 0 || owes(t, h, apptest.Stefan) != 1 {
		t.Error("Ada has to read what only the team may, or the team need not any more")
	}
	if a := s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit"); a.Code != 422 || !a.Has("wer es lesen darf") {
		t.Errorf("families have to read what only the team may: %d", a.Code)
	}
	s.Post(apptest.Hanna, at+"/leser", "access", "board")
	if owes(t, h, apptest.Stefan) != 0 {
		t.Error("Stefan has to read what only the head may")
	}
	s.Post(apptest.Hanna, at+"/leser", "access", "unit")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	s.Post(apptest.Hanna, at+"/entfernen")
	if owes(t, h, apptest.Ada) != 0 {
		t.Error("Ada has to read what lies in the bin")
	}
	if a := s.Post(apptest.Ada, at+"/pflicht", "asks", ""); a.Code == 303 {
		t.Error("Ada decides who has to read it")
	}
}

// TestReaders: a head sees her people by name, a carrier its team, an office numbers.
func TestReaders(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Netiquette", "x")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	s.Post(apptest.Ada, at+"/gelesen", "revision", shown(t, s, apptest.Ada, at))
	for _, c := range []struct {
		who       int64
		code      int
		has, lack []string
	}{
		{apptest.Hanna, 200, []string{"1 von 7", "Ada Demir", "Stefan Fachkraft", "Cem Yildiz", "Vera Vorsitz", "Noch nicht (6)", "Gelesen (1)", "Jetzt erinnern"}, []string{"nur die Zahl"}},
		{apptest.Max, 200, []string{"1 von 7", "Stefan Fachkraft", "Hanna Leitung", "Von 5 sehen Sie nur die Zahl"}, []string{"Demir", "Yildiz", "Dana", "Vera"}},
		{apptest.Olga, 200, []string{"1 von 7", "Von 7 sehen Sie nur die Zahl"}, []string{"Demir", "Stefan", "Hanna"}},
		{apptest.Chair, 404, nil, []string{"Demir"}},
		{apptest.Stefan, 403, nil, []string{"Demir"}},
		{apptest.Ada, 403, nil, []string{"Stefan"}},
		{apptest.Rosa, 404, nil, []string{"Demir"}},
	} {
		a := s.Get(c.who, at+"/leserliste")
		if a.Code != c.code {
			t.Errorf("person %d: %d", c.who, a.Code)
		}
		for _, w := range c.has {
			if !a.Has(w) {
				t.Errorf("person %d does not see %q: %s", c.who, w, main(a.Body))
			}
		}
		for _, w := range c.lack {
			if strings.Contains(main(a.Body), w) {
				t.Errorf("person %d sees %q", c.who, w)
			}
		}
		if offered := s.Get(c.who, at).Has(at + "/leserliste"); offered != (c.code == 200) {
			t.Errorf("the page offers person %d the list: %v", c.who, offered)
		}
	}
	// A head sees her own people in what her carrier wants read, and no others.
	wide := write(t, s, apptest.Olga, apptest.City, Around, "Brandschutz", "x")
	s.Post(apptest.Olga, wide+"/pflicht", "asks", "unit")
	if a := s.Get(apptest.Chair, wide); !a.Has(wide+"/gelesen") || a.Has(wide+"/leserliste") {
		t.Errorf("a chair who is asked is offered the list: %s", main(a.Body))
	}
	s.Post(apptest.Olga, wide+"/pflicht", "asks", "staff")
	a := s.Get(apptest.Hanna, wide+"/leserliste")
	if !a.Has("0 von 2") || !a.Has("Stefan Fachkraft") || a.Has("Rosa") || a.Has("Jetzt erinnern") {
		t.Errorf("Hanna's part: %d %s", a.Code, main(a.Body))
	}
	if a := s.Post(apptest.Hanna, wide+"/erinnern"); a.Code != 404 {
		t.Errorf("Hanna has the whole city reminded: %d", a.Code)
	}
	for _, p := range []int64{apptest.Chair, apptest.Arno} { // asked, too, or at home in the whole city
		if a := s.Get(p, wide); a.Code != 200 || a.Has(wide+"/leserliste") {
			t.Errorf("person %d is offered the list of the city: %d", p, a.Code)
		}
	}
	// The chair knows the members.
	inner := write(t, s, apptest.Dana, apptest.Council, Staff, "Satzung", "x")
	s.Post(apptest.Dana, inner+"/pflicht", "asks", "staff")
	if a := s.Get(apptest.Chair, inner+"/leserliste"); !a.Has("0 von 2") || !a.Has("Dana Beirat") {
		t.Errorf("the chair's list: %d %s", a.Code, main(a.Body))
	}
}

// TestRemind: whoever has not read it is told, once a day at most, and only who still has to.
func TestRemind(t *testing.T) {
	h, s := serve(t)
	accounts(t, h)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Netiquette", "Geheimes Wort.")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	s.Post(apptest.Ada, at+"/gelesen", "revision", shown(t, s, apptest.Ada, at))
	bert := device(t, h, h.PushService(t), apptest.Bert)
	if a := s.Post(apptest.Hanna, at+"/erinnern"); a.To != at+"/leserliste" {
		t.Fatalf("%d %s", a.Code, main(a.Body))
	}
	if a := s.Post(apptest.Hanna, at+"/erinnern"); a.Code != 303 || s.Get(apptest.Hanna, at+"/leserliste").Has("Jetzt erinnern") {
		t.Error("the button is still there")
	}
	change(t, h, `UPDATE guardian SET informed = 0 WHERE person = ?`, apptest.Cem) // before the mail goes
	h.Work(t)
	want := people(apptest.Hanna, apptest.Stefan, apptest.Bert, apptest.Dana, apptest.Chair)
	if got := mailed(h, "Bitte lesen: Netiquette"); !slices.Equal(got, want) {
		t.Errorf("mails to %v, want %v", got, want)
	}
	for _, m := range h.Post.Sent() {
		if strings.Contains(m.Text, "Geheimes") {
			t.Error("the mail carries the page")
		}
	}
	if got := bert.Got(); len(got) != 1 || strings.Contains(string(got[0].Text), "Netiquette") || !strings.Contains(string(got[0].Text), "Bitte lesen: eine Seite von Kita Sonnenblume") {
		t.Errorf("Bert's lock screen: %q", got)
	}
	s.Post(apptest.Bert, at+"/gelesen", "revision", shown(t, s, apptest.Bert, at))
	h.Clock.Add(24 * time.Hour)
	s.Post(apptest.Hanna, at+"/erinnern")
	h.Work(t)
	if got := mailed(h, "Bitte lesen: Netiquette"); len(got) != len(want)+4 {
		t.Errorf("the next day: %v", got)
	}
}

// TestRemindMany: more people than one write takes are each told once.
func TestRemindMany(t *testing.T) {
	h, s := serve(t)
	change(t, h, `
		WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1250)
		INSERT INTO person (id, uid, given, family) SELECT i, 'many' || i, 'Eins', 'Viele' FROM n`)
	change(t, h, `
		INSERT INTO guardian (child, person, state, mail, since) SELECT 4, id, 'confirmed', 'm' || id || '@example.org', 0 FROM person WHERE id > 1000`)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Netiquette", "x")
	s.Post(apptest.Hanna, at+"/pflicht", "asks", "unit")
	s.Post(apptest.Hanna, at+"/erinnern")
	h.Work(t)
	got := mailed(h, "")
	if n := len(slices.Compact(slices.Clone(got))); n != len(got) || n != 253 { // with Hanna, Ada and Cem
		t.Errorf("%d mails, %d of them different", len(got), n)
	}
}
