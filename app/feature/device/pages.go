package device

import (
	"encoding/json"
	"net/http"
	"net/url"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// offline is what is shown where nothing was kept. Whoever may look at it later, it says nothing about anybody.
func (f feature) offline(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := web.NewPage(r, who.Viewer{Lang: v.Lang}, "Keine Verbindung")
	p.Plain = true
	return f.pages.Render(w, r, "offline.html", p)
}

// left is what is shown after a sign-out without a connection. Its script clears what it finds.
func (f feature) left(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := web.NewPage(r, who.Viewer{Lang: v.Lang}, "Abgemeldet")
	p.Plain = true
	return f.pages.Render(w, r, "left.html", p)
}

type devicePage struct {
	web.Page
	Push bool // the house sends notifications
}

func (f feature) device(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "device.html", devicePage{web.NewPage(r, v, "Dieses Gerät"), f.push.Key != nil})
}

const hintCookie = "hint" // "no": this browser is not to be told about the home screen again

// hint is the card that offers the home screen; nothing for whoever does not want to see it.
func (f feature) hint(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if c, err := r.Cookie(hintCookie); err == nil && c.Value == "no" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return f.pages.Render(w, r, "hint.html", web.NewPage(r, v, "Auf den Startbildschirm"))
}

// noHint puts the card away for good. A cookie of the house outlives what scripts store, which iPhones forget after a week.
func (f feature) noHint(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: hintCookie, Value: "no", Path: "/", MaxAge: 400 * 24 * 3600, // as long as browsers allow
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: f.Base.Scheme == "https"})
	return web.Done(w, r, "/")
}

// share notes that others use the device, too, or that they no longer do. What rests on it is cleared at once.
func (f feature) share(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "shared", "weiter")
	if err != nil {
		return err
	}
	if err := f.Sessions.SetShared(w, r, form.On("shared")); err != nil {
		return err
	}
	if form.On("shared") {
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
	switch next := web.Own(form.Get("weiter")); {
	case v.ID != 0:
		return web.Done(w, r, "/geraet")
	case next != "/":
		return web.Done(w, r, "/anmelden?weiter="+url.QueryEscape(next))
	}
	return web.Done(w, r, "/anmelden")
}

// list tells the device which pages it should fetch while it can.
func (f feature) list(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	paths := []string{"/menue"} // to get about, and to sign out
	if v.Shared {
		paths = []string{}
	} else {
		err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
			all, err := f.ahead(tx, v, f.Now())
			paths = append(paths, all...)
			return err
		})
		if err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(paths)
}
