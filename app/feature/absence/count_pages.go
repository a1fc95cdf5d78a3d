package absence

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type countsPage struct {
	web.Page
	Weekly  bool
	Period  string   // whose numbers the table shows: its first day
	Periods []string // that can be chosen, the latest first
	Tallies []Tally  // of the period
	Bars    []bar
	Top     int
	Named   bool // the viewer may know names everywhere
}

// loadCounts reads the numbers for the query ?je=woche|monat: of the latest twelve.
func (f feature) loadCounts(r *http.Request, v who.Viewer) (all []Tally, weekly bool, err error) {
	weekly = r.URL.Query().Get("je") == "woche"
	now := f.Now()
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		all, err = tallies(tx, v, periods(now, weekly, 12)[0], weekly, now)
		return err
	})
	return all, weekly, err
}

func (f feature) counts(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	all, weekly, err := f.loadCounts(r, v)
	if err != nil {
		return err
	}
	p := countsPage{Page: web.NewPage(r, v, "Abwesenheit in Zahlen"), Weekly: weekly, Period: r.URL.Query().Get("ab"), Named: !v.May(who.Of(who.Manager, who.Office))}
	for _, t := range all {
		if n := len(p.Periods); n == 0 || p.Periods[n-1] != t.Period {
			p.Periods = append(p.Periods, t.Period)
		}
	}
	if len(p.Periods) > 0 && noon(p.Period).IsZero() {
		p.Period = p.Periods[0]
	}
	for _, t := range all {
		if t.Period == p.Period {
			p.Tallies = append(p.Tallies, t)
		}
	}
	p.Bars, p.Top = plot(all, f.Now(), weekly)
	return f.pages.Render(w, r, "counts.html", p)
}

// Span words a period.
func (p countsPage) Span(first string) string {
	t := noon(first)
	if p.Weekly {
		return "Woche ab " + t.Format("02.01.2006")
	}
	return p.L().ShortMonth(t) + " " + strconv.Itoa(t.Year())
}

// Share words the highest bar.
func (p countsPage) Share() string { return percent(p.Top) }

// Show is a number of the table; one that must not be shown is "unter 5".
func (t Tally) Show(n int) string {
	if n == hidden {
		return "unter 5"
	}
	return strconv.Itoa(n)
}

// ShareWords are the share as a percentage.
func (t Tally) ShareWords() string {
	if t.Share() == hidden {
		return "–"
	}
	return percent(t.Share())
}

// percent words tenths of a percent.
func percent(n int) string { return fmt.Sprintf("%d,%d %%", n/10, n%10) }

// countsCSV is the numbers for a spreadsheet: semicolons and a BOM, as German Excel wants it.
func (f feature) countsCSV(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	all, weekly, err := f.loadCounts(r, v)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\uFEFF")
	c := csv.NewWriter(&b)
	c.Comma = ';'
	c.UseCRLF = true
	first := "Monat ab"
	if weekly {
		first = "Woche ab"
	}
	rows := [][]string{{first, "Einrichtung", "Gruppe", "Kindertage", "erwartet", "abgemeldet", "krank", "Urlaub", "Termin", "anderes oder keine Angabe", "spät"}}
	for _, t := range all {
		place, group := t.Within, t.Name
		if place == "" {
			place, group = t.Name, ""
		}
		rows = append(rows, []string{t.Period, harmless(place), harmless(group), t.Show(t.Days), t.Show(t.Expected()), t.Show(t.Excused),
			t.Show(t.Ill), t.Show(t.Holiday), t.Show(t.Appointment), t.Show(t.Others), t.Show(t.Late)})
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="abwesenheit-`+house.Local(f.Now()).Format("2006-01-02")+`.csv"`)
	_, err = w.Write([]byte(b.String()))
	return err
}

// harmless keeps a spreadsheet from reading a cell as a formula (OWASP, CSV injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
