package meeting

import (
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type agendaPage struct {
	web.Page
	It      Meeting
	When    string
	Form    web.Form
	Points  []point
	Waiting []Proposal // that can be put onto it
}

// planning prepares the page on which an agenda is made.
func (f feature) planning(r *http.Request, v who.Viewer, form web.Form) (p agendaPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = agendaPage{Page: page(r, v, "Tagesordnung"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = led(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := p.It.open(); err != nil {
			return err
		}
		if p.Points, err = f.points(tx, p.It); err != nil {
			return err
		}
		p.Waiting, err = proposals(tx, p.It.Unit, true)
		return err
	})
	if form.Values == nil {
		p.Form.Set("public", "1")
	}
	p.When = when(p.L(), p.It, f.Now())
	return p, err
}

func (f feature) agenda(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.planning(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "agenda.html", p)
}

// changeAgenda adds, moves or removes an item.
func (f feature) changeAgenda(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "do", "item", "title", "public", "order")
	if err != nil {
		return err
	}
	words := ""
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		m, err := led(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		switch do := form.Get("do"); do {
		case "neu":
			_, err = addItem(tx, f.House, m, Item{Title: form.Get("title"), Public: form.On("public")})
		case up, down, in, out:
			err = moveItem(tx, f.House, m, form.ID("item"), do)
		case "sortieren":
			err = sortItems(tx, f.House, m, form.IDs("order"))
		case "entfernen":
			words = "Der Punkt ist entfernt."
			err = removeItem(tx, f.House, m, form.ID("item"))
		default:
			err = fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
		}
		return err
	})
	if web.Again(err) {
		p, e := f.planning(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "agenda.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(id)+"/tagesordnung", words)
}

type itemPage struct {
	web.Page
	It      Item
	Of      Meeting
	Form    web.Form
	Files   []files.File
	MaxSize int // MB of a file
}

// itemPage prepares the form of an item.
func (f feature) itemPage(r *http.Request, v who.Viewer, form web.Form) (p itemPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = itemPage{Page: page(r, v, ""), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, p.Of, err = f.ledItem(tx, id, v); err != nil {
			return err
		}
		if p.MaxSize, _, err = files.Sizes(tx, f.Settings); err != nil {
			return err
		}
		if p.Files, err = files.Of(tx, owner, id); err != nil {
			return err
		}
		drafts, err := files.Drafts(tx, v.ID, form.IDs("file"))
		p.Files = append(p.Files, drafts...)
		return err
	})
	p.Title = p.It.Number + " " + p.It.Title
	if form.Values == nil {
		p.Form.Set("title", p.It.Title)
		p.Form.Set("body", p.It.Body)
		if p.It.Public {
			p.Form.Set("public", "1")
		}
		if p.It.Length > 0 {
			p.Form.Set("length", strconv.Itoa(p.It.Length))
		}
		var ids []string
		for _, x := range p.Files {
			ids = append(ids, strconv.FormatInt(x.ID, 10))
		}
		p.Form.Set("file", ids...)
	}
	return p, err
}

// ledItem is an item of a meeting that the viewer leads and that can be changed.
func (f feature) ledItem(tx *store.Tx, id int64, v who.Viewer) (Item, Meeting, error) {
	i, m, err := itemAt(tx, id, v, f.Now())
	if err == nil {
		m, err = led(tx, m.ID, v, f.Now())
	}
	if err == nil {
		err = m.open()
	}
	return i, m, err
}

func (f feature) itemForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.itemPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "item.html", p)
}

func (f feature) editItem(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := f.Files.Form(r, v.ID, maxFiles, "title", "body", "public", "length")
	var m Meeting
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			old, at, err := f.ledItem(tx, id, v)
			if err != nil {
				return err
			}
			m = at
			length := 0
			if s := form.Get("length"); s != "" {
				if length, err = strconv.Atoi(s); err != nil {
					length = -1
				}
			}
			return editItem(tx, f.House, v, m, old, Item{Title: form.Get("title"), Body: form.Get("body"), Public: form.On("public"), Length: length}, form.IDs("file"))
		})
	}
	if web.Again(err) {
		p, e := f.itemPage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "item.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(m.ID)+"/tagesordnung", "Gespeichert.")
}
