package files

import (
	"os"
	"testing"
	"time"
)

// TestPreviews: few uploads are kept, and who brings many loses their own first.
func TestPreviews(t *testing.T) {
	start := time.Date(2026, 3, 2, 6, 12, 0, 0, time.UTC)
	var us Previews[int]
	bring := func(person int64, minute int) (token, name string) {
		f, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		return us.Put(&Preview[int]{Person: person, File: f}, start.Add(time.Duration(minute)*time.Minute)), f.Name()
	}
	has := func(token string, person int64, minute int) bool {
		_, err := us.Get(token, person, start.Add(time.Duration(minute)*time.Minute))
		return err == nil
	}
	first, _ := bring(1, 0)
	own, gone := bring(2, 1)
	for i := range 5 {
		bring(2, 2+i)
	}
	if !has(first, 1, 7) || has(own, 2, 7) || len(us.all) != 3 {
		t.Errorf("after six of the second person %d are kept", len(us.all))
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("the file of one that has gone: %v", err)
	}
	if has(first, 2, 7) {
		t.Error("the second person has what the first brought")
	}
	for p := range int64(8) {
		bring(10+p, 8)
	}
	if has(first, 1, 8) || len(us.all) != mostUploads {
		t.Errorf("%d are kept of all, with the oldest", len(us.all))
	}
	last, _ := bring(3, 8+30)
	if len(us.all) != 1 || !has(last, 3, 8+59) || has(last, 3, 8+60) {
		t.Errorf("%d are kept after half an hour", len(us.all))
	}
}
