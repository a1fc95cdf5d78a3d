package floor

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// seat gives a person another office in the council.
func (x *hall) seat(person int64, office string) {
	x.t.Helper()
	x.sql(`UPDATE membership SET office = ? WHERE person = ? AND unit = ?`, office, person, apptest.Council)
}

func (x *hall) record() (r Record) {
	x.t.Helper()
	err := x.h.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		r, err = Recorded(tx, theMeeting, x.wires().Votes)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return r
}

// A substitute votes for somebody who is not there, and gives the vote back when that member comes after all. Eight have a
// vote; four are needed.
func TestSubstitute(t *testing.T) {
	x := newHall(t)
	x.seat(apptest.Stefan, "substitute")
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Stefan, "/anwesend", "kind", "came")
	x.must(apptest.Ada, "/anwesend", "kind", "came")
	if a := x.Get(apptest.Chair, at); !a.Has("2 von 8 Stimmen") || !a.Has("Ersatzmitglied · ohne Stimme") {
		t.Error(a.Body)
	}
	id := func(n int64) string { return fmt.Sprint(n) }
	x.refused(apptest.Ada, 403, "", "/anwesend", "person", id(apptest.Stefan), "kind", "stands", "for", id(apptest.Cem))
	x.refused(apptest.Chair, 422, "ist da oder hat keine Stimme", "/anwesend", "person", id(apptest.Stefan), "kind", "stands", "for", id(apptest.Ada))
	x.refused(apptest.Chair, 422, "kann niemanden vertreten", "/anwesend", "person", id(apptest.Bert), "kind", "stands", "for", id(apptest.Cem))
	x.refused(apptest.Chair, 404, "", "/anwesend", "person", id(apptest.Stefan), "kind", "stands", "for", id(apptest.Hanna))
	x.h.Clock.Add(5 * time.Minute)
	x.must(apptest.Chair, "/anwesend", "person", id(apptest.Stefan), "kind", "stands", "for", id(apptest.Cem))
	x.must(apptest.Dana, "/anwesend", "kind", "came")
	x.must(apptest.Chair, "/anwesend", "person", id(apptest.Bert), "kind", "excused")
	if a := x.Get(apptest.Chair, at); !a.Has("4 von 8 Stimmen") || a.Has("nicht beschlussfähig") || !a.Has("vertritt Cem Yildiz") || !a.Has("· entschuldigt") {
		t.Error(a.Body)
	}
	x.h.Clock.Add(30 * time.Minute)
	x.must(apptest.Cem, "/anwesend", "kind", "came")
	if a := x.Get(apptest.Chair, at); !a.Has("4 von 8 Stimmen") || a.Has("vertritt Cem Yildiz") || !a.Has("Ersatzmitglied · ohne Stimme") {
		t.Errorf("he has his vote back: %s", a.Body)
	}
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "wording", "Der Elternbeirat dankt.")
	x.must(apptest.Chair, "/abstimmung", "motion", "1", "how", "open")
	if n := x.votes[0].Present; n != 4 {
		t.Errorf("%d may vote", n)
	}
	r := x.record()
	var told []string
	for _, p := range r.Attendance {
		if p.Person == apptest.Stefan {
			told = append(told, fmt.Sprintf("%s %v %s", p.Since.Sub(r.Began), p.Votes, p.For))
		}
	}
	if got := strings.Join(told, "; "); got != "0s false ; 5m0s true Cem Yildiz; 35m0s false " {
		t.Error(got)
	}
	if r.Present != 4 || len(r.Excused) != 1 || r.Excused[0] != apptest.Bert {
		t.Errorf("%d at the opening, excused %v", r.Present, r.Excused)
	}
	x.must(apptest.Chair, "/anwesend", "person", id(apptest.Bert), "kind", "came") // after all
	if r := x.record(); len(r.Excused) != 0 {
		t.Error(r.Excused)
	}
}

// A substitute who was invited in somebody's place has that vote by coming, and not when the member is there, too.
func TestInvitedSubstitute(t *testing.T) {
	x := newHall(t)
	x.seat(apptest.Stefan, "substitute")
	x.instead = map[int64]int64{apptest.Stefan: apptest.Cem}
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Stefan, "/anwesend", "kind", "came")
	if a := x.Get(apptest.Chair, at); !a.Has("2 von 8 Stimmen") || !a.Has("vertritt Cem Yildiz") {
		t.Error(a.Body)
	}
	x.must(apptest.Cem, "/anwesend", "kind", "came")
	if a := x.Get(apptest.Chair, at); !a.Has("2 von 8 Stimmen") || a.Has("vertritt") {
		t.Error(a.Body)
	}
	x.h.Clock.Add(2 * time.Minute)
	x.must(apptest.Stefan, "/anwesend", "kind", "left")
	x.must(apptest.Stefan, "/anwesend", "kind", "came")
	if a := x.Get(apptest.Chair, at); !a.Has("2 von 8 Stimmen") {
		t.Errorf("one vote for two: %s", a.Body)
	}
}

// What would change a motion is voted on before it, and on the words that stand there.
func TestAmendment(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	for _, p := range sitting[1:] {
		x.must(p, "/anwesend", "kind", "came")
	}
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "wording", "Wir feiern am 3. Juli.")
	x.must(apptest.Dana, "/antrag", "wording", "Wir feiern am 10. Juli.", "amends", "1")
	x.refused(apptest.Chair, 422, "liegt ein Änderungsantrag vor", "/abstimmung", "motion", "1", "how", "open")
	x.refused(apptest.Bert, 422, "lässt sich nicht mehr ändern", "/antrag", "wording", "Wir feiern nie.", "amends", "2") // of an amendment
	x.refused(apptest.Ada, 422, "Ihr eigener Antrag", "/unterstuetzen", "motion", "1")
	x.must(apptest.Cem, "/unterstuetzen", "motion", "1")
	x.must(apptest.Bert, "/unterstuetzen", "motion", "1") // the first counts
	if a := x.Get(apptest.Bert, at); !a.Has("unterstützt von Cem Yildiz") || a.Has("unterstützt von Bert") {
		t.Error(a.Body)
	}
	x.must(apptest.Ada, "/wortlaut", "motion", "1", "edition", "1", "wording", "Wir feiern am 3. Juli im Garten.")
	x.refused(apptest.Chair, 422, "inzwischen geändert", "/abstimmung", "motion", "2", "how", "open")
	x.must(apptest.Dana, "/wortlaut", "motion", "2", "edition", "1", "wording", "Wir feiern am 10. Juli im Garten.")
	x.must(apptest.Chair, "/abstimmung", "motion", "2", "how", "open")
	x.closes(x.tally(9, 0), false)
	x.must(apptest.Chair, "/abstimmung", "motion", "1", "how", "open")
	x.closes(x.tally(5, 4), false)
	if len(x.decided) != 1 || x.decided[0].Wording != "Wir feiern am 10. Juli im Garten." {
		t.Errorf("%+v", x.decided)
	}
	x.must(apptest.Chair, "/punkt", "item", "13", "version", x.version())
	x.must(apptest.Chair, "/punkt", "item", "12", "was", "open", "version", x.version()) // back
	if a := x.Get(apptest.Ada, at); strings.Count(a.Body, "erledigt</span>") != 0 || !a.Has("Sommerfest") {
		t.Error(a.Body)
	}
}

// While one writes the others read it, and only who leads takes the pen away.
func TestWording(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Ada, "/anwesend", "kind", "came")
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "wording", "Wir feiern")
	type form map[string]string
	auto := func(person int64, f form) string {
		t.Helper()
		v := url.Values{"motion": {"1"}}
		for k, s := range f {
			v.Set(k, s)
		}
		r := httptest.NewRequest("POST", apptest.Base+at+"/wortlaut", strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Autosave", "1")
		a := x.Do(person, r)
		if a.Code != 200 {
			return fmt.Sprint(a.Code)
		}
		return strings.TrimSpace(a.Body)
	}
	for n, words := range []string{"Wir feiern am", "Wir feiern am 3. Juli"} {
		if got := auto(apptest.Ada, form{"edition": fmt.Sprint(n + 1), "wording": words}); got != fmt.Sprintf(`{"edition":%d,"words":""}`, n+2) {
			t.Fatal(got)
		}
		if a := x.Get(apptest.Dana, at); !a.Has(words) || a.Has("<textarea id=\"wording-1\"") {
			t.Errorf("Dana reads %q: %s", words, a.Body)
		}
	}
	if a := x.Get(apptest.Chair, at); !a.Has("Ada Demir schreibt gerade") || !a.Has("Übernehmen") || a.Has("wording-1") {
		t.Error(a.Body)
	}
	if got := auto(apptest.Chair, form{"edition": "3", "wording": "Niemals"}); !strings.Contains(got, `{"edition":0,"words":"Ada Demir schreibt gerade`) {
		t.Error(got)
	}
	if got := auto(apptest.Dana, form{"edition": "3", "wording": "Niemals", "take": "1"}); got != "403" {
		t.Error(got)
	}
	x.must(apptest.Chair, "/wortlaut", "motion", "1", "edition", "3", "take", "1", "title", "Fest", "wording", "Wir feiern am 3. Juli")
	if got := auto(apptest.Ada, form{"edition": "3", "wording": "Wir feiern am 3. Juli im"}); !strings.Contains(got, "Vera Vorsitz schreibt gerade") {
		t.Error(got)
	}
	x.h.Clock.Add(pen)
	if a := x.Get(apptest.Ada, at); a.Has("schreibt gerade") || !a.Has("wording-1") {
		t.Error(a.Body)
	}
	if got := auto(apptest.Ada, form{"edition": "4", "wording": "  "}); !strings.Contains(got, `"edition":0`) {
		t.Error("without words: ", got)
	}
}

// An open page gets what has changed, without what stands around it, and nothing when nothing has. Who may no longer see it
// gets nothing either.
func TestLook(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	look := func(person int64, path, tag string) apptest.Answer {
		r := httptest.NewRequest("GET", apptest.Base+path, nil)
		r.Header.Set("X-Live", "1")
		r.Header.Set("If-None-Match", tag)
		return x.Do(person, r)
	}
	for _, path := range []string{at, "/sitzung/1/leinwand"} {
		a := look(apptest.Ada, path, "")
		if a.Code != 200 || !a.Has(`data-live="/strom?seit=`) || !a.Has(`data-user="6"`) || !a.Has(`id="saal"`) || !a.Has(`data-live-say="TOP 2: Sommerfest"`) || a.Has("<nav") || a.Has("<header") {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		tag := a.Header.Get("ETag")
		if b := look(apptest.Ada, path, tag); b.Code != 304 || b.Body != "" {
			t.Errorf("%s, nothing has changed: %d", path, b.Code)
		}
		x.must(apptest.Chair, "/uhr", "minutes", fmt.Sprint(len(path)), "version", x.version())
		if b := look(apptest.Ada, path, tag); b.Code != 200 || b.Header.Get("ETag") == tag {
			t.Errorf("%s, the timer was set: %d", path, b.Code)
		}
	}
	if a := look(apptest.Ada, at, look(apptest.Dana, at, "").Header.Get("ETag")); a.Code != 304 {
		t.Errorf("two members see the same: %d", a.Code)
	}
	if a := look(apptest.Chair, at, ""); !a.Has("Sitzung leiten") {
		t.Error(a.Body)
	}
	x.must(apptest.Ada, "/anwesend", "kind", "came")
	if a := look(apptest.Ada, at, ""); !a.Has("Ich gehe") || look(apptest.Dana, at, "").Has("Ich gehe") {
		t.Errorf("each sees their own: %s", a.Body)
	}
	x.sql(`UPDATE membership SET until = ? WHERE person = ? AND unit = ?`, apptest.Start.Unix(), apptest.Ada, apptest.Council)
	if a := look(apptest.Ada, at, ""); a.Code != 403 && a.Code != 404 {
		t.Errorf("her term has ended: %d", a.Code)
	}
}
