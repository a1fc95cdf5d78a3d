package account

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// TestNobodyIsTold: signing in, asking for a link and giving a code answer a stranger the same, byte by byte and in about
// the same time, whether the house knows an address or not. NESTFUNK_TIMING=2000 measures so many of each, and wants the
// medians within 5 %.
func TestNobodyIsTold(t *testing.T) {
	n, bound := 3, 0.9 // on a machine that others use, too: work that is left out altogether is seen
	if s := os.Getenv("NESTFUNK_TIMING"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		bound = 0.05
	}
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	c := city{x, apptest.NewProvider(t, x.Now)}
	_, guardian := x.newGuardian("Zeynep", apptest.Can)
	used := x.letter(guardian, 0)
	if a := x.post("/i", "code", used); a.Code != 303 {
		t.Fatal(wordsOf(a))
	}
	for _, pair := range []struct {
		name, path string
		fields     [2][]string // of what the house knows, and what it does not
		hide       [2]string
	}{
		{"password", "/anmelden/passwort", [2][]string{{"mail", "ada@example.org", "password", "falsch falsch"}, {"mail", "eva@example.org", "password", "falsch falsch"}}, [2]string{"ada@", "eva@"}},
		{"right password of somebody else", "/anmelden/passwort", [2][]string{{"mail", "ada@example.org", "password", stefansWord}, {"mail", "eva@example.org", "password", stefansWord}}, [2]string{"ada@", "eva@"}},
		{"name without a password", "/anmelden/passwort", [2][]string{{"mail", "ada@example.org", "password", ""}, {"mail", "eva@example.org", "password", ""}}, [2]string{"ada@", "eva@"}},
		{"link", "/anmelden/link", [2][]string{{"mail", "ada@example.org"}, {"mail", "eva@example.org"}}, [2]string{"ada@", "eva@"}},
	} {
		t.Run(pair.name, func(t *testing.T) {
			var took [2][]time.Duration
			for range n {
				var answers [2]apptest.Answer
				var wrote [2]int64
				for i, fields := range pair.fields {
					x.other()
					x.Clock.Add(time.Hour)
					before, begin := x.DB.Changes(), time.Now()
					answers[i] = x.post(pair.path, fields...)
					took[i] = append(took[i], time.Since(begin))
					wrote[i] = x.DB.Changes() - before
				}
				a, b := answers[0], answers[1]
				if a.Code != b.Code || a.To != b.To || strings.ReplaceAll(a.Body, pair.hide[0], pair.hide[1]) != b.Body {
					t.Fatalf("%d %q and %d %q differ", a.Code, a.To, b.Code, b.To)
				}
				if got, want := slices.Sorted(maps.Keys(a.Header)), slices.Sorted(maps.Keys(b.Header)); !slices.Equal(got, want) {
					t.Fatalf("headers %q and %q", got, want)
				}
				if wrote[0] != wrote[1] {
					t.Fatalf("%d rows for one that is known, %d for another", wrote[0], wrote[1])
				}
			}
			a, b := median(took[0]), median(took[1])
			t.Logf("medians of %d: known %s, unknown %s", n, a, b)
			if d := (a - b).Abs(); float64(d) > bound*float64(max(a, b)) && d > 2*time.Millisecond {
				t.Errorf("known %s, unknown %s", a, b)
			}
		})
	}
	// A code that was used, one that has run out and one that never was tell a stranger who has none nothing of people.
	for name, code := range map[string]string{"used": used, "never given": shown(newCode())} {
		x.other()
		if a := x.post("/i", "code", code); a.Code != 422 || a.Has("Zeynep") || a.Has("Can") || a.Has("Sonnenblume") {
			t.Errorf("%s: %d %s", name, a.Code, wordsOf(a))
		}
	}
	// Nor does a provider tell who in its city comes here.
	if a := x.Site.Post(apptest.Arno, "/betrieb/anbieter", "name", "Stadt", "issuer", c.URL, "client", c.Client, "secret", c.Secret, "inside", "127.0.0.1"); a.Code != 303 {
		t.Fatal(wordsOf(a))
	}
	x.other()
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/")); a.Code != 422 || a.Has("Ada") || a.Has(fmt.Sprint(c.Subject)) {
		t.Error(a.Code)
	}
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
