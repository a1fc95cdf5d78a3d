package announcement

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// The form of a closure has three screens: what and when, why and who can
// still come, and a last look. Each is a page of its own, so that it works
// without script; what was filled in before travels in hidden fields.
type closurePage struct {
	web.Page
	Form       web.Form
	Step       int // 1, 2 or 3
	Facilities []choice
	Facility   org.Unit
	Groups     []groupChoice
	Whole      bool // the viewer may close the whole facility
	Reasons    []reason
	Templates  []Template
	Preview    *Closure
	Ladder     []string // which steps will be taken
	Cost       string   // what SMS may cost; "": none
	Heads      int      // children whose families are told
	Today      string
	Tomorrow   string
	Mail       bool
	Plan       closingDays // of today; the zero value: it is none of the days that were planned
}

// closingDays are days on which a facility is closed as has been known long before.
type closingDays struct{ First, Last, Words string }

type groupChoice struct {
	org.Unit
	Children int
}

// Hidden lists what was filled in on the other screens.
func (p closurePage) Hidden() (all [][2]string) {
	first := []string{"uid", "facility", "whole", "group", "when", "first_day", "last_day", "hours", "starts", "ends"}
	second := []string{"reason", "words", "care", "places", "places_for", "rule", "confirm"}
	show := map[int][]string{1: second, 2: first, 3: append(slices.Clone(first), second...)}[p.Step]
	for _, name := range show {
		for _, v := range p.Form.Values[name] {
			all = append(all, [2]string{name, v})
		}
	}
	return all
}

func (f feature) newClosure(r *http.Request, v who.Viewer, form web.Form, step int) (p closurePage, err error) {
	p = closurePage{Page: web.NewPage(r, v, "Schließung melden"), Form: form, Step: step, Reasons: reasons(), Mail: f.Mail.Configured(r.Context())}
	now := house.Local(f.Now())
	p.Today, p.Tomorrow = now.Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly)
	want := form.ID("facility")
	if want == 0 {
		want, _ = strconv.ParseInt(r.URL.Query().Get("facility"), 10, 64) // 0: the first
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		fs, err := closable(tx, v, f.Now())
		if err != nil {
			return err
		}
		for _, u := range fs {
			p.Facilities = append(p.Facilities, choice{Unit: u})
		}
		if len(fs) == 0 {
			return fault.New(fault.Forbidden, "Sie gehören zu keiner Einrichtung, die Sie schließen könnten.")
		}
		i := max(0, slices.IndexFunc(fs, func(u org.Unit) bool { return u.ID == want }))
		p.Facility = fs[i]
		if p.Whole, err = org.Manages(tx, v.ID, p.Facility.ID, who.Team, f.Now()); err != nil {
			return err
		}
		p.Groups, err = store.All(tx, func(g *groupChoice) []any { return []any{&g.ID, &g.Name, &g.Children} }, `
			SELECT u.id, u.name, (SELECT count(*) FROM child_stay s WHERE s.unit = u.id AND s.since <= ?2 AND s.until > ?2)
			FROM unit u WHERE u.parent = ?1 AND u.kind = 'group' AND u.until > ?2 AND EXISTS (
				SELECT 1 FROM holding h JOIN unit_up p ON p.above = h.unit
				WHERE p.unit = u.id AND h.person = ?3 AND (?4 & (1 << h.role)) <> 0 AND h.since <= ?2 AND h.until > ?2)
			ORDER BY u.name`, p.Facility.ID, f.Now().Unix(), v.ID, int64(who.Team))
		if err != nil {
			return err
		}
		if f.Planned != nil && p.Whole {
			if p.Plan.First, p.Plan.Last, p.Plan.Words, err = f.Planned(tx, p.Facility.ID, p.Today); err != nil {
				return err
			}
		}
		p.Templates, err = templatesOf(tx, v, ClosureKind, f.Now())
		return err
	})
	if err != nil {
		return p, err
	}
	if form.Values == nil {
		f.prefill(r, &p)
	}
	for _, g := range p.Groups {
		if p.Form.On("whole") || p.Form.Has("group", strconv.FormatInt(g.ID, 10)) {
			p.Heads += g.Children
		}
	}
	return p, nil
}

// prefill puts the usual case into a form that is opened for the first time.
func (f feature) prefill(r *http.Request, p *closurePage) {
	q := r.URL.Query()
	p.Form.Set("uid", newUID())
	p.Form.Set("when", "today")
	p.Form.Set("hours", "all")
	p.Form.Set("reason", "illness")
	p.Form.Set("rule", "first")
	p.Form.Set("confirm", "1")
	switch q.Get("fall") {
	case "frueher":
		p.Form.Set("hours", "from")
		p.Form.Set("starts", "14:00")
	case "morgen":
		p.Form.Set("when", "tomorrow")
	case "plan":
		if p.Plan.First != "" {
			p.asPlanned()
		}
	}
	if len(p.Groups) == 1 {
		p.Form.Set("group", strconv.FormatInt(p.Groups[0].ID, 10))
	}
	for _, t := range p.Templates {
		if strconv.FormatInt(t.ID, 10) == q.Get("vorlage") {
			p.Form.Set("reason", t.Reason)
			p.Form.Set("words", t.Body)
		}
	}
}

// asPlanned puts the rest of the planned days into the form.
func (p *closurePage) asPlanned() {
	p.Form.Set("whole", "1")
	p.Form.Set("words", p.Plan.Words)
	p.Form.Set("reason", "other")
	for _, r := range reasons() {
		if strings.EqualFold(r.Words, p.Plan.Words) {
			p.Form.Set("reason", r.Code)
			p.Form.Set("words", "")
		}
	}
	if p.Plan.Last > p.Today {
		p.Form.Set("when", "days")
		p.Form.Set("first_day", p.Today)
		p.Form.Set("last_day", p.Plan.Last)
	}
}

// closable lists the facilities that the viewer, or a group of which the viewer, belongs to the team of.
func closable(tx *store.Tx, v who.Viewer, now time.Time) (all []org.Unit, err error) {
	seen := map[int64]bool{}
	for _, id := range v.Units(who.Team) {
		u, err := org.FacilityOf(tx, id)
		var fs []org.Unit
		switch {
		case err == nil:
			fs = []org.Unit{u}
		case fault.KindOf(err) == fault.NotFound:
			if fs, err = org.Below(tx, id, org.Facility, now); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
		for _, u := range fs {
			if !seen[u.ID] && !u.Ended(now) {
				seen[u.ID] = true
				all = append(all, u)
			}
		}
	}
	return all, nil
}

func (f feature) closureForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newClosure(r, v, web.Form{}, 1)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "close.html", p)
}

func (f feature) close(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "step", "go", "facility", "whole", "group", "when", "first_day", "last_day", "hours", "starts", "ends",
		"reason", "words", "care", "places", "places_for", "rule", "confirm")
	if err != nil {
		return err
	}
	step := int(form.ID("step"))
	d, wrong := readClosure(form, f.Now())
	next := step
	switch form.Get("go") {
	case "send":
		next = 4
	case "back":
		next = step - 1
	case "facility":
		form.Values.Del("group")
	default:
		next = step + 1
	}
	// A screen is left only when what it asks for is right.
	if fields := fault.Fields(wrong); next > step && len(fields) > 0 {
		for name := range fields {
			if screen(name) <= step || next == 4 {
				p, err := f.newClosure(r, v, form, screen(name))
				if err != nil {
					return err
				}
				p.Form = p.Form.With(wrong)
				return f.pages.Again(w, r, "close.html", p)
			}
		}
	}
	if next < 4 {
		p, err := f.newClosure(r, v, form, min(max(next, 1), 3))
		if err != nil {
			return err
		}
		if p.Step == 3 {
			p.Preview = f.preview(p, d)
			if p.Ladder, p.Cost, err = f.ahead(r, p, d); err != nil {
				return err
			}
		}
		return f.pages.Render(w, r, "close.html", p)
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if id, err = sent(tx, d.UID, v); id != 0 || err != nil {
			return err
		}
		id, err = Close(tx, f.House, v, d)
		return err
	})
	if web.Again(err) {
		step := 3
		for name := range fault.Fields(err) {
			step = min(step, screen(name))
		}
		p, e := f.newClosure(r, v, form, step)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "close.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d/stand", id), "Die Schließung ist gemeldet. Alle Familien sehen sie jetzt.")
}

// ahead says which steps the closure will take, and what their SMS may cost; "": none, or no service is set up.
func (f feature) ahead(r *http.Request, p closurePage, d ClosureDraft) (steps []string, cost string, err error) {
	draft := Draft{kind: ClosureKind, Confirm: d.Confirm}
	draft.soon(d.Closure, f.Now())
	units := d.GroupIDs
	if len(units) == 0 {
		units = []int64{p.Facility.ID}
	}
	texts := f.SMS.Configured(r.Context())
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := draft.climb(tx, f.House); err != nil {
			return err
		}
		steps = spoken(draft.ladder)
		if _, ok := draft.ladder.At(channel.SMS); !ok || !texts {
			return nil
		}
		n, err := mobiles(tx, units, f.Now())
		if err != nil {
			return err
		}
		cost, err = f.cost(tx, n, told{Announcement: Announcement{Kind: ClosureKind, Confirm: true}, closure: p.Preview, now: f.Now()})
		return err
	})
	return steps, cost, err
}

func (f feature) preview(p closurePage, d ClosureDraft) *Closure {
	c := d.Closure
	c.Name, c.Whole, c.State = p.Facility.Name, len(d.GroupIDs) == 0, Running
	for _, g := range p.Groups {
		if slices.Contains(d.GroupIDs, g.ID) {
			c.Groups = append(c.Groups, g.Name)
		}
	}
	return &c
}

// screen tells on which screen a field stands.
func screen(field string) int {
	switch field {
	case "reason", "words", "places", "places_for", "rule":
		return 2
	}
	return 1
}

// readClosure reads the form; what is wrong with it is an Invalid fault.
func readClosure(form web.Form, now time.Time) (d ClosureDraft, err error) {
	var wrong fault.Form
	today := house.Local(now)
	d.Facility, d.UID = form.ID("facility"), form.Get("uid")
	d.Reason, d.Words, d.Rule, d.For = form.Get("reason"), form.Get("words"), form.Get("rule"), form.Get("places_for")
	d.Confirm = form.On("confirm")
	if !form.On("whole") {
		if d.GroupIDs = form.IDs("group"); len(d.GroupIDs) == 0 {
			wrong.Add("group", "Bitte wählen Sie, was geschlossen bleibt.")
		}
	}
	switch form.Get("when") {
	case "today":
		d.FirstDay = today.Format(time.DateOnly)
		d.LastDay = d.FirstDay
	case "tomorrow":
		d.FirstDay = today.AddDate(0, 0, 1).Format(time.DateOnly)
		d.LastDay = d.FirstDay
	default:
		if d.FirstDay, d.LastDay = form.Get("first_day"), form.Get("last_day"); d.LastDay == "" {
			d.LastDay = d.FirstDay
		}
	}
	hours := form.Get("hours")
	if hours == "from" || hours == "both" {
		d.Starts = minutes(form, &wrong, "starts")
	}
	if hours == "until" || hours == "both" {
		d.Ends = minutes(form, &wrong, "ends")
	}
	if form.On("care") {
		n, e := strconv.Atoi(form.Get("places"))
		if e != nil || n < 1 {
			wrong.Add("places", "Bitte geben Sie an, wie viele Plätze es gibt.")
		}
		d.Places = n
	}
	d.State = Running
	if form.Get("step") == "1" && form.Get("go") != "send" { // the second screen has not been seen yet
		check := d.Closure
		check.Reason, check.Rule, check.Words = "illness", "first", ""
		err = check.check(now)
	} else {
		err = d.check(now)
	}
	for k, words := range fault.Fields(err) {
		wrong.Add(k, "%s", words)
	}
	return d, wrong.Err()
}

func minutes(form web.Form, wrong *fault.Form, name string) *int {
	t, err := time.Parse("15:04", form.Get(name))
	if err != nil {
		wrong.Add(name, "Bitte geben Sie eine Uhrzeit an, zum Beispiel 14:00.")
		return nil
	}
	m := t.Hour()*60 + t.Minute()
	return &m
}
