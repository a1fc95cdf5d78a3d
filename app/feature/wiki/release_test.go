package wiki

import (
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// approving turns approval on for an archive.
func approving(t *testing.T, s *apptest.Site, person int64, archive string) {
	t.Helper()
	if a := s.Post(person, archive+"/einstellungen", "approve", "1"); a.Code != 303 {
		t.Fatalf("approval for %s: %d %s", archive, a.Code, main(a.Body))
	}
}

// TestWhoReleases: another who leads the archive or stands above, in a committee another member.
func TestWhoReleases(t *testing.T) {
	_, s := serve(t)
	approving(t, s, apptest.Hanna, "/archiv/4")
	approving(t, s, apptest.Dana, "/archiv/10")
	for _, c := range []struct {
		name             string
		author, unit, by int64
		may              bool
	}{
		{"head for staff", apptest.Stefan, apptest.Sonne, apptest.Hanna, true},
		{"carrier for staff", apptest.Stefan, apptest.Sonne, apptest.Max, true},
		{"office for head", apptest.Hanna, apptest.Sonne, apptest.Olga, true},
		{"staff for head", apptest.Hanna, apptest.Sonne, apptest.Stefan, false},
		{"head for herself", apptest.Hanna, apptest.Sonne, apptest.Hanna, false},
		{"a mother", apptest.Stefan, apptest.Sonne, apptest.Ada, false},
		{"another carrier", apptest.Stefan, apptest.Sonne, apptest.Greta, false},
		{"member for chair", apptest.Chair, apptest.Council, apptest.Dana, true},
		{"chair for member", apptest.Dana, apptest.Council, apptest.Chair, true},
		{"head for a committee", apptest.Dana, apptest.Council, apptest.Hanna, false},
	} {
		at := write(t, s, c.author, c.unit, Around, c.name, "Neu.")
		rev := "/fassung/" + strings.TrimPrefix(at, "/seite/") // each page has one revision
		if offered := strings.Contains(main(s.Get(c.by, rev).Body), ">Freigeben<") || strings.Contains(main(s.Get(c.by, rev).Body), "</svg>Freigeben"); offered != c.may {
			t.Errorf("%s: offered %v", c.name, offered)
		}
		if a := s.Post(c.by, rev+"/freigeben"); (a.Code == 303) != c.may {
			t.Errorf("%s releases: %d %s", c.name, a.Code, main(a.Body))
		}
		reader := int64(apptest.Cem)
		if a := s.Get(reader, at); (a.Code == 200) != c.may {
			t.Errorf("%s: Cem reads it: %d", c.name, a.Code)
		}
	}
	if a := s.Post(apptest.Stefan, "/archiv/4/einstellungen"); a.Code != 403 {
		t.Errorf("Stefan turns approval off: %d", a.Code)
	}
	if a := s.Get(apptest.Stefan, "/archiv/4"); a.Has("brauchen eine Freigabe") {
		t.Error("Stefan is offered to turn approval off")
	}
	if a := s.Post(apptest.Olga, "/archiv/1/einstellungen", "approve", "1"); a.Code != 409 || !a.Has("niemanden") {
		t.Errorf("an archive where nobody else could release: %d", a.Code)
	}
}

// TestReleaseIsAsked: who may release is told once, what waits is listed, and goes back with a reason.
func TestReleaseIsAsked(t *testing.T) {
	h, s := serve(t)
	accounts(t, h)
	approving(t, s, apptest.Hanna, "/archiv/4")
	at := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Neues Lied", "Lalala")
	save(t, s, apptest.Stefan, at, "Neues Lied", "Lalala lala")
	h.Work(t)
	if got, want := mailed(h, "Wartet auf Ihre Freigabe: Neues Lied"), people(apptest.Hanna); !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has("Wartet auf Freigabe") || !a.Has("neue Seite") || !a.Has("von Stefan Fachkraft") {
		t.Errorf("Hanna's list: %s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, "/archiv/4"); a.Has("Neues Lied") || a.Has("Wartet auf Freigabe") {
		t.Error("Ada reads what waits")
	}
	if a := s.Get(apptest.Stefan, "/fassung/2"); !a.Has("jemand anderes") || !a.Has("Hanna Leitung") || a.Has("Zurückgeben") {
		t.Errorf("Stefan's page: %s", main(a.Body))
	}
	if a := s.Post(apptest.Stefan, "/fassung/2/zurueck", "reason", "x"); a.Code != 422 || !a.Has("jemand anderes") {
		t.Errorf("Stefan sends back his own: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, "/fassung/2/zurueck", "reason", "x"); a.Code == 303 {
		t.Error("Ada sends it back")
	}
	for _, reason := range []string{"", strings.Repeat("ä", mostReason+1), "x\x07"} {
		if a := s.Post(apptest.Hanna, "/fassung/2/zurueck", "reason", reason); a.Code != 422 {
			t.Errorf("a reason of %d bytes: %d", len(reason), a.Code)
		}
	}
	if a := s.Post(apptest.Hanna, "/fassung/2/zurueck", "reason", "Die zweite Strophe fehlt."); a.Code != 303 {
		t.Fatalf("back: %d %s", a.Code, main(a.Body))
	}
	h.Work(t)
	if got, want := mailed(h, "Zurück an Sie: Neues Lied"), people(apptest.Stefan); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	for _, m := range h.Post.Sent() {
		if strings.Contains(m.Text, "Strophe") || strings.Contains(m.Text, "Lalala") {
			t.Error("a mail carries what was written")
		}
	}
	if a := s.Get(apptest.Stefan, at); !a.Has("Zurück von Hanna Leitung") || !a.Has("Die zweite Strophe fehlt.") || !a.Has("Lalala lala") || a.Has(">Ansehen<") {
		t.Errorf("Stefan reads: %s", main(a.Body))
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has("zurückgegeben") {
		t.Error("the list does not say that it went back")
	}
	save(t, s, apptest.Stefan, at, "Neues Lied", "Lalala lala, la la")
	h.Work(t)
	if got := mailed(h, "Wartet auf Ihre Freigabe"); len(got) != 2 {
		t.Errorf("after the correction: %v", got)
	}
	if a := s.Get(apptest.Stefan, at); a.Has("Strophe") {
		t.Error("the reason is still there")
	}
	if a := s.Post(apptest.Hanna, "/fassung/3/freigeben"); a.To != at {
		t.Errorf("release: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, at); !a.Has("la la") {
		t.Error("Ada does not read it")
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); a.Has("Wartet auf Freigabe") {
		t.Error("the list is not empty")
	}
	// Hanna corrects what Stefan left: now her carrier is asked.
	save(t, s, apptest.Stefan, at, "Neues Lied", "Eins")
	save(t, s, apptest.Hanna, at, "Neues Lied", "Zwei")
	h.Work(t)
	if got, want := mailed(h, "Wartet auf Ihre Freigabe"), people(apptest.Hanna, apptest.Hanna, apptest.Max); !slices.Equal(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// TestReadersNeedRelease: what was released for few is opened to more by who may release; who releases sees for whom.
func TestReadersNeedRelease(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Intern", "Unter uns.")
	approving(t, s, apptest.Hanna, "/archiv/4")
	if a := s.Post(apptest.Stefan, at+"/leser", "access", "public"); a.Code != 422 || !a.Has("wer freigeben darf") || s.Get(apptest.Nobody, at).Has("Unter uns") {
		t.Errorf("Stefan opens it to the world: %d", a.Code)
	}
	if a := s.Post(apptest.Stefan, at+"/leser", "access", "staff"); a.Code != 303 {
		t.Errorf("Stefan leaves it as it is: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, at+"/leser", "access", "house"); a.Code != 303 {
		t.Errorf("Hanna opens it: %d", a.Code)
	}
	if a := s.Post(apptest.Stefan, at+"/leser", "access", "unit"); a.Code != 303 {
		t.Errorf("Stefan narrows it: %d", a.Code)
	}
	fresh := write(t, s, apptest.Stefan, apptest.Sonne, Staff, "Neu", "x")
	if a := s.Post(apptest.Stefan, fresh+"/leser", "access", "public"); a.Code != 303 {
		t.Errorf("what nobody reads yet: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/fassung/2"); !a.Has("Lesen werden sie: Öffentlich, auch ohne Anmeldung") {
		t.Errorf("Hanna is not told for whom she releases: %s", main(a.Body))
	}
}

// TestNothingUnreleasedIsSeen looks at every path of a reader for words, titles and links that are not released.
func TestNothingUnreleasedIsSeen(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Ausflug", "Ans Meer.")
	from := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Rundblick", "[[Ausflug]] [[Wandertag]]")
	wide := write(t, s, apptest.Max, apptest.CarrierA, Around, "Beim Träger", "[[Wandertag]]")
	write(t, s, apptest.Hanna, apptest.Sonne, Around, "Ablage", "x")
	approving(t, s, apptest.Hanna, "/archiv/4")
	save(t, s, apptest.Stefan, at, "Wandertag", "In den Zauberwald.")
	draft := write(t, s, apptest.Stefan, apptest.Sonne, House, "Wandertag 2", "Zauberwald")
	for _, id := range []int64{apptest.Ada, apptest.Cem, apptest.Dana, apptest.Rosa, apptest.Nobody} {
		for _, path := range []string{"/wissen", "/archiv/4", at, from, wide, draft, at + "/fassungen", "/fassung/5", "/fassung/6", at + "/bearbeiten", "/wissen/titel?archiv=4&q=wander", at + "/einrichten"} {
			a := s.Get(id, path)
			if body := main(a.Body) + a.Header.Get("Location"); strings.Contains(body, "Zauberwald") || strings.Contains(strings.ReplaceAll(body, `<span class="dead">Wandertag</span>`, ""), "Wandertag") {
				t.Errorf("person %d reads at %s: %d %s", id, path, a.Code, body)
			}
		}
	}
	if a := s.Get(apptest.Ada, from); !a.Has(`<span class="dead">Wandertag</span>`) || !a.Has(`<a href="`+at+`">Ausflug</a>`) {
		t.Errorf("Ada's links: %s", main(a.Body))
	}
	if a := s.Get(apptest.Stefan, from); a.Has(`class="dead"`) {
		t.Errorf("Stefan's links: %s", main(a.Body))
	}
	if a := s.Get(apptest.Dana, "/wissen/titel?archiv=10&q=wander"); a.Code != 200 || a.Has("Wander") {
		t.Errorf("Dana completes an unreleased title: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Stefan, "/wissen/titel?archiv=4&q=wander"); !a.Has("Wandertag 2") {
		t.Errorf("Stefan cannot link to what he has written: %s", a.Body)
	}
}
