package account

import (
	"net/http"
	"strings"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/front"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A house is new until somebody has answered three questions, behind the link that the first start prints. The answers,
// the end of the link and the opening of the house are one transaction: whatever ends the program, all of it has
// happened or nothing.

// unanswered is the value of settings.HouseSetup in a new house.
const unanswered = "open"

// Unanswered reports whether the questions are still open.
func Unanswered(tx *store.Tx, s *settings.Settings) (bool, error) {
	v, err := s.Get(tx, settings.HouseSetup)
	return v == unanswered, err
}

// ask makes a house new in which nobody has ever had a way to sign in, and nobody has answered.
func ask(tx *store.Tx, s *settings.Settings) error {
	o, err := s.Operator(tx)
	if err != nil || o.Name != "" {
		return err
	}
	used, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM account_mail) OR EXISTS (SELECT 1 FROM account_passkey) OR EXISTS (SELECT 1 FROM account_password) OR EXISTS (SELECT 1 FROM session)
			OR EXISTS (SELECT 1 FROM account_invitation)`)
	if err != nil || used {
		return err
	}
	return s.Set(tx, settings.HouseSetup, unanswered)
}

func setupFields() []string { return append(settings.OperatorFields(), "name", "address") }

type setupPage struct {
	web.Page
	Form web.Form
}

func (f *feature) setupPage(r *http.Request, v who.Viewer, form web.Form) setupPage {
	return setupPage{web.NewPage(r, v, "Das Haus einrichten").Beforehand(), form}
}

// setup shows the questions to whoever has the link. It uses nothing up.
func (f *feature) setup(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var form web.Form
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if _, err := openLink(tx, web.Word(r, "token"), nil, f.Now()); err != nil {
			return err
		}
		name, err := f.Settings.Get(tx, settings.HouseName)
		form.Set("name", name)
		return err
	})
	if err != nil {
		return f.newLinkNeeded(err)
	}
	form.Set("address", f.Base.String())
	return pages().Render(w, r, "setup.html", f.setupPage(r, v, form))
}

// newLinkNeeded says how to get another link where the page for signing in is still shut.
func (f *feature) newLinkNeeded(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, "Dieser Link gilt nicht mehr: Er gilt einmal und 60 Minuten. Einen neuen gibt an der Konsole der Befehl nestfunk link mit Ihrer Mailadresse aus, oder der nächste Start des Programms.")
	}
	return err
}

// found takes the answers, opens the house and signs its first operator in.
func (f *feature) found(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, setupFields()...)
	if err != nil {
		return err
	}
	var l link
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if l, err = openLink(tx, web.Word(r, "token"), nil, f.Now()); err != nil {
			return f.newLinkNeeded(err)
		}
		if err := f.answer(tx, form); err != nil {
			return err
		}
		if err := redeemLink(tx, web.Word(r, "token"), l, f.Now()); err != nil {
			return err
		}
		return f.log(tx, f.Now(), l.Person, "house.founded", 0)
	})
	if web.Again(err) {
		return pages().Again(w, r, "setup.html", f.setupPage(r, v, form.With(err)))
	}
	if err != nil {
		return err
	}
	return f.enter(w, r, l.Person, "/willkommen", web.Strong)
}

// answer keeps the answers. It opens the house.
func (f *feature) answer(tx *store.Tx, form web.Form) error {
	var wrong fault.Form
	name, at := form.Get("name"), form.Get("address")
	switch {
	case name == "":
		wrong.Add("name", "Bitte geben Sie dem Haus einen Namen.")
	case len([]rune(name)) > 80 || strings.ContainsFunc(name, unicode.IsControl):
		wrong.Add("name", "Bitte geben Sie einen Namen in einer Zeile mit höchstens 80 Zeichen ein.")
	}
	if u, err := front.Public(at); err != nil {
		wrong.Add("address", "Bitte geben Sie eine Adresse wie https://kita.example.org ein, ohne Pfad. Umlaute im Namen schreiben Sie als xn--….")
	} else if at = u.String(); at == f.Base.String() {
		at = ""
	}
	o := settings.ReadOperator(form.Get, &wrong)
	if err := wrong.Err(); err != nil {
		return err
	}
	for setting, value := range map[string]string{settings.HouseName: name, settings.HouseAddress: at, settings.HouseSetup: ""} {
		if err := f.Settings.Set(tx, setting, value); err != nil {
			return err
		}
	}
	if err := f.Settings.SetOperator(tx, o); err != nil {
		return err
	}
	root, err := org.Root(tx)
	if err != nil || root.Name != unnamed {
		return err
	}
	return org.Rename(tx, root.ID, name)
}

// isNew reports whether the questions are open.
func (f *feature) isNew(r *http.Request) (open bool, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		open, err = Unanswered(tx, f.Settings)
		return err
	})
	return open, err
}
