package meeting

import (
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type newPollPage struct {
	web.Page
	Form  web.Form
	Units []org.Unit
	Unit  int64
	Slots []slotForm
}

// A slotForm is one line of the form.
type slotForm struct{ Day, Starts, Ends string }

// slotForms are the times of a form, as they were typed.
func slotForms(form web.Form) (all []slotForm) {
	days, starts, ends := form.Values["slot_day"], form.Values["slot_starts"], form.Values["slot_ends"]
	for i, d := range days {
		s := slotForm{Day: d}
		if i < len(starts) {
			s.Starts = starts[i]
		}
		if i < len(ends) {
			s.Ends = ends[i]
		}
		all = append(all, s)
	}
	return all
}

// newPoll prepares the form of a poll.
func (f feature) newPoll(r *http.Request, v who.Viewer, form web.Form) (p newPollPage, err error) {
	p = newPollPage{Page: page(r, v, "Termin finden"), Form: form, Slots: slotForms(form)}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Units, err = ledUnits(tx, v, committee.Leading, f.Now()); err != nil {
			return err
		}
		p.Unit = chosen(r, form, p.Units)
		return nil
	})
	if form.Values == nil {
		p.Form.Set("uid", newUID())
		p.Form.Set("title", "Sitzung")
		p.Form.Set("closes", house.Local(f.Now()).AddDate(0, 0, 7).Format(time.DateOnly))
	}
	for len(p.Slots) < 3 || form.Get("go") == "more" && len(p.Slots) < len(slotForms(form))+3 {
		p.Slots = append(p.Slots, slotForm{Starts: "19:30", Ends: "21:00"})
	}
	return p, err
}

func (f feature) newPollForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newPoll(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "poll_new.html", p)
}

func (f feature) addPoll(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "title", "place", "body", "closes", "slot_day", "slot_starts", "slot_ends", "go")
	if err != nil {
		return err
	}
	if form.Get("go") == "more" { // more lines: nothing is sent yet
		p, err := f.newPoll(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "poll_new.html", p)
	}
	d := PollDraft{UID: form.Get("uid"), Unit: form.ID("unit"), Title: form.Get("title"), Place: form.Get("place"), Body: form.Get("body")}
	if day, ok := calendar.Day(form.Get("closes")); ok {
		d.Closes = calendar.In(day.AddDate(0, 0, 1), web.Zone()) // to the end of the day
	}
	for _, s := range slotForms(form) {
		if s.Day != "" {
			d.Slots = append(d.Slots, SlotDraft{s.Day, clock(s.Starts), clock(s.Ends)})
		}
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		id, err = AddPoll(tx, f.House, v, d)
		return err
	})
	if web.Again(err) {
		p, e := f.newPoll(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "poll_new.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, terminfindung(id), "Die Mitglieder werden gefragt.")
}

type pollPage struct {
	web.Page
	It     Poll
	Slots  []Slot
	Voices []Voice
	Form   web.Form
	Silent int
}

// When says when a slot is.
func (p pollPage) When(s Slot) string {
	return when(p.L(), Meeting{Starts: s.Starts, Ends: s.Ends}, p.Now)
}

// Short is the head of a column.
func (p pollPage) Short(s Slot) string { return p.L().Stamp(house.Local(s.Starts)) }

// Chosen is what stands in the form for a slot.
func (p pollPage) Chosen(s Slot) string {
	if p.Form.Values != nil {
		return p.Form.Get(fmt.Sprintf("s%d", s.ID))
	}
	return s.Mine
}

// poll prepares the page of a poll.
func (f feature) poll(r *http.Request, v who.Viewer, form web.Form) (p pollPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = pollPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = getPoll(tx, id, v, f.Now()); err != nil {
			return err
		}
		if p.Slots, err = slots(tx, id, v.ID); err != nil {
			return err
		}
		p.Voices, err = voices(tx, p.It, p.Slots, f.Now())
		return err
	})
	for _, x := range p.Voices {
		if len(x.Answers) > 0 && x.Answers[0] == "" {
			p.Silent++
		}
	}
	p.Title = p.It.Title
	return p, err
}

func (f feature) showPoll(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.poll(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "poll.html", p)
}

func (f feature) choose(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var all []Slot
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if _, err := getPoll(tx, id, v, f.Now()); err != nil {
			return err
		}
		all, err = slots(tx, id, v.ID)
		return err
	}); err != nil {
		return err
	}
	var known []string
	for _, s := range all {
		known = append(known, fmt.Sprintf("s%d", s.ID))
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	choices := map[int64]string{}
	for i, s := range all {
		choices[s.ID] = form.Get(known[i])
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return Choose(tx, f.House, v, id, choices) })
	if web.Again(err) {
		p, e := f.poll(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "poll.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, terminfindung(id), lang.Of(v.Lang).T("Danke, Ihre Antwort ist gespeichert."))
}

func (f feature) closePoll(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "slot")
	if err != nil {
		return err
	}
	var meeting int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		meeting, err = ClosePoll(tx, f.House, v, id, form.ID("slot"))
		return err
	})
	if web.Again(err) {
		p, e := f.poll(r, v, web.Form{})
		if e != nil {
			return e
		}
		p.Form = web.Form{}.With(err)
		return f.pages.Again(w, r, "poll.html", p)
	}
	if err != nil {
		return err
	}
	if meeting == 0 {
		return web.Done(w, r, terminfindung(id), "Die Terminfindung ist beendet.")
	}
	return web.Done(w, r, sitzung(meeting)+"/tagesordnung", "Die Sitzung ist geplant. Jetzt die Tagesordnung.")
}
