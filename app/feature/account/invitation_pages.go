package account

import (
	"errors"
	"log/slog"
	"net/http"

	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type invitePage struct {
	web.Page
	Form web.Form
}

func (f *feature) invitePage(r *http.Request, v who.Viewer, form web.Form) invitePage {
	p := invitePage{web.NewPage(r, v, "Ihr persönlicher Zugang"), form}
	p.Plain = true
	return p
}

// invited shows one button; the code comes in the fragment, which only a script can read, or is typed.
func (f *feature) invited(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return pages().Render(w, r, "invite.html", f.invitePage(r, v, web.Form{}))
}

func (f *feature) redeem(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "join")
	if err != nil {
		return err
	}
	if v.ID != 0 && form.Get("join") == "" { // signed in since the page was opened: ask first
		return pages().Again(w, r, "invite.html", f.invitePage(r, v, form))
	}
	code, err := readCode(form.Get("code"))
	if err == nil {
		err = f.Limits.Take(codeFrom(), web.Prefix(r))
	}
	var done redemption
	var can Ways
	var team bool // has a role that wants a second factor
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			approve, err := f.Settings.Get(tx, settings.HouseApprove)
			if err != nil {
				return err
			}
			if done, err = redeem(tx, code, v.ID, form.Get("join") == "yes", approve == "1", f.Now()); err != nil {
				return err
			}
			f.tell(tx, done.Person)
			if can, err = ways(tx, done.Person); err != nil {
				return err
			}
			if team, err = standing(tx, done.Person, f.Now()); err != nil {
				return err
			}
			return f.redeemed(tx, v, done)
		})
	}
	if errors.Is(err, errGuess) {
		f.alarm()
		if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "letter.refused", 0) }); err != nil {
			return err
		}
	}
	if err != nil {
		if !web.Again(err) {
			return err
		}
		return pages().Again(w, r, "invite.html", f.invitePage(r, v, form.With(err)))
	}
	f.Limits.Forget(codeFrom(), web.Prefix(r)) // a Kita gives its letters out in one evening, in one network
	next := "/willkommen"
	if !can.Bare(f.Mail.Configured(r.Context())) {
		next = "/"
	}
	switch {
	case done.Joined != "":
		return web.Done(w, r, next, say(v, "Der Brief an %s gehört jetzt zu Ihrem Zugang.", done.Joined))
	case done.Person == v.ID:
		return web.Done(w, r, next, say(v, "Danke! Der Brief ist eingelöst."))
	}
	by := web.Usual
	if can.Two() && team { // a family's letter lets somebody in again who has lost a passkey; the team's is let in by two
		by = web.Stale
	}
	return f.enter(w, r, done.Person, next, by)
}

// redeemed notes what became of a letter, and tells whoever uses the access that it has opened, if it is not they who
// redeemed it.
func (f *feature) redeemed(tx *store.Tx, v who.Viewer, done redemption) error {
	if done.Person != done.Of {
		return f.log(tx, f.Now(), v.ID, "letter.joined", done.Of)
	}
	if done.Used && done.Person != v.ID {
		if err := f.tellRecovery(tx, done.Person, "letter"); err != nil {
			return err
		}
	}
	return f.log(tx, f.Now(), done.Person, "letter.used", done.Of)
}

// alarm counts wrong codes of all networks together: many at once are somebody who tries.
func (f *feature) alarm() {
	if f.Limits.Take(codesTogether(), "") != nil && f.Limits.Take(alarm(), "") == nil {
		slog.Warn("many wrong invitation codes", "more than", codesTogether().N, "in", codesTogether().In)
	}
}

type welcomePage struct {
	web.Page
	Form     web.Form
	Mails    bool
	Passkeys bool
	Ways     Ways
	Waiting  bool   // the house wants a second look
	Onward   string // the page behind this one

	Providers []Provider
}

// onward is where somebody goes who has come in: who still waits would see nothing on the start page.
func onward(v who.Viewer) string {
	if v.Roles() == who.Of(who.Waiting) {
		return "/konto"
	}
	if v.Roles() == who.Of(who.Admin) { // there the house says what comes next
		return "/betrieb"
	}
	return "/"
}

// welcome lets somebody who has just come in choose how to come back.
func (f *feature) welcome(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.welcomePage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return pages().Render(w, r, "welcome.html", p)
}

func (f *feature) welcomePage(r *http.Request, v who.Viewer, form web.Form) (welcomePage, error) {
	p := welcomePage{Page: web.NewPage(r, v, "Willkommen"), Form: form, Mails: f.Mail.Configured(r.Context()), Passkeys: f.keys != nil, Onward: onward(v)}
	p.Plain = true
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Ways, err = ways(tx, v.ID); err != nil {
			return err
		}
		if p.Providers, err = linkable(tx, p.Ways); err != nil {
			return err
		}
		places, err := places(tx, v.ID, f.Now())
		if err != nil {
			return err
		}
		for _, x := range places {
			p.Waiting = p.Waiting || x.State == org.Accepted
		}
		if p.Form.Get("mail") == "" {
			mail, err := contact(tx, v.ID)
			if err != nil {
				return err
			}
			p.Form.Set("mail", mail)
		}
		return nil
	})
	return p, err
}

func (f *feature) welcomeAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form, err error) error {
	if !web.Again(err) {
		return err
	}
	p, perr := f.welcomePage(r, v, form.With(err))
	if perr != nil {
		return perr
	}
	return pages().Again(w, r, "welcome.html", p)
}

func (f *feature) welcomeMail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.setMail(w, r, v, onward(v), "/willkommen", f.welcomeAgain)
}

func (f *feature) welcomePassword(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.setPassword(w, r, v, onward(v), "/willkommen", f.welcomeAgain)
}
