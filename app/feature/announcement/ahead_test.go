package announcement

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

func ahead(t *testing.T, h *apptest.House, person int64) (all []string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, h.Now())
		if err != nil {
			return err
		}
		all, err = Ahead(tx, v, h.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// paths are the pages without their marks.
func paths(all []string) (out []string) {
	for _, p := range all {
		path, _, _ := strings.Cut(p, "#")
		out = append(out, path)
	}
	return out
}

// A device fetches what its person may see, again when it has changed, and nothing that names other families.
func TestAhead(t *testing.T) {
	h, s := site(t)
	if all := ahead(t, h, apptest.Ada); !slices.Equal(all, []string{"/", "/mitteilungen"}) {
		t.Errorf("before anything has happened: %v", all)
	}
	id := closeKaefer(t, s, 2)
	before := ahead(t, h, apptest.Ada)
	if want := []string{"/", "/mitteilungen", "/mitteilung/" + id, "/schliessung/" + id}; !slices.Equal(paths(before), want) {
		t.Errorf("%v, want %v", before, want)
	}
	for _, p := range paths(before) {
		if a := s.Get(apptest.Ada, p); a.Code != 200 || a.Header.Get("X-Offline") != "keep" || a.Header.Get("X-Person") != "6" {
			t.Errorf("%s: %d %v", p, a.Code, a.Header)
		}
	}
	s.Post(apptest.Ada, "/mitteilung/"+id+"/bestaetigen")
	after := ahead(t, h, apptest.Ada)
	if slices.Equal(before, after) || !slices.Equal(paths(before), paths(after)) {
		t.Errorf("confirmed: %v, before %v", after, before)
	}
	s.Post(apptest.Hanna, "/schliessung/"+id+"/aufheben", "version", "1")
	if again := ahead(t, h, apptest.Ada); slices.Equal(paths(after), paths(again)) {
		t.Errorf("reopened: %v", again)
	}
	if all := paths(ahead(t, h, apptest.Cem)); len(all) != 2 {
		t.Errorf("Cem's device fetches what concerns another group: %v", all)
	}
	if all := paths(ahead(t, h, apptest.Hanna)); slices.Contains(all, "/schliessung/"+id) || !slices.Contains(all, "/mitteilung/"+id) {
		t.Errorf("the head's device: %v", all)
	}
	if a := s.Get(apptest.Hanna, "/schliessung/"+id); a.Header.Get("X-Offline") != "" {
		t.Error("a page that names children of other families may be kept")
	}
	if all := ahead(t, h, apptest.Former); len(all) != 0 {
		t.Errorf("somebody without a role: %v", all)
	}
	h.Clock.Add(aheadFor + time.Hour)
	if all := paths(ahead(t, h, apptest.Ada)); len(all) != 2 {
		t.Errorf("a month later: %v", all)
	}
}

// Only whole pages are kept: not the part of one child, nor older ones.
func TestOnlyWholePagesAreKept(t *testing.T) {
	_, s := site(t)
	for path, want := range map[string]string{"/": "keep", "/?quelle=app": "keep", "/?kind=1": "", "/mitteilungen": "keep", "/mitteilungen?vor=1-1": "",
		"/mitteilungen/neu": "", "/schliessungen": ""} {
		if a := s.Get(apptest.Hanna, path); a.Code != 200 || a.Header.Get("X-Offline") != want {
			t.Errorf("%s: %d, %q", path, a.Code, a.Header.Get("X-Offline"))
		}
	}
}
