package list

import (
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// States of an entry.
const (
	Held    = "held"
	Waiting = "waiting"
)

// An Entry is an Eintrag: somebody on a line.
type Entry struct {
	ID      int64
	Line    int64
	Person  int64 // who has put it there; 0: ehemals im Haus
	Child   int64 // whose place it is; 0: the person's own
	Name    string
	Group   string // of the child; "": of none
	Places  int
	Note    string
	State   string
	Turn    int       // of those who wait: how many are before, and this one; 0: does not wait
	Offered time.Time // anybody may take it over; zero: nobody
	At      time.Time
	Mine    bool // the viewer's, or of a child of theirs
}

// A Wish is what somebody wants of a list.
type Wish struct {
	Line    int64
	Child   int64 // 0: for oneself
	Places  int
	Note    string
	Instead int64 // an entry of one's own that is given up if this one is had; 0: none
}

// enter puts somebody on a line: on a place, or at the end of those who wait. Whoever stands there already changes the
// number and the note. It returns the state.
func enter(tx *store.Tx, h *house.House, l List, v who.Viewer, w Wish) (string, error) {
	words, now := lang.Of(v.Lang), h.Now()
	if err := l.closed(words, now); err != nil {
		return "", err
	}
	if err := mayEnter(tx, l, v, w.Child, now); err != nil {
		return "", err
	}
	line, err := lineOf(tx, l.ID, w.Line)
	if err != nil {
		return "", err
	}
	w.Note = text.Line(w.Note)
	switch {
	case w.Places < 1 || w.Places > line.Places:
		return "", fault.At("places", "%s", words.N(line.Places, "Bitte wählen Sie höchstens %d Plätze."))
	case utf8.RuneCountInString(w.Note) > maxNote:
		return "", fault.At("note", "%s", words.T("Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxNote))
	}
	had, err := standing(tx, line.ID, v.ID, w.Child)
	if err != nil {
		return "", err
	}
	queue := line.Waiting > 0
	free := line.Places - line.Held
	if had.ID != 0 {
		return had.State, alter(tx, h, l, v, had, w, free, queue)
	}
	if err := within(tx, l, v, w, words); err != nil {
		return "", err
	}
	state := Held
	if w.Places > free || queue {
		state = Waiting
	}
	if w.Instead != 0 && state == Waiting {
		return "", fault.New(fault.Conflict, "%s", words.T("Dort ist kein Platz mehr frei. Ihr bisheriger Platz bleibt Ihnen."))
	}
	if _, err := tx.Exec(`
		INSERT INTO list_entry (line, person, child, places, note, state, turn, at)
		VALUES (?1, ?2, nullif(?3, 0), ?4, ?5, ?6, 1 + coalesce((SELECT max(turn) FROM list_entry WHERE line = ?1), 0), ?7)`,
		line.ID, v.ID, w.Child, w.Places, w.Note, state, now.Unix()); err != nil {
		return "", err
	}
	if w.Instead != 0 {
		old, err := own(tx, l, w.Instead, v, now)
		if err != nil {
			return "", err
		}
		if err := remove(tx, h, old); err != nil {
			return "", err
		}
	}
	tell(tx, h, l, v)
	return state, nil
}

// alter changes the number and the note of an entry. Who has places keeps them where more are not to be had.
func alter(tx *store.Tx, h *house.House, l List, v who.Viewer, had Entry, w Wish, free int, queue bool) error {
	if had.State == Held && w.Places > had.Places && (queue || w.Places > free+had.Places) {
		return fault.At("places", "%s", lang.Of(v.Lang).T("So viele Plätze sind nicht mehr frei. Ihr bisheriger Eintrag bleibt bestehen."))
	}
	if _, err := tx.Exec(`UPDATE list_entry SET places = ?, note = ?, at = ? WHERE id = ?`, w.Places, w.Note, h.Now().Unix(), had.ID); err != nil {
		return err
	}
	tell(tx, h, l, v)
	return moveUp(tx, h, had.Line, v.ID)
}

// within refuses more lines than the list gives to each.
func within(tx *store.Tx, l List, v who.Viewer, w Wish, words *lang.Lang) error {
	if l.Most == 0 {
		return nil
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM list_line z JOIN list_entry e ON e.line = z.id
		WHERE z.list = ?1 AND e.id <> ?4 AND (?3 = 0 AND e.child IS NULL AND e.person = ?2 OR ?3 <> 0 AND e.child = ?3)`, l.ID, v.ID, w.Child, w.Instead)
	if err != nil || n < l.Most {
		return err
	}
	return fault.New(fault.Conflict, "%s", words.N(l.Most, "Auf dieser Liste können Sie in höchstens %d Zeilen stehen. Geben Sie zuerst einen Platz zurück."))
}

// mayEnter reports whether a list is for the viewer, and for that child.
func mayEnter(tx *store.Tx, l List, v who.Viewer, child int64, now time.Time) error {
	if l.Per == PerPerson && child == 0 && l.Meant {
		return nil
	}
	kids, err := kids(tx, l, v, now)
	if err != nil {
		return err
	}
	for _, k := range kids {
		if k.ID == child {
			return nil
		}
	}
	if l.Per == PerChild && child == 0 && len(kids) > 0 {
		return fault.At("child", "%s", lang.Of(v.Lang).T("Bitte wählen Sie ein Kind."))
	}
	return fault.New(fault.Forbidden, "Auf dieser Liste können Sie sich nicht eintragen.")
}

// withdraw gives a place back: one's own while the list is open, and anybody's by those who look after the list.
func withdraw(tx *store.Tx, h *house.House, l List, v who.Viewer, id int64) error {
	e, err := own(tx, l, id, v, h.Now())
	if err != nil {
		return err
	}
	if !l.Edit || !l.Reads {
		if err := l.closed(lang.Of(v.Lang), h.Now()); err != nil {
			return err
		}
	}
	if !e.Mine && e.Person != 0 {
		if err := tellOne(tx, h, removed, l.ID, e.Line, e.Person); err != nil {
			return err
		}
	}
	tell(tx, h, l, v)
	return remove(tx, h, e)
}

// remove takes an entry away, and gives its places to those who wait.
func remove(tx *store.Tx, h *house.House, e Entry) error {
	if _, err := tx.Exec(`DELETE FROM list_entry WHERE id = ?`, e.ID); err != nil {
		return err
	}
	return moveUp(tx, h, e.Line, 0)
}

// offer says that somebody else may take a place over, or takes that back. Until then it stays whose it is. Where somebody
// waits, it goes to them at once: gone.
func offer(tx *store.Tx, h *house.House, l List, v who.Viewer, id int64, on bool) (gone bool, err error) {
	if err := l.closed(lang.Of(v.Lang), h.Now()); err != nil {
		return false, err
	}
	e, err := own(tx, l, id, v, h.Now())
	if err == nil && (!e.Mine || e.State != Held) {
		err = fault.Gone()
	}
	if err != nil {
		return false, err
	}
	tell(tx, h, l, v)
	if on {
		line, err := lineOf(tx, l.ID, e.Line)
		if err != nil {
			return false, err
		}
		if line.Waiting > 0 {
			return true, remove(tx, h, e)
		}
	}
	_, err = tx.Exec(`UPDATE list_entry SET offered = iif(?, ?, NULL) WHERE id = ?`, on, h.Now().Unix(), e.ID)
	return false, err
}

// take makes an offered place one's own. Two who want it at once: one is faster, and the other is told so.
func take(tx *store.Tx, h *house.House, l List, v who.Viewer, id, child int64) error {
	words, now := lang.Of(v.Lang), h.Now()
	if err := l.closed(words, now); err != nil {
		return err
	}
	if err := mayEnter(tx, l, v, child, now); err != nil {
		return err
	}
	e, err := entryOf(tx, l.ID, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && e.Offered.IsZero() {
		return fault.New(fault.Conflict, "%s", words.T("Diesen Platz gibt inzwischen niemand mehr ab."))
	}
	if err != nil {
		return err
	}
	had, err := standing(tx, e.Line, v.ID, child)
	if err != nil {
		return err
	}
	if had.State == Held {
		return fault.New(fault.Conflict, "%s", words.T("In dieser Zeile stehen Sie schon."))
	}
	if err := within(tx, l, v, Wish{Child: child, Instead: had.ID}, words); err != nil {
		return err
	}
	if had.ID != 0 { // no longer waits
		if _, err := tx.Exec(`DELETE FROM list_entry WHERE id = ?`, had.ID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE list_entry SET person = ?, child = nullif(?, 0), note = '', offered = NULL, at = ? WHERE id = ?`,
		v.ID, child, now.Unix(), e.ID); err != nil {
		return err
	}
	tell(tx, h, l, v)
	if e.Person == 0 || e.Person == v.ID {
		return nil
	}
	return tellOne(tx, h, taken, l.ID, e.Line, e.Person)
}

// moveUp gives free places to those who wait, strictly in their order. asker sees it on the page, and is not told; 0:
// nobody asks.
func moveUp(tx *store.Tx, h *house.House, line, asker int64) error {
	type next struct {
		id, person, list int64
		places           int
	}
	for {
		first, err := store.All(tx, func(n *next) []any { return []any{&n.id, &n.person, &n.list, &n.places} }, `
			SELECT e.id, coalesce(e.person, 0), z.list, e.places FROM list_entry e JOIN list_line z ON z.id = e.line
			WHERE e.line = ?1 AND e.state = 'waiting' AND e.turn = (SELECT min(turn) FROM list_entry WHERE line = ?1 AND state = 'waiting')
				AND e.places <= z.places - (SELECT coalesce(sum(places), 0) FROM list_entry WHERE line = ?1 AND state = 'held')`, line)
		if err != nil || len(first) == 0 {
			return err
		}
		n := first[0]
		if _, err := tx.Exec(`UPDATE list_entry SET state = 'held' WHERE id = ?`, n.id); err != nil {
			return err
		}
		if n.person != 0 && n.person != asker {
			if err := tellOne(tx, h, moved, n.list, line, n.person); err != nil {
				return err
			}
		}
	}
}

// tell has open pages of the team look again, and the viewer's own. Those of other parents do not: when a list opens, a
// hundred put themselves down within a minute, and each would have a hundred pages fetched.
func tell(tx *store.Tx, h *house.House, l List, v who.Viewer) {
	tx.After(func() { h.Live.Publish(live.Event{Held: []int64{l.Unit}, Person: v.ID}) })
}
