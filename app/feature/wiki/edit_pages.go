package wiki

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Choice is an entry of a list to choose from.
type Choice struct{ Value, Label string }

type editPage struct {
	web.Page
	Form       web.Form
	Of         Page // zero: a new page
	Unit       org.Unit
	Approve    bool          // somebody else has to release it
	HTML       template.HTML // the text, for the editor
	Draft      time.Time     // when the viewer's own draft, which the form shows, was kept; zero: it shows what is saved
	Theirs     template.HTML // what somebody else has changed meanwhile; "": nobody
	Mine       template.HTML // beside it, what the viewer has changed
	Name       string        // of that other
	Access     []Choice
	Parents    []Choice
	Asks       bool         // some have to read the page, and may be asked to read it anew
	Beginnings []Template   // that a new page may begin with
	Files      []files.File // that the form has
	MaxSize    int          // of a file, in MB
}

// Action is where the form goes.
func (p *editPage) Action() string {
	if p.Of.ID == 0 {
		return "/wissen/neu"
	}
	return seite(p.Of.ID) + "/bearbeiten"
}

// prepare fills the lists of the form.
func (p *editPage) prepare(tx *store.Tx, f *feature, v who.Viewer, unit int64) (err error) {
	var set map[string]bool
	if p.Unit, set, err = writable(tx, unit, v, f.Now()); err != nil {
		return err
	}
	if p.Approve, err = approves(tx, unit); err != nil {
		return err
	}
	p.Access = readersFor(p.Unit.Kind, set)
	nodes, err := tree(tx, unit, v, set)
	if err != nil {
		return err
	}
	p.Parents = places(nodes, p.Of.ID, p.Form.ID("parent"))
	if p.MaxSize, _, err = files.Sizes(tx, f.Settings); err != nil {
		return err
	}
	if p.Files, err = offered(tx, v, p.Of.ID, p.Form); err != nil {
		return err
	}
	if p.Of.ID == 0 {
		p.Beginnings, err = templatesFor(tx, unit, v, f.Now())
		return err
	}
	c, err := careOf(tx, p.Of.ID)
	p.Asks = c.Asks != AskNone
	return err
}

// places lists where a page may stand, indented as in the tree; but is the page itself, 0 for a new one, and at is where it
// stands now.
func places(nodes []Node, but, at int64) []Choice {
	all := []Choice{{"0", "Ganz oben"}}
	var walk func(ns []*Node, deep int)
	walk = func(ns []*Node, deep int) {
		for _, n := range ns {
			if n.ID == but || deep >= mostDeep-1 {
				continue
			}
			if n.Write {
				all = append(all, Choice{strconv.FormatInt(n.ID, 10), strings.Repeat("– ", deep) + n.Title})
			}
			walk(n.Kids, deep+1)
		}
	}
	walk(trim(grow(nodes), len(nodes), at), 0)
	return all
}

// form writes the page with the form, and allows what the editor needs.
func (f *feature) form(w http.ResponseWriter, r *http.Request, p *editPage, render func(http.ResponseWriter, *http.Request, string, any) error) error {
	p.HTML = text.Editor(p.Form.Raw("body"))
	web.AllowEditor(w)
	return render(w, r, "edit.html", p)
}

func (f *feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := &editPage{Page: f.page(r, v, "Seite bearbeiten")}
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Of, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		rev, err := revision(tx, p.Of.Latest)
		if err != nil {
			return err
		}
		d, kept, err := draftOf(tx, v.ID, id)
		if err != nil {
			return err
		}
		if !kept || d.Text == rev.Text {
			d = draft{Text: rev.Text, Base: rev.ID}
		}
		p.Draft = d.At
		p.Form.Set("title", d.Title)
		p.Form.Set("body", d.Body)
		p.Form.Set("base", strconv.FormatInt(d.Base, 10))
		below, err := enclosed(tx, id, rev.ID)
		if err != nil {
			return err
		}
		setFiles(&p.Form, numbers(below))
		return p.prepare(tx, f, v, p.Of.Unit)
	})
	if err != nil {
		return err
	}
	return f.form(w, r, p, f.pages.Render)
}

// errMeanwhile: somebody else has saved since the form was made.
var errMeanwhile = fault.New(fault.Conflict, "Inzwischen hat jemand anderes diese Seite geändert. Unten steht beides zusammen. Bitte lesen Sie es durch und speichern Sie noch einmal.")

func (f *feature) save(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := f.readForm(r, v, "title", "body", "base", "again")
	if err != nil && !web.Again(err) {
		return err
	}
	waits := false
	var of Page
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if waits, err = f.revised(tx, id, v, form); err == nil {
				of, err = written(tx, id, v, f.Now())
			}
			return err
		})
	}
	if web.Again(err) {
		p := &editPage{Page: f.page(r, v, "Seite bearbeiten"), Form: form.With(err)}
		if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return p.again(tx, f, v, id, err == errMeanwhile) }); err != nil {
			return err
		}
		return f.form(w, r, p, f.pages.Again)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id), of.saved(waits))
}

// revised saves what a form holds as a new revision; waits reports that somebody else has to release it.
func (f *feature) revised(tx *store.Tx, id int64, v who.Viewer, form web.Form) (waits bool, err error) {
	p, err := written(tx, id, v, f.Now())
	if err != nil {
		return false, err
	}
	t := Text{form.Raw("title"), form.Raw("body")}
	if err := t.check(); err != nil {
		return false, err
	}
	if strings.Contains(t.Body, markOther) || strings.Contains(t.Body, markEnd) {
		return false, fault.At("body", "Im Text stehen noch die Zeilen „%s“ und „%s“. Bitte entscheiden Sie, was gilt, und löschen Sie diese Zeilen.", markOther, markEnd)
	}
	was, err := revision(tx, p.Latest)
	if err != nil {
		return false, err
	}
	below, err := enclosed(tx, id, was.ID)
	if err != nil {
		return false, err
	}
	switch {
	case was.Text == t && sameFiles(numbers(below), form.IDs("file")): // saved already, perhaps by the same press of the button
		return false, dropDraft(tx, v.ID, id)
	case was.ID != form.ID("base"):
		return false, errMeanwhile
	}
	if err := adopt(tx, v, id, was.Body, t.Body, form.IDs("file")); err != nil {
		return false, err
	}
	if waits, err = approves(tx, p.Unit); err != nil {
		return false, err
	}
	rev, err := revise(tx, id, t, v.ID, !waits, f.Now())
	if err != nil {
		return false, err
	}
	if err := enclose(tx, id, rev, form.IDs("file")); err != nil {
		return false, err
	}
	if form.On("again") {
		if err := anew(tx, rev); err != nil {
			return false, err
		}
	}
	if waits {
		if err := await(tx, f.House, id, v); err != nil {
			return false, err
		}
	}
	if err := dropDraft(tx, v.ID, id); err != nil {
		return false, err
	}
	return waits, f.log(tx, f.Now(), v.ID, "page.changed", id)
}

// again prepares the form for another try; meanwhile: with what somebody else has changed.
func (p *editPage) again(tx *store.Tx, f *feature, v who.Viewer, id int64, meanwhile bool) (err error) {
	if p.Of, err = written(tx, id, v, f.Now()); err != nil {
		return err
	}
	if meanwhile {
		theirs, err := revision(tx, p.Of.Latest)
		if err != nil {
			return err
		}
		base, err := revision(tx, p.Form.ID("base"))
		if fault.KindOf(err) == fault.NotFound || err == nil && base.Page != id { // a form of somebody's own making: then all is new
			base, err = Revision{}, nil
		}
		if err != nil {
			return err
		}
		mine := Text{p.Form.Raw("title"), p.Form.Raw("body")}
		if err := p.combine(tx, base.ID, theirs.ID); err != nil {
			return err
		}
		was := readable(base.Body, nil)
		p.Theirs, p.Mine = diffHTML(difference(was, readable(theirs.Body, nil))), diffHTML(difference(was, readable(mine.Body, nil)))
		p.Name = theirs.Name
		merged, _ := merge(base.Body, mine.Body, theirs.Body)
		if mine.Title == base.Title {
			p.Form.Set("title", theirs.Title)
		}
		p.Form.Set("body", merged)
		p.Form.Set("base", strconv.FormatInt(theirs.ID, 10))
	}
	return p.prepare(tx, f, v, p.Of.Unit)
}

// combine puts the files of somebody else's revision into the form.
func (p *editPage) combine(tx *store.Tx, base, theirs int64) error {
	was, err := enclosed(tx, p.Of.ID, base)
	if err != nil {
		return err
	}
	now, err := enclosed(tx, p.Of.ID, theirs)
	if err != nil {
		return err
	}
	setFiles(&p.Form, combined(numbers(was), p.Form.IDs("file"), numbers(now)))
	return nil
}
