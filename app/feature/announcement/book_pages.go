package announcement

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type bookPage struct {
	web.Page
	Running []Entry // now or coming
	Past    []Entry
	Days    int
	Hours   float64
	Bars    []bar
	Top     int
	From    time.Time
	Sum     string // of days and hours, in words
	Since   string
	Unit    int64
	Units   []org.Unit // to narrow the book to
	Several bool       // of more than one facility
}

// entries reads the book for the query ?seit=YYYY-MM-DD&unit=ID; without, of the last twelve months.
func (f feature) entries(r *http.Request, v who.Viewer) (all []Entry, since string, unit int64, err error) {
	since = house.Local(f.Now()).AddDate(-1, 0, 0).Format(time.DateOnly)
	if s := r.URL.Query().Get("seit"); s != "" {
		if _, err := day(s); err == nil {
			since = s
		}
	}
	unit, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: all
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		all, err = book(tx, v, since, unit, f.Now())
		return err
	})
	return all, since, unit, err
}

func (f feature) book(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	all, since, unit, err := f.entries(r, v)
	if err != nil {
		return err
	}
	p := bookPage{Page: web.NewPage(r, v, "Schließungen"), Since: since, Unit: unit}
	p.Live = "/strom"
	now := f.Now()
	first := int64(0)
	for _, e := range all {
		if first != 0 && e.Facility != first {
			p.Several = true
		}
		first = e.Facility
		if e.Now(now) {
			p.Running = append(p.Running, e)
		} else {
			p.Past = append(p.Past, e)
		}
		if e.State != Cancelled {
			p.Days += e.Days()
			p.Hours += e.Hours()
		}
	}
	if first, err := day(since); err == nil {
		p.From = first
	}
	p.Sum = count(p.Days, "Tag", "Tage") + ", " + decimal(p.Hours) + " Stunden"
	p.Bars, p.Top = plot(all, house.Local(now))
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		us, err := senders(tx, v, now)
		if err != nil {
			return err
		}
		for _, u := range us {
			if u.Kind == org.City || u.Kind == org.Carrier {
				kind := org.Carrier
				if u.Kind == org.Carrier {
					kind = org.Facility
				}
				below, err := org.Below(tx, u.ID, kind, now)
				if err != nil {
					return err
				}
				p.Units = append(p.Units, below...)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "book.html", p)
}

// bookCSV is the book for a spreadsheet: semicolons and a BOM, as German Excel
// wants it, and no cell that a spreadsheet could take for a formula.
func (f feature) bookCSV(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	all, _, _, err := f.entries(r, v)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\uFEFF")
	c := csv.NewWriter(&b)
	c.Comma = ';'
	c.UseCRLF = true
	rows := [][]string{{"Einrichtung", "Träger", "Gruppen", "erster Tag", "letzter Tag", "von", "bis", "Tage", "Stunden", "Grund", "Zustand",
		"gemeldet", "Kinder", "Minuten bis 50 %", "Minuten bis 80 %", "Minuten bis 95 %"}}
	for _, e := range all {
		rows = append(rows, []string{e.Name, e.Carrier, strings.Join(e.Groups, ", "), e.FirstDay, e.LastDay, clock(e.Starts), clock(e.Ends),
			strconv.Itoa(e.Days()), e.HoursWords(), e.Why(lang.German()), e.What(),
			house.Local(e.Published).Format("2006-01-02 15:04"), strconv.Itoa(e.Children), mins(e.Half), mins(e.Most), mins(e.Nearly)})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="schliessungen.csv"`)
	_, err = w.Write([]byte(b.String()))
	return err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// harmless keeps a spreadsheet from reading a cell as a formula (OWASP, CSV injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func clock(m *int) string {
	if m == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *m/60, *m%60)
}

func mins(d time.Duration) string {
	if d < 0 {
		return ""
	}
	return strconv.Itoa(int(d.Minutes()))
}

// Half, Most and Nearly in words, for the page.
func (e Entry) Times() [3]string { return [3]string{short(e.Half), short(e.Most), short(e.Nearly)} }
