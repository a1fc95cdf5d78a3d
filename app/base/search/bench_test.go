//go:build unix

package search_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// BenchmarkHundredThousand makes an index of 100,000 documents and asks it as a mother and as a head, one search after the
// other, with the check against the database and the marked extracts:
//
//	go test ./app/base/search -run '^$' -bench HundredThousand -benchtime 1x -timeout 30m
func BenchmarkHundredThousand(b *testing.B) {
	const n = 100_000
	paragraphs := paragraphs(b)
	r := rand.New(rand.NewPCG(1, 2))
	house := &box{docs: make([]search.Doc, n), hidden: map[int64]bool{}}
	size := 0
	var words []string
	for i := range house.docs {
		var body strings.Builder
		for range 2 + r.IntN(3) {
			body.WriteString(paragraphs[r.IntN(len(paragraphs))] + "\n")
		}
		d := &house.docs[i]
		*d = search.Doc{Ref: int64(i + 1), Unit: 1 + r.Int64N(10), Body: body.String(), Author: "Hanna Leitung", At: apptest.Start.AddDate(0, 0, -r.IntN(3000))}
		title := strings.Fields(d.Body)
		d.Title = strings.Join(title[:min(6, len(title))], " ")
		d.Reach = []search.Reach{{Unit: d.Unit, Roles: who.Right([]int{1 << who.Parent, 1 << who.Staff, 1<<who.Parent | 1<<who.Staff}[r.IntN(3)])}}
		size += len(d.Title) + len(d.Body)
		if i%100 == 0 {
			all := strings.Fields(d.Body)
			words = append(words, strings.Trim(all[r.IntN(len(all))], ".,;:()*#„“"))
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 5 })
	for b.Loop() {
		db, dir := apptest.DB(b), filepath.Join(b.TempDir(), "index")
		x := search.New(db, dir)
		x.Add(house.source("text"))
		begin, cpu := time.Now(), used()
		update(b, x)
		took, cpu := time.Since(begin), used()-cpu
		b.ReportMetric(n/took.Seconds(), "docs/s")
		b.ReportMetric(n/cpu.Seconds(), "docs/cpu-s")
		b.ReportMetric(float64(weigh(b, dir))/float64(size), "size/text")
		b.ReportMetric(float64(size)/n, "bytes/doc")
		for _, person := range []int64{apptest.Ada, apptest.Hanna, apptest.Olga} {
			v := viewer(b, db, person)
			for _, kind := range []struct {
				name string
				of   func(int) string
			}{
				{"one", func(i int) string { return words[i%len(words)] }},
				{"two", func(i int) string { return words[i%len(words)] + " " + words[(i*7+1)%len(words)] }},
				{"slip", func(i int) string { w := []rune(words[i%len(words)]); w[2] = 'x'; return string(w) }},
			} {
				var all, cpu []time.Duration
				for i := range 500 {
					begin, was := time.Now(), used()
					ask(b, x, v, kind.of(i))
					all, cpu = append(all, time.Since(begin)), append(cpu, used()-was)
				}
				slices.Sort(all)
				slices.Sort(cpu)
				b.Logf("person %d, %s: p50 %s, p99 %s; of the processor p50 %s, p99 %s", person, kind.name, all[250].Round(10*time.Microsecond), all[495].Round(10*time.Microsecond),
					cpu[250].Round(10*time.Microsecond), cpu[495].Round(10*time.Microsecond))
				if person == apptest.Ada && kind.name == "one" {
					b.ReportMetric(float64(all[250].Microseconds())/1000, "p50-ms")
					b.ReportMetric(float64(all[495].Microseconds())/1000, "p99-ms")
					b.ReportMetric(float64(cpu[495].Microseconds())/1000, "p99-cpu-ms")
					apptest.Figure(b, "search", fmt.Sprintf("99 %% in %.0f ms", float64(all[495].Microseconds())/1000))
				}
			}
		}
		house.docs[n/2].Title = "Heuschreckenplage"
		house.docs[n/2].Public = true
		begin = time.Now()
		if err := db.Write(b.Context(), func(tx *store.Tx) error { return search.Changed(tx, "text", n/2+1) }); err != nil {
			b.Fatal(err)
		}
		update(b, x)
		if a := ask(b, x, who.Viewer{}, "Heuschrecken"); len(a.Hits) != 1 {
			b.Fatal("the changed document is not found")
		}
		b.ReportMetric(float64(time.Since(begin).Milliseconds()), "change-ms")
		x.Close()
	}
}

func viewer(b *testing.B, db *store.DB, person int64) (v who.Viewer) {
	err := db.Read(b.Context(), func(tx *store.Tx) (err error) {
		v, err = org.Viewer(tx, person, apptest.Start)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// paragraphs are those of all German texts.
func paragraphs(b *testing.B) (all []string) {
	err := filepath.WalkDir(texts, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".md") || strings.Contains(name, "datenanfragen/") && !strings.Contains(name, "/de/") {
			return err
		}
		t, err := os.ReadFile(name)
		for p := range strings.SplitSeq(string(t), "\n\n") {
			if p = text.Plain(p, 0); len(p) > 100 && len(p) < 2000 {
				all = append(all, p)
			}
		}
		return err
	})
	if err != nil || len(all) == 0 {
		b.Skip("../shared/data is not here")
	}
	return all
}

func weigh(b *testing.B, dir string) (size int64) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}

func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
