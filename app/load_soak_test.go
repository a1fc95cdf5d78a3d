//go:build linux

package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// A sample is what a house uses at a moment.
type sample struct {
	at         time.Duration
	memory     float64 // bytes
	goroutines float64
	files      float64
	log        float64 // bytes of the write-ahead log of the database
}

// TestLoadSoak: a house in which families have pages open, look and write all the time does not grow, once it is warm. Search
// and outbox have their work with every write. The longer it lasts, the smaller a leak that is found: within half a minute, one
// of a goroutine or of 64 KB with every request.
//
//	NESTFUNK_SOAK=2h NESTFUNK_FIGURES=1 go test -count 1 -timeout 3h -run '^TestLoadSoak$' -v ./app
func TestLoadSoak(t *testing.T) {
	during := lasting(t, "NESTFUNK_SOAK", 30*time.Second, 6*time.Second)
	t.Parallel()
	town := loadedTown(t)
	s := serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	s.stop() // what it took to make the index is given back some time later, and would look like growth after that
	s = serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	for _, w := range soak(t, s, town, during) {
		t.Error(w)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d: %s", code, tail(s.errs.String()))
	}
}

// soak is what grows in a house that is used for so long.
func soak(t testing.TB, s *server, town *loaded, during time.Duration) (wrong []string) {
	rate, streams, warm := 20.0, 500, time.Duration(0)
	if during < 10*time.Minute {
		rate, streams = 80, 50  // there has to be something to see
		warm = 12 * time.Second // in which SQLite keeps the pages that are asked for
	}
	_, ended := attend(t, s.base, streams)
	c := newClient(t, s.base)
	c.Transport.(*http.Transport).MaxConnsPerHost = 32 // else a slow moment of the machine looks like growth
	y := newTally()
	c.drive(t.Context(), newTally(), rate, warm, town.look)
	c.wait()
	c.drive(t.Context(), y, rate, during, town.look)
	c.drive(t.Context(), y, rate/10, during, town.write)
	var all []sample
	tick := time.NewTicker(max(during/200, 100*time.Millisecond))
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < during; {
		<-tick.C
		all = append(all, measure(t, s, town.dir, time.Since(began)))
	}
	c.wait()
	for what, n := range y.wrong {
		wrong = append(wrong, fmt.Sprintf("%d times %s", n, what))
	}
	if n := ended(); n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d streams have ended", n, streams))
	}
	grown, words := growth(all, len(y.all()))
	words = fmt.Sprintf("%.0f s lang, %d Anfragen, %d offene Seiten: %s", during.Seconds(), len(y.all()), streams, words)
	t.Log(words)
	if wrong = append(wrong, grown...); len(wrong) == 0 {
		apptest.Figure(t, "soak", words)
	}
	return wrong
}

func measure(t testing.TB, s *server, dir string, at time.Duration) sample {
	t.Helper()
	x := sample{at: at, memory: resident(t, s), goroutines: gauges(t, s)["nestfunk_goroutines"]}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	x.files = float64(len(open))
	if wal, err := os.Stat(filepath.Join(dir, "nestfunk.db-wal")); err == nil {
		x.log = float64(wal.Size())
	}
	return x
}

// growth compares the last quarter of the samples with the second; the first is for warming up. Of memory, the least of each
// quarter is what is not garbage. With all that the requests between the two have taken, a leak of 64 KB in every request is
// found, and never less than a twentieth of the whole.
func growth(all []sample, requests int) (wrong []string, words string) {
	if len(all) < 20 {
		return []string{fmt.Sprintf("%d samples are too few to tell", len(all))}, ""
	}
	second, last := all[len(all)/4:len(all)/2], all[len(all)*3/4:]
	of := func(x []sample, f func(sample) float64) (least, middle, most float64) {
		v := make([]float64, len(x))
		for i := range x {
			v[i] = f(x[i])
		}
		slices.Sort(v)
		return v[0], v[len(v)/2], v[len(v)-1]
	}
	const mb = 1 << 20
	was, _, _ := of(second, func(s sample) float64 { return s.memory })
	is, _, most := of(last, func(s sample) float64 { return s.memory })
	// Between the middles of the two quarters lies half of the time.
	if may := max(0.05*was, min(24*mb, float64(requests)/2*32*1024)); is-was > may {
		wrong = append(wrong, fmt.Sprintf("memory grows from %.1f to %.1f MB, and may by %.1f", was/mb, is/mb, may/mb))
	}
	for _, c := range []struct {
		what string
		may  float64
		of   func(sample) float64
	}{
		{"goroutines", 30, func(s sample) float64 { return s.goroutines }},
		{"open files and connections", 30, func(s sample) float64 { return s.files }},
	} {
		_, was, _ := of(second, c.of)
		_, is, _ := of(last, c.of)
		if is-was > c.may {
			wrong = append(wrong, fmt.Sprintf("%s grow from %.0f to %.0f", c.what, was, is))
		}
	}
	_, _, log := of(all, func(s sample) float64 { return s.log })
	if log > 64*mb {
		wrong = append(wrong, fmt.Sprintf("the write-ahead log of the database has %.0f MB", log/mb))
	}
	_, g, _ := of(last, func(s sample) float64 { return s.goroutines })
	_, f, _ := of(last, func(s sample) float64 { return s.files })
	return wrong, fmt.Sprintf("Speicher %.0f MB, danach %.0f MB (höchstens %.0f); %.0f Goroutinen, %.0f offene Dateien, Journal höchstens %.0f MB", was/mb, is/mb, most/mb, g, f, log/mb)
}

// The judgement itself: a house that stays as it is passes, each kind of growth does not.
func TestLoadGrowth(t *testing.T) {
	series := func(f func(i int, s *sample)) (all []sample) {
		for i := range 200 {
			s := sample{memory: 100 << 20, goroutines: 90, files: 80, log: 4 << 20}
			s.memory += float64(i%7) * (4 << 20) // garbage
			s.goroutines += float64(i % 20)
			f(i, &s)
			all = append(all, s)
		}
		return all
	}
	for _, c := range []struct {
		name string
		want int
		f    func(i int, s *sample)
	}{
		{"nothing grows", 0, func(int, *sample) {}},
		{"it warms up", 0, func(i int, s *sample) {
			s.memory += float64(min(i, 45)) * (1 << 20)
			s.goroutines += float64(min(i, 45))
		}},
		{"memory", 1, func(i int, s *sample) { s.memory += float64(i) * (1 << 18) }},
		{"goroutines", 1, func(i int, s *sample) { s.goroutines += float64(i) }},
		{"files", 1, func(i int, s *sample) { s.files += float64(i) }},
		{"write-ahead log", 1, func(i int, s *sample) { s.log += float64(i) * (1 << 20) }},
	} {
		if wrong, _ := growth(series(c.f), 2_000); len(wrong) != c.want {
			t.Errorf("%s: %q", c.name, wrong)
		}
	}
}
