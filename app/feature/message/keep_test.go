package message_test

import (
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func rows(t testing.TB, h *apptest.House, query string) (n int) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) { n, err = store.One(tx, store.Value[int], query); return err }); err != nil {
		t.Fatal(err)
	}
	return n
}

// What was written in this Kita year goes a year after its end, and says so for two weeks.
func TestKeep(t *testing.T) {
	h, s, f := site(t)
	at := asked(t, s)
	x, err := h.Files.Receive(t.Context(), apptest.Ada, "Stiefel.txt", strings.NewReader("blau"))
	if err != nil {
		t.Fatal(err)
	}
	s.Post(apptest.Ada, at, "uid", "b", "body", "Blaue.", "file", itoa(x.ID))
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	night := func(day time.Time) {
		t.Helper()
		h.Clock.Add(day.Sub(h.Now()))
		h.Work(t)
	}
	zone := time.FixedZone("", 2*3600)
	night(time.Date(2027, 7, 17, 4, 0, 0, 0, zone))
	if a := s.Get(apptest.Ada, at); a.Has("gelöscht") {
		t.Error("it is announced too early")
	}
	night(time.Date(2027, 7, 19, 4, 0, 0, 0, zone))
	for _, p := range []int64{apptest.Ada, apptest.Stefan} {
		if a := s.Get(p, at); !a.Has("Dieses Gespräch wird am") || !a.Has("2. August 2027") {
			t.Errorf("%d is not told: %s", p, a.Body)
		}
	}
	night(time.Date(2027, 8, 1, 4, 0, 0, 0, zone))
	if a := s.Get(apptest.Ada, at); a.Code != 200 {
		t.Errorf("it went before the two weeks were over: %d", a.Code)
	}
	night(time.Date(2027, 8, 3, 4, 0, 0, 0, zone))
	if a := s.Get(apptest.Stefan, at); a.Code != 404 {
		t.Errorf("it is still there: %d", a.Code)
	}
	if n := rows(t, h, `SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM message_party) + (SELECT count(*) FROM message_read) + (SELECT count(*) FROM file)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if n := rows(t, h, `SELECT count(*) FROM task WHERE kind = 'message.keep'`); n != 1 {
		t.Errorf("%d nights are planned", n)
	}
}

// Whoever writes, or an operator who keeps for longer, takes the announcement back.
func TestKeepLonger(t *testing.T) {
	h, s, f := site(t)
	at := asked(t, s)
	sql(t, h, `UPDATE message_conversation SET at = 0`)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if a := s.Get(apptest.Ada, at); !a.Has("Dieses Gespräch wird am") {
		t.Fatal("it is not announced")
	}
	s.Post(apptest.Ada, at, "uid", "w", "body", "Bitte nicht!")
	if a := s.Get(apptest.Ada, at); a.Has("Dieses Gespräch wird am") {
		t.Error("somebody has written, and it is still announced")
	}
	sql(t, h, `UPDATE message_conversation SET at = 1700000000, warned = 1`)
	if a := s.Post(apptest.Arno, "/betrieb/nachrichten", "keep", "120", "reply", ""); a.Code != 303 {
		t.Fatalf("keep for longer: %d %s", a.Code, a.Body)
	}
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if a := s.Get(apptest.Ada, at); a.Code != 200 || a.Has("Dieses Gespräch wird am") {
		t.Errorf("kept for longer: %d", a.Code)
	}
	for _, c := range [][]string{{"keep", "121"}, {"keep", "-1"}, {"keep", "x"}, {"keep", "1", "reply", "kein@"}, {"keep", "1", "reply", "a+b@example.org"}} {
		if a := s.Post(apptest.Arno, "/betrieb/nachrichten", c...); a.Code != 422 {
			t.Errorf("%q: %d", c, a.Code)
		}
	}
	if a := s.Post(apptest.Hanna, "/betrieb/nachrichten", "keep", "1"); a.Code != 403 {
		t.Errorf("Hanna sets it: %d", a.Code)
	}
}

func TestRulePage(t *testing.T) {
	_, s, _ := site(t)
	if a := s.Post(apptest.Hanna, "/einheit/4/nachrichten", "parents", "1", "day", "1", "day", "3", "starts", "09:00", "ends", "08:00", "answer", "Bald!"); a.Code != 422 || !a.Has("Bald!") {
		t.Errorf("hours that end before they begin: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/einheit/4/nachrichten", "parents", "1", "day", "1", "day", "3", "starts", "09:00", "ends", "10:30", "answer", "Bald!"); a.Code != 303 {
		t.Errorf("hours: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, "/nachrichten/neu"); !a.Has("Mo, Mi, 9 Uhr bis 10:30 Uhr") || !a.Has("Mo–Fr, 7:30 Uhr bis 16 Uhr") {
		t.Errorf("the hours of two facilities: %s", a.Body)
	}
	if a := s.Get(apptest.Ada, asked(t, s)); !a.Has("Bald!") {
		t.Error("nobody says that it is early")
	}
	for _, p := range []int64{apptest.Rosa, apptest.Greta, apptest.Stefan, apptest.Ada} {
		if a := s.Post(p, "/einheit/4/nachrichten", "starts", "09:00", "ends", "10:00"); a.Code != 404 && a.Code != 403 {
			t.Errorf("%d sets the hours of another's Kita: %d", p, a.Code)
		}
	}
	if a := s.Post(apptest.Max, "/einheit/3/nachrichten", "starts", "09:00", "ends", "10:00"); a.Code != 303 || !s.Get(apptest.Hanna, "/einheit/4/nachrichten").Has("Das gilt auch hier.") {
		t.Errorf("the carrier forbids it: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/einheit/4/nachrichten", "go", "above"); a.Code != 303 || !s.Get(apptest.Hanna, "/einheit/4/nachrichten").Has("Bisher gilt") {
		t.Errorf("as above: %d", a.Code)
	}
}

// An operator of a part does not set up what holds in the whole house.
func TestOperatorOfAPart(t *testing.T) {
	h, s, _ := site(t)
	sql(t, h, `INSERT INTO membership (person, unit, role, state, since, until) VALUES (?, ?, ?, 'confirmed', 0, 9223372036854775807)`, apptest.Max, apptest.CarrierA, who.Admin)
	if a := s.Get(apptest.Max, "/betrieb/nachrichten"); a.Code != 404 {
		t.Errorf("the page: %d", a.Code)
	}
	if a := s.Post(apptest.Max, "/betrieb/nachrichten", "keep", "12", "mail", "off", "reply", ""); a.Code != 404 {
		t.Errorf("the form: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, "/nachrichten/neu"); a.Has("An eine Person im Team") {
		t.Error("a mother writes to any person of the team")
	}
	if a := s.Get(apptest.Stefan, "/nachrichten/neu"); !a.Has("An eine Person im Team") {
		t.Error("the team does not write to each other")
	}
}

// What was written is found by those who take part, with an index and without, and not even counted for others.
func TestFound(t *testing.T) {
	h, s, _ := site(t)
	asked(t, s)
	find := func(person int64) (n, counted int) {
		t.Helper()
		var v who.Viewer
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			v, err = viewer(tx, person, h)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		a, err := h.Search.Search(t.Context(), v, search.Ask{Query: search.Parse("Gummistiefel"), N: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(a.Hits), a.Total
	}
	for _, index := range []bool{false, true} {
		if index {
			if err := h.Search.Update(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for person, want := range map[int64]int{apptest.Ada: 1, apptest.Stefan: 1, apptest.Hanna: 1, apptest.Bert: 0, apptest.Cem: 0, apptest.Max: 0, apptest.Arno: 0, apptest.Rosa: 0, apptest.Locked: 0} {
			if n, counted := find(person); n != want || counted > want {
				t.Errorf("%d finds %d and counts %d, index %v", person, n, counted, index)
			}
		}
	}
	s.Post(apptest.Ada, "/nachricht/1/entfernen")
	if err := h.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, _ := find(apptest.Stefan); n != 0 {
		t.Errorf("what was removed is found %d times", n)
	}
}
