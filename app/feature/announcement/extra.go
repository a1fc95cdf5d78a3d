package announcement

import (
	"html/template"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// An Extra is what another feature adds to announcements: something that is asked with one, say. It is attached as the
// announcement is published, in the same transaction, and like its words never changes.
type Extra struct {
	Fields []string                                                        // of its part of the form
	Form   func(p web.Page, form web.Form) (template.HTML, error)          // its part of the form
	Attach func(tx *store.Tx, id int64, form web.Form) error               // what was said there; its faults are those of the form
	Has    func(tx *store.Tx, id int64) (bool, error)                      // an announcement has it
	Page   func(tx *store.Tx, p web.Page, id int64) (template.HTML, error) // its part of the page of an announcement; "": none
}

// fields are those of all parts of the form.
func (f feature) fields(known ...string) []string {
	for _, x := range f.Extras {
		known = append(known, x.Fields...)
	}
	return known
}

// attach gives a new announcement what the form says of others.
func (f feature) attach(tx *store.Tx, id int64, form web.Form) error {
	for _, x := range f.Extras {
		if err := x.Attach(tx, id, form); err != nil {
			return err
		}
	}
	return nil
}

// forms are the parts of the form.
func (f feature) forms(p web.Page, form web.Form) (all []template.HTML, err error) {
	for _, x := range f.Extras {
		part, err := x.Form(p, form)
		if err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}

// See finds an announcement that the viewer may see.
func See(tx *store.Tx, h *house.House, id int64, v who.Viewer) (Announcement, error) {
	return get(tx, id, v, h.Now())
}

// Answered notes that the viewer has read an announcement, since they have answered it: where it waits for that.
func Answered(tx *store.Tx, h *house.House, id int64, v who.Viewer) error {
	a, err := get(tx, id, v, h.Now())
	if err != nil || !a.Waits(h.Now()) {
		return err
	}
	return Confirm(tx, h, id, v, channel.App)
}
