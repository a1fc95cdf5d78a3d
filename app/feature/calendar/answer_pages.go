package calendar

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type answersPage struct {
	web.Page
	It    Termin
	Span  string
	Count Tally
	Free  int
	Names bool // the viewer may read them
	All   []Answer
}

// list reads who comes to an instance; of names only what v may know.
func (f feature) list(r *http.Request, v who.Viewer) (p answersPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = answersPage{Page: page(r, v, "Wer kommt?")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		if !p.It.Answers {
			return fault.Gone()
		}
		if p.Names, err = mayName(tx, p.It, v, f.Now()); err != nil {
			return err
		}
		if p.Count, err = tally(tx, id); err != nil || !p.Names {
			return err
		}
		p.All, err = answers(tx, id)
		return err
	})
	p.Free, p.Span = p.Count.Free(p.It.Places), span(p.L(), p.It.Starts, p.It.Ends, p.It.AllDay, f.Now())
	p.Live = "/strom"
	return p, err
}

func (f feature) answers(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.list(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "answers.html", p)
}

// Words says what somebody has answered.
func (a Answer) Words() string {
	switch a.State {
	case Yes:
		return "kommt"
	case Waiting:
		return fmt.Sprintf("wartet, Platz %d", a.Turn)
	}
	return "kommt nicht"
}

// answersCSV is the list for a spreadsheet, for those who may read names.
func (f feature) answersCSV(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.list(r, v)
	if err != nil {
		return err
	}
	if !p.Names {
		return fault.New(fault.Forbidden, "Wer kommt, erfährt nur das Team der Einrichtung. Sie sehen die Zahlen.")
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // or Excel reads umlauts as something else
	c := csv.NewWriter(&b)
	c.Comma, c.UseCRLF = ';', true
	rows := [][]string{{"Name", "Antwort", "Personen", "geantwortet"}}
	for _, a := range p.All {
		rows = append(rows, []string{harmless(a.Name), a.Words(), strconv.Itoa(a.People), house.Local(a.At).Format("2006-01-02 15:04")})
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="antworten-%d.csv"`, p.It.ID))
	_, err = w.Write(b.Bytes())
	return err
}

// harmless keeps a spreadsheet from reading a cell as a formula (OWASP, CSV injection).
func harmless(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
