package announcement

import (
	"net/http"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type openPage struct {
	web.Page
	Token   string
	Way     string // over which channel the person came; "": by mail
	Opened  opened
	Files   []files.File
	Closure *Closure
	Heading string
}

func (f feature) opened(r *http.Request) (p openPage, err error) {
	p = openPage{Page: web.NewPage(r, who.Viewer{}, ""), Token: web.Word(r, "token"), Way: r.URL.Query().Get("weg")}
	p.Plain = true
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Opened, err = open(tx, p.Token, f.Now()); err != nil {
			return err
		}
		if p.Files, err = attached(tx, p.Opened.ID); err != nil {
			return err
		}
		if p.Opened.Closure != 0 {
			c, err := closureOf(tx, p.Opened.Closure)
			if err != nil {
				return err
			}
			p.Closure = &c
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	p.Page = p.In(p.Opened.Language)
	p.Heading = Card{Announcement: p.Opened.Announcement, Closure: p.Closure}.Heading(p.L(), f.Now())
	p.Title = p.Heading
	return p, nil
}

// open shows what a mail's link stands for. It confirms nothing: mail scanners open links.
func (f feature) open(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	p, err := f.opened(r)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "open.html", p)
}

func (f feature) confirmOpen(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	form, err := web.ReadForm(r, "way")
	if err != nil {
		return err
	}
	ch, t := channel.Mail, web.Word(r, "token")
	if form.Get("way") == channel.SMS {
		ch = channel.SMS
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		o, err := open(tx, t, f.Now())
		if err != nil {
			return err
		}
		if err := proved(tx, o.ID, o.Person, ch, f.Now()); err != nil {
			return err
		}
		return confirm(tx, f.House, o.ID, o.Person, ch)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/b/"+t)
}

type optOutPage struct {
	web.Page
	Token string
	Done  bool
}

func (f feature) optOutPage(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	o, err := f.opened(r)
	if err != nil {
		return err
	}
	p := optOutPage{Page: o.Page, Token: o.Token, Done: r.URL.Query().Get("fertig") != ""}
	p.Title = "Keine Mails mehr"
	return f.pages.Render(w, r, "optout.html", p)
}

// optOut is also called by mail programs, without a page (RFC 8058).
func (f feature) optOut(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if _, err := web.ReadForm(r, "List-Unsubscribe"); err != nil {
		return err
	}
	t := web.Word(r, "token")
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		o, err := open(tx, t, f.Now())
		if err != nil {
			return err
		}
		return optOut(tx, o.Person)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/b/"+t+"/abmelden?fertig=1")
}
