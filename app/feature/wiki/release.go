package wiki

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// mayRelease says why v may not release a revision of a page that v may write: it needs another pair of eyes, of somebody
// who leads the archive. Where the unit no longer wants that, its author may, too.
func mayRelease(tx *store.Tx, p Page, r Revision, v who.Viewer) error {
	switch {
	case r.ID != p.Latest:
		return fault.New(fault.Conflict, "Inzwischen gibt es eine neuere Fassung. Bitte sehen Sie sich diese an.")
	case p.Shown == r.ID || p.Template && !r.Released.IsZero():
		return fault.New(fault.Conflict, "Diese Fassung ist schon freigegeben.")
	}
	approve, err := approves(tx, p.Unit)
	if err != nil || !approve {
		return err
	}
	if r.Author == v.ID {
		return fault.New(fault.Conflict, "Freigeben muss jemand anderes: Vier Augen sehen mehr als zwei.")
	}
	if !p.set[leading(p.Kind)] {
		return fault.New(fault.Forbidden, "Freigeben kann nur, wer die Einrichtung leitet oder darüber steht.")
	}
	return nil
}

// mayWiden says why the viewer of a page that others see already may not give it these readers: what was released for few
// was not released for more.
func mayWiden(tx *store.Tx, p Page, to Access) error {
	if p.Shown == 0 || p.set[leading(p.Kind)] || slices.Index(accesses(), to) <= slices.Index(accesses(), p.Access) {
		return nil
	}
	approve, err := approves(tx, p.Unit)
	if err == nil && approve {
		err = fault.At("access", "In diesem Wissensspeicher gibt eine zweite Person alles frei. Für mehr Leserinnen und Leser öffnet die Seite nur, wer freigeben darf.")
	}
	return err
}

// saved says what has become of the words of a page, and who reads them now.
func (p Page) saved(waits bool) string {
	switch {
	case waits:
		return "Gespeichert. Leserinnen und Leser sehen es, sobald jemand anderes es freigegeben hat."
	case p.Template || !p.Removed.IsZero():
		return "Gespeichert."
	}
	return "Gespeichert. Lesen können es: " + p.Access.Word(p.Kind) + "."
}

// await has those told who may release what v has just saved: once, until it is released or goes back.
func await(tx *store.Tx, h *house.House, id int64, v who.Viewer) error {
	n, err := tx.Exec(`
		UPDATE wiki_page SET awaited = 1 WHERE id = ?1 AND (awaited = 0 OR NOT EXISTS (
			SELECT 1 FROM wiki_revision r WHERE r.page = ?1 AND r.id > coalesce(shown, 0) AND r.id < latest AND r.refused IS NULL AND r.author = ?2))`, id, v.ID)
	if err != nil || n == 0 {
		return err
	}
	p, err := get(tx, id, v, h.Now())
	if err != nil {
		return err
	}
	all, err := nearest(tx, p.Unit, p.Kind, p.Access == Board, v.ID, h.Now())
	if err != nil {
		return err
	}
	return tell(tx, h, id, toRelease, ids(all)...)
}

// A Return is a revision that somebody has not released, but sent back to its author.
type Return struct {
	At     time.Time // zero: it did not go back
	Name   string    // of who sent it; "": ehemals im Haus
	Reason string
}

// Is reports whether it went back.
func (r Return) Is() bool { return !r.At.IsZero() }

// returned is what became of a revision.
func returned(tx *store.Tx, rev int64) (Return, error) {
	return store.One(tx, func(r *Return) []any { return []any{(*store.Time)(&r.At), &r.Name, &r.Reason} }, `
		SELECT r.refused, coalesce(trim(p.given || ' ' || p.family), ''), r.reason
		FROM wiki_revision r LEFT JOIN person p ON p.id = r.refuser WHERE r.id = ?`, rev)
}

// giveBack sends a revision back to its author; it stays what is edited next.
func giveBack(tx *store.Tx, r Revision, v who.Viewer, reason string, now time.Time) error {
	if _, err := tx.Exec(`UPDATE wiki_revision SET refused = ?, refuser = ?, reason = ? WHERE id = ?`, now.Unix(), v.ID, reason, r.ID); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE wiki_page SET awaited = 0 WHERE id = ?`, r.Page)
	return err
}

// A Waiting revision has not been released.
type Waiting struct {
	Page     int64
	Revision int64
	Title    string
	Author   string // "": the console, or ehemals im Haus
	At       time.Time
	Back     bool // it went back to its author
	New      bool // readers see no earlier one
}

func (w *Waiting) fields() []any {
	return []any{&w.Page, &w.Revision, &w.Title, &w.Author, (*store.Time)(&w.At), &w.Back, &w.New}
}

// waiting lists what is not released in an archive, for those who write there, the oldest first.
func waiting(tx *store.Tx, unit int64, board bool) ([]Waiting, error) {
	return store.All(tx, (*Waiting).fields, `
		SELECT p.id, r.id, r.title, coalesce(trim(a.given || ' ' || a.family), ''), r.at, r.refused IS NOT NULL, p.shown IS NULL
		FROM wiki_page p JOIN wiki_revision r ON r.id = p.latest LEFT JOIN person a ON a.id = r.author
		WHERE p.unit = ?1 AND p.removed IS NULL AND r.released IS NULL AND (p.access <> 'board' OR ?2) ORDER BY r.at, r.id LIMIT 500`, unit, board)
}

const mostReason = 1000 // characters

// reasonable tidies a reason and says what is wrong with it.
func reasonable(reason string) (string, error) {
	switch {
	case reason == "":
		return "", fault.At("reason", "Bitte schreiben Sie dazu, was noch fehlt.")
	case utf8.RuneCountInString(reason) > mostReason:
		return "", fault.At("reason", "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", mostReason)
	case !utf8.ValidString(reason) || strings.ContainsFunc(reason, text.Unreadable):
		return "", fault.At("reason", "Der Text enthält Zeichen, die niemand lesen kann.")
	}
	return reason, nil
}
