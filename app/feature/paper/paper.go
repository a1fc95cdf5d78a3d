// Package paper (Vorlagen) writes the papers that a house needs for data protection as far as the house can know them:
// a contract for whoever runs it for others (GDPR Art. 28), the measures (Art. 32), an assessment for each kind of use
// (Art. 35) and the notice to the authority before social data are given to a processor (§ 80 SGB X).
//
// What the house knows is filled in from its settings and its tables, and is true on the day that it is printed. All else is
// a blank in brackets. The words are ours; they are no legal advice, and say so.
package paper

import (
	"embed"
	"net/http"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// readers are those who sign such papers, or check them.
const readers = 1<<who.Admin | 1<<who.Office | 1<<who.Manager | 1<<who.Auditor

// Wires are what the feature needs of others.
type Wires struct {
	// Backup says in German how it stands with backups.
	Backup func(tx *store.Tx) (words string, good bool, err error)
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := feature{h, w, web.Parse(html)}
	return house.Feature{
		Name: "paper",
		Nav:  []web.NavItem{{Path: "/datenschutz/vorlagen", Label: "Datenschutz", Icon: "shield", Right: readers, Low: true}},
		Routes: []web.Route{
			web.Get("/datenschutz/vorlagen", readers, f.index),
			web.Get("/datenschutz/vorlage/:name", readers, f.paper),
		},
	}
}

// A paper is one of the templates.
type paper struct {
	Name, Title, Why string
	file             string
}

func papers() []paper {
	return []paper{
		{"avv", "Vertrag zur Auftragsverarbeitung", "wenn jemand anderes das Haus für Sie betreibt", "contract.html"},
		{"tom", "Technische und organisatorische Maßnahmen", "Anlage zum Vertrag und zum Verzeichnis", "measures.html"},
		{"anzeige", "Anzeige vor der Verarbeitung von Sozialdaten im Auftrag", "vor dem Vertrag, an die Rechts- oder Fachaufsicht", "notice.html"},
	}
}

type indexPage struct {
	web.Page
	Papers  []paper
	Modules []module
	Law     law.Profile
	Desk    bool // sees requests for deletion and marks
	Breach  bool // answers for incidents
	Record  bool // reads the record of processing
	Family  bool // asks families for consent
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Datenschutz im Haus").In("de"), Papers: papers(), Desk: v.May(who.Clerks | 1<<who.Auditor),
		Breach: v.May(1<<who.Admin | 1<<who.Auditor), Record: v.May(1<<who.Admin | 1<<who.Office | 1<<who.Auditor), Family: v.May(1<<who.Manager | 1<<who.Office)}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		p.Modules, err = used(tx)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

type paperPage struct {
	web.Page
	Facts  facts
	Law    law.Profile
	Module module
}

// Lines are those of a text.
func (p paperPage) Lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func (f feature) paper(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	name, file := web.Word(r, "name"), ""
	p := paperPage{Page: web.NewPage(r, v, "").In("de")}
	for _, x := range papers() {
		if x.Name == name {
			file, p.Title = x.file, x.Title
		}
	}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		if p.Facts, err = f.facts(tx); err != nil {
			return err
		}
		for _, m := range p.Facts.Modules {
			if "folgen-"+m.Slug == name {
				file, p.Title, p.Module = "assessment.html", "Folgenabschätzung: "+m.Title, m
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if file == "" {
		return fault.Gone()
	}
	return f.pages.Render(w, r, file, p)
}
