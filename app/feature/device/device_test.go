package device_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/device"
	"nestfunk/assets"
)

// A list of what a house that sends notifications was told, in a table of its own.
func sending(t *testing.T, h *apptest.House) device.Push {
	t.Helper()
	write(t, h, `CREATE TABLE told (person INTEGER NOT NULL, what TEXT NOT NULL, UNIQUE (person, what)) STRICT`)
	return device.Push{
		Key: func(context.Context) (string, error) { return "BPublic", nil },
		Subscribe: func(tx *store.Tx, v who.Viewer, s device.Subscription) error {
			if !strings.HasPrefix(s.Endpoint, "https://") {
				return fault.New(fault.Invalid, "Das ist keine Adresse.")
			}
			_, err := tx.Exec(`INSERT INTO told VALUES (?, ?) ON CONFLICT DO NOTHING`, v.ID, s.Endpoint+" "+s.Key+" "+s.Secret)
			return err
		},
		Unsubscribe: func(tx *store.Tx, v who.Viewer, endpoint string) error {
			_, err := tx.Exec(`DELETE FROM told WHERE person = ? AND what LIKE ? || ' %'`, v.ID, endpoint)
			return err
		},
		Shown: func(tx *store.Tx, v who.Viewer, ref string) error {
			_, err := tx.Exec(`INSERT INTO told VALUES (?, ?) ON CONFLICT DO NOTHING`, v.ID, "shown "+ref)
			return err
		},
	}
}

func write(t *testing.T, h *apptest.House, query string, args ...any) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		t.Fatal(query, err)
	}
}

func told(t *testing.T, h *apptest.House, person int64) (all []string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], `SELECT what FROM told WHERE person = ? ORDER BY what`, person)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pages is a list of pages as a feature gives it.
func pages(_ *store.Tx, v who.Viewer, _ time.Time) ([]string, error) {
	return []string{"/", "/mitteilung/17#" + v.Lang}, nil
}

func TestSubscribe(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, sending(t, h), pages))
	if a := site.Get(apptest.Ada, "/geraet/schluessel"); a.Code != 200 || a.Body != `{"key":"BPublic"}`+"\n" {
		t.Errorf("the key: %d %s", a.Code, a.Body)
	}
	subscription := []string{"endpoint", "https://push.example/1", "key", "k", "secret", "s"}
	for range 2 { // each start of the app tells it again
		if a := site.Post(apptest.Ada, "/geraet/push", subscription...); a.Code != 204 {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
	}
	if all := told(t, h, apptest.Ada); !slices.Equal(all, []string{"https://push.example/1 k s"}) {
		t.Errorf("%v", all)
	}
	if a := site.Post(apptest.Cem, "/geraet/push/ende", "endpoint", "https://push.example/1"); a.Code != 204 || len(told(t, h, apptest.Ada)) != 1 {
		t.Errorf("%d: Cem ended Ada's", a.Code)
	}
	if a := site.Post(apptest.Ada, "/geraet/push/ende", "endpoint", "https://push.example/1"); a.Code != 204 || len(told(t, h, apptest.Ada)) != 0 {
		t.Errorf("%d %v", a.Code, told(t, h, apptest.Ada))
	}
	if a := site.Post(apptest.Ada, "/geraet/push", "endpoint", "ftp://x"); a.Code != 422 || !a.Has("Das ist keine Adresse.") {
		t.Errorf("a wrong endpoint: %d", a.Code)
	}
	if a := site.Post(apptest.Ada, "/geraet/push", append(subscription, "person", "7")...); a.Code != 400 {
		t.Errorf("an unknown field: %d", a.Code)
	}
	if a := site.Post(apptest.Ada, "/geraet/gezeigt", "ref", "abc"); a.Code != 204 || !slices.Equal(told(t, h, apptest.Ada), []string{"shown abc"}) {
		t.Errorf("%d %v", a.Code, told(t, h, apptest.Ada))
	}
	if a := site.Post(apptest.Nobody, "/geraet/push", subscription...); a.Code != 403 {
		t.Errorf("a stranger subscribes: %d", a.Code)
	}
	if a := site.Get(apptest.Ada, "/geraet"); !a.Has("Benachrichtigungen einschalten") || a.Has("noch keine Benachrichtigungen") {
		t.Errorf("the page: %s", a.Body)
	}
}

func TestHouseThatSendsNone(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	if a := site.Get(apptest.Ada, "/geraet"); a.Has("Benachrichtigungen einschalten") || !a.Has("noch keine Benachrichtigungen") {
		t.Errorf("the page promises what is not there: %s", a.Body)
	}
	for _, path := range []string{"/geraet/push", "/geraet/push/ende", "/geraet/gezeigt"} {
		if a := site.Post(apptest.Ada, path); a.Code != 404 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := site.Get(apptest.Ada, "/geraet/schluessel"); a.Code != 404 {
		t.Errorf("a key: %d", a.Code)
	}
}

// The shortcuts of the app lead where its owner may go.
func TestManifest(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	for person, want := range map[int64]string{
		apptest.Nobody: "/mitteilungen /konto", apptest.Cem: "/mitteilungen /konto", apptest.Hanna: "/mitteilungen /schliessungen /konto",
	} {
		a := site.Get(person, "/manifest.webmanifest")
		var m struct {
			Name, Lang, Display string
			StartURL            string `json:"start_url"`
			Icons               []struct{ Src, Purpose string }
			Shortcuts           []struct{ Name, URL string }
			Share               *struct{ Action, Method, Enctype string } `json:"share_target"`
		}
		if err := json.Unmarshal([]byte(a.Body), &m); err != nil || a.Header.Get("Content-Type") != "application/manifest+json" {
			t.Fatalf("%v %v", err, a.Header)
		}
		urls, purposes := "", map[string]int{}
		for _, s := range m.Shortcuts {
			urls = strings.TrimSpace(urls + " " + s.URL)
		}
		for _, i := range m.Icons {
			purposes[i.Purpose]++
		}
		if urls != want || m.Name != "Nestfunk – Stadt Musterhausen" || m.Display != "standalone" || m.StartURL != "/?quelle=app" || purposes["maskable"] != 3 || purposes[""] != 3 {
			t.Errorf("%d: %+v", person, m)
		}
		if team := person == apptest.Hanna; team != (m.Share != nil) || team && (m.Share.Action != "/teilen" || m.Share.Method != "POST" || m.Share.Enctype != "multipart/form-data") {
			t.Errorf("%d: photos are handed over to %+v", person, m.Share)
		}
		if person == apptest.Cem && (m.Lang != "tr" || m.Shortcuts[0].Name != "Duyurular") {
			t.Errorf("Cem reads Turkish: %+v", m)
		}
	}
}

// What anybody may find on the device later says nothing about whoever it was fetched for.
func TestOfflinePagesAreNobodys(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	for path, clears := range map[string]bool{"/offline": false, "/offline/abgemeldet": true} {
		a := site.Get(apptest.Cem, path)
		if a.Code != 200 || a.Has("Cem") || a.Has("Yildiz") || !a.Has(`data-user=""`) || a.Has(" data-clear>") != clears {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
		if !a.Has(`<html lang="tr"`) {
			t.Errorf("%s is not in Turkish", path)
		}
	}
}

func TestListOfPages(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	if a := site.Get(apptest.Cem, "/geraet/vorrat"); a.Code != 200 || a.Body != `["/menue","/","/mitteilung/17#tr"]`+"\n" {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

// On a device that others use, too, the house says nothing may be kept, and the session is short.
func TestSharedDevice(t *testing.T) {
	h := apptest.New(t)
	f := device.New(h.House, sending(t, h), pages)
	site := h.Serve(t, f)
	if a := site.Post(apptest.Nobody, "/geraet/geteilt", "shared", "1", "weiter", "/mitteilung/3"); a.Code != 303 || a.To != "/anmelden?weiter=%2Fmitteilung%2F3" ||
		!strings.Contains(a.Header.Get("Clear-Site-Data"), "storage") {
		t.Fatalf("%d %s %v", a.Code, a.To, a.Header)
	}
	r := httptest.NewRequest("POST", apptest.Base+"/", nil)
	for _, c := range site.Cookies[apptest.Nobody] {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	if err := h.Sessions.SignIn(w, r, apptest.Ada); err != nil {
		t.Fatal(err)
	}
	in := w.Result().Cookies()[0]
	if in.MaxAge != 0 || !in.Expires.IsZero() {
		t.Errorf("the cookie outlives the browser: %v", in)
	}
	site.Cookies[apptest.Nobody] = append(site.Cookies[apptest.Nobody], in)
	if a := site.Get(apptest.Nobody, "/geraet"); a.Code != 200 || !a.Has(" data-clear>") || !a.Has("Ihre Anmeldung endet nach 12 Stunden.") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if a := site.Get(apptest.Nobody, "/geraet/vorrat"); a.Body != "[]\n" {
		t.Errorf("the device is to fetch %s", a.Body)
	}
	if a := site.Post(apptest.Nobody, "/geraet/push", "endpoint", "https://push.example/1", "key", "k", "secret", "s"); a.Code != 409 || len(told(t, h, apptest.Ada)) != 0 {
		t.Errorf("a shared device is notified: %d", a.Code)
	}
	h.Clock.Add(12*time.Hour + time.Second)
	if a := site.Get(apptest.Nobody, "/geraet"); a.Code != 303 {
		t.Errorf("still signed in after 12 hours: %d", a.Code)
	}
}

// Whoever says so after the sign-in gets the same, and may take it back.
func TestSharedLater(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	w := httptest.NewRecorder()
	if err := h.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base+"/", nil), apptest.Ada); err != nil {
		t.Fatal(err)
	}
	site.Cookies[apptest.Nobody] = w.Result().Cookies()
	if a := site.Post(apptest.Nobody, "/geraet/geteilt", "shared", "1"); a.To != "/geraet" || a.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("%s %v", a.To, a.Header)
	}
	if a := site.Get(apptest.Nobody, "/geraet"); !a.Has(" data-clear>") {
		t.Error("something may still be kept")
	}
	if a := site.Post(apptest.Nobody, "/geraet/geteilt"); a.To != "/geraet" || a.Header.Get("Clear-Site-Data") != "" {
		t.Errorf("%s %v", a.To, a.Header)
	}
	if a := site.Get(apptest.Nobody, "/geraet"); a.Has(" data-clear>") {
		t.Error("it was taken back, but nothing may be kept")
	}
}

func TestHintIsPutAwayForGood(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, device.Push{}, pages))
	if a := site.Get(apptest.Ada, "/geraet/hinweis"); a.Code != 200 || !a.Has(`id="hint"`) {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if a := site.Post(apptest.Ada, "/geraet/hinweis"); a.To != "/" {
		t.Errorf("%s", a.To)
	}
	if a := site.Get(apptest.Ada, "/geraet/hinweis"); a.Code != 204 || a.Body != "" {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

// What has waited on a device is not taken from somebody else who has signed in there meanwhile.
func TestFormOfAnotherPerson(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, device.New(h.House, sending(t, h), pages))
	for person, want := range map[string]int{"6": 204, "7": 403, "x": 403} {
		r := httptest.NewRequest("POST", apptest.Base+"/geraet/gezeigt", strings.NewReader("ref=abc"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Person", person)
		if a := site.Do(apptest.Ada, r); a.Code != want {
			t.Errorf("Ada sends what was written by %s: %d, want %d", person, a.Code, want)
		}
	}
}

func TestWorker(t *testing.T) {
	if _, err := assets.Load(); err != nil {
		t.Skip(err)
	}
	h := apptest.New(t)
	a := h.Serve(t, device.New(h.House, device.Push{}, pages)).Get(apptest.Nobody, "/sw.js")
	if a.Code != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%d %v", a.Code, a.Header)
	}
	for _, name := range []string{"app.js", "app.css", "icons.svg", "icon-192.png"} {
		if !a.Has(assets.URL(name)) {
			t.Errorf("the worker does not know %s", assets.URL(name))
		}
	}
}
