package device

import (
	"encoding/json"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// silent is the fault of a house that sends no notifications; nil where it does.
func (f feature) silent() error {
	if f.push.Key == nil {
		return fault.New(fault.NotFound, "Dieses Haus verschickt noch keine Benachrichtigungen.")
	}
	return nil
}

// key is the house's public key, as JSON.
func (f feature) key(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if err := f.silent(); err != nil {
		return err
	}
	key, err := f.push.Key(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]string{"key": key})
}

func (f feature) subscribe(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "endpoint", "key", "secret")
	if err != nil {
		return err
	}
	if err := f.silent(); err != nil {
		return err
	}
	if v.Shared {
		return fault.New(fault.Conflict, "Auf einem gemeinsam genutzten Gerät gibt es keine Benachrichtigungen.")
	}
	s := Subscription{form.Get("endpoint"), form.Get("key"), form.Get("secret")}
	return f.write(w, r, func(tx *store.Tx) error { return f.push.Subscribe(tx, v, s) })
}

func (f feature) unsubscribe(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "endpoint")
	if err != nil {
		return err
	}
	if err := f.silent(); err != nil {
		return err
	}
	return f.write(w, r, func(tx *store.Tx) error { return f.push.Unsubscribe(tx, v, form.Get("endpoint")) })
}

// shown is posted by the worker as it shows a notification: it was delivered, which is not yet confirmed.
func (f feature) shown(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "ref")
	if err != nil {
		return err
	}
	if err := f.silent(); err != nil {
		return err
	}
	return f.write(w, r, func(tx *store.Tx) error { return f.push.Shown(tx, v, form.Get("ref")) })
}

// write changes something for a script, which needs no page.
func (f feature) write(w http.ResponseWriter, r *http.Request, do func(tx *store.Tx) error) error {
	if err := f.DB.Write(r.Context(), do); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
