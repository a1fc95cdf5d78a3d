package audit

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/sheet"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

const (
	onPage = 100
	inFile = 200_000 // rows: more is asked for by days
)

// Wires are what the feature needs of others.
type Wires struct {
	Log     house.Log
	Warn    func(tx *store.Tx, words string) error // writes to those who run the house
	Words   func(action string) string             // the German of an action
	Actions func() []string                        // all that there are
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := feature{h, w, web.Parse(html)}
	night, begin := h.Tasks.Nightly("audit.check", 2*time.Hour+40*time.Minute, web.Zone(), f.night)
	auditor := who.Of(who.Auditor)
	return house.Feature{
		Name: "audit",
		Routes: []web.Route{
			web.Get("/protokollierung", auditor, f.index),
			web.Post("/protokollierung/pruefen", auditor, f.check),
			web.Proved(web.Post("/protokollierung/mitnehmen", auditor, f.export)),
		},
		Nav:   []web.NavItem{{Path: "/protokollierung", Label: "Protokollierung", Icon: "scroll-text", Right: auditor}},
		Jobs:  []task.Job{night},
		Begin: begin,
	}
}

// night checks the record, and then lets go of what is old enough.
func (f feature) night(ctx context.Context) error {
	if _, _, err := f.verify(ctx); err != nil {
		return err
	}
	return audit.Keep(ctx, f.DB, f.Now())
}

// verify checks the record and says in the program's log where it ends: there whoever changes the database doesn't reach.
func (f feature) verify(ctx context.Context) (audit.Chain, int, error) {
	c, n, err := audit.Check(ctx, f.DB, f.Now, func(tx *store.Tx, words string) error {
		if err := f.Log(tx, f.Now(), 0, "audit.broken", 0); err != nil {
			return err
		}
		return f.Warn(tx, "Die Protokollierung ist nicht mehr so, wie sie geschrieben wurde. "+words+
			" Jemand hat die Datenbank geändert, oder der Datenträger ist beschädigt. Bitte bewahren Sie die letzten Sicherungen auf.")
	})
	if err != nil {
		return c, n, err
	}
	if c.Failure != "" {
		slog.Error("the record is broken", "what", c.Failure, "head", c.Head, "hash", fmt.Sprintf("%x", c.HeadHash))
	} else {
		slog.Info("the record is whole", "rows", n, "head", c.Head, "hash", fmt.Sprintf("%x", c.HeadHash))
	}
	return c, n, nil
}

// An option is an action that one can look for.
type option struct{ Action, Words string }

type indexPage struct {
	web.Page
	Query   query
	Rows    []row
	Older   string // the next page; "": there is none
	Chain   audit.Chain
	Head    string
	Actions []option
	Proved  bool
	Full    bool // sees the whole house
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	q, err := readQuery(r.URL.Query().Get)
	if err != nil {
		return err
	}
	p := indexPage{Page: web.NewPage(r, v, "Protokollierung").In("de"), Query: q, Proved: v.Proved(f.Now())}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Chain, err = audit.State(tx); err != nil {
			return err
		}
		if p.Full, err = whole(tx, v); err != nil {
			return err
		}
		p.Rows, err = list(tx, v, q, onPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(p.Rows) > onPage {
		p.Rows = p.Rows[:onPage]
		p.Older = q.older(p.Rows[onPage-1].ID)
	}
	for i := range p.Rows {
		p.Rows[i].Words = f.Words(p.Rows[i].Action)
	}
	for _, a := range f.Actions() {
		p.Actions = append(p.Actions, option{a, f.Words(a)})
	}
	slices.SortFunc(p.Actions, func(a, b option) int { return strings.Compare(a.Words, b.Words) })
	p.Head = fmt.Sprintf("%x", p.Chain.HeadHash)
	return f.pages.Render(w, r, "index.html", p)
}

func checkLimit() web.Limit { return web.Limit{Name: "audit check", N: 6, In: time.Hour} }

// check verifies the record now.
func (f feature) check(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.Limits.Take(checkLimit(), ""); err != nil {
		return err
	}
	c, n, err := f.verify(r.Context())
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.Log(tx, f.Now(), v.ID, "audit.checked", 0) })
	if err != nil {
		return err
	}
	said := c.Failure
	if said == "" {
		said = fmt.Sprintf("Geprüft: Alle %d Zeilen sind so, wie sie geschrieben wurden.", n)
	}
	return web.Done(w, r, "/protokollierung", said)
}

// export gives the record out, with all that is needed to check it elsewhere.
func (f feature) export(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "von", "bis", "person", "was", "form")
	if err != nil {
		return err
	}
	q, err := readQuery(form.Get)
	if err != nil {
		return err
	}
	var all []row
	var c audit.Chain
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if c, err = audit.State(tx); err != nil {
			return err
		}
		all, err = list(tx, v, q, inFile+1)
		return err
	})
	if err == nil && len(all) > inFile {
		err = fault.New(fault.Invalid, "Das sind mehr als %d Zeilen. Bitte wählen Sie weniger Tage.", inFile)
	}
	if err == nil { // no file without a line
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.Log(tx, f.Now(), v.ID, "audit.exported", 0) })
	}
	if err != nil {
		return err
	}
	slices.Reverse(all)
	for i := range all {
		all[i].At, all[i].Words = all[i].At.UTC(), f.Words(all[i].Action)
	}
	name := "Protokollierung " + f.Now().In(web.Zone()).Format(time.DateOnly)
	if form.Get("form") == "json" {
		return sendJSON(w, name, c, all)
	}
	t := sheet.Table{Name: name, Head: []string{"Nr.", "Zeit (UTC)", "Person", "Wort", "Was", "Nummer", "Netz", "Adresse", "Salz", "Siegel", "Davor", "Prüfsumme"}}
	for _, x := range all {
		t.Rows = append(t.Rows, []any{x.ID, x.At.Format(time.RFC3339), x.Person, x.Action, x.Words, x.Ref, x.Network, x.Address, string(x.Salt), string(x.Seal), string(x.Prev), string(x.Hash)})
	}
	return t.SendCSV(w)
}

// A file is the record as JSON.
type file struct {
	Format   string `json:"format"` // how a hash is computed stands in the handbook
	Base     int64  `json:"base"`
	BaseHash string `json:"baseHash"`
	Head     int64  `json:"head"` // as the rows were read, also where they are not all
	HeadHash string `json:"headHash"`
	Rows     []row  `json:"rows"`
}

func sendJSON(w http.ResponseWriter, name string, c audit.Chain, all []row) error {
	b, err := json.MarshalIndent(file{"nestfunk-audit-1", c.Base, fmt.Sprintf("%x", c.BaseHash), c.Head, fmt.Sprintf("%x", c.HeadHash), all}, "", "\t")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.json"`, strings.ToLower(strings.ReplaceAll(name, " ", "-"))))
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err = w.Write(b)
	return err
}
