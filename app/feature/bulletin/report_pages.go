package bulletin

import (
	"html/template"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type reportPage struct {
	web.Page
	It      Bulletin
	Form    web.Form
	Grounds []choice
}

// reporting finds a bulletin that was sent to the viewer and may be read.
func (f feature) reporting(r *http.Request, v who.Viewer, form web.Form) (p reportPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = reportPage{Page: web.NewPage(r, v, ""), Form: form, Grounds: grounds()}
	p.Title = p.L().T("Rundbrief melden")
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		p.It, _, err = get(tx, id, v, f.Now())
		if err == nil && (!p.It.Mine || !p.It.Stopped.IsZero()) {
			err = fault.Gone()
		}
		return err
	})
	return p, err
}

func (f feature) reportForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.reporting(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "report.html", p)
}

func (f feature) report(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "ground", "words")
	if err != nil {
		return err
	}
	p, err := f.reporting(r, v, form)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return report(tx, f.House, v, p.It, form.Get("ground"), form.Get("words")) })
	if web.Again(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "report.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(p.It.ID), lang.Of(v.Lang).T("Danke für die Meldung. Wir sehen uns den Rundbrief an."))
}

type judgePage struct {
	web.Page
	It        Bulletin
	HTML      template.HTML
	Reports   []Report
	Measures  []Measure // about the council
	Suspended bool
	Kinds     []choice
	Grounds   []choice
	Form      web.Form
}

// judging finds a bulletin that was reported where the viewer looks at reports.
func (f feature) judging(r *http.Request, v who.Viewer, form web.Form) (p judgePage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = judgePage{Page: web.NewPage(r, v, "Gemeldeter Rundbrief"), Form: form, Grounds: grounds()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = plain(tx, id, v.ID); err != nil {
			return err
		}
		if ok, err := org.Manages(tx, v.ID, p.It.Unit, Judges, f.Now()); err != nil || !ok {
			return orGone(err)
		}
		if p.Reports, err = reports(tx, id); err != nil || len(p.Reports) == 0 {
			return orGone(err)
		}
		s, err := shown(tx, p.It)
		if err != nil {
			return err
		}
		p.HTML = template.HTML(s)
		if p.Measures, err = measures(tx, p.It.Unit); err != nil {
			return err
		}
		_, p.Suspended, err = suspended(tx, p.It.Unit)
		return err
	})
	for _, k := range deeds() {
		if k.Value == Stop && !p.It.Stopped.IsZero() || k.Value == Suspend && p.Suspended || k.Value == Resume && !p.Suspended {
			continue
		}
		p.Kinds = append(p.Kinds, k)
	}
	return p, err
}

func (f feature) judgeForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.judging(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "judge.html", p)
}

func (f feature) judge(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "kind", "ground", "reason")
	if err != nil {
		return err
	}
	p, err := f.judging(r, v, form)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		b, err := plain(tx, p.It.ID, v.ID)
		if err != nil {
			return err
		}
		return judge(tx, f.House, f.Log, v, b, Measure{Kind: form.Get("kind"), Ground: form.Get("ground"), Reason: form.Get("reason")})
	})
	if web.Again(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "judge.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(p.It.ID)+"/massnahme", "Gespeichert. Das Gremium und wer gemeldet hat erfahren davon.")
}
