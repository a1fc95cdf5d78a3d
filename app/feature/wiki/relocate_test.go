package wiki

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// TestTemplates: a template is offered to whoever begins a page there or below, and shown to no reader.
func TestTemplates(t *testing.T) {
	_, s := serve(t)
	write(t, s, apptest.Hanna, apptest.Sonne, Around, "Anfang", "[[Protokoll]]")
	own := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Protokoll", "## Anwesend")
	city := write(t, s, apptest.Olga, apptest.City, Around, "Aushang", "## Was ist los?")
	board := write(t, s, apptest.Hanna, apptest.Sonne, Board, "Personalgespräch", "## Vertraulich")
	for path, by := range map[string]int64{own: apptest.Hanna, city: apptest.Olga, board: apptest.Hanna} {
		if a := s.Post(by, path+"/vorlage", "on", "1"); a.To != path {
			t.Fatalf("%s: %d %s", path, a.Code, main(a.Body))
		}
	}
	for _, id := range []int64{apptest.Ada, apptest.Nobody, apptest.Rosa} {
		for _, path := range []string{"/archiv/4", "/seite/1", own, city} {
			if a := main(s.Get(id, path).Body); strings.Contains(a, "/seite/2") || strings.Contains(a, "Anwesend") || strings.Contains(a, "Aushang") {
				t.Errorf("person %d sees a template at %s: %s", id, path, a)
			}
		}
	}
	if a := s.Get(apptest.Ada, own); a.Code != 404 {
		t.Errorf("Ada reads a template: %d", a.Code)
	}
	a := s.Get(apptest.Stefan, "/wissen/neu?archiv=4")
	if !a.Has("Protokoll") || !a.Has("Aushang") || a.Has("Personalgespräch") {
		t.Errorf("what Stefan is offered: %s", main(a.Body))
	}
	if a := s.Get(apptest.Rosa, "/wissen/neu?archiv=8"); !a.Has("Aushang") || a.Has("Protokoll") {
		t.Errorf("what Rosa is offered: %s", main(a.Body))
	}
	if a := s.Get(apptest.Stefan, "/wissen/neu?archiv=4&unter=1&vorlage=3"); !a.Has("## Was ist los?</textarea>") || !a.Has(`value="1" selected`) {
		t.Errorf("Stefan begins: %s", main(a.Body))
	}
	for by, path := range map[int64]string{apptest.Stefan: "/wissen/neu?archiv=4&vorlage=4", apptest.Rosa: "/wissen/neu?archiv=8&vorlage=2", apptest.Hanna: "/wissen/neu?archiv=4&vorlage=1"} {
		if a := s.Get(by, path); a.Code != 404 || a.Has("Vertraulich") || a.Has("Anwesend") {
			t.Errorf("%d begins with %s: %d", by, path, a.Code)
		}
	}
	if a := s.Get(apptest.Stefan, "/archiv/4"); !a.Has("Vorlagen") || a.Has("Personalgespräch") || strings.Contains(main(a.Body), "Entwurf") {
		t.Errorf("Stefan's list: %s", main(a.Body))
	}
	// What is changed in a template is shown to nobody, and offered once it is released.
	approving(t, s, apptest.Hanna, "/archiv/4")
	save(t, s, apptest.Stefan, own, "Protokoll", "## Abwesend")
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4&vorlage=2"); !a.Has("## Anwesend") {
		t.Errorf("what waits is offered: %s", main(a.Body))
	}
	if a := s.Post(apptest.Hanna, "/fassung/5/freigeben"); a.To != own {
		t.Fatalf("release: %d %s", a.Code, main(a.Body))
	}
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4&vorlage=2"); !a.Has("## Abwesend") {
		t.Error("what is released is not offered")
	}
	if a := s.Get(apptest.Ada, own); a.Code != 404 {
		t.Errorf("releasing shows a template: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, own+"/vorlage"); a.Code == 303 {
		t.Error("Ada shows it")
	}
	s.Post(apptest.Stefan, own+"/vorlage")
	if a := s.Get(apptest.Ada, own); !a.Has("Abwesend") {
		t.Errorf("as a page again: %d", a.Code)
	}
}

// TestUnreleasedTemplate: a draft that is made a template and a page again has still to be released.
func TestUnreleasedTemplate(t *testing.T) {
	_, s := serve(t)
	approving(t, s, apptest.Hanna, "/archiv/4")
	at := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Entwurf", "Geheim")
	s.Post(apptest.Stefan, at+"/vorlage", "on", "1")
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4"); a.Has(`vorlage=1"`) {
		t.Error("what is not released is offered")
	}
	s.Post(apptest.Stefan, at+"/vorlage")
	if a := s.Get(apptest.Ada, at); a.Code != 404 {
		t.Errorf("Ada reads a draft: %d", a.Code)
	}
}

// TestRelocate takes a page with all below it into another archive: links hold, and who reads it is said before.
func TestRelocate(t *testing.T) {
	h, s := serve(t)
	plan := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Hygieneplan", "Hände waschen.")
	write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Läuse", "x", "parent", "1")
	write(t, s, apptest.Hanna, apptest.Sonne, Around, "Nissen", "x", "parent", "2")
	from := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Rundblick", "[[Hygieneplan]]")
	write(t, s, apptest.Max, apptest.CarrierA, Around, "Leitbild", "x")
	s.Post(apptest.Hanna, plan+"/pflicht", "asks", "staff")
	for by, target := range map[int64]string{apptest.Hanna: "3", apptest.Stefan: "3", apptest.Max: "8", apptest.Ada: "4"} {
		if a := s.Get(by, plan+"/umziehen?archiv="+target); a.Code == 200 {
			t.Errorf("%d plans to take it to %s", by, target)
		}
		if a := s.Post(by, plan+"/umziehen", "unit", target); a.Code == 303 {
			t.Errorf("%d takes it to %s", by, target)
		}
	}
	a := s.Get(apptest.Max, plan+"/umziehen?archiv=3")
	for _, want := range []string{"Danach lesen es", "Alle, die dazugehören (Kita Sonnenblume)", "Alle, die dazugehören (Träger A)", "Nur das Team (Träger A)", "Läuse", "Nissen"} {
		if !a.Has(want) {
			t.Errorf("the plan does not say %q: %d %s", want, a.Code, main(a.Body))
		}
	}
	if a := s.Post(apptest.Max, plan+"/umziehen", "unit", "3"); a.To != plan {
		t.Fatalf("%d %s", a.Code, main(a.Body))
	}
	if a := s.Get(apptest.Ada, from); !a.Has(`<a href="` + plan + `">Hygieneplan</a>`) {
		t.Errorf("the link: %s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, "/archiv/4"); a.Has("Hygieneplan") || a.Has("Nissen") {
		t.Error("it is still in the old archive")
	}
	tree := main(s.Get(apptest.Max, "/archiv/3").Body)
	if i, j, k := strings.Index(tree, "Leitbild"), strings.Index(tree, "Hygieneplan"), strings.Index(tree, "Läuse"); i < 0 || j < i || k < j || strings.Count(tree, `<ul class="tree">`) < 3 {
		t.Errorf("the new archive: %s", tree)
	}
	if owes(t, h, apptest.Max) != 1 || owes(t, h, apptest.Hanna) != 1 {
		t.Error("who has to read it does not follow from where it stands")
	}
}

// TestRelocateIntoApproval: who writes elsewhere does not so release. What one may not see stays behind, and is not told of.
func TestRelocateIntoApproval(t *testing.T) {
	h, s := serve(t)
	change(t, h, `INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 5, 'confirmed', 0)`, apptest.Stefan, apptest.Regenbogen)
	at := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Lied", "x")
	inner := write(t, s, apptest.Hanna, apptest.Sonne, Board, "Geheim", "x", "parent", "1")
	approving(t, s, apptest.Rosa, "/archiv/8")
	if a := s.Post(apptest.Stefan, at+"/umziehen", "unit", "8"); a.Code != 409 || !a.Has("freigeben darf") {
		t.Errorf("Stefan takes it into an archive where he may not release: %d", a.Code)
	}
	s.Post(apptest.Rosa, "/archiv/8/einstellungen")
	if a := s.Get(apptest.Stefan, at+"/umziehen?archiv=8"); a.Code != 200 || a.Has("Geheim") {
		t.Errorf("Stefan's plan: %d %s", a.Code, main(a.Body))
	}
	if a := s.Post(apptest.Stefan, at+"/umziehen", "unit", "8"); a.To != at {
		t.Fatalf("%d %s", a.Code, main(a.Body))
	}
	// What he may not see stays at the place of what went.
	if a := s.Get(apptest.Hanna, inner); a.Code != 200 || !a.Has(`<a href="/archiv/4">`) {
		t.Errorf("Hanna's page: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has("Geheim") || a.Has("Lied") {
		t.Errorf("the old archive: %s", main(a.Body))
	}
	if a := s.Get(apptest.Rosa, "/archiv/8"); a.Has("Geheim") || !a.Has("Lied") {
		t.Errorf("the new archive: %s", main(a.Body))
	}
}

// TestPurposeStays: what every house needs stays in the archive where it is looked for, also below another page.
func TestPurposeStays(t *testing.T) {
	_, s := serve(t)
	above := write(t, s, apptest.Olga, apptest.City, Public, "Rechtliches", "x")
	imprint := write(t, s, apptest.Olga, apptest.City, Public, "Impressum", "x", "purpose", "imprint", "parent", "1")
	write(t, s, apptest.Max, apptest.CarrierA, Around, "Leitbild", "x")
	for _, page := range []string{imprint, above} {
		if a := s.Post(apptest.Olga, page+"/umziehen", "unit", "3"); a.Code != 409 || !a.Has("„Impressum“") {
			t.Errorf("%s goes to a carrier: %d", page, a.Code)
		}
	}
	s.Post(apptest.Olga, imprint+"/verschieben", "parent", "0", "after", "0")
	if a := s.Post(apptest.Olga, above+"/umziehen", "unit", "3"); a.Code != 303 {
		t.Errorf("without it: %d", a.Code)
	}
}

// TestShift: up and down, one place at a time.
func TestShift(t *testing.T) {
	_, s := serve(t)
	var at []string
	for _, title := range []string{"Anton", "Berta", "Dora"} {
		at = append(at, write(t, s, apptest.Hanna, apptest.Sonne, Around, title, "x"))
	}
	order := func() (words string) {
		tree := main(s.Get(apptest.Ada, "/archiv/4").Body)
		for len(words) < 3 {
			best, name := len(tree), ""
			for _, n := range []string{"Anton", "Berta", "Dora"} {
				if i := strings.Index(tree, n); i >= 0 && i < best {
					best, name = i, n
				}
			}
			if name == "" {
				return words
			}
			words += name[:1]
			tree = strings.ReplaceAll(tree, name, "")
		}
		return words
	}
	for i, c := range []struct {
		page     int
		to, want string
	}{{0, "up", "ABD"}, {0, "down", "BAD"}, {0, "down", "BDA"}, {0, "down", "BDA"}, {2, "up", "DBA"}, {1, "up", "BDA"}, {0, "up", "BAD"}} {
		if a := s.Post(apptest.Hanna, at[c.page]+"/reihe", "go", c.to); a.To != at[c.page]+"/einrichten#platz" {
			t.Errorf("%d: %d %s", i, a.Code, a.To)
		}
		if got := order(); got != c.want {
			t.Errorf("%d: %s, want %s", i, got, c.want)
		}
	}
	if a := s.Post(apptest.Ada, at[0]+"/reihe", "go", "up"); a.Code == 303 {
		t.Error("Ada moves it")
	}
	if a := s.Get(apptest.Hanna, at[1]+"/einrichten"); strings.Count(a.Body, " disabled") != 1 || !a.Has(`value="up" disabled`) {
		t.Errorf("the first page: %s", main(a.Body))
	}
}
