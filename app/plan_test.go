package app

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestClosingDaysAreTold: a plan that is published is announced from a form that is filled already, to the families of its
// Kita and nobody else; and who reports a closure is offered the closing day of today.
func TestClosingDaysAreTold(t *testing.T) {
	w := newAsking(t)
	do := func(person int64, path string, fields ...string) string {
		t.Helper()
		a := w.Post(person, path, fields...)
		if a.Code != 303 {
			t.Fatalf("%s: %d %s", path, a.Code, said(a.Body))
		}
		return a.To
	}
	plan := do(apptest.Hanna, "/schliesstage", "unit", "4", "year", "2026", "allowed", "12", "notice", "8")
	do(apptest.Hanna, plan+"/tag", "first_day", "2026-03-02", "last_day", "2026-03-03", "words", "Fortbildung", "late", "1")
	do(apptest.Hanna, plan+"/tag", "first_day", "2026-08-03", "last_day", "2026-08-14", "words", "<Sommer>", "late", "1")
	form := "/mitteilungen/neu?aus=schliessplan-" + strings.TrimPrefix(plan, "/schliessplan/")
	if a := w.Get(apptest.Hanna, form); a.Code != 404 {
		t.Errorf("before it is published: %d", a.Code)
	}
	w.sees(apptest.Hanna, "/schliessungen/neu", false, "Schließtag")
	do(apptest.Hanna, plan+"/veroeffentlichen")

	w.sees(apptest.Hanna, plan, true, `href="`+form+`"`)
	w.sees(apptest.Stefan, plan, false, `href="/mitteilungen/neu`) // he reads it
	for _, what := range []string{`value="Schließtage 2026"`, "- Montag, 2. März – Dienstag, 3. März: Fortbildung", "&lt;Sommer&gt;", `name="audience" value="4" checked`} {
		w.sees(apptest.Hanna, form, true, what)
		w.sees(apptest.Max, form, true, what) // of its carrier: to this Kita, not to all
	}
	w.sees(apptest.Max, form, false, `name="audience" value="3" checked`)
	for person, code := range map[int64]int{apptest.Stefan: 403, apptest.Rosa: 404, apptest.Greta: 404, apptest.Ada: 403} {
		if a := w.Get(person, form); a.Code != code {
			t.Errorf("%d: %d, want %d", person, a.Code, code)
		}
	}
	for _, ref := range []string{"schliessplan-99", "schliessplan-", "seite-1", "1"} {
		if a := w.Get(apptest.Hanna, "/mitteilungen/neu?aus="+ref); a.Code != 404 {
			t.Errorf("%q: %d", ref, a.Code)
		}
	}

	w.sees(apptest.Hanna, "/schliessungen/neu", true, "Für heute steht ein Schließtag im Plan: Fortbildung.")
	w.sees(apptest.Rosa, "/schliessungen/neu", false, "Schließtag")
	w.sees(apptest.Stefan, "/schliessungen/neu", false, "Schließtag") // of his group he closes nothing but that
	for _, what := range []string{`name="whole" value="1" checked`, `name="when" value="days" checked`, `name="first_day" value="2026-03-02"`, `name="last_day" value="2026-03-03"`,
		`name="reason" value="training"`} {
		w.sees(apptest.Hanna, "/schliessungen/neu?facility=4&fall=plan", true, what)
	}
	w.sees(apptest.Rosa, "/schliessungen/neu?fall=plan", false, `value="days" checked`)
	if err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE calendar_closing SET first_day = '2026-03-03' WHERE words = 'Fortbildung'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.sees(apptest.Hanna, "/schliessungen/neu", false, "Schließtag") // not of tomorrow
}
