package minutes

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// autosave sends what the script sends.
func (s *town) autosave(person int64, form url.Values) apptest.Answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", apptest.Base+"/protokoll/1/schreiben", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set(byScript, "1")
	return s.Do(person, r)
}

// part is what the script sends of a form: what was typed at one item.
func part(form url.Values, no, item, body string) url.Values {
	return url.Values{"pen": form["pen"], "form": form["form"], "no": {no}, "base-" + item: form["base-"+item], "body-" + item: {body}}
}

func (s *town) textOf(item int64) (t Text) {
	s.t.Helper()
	s.read(func(tx *store.Tx) error {
		all, err := texts(tx, 1)
		t = all[item]
		return err
	})
	return t
}

// TestTakeOver: Bert takes over while Vera types. Nothing of either is lost.
func TestTakeOver(t *testing.T) {
	s := newTown(t)
	veras := sheetOf(t, s.must(vera, "/protokolle/neu", "meeting", "41"))
	if a := s.autosave(vera, part(veras, "1", "7", "Vera hat den ersten Satz")); a.Code != 200 || !a.Has(`"by":""`) {
		t.Fatalf("autosave: %d %s", a.Code, a.Body)
	}
	page := s.Get(bert, "/protokoll/1/schreiben")
	if !strings.Contains(said(page.Body), "Vera Vorsitz schreibt gerade") || page.Has("<textarea") {
		t.Errorf("Bert sees: %s", said(page.Body))
	}
	if a := s.Post(bert, "/protokoll/1/stift", "do", "take"); a.Code != 303 || s.Get(bert, "/protokoll/1/schreiben").Has("<textarea") {
		t.Errorf("Bert has the pen without taking it over: %d", a.Code)
	}
	listen := s.Live.Listen(who.Viewer{ID: vera}, nil, "")
	berts := sheetOf(t, s.must(bert, "/protokoll/1/stift", "do", "over"))
	select {
	case <-listen.C():
	default:
		t.Error("Vera's page is not told")
	}
	listen.Close()
	if got := berts.Get("body-7"); got != "Vera hat den ersten Satz" {
		t.Errorf("Bert begins with %q", got)
	}
	// What Vera had typed meanwhile comes late: her tab learns who writes, and her words are kept.
	a := s.autosave(vera, part(veras, "2", "7", "Vera hat den ersten Satz und noch einen"))
	if a.Code != 200 || !a.Has(`"by":"Bert Demir"`) || !a.Has(`"aside":1`) {
		t.Errorf("late autosave: %d %s", a.Code, a.Body)
	}
	s.autosave(vera, part(veras, "2", "7", "Vera hat den ersten Satz und noch einen")) // the same again
	if got := s.textOf(7).Body; got != "Vera hat den ersten Satz" {
		t.Errorf("the text is %q", got)
	}
	s.autosave(bert, part(berts, "1", "7", "Bert schreibt weiter"))
	page = s.Get(bert, "/protokoll/1/schreiben")
	if n := strings.Count(page.Body, "Vera hat den ersten Satz und noch einen"); n != 1 {
		t.Errorf("Bert sees Vera's words %d times:\n%s", n, said(page.Body))
	}
	if !strings.Contains(said(s.Get(vera, "/protokoll/1/schreiben").Body), "und noch einen") {
		t.Error("Vera does not see her words")
	}
	if a := s.Post(vera, "/protokoll/1/beiseite", "aside", "1", "do", "in"); a.Code != http.StatusConflict {
		t.Errorf("Vera takes in without the pen: %d", a.Code)
	}
	s.must(bert, "/protokoll/1/beiseite", "aside", "1", "do", "in")
	if got := s.textOf(7).Body; got != "Bert schreibt weiter\n\nVera hat den ersten Satz und noch einen" {
		t.Errorf("merged: %q", got)
	}
	// Bert's tab, which does not know of it, overwrites nothing.
	if a := s.autosave(bert, part(berts, "2", "7", "Bert weiß davon nichts")); !a.Has(`"aside":1`) {
		t.Errorf("an older form: %s", a.Body)
	}
	if got := s.textOf(7).Body; !strings.Contains(got, "und noch einen") {
		t.Errorf("overwritten: %q", got)
	}
	// Without a script it is the same, and in words.
	veras.Set("body-8", "Vera ohne Skript")
	if page := said(s.must(vera, "/protokoll/1/schreiben", pairs(veras)...)); !strings.Contains(page, "Inzwischen schreibt Bert Demir. Ihr Text ist nicht verloren") || !strings.Contains(page, "Vera ohne Skript") {
		t.Errorf("without a script: %s", page)
	}
	// After ten quiet minutes nobody has to take over.
	s.Clock.Add(11 * time.Minute)
	if page := said(s.must(vera, "/protokoll/1/stift", "do", "take")); !strings.Contains(page, "Sie schreiben") {
		t.Errorf("after a pause: %s", page)
	}
	if a := s.Post(dana, "/protokoll/1/stift", "do", "over"); a.Code != http.StatusNotFound {
		t.Errorf("a member who does not keep the minutes has the pen: %d", a.Code)
	}
	s.must(vera, "/protokoll/1/fuehrung", "keeper", "8")
	if page := said(s.must(dana, "/protokoll/1/stift", "do", "over")); !strings.Contains(page, "Sie schreiben") {
		t.Errorf("who keeps the minutes: %s", page)
	}
	if page := said(s.must(vera, "/protokoll/1/schreiben", pairs(veras)...)); !strings.Contains(page, "Inzwischen schreibt Dana Beirat") {
		t.Errorf("the first is not told: %s", page)
	}
	s.refused(dana, http.StatusNotFound, "", "/protokoll/1/versenden")
	s.refused(vera, http.StatusUnprocessableEntity, "aus dem Gremium", "/protokoll/1/fuehrung", "keeper", "6")
}

// TestAutosave: an answer that is lost, a request that is overtaken and a second window of the same person lose nothing.
func TestAutosave(t *testing.T) {
	s := newTown(t)
	form := sheetOf(t, s.must(vera, "/protokolle/neu", "meeting", "41"))
	s.autosave(vera, part(form, "1", "7", "eins"))
	// The answer was lost: the form still names the version from before, and the house knows it again.
	if a := s.autosave(vera, part(form, "2", "7", "eins zwei")); !a.Has(`"aside":0`) || s.textOf(7).Body != "eins zwei" {
		t.Errorf("after a lost answer: %s, %q", a.Body, s.textOf(7).Body)
	}
	// What was sent before and comes later changes nothing.
	s.autosave(vera, part(form, "4", "7", "eins zwei drei"))
	if a := s.autosave(vera, part(form, "3", "7", "eins zwei d")); !a.Has(`"aside":0`) || s.textOf(7).Body != "eins zwei drei" {
		t.Errorf("overtaken: %s, %q", a.Body, s.textOf(7).Body)
	}
	// A second window knows another version. Its words are kept aside.
	old := sheetOf(t, s.Get(vera, "/protokoll/1/schreiben").Body)
	s.autosave(vera, part(form, "5", "7", "eins zwei drei vier"))
	if a := s.autosave(vera, part(old, "1", "7", "aus dem zweiten Fenster")); !a.Has(`"aside":1`) || s.textOf(7).Body != "eins zwei drei vier" {
		t.Errorf("second window: %s, %q", a.Body, s.textOf(7).Body)
	}
	// What nobody has typed in a form that is old is nobody's words.
	if a := s.autosave(vera, old); !a.Has(`"aside":0`) {
		t.Errorf("an untouched form: %s", a.Body)
	}
	// States are kept, but not each of a few seconds.
	s.Clock.Add(6 * time.Minute)
	s.autosave(vera, part(form, "6", "7", "eins zwei drei vier fünf"))
	s.read(func(tx *store.Tx) error {
		all, err := versions(tx, 1, 7, 50)
		if len(all) != 2 || all[0].Body != "eins zwei drei vier fünf" || all[1].Body != "eins zwei drei vier" {
			t.Errorf("versions: %+v", all)
		}
		return err
	})
	if page := said(s.Get(vera, "/protokoll/1/fassungen?punkt=7").Body); !strings.Contains(page, "eins zwei drei vier fünf") {
		t.Errorf("history: %s", page)
	}
	// An item that is taken off the agenda takes no words along.
	s.meetings[april].Items = s.meetings[april].Items[1:]
	s.autosave(vera, part(form, "7", "7", "sechs"))
	page := said(s.Get(vera, "/protokoll/1/schreiben").Body)
	if !strings.Contains(page, "eins zwei drei vier fünf") || !strings.Contains(page, "sechs") || !strings.Contains(page, "nicht mehr auf der Tagesordnung") {
		t.Errorf("taken off: %s", page)
	}
	s.refused(vera, http.StatusBadRequest, "nicht kennt", "/protokoll/1/schreiben", "pen", "1", "body-x", "?")
	if a := s.autosave(vera, part(form, "8", "8", strings.Repeat("ä", mostBody+1))); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a novel: %d", a.Code)
	}
}
