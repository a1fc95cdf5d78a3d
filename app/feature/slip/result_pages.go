package slip

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/sheet"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type resultPage struct {
	web.Page
	It      Slip
	About   Announcement
	ID      int64
	Sum     Sum
	Tallies []Tally
	Rows    []Row
	Names   bool // the viewer reads some
	Open    bool
	Gone    time.Time // when the answers are deleted; zero: they have been
}

// results reads what came of a slip, of the units that the viewer leads.
func (f feature) results(r *http.Request, v who.Viewer) (p resultPage, err error) {
	if p.ID, err = web.Path(r, "id"); err != nil {
		return p, err
	}
	p.Page = web.NewPage(r, v, "Rückmeldungen")
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.About, p.It, err = find(tx, f.about, p.ID, v); err != nil {
			return err
		}
		if p.Gone, err = gone(tx, f.Settings, p.ID); err != nil {
			return err
		}
		p.Rows, err = rows(tx, p.It, v, f.Now())
		return err
	})
	if err == nil && len(p.Rows) == 0 {
		err = fault.Gone()
	}
	p.Sum, p.Tallies = sum(p.Rows), tallies(p.It, p.Rows)
	p.Rows = slices.DeleteFunc(p.Rows, func(r Row) bool { return !r.Shown })
	p.Names, p.Open = len(p.Rows) > 0, p.It.open(p.L(), f.Now()) == nil
	return p, err
}

func (f feature) result(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.results(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "result.html", p)
}

// table is the result for a spreadsheet, for those who may read names: with ?als=csv as text, else as a workbook.
func (f feature) table(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.results(r, v)
	if err != nil {
		return err
	}
	if !p.Names {
		return fault.New(fault.Forbidden, "Wer was geantwortet hat, erfährt nur das Team der Einrichtung. Sie sehen die Zahlen.")
	}
	t := sheet.Table{Name: p.About.Title, Head: []string{"Name", "Gruppe", "Stand"}}
	for _, q := range p.It.Questions {
		t.Head = append(t.Head, q.Words)
	}
	t.Head = append(t.Head, "Geantwortet hat", "Am", "Unterschrift")
	for _, r := range p.Rows {
		row := []any{r.Name, r.Group, r.StateWords()}
		for _, q := range p.It.Questions {
			switch given := r.Values[q.ID]; {
			case q.Kind == Number && len(given) == 1:
				n, _ := strconv.Atoi(given[0]) // a number, or it had not been taken
				row = append(row, n)
			default:
				row = append(row, strings.Join(given, ", "))
			}
		}
		var by, at, signed []string
		for _, a := range r.Answers {
			by, at = append(by, a.Name), append(at, house.Local(a.At).Format("2006-01-02 15:04"))
			signed = append(signed, a.Hand())
		}
		t.Rows = append(t.Rows, append(row, strings.Join(by, ", "), strings.Join(at, ", "), strings.Join(signed, ", ")))
	}
	if r.URL.Query().Get("als") == "csv" {
		return t.SendCSV(w)
	}
	return t.SendXLSX(w)
}

// Hand says how an answer is signed.
func (a Answer) Hand() string {
	if a.Signed == "" && a.Drawing != "" {
		return "gezeichnet"
	}
	return a.Signed
}

// StateWords says where a row stands.
func (r Row) StateWords() string {
	switch r.State {
	case Answered:
		return "beantwortet"
	case Half:
		return fmt.Sprintf("%d von %d", r.Of-r.Missing, r.Of)
	case Divided:
		return "uneinig"
	}
	return "offen"
}

func (f feature) remind(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	p, err := f.results(r, v) // whoever may see them
	if err != nil {
		return err
	}
	to := fmt.Sprintf("/rueckmeldung/%d", id)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return remind(tx, f.House, p.It) })
	if web.Again(err) {
		return web.Done(w, r, to, fault.Words(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to, "Alle, die noch nicht geantwortet haben, werden erinnert.")
}
