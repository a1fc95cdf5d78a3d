package announcement

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

func site(t *testing.T) (*apptest.House, *apptest.Site) {
	h := apptest.New(t)
	f := New(h.House, Wires{})
	return h, h.Serve(t, f)
}

// close reports that Käfer stays closed today, with places of emergency care.
func closeKaefer(t *testing.T, s *apptest.Site, places int) string {
	t.Helper()
	a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", fmt.Sprint(apptest.Sonne),
		"group", fmt.Sprint(apptest.Kaefer), "when", "today", "hours", "all", "reason", "illness", "rule", "first", "confirm", "1",
		"care", "1", "places", fmt.Sprint(places))
	if a.Code != 303 {
		t.Fatalf("close: %d %s", a.Code, a.Body)
	}
	return strings.TrimSuffix(strings.TrimPrefix(a.To, "/mitteilung/"), "/stand")
}

// The story of the house: a group stays closed, the family is told, confirms,
// and the head sees who is left to call.
func TestClosureReachesFamilies(t *testing.T) {
	h, s := site(t)
	id := closeKaefer(t, s, 2)
	h.Work(t)

	if a := s.Get(apptest.Ada, "/"); a.Code != 200 || !a.Has("Gruppe Käfer bleibt heute geschlossen") || !a.Has("Gelesen bestätigen") || !a.Has("Krankheit im Team") {
		t.Fatalf("Ada's start page: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Cem, "/"); a.Has("Käfer") {
		t.Error("Cem's child is in another group, yet he sees the closure")
	}
	stand := "/mitteilung/" + id + "/stand"
	a := s.Get(apptest.Hanna, stand)
	if a.Code != 200 || !a.Has("0 von 1 Kindern") || !a.Has("Mila Demir") || !a.Has("tel:0461111") || !a.Has("zugestellt, nicht bestätigt") {
		t.Fatalf("coverage before: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Ada, "/mitteilung/"+id+"/bestaetigen", "back", "/"); a.Code != 303 || a.To != "/" {
		t.Fatalf("confirm: %d %s", a.Code, a.To)
	}
	if a := s.Get(apptest.Ada, "/"); !a.Has("Bestätigt heute, 7:12 Uhr. Danke!") {
		t.Errorf("after confirming: %s", a.Body)
	}
	a = s.Get(apptest.Hanna, stand)
	if !a.Has("1 von 1 Kindern") || !a.Has("Ada Demir") || !a.Has("100&nbsp;%") {
		t.Errorf("coverage after: %s", a.Body)
	}
	// Carriers and city see numbers, never names; other facilities see nothing.
	for _, p := range []int64{apptest.Max, apptest.Olga} {
		if a := s.Get(p, stand); a.Code != 200 || a.Has("Mila") || a.Has("Demir") || !a.Has("1 von 1 Kindern") {
			t.Errorf("person %d: %d %s", p, a.Code, a.Body)
		}
	}
	for _, p := range []int64{apptest.Rosa, apptest.Greta, apptest.Cem, apptest.Dana, apptest.Invited, apptest.Former, apptest.Locked, apptest.Arno} {
		if a := s.Get(p, stand); a.Code == 200 {
			t.Errorf("person %d sees the coverage", p)
		}
	}
	if a := s.Post(apptest.Hanna, "/schliessung/"+id+"/aufheben", "version", "1"); a.Code != 303 {
		t.Fatalf("reopen: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, "/"); !a.Has("Gruppe Käfer ist wieder geöffnet") || a.Has("Gelesen bestätigen") {
		t.Errorf("after reopening: %s", a.Body)
	}
	if a := s.Post(apptest.Hanna, "/schliessung/"+id+"/aufheben", "version", "1"); a.Code != 409 && a.Code != 422 {
		t.Errorf("the second who reopens is not told: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/schliessungen"); !a.Has("vorzeitig aufgehoben") {
		t.Errorf("book: %s", a.Body)
	}
}

// A mail's link shows a button and confirms nothing by itself.
func TestConfirmFromMail(t *testing.T) {
	h, s := site(t)
	id := closeKaefer(t, s, 1)
	h.Work(t)
	sent := h.Post.Sent()
	var text string
	for _, m := range sent {
		if m.To == "ada@example.org" {
			text = m.Text
			if m.Unsubscribe != "" {
				t.Error("a closure can be unsubscribed from")
			}
		}
	}
	link := regexp.MustCompile(`/b/[\w-]+`).FindString(text)
	if link == "" {
		t.Fatalf("no link in %q of %d mails", text, len(sent))
	}
	before := h.DB.Changes()
	if a := s.Get(apptest.Nobody, link); a.Code != 200 || !a.Has("Ja, gelesen") || a.Has("Mila") {
		t.Fatalf("link: %d %s", a.Code, a.Body)
	}
	if h.DB.Changes() != before {
		t.Error("opening the link writes")
	}
	if a := s.Get(apptest.Hanna, "/mitteilung/"+id+"/stand"); !a.Has("0 von 1 Kindern") {
		t.Errorf("opened is confirmed: %s", a.Body)
	}
	for range 2 {
		if a := s.Post(apptest.Nobody, link); a.Code != 303 {
			t.Fatalf("confirm: %d %s", a.Code, a.Body)
		}
	}
	if a := s.Get(apptest.Hanna, "/mitteilung/"+id+"/stand"); !a.Has("1 von 1 Kindern") || !a.Has("über den Link in der Mail") {
		t.Errorf("not counted: %s", a.Body)
	}
	broken := link[:len(link)-2] + "AA"
	if a := s.Get(apptest.Nobody, broken); a.Code != 404 {
		t.Errorf("broken link: %d", a.Code)
	}
	h.Clock.Add(9 * 24 * time.Hour)
	if a := s.Get(apptest.Nobody, link); a.Code != 404 {
		t.Errorf("old link: %d", a.Code)
	}
}

func TestFormsSayWhatIsWrong(t *testing.T) {
	_, s := site(t)
	for _, test := range []struct {
		name, path, want string
		fields           []string
	}{
		{"no group", "/schliessungen/neu", "Bitte wählen Sie, was geschlossen bleibt", []string{"step", "1", "go", "next", "facility", "4", "when", "today", "hours", "all"}},
		{"no hour", "/schliessungen/neu", "Bitte geben Sie eine Uhrzeit an", []string{"step", "1", "go", "next", "facility", "4", "group", "5", "when", "today", "hours", "from", "starts", "bald"}},
		{"past", "/schliessungen/neu", "schon vorbei", []string{"step", "1", "go", "next", "facility", "4", "group", "5", "when", "days", "first_day", "2020-01-01", "hours", "all"}},
		{"no title", "/mitteilungen/neu", "einen Titel", []string{"unit", "4", "audience", "4", "role", "parent", "body", "behalten"}},
		{"nobody", "/mitteilungen/neu", "an wen", []string{"unit", "4", "role", "parent", "title", "Fest", "body", "behalten"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s.Post(apptest.Hanna, test.path, test.fields...)
			if a.Code != 422 || !a.Has(test.want) || !a.Has(`aria-invalid="true"`) && !a.Has(`class="error"`) {
				t.Errorf("%d %s", a.Code, a.Body)
			}
			for i := 1; i < len(test.fields); i += 2 {
				if test.fields[i-1] == "body" && !a.Has("behalten") {
					t.Error("what was typed is lost")
				}
			}
		})
	}
	if a := s.Post(apptest.Hanna, "/mitteilungen/neu", "title", "x", "unknown", "1"); a.Code != 400 {
		t.Errorf("unknown field: %d", a.Code)
	}
	if a := s.Post(apptest.Rosa, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", "Fremd"); a.Code != 404 {
		t.Errorf("a head of another facility announces here: %d", a.Code)
	}
}

// Everybody is told where the roles and the tree say so, and nobody else.
func TestWhoSees(t *testing.T) {
	h, s := site(t)
	for _, test := range []struct {
		from, unit, audience int64
		role                 string
		see, not             []int64
	}{
		{apptest.Olga, apptest.City, apptest.City, "parent", []int64{apptest.Ada, apptest.Cem, apptest.Dana, apptest.Hanna, apptest.Max, apptest.Olga, apptest.Rosa}, []int64{apptest.Stefan, apptest.Arno, apptest.Silent, apptest.Invited, apptest.Former, apptest.Locked}},
		{apptest.Max, apptest.CarrierA, apptest.CarrierA, "parent", []int64{apptest.Ada, apptest.Cem, apptest.Hanna}, []int64{apptest.Rosa, apptest.Greta, apptest.Stefan}},
		{apptest.Stefan, apptest.Kaefer, apptest.Kaefer, "parent", []int64{apptest.Ada, apptest.Bert, apptest.Hanna, apptest.Max}, []int64{apptest.Cem, apptest.Rosa, apptest.Dana}},
		{apptest.Olga, apptest.City, apptest.City, "heads", []int64{apptest.Hanna, apptest.Rosa, apptest.Max, apptest.Greta}, []int64{apptest.Ada, apptest.Stefan}},
		{apptest.Hanna, apptest.Sonne, apptest.Sonne, "council", []int64{apptest.Dana, apptest.Chair}, []int64{apptest.Ada, apptest.Stefan}},
	} {
		title := fmt.Sprintf("Titel-%d-%s", test.audience, test.role)
		a := s.Post(test.from, "/mitteilungen/neu", "unit", fmt.Sprint(test.unit), "audience", fmt.Sprint(test.audience), "role", test.role, "title", title, "body", "**fett** <script>")
		if a.Code != 303 {
			t.Fatalf("%s: %d %s", title, a.Code, a.Body)
		}
		for _, p := range test.see {
			if !s.Get(p, "/mitteilungen").Has(title) || s.Get(p, a.To).Code != 200 {
				t.Errorf("person %d does not see %s", p, title)
			}
		}
		for _, p := range test.not {
			if s.Get(p, "/mitteilungen").Has(title) || s.Get(p, a.To).Code == 200 {
				t.Errorf("person %d sees %s", p, title)
			}
		}
		if b := s.Get(test.see[0], a.To).Body; strings.Contains(b, "<script>") && !strings.Contains(b, "module") || !strings.Contains(b, "<strong>fett</strong>") {
			t.Errorf("body: %s", b)
		}
	}
	h.Work(t)
}

// A connection may break after the deed: the same form sent twice is one announcement.
func TestSentTwice(t *testing.T) {
	_, s := site(t)
	uid := regexp.MustCompile(`name="uid" value="([^"]+)"`).FindStringSubmatch(s.Get(apptest.Hanna, "/schliessungen/neu").Body)
	if uid == nil {
		t.Fatal("the form has no uid")
	}
	send := func() string {
		return s.Post(apptest.Hanna, "/schliessungen/neu", "uid", uid[1], "step", "3", "go", "send", "facility", "4", "group", "5",
			"when", "today", "hours", "all", "reason", "illness", "rule", "first", "confirm", "1").To
	}
	if a, b := send(), send(); a == "" || a != b {
		t.Errorf("sent twice: %q and %q", a, b)
	}
}
