package committee

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// blank is how many empty rows for people who are not on the list a form begins with, and how many "go more" adds.
const blank = 2

type electionPage struct {
	web.Page
	Unit    org.Unit
	Form    web.Form
	Term    committee.Term // that is corrected; zero: a new one
	Rows    []row
	Offices []committee.Office
	Old     committee.Term // of the board so far; zero: none was recorded
	Leads   bool
	Months  int // for which a board goes on kommissarisch
}

// A row of the form: somebody of the list, or a name to be written.
type row struct {
	known
	I int // from 0
}

// field is the name of a field of a row, as the form counts them: "office-3".
func field(name string, i int) string { return fmt.Sprintf("%s-%d", name, i) }

// Field is the same for the template.
func (r row) Field(name string) string { return field(name, r.I) }

// readElection is an election as it was typed. All rows send all fields, so that they have the same place in each list.
func readElection(unit int64, form web.Form) Election {
	e := Election{Unit: unit, Name: text.Line(form.Get("name")), Elected: form.Get("elected"), Starts: form.Get("starts"), Ends: form.Get("ends")}
	at := func(name string, i int) string {
		if all := form.Values[name]; i < len(all) {
			return text.Line(all[i])
		}
		return ""
	}
	for i := range form.Values["office"] {
		x := Holder{Given: at("given", i), Family: at("family", i), Mail: at("mail", i), Office: committee.Office(at("office", i))}
		x.Person, _ = strconv.ParseInt(at("person", i), 10, 64) // 0: by name
		if rank := at("rank", i); rank != "" {
			n, err := strconv.Atoi(rank)
			if x.Rank = n; err != nil || n < 1 {
				x.Rank = -1
			}
		}
		e.Holders = append(e.Holders, x)
	}
	return e
}

func (f *feature) electionAt(r *http.Request, v who.Viewer, form web.Form) (p *electionPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = &electionPage{Page: web.NewPage(r, v, "Wahl eintragen").In("de"), Form: form, Offices: committee.Offices()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		u, level, err := mayElect(tx, v, id, now)
		if err != nil {
			return err
		}
		p.Unit, p.Leads = u, level == committee.Leading
		rules, err := committee.RulesOf(tx, id)
		if err != nil {
			return err
		}
		p.Months = rules.Provisional
		if p.Old, err = committee.TermAt(tx, id, now); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if p.Term, err = upcoming(tx, id, now); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		choice, err := choosable(tx, id, now)
		if err != nil {
			return err
		}
		if p.Form.Values != nil {
			p.typed(id, choice)
			return nil
		}
		e, err := p.proposal(tx, id, now)
		if err != nil {
			return err
		}
		p.fill(e, choice)
		return nil
	})
	return p, err
}

// proposal is what the form begins with: the election that is corrected, or a term of a year after the one before.
func (p *electionPage) proposal(tx *store.Tx, unit int64, now time.Time) (Election, error) {
	if t := p.Term; t.ID != 0 {
		p.Title = "Wahl berichtigen"
		all, err := elected(tx, t)
		return Election{Unit: unit, Name: t.Name, Elected: t.Elected, Starts: dayOf(t.Starts), Ends: dayOf(t.Ends.Add(-time.Second)), Holders: all}, err
	}
	day, err := plannedElection(tx, unit)
	if err != nil {
		return Election{}, err
	}
	starts, ok := midnight(day)
	if !ok || starts.After(now) {
		starts, _ = midnight(dayOf(now))
	}
	e := Election{Unit: unit, Elected: dayOf(starts), Starts: dayOf(starts), Ends: dayOf(starts.AddDate(1, 0, -1))}
	e.Name = fmt.Sprintf("%d/%02d", starts.Year(), (starts.Year()+1)%100)
	return e, nil
}

// dayOf is the day of a moment in the house's zone, as a form has it.
func dayOf(t time.Time) string { return house.Local(t).Format(time.DateOnly) }

// fill writes an election into the form.
func (p *electionPage) fill(e Election, choice []known) {
	for name, value := range map[string]string{"name": e.Name, "elected": e.Elected, "starts": e.Starts, "ends": e.Ends} {
		p.Form.Set(name, value)
	}
	for _, k := range choice {
		if i := slices.IndexFunc(e.Holders, func(x Holder) bool { return x.Person == k.Person }); i >= 0 {
			k.Office, k.Rank = e.Holders[i].Office, e.Holders[i].Rank
		}
		p.Rows = append(p.Rows, row{k, len(p.Rows)})
	}
	p.more(blank)
}

// more adds empty rows.
func (p *electionPage) more(n int) {
	for range n {
		p.Rows = append(p.Rows, row{I: len(p.Rows)})
	}
}

// typed has the form show what was typed, also where the list is another one meanwhile.
func (p *electionPage) typed(unit int64, choice []known) {
	if p.Term.ID != 0 {
		p.Title = "Wahl berichtigen"
	}
	for i, x := range readElection(unit, p.Form).Holders {
		if i == maxRows {
			break
		}
		r := row{known{Holder: x}, i}
		if j := slices.IndexFunc(choice, func(k known) bool { return x.Person != 0 && k.Person == x.Person }); j >= 0 {
			r.known = choice[j]
			r.Office, r.Rank = x.Office, x.Rank
		}
		p.Rows = append(p.Rows, r)
	}
}

func (f *feature) electionForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.electionAt(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "election.html", p)
}

func (f *feature) saveElection(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "term", "name", "elected", "starts", "ends", "person", "given", "family", "mail", "office", "rank", "go")
	if err != nil {
		return err
	}
	if form.Get("go") == "more" { // without script: more rows, and nothing is saved
		p, err := f.electionAt(r, v, form)
		if err != nil {
			return err
		}
		p.more(blank)
		return f.pages.Render(w, r, "election.html", p)
	}
	e := readElection(id, form)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.elect(tx, v, e, form.ID("term")) })
	if web.Again(err) {
		p, e := f.electionAt(r, v, form)
		if e != nil {
			return e
		}
		p.Form = p.Form.With(err)
		return f.pages.Again(w, r, "election.html", p)
	}
	if err != nil {
		return err
	}
	words := "Die Wahl ist eingetragen."
	if starts, _ := e.term(); starts.After(f.Now()) {
		words = fmt.Sprintf("Die Wahl ist eingetragen. Am %s um Mitternacht gehen die Rechte von selbst über.", lang.German().DayYear(starts))
	}
	return web.Done(w, r, path(id), words)
}

func (f *feature) withdrawElection(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "term")
	if err != nil {
		return err
	}
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.withdraw(tx, v, id, form.ID("term")) }); err != nil {
		return err
	}
	return web.Done(w, r, path(id), "Die Wahl ist zurückgenommen. Es bleibt alles, wie es war.")
}
