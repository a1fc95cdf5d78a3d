package resolution

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/sheet"
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
	wires Wires
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := feature{h, web.Parse(html), w}
	return house.Feature{
		Name: "resolution",
		Nav:  []web.NavItem{{Path: "/beschluesse", Label: "Beschlüsse", Icon: "book-open", Right: committee.Council, Low: true}},
		Routes: []web.Route{
			web.Get("/beschluesse", who.Anyone, f.index),
			web.Get("/beschluesse/buch", who.Anyone, f.book),
			web.Get("/beschluesse/tabelle", who.Anyone, f.table),
			web.Get("/beschluesse/nachtragen", committee.Council, f.lateForm),
			web.Post("/beschluesse/nachtragen", committee.Council, f.enter),
			web.Get("/beschluss/:id", who.Anyone, f.show),
			web.Post("/beschluss/:id/gilt", committee.Council, f.arrange),
			web.Post("/beschluss/:id/ende", committee.Council, f.finish),
			web.Post("/beschluss/:id/streichen", committee.Council, f.remove),
			web.Get("/gremium/:id/beschluesse.atom", who.Anyone, f.atom),
			web.Get("/umlaufbeschluesse/neu", committee.Council, f.circularForm),
			web.Post("/umlaufbeschluesse/neu", committee.Council, f.ask),
			web.Get("/umlaufbeschluss/:id", committee.Council, f.circular),
			web.Post("/umlaufbeschluss/:id/widerspruch", committee.Council, f.object),
			web.Post("/umlaufbeschluss/:id/zurueckziehen", committee.Council, f.withdraw),
		},
		Jobs:    []task.Job{remindJob(h, w.Vote), tellJob(h, w.Vote)},
		Export:  export,
		Erase:   eraser(h),
		Search:  []search.Source{found(h.Now)},
		Council: f.council,
		Legacy:  legacy(h.Now, w.Vote),
		OParl:   sources(h, w.Address),
	}
}

// perPage is how many resolutions a page of the book shows, and whole how many a printed book or a table has at the most:
// those of half a century.
const (
	perPage = 50
	whole   = 2000
)

// A shelf is a year of the book.
type shelf struct {
	Year int
	All  []row
}

// A row is a resolution as its viewer sees it.
type row struct {
	Resolution
	Words  string // how it stands
	Holds  bool
	Result string // how the vote went; "": not known
	HTML   template.HTML
}

type bookPage struct {
	web.Page
	Unit   org.Unit
	Units  []org.Unit // between which one can choose, where no committee is chosen
	Inside bool
	Lead   bool
	Feed   bool // there is one
	All    bool // also what is not in force any more
	Query  string
	Years  []shelf
	More   string       // where it goes on; "": it does not
	Tools  template.URL // what was chosen, as the end of an address; escaped
}

// read fills a page of the book with what was chosen in the address.
func (f feature) read(r *http.Request, v who.Viewer, most int) (p bookPage, err error) {
	q := r.URL.Query()
	p = bookPage{Page: web.NewPage(r, v, ""), All: q.Get("filter") == "alle", Query: text.Line(q.Get("q"))}
	p.Title = p.L().T("Beschlüsse")
	unit, _ := strconv.ParseInt(q.Get("unit"), 10, 64) // 0: none is chosen
	c := Choice{All: p.All, Words: strings.Fields(p.Query), Most: most + 1}
	if s := q.Get("vor"); s != "" {
		var ok bool
		if c.Year, c.Below, ok = readName(s); !ok {
			return p, fault.Gone()
		}
	}
	var all []Resolution
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if unit == 0 {
			if p.Units, err = committee.Seen(tx, v.ID, p.Now); err != nil || len(p.Units) != 1 {
				return err
			}
			unit = p.Units[0].ID
		}
		var level committee.Level
		if p.Unit, level, err = committee.Must(tx, v, unit, committee.Open, p.Now); err != nil {
			return err
		}
		rules, err := committee.RulesOf(tx, unit)
		if err != nil {
			return err
		}
		p.Inside, p.Lead, p.Feed = level >= committee.Inside, level == committee.Leading, rules.Public
		all, err = in(tx, unit, p.Inside, c, p.Now)
		return err
	})
	if err != nil || p.Unit.ID == 0 {
		return p, err
	}
	p.Tools = template.URL(fmt.Sprintf("unit=%d", p.Unit.ID))
	if p.All {
		p.Tools += "&filter=alle"
	}
	if p.Query != "" {
		p.Tools += template.URL("&q=" + template.URLQueryEscaper(p.Query))
	}
	if len(all) > most {
		all = all[:most]
		p.More = "/beschluesse?" + string(p.Tools) + "&vor=" + all[most-1].Name()
	}
	for _, x := range all {
		if n := len(p.Years); n == 0 || p.Years[n-1].Year != x.Year {
			p.Years = append(p.Years, shelf{Year: x.Year})
		}
		last := &p.Years[len(p.Years)-1]
		last.All = append(last.All, row{Resolution: x, Words: x.Words(p.L(), p.Now, p.Inside), Holds: x.State(p.Now) == InForce, Result: x.Result(p.L())})
	}
	return p, nil
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.read(r, v, perPage)
	if err != nil {
		return err
	}
	p.Live = "/strom"
	return f.pages.Render(w, r, "index.html", p)
}

// book is the book on paper, as it is chosen.
func (f feature) book(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.read(r, v, whole)
	if err == nil && p.Unit.ID == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return err
	}
	p.Title = p.L().T("Beschlüsse: %s", p.Unit.Name)
	slices.Reverse(p.Years) // one reads a book from its beginning
	for _, y := range p.Years {
		slices.Reverse(y.All)
		for i := range y.All {
			y.All[i].HTML = text.HTML(y.All[i].Wording)
		}
	}
	return f.pages.Render(w, r, "book.html", p)
}

// table is the book for a spreadsheet.
func (f feature) table(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.read(r, v, whole)
	if err == nil && p.Unit.ID == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return err
	}
	l := lang.German()
	t := sheet.Table{Name: "Beschlüsse " + p.Unit.Name, Head: []string{"Nummer", "Beschlossen am", "Titel", "Wortlaut", "Ja", "Nein", "Enthalten", "Ungültig", "Wo", "Gilt bis", "Stand", "Wer ihn liest", "Nachgetragen"}}
	for _, y := range p.Years {
		for _, x := range y.All {
			cells := []any{x.Name(), house.Local(x.Decided).Format("2006-01-02"), x.Title, x.Wording, nil, nil, nil, nil, x.Place, x.Until,
				x.Resolution.Words(l, p.Now, p.Inside), "Mitglieder", ""}
			if x.Counted {
				cells[4], cells[5], cells[6], cells[7] = x.Tally.Yes, x.Tally.No, x.Tally.Abstain, x.Tally.Invalid
			}
			if x.Public {
				cells[11] = "öffentlich"
			}
			if x.Late {
				cells[12] = "ja"
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t.SendCSV(w)
}

type showPage struct {
	web.Page
	It      row
	Inside  bool
	Lead    bool
	Later   string // where the one stands that has ended it; "": nobody has, or one may not read that
	Earlier []row  // what it has ended
	Form    web.Form
}

// look prepares the page of a resolution, with what was typed into one of its forms.
func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	var x Resolution
	var level committee.Level
	var old []Resolution
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if x, level, err = get(tx, id, v, p.Now); err != nil {
			return err
		}
		old, err = ended(tx, id)
		return err
	})
	if err != nil {
		return p, err
	}
	l := p.L()
	p.Inside, p.Lead = level >= committee.Inside, level == committee.Leading
	p.It = row{Resolution: x, Words: x.Words(l, p.Now, p.Inside), Holds: x.State(p.Now) == InForce, Result: x.Result(l), HTML: text.HTML(x.Wording)}
	p.Title, p.Live = x.Name()+" "+x.Title, "/strom"
	if x.By.ID != 0 && (x.By.Public || p.Inside) {
		p.Later = fmt.Sprintf("/beschluss/%d", x.By.ID)
	}
	for _, o := range old {
		if o.Public || p.Inside {
			p.Earlier = append(p.Earlier, row{Resolution: o, Words: o.Words(l, p.Now, p.Inside)})
		}
	}
	if _, ok := form.Values["until"]; !ok { // it is not what was sent
		p.Form.Set("until", x.Until)
	}
	return p, nil
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}
