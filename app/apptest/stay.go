package apptest

import (
	"os"
	"sync"
	"testing"
)

// A Stay is a part of a test that needs a house for a while. What the house asks of the test to be done at its end is done
// at the end of the stay, so that a test can have one house after the other and the memory of one.
type Stay struct {
	testing.TB
	mu   sync.Mutex
	ends []func()
}

// NewStay begins a stay; it ends with the test at the latest.
func NewStay(t testing.TB) *Stay {
	s := &Stay{TB: t}
	t.Cleanup(s.End)
	return s
}

// Cleanup has f called at the end of the stay: the last first, as in a test.
func (s *Stay) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = append(s.ends, f)
}

// TempDir is a folder of its own that goes with the stay.
func (s *Stay) TempDir() string {
	s.TB.Helper()
	dir, err := os.MkdirTemp("", "stay")
	if err != nil {
		s.TB.Fatal(err)
	}
	s.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			s.TB.Error(err)
		}
	})
	return dir
}

// End closes what the stay has opened. Ended twice, it does nothing.
func (s *Stay) End() {
	s.mu.Lock()
	ends := s.ends
	s.ends = nil
	s.mu.Unlock()
	for i := range ends {
		ends[len(ends)-1-i]()
	}
}
