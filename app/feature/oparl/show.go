package oparl

import (
	"net/http"
	"time"

	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// An Item is an item of an agenda.
type Item struct {
	Number, Name, Result, Text string
	Closed                     bool // not public
	Paper                      Named
	Documents                  []Document
}

type meetingPage struct {
	web.Page
	Name          string
	Starts, Ends  time.Time // zero: not told
	Cancelled     bool
	Place         string
	Organizations []Named
	Items         []Item
	Documents     []Document
	API           string
	From          origin
}

// meeting shows a meeting that was read in.
func (f *feature) meeting(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := meetingPage{}
	err := f.read(r, oparl.Meeting, func(tx *store.Tx, x row, o oparl.Object) (err error) {
		p.Page, p.Name, p.API = newPage(r, v, x.name), x.name, f.at.Of(x.typ, x.uid)
		p.Starts, p.Ends = stamp(o.Text("start")), stamp(o.Text("end"))
		if !p.Ends.After(p.Starts) { // as systems write it that know no end
			p.Ends = time.Time{}
		}
		p.Cancelled, p.Place, p.Documents = o.Get("cancelled") == true, placeOf(o), documents(x.typ, o)
		if p.Organizations, err = named(tx, values(o.Get("organization"))); err != nil {
			return err
		}
		papers, err := papersOf(tx, x.id)
		if err != nil {
			return err
		}
		for _, v := range values(o.Get("agendaItem")) {
			in, ok := v.(oparl.Object)
			if !ok || in.Deleted() {
				continue
			}
			p.Items = append(p.Items, Item{Number: in.Text("number"), Name: in.Text("name"), Result: in.Text("result"), Text: in.Text("resolutionText"),
				Closed: in.Get("public") == false, Paper: papers[in.Text("id")], Documents: documents(oparl.AgendaItem, in)})
		}
		p.From, err = from(tx, x)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "meeting.html", p)
}

// papersOf finds what paper each item of a meeting is about, by the address of the item.
func papersOf(tx *store.Tx, meeting int64) (map[string]Named, error) {
	type pair struct {
		item string
		id   int64
		name string
	}
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.item, &p.id, &p.name} }, `
		SELECT i.source, p.id, p.name FROM oparl_object i JOIN oparl_link l ON l.target = i.source AND l.property = 'agendaItem'
		JOIN oparl_object c ON c.id = l.object AND c.type = 'Consultation' JOIN oparl_object p ON p.id = c.parent AND p.type = 'Paper' AND p.deleted = 0
		WHERE i.parent = ? AND i.type = 'AgendaItem'`, meeting)
	papers := map[string]Named{}
	for _, p := range all {
		papers[p.item] = Named{p.name, "/vorlage/" + itoa(p.id)}
	}
	return papers, err
}

// A Consultation is where a paper was talked about.
type Consultation struct {
	Role, Result  string
	Decides       bool
	Meeting       Named     // empty: not in the house
	Starts        time.Time // of the meeting; zero: not known
	Organizations []Named
}

type paperPage struct {
	web.Page
	Name, Reference, Type string
	Date                  time.Time // zero: not told
	Consultations         []Consultation
	Documents             []Document
	Related, Direction    []Named
	API                   string
	From                  origin
}

// paper shows a paper that was read in.
func (f *feature) paper(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := paperPage{}
	err := f.read(r, oparl.Paper, func(tx *store.Tx, x row, o oparl.Object) (err error) {
		p.Page, p.Name, p.API = newPage(r, v, x.name), x.name, f.at.Of(x.typ, x.uid)
		p.Reference, p.Type, p.Documents = o.Text("reference"), o.Text("paperType"), documents(x.typ, o)
		if d, err := time.ParseInLocation(time.DateOnly, o.Text("date"), web.Zone()); err == nil {
			p.Date = d
		}
		for _, v := range values(o.Get("consultation")) {
			if in, ok := v.(oparl.Object); ok && !in.Deleted() {
				c, err := consulted(tx, in)
				if err != nil {
					return err
				}
				p.Consultations = append(p.Consultations, c)
			}
		}
		for _, name := range []string{"relatedPaper", "superordinatedPaper", "subordinatedPaper"} {
			more, err := named(tx, values(o.Get(name)))
			if err != nil {
				return err
			}
			p.Related = append(p.Related, more...)
		}
		if p.Direction, err = named(tx, values(o.Get("underDirectionOf"))); err != nil {
			return err
		}
		p.From, err = from(tx, x)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "paper.html", p)
}

// consulted finds out where a paper was talked about, and what came of it.
func consulted(tx *store.Tx, in oparl.Object) (c Consultation, err error) {
	c = Consultation{Role: in.Text("role"), Decides: in.Get("authoritative") == true}
	m, err := rowOf(tx, in.Text("meeting"))
	if err != nil {
		return c, err
	}
	if m.id != 0 && !m.deleted {
		c.Meeting, c.Starts = Named{m.name, pageOf(m)}, local(m.starts)
		if m.starts.IsZero() {
			c.Starts = time.Time{}
		}
	}
	item, err := rowOf(tx, in.Text("agendaItem"))
	if err != nil {
		return c, err
	}
	if item.json != "" {
		o, err := oparl.Parse([]byte(item.json))
		if err != nil {
			return c, err
		}
		c.Result = o.Text("result")
	}
	c.Organizations, err = named(tx, values(in.Get("organization")))
	return c, err
}
