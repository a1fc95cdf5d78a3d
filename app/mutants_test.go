//go:build mutant

package app

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nestfunk/app/apptest/mutant"
	"nestfunk/app/base/store"
)

// most requests with which one mutant is tried.
const mostTries = 400

// TestMutants is what TestMutation runs: it tries mutants with the requests of TestSpecified that come by them.
func TestMutants(t *testing.T) {
	if os.Getenv(mutant.List) == "" {
		t.Skip("run by TestMutation")
	}
	rules, _, err := specified(rightsText)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	m := &mayhem{world: w.again(t), rules: rules}
	always := map[string]bool{} // offered although its reader may not go there, also without a mutant
	look := func(m *mayhem, known bool) {
		m.look = func(a actor, path string, rec *httptest.ResponseRecorder) {
			for _, s := range offers(m.routes, []call{{name: a.name, is: 1 << a.role(), path: path, header: rec.Header(), body: rec.Body.String()}}) {
				if known {
					always[s] = true
				} else if !always[s] {
					m.wrong = append(m.wrong, s)
				}
			}
		}
	}
	look(m, true)
	var tries []try
	by := map[int][]int{}
	m.each(func(x try) {
		mutant.Passed()
		m.do(x)
		for _, id := range mutant.Passed() {
			by[id] = append(by[id], len(tries))
		}
		tries = append(tries, x)
	})
	if len(m.wrong) > 0 {
		t.Fatalf("without any mutant: %q", m.wrong[:min(5, len(m.wrong))])
	}
	all := mutant.All()
	file := os.Getenv("NESTFUNK_VERDICTS")
	b, _ := os.ReadFile(file) // none yet
	var known = map[string]bool{}
	for line := range strings.Lines(string(b)) {
		known[strings.Fields(line)[0]] = true
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, id := range strings.Fields(os.Getenv("NESTFUNK_CHOSEN")) {
		if known[id] {
			continue
		}
		n, _ := strconv.Atoi(id)
		x := all[n-1]
		m := &mayhem{world: w.again(t), rules: rules}
		if x.Class == "may" { // often decides on what is offered
			look(m, false)
		}
		if x.Class == "view" {
			name := strings.Fields(x.Query)[2]
			if err := m.DB.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.Exec(`DROP VIEW ` + name); err != nil {
					return err
				}
				_, err := tx.Exec(strings.TrimSuffix(x.Left, ";"))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		verdict := "survived"
		if len(by[n]) == 0 {
			verdict = "unreached"
		}
		order := slices.Clone(by[n])
		rand.New(rand.NewPCG(1, uint64(n))).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		slices.SortStableFunc(order, func(i, j int) int { return rank(tries[i]) - rank(tries[j]) })
		mutant.Set(n)
		for _, i := range order[:min(len(order), mostTries)] {
			if m.do(tries[i]); len(m.wrong) > 0 {
				verdict = "noticed"
				break
			}
		}
		mutant.Set(0)
		m.stay.End()
		if _, err := fmt.Fprintln(out, n, verdict); err != nil {
			t.Fatal(err)
		}
	}
}

// rank: what is refused comes first.
func rank(x try) int {
	if x.kind == "" || x.may {
		return 1
	}
	return 0
}
