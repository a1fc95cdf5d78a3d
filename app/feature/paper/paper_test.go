package paper_test

import (
	"slices"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/paper"
)

// TestPapers: each of them is filled in with what the house knows, and marks as a blank what it does not.
func TestPapers(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, paper.New(h.House, paper.Wires{Backup: func(*store.Tx) (string, bool, error) { return "Zuletzt heute.", true, nil }}))
	set := func(name, value string) {
		t.Helper()
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return h.Settings.Set(tx, name, value) }); err != nil {
			t.Fatal(err)
		}
	}
	has := func(path string, want bool, words ...string) {
		t.Helper()
		a := site.Get(apptest.Arno, path)
		for _, w := range words {
			if a.Code != 200 || a.Has(w) != want {
				t.Errorf("%s (%d): %q is there: %v\n%s", path, a.Code, w, !want, a.Body)
			}
		}
	}
	const at = "/datenschutz/vorlage/"
	has(at+"avv", true, "Stadt Musterhausen", "[Name und Anschrift der verantwortlichen Stelle", "Art. 28 DSGVO", "Kinder (4 in 2 Einrichtungen", "keine Rechtsberatung", "Die Software selbst braucht keine")
	has(at+"tom", true, "Eine Sicherung ist noch nicht eingerichtet", "ohne Verschlüsselung aufgerufen", "keine SMS", "6 Monate nachdem zuletzt etwas auf der Liste war")
	has(at+"anzeige", true, "nach § 80 SGB X")
	set("law.profile", "protestant")
	set("law.controller", "Kirchengemeinde Mitte\nPfarrgasse 1")
	set("backup.target", "sftp://sicher@backup.example.org/nest")
	set("mail.host", "mail.example.org")
	set("list.keep", "9")
	has(at+"avv", true, "§ 30 DSG-EKD", "Kirchengemeinde Mitte<br>Pfarrgasse 1", "mail.example.org (Mails)", "backup.example.org/nest")
	has(at+"avv", false, "Art. 28", "[Name und Anschrift der verantwortlichen Stelle", "sicher@")
	has(at+"tom", true, "Zuletzt heute.", "9 Monate nachdem zuletzt etwas auf der Liste war")
	has(at+"anzeige", true, "§ 80 SGB X richtet sich an öffentliche Stellen")
	for _, slug := range []string{"mitteilungen", "gespraeche", "abwesenheit", "fotos", "raeume", "jugend", "gremien"} {
		has(at+"folgen-"+slug, true, "§ 34 DSG-EKD", "die Funktion wird nicht benutzt", "[eigene Risiken]")
		has("/datenschutz/vorlagen", true, at+"folgen-"+slug)
	}
	if a := site.Get(apptest.Arno, at+"nichts"); a.Code != 404 {
		t.Errorf("no such paper: %d", a.Code)
	}
	for p := int64(apptest.Nobody); p <= apptest.Chair; p++ {
		may := slices.Contains([]int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Greta, apptest.Auditor}, p)
		if a := site.Get(p, at+"tom"); (a.Code == 200) != may {
			t.Errorf("as %d: %d", p, a.Code)
		}
	}
}
