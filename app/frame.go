package app

import (
	"context"
	"net/http"
	"slices"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// viewer finds out who asks.
func (a *App) viewer(r *http.Request) (who.Viewer, error) {
	for _, f := range a.features {
		if f.Viewer == nil {
			continue
		}
		if v, ok, err := f.Viewer(r); ok || err != nil {
			return v, err
		}
	}
	hash := a.house.Sessions.Hash(r)
	if hash == nil {
		return who.Viewer{}, nil
	}
	byItself := r.Header.Get("X-Live") != "" && r.Method == http.MethodGet || r.URL.Path == "/strom" // the page, not the person
	return a.look(r.Context(), hash, !byItself)
}

// look is the person of a session, with the roles of this moment; the zero Viewer if the session has ended. Used: the
// person is at it.
func (a *App) look(ctx context.Context, hash []byte, used bool) (v who.Viewer, err error) {
	var in web.Session
	// Whoever closes the page early still has a right that was looked up, not an error in the log.
	err = a.house.DB.Read(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now := a.house.Now()
		if in, err = web.OpenSession(tx, hash, now); err != nil {
			return err
		}
		if v, err = a.people.Viewer(tx, in.Person, now); err != nil {
			return err
		}
		for _, f := range a.features {
			if f.Half != nil {
				v.Half, err = f.Half(tx, v, in.Strong)
			}
		}
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return who.Viewer{}, nil
	}
	if err != nil {
		return who.Viewer{}, err
	}
	if a.house.Sessions.Over(in, v.Held()) {
		return who.Viewer{}, nil
	}
	a.house.Sessions.Touch(in, v.Held(), used)
	v.Session, v.Fresh, v.Shared = in.ID, in.Fresh.Unix(), in.Shared
	return v, nil
}

// frame is what stands around every page.
func (a *App) frame(r *http.Request, v who.Viewer) (web.Frame, error) {
	f := web.Frame{Demo: a.house.Demo, Version: a.house.Version}
	for _, n := range a.nav {
		if v.May(n.Right) {
			f.Nav = append(f.Nav, n)
		}
	}
	err := a.house.DB.Read(context.WithoutCancel(r.Context()), func(tx *store.Tx) (err error) {
		f.House, err = a.names.Get(tx, "", func() (string, error) { return name(tx, a.house.Settings) })
		if err != nil || v.ID == 0 || v.Half || v.Tablet != 0 {
			return err
		}
		if f.Banner = banner(tx, a.house, v); a.refuse("") != nil { // before somebody writes what cannot be kept
			f.Banner = fault.Words(a.refuse(""))
		} else if a.damaged() { // nothing of it is shown as if it were right
			f.Banner = "Die Datenbank dieses Hauses ist beschädigt. Was hier steht, kann falsch sein. Der Betrieb ist benachrichtigt."
		}
		for _, x := range a.features {
			if err := hide(tx, &f, x, v); err != nil {
				return err
			}
			if err := count(tx, f.Nav, x, v); err != nil {
				return err
			}
			if x.Ask == nil {
				continue
			}
			n, err := x.Ask(tx, v)
			if err != nil {
				return err
			}
			if f.Ask += n; n > 0 && f.AskAt == "" && len(x.Nav) > 0 {
				f.AskAt = x.Nav[0].Path
			}
		}
		return nil
	})
	return f, err
}

// hide takes the entries of a feature out of the menu if it is not for this viewer.
func hide(tx *store.Tx, f *web.Frame, x house.Feature, v who.Viewer) error {
	if x.Hidden == nil || !slices.ContainsFunc(f.Nav, func(n web.NavItem) bool { return slices.Contains(x.Nav, n) }) {
		return nil
	}
	hidden, err := x.Hidden(tx, v)
	if hidden {
		f.Nav = slices.DeleteFunc(f.Nav, func(n web.NavItem) bool { return slices.Contains(x.Nav, n) })
	}
	return err
}

// count puts beside the entry of a feature in the menu how much there is unread.
func count(tx *store.Tx, nav []web.NavItem, x house.Feature, v who.Viewer) (err error) {
	if x.Unread == nil {
		return nil
	}
	i := slices.IndexFunc(nav, func(n web.NavItem) bool { return len(x.Nav) > 0 && n.Path == x.Nav[0].Path })
	if i >= 0 {
		nav[i].Count, err = x.Unread(tx, v)
	}
	return err
}

// name is the name of the house: as its operator wrote it, else that of the unit above all others.
func name(tx *store.Tx, s *settings.Settings) (string, error) {
	name, err := s.Get(tx, settings.HouseName)
	if err != nil || name != "" {
		return name, err
	}
	root, err := org.Root(tx)
	if fault.KindOf(err) == fault.NotFound {
		return "Nestfunk", nil
	}
	return root.Name, err
}
