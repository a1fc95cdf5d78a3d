package resolution

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// TestLate: what is older than the house is entered by hand, with the number that it had.
func TestLate(t *testing.T) {
	w := newTown(t)
	w.take(Decision{Origin: "a"})
	form := func(more ...string) []string {
		return append([]string{"unit", "10", "title", "Satzung", "wording", "Der Beirat gibt sich **diese** Satzung.", "public", "1"}, more...)
	}
	enter := "/beschluesse/nachtragen"
	w.status(apptest.Chair, enter+"?unit=10", 200)
	w.status(apptest.Dana, enter+"?unit=10", 404)
	a := w.posts(apptest.Chair, enter, 303, form("uid", "u1", "day", "2024-05-06", "number", "2024-05", "place", "Sitzung im Mai", "yes", "7", "no", "0", "abstain", "1")...)
	if b := w.posts(apptest.Chair, enter, 303, form("uid", "u1", "day", "2024-05-06", "number", "2024-05")...); b.To != a.To {
		t.Errorf("the form sent twice: %s and %s", a.To, b.To)
	}
	w.sees(apptest.Ada, a.To, true, "nachgetragen")
	w.sees(apptest.Ada, a.To, true, "2024-05")
	w.sees(apptest.Ada, a.To, true, "7 ja, 0 nein, 1 enthalten")
	w.sees(apptest.Ada, a.To, true, "<strong>diese</strong>")
	w.posts(apptest.Chair, enter, 303, form("uid", "u2", "day", "2024-12-31", "number", "9")...) // the old book has holes
	w.posts(apptest.Chair, enter, 303, form("uid", "u3", "day", "2024-01-01")...)
	w.sees(apptest.Ada, book, true, "2024-10")
	for i, c := range []struct {
		name, field, words string
		fields             []string
	}{
		{"no title", "title", "Titel", []string{"day", "2024-05-06", "title", " "}},
		{"a long title", "title", "200 Zeichen", []string{"day", "2024-05-06", "title", strings.Repeat("x", 201)}},
		{"no words", "wording", "Wortlaut", []string{"day", "2024-05-06", "wording", ""}},
		{"words that cannot be shown", "wording", "darstellen", []string{"day", "2024-05-06", "wording", strings.Repeat("[", 9000)}},
		{"no day", "day", "Tag", []string{"day", "30. Februar"}},
		{"tomorrow", "day", "Zukunft", []string{"day", "2026-03-03"}},
		{"ends before it begins", "until", "vor dem Beschluss", []string{"day", "2024-05-06", "until", "2024-05-05"}},
		{"a number of another year", "number", "von 2023", []string{"day", "2024-05-06", "number", "2023-05"}},
		{"no number", "number", "wie 2024-05", []string{"day", "2024-05-06", "number", "fünf"}},
		{"a number that there is", "number", "gibt es schon", []string{"day", "2024-05-06", "number", "5"}},
		{"a hole in this year", "number", "2026-02", []string{"day", "2026-01-06", "number", "2026-07"}},
		{"votes that are none", "yes", "Zahl", []string{"day", "2024-05-06", "yes", "viele"}},
		{"fewer than none", "no", "Zahlen von 0", []string{"day", "2024-05-06", "no", "-1"}},
	} {
		fields := map[string]string{"unit": "10", "uid": fmt.Sprint("w", i), "title": "Satzung", "wording": "So."}
		for j := 0; j < len(c.fields); j += 2 {
			fields[c.fields[j]] = c.fields[j+1]
		}
		var list []string
		for k, v := range fields {
			list = append(list, k, v)
		}
		if a := w.posts(apptest.Chair, enter, 422, list...); !a.Has(c.words) || !a.Has(`id="`+c.field+`-error"`) && !a.Has(`id="yes-error"`) {
			t.Errorf("%s: %s", c.name, words(a.Body))
		}
	}
	// in this year it is the next
	w.posts(apptest.Chair, enter, 303, form("uid", "u4", "day", "2026-01-06", "number", "2")...)
	if _, n := w.take(Decision{Origin: "b"}); n != "2026-03" {
		t.Errorf("then comes %s", n)
	}

	// entered by mistake: the words go, the number stays
	w.posts(apptest.Chair, "/beschluss/1/streichen", 422)
	w.posts(apptest.Chair, a.To+"/streichen", 303)
	w.status(apptest.Chair, a.To, 404)
	w.sees(apptest.Ada, book+"&filter=alle", true, "2024-05")
	w.sees(apptest.Ada, book+"&filter=alle", true, "gestrichen")
	w.sees(apptest.Ada, book, false, "2024-05")
	w.posts(apptest.Chair, enter, 422, form("uid", "u5", "day", "2024-05-06", "number", "2024-05")...)
}

// TestBook: the book is read by year, page by page, by words and number, on paper and in a spreadsheet.
func TestBook(t *testing.T) {
	w := newTown(t)
	for i := range perPage + 5 {
		w.take(Decision{Origin: fmt.Sprint(i), Title: fmt.Sprintf("Thema %03d", i), Wording: "Es wird =gerechnet.", Public: true})
	}
	a := w.Get(apptest.Ada, book)
	if a.Has("Thema 004") || !a.Has("Thema 005") || !a.Has("Thema 054") {
		t.Errorf("the first page: %s", words(a.Body))
	}
	more := regexp.MustCompile(`/beschluesse\?unit=10&amp;vor=[0-9-]+`).FindString(a.Body)
	b := w.Get(apptest.Ada, strings.ReplaceAll(more, "&amp;", "&"))
	if !b.Has("Thema 004") || !b.Has("Thema 000") || b.Has("Thema 005") || b.Has("Ältere Beschlüsse") {
		t.Errorf("the second page %s: %s", more, words(b.Body))
	}
	w.sees(apptest.Ada, book+"&q=thema+017", true, "2026-18")
	w.sees(apptest.Ada, book+"&q=thema+017", false, "2026-19")
	w.sees(apptest.Ada, book+"&q=2026-19", true, "Thema 018")
	w.sees(apptest.Ada, book+"&q=Quatsch", true, "Kein Beschluss passt dazu.")
	w.status(apptest.Ada, book+"&vor=gestern", 404)
	paper := w.Get(apptest.Ada, "/beschluesse/buch?unit=10")
	if !paper.Has("Thema 000") || !paper.Has("Thema 054") || !paper.Has(`href="#b1"`) {
		t.Errorf("on paper: %s", words(paper.Body))
	}
	table := w.Get(apptest.Ada, "/beschluesse/tabelle?unit=10&q=017")
	if lines := strings.Split(strings.TrimSpace(table.Body), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "2026-18;2026-03-02;Thema 017") {
		t.Errorf("the table: %q", table.Body)
	}
	w.status(apptest.Ada, "/beschluesse/buch", 200) // there is one council
	w.status(apptest.Nobody, "/beschluesse/buch", 404)
	w.sees(apptest.Nobody, "/beschluesse", true, "kein Gremium")
}

// TestCouncil: the page of a committee has the latest that hold, and its board leaves all of them.
func TestCouncil(t *testing.T) {
	w := newTown(t)
	part := func(level committee.Level) string {
		t.Helper()
		var s string
		w.write(func(tx *store.Tx) error {
			u, _, err := committee.Must(tx, who.Viewer{ID: apptest.Chair}, apptest.Council, committee.Inside, w.h.Now())
			if err != nil {
				return err
			}
			p := pageOf(who.Viewer{ID: apptest.Chair}, w.h.Now())
			html, err := w.f.Council(tx, p, house.Council{Unit: u, Rules: committee.Usual(apptest.Council), Level: level})
			s = string(html)
			return err
		})
		return s
	}
	if s := part(committee.Around); s != "" {
		t.Errorf("nothing is decided: %s", s)
	}
	if s := part(committee.Leading); !strings.Contains(s, "/umlaufbeschluesse/neu?unit=10") {
		t.Errorf("for those who lead: %s", s)
	}
	w.take(Decision{Origin: "a", Title: "Erstes", Public: true})
	w.take(Decision{Origin: "b", Title: "Geheimes"})
	w.take(Decision{Origin: "c", Title: "Befristetes", Public: true, Until: "2026-05-01"})
	if s := part(committee.Around); !strings.Contains(s, "Erstes") || strings.Contains(s, "Geheimes") || strings.Contains(s, "/neu") {
		t.Errorf("for those around: %s", s)
	}
	if s := part(committee.Inside); !strings.Contains(s, "Geheimes") || strings.Contains(s, "/neu") {
		t.Errorf("for members: %s", s)
	}
	w.write(func(tx *store.Tx) error {
		all, err := w.f.Legacy(tx, who.Viewer{ID: apptest.Dana}, apptest.Council)
		if len(all) != 3 || all[0].Title != "2026-03 Befristetes" || all[0].Note == "" || all[0].Due.IsZero() || all[2].Path != "/beschluss/1" {
			t.Errorf("the legacy: %+v", all)
		}
		if none, e := w.f.Legacy(tx, who.Viewer{ID: apptest.Cem}, apptest.Council); len(none) != 0 || e != nil {
			t.Errorf("the legacy of somebody else: %+v %v", none, e)
		}
		return err
	})
}
