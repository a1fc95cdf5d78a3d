package minutes

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// A field is where the text of one item is written.
type field struct {
	Item
	Body   string
	Base   string
	HTML   template.HTML // for who does not write at the moment
	Asides []Aside
}

type sheetPage struct {
	web.Page
	It     Minutes
	Record Record
	Mine   bool // who looks has the pen
	Busy   bool // somebody else has it
	Form   string
	Fields []field
	Others []Text  // about items that are no longer on the agenda
	Lost   []Aside // likewise, kept aside
}

// Order are the items that the page has, for the script, which sees whether there are new ones.
func (p sheetPage) Order() string {
	var b strings.Builder
	for _, x := range p.Fields {
		b.WriteString(num(x.ID) + " ")
	}
	return b.String()
}

// sheet is the page on which minutes are written. Who looks does not take the pen.
func (f *feature) sheet(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	uid, err := uuid.NewV7()
	if err != nil {
		return err
	}
	p := sheetPage{Page: web.NewPage(r, v, "Protokoll schreiben"), Form: uid.String()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		c, have, err := f.content(tx, p.It, v)
		if err != nil {
			return err
		}
		kept, err := asides(tx, id)
		if err != nil {
			return err
		}
		p.Record, p.Mine, p.Busy = c.Record, p.It.Writer == v.ID, p.It.Busy(v.ID, f.Now())
		p.arrange(have, kept)
		return nil
	})
	if fault.KindOf(err) == fault.Conflict { // approved meanwhile
		return web.Done(w, r, path(id))
	}
	if err != nil {
		return err
	}
	p.Live = "/strom"
	return f.pages.Render(w, r, "sheet.html", p)
}

func (p *sheetPage) arrange(have map[int64]Text, kept []Aside) {
	for _, i := range append([]Item{{}}, p.Record.Items...) {
		t := have[i.ID]
		x := field{Item: i, Body: t.Body, Base: t.Base(), HTML: text.HTML(t.Body)}
		delete(have, i.ID)
		for _, a := range kept {
			if a.Item == i.ID {
				x.Asides = append(x.Asides, a)
			}
		}
		p.Fields = append(p.Fields, x)
	}
	for _, a := range kept {
		if _, ok := p.Record.item(a.Item); !ok {
			p.Lost = append(p.Lost, a)
		}
	}
	for _, t := range have {
		if t.Body != "" {
			p.Others = append(p.Others, t)
		}
	}
	slices.SortFunc(p.Others, func(a, b Text) int { return int(a.Item - b.Item) })
}

// pen takes the pen, takes it over or lays it down.
func (f *feature) pen(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "do")
	if err != nil {
		return err
	}
	to := path(id) + "/schreiben"
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		switch form.Get("do") {
		case "take":
			return f.take(tx, id, v, false)
		case "over":
			return f.take(tx, id, v, true)
		case "lay":
			to = path(id)
			return f.lay(tx, id, v)
		}
		return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
	})
	if fault.KindOf(err) == fault.Conflict { // somebody was quicker, or it is approved: the page says so
		return web.Done(w, r, to, fault.Words(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to)
}

var fieldName = regexp.MustCompile(`^(?:body|base)-(?:0|[1-9][0-9]{0,17})$`)

// readSheet reads a form of the page: which sheet it is, and the texts that it holds. Those that name no item are refused
// with the whole form, by the names that it knows.
func readSheet(form web.Form) (s Sheet, changes []Change) {
	s = Sheet{Pen: form.ID("pen"), Form: form.Get("form"), No: form.ID("no")}
	for name := range form.Values {
		digits, ok := strings.CutPrefix(name, "body-")
		if !ok {
			continue
		}
		item, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		c := Change{Item: item, Body: form.Raw(name)}
		c.Base, c.Mark = readBase(form.Raw("base-" + digits))
		changes = append(changes, c)
	}
	slices.SortFunc(changes, func(a, b Change) int { return int(min(1, max(-1, a.Item-b.Item))) })
	return s, changes
}

// sheetFields are the names that a form of the page may have: that of a text names its item.
func sheetFields(values url.Values) []string {
	known := []string{"pen", "form", "no", "done"}
	for name := range values {
		if fieldName.MatchString(name) {
			known = append(known, name)
		}
	}
	return known
}

// byScript is the header of what the script saves by itself.
const byScript = "X-Autosave"

// keep saves what was typed: the script every few seconds, and who has none by a button.
func (f *feature) keep(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	_ = r.ParseForm() // ReadForm says what is wrong with it
	form, err := web.ReadForm(r, sheetFields(r.PostForm)...)
	if err != nil {
		return err
	}
	sheet, changes := readSheet(form)
	var done Saved
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if done, err = f.save(tx, id, v, sheet, changes); err == nil && done.By == "" && form.On("done") {
			err = f.lay(tx, id, v)
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.Header.Get(byScript) != "" {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(struct {
			By    string           `json:"by"`
			Aside int              `json:"aside"`
			Bases map[int64]string `json:"bases"`
		}{done.By, done.Aside, done.Bases})
	}
	switch {
	case done.By != "" && done.Aside > 0:
		return web.Done(w, r, path(id)+"/schreiben", "Inzwischen schreibt "+done.By+". Ihr Text ist nicht verloren: Er steht unten, beim Punkt.")
	case done.By != "":
		return web.Done(w, r, path(id)+"/schreiben", "Inzwischen schreibt "+done.By+".")
	case done.Aside > 0:
		return web.Done(w, r, path(id)+"/schreiben", "Einen Punkt hat inzwischen jemand geändert. Ihr Text dazu ist nicht verloren: Er steht unten, beim Punkt.")
	case form.On("done"):
		return web.Done(w, r, path(id), "Gespeichert.")
	}
	return web.Done(w, r, path(id)+"/schreiben", "Gespeichert.")
}

// putAway takes in what was kept aside, or puts it away.
func (f *feature) putAway(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "aside", "do")
	if err != nil {
		return err
	}
	in := form.Get("do") == "in"
	if !in && form.Get("do") != "away" {
		return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.settle(tx, id, form.ID("aside"), v, in) })
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id)+"/schreiben", map[bool]string{true: "Der Text steht jetzt beim Punkt.", false: "Verworfen."}[in])
}

type historyPage struct {
	web.Page
	It        Minutes
	Revisions []Revision
	Item      Item
	Versions  []Version
	Items     []Item
}

// mostVersions is how many states of a text the page shows.
const mostVersions = 50

// history shows what the minutes were before: revisions to all members, states of a text to those who write.
func (f *feature) history(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := historyPage{Page: web.NewPage(r, v, "Fassungen")}
	q := web.Form{Values: r.URL.Query()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = get(tx, id, v, f.Now()); err != nil {
			return err
		}
		if !p.It.Whole() {
			return fault.Gone()
		}
		if p.Revisions, err = revisions(tx, id); err != nil || !p.It.Writes {
			return err
		}
		c, err := f.agenda(tx, p.It, p.Revisions, v)
		if err != nil {
			return err
		}
		p.Items = append([]Item{{Title: "Zur Sitzung"}}, c...)
		i := slices.IndexFunc(p.Items, func(i Item) bool { return i.ID == q.ID("punkt") })
		p.Item = p.Items[max(i, 0)]
		p.Versions, err = versions(tx, id, p.Item.ID, mostVersions)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "history.html", p)
}

// agenda are the items of minutes: of the meeting, or as they were sent last.
func (f *feature) agenda(tx *store.Tx, m Minutes, sent []Revision, v who.Viewer) ([]Item, error) {
	if len(sent) > 0 {
		c, err := read(sent[0].Content)
		if err != nil {
			return nil, nil // damaged: the page of the minutes says so
		}
		return c.Record.Items, nil
	}
	c, _, err := f.content(tx, m, v)
	return c.Record.Items, err
}
