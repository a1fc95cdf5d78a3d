package floor

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// fields are those of all forms of the floor.
func fields() []string {
	return []string{"version", "item", "was", "person", "kind", "minutes", "uid", "title", "wording", "amends", "motion", "edition", "how", "owner", "due", "for"}
}

// do makes a handler of a deed: one transaction, and back to the floor. What is wrong stands there with what was typed.
func (f *feature) do(deed func(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, fields()...)
		if err != nil {
			return err
		}
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			m, err := f.meeting(tx, id, v)
			if err != nil {
				return err
			}
			return deed(tx, m, v, form)
		})
		if web.Again(err) || fault.KindOf(err) == fault.Conflict {
			p, e := f.page(r, v, id, form.With(err), false)
			if e != nil {
				return e
			}
			return f.pages.Again(w, r, "show.html", p)
		}
		if err != nil {
			return err
		}
		return web.Done(w, r, plenum(id))
	}
}

// leads refuses all but those who lead this committee: somebody may lead another.
func leads(m Meeting) error {
	if !m.Leads() {
		return fault.New(fault.Forbidden, "Das macht, wer die Sitzung leitet.")
	}
	return nil
}

func (f *feature) begin(tx *store.Tx, m Meeting, v who.Viewer, _ web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	if err := begin(tx, f.House, f.wires, m, v); err != nil {
		return err
	}
	return f.wires.Log(tx, f.Now(), v.ID, "meeting.began", m.ID)
}

func (f *feature) end(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	if err := end(tx, f.House, f.wires, m, v, form.ID("version")); err != nil {
		return err
	}
	return f.wires.Log(tx, f.Now(), v.ID, "meeting.ended", m.ID)
}

func (f *feature) resume(tx *store.Tx, m Meeting, v who.Viewer, _ web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	if err := resume(tx, f.House, f.wires, m, v); err != nil {
		return err
	}
	return f.wires.Log(tx, f.Now(), v.ID, "meeting.resumed", m.ID)
}

func (f *feature) call(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	was := Done
	if form.Get("was") == Postponed {
		was = Postponed
	}
	return call(tx, f.House, f.wires, m, v, form.ID("item"), form.ID("version"), was)
}

// timer sets a time that everybody sees run out; 0 minutes: none.
func (f *feature) timer(tx *store.Tx, m Meeting, _ who.Viewer, form web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	n := form.ID("minutes")
	if n > 180 {
		return fault.At("minutes", "Bitte geben Sie höchstens 180 Minuten an.")
	}
	if _, err := step(tx, f.House, m, form.ID("version")); err != nil {
		return err
	}
	var until *int64
	if n > 0 {
		at := f.Now().Add(time.Duration(n) * time.Minute).Unix()
		until = &at
	}
	_, err := tx.Exec(`UPDATE floor SET timer = ? WHERE meeting = ?`, until, m.ID)
	return err
}

// attend notes who is there: members themselves, or whoever leads notes others.
func (f *feature) attend(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	x, err := get(tx, m.ID)
	if err == nil {
		err = x.running()
	}
	if err != nil {
		return err
	}
	person := form.ID("person")
	if person == 0 {
		person = v.ID
	}
	switch {
	case person != v.ID:
		if err := leads(m); err != nil {
			return err
		}
	case !x.Arrivals && !m.Leads():
		return fault.New(fault.Conflict, "Wer da ist, trägt heute die Leitung der Sitzung ein.")
	}
	all, err := members(tx, m, nil)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(x Member) bool { return x.Person == person }) {
		return fault.Gone()
	}
	if form.Get("kind") == "left" {
		return leave(tx, f.House, m, person)
	}
	return arrive(tx, f.House, m, person)
}

func (f *feature) speak(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	person := v.ID
	if p := form.ID("person"); p != 0 && m.Leads() {
		person = p
	}
	there, err := presences(tx, m.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(there, func(p Presence) bool { return p.Person == person && p.Until.IsZero() }) {
		return fault.New(fault.Conflict, "Reden kann, wer als anwesend eingetragen ist.")
	}
	return speak(tx, f.House, m, person, form.Get("kind") != "no", m.Leads())
}

// list leads the list of speakers: calls somebody, ends a turn, closes the list.
func (f *feature) list(tx *store.Tx, m Meeting, _ who.Viewer, form web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	version := form.ID("version")
	switch form.Get("kind") {
	case "call":
		return yield(tx, f.House, m, version, form.ID("person"))
	case "done":
		return yield(tx, f.House, m, version, 0)
	}
	if _, err := step(tx, f.House, m, version); err != nil {
		return err
	}
	var err error
	switch form.Get("kind") {
	case "remove":
		_, err = tx.Exec(`DELETE FROM floor_speaker WHERE id = ? AND meeting = ? AND called IS NULL`, form.ID("person"), m.ID)
	case "shut", "open":
		_, err = tx.Exec(`UPDATE floor SET shut = ? WHERE meeting = ?`, form.Get("kind") == "shut", m.ID)
	case "fresh", "asked":
		_, err = tx.Exec(`UPDATE floor SET fresh = ? WHERE meeting = ?`, form.Get("kind") == "fresh", m.ID)
	case "self", "chair":
		_, err = tx.Exec(`UPDATE floor SET arrivals = ? WHERE meeting = ?`, form.Get("kind") == "self", m.ID)
	default:
		err = fault.New(fault.Malformed, "Das geht hier nicht.")
	}
	return err
}

// title is what a motion is called: as typed, or how its wording begins.
func title(form web.Form) string {
	t := text.Clean(form.Get("title"))
	if t != "" {
		return t
	}
	line, _, _ := strings.Cut(strings.TrimSpace(form.Get("wording")), "\n")
	if r := []rune(line); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return line
}

func (f *feature) move(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	x, err := get(tx, m.ID)
	if err != nil {
		return err
	}
	uid := form.Get("uid")
	if uuid.Validate(uid) != nil {
		uid = newUID()
	}
	mover := v.ID
	if p := form.ID("for"); p != 0 && m.Leads() { // somebody without a device
		all, err := members(tx, m, nil)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(x Member) bool { return x.Person == p }) {
			return fault.Gone()
		}
		mover = p
	}
	_, err = move(tx, f.House, m, Motion{UID: uid, Item: x.Item, Amends: form.ID("amends"), Title: title(form), Wording: strings.TrimSpace(form.Get("wording")), Mover: mover})
	return err
}

// own is a motion of a meeting that the viewer may word or withdraw.
func own(tx *store.Tx, m Meeting, v who.Viewer, id int64) (Motion, error) {
	d, err := motion(tx, id)
	if err == nil && d.Meeting != m.ID {
		err = fault.Gone()
	}
	if err == nil && d.Mover != v.ID && !m.Leads() {
		err = fault.New(fault.Forbidden, "Das macht, wer den Antrag gestellt hat oder die Sitzung leitet.")
	}
	return d, err
}

func (f *feature) reword(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	d, err := own(tx, m, v, form.ID("motion"))
	if err != nil {
		return err
	}
	return reword(tx, f.House, d, title(form), strings.TrimSpace(form.Get("wording")), int(form.ID("edition")))
}

func (f *feature) vote(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	if err := leads(m); err != nil {
		return err
	}
	d, err := own(tx, m, v, form.ID("motion"))
	if err != nil {
		return err
	}
	how := form.Get("how")
	if how != "open" && how != "secret" && how != "paper" {
		return fault.At("how", "Bitte wählen Sie, wie abgestimmt wird.")
	}
	return put(tx, f.House, f.wires, m, v, d, how == "secret", how == "paper")
}

func (f *feature) withdraw(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	d, err := own(tx, m, v, form.ID("motion"))
	if err == nil {
		err = d.editable()
	}
	if err != nil {
		return err
	}
	x, err := get(tx, m.ID)
	if err == nil {
		err = x.running()
	}
	if err != nil {
		return err
	}
	return settle(tx, f.House, d, Withdrawn)
}

func (f *feature) task(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	x, err := get(tx, m.ID)
	if err == nil {
		err = x.running()
	}
	if err != nil {
		return err
	}
	place := "Sitzung am " + localDay(x.Began)
	if i, ok := m.Item(x.Item); ok {
		place += ", TOP " + i.Number
	}
	return f.wires.Task(tx, v, Task{UID: form.Get("uid"), Unit: m.Unit, Meeting: m.ID, Item: x.Item, Place: place, Owner: form.ID("owner"),
		Title: text.Clean(form.Get("title")), Due: form.Get("due")})
}
