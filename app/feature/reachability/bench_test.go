package reachability

import (
	"log/slog"
	"net/http"
	"testing"

	"nestfunk/app/apptest"
)

// BenchmarkFamilies opens the page of a head and of the whole city, in a town of 100,000 people.
func BenchmarkFamilies(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	b.Cleanup(func() { slog.SetLogLoggerLevel(slog.LevelInfo) })
	h := apptest.InTown(b, apptest.Full)
	s := h.Serve(b, New(h.House, never))
	for name, person := range map[string]int64{"head": apptest.Full.Head(0), "city": apptest.Full.Clerk()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := s.Get(person, "/erreichbarkeit"); a.Code != http.StatusOK {
					b.Fatal(a.Code)
				}
			}
		})
	}
}
