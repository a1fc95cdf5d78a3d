package minutes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// take gives somebody the pen (Stift). Who has it keeps it, unless over: then it is taken over, and the page of who had it
// says so. The new number of the pen makes all older forms those of somebody who no longer writes.
func (f *feature) take(tx *store.Tx, id int64, v who.Viewer, over bool) error {
	now := f.Now()
	m, err := written(tx, id, v, now)
	if err != nil {
		return err
	}
	if m.Busy(v.ID, now) && !over {
		return fault.New(fault.Conflict, "Gerade schreibt %s. Sie können übernehmen.", m.Hand)
	}
	if _, err := tx.Exec(`UPDATE minutes SET pen = pen + 1, writer = ?1, written = ?2 WHERE id = ?3`, v.ID, now.Unix(), id); err != nil {
		return err
	}
	return f.told(tx, m.Unit)
}

// lay puts the pen down, if the viewer has it.
func (f *feature) lay(tx *store.Tx, id int64, v who.Viewer) error {
	m, err := written(tx, id, v, f.Now())
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE minutes SET writer = NULL WHERE id = ? AND writer = ?`, id, v.ID); err != nil {
		return err
	}
	return f.told(tx, m.Unit)
}

// A Change is the text of one item as it comes from a form.
type Change struct {
	Item int64
	Base int64  // the version that it began from
	Mark string // of the text that the form began with: where it is that of Body, nobody has typed
	Body string
}

// A Sheet is one form as it was opened, in one tab: what comes from it later goes on from what came from it before, also
// where the answer was lost.
type Sheet struct {
	Pen  int64  // with which it writes
	Form string // its own name
	No   int64  // counts what it has sent: what was overtaken on the way changes nothing
}

// mark tells texts from each other.
func mark(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:6])
}

// Base is what a form keeps of a text that it begins with.
func (t Text) Base() string { return fmt.Sprintf("%d-%s", t.Version, mark(t.Body)) }

// readBase reads what Base wrote; what is nothing of the kind is no version of any text.
func readBase(s string) (version int64, mark string) {
	n, mark, ok := strings.Cut(s, "-")
	version, err := strconv.ParseInt(n, 10, 64)
	if !ok || err != nil || version < 0 || len(mark) != 12 {
		return -1, ""
	}
	return version, mark
}

// A Saved is what became of changes.
type Saved struct {
	By    string           // who has the pen now, where the form had an older one; "": it had the right one
	Aside int              // how many texts were kept aside
	Bases map[int64]string // of each text that is saved now: from where the form goes on
}

// coalesce is for how long what one person types at an item is one version.
const coalesce = 5 * time.Minute

// save keeps what somebody has typed. Nothing that was typed is lost: what cannot become the text, since somebody else has
// taken the pen or changed the same item meanwhile, is kept aside. The same form sent twice changes nothing the second time.
func (f *feature) save(tx *store.Tx, id int64, v who.Viewer, sheet Sheet, changes []Change) (Saved, error) {
	now := f.Now()
	out := Saved{Bases: map[int64]string{}}
	m, err := written(tx, id, v, now)
	if err != nil {
		return out, err
	}
	have, err := texts(tx, id)
	if err != nil {
		return out, err
	}
	r, err := f.record(tx, m.Meeting, m.Keeper, v)
	if err != nil {
		return out, err
	}
	mine := m.Pen == sheet.Pen && m.Writer == v.ID
	if !mine {
		out.By = m.holder(v.ID)
	}
	wrote := false
	for _, c := range changes {
		c.Body = strings.Trim(text.Clean(c.Body), "\n")
		if err := checkBody(c.Body); err != nil {
			return out, err
		}
		was := have[c.Item]
		_, there := r.item(c.Item) // else it was taken off the agenda meanwhile
		switch {
		case was.Body == c.Body:
		case mark(c.Body) == c.Mark: // nobody has typed here
			continue
		case mine && there && (was.Version == c.Base || was.form == sheet.Form && was.no < sheet.No):
			if was, err = write(tx, id, v, was, sheet, c, now); err != nil {
				return out, err
			}
			wrote = true
		case mine && there && was.form == sheet.Form && sheet.No > 0 && was.no >= sheet.No: // overtaken by what the same form has sent later
			continue
		default:
			if err := aside(tx, id, v, sheet.Pen, c, now); err != nil {
				return out, err
			}
			out.Aside++
			continue
		}
		out.Bases[c.Item] = was.Base()
	}
	if mine {
		if _, err := tx.Exec(`UPDATE minutes SET written = ?1, changed = iif(?2, ?1, changed) WHERE id = ?3`, now.Unix(), wrote, id); err != nil {
			return out, err
		}
	}
	if out.Aside > 0 {
		return out, f.told(tx, m.Unit)
	}
	return out, nil
}

// holder says who has the pen, to somebody whose form has an older one.
func (m Minutes) holder(person int64) string {
	switch m.Writer {
	case 0:
		return "niemand"
	case person:
		return "jemand unter Ihrem Namen, auf einem anderen Gerät oder in einem anderen Fenster"
	}
	return m.Hand
}

// write makes a text what was typed, and returns it.
func write(tx *store.Tx, id int64, v who.Viewer, was Text, sheet Sheet, c Change, now time.Time) (Text, error) {
	t := Text{Item: c.Item, Version: was.Version + 1, Body: c.Body}
	if _, err := tx.Exec(`
		INSERT INTO minutes_text (minutes, item, version, body, form, no, author, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
		ON CONFLICT (minutes, item) DO UPDATE SET version = excluded.version, body = excluded.body, form = excluded.form, no = excluded.no,
			author = excluded.author, at = excluded.at`, id, t.Item, t.Version, t.Body, sheet.Form, sheet.No, v.ID, now.Unix()); err != nil {
		return t, err
	}
	// Hundreds of states of one evening help nobody: what goes on from the state before takes its place.
	n, err := tx.Exec(`UPDATE minutes_version SET version = ?1, body = ?2, at = ?3 WHERE minutes = ?4 AND item = ?5 AND version = ?6 AND author = ?7 AND since > ?8`,
		t.Version, t.Body, now.Unix(), id, t.Item, was.Version, v.ID, now.Add(-coalesce).Unix())
	if err != nil || n > 0 {
		return t, err
	}
	_, err = tx.Exec(`INSERT INTO minutes_version (minutes, item, version, body, author, since, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
		id, t.Item, t.Version, t.Body, v.ID, now.Unix())
	return t, err
}

// An Aside is what somebody had typed when it could no longer be saved.
type Aside struct {
	ID     int64
	Item   int64
	Person int64
	Name   string
	Body   string
	At     time.Time
}

func aside(tx *store.Tx, id int64, v who.Viewer, pen int64, c Change, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO minutes_aside (minutes, item, person, pen, body, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (minutes, item, person, pen) DO UPDATE SET body = excluded.body, at = excluded.at`, id, c.Item, v.ID, pen, c.Body, now.Unix())
	return err
}

// asides lists what is kept aside for minutes.
func asides(tx *store.Tx, id int64) ([]Aside, error) {
	return store.All(tx, func(a *Aside) []any { return []any{&a.ID, &a.Item, &a.Person, &a.Name, &a.Body, (*store.Time)(&a.At)} }, `
		SELECT a.id, a.item, a.person, p.given || ' ' || p.family, a.body, a.at
		FROM minutes_aside a JOIN person p ON p.id = a.person WHERE a.minutes = ? ORDER BY a.at, a.id`, id)
}

// settle takes what was kept aside into the text of its item, below what stands there, or puts it away. Who has the pen takes
// in; what is put away was its own, or is up to who has the pen.
func (f *feature) settle(tx *store.Tx, id, aside int64, v who.Viewer, in bool) error {
	now := f.Now()
	m, err := written(tx, id, v, now)
	if err != nil {
		return err
	}
	a, err := store.One(tx, func(a *Aside) []any { return []any{&a.ID, &a.Item, &a.Person, &a.Body} }, `
		SELECT id, item, person, body FROM minutes_aside WHERE id = ? AND minutes = ?`, aside, id)
	if err != nil {
		return err
	}
	if m.Writer != v.ID && (in || a.Person != v.ID) {
		return fault.New(fault.Conflict, "Das kann nur, wer gerade schreibt. Sie können übernehmen.")
	}
	if in {
		r, err := f.record(tx, m.Meeting, m.Keeper, v)
		if err != nil {
			return err
		}
		if _, ok := r.item(a.Item); !ok {
			a.Item = 0 // its item was taken off the agenda
		}
		have, err := texts(tx, id)
		if err != nil {
			return err
		}
		was := have[a.Item]
		body := a.Body
		if was.Body != "" {
			body = was.Body + "\n\n" + a.Body
		}
		if err := checkBody(body); err != nil {
			return err
		}
		if _, err := write(tx, id, v, was, Sheet{}, Change{Item: a.Item, Body: body}, now); err != nil {
			return err
		}
		// An open form of the same person holds an older text: what it sends is kept aside, and nothing is overwritten.
		if _, err := tx.Exec(`UPDATE minutes SET written = ?1, changed = ?1 WHERE id = ?2`, now.Unix(), id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM minutes_aside WHERE id = ?`, aside); err != nil {
		return err
	}
	return f.told(tx, m.Unit)
}
