package app

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/web"
)

// handOver has both boards tick all that the one leaves to the other, and sign.
func (x term) handOver(next int64) {
	x.t.Helper()
	const vera = apptest.Chair
	at := x.post(vera, "/gremium/10/uebergabe", "changes", "2027-02-01")
	x.reads(next, at, "Kasse prüfen", "Wahltag", "Laternen", "Sonnensegel", secret+" Kassenbuch", "not", "Sand bestellen", "Neuer Sand")
	all := regexp.MustCompile(`<li id="p(\d+)"`).FindAllStringSubmatch(x.get(next, at).Body.String(), -1)
	if len(all) < 8 {
		x.t.Fatalf("%d things are left", len(all))
	}
	for i, m := range all {
		item := []string{"item", m[1], "words", "", "deed"}
		x.refused(next, "noch nicht abgehakt", at+"/punkt", append(item, "take")...)
		x.refused(next, "", at+"/punkt", append(item, "give")...)
		if i == 1 {
			x.refused(vera, "noch nicht abgehakt", at+"/unterschrift", "side", "leaving")
			x.post(next, at+"/punkt", "item", m[1], "deed", "ask", "words", secret+": Wo liegt der Schlüssel?")
			x.post(vera, at+"/punkt", "item", m[1], "deed", "reply", "words", secret+": Im Büro.")
		}
		x.post(vera, at+"/punkt", append(item, "give")...)
	}
	x.post(vera, at+"/unterschrift", "side", "leaving")
	for i, m := range all {
		if i == 1 {
			x.refused(next, "noch nicht angenommen", at+"/unterschrift", "side", "coming")
		}
		x.post(next, at+"/punkt", "item", m[1], "words", "", "deed", "take")
	}
	x.post(next, at+"/unterschrift", "side", "coming")
	x.refused(vera, "unterschrieben", at+"/punkt", "item", all[0][1], "words", "", "deed", "ungive")
	for _, p := range []int64{fritz, apptest.Hanna, apptest.Olga, apptest.Arno, apptest.Cem} {
		x.shut(at, p)
	}
}

// inside are pages of the term that the sweep of midnight names.
type inside struct {
	talk  string // of a father with the board
	eight string // a meeting that is still to come
}

// open are the pages of the term, as an address begins, with the numbers that it is asked for.
func (x term) open(p inside) map[string][]string {
	return map[string][]string{
		"/gremium/": {"10"}, "/sitzung/": x.ids(`meeting WHERE unit = 10`), "/tagesordnungspunkt/": x.ids(`meeting_item WHERE deleted IS NULL`),
		"/protokoll/": x.ids(`minutes`), "/abstimmung/": x.ids(`ballot`), "/beschluss/": x.ids(`resolution`), "/umlaufbeschluss/": x.ids(`resolution_circular`),
		"/aufgabe/": x.ids(`assignment`), "/uebergabe/": x.ids(`handover`), "/vorschlag/": x.ids(`meeting_proposal`), "/rundbrief/": x.ids(`bulletin`),
		"/gespraech/": {strings.TrimPrefix(p.talk, "/gespraech/")}, "/seite/": x.ids(`wiki_page`), "/datei/": x.ids(`file`), "/archiv/": {"10"},
	}
}

// sweep asks a person's way through every page of the house that has one of the numbers of the term, and every list.
func (x term) sweep(person int64, p inside) (found map[string]string, codes map[string]int) {
	x.t.Helper()
	found, codes = map[string]string{}, map[string]int{}
	numbers := x.open(p)
	for _, r := range x.routes {
		if r.Method != http.MethodGet || r.Path == "/strom" {
			continue
		}
		start := "/" + strings.Split(r.Path, "/")[1]
		paths := []string{r.Path}
		if strings.Contains(r.Path, ":") {
			paths = nil
			for _, n := range numbers[start+"/"] {
				paths = append(paths, regexp.MustCompile(`:\w+`).ReplaceAllLiteralString(r.Path, n))
			}
		} else if strings.HasPrefix(start, "/oparl") || start == "/abmelden" {
			continue
		}
		for _, at := range paths {
			for _, q := range []string{"", "?unit=10", "?gremium=10", "?filter=alle&unit=10", "?q=" + secret} {
				if q != "" && strings.Contains(r.Path, ":") {
					break
				}
				w := x.get(person, at+q)
				codes[at+q] = w.Code
				if w.Code < 400 {
					found[at+q] = w.Header().Get("Location") + w.Body.String()
				}
			}
		}
	}
	return found, codes
}

// midnight: a minute before the day of change the chair has everything; then nothing that is not public, and what is public to
// the parents as before.
func (x term) midnight(next int64, p inside) {
	x.t.Helper()
	const vera = apptest.Chair
	change := time.Date(2027, 2, 1, 0, 0, 0, 0, web.Zone())
	x.Work(x.t)
	x.Clock.Add(change.Sub(x.Now()) - 2*time.Hour)
	x.Work(x.t)
	before, was := x.sweep(vera, p)
	whole, hidden := 0, 0
	for _, page := range before {
		if strings.Contains(page, secret) {
			whole++
		}
	}
	if whole < 60 {
		x.t.Errorf("before midnight the chair reads the word on %d pages: too few to tell anything", whole)
	}
	x.t.Logf("before midnight the chair reads %d pages, %d of them with what is not public", len(before), whole)

	n := len(x.Post.Sent())
	x.Clock.Add(change.Sub(x.Now()))
	after, is := x.sweep(vera, p)
	father, _ := x.sweep(fritz, p)
	parts := func(path string) string { return regexp.MustCompile(`\?.*`).ReplaceAllString(path, "") }
	for path, page := range after {
		if i := strings.Index(page, secret); i >= 0 && !strings.Contains(path, "q="+secret) {
			x.t.Errorf("%s: the former chair reads %q", path, page[max(0, i-60):min(len(page), i+60)])
		}
		start := "/" + strings.Split(parts(path), "/")[1] + "/"
		if x.open(p)[start] != nil && strings.Count(parts(path), "/") > 1 && father[path] == "" && !strings.HasSuffix(path, "/kontakt") {
			x.t.Errorf("%s is there for the former chair, and not for a father", path)
		}
	}
	if page := said(after["/suche?q="+secret]); strings.Contains(page, "Kassenbuch") || strings.Contains(page, "Stelle") || strings.Contains(page, "Haushalt") {
		x.t.Errorf("the former chair finds: %s", page)
	}
	open := x.public()
	for path, code := range is {
		if strings.Count(path, "/") < 2 || slices.ContainsFunc(open, func(o string) bool { return path == o || strings.HasPrefix(path, o+"/") }) || was[path] == http.StatusForbidden {
			continue
		}
		if x.open(p)["/"+strings.Split(path, "/")[1]+"/"] == nil {
			continue
		}
		if hidden++; code != http.StatusNotFound {
			x.t.Errorf("%s: %d for the former chair (and %d before), want 404", path, code, was[path])
		}
	}
	for _, path := range []string{"/gremium/10", "/beschluesse?filter=alle&unit=10", fmt.Sprintf("/protokoll/%d", x.id(`SELECT min(id) FROM minutes`)), "/sitzung/" + x.ids(`meeting WHERE unit = 10`)[0]} {
		if after[path] == "" {
			x.t.Errorf("%s was public to the parents, and the former chair does not read it any more", path)
		}
	}
	x.t.Logf("after midnight she reads %d pages, and %d are not found", len(after), hidden)
	x.writesNothing(vera, p)

	// Nothing of what comes reaches her, and what she knows as chair of the city's council is not there for her here.
	x.at(2027, 2, 1, 10)
	x.post(next, p.eight+"/bearbeiten", "title", "Februarsitzung", "day", "2027-02-18", "starts", "19:30", "ends", "21:30")
	x.post(next, p.eight+"/einladen")
	x.at(2027, 2, 2, 10)
	for _, m := range x.Post.Sent()[n:] {
		if m.To == "vera@example.org" && (m.Calendar.Method != "" && m.Calendar.Method != "CANCEL" || strings.Contains(m.Text, secret)) {
			x.t.Errorf("the former chair gets: %s %s\n%s", m.Calendar.Method, m.Subject, m.Text)
		}
	}

	// Without the other office it is the same, but that pages for members of councils are refused as such.
	x.sql(`UPDATE membership SET until = ? WHERE person = 17 AND unit = 11`, x.Now().Unix())
	rest, _ := x.sweep(vera, p)
	for path, page := range rest {
		if strings.Contains(page, secret) && !strings.Contains(path, "q="+secret) {
			x.t.Errorf("%s: without any office the former chair reads what is not public", path)
		}
	}

	// The new chair goes on: the conversation of the board is hers, and what holds and is to be done is near.
	x.reads(next, p.talk, "Ich helfe beim Schaufeln.")
	x.near(next, 3, append(addresses("/beschluss/", x.ids(`resolution WHERE title IN ('Sonnensegel', 'Laternen', 'Wahltag') OR title LIKE 'Verschluss%'`)),
		addresses("/aufgabe/", x.ids(`assignment WHERE state = 'open'`))...))
}

// public are the addresses of what the parents may read.
func (x term) public() (all []string) {
	for start, query := range map[string]string{
		"/sitzung/": `meeting WHERE unit = 10 AND public = 1 AND invited IS NOT NULL`, "/protokoll/": `minutes WHERE state = 'approved'`,
		"/tagesordnungspunkt/": `meeting_item WHERE public = 1 AND deleted IS NULL AND meeting IN (SELECT id FROM meeting WHERE public = 1)`, "/beschluss/": `resolution WHERE public = 1`,
	} {
		all = append(all, addresses(start, x.ids(query))...)
	}
	return append(all, "/gremium/10", "/archiv/10")
}

func addresses(start string, ids []string) (all []string) {
	for _, id := range ids {
		all = append(all, start+id)
	}
	return all
}

// writesNothing posts every form of the term as a person who has no part in it any more.
func (x term) writesNothing(person int64, p inside) {
	x.t.Helper()
	numbers, tried := x.open(p), 0
	for _, r := range x.routes {
		start := "/" + strings.Split(r.Path, "/")[1] + "/"
		if r.Method != http.MethodPost || !strings.Contains(r.Path, ":") || r.Path == "/gremium/:id/kontakt" || r.Path == "/gremium/:id/kandidatur" { // who was in it may say that one may ask
			continue
		}
		for _, n := range numbers[start] {
			at := regexp.MustCompile(`:\w+`).ReplaceAllLiteralString(r.Path, n)
			request := x.form(person, at)
			request.AddCookie(x.cookie(person))
			before, w := x.DB.Changes(), httptest.NewRecorder()
			x.handler.ServeHTTP(w, request)
			tried++
			if w.Code < 400 || x.DB.Changes() != before {
				x.t.Errorf("POST %s as the former chair: %d, %d rows", at, w.Code, x.DB.Changes()-before)
			}
		}
	}
	if tried < 200 {
		x.t.Errorf("only %d forms were tried", tried)
	}
}

// near wants pages to be at most so many clicks from the start page.
func (x term) near(person int64, clicks int, want []string) {
	x.t.Helper()
	at, seen := []string{"/"}, map[string]int{"/": 0}
	for click := 1; click <= clicks; click++ {
		var next []string
		for _, path := range at {
			w := x.get(person, path)
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			for _, m := range regexp.MustCompile(`<a\s[^>]*?href="(/[^"#]*)`).FindAllStringSubmatch(w.Body.String(), -1) {
				to := strings.ReplaceAll(m[1], "&amp;", "&")
				if _, ok := seen[to]; !ok && to != "/abmelden" {
					seen[to] = click
					next = append(next, to)
				}
			}
		}
		at = next
	}
	for _, to := range want {
		n, ok := seen[to]
		if !ok {
			x.t.Errorf("%s is more than %d clicks from the start page", to, clicks)
		} else if w := x.get(person, to); w.Code != http.StatusOK {
			x.t.Errorf("%s after %d clicks: %d", to, n, w.Code)
		}
		x.t.Logf("%s: %d clicks", to, n)
	}
}

// book: the numbers of the resolutions have no gap, and the hash of each approved minutes is that of its text.
func (x term) book(chair, parent int64, minutes []string) {
	x.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(x.get(chair, "/beschluesse/tabelle?unit=10&filter=alle").Body.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 || len(rows[0]) == 1 { // another separator
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(x.get(chair, "/beschluesse/tabelle?unit=10&filter=alle").Body.String(), "\ufeff")))
		r.Comma = ';'
		if rows, err = r.ReadAll(); err != nil {
			x.t.Fatal(err)
		}
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, r[0]+" "+r[2]+" "+r[4]+":"+r[5])
	}
	slices.Sort(got)
	want := []string{"2026-01 Neuer Sand 3:1", "2026-02 Verschluss Stelle 4:0", "2026-03 Fest 3:1", "2026-04 Sonnensegel 3:0", "2026-05 Verschluss Plätze 3:1", "2026-06 Laternen 3:0", "2027-01 Wahltag 4:0"}
	if !slices.Equal(got, want) {
		x.t.Errorf("the book has %q\nwant %q", got, want)
	}
	x.reads(chair, "/beschluesse?unit=10", "Sonnensegel", "Laternen", "Wahltag", "not", "Neuer Sand", "2026-03") // what holds
	for _, path := range minutes {
		for _, p := range []int64{chair, parent} {
			page := said(x.get(p, path).Body.String())
			sum := sha256.Sum256(x.get(p, path+"/text").Body.Bytes())
			if has := strings.ReplaceAll(page, " ", ""); !strings.Contains(has, hex.EncodeToString(sum[:])) {
				x.t.Errorf("%s as %d does not show the hash %x of its text: %s", path, p, sum, page)
			}
			if p == parent && strings.Contains(page, secret) {
				x.t.Errorf("%s: a father reads what is not public: %s", path, page)
			}
		}
	}
}
