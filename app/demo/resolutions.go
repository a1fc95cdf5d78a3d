package demo

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/assignment"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/resolution"
)

// A vote is something that the council of the first Kita has decided.
type vote struct {
	months, item   int // ago, in that month's meeting
	title, wording string
	yes, no, none  int
	inside         bool // only members read it
	days           int  // for which it holds; 0: until further notice
	replaces       int  // which of the votes it replaces, from 1; 0: none
	repeals        int  // likewise
	reason         string
}

var votes = []vote{
	{22, 2, "Geschäftsordnung", "Der Elternbeirat gibt sich eine Geschäftsordnung. Eingeladen wird **sieben Tage** vorher, beschlussfähig ist er mit der Hälfte seiner Stimmen.", 8, 0, 0, false, 0, 0, 0, ""},
	{22, 4, "Kuchenkasse", "Was bei Festen übrig bleibt, kommt in die Kuchenkasse. Der Vorsitz verwahrt sie.", 7, 0, 1, false, 0, 0, 0, ""},
	{19, 3, "Sonnensegel im Garten", "Der Elternbeirat bittet den Träger um ein Sonnensegel über dem Sandkasten und gibt aus der Kuchenkasse **300 Euro** dazu.", 6, 1, 1, false, 0, 0, 0, ""},
	{17, 2, "Elterncafé am ersten Freitag", "An jedem ersten Freitag im Monat lädt der Elternbeirat von 15 bis 16 Uhr zum Elterncafé ein.", 8, 0, 0, false, 330, 0, 0, ""},
	{15, 5, "Abschiedsgeschenk für Frau Petersen", "Der Elternbeirat schenkt Frau Petersen zum Abschied einen Gutschein der Buchhandlung über 60 Euro.", 5, 0, 2, true, 0, 0, 0, ""},
	{13, 3, "Stellungnahme zu den Schließtagen", "Der Elternbeirat stimmt den Schließtagen zu. Er bittet darum, Brückentage künftig **ein Jahr** vorher zu nennen.", 5, 2, 1, false, 0, 0, 0, ""},
	{11, 1, "Vorsitz und Kasse", "Die Kasse führt ab sofort, wer für das Amt gewählt ist. Belege werden **fünf Jahre** aufgehoben, zwei Mitglieder prüfen einmal im Jahr.\n\n1. Ausgaben bis 50 Euro entscheidet die Kasse allein.\n2. Alles darüber beschließt der Elternbeirat.", 9, 0, 0, false, 0, 2, 0, ""},
	{9, 4, "Flohmarkt im Frühjahr", "Der Flohmarkt findet jedes Jahr am zweiten Samstag im Mai statt. Die Standgebühr ist ein Kuchen.", 8, 0, 1, false, 0, 0, 0, ""},
	{7, 2, "Kein zweites Sonnensegel", "Ein zweites Sonnensegel ist nicht mehr nötig: Der Träger pflanzt im Herbst zwei Bäume.", 7, 1, 0, false, 0, 0, 3, "Das Segel hängt, und für den Rest sorgen die Bäume."},
	{5, 3, "Protokolle im Haus", "Protokolle stehen ab sofort hier im Haus und werden nicht mehr per Mail verschickt.", 9, 0, 0, false, 0, 0, 0, ""},
	{3, 6, "Waldwoche", "Der Elternbeirat unterstützt die Waldwoche der Füchse mit **120 Euro** für den Bus.", 6, 0, 2, false, 200, 0, 0, ""},
	{1, 2, "Laternenfest", "Beim Laternenfest gibt es Punsch ohne Alkohol, Brezeln und Kürbissuppe. Jede Familie bringt ihre eigenen Becher mit.", 8, 0, 0, false, 60, 0, 0, ""},
}

// decide has the council decide for two years, and leaves it something to do.
func (t *town) decide(ctx context.Context) error {
	ids := []int64{0}
	for _, v := range votes {
		at := t.meeting(v.months)
		t.clock.set(at)
		d := resolution.Decision{Origin: fmt.Sprintf("demo %d", len(ids)), Unit: t.council, Title: v.title, Wording: v.wording, At: at, Public: !v.inside,
			Place:    fmt.Sprintf("Sitzung am %s, TOP %d", lang.German().DayYear(at), v.item),
			Tally:    committee.Tally{Yes: v.yes, No: v.no, Abstain: v.none, Present: v.yes + v.no + v.none},
			Replaces: ids[v.replaces], Repeals: ids[v.repeals], Reason: v.reason}
		if v.days > 0 {
			d.Until = at.AddDate(0, 0, v.days).Format(time.DateOnly)
		}
		err := t.DB.Write(ctx, func(tx *store.Tx) error {
			id, _, err := resolution.Take(tx, t.House, d)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return fmt.Errorf("decide %q: %w", v.title, err)
		}
	}
	return t.duties(ctx)
}

// meeting is the evening of a Tuesday so many months ago.
func (t *town) meeting(months int) time.Time {
	y, m, d := t.today.Date()
	at := time.Date(y, m-time.Month(months), min(d, 28), 20, 10, 0, 0, t.today.Location())
	for at.Weekday() != time.Tuesday {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// duties are what the council has to do: one thing is late, one waits for somebody, one is done.
func (t *town) duties(ctx context.Context) error {
	serve := serving(t.House, assignment.New(t.House, operation.Log).Routes)
	day := func(n int) string { return t.today.AddDate(0, 0, n).Format(time.DateOnly) }
	for i, x := range []struct {
		ago   int
		mine  bool
		done  bool
		draft assignment.Draft
	}{
		{16, true, false, assignment.Draft{Title: "Belege der Kuchenkasse scannen", Body: "Der Ordner steht im Elternzimmer, zweites Fach.", Due: day(-2)}},
		{10, true, false, assignment.Draft{Title: "Becher für das Laternenfest zählen", Due: day(3)}},
		{10, false, false, assignment.Draft{Title: "Angebot für den Bus einholen", Body: "Für **18 Kinder**, hin um 8 Uhr und zurück um 14 Uhr.", Due: day(9)}},
		{8, false, false, assignment.Draft{Title: "Aushang für das Elterncafé erneuern"}},
		{12, true, true, assignment.Draft{Title: "Raum für die nächste Sitzung fragen", Due: day(-3)}},
	} {
		t.clock.set(t.ago(x.ago, 20, 45).Add(time.Duration(i) * time.Minute))
		x.draft.Unit = t.council
		if x.mine {
			x.draft.Owner = t.delegate
		}
		var id int64
		err := t.DB.Write(ctx, func(tx *store.Tx) error {
			v, err := org.Viewer(tx, t.delegate, t.Now())
			if err != nil {
				return err
			}
			id, err = assignment.Add(tx, t.House, v, x.draft)
			return err
		})
		if err == nil && x.done {
			t.clock.set(t.ago(4, 9, 20))
			v, e := t.viewer(ctx, t.delegate)
			if e != nil {
				return e
			}
			if err = serve(ctx, v, fmt.Sprintf("/aufgabe/%d/notiz", id), "note", "Der Bewegungsraum ist frei, ab 19 Uhr."); err == nil {
				err = serve(ctx, v, fmt.Sprintf("/aufgabe/%d/erledigt", id))
			}
		}
		if err != nil {
			return fmt.Errorf("the task %q: %w", x.draft.Title, err)
		}
	}
	return nil
}
