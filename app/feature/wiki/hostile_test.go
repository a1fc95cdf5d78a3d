package wiki

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// TestHostile: what nobody should send gets a clear answer, soon and without filling the machine.
func TestHostile(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Kurz", "x")
	b := base(t, s, apptest.Hanna, at)
	for _, c := range []struct{ name, title, body, want string }{
		{"one line", "Kurz", strings.Repeat("x", 10<<20), "zu groß"},
		{"words", "Kurz", strings.Repeat("wort ", 200_000), "zu lang"},
		{"lists", "Kurz", strings.Repeat("- a\n", 10<<18), "zu groß"},
		{"100,000 quotations", "Kurz", strings.Repeat(">", 100_000), "nicht darstellen"},
		{"100,000 lists", "Kurz", strings.Repeat("- ", 100_000), "nicht darstellen"},
		{"100,000 brackets", "Kurz", strings.Repeat("[", 100_000), "nicht darstellen"},
		{"a hundred thousand links", "Kurz", strings.Repeat("[[", 100_000), "nicht darstellen"},
		{"a table of short rows", "Kurz", "|" + strings.Repeat("a|", 50_000) + "\n|" + strings.Repeat("-|", 50_000) + strings.Repeat("\n|a", 50_000), "nicht darstellen"},
		{"not UTF-8", "Kurz", "Gr\xfc\xdfe", "niemand lesen"},
		{"not UTF-8 in the title", "K\xfcrz", "x", "Im Titel"},
		{"a title that cannot be seen", "\u202e\u200b\u2066\ufeff", "x", "einen Titel"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		a := s.Post(apptest.Hanna, at+"/bearbeiten", "title", c.title, "body", c.body, "base", b)
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if a.Code != 422 || !a.Has(c.want) {
			t.Errorf("%s: %d %.300s", c.name, a.Code, main(a.Body))
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 8*time.Second || mb > 700 {
			t.Errorf("%s: %s and %d MB", c.name, took, mb)
		}
	}
	for _, field := range []string{"title", "body"} { // no browser sends a zero
		if a := s.Post(apptest.Hanna, at+"/bearbeiten", "base", b, field, "a\x00b"); a.Code != 400 {
			t.Errorf("a zero: %d", a.Code)
		}
	}
	// The preview and a draft take what is not saved.
	for _, body := range []string{strings.Repeat("[[", 100_000), strings.Repeat(">- ", 100_000), "a\xffb"} {
		begin := time.Now()
		if a := s.Post(apptest.Hanna, "/wissen/ansicht", "body", body); a.Code != 200 {
			t.Errorf("the preview: %d", a.Code)
		}
		s.Post(apptest.Hanna, at+"/entwurf", "title", "Kurz", "body", body, "base", b)
		if a := s.Get(apptest.Hanna, at+"/bearbeiten"); a.Code != 200 {
			t.Errorf("the draft: %d", a.Code)
		}
		if took := time.Since(begin); took > 8*time.Second {
			t.Errorf("the preview and the draft take %s", took)
		}
	}
	// Writing that runs the other way round does not turn the titles around it.
	turned := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Plan \u202efdp.exe\u2069", "x")
	if a := s.Get(apptest.Ada, turned); !a.Has("Plan fdp.exe") || a.Has("\u202e") {
		t.Errorf("a title that turns: %s", main(a.Body))
	}
}

// TestRings: pages that link to each other and to themselves are read as all others.
func TestRings(t *testing.T) {
	_, s := serve(t)
	a := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Henne", "Kommt aus dem [[Ei]], und die [[Henne]] auch.")
	b := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Ei", "Kommt von der [[Henne]].")
	if p := s.Get(apptest.Ada, a); !p.Has(`<a href="`+b+`">Ei</a>`) || !p.Has(`<a href="`+a+`">Henne</a>`) {
		t.Errorf("the hen: %s", main(p.Body))
	}
	if p := s.Get(apptest.Ada, b); !p.Has(`<a href="` + a + `">Henne</a>`) {
		t.Errorf("the egg: %s", main(p.Body))
	}
}

// TestOtherBook: two revisions that have nothing in common are compared soon.
func TestOtherBook(t *testing.T) {
	_, s := serve(t)
	words := func(first int) string {
		var b strings.Builder
		for i := first; b.Len() < mostBody-20; i++ {
			fmt.Fprintf(&b, "w%d ", i*7919)
			if i%9 == 0 {
				b.WriteString("\n\n")
			}
		}
		return b.String()
	}
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Buch", words(1))
	was := base(t, s, apptest.Hanna, at)
	begin := time.Now()
	if a := s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Buch", "body", words(1_000_000), "base", was); a.Code != 303 {
		t.Fatalf("saved: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/fassung/2"); a.Code != 200 {
		t.Errorf("compared: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Buch", "body", words(2_000_000), "base", was); a.Code != 422 || !a.Has("jemand anderes") {
		t.Errorf("put together: %d", a.Code)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it takes %s", took)
	}
	if a := s.Do(apptest.Ada, httptest.NewRequest("GET", apptest.Base+at, nil)); a.Code != 200 {
		t.Errorf("read: %d", a.Code)
	}
}
