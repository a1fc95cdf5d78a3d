package list

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	pages *web.Pages
	kept  *kept
}

// New makes the feature.
func New(h *house.House) house.Feature {
	f := feature{h, web.Parse(html), &kept{}}
	keep, begin := h.Tasks.Nightly(keepKind, 3*time.Hour+20*time.Minute, web.Zone(), sweep(h))
	return house.Feature{
		Name: "list",
		Nav:  []web.NavItem{{Path: "/listen", Label: "Listen", Icon: "list-checks", Right: who.Member}},
		Routes: []web.Route{
			web.Get("/listen", who.Member, f.index),
			web.Get("/listen/neu", Writers, f.newForm),
			web.Post("/listen/neu", Writers, f.add),
			web.Get("/liste/:id", who.Member, f.show),
			web.Post("/liste/:id/eintragen", who.Member, f.enter),
			web.Post("/liste/:id/austragen", who.Member, f.withdraw),
			web.Post("/liste/:id/freigeben", who.Member, f.offer),
			web.Post("/liste/:id/uebernehmen", who.Member, f.take),
			web.Get("/liste/:id/bearbeiten", Writers, f.editForm),
			web.Post("/liste/:id/bearbeiten", Writers, f.edit),
			web.Post("/liste/:id/schliessen", Writers, f.shut),
			web.Post("/liste/:id/entfernen", Writers, f.remove),
			web.Get("/liste/:id/aushang", Writers, f.door),
			web.Proved(web.Get("/liste/:id/tabelle", Writers, f.table)),
		},
		Jobs:   []task.Job{remindJob(h), tellJob(h), keep},
		Begin:  begin,
		Export: export,
		Erase:  eraser(h),
		Search: []search.Source{found(h.Now)},
		Legacy: legacy(h.Now),
		Dates: func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
			return dates(tx, v, from, to, h.Now())
		},
	}
}

type indexPage struct {
	web.Page
	Open, Past []List
	Writes     bool
}

// most is how many lists the page shows: those of a year.
const most = 100

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Listen"), Writes: v.May(Writers)}
	p.Title = p.L().T("Listen")
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		all, err := lists(tx, v, f.Now(), most)
		for _, l := range all {
			if l.Open(f.Now()) {
				p.Open = append(p.Open, l)
			} else {
				p.Past = append(p.Past, l)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// A row is a line as the viewer sees it.
type row struct {
	Line
	Span    string
	Day     string  // with which the lines of another day begin; "": no other day, or of no time
	Where   string  // all of that day are; "": not told, or not all in one room
	Hours   string  // Span without the day; "": it says no more than that
	Entries []Entry // that the viewer may read
	Mine    []Entry // among them
	Offered []Entry // that others give away
	Act     bool    // one may put oneself down, with one button
	More    bool    // ... after saying what and how much
	Alter   bool    // one can change what one has said
	Chosen  bool    // the form for that stands here
}

type showPage struct {
	web.Page
	It      List
	HTML    template.HTML
	Closes  time.Time // zero: not by itself
	Gone    time.Time // when it is deleted; for those who change it
	Shut    string    // why nothing can be changed any more; "": it can
	Rows    []row
	Ready   template.HTML // the rows
	Kids    []kid
	Left    int
	Waits   bool  // somebody does
	Instead int64 // the only entry of the viewer's, that is given up for another; 0: none
	Form    web.Form
	Numbers []int // of places in the form that stands open
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	if p.Ready, err = f.ready(p); err != nil {
		return err
	}
	web.KeepOffline(w, v)
	return f.pages.Render(w, r, "show.html", p)
}

// look prepares the page of a list, with what was typed into the form of one of its lines.
func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	now := f.Now()
	var all []Line
	var mine []Entry
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = get(tx, id, v, now); err != nil {
			return err
		}
		if p.Kids, err = kids(tx, p.It, v, now); err != nil {
			return err
		}
		if p.It.Edit {
			if p.Gone, err = gone(tx, f.Settings, id); err != nil {
				return err
			}
		}
		if all, err = lines(tx, id); err != nil {
			return err
		}
		mine, err = entries(tx, id, v, p.It.Shows(), now)
		return err
	})
	if err != nil {
		return p, err
	}
	p.Title, p.HTML, p.Closes, p.Live = p.It.Title, text.HTML(p.It.Body), p.It.Until(), "/strom"
	if err := p.It.closed(p.L(), now); err != nil {
		p.Shut = err.Error()
	}
	p.arrange(all, mine, r.URL.Query().Get("zeile"))
	return p, nil
}

// arrange puts lines and entries together. chosen is the line whose form stands open; "": none.
func (p *showPage) arrange(all []Line, entries []Entry, chosen string) {
	of := map[int64][]Entry{}
	own := 0
	for _, e := range entries {
		of[e.Line] = append(of[e.Line], e)
		if e.Mine {
			own++
			p.Instead = e.ID
		}
	}
	if own != 1 || p.It.Most != 1 {
		p.Instead = 0
	}
	holders := len(p.Kids)
	if p.It.Per == PerPerson && p.It.Meant {
		holders = 1
	}
	if c := p.Form.Get("line"); c != "" {
		chosen = c
	}
	may := p.Shut == "" && holders > 0
	for _, l := range all {
		r := row{Line: l, Span: l.When(p.L(), p.Now)}
		for _, e := range of[l.ID] {
			switch {
			case e.Mine:
				r.Mine = append(r.Mine, e)
			case !e.Offered.IsZero() && may:
				r.Offered = append(r.Offered, e)
			}
			if p.It.Shows() {
				r.Entries = append(r.Entries, e)
			}
		}
		passed := !l.Starts.IsZero() && !l.Starts.After(p.Now)
		if may && !passed && len(r.Mine) < holders {
			r.More = p.It.Kind == Bring || holders > 1 || l.Places > 1 && p.It.Kind == Slot
			r.Act = !r.More
		}
		r.Alter = may && !passed && len(r.Mine) > 0 && p.It.Kind == Bring
		if (r.More || r.Alter) && chosen == strconv.FormatInt(l.ID, 10) {
			r.Chosen = true
			if r.Alter && p.Form.Values == nil {
				p.Form.Set("places", strconv.Itoa(r.Mine[0].Places))
				p.Form.Set("note", r.Mine[0].Note)
				p.Form.Set("child", strconv.FormatInt(r.Mine[0].Child, 10))
			}
			for n := range min(l.Places, 20) {
				p.Numbers = append(p.Numbers, n+1)
			}
		}
		p.Left += l.Free()
		p.Waits = p.Waits || l.Waiting > 0
		p.Rows = append(p.Rows, r)
	}
	byDay(p.Rows, p.L())
}

// byDay has lines of a day stand below it, so that each says only the hours, and no room that they all have.
func byDay(rows []row, w *lang.Lang) {
	day := func(r row) string {
		if r.Starts.IsZero() || house.Local(r.Ends.Add(-1)).Format(time.DateOnly) != house.Local(r.Starts).Format(time.DateOnly) {
			return "" // of no time, or over midnight
		}
		return house.Local(r.Starts).Format(time.DateOnly)
	}
	for i := 0; i < len(rows); {
		n := 1
		for i+n < len(rows) && day(rows[i+n]) == day(rows[i]) {
			n++
		}
		part := rows[i : i+n]
		i += n
		if day(part[0]) == "" {
			continue
		}
		part[0].Day = w.Day(house.Local(part[0].Starts))
		room := part[0].Room
		if room != "" && !slices.ContainsFunc(part, func(r row) bool { return r.Room != room }) {
			part[0].Where = room
		} else {
			room = ""
		}
		for j := range part {
			from, to := house.Local(part[j].Starts), house.Local(part[j].Ends)
			end := to.Hour()*60 + to.Minute()
			if end == 0 {
				end = 24 * 60
			}
			part[j].Hours = w.Hours(from.Hour()*60+from.Minute(), end)
			if room != "" {
				part[j].Room = ""
			}
		}
	}
}

// change reads a form, opens the list, and lets do change it. What went wrong is said on the page itself, with what was
// typed.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, known []string,
	do func(tx *store.Tx, l List, form web.Form) (words string, err error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	var words string
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		l, err := get(tx, id, v, f.Now())
		if err == nil {
			words, err = do(tx, l, form)
		}
		return err
	})
	if web.Again(err) {
		p, e := f.look(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		if p.Ready, e = f.ready(p); e != nil {
			return e
		}
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/liste/%d", id), words)
}

func (f feature) enter(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	words := lang.Of(v.Lang)
	return f.change(w, r, v, []string{"line", "child", "places", "note", "instead"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		wish := Wish{Line: form.ID("line"), Child: form.ID("child"), Places: 1, Note: form.Get("note"), Instead: form.ID("instead")}
		if s := form.Get("places"); s != "" {
			wish.Places = int(form.ID("places")) // 0, which is refused, where it is no number
		}
		state, err := enter(tx, f.House, l, v, wish)
		if state == Waiting {
			return words.T("Sie stehen auf der Warteliste. Wird etwas frei, rücken Sie nach und bekommen Bescheid."), err
		}
		return words.T("Sie stehen auf der Liste. Danke!"), err
	})
}

func (f feature) withdraw(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"entry"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		return lang.Of(v.Lang).T("Der Platz ist wieder frei."), withdraw(tx, f.House, l, v, form.ID("entry"))
	})
}

func (f feature) offer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	words := lang.Of(v.Lang)
	return f.change(w, r, v, []string{"entry", "on"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		gone, err := offer(tx, f.House, l, v, form.ID("entry"), form.On("on"))
		switch {
		case gone:
			return words.T("Ihr Platz ging an jemanden von der Warteliste."), err
		case form.On("on"):
			return words.T("Andere können Ihren Platz jetzt übernehmen. Bis dahin bleibt er Ihrer."), err
		}
		return words.T("Sie behalten Ihren Platz."), err
	})
}

func (f feature) take(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"entry", "child"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		return lang.Of(v.Lang).T("Sie stehen auf der Liste. Danke!"), take(tx, f.House, l, v, form.ID("entry"), form.ID("child"))
	})
}

// edited finds a list that the viewer may change.
func edited(tx *store.Tx, id int64, v who.Viewer, now time.Time) (List, error) {
	l, err := get(tx, id, v, now)
	if err == nil && !l.Edit {
		err = fault.New(fault.Forbidden, "Diese Liste dürfen Sie sehen, aber nicht ändern.")
	}
	return l, err
}
