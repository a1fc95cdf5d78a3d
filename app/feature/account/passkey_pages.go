package account

import (
	"encoding/json"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// script tells a script in JSON what went wrong: these four routes are the only ones that a browser's own API needs.
func script(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		err := h(w, r, v)
		status := http.StatusUnprocessableEntity
		switch fault.KindOf(err) {
		case fault.Internal, fault.Full: // also nil
			return err
		case fault.TooMany:
			status = http.StatusTooManyRequests
		case fault.Forbidden, fault.SignIn:
			status = http.StatusForbidden
		}
		l := lang.Of(v.Lang)
		if v.Lang == "" {
			l = lang.Accept(r.Header.Get("Accept-Language"))
		}
		return answer(w, status, map[string]string{"words": l.T(fault.Words(err))})
	}
}

func answer(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

// start stores a ceremony and answers its options.
func (f *feature) start(w http.ResponseWriter, r *http.Request, c ceremony, options any) error {
	c.Next = web.Own(r.URL.Query().Get("weiter"))
	cookie := secret(16)
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return putCeremony(tx, c, cookie, f.Now()) })
	if err != nil {
		return err
	}
	f.cookie(w, ceremonyCookie, cookie, int(rite.Seconds()))
	return answer(w, http.StatusOK, options)
}

func (f *feature) passkeysPossible(r *http.Request) error {
	if f.keys == nil {
		return fault.New(fault.Invalid, "Passkeys gehen erst, wenn das Haus über einen Namen erreichbar ist, nicht über eine Nummer.")
	}
	return f.Limits.Take(ceremoniesFrom(), web.Prefix(r)) // each writes a row
}

func (f *feature) startSignin(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.passkeysPossible(r); err != nil {
		return err
	}
	options, session, err := f.keys.BeginDiscoverableLogin()
	if err != nil {
		return err
	}
	return f.start(w, r, ceremony{Session: *session}, options)
}

func (f *feature) finishSignin(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	c, credential, err := f.finish(r, 0)
	if err != nil {
		return err
	}
	var id int64
	by := web.Usual
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		who, verified, err := recognise(tx, f.keys, c, credential)
		if err != nil {
			return err
		}
		v, err := org.Viewer(tx, who, f.Now())
		if err != nil {
			return err
		}
		if careful(v) && !verified {
			return fault.New(fault.Forbidden, "Mit Ihren Aufgaben brauchen Sie einen Passkey, der nach PIN, Fingerabdruck oder Gesicht fragt.")
		}
		if id = who; verified {
			by = web.Strong
		}
		return nil
	})
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Forbidden {
		if err := f.refused(r, 0); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := f.begin(w, r, id, by); err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]string{"to": c.Next})
}

// finish reads the answer of the browser, and uses the ceremony up.
func (f *feature) finish(r *http.Request, person int64) (c ceremony, credential []byte, err error) {
	form, err := web.ReadForm(r, "credential")
	if err != nil {
		return c, nil, err
	}
	if err := f.passkeysPossible(r); err != nil {
		return c, nil, err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		c, err = takeCeremony(tx, f.cookieValue(r, ceremonyCookie), f.Now())
		return err
	})
	if err == nil && c.Person != person {
		err = fault.New(fault.Invalid, "Bitte versuchen Sie es noch einmal.")
	}
	return c, []byte(form.Raw("credential")), err
}

func (f *feature) startRegister(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.passkeysPossible(r); err != nil {
		return err
	}
	if _, err := f.adding(r, v); err != nil {
		return err
	}
	var h *holder
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		h, err = getHolder(tx, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	options, session, err := begin(f.keys, h, careful(v))
	if err != nil {
		return err
	}
	return f.start(w, r, ceremony{Person: v.ID, Session: *session}, options)
}

func (f *feature) finishRegister(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	c, credential, err := f.finish(r, v.ID)
	if err != nil {
		return err
	}
	if _, err := f.adding(r, v); err != nil {
		return err
	}
	by := web.Usual
	if careful(v) {
		by = web.Strong // the options have asked for PIN or finger, and register has checked it
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		name := "Passkey"
		if s, err := web.OpenSession(tx, v.Session, f.Now()); err == nil {
			name = s.Device
		}
		if err := register(tx, f.keys, c, credential, name, f.Now()); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "passkey.added", 0)
	})
	if err != nil {
		return err
	}
	if err := f.renew(w, r, &v, by); err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]string{"to": c.Next})
}

// finishProof is finishSignin for somebody who is signed in, and proves to be the same.
func (f *feature) finishProof(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	c, credential, err := f.finish(r, 0)
	if err != nil {
		return err
	}
	by := web.Usual
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		id, verified, err := recognise(tx, f.keys, c, credential)
		if err == nil && (id != v.ID || careful(v) && !verified) {
			err = fault.New(fault.Forbidden, "Bitte nehmen Sie Ihren eigenen Passkey, der nach PIN, Fingerabdruck oder Gesicht fragt.")
		}
		if verified {
			by = web.Strong
		}
		return err
	})
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Forbidden {
		if err := f.refused(r, v.ID); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := f.renew(w, r, &v, by); err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]string{"to": c.Next})
}
