package calendar

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func TestAnswers(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening("answers", "1", "places", "3", "guests", "2", "closes", "1440")...)
	w.Post(apptest.Ada, at+"/antwort", "state", "yes", "people", "2")
	w.Post(apptest.Cem, at+"/antwort", "state", "yes", "people", "2")  // one place is left, and they are two
	w.Post(apptest.Bert, at+"/antwort", "state", "yes", "people", "1") // stands behind them, though there is one
	w.sees(apptest.Bert, at, true, "Warteliste, auf Platz 2.")
	w.sees(apptest.Hanna, at+"/antworten", true, "Ada Demir")
	w.sees(apptest.Hanna, at+"/antworten", true, "wartet, Platz 1")
	w.sees(apptest.Hanna, at+"/antworten.csv", true, "Bert Demir;wartet, Platz 2;1;")
	w.sees(apptest.Max, at+"/antworten", true, "Sie sehen die Zahlen.")
	w.sees(apptest.Max, at+"/antworten", false, "Demir")
	if c := w.Get(apptest.Max, at+"/antworten.csv").Code; c != 403 {
		t.Errorf("a carrier gets the names: %d", c)
	}
	if c := w.Get(apptest.Ada, at+"/antworten").Code; c != 403 {
		t.Errorf("a mother gets the names: %d", c)
	}
	if a := w.Post(apptest.Ada, at+"/antwort", "state", "yes", "people", "3"); a.Code != 422 || !a.Has("höchstens 2 Personen") {
		t.Errorf("three: %d", a.Code)
	}
	w.Post(apptest.Ada, at+"/antwort", "state", "yes", "people", "1")
	w.h.Work(t)
	w.sees(apptest.Bert, at, true, "Warteliste, auf Platz 1.")
	if sent := w.h.Post.Sent(); len(sent) != 1 || sent[0].To != "cem@example.org" || !strings.HasPrefix(sent[0].Subject, "Yeriniz var") {
		t.Errorf("told: %+v", sent)
	}
	if a := w.Post(apptest.Ada, at+"/antwort", "state", "yes", "people", "2"); a.Code != 422 || !a.Has("Ihre bisherige Zusage bleibt bestehen") {
		t.Errorf("two again: %d", a.Code)
	}
	w.Post(apptest.Cem, at+"/antwort", "state", "no")
	w.sees(apptest.Bert, at, true, "Sie haben zugesagt.")

	w.h.Clock.Add(7*24*time.Hour + 14*time.Hour) // within the last day
	if a := w.Post(apptest.Cem, at+"/antwort", "state", "yes"); a.Code != 422 {
		t.Errorf("after the deadline: %d", a.Code)
	}
	if a := w.Post(apptest.Dana, at+"/antwort", "state", "yes"); a.Code != 422 || !a.Has("Antworten waren bis Mo 9. März") {
		t.Errorf("after the deadline: %d", a.Code)
	}
	w.h.Clock.Add(24 * time.Hour)
	w.sees(apptest.Dana, at, true, "hat schon begonnen")
}

func TestNobodyIsAsked(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening()...)
	if a := w.Post(apptest.Ada, at+"/antwort", "state", "yes"); a.Code != 422 || !a.Has("nicht gefragt") {
		t.Errorf("%d", a.Code)
	}
	if a := w.Post(apptest.Rosa, at+"/antwort", "state", "yes"); a.Code != 404 {
		t.Errorf("another Kita: %d", a.Code)
	}
	if a := w.Get(apptest.Hanna, at+"/antworten"); a.Code != 404 {
		t.Errorf("the answers where nobody is asked: %d", a.Code)
	}
}

// TestLastPlace: 200 want the last place at once. One gets it, and the others stand in one row without a gap.
func TestLastPlace(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening("answers", "1", "places", "1")...)
	const n = 200
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO person (id, uid, given, family) SELECT 1000 + i, 'q' || i, 'Q', '' || i FROM n`, n)
		return err
	})
	var it Termin
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		it, err = plain(tx, w.ids("Elternabend")[0])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		all.Go(func() {
			errs[i] = w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
				return answer(tx, w.h.House, it, who.Viewer{ID: int64(1001 + i)}, Yes, 1)
			})
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	var list []Answer
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		list, err = answers(tx, it.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(list) != n || list[0].State != Yes {
		t.Fatalf("%d answers, the first %+v", len(list), list[0])
	}
	for i, a := range list[1:] {
		if a.State != Waiting || a.Turn != i+1 {
			t.Errorf("%d: %+v", i, a)
		}
	}
	w.sees(apptest.Hanna, at+"/antworten", true, fmt.Sprintf("wartet, Platz %d", n-1))
}

// TestReminder: who comes is told a day before, once, and not at night.
func TestReminder(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening("title", "Frühstück", "starts", "04:30", "ends", "05:30", "answers", "1")...)
	w.Post(apptest.Ada, at+"/antwort", "state", "yes")
	w.Post(apptest.Dana, at+"/antwort", "state", "no")
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 0 {
		t.Fatalf("too early: %+v", sent)
	}
	w.h.Clock.Add(6*24*time.Hour + 21*time.Hour + 20*time.Minute) // 4:32 on the day before
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 0 {
		t.Fatalf("at night: %+v", sent)
	}
	w.h.Clock.Add(6 * time.Hour)
	w.h.Work(t)
	w.h.Work(t)
	sent := w.h.Post.Sent()
	if len(sent) != 1 || sent[0].To != "ada@example.org" || sent[0].Subject != "Erinnerung: Frühstück" || !strings.Contains(sent[0].Text, "morgen, 10. März, von 4:30 bis 5:30 Uhr") {
		t.Errorf("%+v", sent)
	}
	if strings.Contains(sent[0].Text, "Turnhalle") { // the house has not allowed details
		t.Errorf("%s", sent[0].Text)
	}
}

// TestWhoHasLeftIsNotTold: a reminder goes to nobody who may no longer see the date.
func TestWhoHasLeftIsNotTold(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening("answers", "1")...)
	w.Post(apptest.Cem, at+"/antwort", "state", "yes")
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE guardian SET state = 'ended' WHERE person = ?`, apptest.Cem)
		return err
	})
	w.h.Clock.Add(7*24*time.Hour + 14*time.Hour)
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 0 {
		t.Errorf("%+v", sent)
	}
}
