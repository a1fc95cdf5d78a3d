package list

import (
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/sheet"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type doorPage struct {
	web.Page
	It    List
	Rows  []row
	Names bool // on paper
}

// whole reads a list with all that the viewer may read of it.
func (f feature) whole(r *http.Request, v who.Viewer) (p doorPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = doorPage{Page: web.NewPage(r, v, "")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = get(tx, id, v, f.Now()); err != nil {
			return err
		}
		all, err := lines(tx, id)
		if err != nil {
			return err
		}
		stand, err := entries(tx, id, v, p.It.Shows(), f.Now())
		if err != nil {
			return err
		}
		of := map[int64][]Entry{}
		for _, e := range stand {
			if p.It.Shows() {
				of[e.Line] = append(of[e.Line], e)
			}
		}
		for _, l := range all {
			p.Rows = append(p.Rows, row{Line: l, Span: l.When(p.L(), p.Now), Entries: of[l.ID]})
		}
		return nil
	})
	p.Title, p.Names = p.It.Title, p.It.Shows()
	return p, err
}

// door is the list on paper. For everybody who passes by, it goes without names unless the list shows them.
func (f feature) door(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.whole(r, v)
	if err != nil {
		return err
	}
	byDay(p.Rows, p.L())
	if r.URL.Query().Get("namen") == "0" {
		p.Names = p.It.Names
	}
	return f.pages.Render(w, r, "door.html", p)
}

// table is the list for a spreadsheet, for those who may read names.
func (f feature) table(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.whole(r, v)
	if err != nil {
		return err
	}
	if !p.It.Shows() {
		return fault.New(fault.Forbidden, "Wer auf dieser Liste steht, erfährt nur, wer sie betreut. Sie sehen die Zahlen.")
	}
	t := sheet.Table{Name: p.It.Title, Head: []string{"Zeile", "Tag", "Von", "Bis", "Raum", "Plätze", "Name", "Gruppe", "Anzahl", "Bemerkung", "Stand", "Eingetragen"}}
	for _, l := range p.Rows {
		day, from, to := "", "", ""
		if !l.Starts.IsZero() {
			start, end := house.Local(l.Starts), house.Local(l.Ends)
			day, from, to = start.Format("2006-01-02"), start.Format("15:04"), end.Format("15:04")
		}
		line := []any{l.Title, day, from, to, l.Room, l.Places}
		for _, e := range l.Entries {
			t.Rows = append(t.Rows, append(line[:len(line):len(line)], e.Name, e.Group, e.Places, e.Note, e.Words(), house.Local(e.At).Format("2006-01-02 15:04")))
		}
		if len(l.Entries) == 0 {
			t.Rows = append(t.Rows, line)
		}
	}
	return t.SendXLSX(w)
}

// Words says what an entry is.
func (e Entry) Words() string {
	switch {
	case e.State == Waiting:
		return "wartet"
	case !e.Offered.IsZero():
		return "gibt den Platz ab"
	}
	return "hat einen Platz"
}
