package message_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/message"
)

// A device fetches one's own conversations of the last weeks, again when something was said, and nobody else's.
func TestAhead(t *testing.T) {
	h, s, _ := site(t)
	ahead := func(person int64) (all []string) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			v, err := viewer(tx, person, h)
			if err != nil {
				return err
			}
			all, err = message.Ahead(tx, v, h.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := ahead(apptest.Ada)
	if len(before) != 1 || !strings.HasPrefix(before[0], "/nachrichten#") {
		t.Fatalf("before anything was said: %v", before)
	}
	talk := asked(t, s)
	first := ahead(apptest.Ada)
	if len(first) != 2 || first[0] == before[0] || !strings.HasPrefix(first[1], talk+"#") {
		t.Errorf("after the question: %v", first)
	}
	if a := s.Post(apptest.Stefan, talk, "uid", "0198c7a2-0000-7000-8000-000000000002", "body", "Ja, im Flur."); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if again := ahead(apptest.Ada); len(again) != 2 || again[0] == first[0] || again[1] == first[1] {
		t.Errorf("after the answer: %v, as before", again)
	}
	if others := ahead(apptest.Cem); slices.ContainsFunc(others, func(p string) bool { return strings.HasPrefix(p, talk) }) {
		t.Errorf("another family fetches it: %v", others)
	}
	h.Clock.Add(31 * 24 * time.Hour)
	if old := ahead(apptest.Ada); len(old) != 1 {
		t.Errorf("a month later: %v", old)
	}
}
