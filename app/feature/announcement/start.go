package announcement

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// Happening is a closure that is running, with its numbers, for the team's start page.
type Happening struct {
	Card
	Counts Coverage
}

// start is the start page: what is urgent first, per child, with one button.
func (f feature) start(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Neues"), Writes: v.May(who.Team), Closes: v.May(names())}
	if !v.May(who.SignedIn) && len(p.Nav) > 0 {
		return web.Done(w, r, p.Nav[0].Path) // an alias has no news, and begins with what it has
	}
	p.Live = "/strom"
	p.Hello = p.L().T(hello(house.Local(f.Now())), v.Name())
	p.Only, _ = strconv.ParseInt(r.URL.Query().Get("kind"), 10, 64) // 0: all
	if !v.May(who.Member) {
		return f.pages.Render(w, r, "waiting.html", p)
	}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		all, err := f.shelf.feed(tx, v, now, pageSize)
		if err != nil {
			return err
		}
		if p.Cards, err = f.dress(tx, v, all); err != nil {
			return err
		}
		kids, err := f.shelf.kids(tx, v, now)
		if err != nil {
			return err
		}
		for _, k := range kids {
			p.Kids = append(p.Kids, k.kid)
		}
		if f.Above != nil {
			if p.Above, err = f.Above(tx, p.Page); err != nil {
				return err
			}
		}
		for _, c := range p.Cards {
			if c.Leads && c.Closure != nil && c.Closure.Now(now) && c.Replaced == 0 {
				n, err := covered(tx, c.ID, v, who.Team, now)
				if err != nil {
					return err
				}
				p.Open = append(p.Open, Happening{c, n})
			}
		}
		if f.Beside != nil {
			if p.Beside, err = f.Beside(tx, p.Page); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if p.Only != 0 {
		p.Cards = slices.DeleteFunc(p.Cards, func(c Card) bool {
			return !slices.ContainsFunc(c.Kids, func(k kid) bool { return k.ID == p.Only })
		})
	}
	p.Cards = slices.DeleteFunc(p.Cards, func(c Card) bool { return c.Replaced != 0 })
	slices.SortStableFunc(p.Cards, func(a, b Card) int { return rank(a, now) - rank(b, now) })
	p.Pressing = len(p.Cards) > 0 && rank(p.Cards[0], now) == 0
	if p.Ready, err = f.ready(p.Page, p.Cards); err != nil {
		return err
	}
	if p.Chips, err = f.ofKids(p, "chips"); err != nil {
		return err
	}
	if p.Family, err = f.ofKids(p, "family"); err != nil {
		return err
	}
	if p.Only == 0 {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "start.html", p)
}

// rank orders the start page: a closure of today or tomorrow that waits for an answer, what else waits, what is
// running, all else by time.
func rank(c Card, now time.Time) int {
	soon := c.Closure != nil && c.Closure.from().Before(now.AddDate(0, 0, 1))
	switch {
	case c.Urgent(now) && c.Waits(now) && soon:
		return 0
	case c.Urgent(now) && c.Waits(now):
		return 1
	case c.Urgent(now):
		return 2
	}
	return 3
}

func hello(t time.Time) string {
	switch {
	case t.Hour() < 11:
		return "Guten Morgen, %s"
	case t.Hour() < 18:
		return "Guten Tag, %s"
	}
	return "Guten Abend, %s"
}
