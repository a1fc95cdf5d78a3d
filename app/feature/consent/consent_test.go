package consent_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/consent"
)

const uid = "0195f0a0-0000-7000-8000-000000000001"

type town struct {
	*apptest.Site
	House *apptest.House
	f     house.Feature
	t     *testing.T
	log   []string
}

func serve(t *testing.T) *town {
	x := &town{House: apptest.New(t), t: t}
	log := func(_ *store.Tx, _ time.Time, person int64, action string, ref int64) error {
		x.log = append(x.log, fmt.Sprint(person, " ", action))
		return nil
	}
	x.f = consent.New(x.House.House, consent.Wires{Log: log, Others: func(*store.Tx, who.Viewer, time.Time) ([]consent.Elsewhere, error) {
		return []consent.Elsewhere{{Title: "Elternbeirat", What: "Rundbriefe", Yes: true, Path: "/rundbriefe"}}, nil
	}})
	x.Site = x.House.Serve(t, x.f)
	return x
}

func (x *town) sql(query string, args ...any) {
	x.t.Helper()
	err := x.House.DB.Write(x.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

// asks makes a purpose of the Kita.
func (x *town) asks(kind string, more ...string) {
	x.t.Helper()
	fields := append([]string{"uid", uid, "unit", "4", "kind", kind, "title", "Fotos", "words", "Bilder **im Haus**."}, more...)
	for name, usual := range map[string]string{"about": "child", "alone": "16"} {
		if !slices.Contains(more, name) {
			fields = append(fields, name, usual)
		}
	}
	a := x.Post(apptest.Hanna, "/einwilligungen/neu", fields...)
	if a.Code != 303 {
		x.t.Fatalf("%d\n%s", a.Code, a.Body)
	}
}

// says has somebody answer for Mila, who has read a version of the text, and returns the code.
func (x *town) says(by int64, yes string, version ...int) int {
	x.t.Helper()
	read := 1
	if version != nil {
		read = version[0]
	}
	return x.Post(by, "/einwilligungen", "purpose", "1", "version", fmt.Sprint(read), "child", "1", "yes", yes).Code
}

// scan reports whether somebody gets what was scanned of the second answer.
func (x *town) scan(by int64) bool {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		var v who.Viewer
		if by != apptest.Nobody {
			var err error
			if v, err = org.Viewer(tx, by, x.House.Now()); err != nil {
				return err
			}
		}
		return x.f.Sees(tx, v, files.File{Ref: 2})
	})
	return err == nil
}

// holds fails unless a purpose holds for Mila, or does not.
func (x *town) holds(kind string, want bool) {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		ok, err := consent.Holds(tx, kind, apptest.Mila, x.House.Now())
		if ok != want {
			x.t.Errorf("%s holds: %v", kind, ok)
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

// TestYesAndNo: a yes holds at once, a no of either parent ends it at once, and a yes ends with the Kita year.
func TestYesAndNo(t *testing.T) {
	x := serve(t)
	x.holds("inside", false)
	x.asks("inside")
	x.holds("inside", false)
	a := x.Get(apptest.Ada, "/einwilligungen")
	for _, w := range []string{"Mila Demir", "<strong>im Haus</strong>", "Noch keine Antwort", "Rundbriefe", "Elternbeirat"} {
		if !a.Has(w) {
			t.Errorf("her page lacks %q:\n%s", w, a.Body)
		}
	}
	for by, code := range map[int64]int{apptest.Cem: 404, apptest.Silent: 403, apptest.Hanna: 403, apptest.Olga: 403} {
		if got := x.says(by, "1"); got != code {
			t.Errorf("as %d: %d, want %d", by, got, code)
		}
	}
	if got := x.says(apptest.Ada, "vielleicht"); got != 400 {
		t.Errorf("neither yes nor no: %d", got)
	}
	x.says(apptest.Ada, "1")
	x.holds("inside", true)
	x.holds("outside", false)
	if a := x.Get(apptest.Ada, "/einwilligungen"); !a.Has("31. Juli 2026") {
		t.Errorf("until when:\n%s", a.Body)
	}
	x.says(apptest.Bert, "0")
	x.holds("inside", false)
	x.says(apptest.Bert, "1")
	x.holds("inside", true)
	x.says(apptest.Ada, "0", 7) // a no counts whatever was read
	x.holds("inside", false)
	x.says(apptest.Ada, "1")
	x.House.Clock.Add(152 * 24 * time.Hour) // the first of August
	x.holds("inside", false)
	if want := []string{"4 consent.asked", "6 consent.given", "11 consent.refused", "11 consent.given", "6 consent.refused", "6 consent.given"}; !slices.Equal(x.log, want) {
		t.Errorf("%q is written down", x.log)
	}
}

// TestTwoSignatures: where all custodians have to sign, one is half of it, and the other is told without being told who signed.
func TestTwoSignatures(t *testing.T) {
	x := serve(t)
	x.sql(`INSERT INTO account_mail (mail, person, verified) VALUES ('bert@example.org', 11, 1)`)
	x.sql(`UPDATE guardian SET mail = 'bert@example.org' WHERE person = 11`)
	x.asks("outside", "both", "1")
	x.says(apptest.Ada, "1")
	x.holds("outside", false)
	if a := x.Get(apptest.Ada, "/einwilligungen"); !a.Has("Eine Unterschrift fehlt noch") || !a.Has("Sie haben unterschrieben") {
		t.Errorf("her page:\n%s", a.Body)
	}
	x.House.Work(t)
	if sent := x.House.Post.Sent(); len(sent) != 1 || sent[0].To != "bert@example.org" || sent[0].Subject != "Ihre Unterschrift fehlt noch" || strings.Contains(sent[0].Text, "Ada") {
		t.Errorf("%+v", sent)
	}
	if a := x.Get(apptest.Stefan, "/einwilligung/1"); !a.Has("eine Unterschrift fehlt") || !a.Has("0 von 1 ja") {
		t.Errorf("the list:\n%s", a.Body)
	}
	x.says(apptest.Bert, "1")
	x.holds("outside", true)
	if a := x.Get(apptest.Stefan, "/einwilligung/1"); !a.Has("1 von 1 ja") || !a.Has("Bert Demir") {
		t.Errorf("the list:\n%s", a.Body)
	}
	x.sql(`UPDATE guardian SET state = 'suspended' WHERE person = 11`) // decides no more: hers is all that is needed
	x.holds("outside", true)
	x.says(apptest.Ada, "0")
	x.holds("outside", false)
}

// TestAlone: from an age on a young person decides, on paper, and the parents do not.
func TestAlone(t *testing.T) {
	x := serve(t)
	x.asks("inside", "alone", "14")
	x.says(apptest.Ada, "1")
	x.sql(`UPDATE child SET born = '2012-03-02' WHERE id = 1`) // 14 today
	x.holds("inside", false)
	if got := x.says(apptest.Ada, "1"); got != 409 && got != 422 {
		t.Errorf("a mother for a young person: %d", got)
	}
	x.sql(`INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, person, at) VALUES ('f1', '', 0, 'Zettel.pdf', 'application/pdf', 1, zeroblob(32), 0, 0, 5, 0)`)
	paper := []string{"child", "1", "yes", "1", "day", "2026-03-01", "group", "5", "file", "1"}
	if a := x.Post(apptest.Stefan, "/einwilligung/1/papier", append(paper, "giver", "6")...); a.Code != 422 || !a.Has("entscheidet der junge Mensch allein") {
		t.Errorf("signed by her mother: %d", a.Code)
	}
	if a := x.Post(apptest.Rosa, "/einwilligung/1/papier", append(paper, "giver", "0")...); a.Code != 404 {
		t.Errorf("by another Kita: %d", a.Code)
	}
	if a := x.Post(apptest.Stefan, "/einwilligung/1/papier", append(paper[:8:8], "giver", "0")...); a.Code != 422 || !a.Has("Bitte fügen Sie den Zettel") {
		t.Errorf("without a scan: %d", a.Code)
	}
	if a := x.Post(apptest.Stefan, "/einwilligung/1/papier", append(paper, "giver", "0")...); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.holds("inside", true)
	if a := x.Get(apptest.Stefan, "/einwilligung/1"); !a.Has("selbst") || !a.Has(`/datei/1`) {
		t.Errorf("the list:\n%s", a.Body)
	}
	for by, want := range map[int64]bool{apptest.Stefan: true, apptest.Hanna: true, apptest.Cem: false, apptest.Rosa: false, apptest.Nobody: false} {
		if x.scan(by) != want {
			t.Errorf("person %d gets the scan: %v", by, !want)
		}
	}
	x.sql(`UPDATE consent SET giver = 11 WHERE id = 2`) // as of her father
	for by, want := range map[int64]bool{apptest.Stefan: true, apptest.Bert: true, apptest.Ada: false, apptest.Nobody: false} {
		if x.scan(by) != want {
			t.Errorf("person %d gets the father's scan: %v", by, !want)
		}
	}
	x.sql(`UPDATE consent SET child = NULL, giver = 7 WHERE id = 2`) // as of an adult
	for by, want := range map[int64]bool{apptest.Hanna: true, apptest.Cem: true, apptest.Ada: false, apptest.Rosa: false} {
		if x.scan(by) != want {
			t.Errorf("person %d gets the scan of an adult: %v", by, !want)
		}
	}
}

// A paper that turns up later undoes nothing that was said since, and agrees to no text that was written since.
func TestOldPaper(t *testing.T) {
	x := serve(t)
	x.asks("inside")
	for id := range 5 {
		x.sql(`INSERT INTO file (id, uid, owner, ref, name, type, size, hash, width, height, person, at) VALUES (?1, 'f' || ?1, '', 0, 'Zettel.pdf', 'application/pdf', 1, zeroblob(32), 0, 0, 5, 0)`, id+1)
	}
	file := 0
	enters := func(day, yes, words string) {
		t.Helper()
		file++
		a := x.Post(apptest.Stefan, "/einwilligung/1/papier", "child", "1", "giver", "6", "yes", yes, "day", day, "group", "5", "file", fmt.Sprint(file))
		if (a.Code == 303) != (words == "") || !a.Has(words) {
			t.Errorf("of %s: %d, want %q\n%s", day, a.Code, words, a.Body)
		}
	}
	enters("2026-02-27", "1", "") // signed before it was asked for here
	x.holds("inside", true)
	x.House.Clock.Add(48 * time.Hour) // Wednesday
	x.says(apptest.Ada, "0")
	x.holds("inside", false)
	enters("2026-03-03", "1", "schon eine neuere Antwort")
	enters("2026-03-04", "1", "schon eine neuere Antwort") // of the same day
	x.holds("inside", false)
	x.House.Clock.Add(24 * time.Hour)
	if a := x.Post(apptest.Hanna, "/einwilligung/1/text", "words", "Auch für die Zeitung.", "again", "1"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	x.House.Clock.Add(24 * time.Hour)
	x.sql(`DELETE FROM consent`)
	file = 0
	x.sql(`UPDATE file SET owner = '', ref = 0`)
	enters("2026-03-03", "1", "Unterschrieben wurde ein früherer Text")
	x.holds("inside", false)
	enters("2026-03-05", "1", "")
	x.holds("inside", true)
}

// TestNewWords: an earlier yes holds only where the new text asks for nothing else.
func TestNewWords(t *testing.T) {
	x := serve(t)
	x.asks("inside")
	x.says(apptest.Ada, "1")
	if a := x.Post(apptest.Rosa, "/einwilligung/1/text", "words", "Anders"); a.Code != 404 {
		t.Errorf("by another Kita: %d", a.Code)
	}
	if a := x.Post(apptest.Hanna, "/einwilligung/1/text", "words", "Bilder **im Haus**!"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.holds("inside", true)
	if got := x.says(apptest.Bert, "1"); got != 409 {
		t.Errorf("a yes to words that have changed: %d", got)
	}
	x.Post(apptest.Hanna, "/einwilligung/1/text", "words", "Bilder überall", "again", "1")
	x.holds("inside", false)
	x.says(apptest.Ada, "1", 3)
	x.Post(apptest.Hanna, "/einwilligung/1/beenden")
	x.holds("inside", false)
	if a := x.Get(apptest.Olga, "/einwilligung/1"); a.Code != 200 || a.Has("Demir") {
		t.Errorf("an office reads names: %d\n%s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Rosa, "/einwilligung/1"); a.Code != 404 {
		t.Errorf("another Kita: %d", a.Code)
	}
}

// TestNotTheirs: what another Kita asks, and of whom, is nobody else's.
func TestNotTheirs(t *testing.T) {
	x := serve(t)
	x.asks("inside")
	if a := x.Post(apptest.Hanna, "/einwilligungen/neu", "uid", uid[:35]+"2", "unit", "8", "kind", "inside", "title", "Fotos", "words", "Bilder.", "about", "child", "alone", "16"); a.Code != 404 {
		t.Errorf("asked for another Kita: %d", a.Code)
	}
	for _, path := range []string{"/text", "/beenden"} {
		if a := x.Post(apptest.Rosa, "/einwilligung/1"+path, "words", "Anderes.", "again", "1"); a.Code != 404 {
			t.Errorf("%s by another Kita: %d", path, a.Code)
		}
	}
	if a := x.Get(apptest.Stefan, "/einwilligung/1?gruppe=9"); a.Code != 404 {
		t.Errorf("a group of others: %d", a.Code)
	}
	if a := x.Get(apptest.Hanna, "/einwilligungen"); a.Has("Ihr Kind") || !a.Has("Wonach gefragt wird") {
		t.Errorf("the page of a head without a child:\n%s", a.Body)
	}
	if a := x.Get(apptest.Ada, "/einwilligungen"); !a.Has("Ihr Kind") || a.Has("Wonach gefragt wird") {
		t.Errorf("the page of a mother:\n%s", a.Body)
	}
	x.sql(`INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, person, at) VALUES ('f1', '', 0, 'Zettel.pdf', 'application/pdf', 1, zeroblob(32), 0, 0, 5, 0)`)
	paper := []string{"giver", "7", "yes", "1", "day", "2026-03-01", "group", "5", "file", "1", "child"}
	if a := x.Post(apptest.Stefan, "/einwilligung/1/papier", append(paper, "3")...); a.Code != 404 {
		t.Errorf("for a child of another group: %d", a.Code)
	}
	x.Post(apptest.Hanna, "/einwilligung/1/beenden")
	if a := x.Post(apptest.Stefan, "/einwilligung/1/papier", append(paper, "1")...); a.Code != 404 {
		t.Errorf("for what is not asked any more: %d", a.Code)
	}
}

// TestGoneBeforeTold: nobody is asked to sign for a child that is not there any more.
func TestGoneBeforeTold(t *testing.T) {
	x := serve(t)
	x.sql(`INSERT INTO account_mail (mail, person, verified) VALUES ('bert@example.org', 11, 1)`)
	x.sql(`UPDATE guardian SET mail = 'bert@example.org' WHERE person = 11`)
	x.asks("outside", "both", "1")
	x.says(apptest.Ada, "1")
	x.sql(`UPDATE child_stay SET until = ? WHERE child = 1`, x.House.Now().Unix())
	x.House.Work(t)
	if sent := x.House.Post.Sent(); len(sent) != 0 {
		t.Errorf("%+v", sent)
	}
}

// asked is what somebody is asked on the start page.
func (x *town) asked(person int64) (html string) {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, x.House.Now())
		if err != nil {
			return err
		}
		part, err := x.f.Start(tx, web.Page{Viewer: v, Lang: "de"})
		html = string(part)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return html
}

// TestStart: the start page asks those whose answer is missing, until it is there; nobody else sees it.
func TestStart(t *testing.T) {
	x := serve(t)
	both := []int64{apptest.Ada, apptest.Bert}
	quiet := func(when string, people ...int64) {
		t.Helper()
		for _, p := range people {
			if html := x.asked(p); html != "" {
				t.Errorf("%s, person %d is asked: %s", when, p, html)
			}
		}
	}
	quiet("before anybody asks", both...)
	x.asks("outside", "both", "1")
	for _, p := range both {
		if html := x.asked(p); !strings.Contains(html, `href="/einwilligungen#p-1-1"`) || !strings.Contains(html, ">Fotos<") || !strings.Contains(html, "Mila") || !strings.Contains(html, "Noch keine Antwort") {
			t.Errorf("person %d is not asked: %s", p, html)
		}
	}
	if html := x.asked(apptest.Cem); !strings.Contains(html, "Can") || strings.Contains(html, "Mila") {
		t.Errorf("the father of another child of the Kita: %s", html)
	}
	quiet("without a child there", apptest.Silent, apptest.Hanna, apptest.Stefan, apptest.Olga, apptest.Rosa)
	if a := x.Get(apptest.Ada, "/einwilligungen"); !a.Has(`id="p-1-1"`) {
		t.Errorf("what is linked is not there:\n%s", a.Body)
	}
	x.says(apptest.Ada, "1")
	quiet("having signed", apptest.Ada)
	if html := x.asked(apptest.Bert); !strings.Contains(html, "Ihre Unterschrift fehlt noch") || strings.Contains(html, "Ada") {
		t.Errorf("the second signature: %s", html)
	}
	x.says(apptest.Bert, "1")
	quiet("with both signatures", both...)
	x.Post(apptest.Hanna, "/einwilligung/1/text", "words", "Bilder überall", "again", "1")
	if x.asked(apptest.Ada) == "" || x.asked(apptest.Bert) == "" {
		t.Error("nobody is asked about new words")
	}
	x.says(apptest.Bert, "0", 2)
	quiet("after a no, which settles it", both...)
	x.House.Clock.Add(152 * 24 * time.Hour) // the first of August
	if x.asked(apptest.Ada) == "" {
		t.Error("nobody is asked in the next Kita year")
	}
	x.sql(`UPDATE child SET born = '2010-03-02' WHERE id = 1`)
	quiet("where the young person decides", both...)
	x.sql(`UPDATE child SET born = '' WHERE id = 1`)
	x.sql(`UPDATE guardian SET decides = 0 WHERE person = 11`)
	quiet("not deciding", apptest.Bert)
	x.Post(apptest.Hanna, "/einwilligung/1/beenden")
	quiet("when nobody asks any more", both...)
}

// TestStartOfAdults: what a parent is asked for itself is asked once, however many children it has.
func TestStartOfAdults(t *testing.T) {
	x := serve(t)
	x.asks("contacts", "about", "person")
	html := x.asked(apptest.Ada)
	if strings.Count(html, "<li>") != 1 || !strings.Contains(html, `#p-1-0"`) || !strings.Contains(html, "Für Sie selbst") {
		t.Errorf("she is not asked once: %s", html)
	}
	if a := x.Post(apptest.Ada, "/einwilligungen", "purpose", "1", "version", "1", "child", "0", "yes", "0"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	if html := x.asked(apptest.Ada); html != "" {
		t.Errorf("asked again: %s", html)
	}
	if x.asked(apptest.Bert) == "" {
		t.Error("her answer is not his")
	}
}
