package message_test

import (
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// petition is Ada's letter to the board of the council of Sonne; it returns the conversation's path.
func petition(t testing.TB, s *apptest.Site) string {
	t.Helper()
	a := s.Post(apptest.Ada, "/nachrichten/neu", "uid", "0198c7a2-0000-7000-8000-000000000011", "kind", "gremium", "to", "10",
		"title", "Sonnensegel", "body", "Die Kinder brauchen **Schatten**.")
	if a.Code != 303 || a.To != "/gespraech/1" {
		t.Fatalf("write to the board: %d %s %s", a.Code, a.To, a.Body)
	}
	return a.To
}

// A mother writes to the board. It reads her name because she wrote it; nobody above or beside it reads anything. After the
// election the new board reads on, and the old one does not.
func TestCouncilInbox(t *testing.T) {
	h, s, f := site(t)
	if a := s.Get(apptest.Ada, "/nachrichten/neu?an=gremium&gremium=10"); !a.Has("Vorstand Elternbeirat Sonnenblume") || a.Has("22 Uhr") || !a.Has(`value="10" checked`) || a.Has("Vera") {
		t.Errorf("the form: %s", a.Body)
	}
	sql(t, h, `UPDATE membership SET mail = 'vera@example.org' WHERE person = ?`, apptest.Chair)
	at := petition(t, s)
	if a := s.Get(apptest.Ada, at); !a.Has("<strong>Schatten</strong>") || a.Has("automatische Antwort") || !a.Has("nach einer Wahl der neue") {
		t.Errorf("Ada reads: %s", a.Body)
	}
	h.Work(t)
	h.Clock.Add(12 * time.Hour) // mails come in the evening
	h.Work(t)
	if all := h.Post.Sent(); len(all) != 1 || all[0].To != "vera@example.org" || strings.Contains(all[0].Subject+all[0].Text, "Demir") || strings.Contains(all[0].Text, "Schatten") {
		t.Errorf("who is told: %+v", all)
	}
	if a := s.Get(apptest.Chair, at); !a.Has("Ada Demir") || !a.Has("Noch niemand kümmert sich") || !a.Has("an: Vorstand Elternbeirat Sonnenblume") ||
		!s.Get(apptest.Chair, "/nachrichten").Has("an: Vorstand Elternbeirat Sonnenblume") || count(t, h, f, apptest.Chair) != 1 {
		t.Errorf("the chair reads: %s", a.Body)
	}
	for _, p := range []int64{apptest.Dana, apptest.Hanna, apptest.Max, apptest.Olga, apptest.Arno, apptest.Cem, apptest.Bert, apptest.Rosa, apptest.Stefan} {
		if a := s.Get(p, at); a.Code != 404 || s.Get(p, "/nachrichten").Has("Sonnensegel") {
			t.Errorf("%d reads it: %d", p, a.Code)
		}
		if a := s.Post(p, at+"/kuemmern", "takes", "1"); a.Code != 404 && a.Code != 403 {
			t.Errorf("%d looks after it: %d", p, a.Code)
		}
	}
	if a := s.Post(apptest.Chair, at+"/kuemmern", "takes", "1"); a.Code != 303 || !s.Get(apptest.Chair, at).Has("Vera Vorsitz kümmert sich") {
		t.Errorf("the chair looks after it: %d", a.Code)
	}
	if a := s.Post(apptest.Chair, at, "uid", "a", "body", "Wir fragen den Träger."); a.Code != 303 || !s.Get(apptest.Ada, at).Has("Vera Vorsitz, Vorstand Elternbeirat Sonnenblume") {
		t.Errorf("the chair answers: %d %s", a.Code, s.Get(apptest.Ada, at).Body)
	}

	// Cem is elected for the next day.
	next := h.Now().Add(24 * time.Hour)
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		all, err := org.Members(tx, apptest.Council)
		if err != nil {
			return err
		}
		if err := org.SetTerm(tx, all[0].ID, all[0].Since, next.Unix()); err != nil {
			return err
		}
		_, err = org.Appoint(tx, org.Membership{Person: apptest.Cem, Unit: apptest.Council, Role: who.Chair, Office: "chair", State: org.Confirmed, Since: next})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Cem, at); a.Code != 404 {
		t.Errorf("the coming board reads already: %d", a.Code)
	}
	h.Clock.Add(24 * time.Hour)
	if a := s.Get(apptest.Cem, at); a.Code != 200 || !a.Has("Wir fragen den Träger.") || !a.Has("Ada Demir") {
		t.Errorf("the new board reads: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Chair, at); a.Code != 404 || s.Get(apptest.Chair, "/nachrichten").Has("Sonnensegel") {
		t.Errorf("the old board reads on: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, at, "uid", "b", "body", "Gibt es etwas Neues?"); a.Code != 303 {
		t.Errorf("Ada asks the new board: %d", a.Code)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return f.Erase(tx, house.Subject{Person: apptest.Ada}) }); err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Cem, at); a.Code != 404 {
		t.Errorf("who is forgotten still stands there: %d", a.Code)
	}
}

// The board decides when it answers and whether it is written to at all; the head of the facility does not.
func TestCouncilRule(t *testing.T) {
	_, s, _ := site(t)
	fields := []string{"day", "2", "starts", "19:00", "ends", "20:00", "answer", "Wir lesen dienstags.", "go", "save"}
	for _, p := range []int64{apptest.Hanna, apptest.Olga, apptest.Max, apptest.Arno, apptest.Dana, apptest.Ada} {
		if a := s.Post(p, "/einheit/10/nachrichten", fields...); a.Code != 404 && a.Code != 403 {
			t.Errorf("%d sets the hours of the council: %d", p, a.Code)
		}
	}
	if a := s.Post(apptest.Hanna, "/einheit/4/nachrichten", fields...); a.Code != 303 { // families may not write to Sonne at all
		t.Fatal(a.Code, a.Body)
	}
	at := petition(t, s)
	if a := s.Get(apptest.Chair, "/einheit/10/nachrichten"); a.Code != 200 || !a.Has("dem Vorstand schreiben") || a.Has("Darüber ist eingestellt") {
		t.Errorf("the form of the board: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Chair, "/einheit/10/nachrichten", append(fields, "parents", "1")...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	s.Post(apptest.Ada, at, "uid", "b", "body", "Und?")
	if a := s.Get(apptest.Ada, at); !a.Has("Wir lesen dienstags.") || !a.Has("19 Uhr bis 20 Uhr") {
		t.Errorf("the answer by itself: %s", a.Body)
	}
	if a := s.Post(apptest.Chair, "/einheit/10/nachrichten", fields...); a.Code != 303 { // not any more
		t.Fatal(a.Code)
	}
	if a := s.Post(apptest.Ada, at, "uid", "c", "body", "Hallo?"); a.Code != 409 && a.Code != 422 || !a.Has("Hallo?") {
		t.Errorf("a letter that is not taken: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Bert, "/nachrichten/neu", "uid", "d", "kind", "gremium", "to", "10", "title", "x", "body", "y"); a.Code != 422 || !a.Has("nimmt das Team zurzeit keine") {
		t.Errorf("a new one: %d", a.Code)
	}
	for _, p := range []int64{apptest.Rosa, apptest.Greta} { // another carrier's
		if a := s.Post(p, "/nachrichten/neu", "uid", "e", "kind", "gremium", "to", "10", "title", "x", "body", "y"); a.Code != 422 || strings.Contains(a.Body, "Elternbeirat") {
			t.Errorf("%d writes to a council that does not speak for her: %d", p, a.Code)
		}
	}
}

// The board writes to the head as a team, and never to families.
func TestCouncilWrites(t *testing.T) {
	_, s, _ := site(t)
	a := s.Post(apptest.Chair, "/nachrichten/neu", "uid", "f", "kind", "teams", "unit", "10", "to", "4", "title", "Sommerfest", "body", "Wir möchten reden.")
	if a.Code != 303 || !s.Get(apptest.Hanna, a.To).Has("Vera Vorsitz, Vorstand Elternbeirat Sonnenblume") {
		t.Errorf("to the head: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Hanna, "/nachrichten/neu", "uid", "h", "kind", "teams", "unit", "4", "to", "10", "title", "Sommerfest", "body", "Gern."); a.Code != 303 || !s.Get(apptest.Chair, a.To).Has("Hanna Leitung, Leitung Kita Sonnenblume") {
		t.Errorf("the head writes to the board: %d", a.Code)
	}
	if a := s.Post(apptest.Greta, "/nachrichten/neu", "uid", "i", "kind", "teams", "unit", "7", "to", "10", "title", "Hallo", "body", "Fremd"); a.Code != 422 {
		t.Errorf("another carrier writes to the board: %d", a.Code)
	}
	if a := s.Post(apptest.Chair, "/nachrichten/neu", "uid", "g", "kind", "familien", "unit", "10", "child", "1", "title", "Hallo", "body", "Familie"); a.Code != 422 {
		t.Errorf("to a family: %d", a.Code)
	}
	if a := s.Get(apptest.Chair, "/nachrichten/neu"); a.Has("Mila") || a.Has("An Familien") {
		t.Errorf("the form shows families: %s", a.Body)
	}
}
