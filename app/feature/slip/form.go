package slip

import (
	"html/template"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
)

// blocks is how many questions the form offers.
const blocks = 6

// fields are those of the part of the form of an announcement.
func fields() []string {
	return []string{"slip", "slip_words", "slip_kind", "slip_choices", "slip_required", "slip_per", "slip_sign", "slip_both", "slip_deadline_day", "slip_deadline_time"}
}

// A block is a question as it was typed.
type block struct {
	No                             int
	Words, Kind, Choices, Required string
}

// typed reads the questions of a form as they were typed.
func typed(form web.Form) (all []block) {
	at := func(name string, i int) string {
		if v := form.Values[name]; i < len(v) {
			return v[i]
		}
		return ""
	}
	for i := range form.Values["slip_words"] {
		all = append(all, block{i + 1, text.Line(at("slip_words", i)), at("slip_kind", i), at("slip_choices", i), at("slip_required", i)})
	}
	return all
}

// form is the part of the form of an announcement.
func (f feature) form(p web.Page, form web.Form) (template.HTML, error) {
	d := struct {
		web.Page
		Form   web.Form
		Blocks []block
	}{p, form, typed(form)}
	for len(d.Blocks) < blocks {
		b := block{No: len(d.Blocks) + 1, Kind: One, Required: "1"}
		if b.No == 1 {
			b.Choices = "Ja\nNein"
		}
		d.Blocks = append(d.Blocks, b)
	}
	return f.pages.Part("show.html", "slipform", p.Lang, d)
}

// attach has an announcement ask what its form says; nothing where that asks nothing.
func (f feature) attach(tx *store.Tx, announcement int64, form web.Form) error {
	if !form.On("slip") {
		return nil
	}
	s := Slip{Announcement: announcement, Per: form.Get("slip_per"), Sign: form.Get("slip_sign"), Both: form.On("slip_both") && form.Get("slip_per") == PerChild}
	for _, b := range typed(form) {
		if b.Words == "" {
			continue
		}
		q := Question{Kind: b.Kind, Words: b.Words, Required: b.Required == "1"}
		if q.Kind == One || q.Kind == Many {
			q.Choices = choices(b.Choices)
		}
		s.Questions = append(s.Questions, q)
	}
	if day := form.Get("slip_deadline_day"); day != "" {
		clock := form.Get("slip_deadline_time")
		if clock == "" {
			clock = "23:59"
		}
		t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, house.Local(f.Now()).Location())
		if err != nil {
			return fault.At("slip_deadline", "Bitte geben Sie einen Tag und eine Uhrzeit an, die es gibt.")
		}
		s.Deadline = t
	}
	return Attach(tx, f.House, s)
}
