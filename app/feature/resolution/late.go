package resolution

import (
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// noon is the hour of decisions of which only the day is known.
const noon = 12 * time.Hour

// A Late (Nachtrag) is a resolution that somebody enters by hand, from a time when the book was on paper.
type Late struct {
	Decision
	Day    string // on which it was decided
	Number string // "2024-05" or "5"; "": the next one of its year
}

// number is the number that was typed; 0: none.
func (l Late) number(year int) (int, error) {
	if l.Number == "" {
		return 0, nil
	}
	y, n, ok := readName(l.Number)
	if !ok {
		y = year
		_, n, ok = readName("1-" + l.Number)
	}
	switch {
	case !ok || n > 999:
		return 0, fault.At("number", "Bitte geben Sie eine Nummer wie 2024-05 ein, oder lassen Sie das Feld leer.")
	case y != year:
		return 0, fault.At("number", "Diese Nummer ist von %d, der Beschluss von %d.", y, year)
	}
	return n, nil
}

// enter puts a resolution into the book by hand, for those who lead. In the present year, and in every year in which the
// house has given numbers, it gets the next one: a book with holes proves nothing.
func enter(tx *store.Tx, h *house.House, v who.Viewer, l Late) (int64, error) {
	now := h.Now()
	if _, _, err := committee.Must(tx, v, l.Unit, committee.Leading, now); err != nil {
		return 0, err
	}
	if id, _, err := made(tx, l.Origin); id != 0 || err != nil {
		return id, err
	}
	l.Title, l.Wording, l.Place = text.Line(l.Title), text.Clean(l.Wording), text.Line(l.Place)
	l.At = dayOf(l.Day).Add(noon)
	if dayOf(l.Day).IsZero() {
		return 0, fault.At("day", "Bitte geben Sie einen Tag an, den es gibt.")
	}
	if l.Day > today(now) {
		return 0, fault.At("day", "Dieser Tag liegt noch in der Zukunft.")
	}
	if l.At.After(now) {
		l.At = now // this morning
	}
	if err := l.check(); err != nil {
		return 0, err
	}
	year := house.Local(l.At).Year()
	number, err := l.number(year)
	if err != nil {
		return 0, err
	}
	next, err := store.One(tx, store.Value[int], `SELECT coalesce(max(number), 0) + 1 FROM resolution WHERE unit = ? AND year = ?`, l.Unit, year)
	if err != nil {
		return 0, err
	}
	if number != 0 && number != next {
		counts, err := store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM resolution WHERE unit = ? AND year = ? AND late = 0)`, l.Unit, year)
		if err != nil {
			return 0, err
		}
		if counts || year == house.Local(now).Year() {
			return 0, fault.At("number", "Im Jahr %d zählt das Haus ohne Lücke. Der nächste Beschluss ist %s.", year, name(year, next))
		}
		taken, err := store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM resolution WHERE unit = ? AND year = ? AND number = ?)`, l.Unit, year, number)
		if err != nil {
			return 0, err
		}
		if taken {
			return 0, fault.At("number", "Die Nummer %s gibt es schon.", name(year, number))
		}
	}
	id, err := put(tx, l.Decision, year, number, true, now)
	tell(tx, h, l.Unit)
	return id, err
}

// remove strikes what was entered by hand and by mistake. Its number stays, so that nobody looks for a leaf that was torn
// out, and whoever has read it elsewhere learns that it is gone.
func remove(tx *store.Tx, h *house.House, r Resolution) error {
	if !r.Late {
		return fault.New(fault.Conflict, "Ein Beschluss, den das Haus gezählt hat, bleibt im Buch. Ein späterer Beschluss kann ihn aufheben.")
	}
	uses, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM resolution WHERE successor = ?1) OR EXISTS (SELECT 1 FROM resolution_circular WHERE replaces = ?1 AND state = 'open')`, r.ID)
	if err != nil {
		return err
	}
	if uses {
		return fault.New(fault.Conflict, "Dieser Beschluss hat einen anderen beendet, oder ein Umlaufbeschluss soll ihn ersetzen. Darum bleibt er im Buch.")
	}
	if _, err := tx.Exec(`
		UPDATE resolution SET title = '', wording = '', place = '', reason = '', successor = NULL, fate = '', until = NULL, meeting = NULL, item = NULL,
			yes = NULL, no = NULL, abstain = NULL, invalid = NULL, present = NULL, deleted = ?2, changed = ?2 WHERE id = ?1`, r.ID, h.Now().Unix()); err != nil {
		return err
	}
	tell(tx, h, r.Unit)
	return search.Changed(tx, foundKind, r.ID)
}

// arrange gives a resolution another last day, or shows it to more people. What was public stays so: it has been read.
func arrange(tx *store.Tx, h *house.House, r Resolution, until string, public bool) error {
	var f fault.Form
	checkUntil(&f, until, house.Local(r.Decided).Format(time.DateOnly))
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE resolution SET until = nullif(?, ''), public = max(public, ?), changed = ? WHERE id = ?`, until, public, h.Now().Unix(), r.ID); err != nil {
		return err
	}
	tell(tx, h, r.Unit)
	return search.Changed(tx, foundKind, r.ID)
}

// finish ends a resolution by a later one that is in the book already.
func finish(tx *store.Tx, h *house.House, r Resolution, fate, by, reason string) error {
	reason = text.Line(reason)
	switch {
	case fate != Replaced && fate != Repealed:
		return fault.At("fate", "Bitte wählen Sie, ob er ersetzt oder aufgehoben ist.")
	case fate == Repealed && reason == "":
		return fault.At("reason", "Bitte schreiben Sie, warum er aufgehoben ist.")
	case utf8.RuneCountInString(reason) > maxReason:
		return fault.At("reason", "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxReason)
	}
	later, err := numbered(tx, r.Unit, by)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.At("by", "Einen Beschluss mit dieser Nummer gibt es nicht. Nummern sehen so aus: 2026-07.")
	}
	if err != nil {
		return err
	}
	tell(tx, h, r.Unit)
	return end(tx, r.ID, later, fate, reason, h.Now())
}
