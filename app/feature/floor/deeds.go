package floor

import (
	"encoding/json"
	"net/http"
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
	return []string{"version", "item", "was", "person", "kind", "minutes", "uid", "title", "wording", "amends", "motion", "edition", "take", "how", "owner", "due", "for"}
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
		err = f.write(r, v, id, func(tx *store.Tx, m Meeting) error { return deed(tx, m, v, form) })
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

// write carries a deed out in one transaction. The plan of the meeting is read before it, from memory: else nobody else in the
// house could write while a thousand members check in. Whether the viewer may is asked in the transaction.
func (f *feature) write(r *http.Request, v who.Viewer, id int64, deed func(tx *store.Tx, m Meeting) error) error {
	var m Meeting
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		m, err = f.plan(tx, id, v)
		return err
	})
	if err != nil {
		return err
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if m.Level, err = f.level(tx, m.Unit, v); err != nil {
			return err
		}
		return deed(tx, m)
	})
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
	switch form.Get("was") {
	case Postponed:
		was = Postponed
	case Open:
		was = Open
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
	if _, ok := m.seat(person); !ok {
		return fault.Gone()
	}
	switch kind := form.Get("kind"); kind {
	case "left":
		return leave(tx, f.House, m, person)
	case "stands", "excused", "expected":
		if err := leads(m); err != nil {
			return err
		}
		if kind == "stands" {
			return stand(tx, f.House, m, person, form.ID("for"))
		}
		return excuse(tx, f.House, m, person, kind == "excused")
	}
	return arrive(tx, f.House, m, person)
}

func (f *feature) speak(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	person := v.ID
	if p := form.ID("person"); p != 0 && m.Leads() {
		person = p
	}
	_, there, err := here(tx, m.ID, person)
	if err != nil {
		return err
	}
	if !there {
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
	if t := text.Clean(form.Get("title")); t != "" {
		return t
	}
	return beginning(form.Get("wording"))
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
		if _, ok := m.seat(p); !ok {
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
	_, err := f.rewordTo(tx, m, v, form)
	return err
}

func (f *feature) rewordTo(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) (int, error) {
	d, err := own(tx, m, v, form.ID("motion"))
	if err != nil {
		return 0, err
	}
	x, err := get(tx, m.ID)
	if err == nil {
		err = x.running()
	}
	if err != nil {
		return 0, err
	}
	return reword(tx, f.House, d, v.ID, title(form), form.Get("wording"), int(form.ID("edition")), form.On("take") && m.Leads())
}

// wording takes the words of a motion: by the button, or while somebody writes, which a script does every second.
func (f *feature) wording(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if r.Header.Get("X-Autosave") == "" {
		return f.do(f.reword)(w, r, v)
	}
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	var answer struct {
		Edition int    `json:"edition"` // as it is now; 0: it was not taken
		Words   string `json:"words"`   // why not
	}
	err = f.write(r, v, id, func(tx *store.Tx, m Meeting) (err error) {
		answer.Edition, err = f.rewordTo(tx, m, v, form)
		return err
	})
	if web.Again(err) {
		answer.Edition, answer.Words, err = 0, fault.Words(err), nil
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}

// second notes who supports a motion: whoever has a vote and is there.
func (f *feature) second(tx *store.Tx, m Meeting, v who.Viewer, form web.Form) error {
	d, err := motion(tx, form.ID("motion"))
	if err == nil && d.Meeting != m.ID {
		err = fault.Gone()
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
	p, there, err := here(tx, m.ID, v.ID)
	if err != nil {
		return err
	}
	if !there || !p.Votes {
		return fault.New(fault.Conflict, "Unterstützen kann einen Antrag, wer da ist und eine Stimme hat.")
	}
	return support(tx, f.House, d, v.ID)
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
