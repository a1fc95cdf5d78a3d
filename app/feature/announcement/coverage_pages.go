package announcement

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type coveragePage struct {
	web.Page
	It      Announcement
	Heading string
	Closure *Closure
	Counts  Coverage
	Parts   []Part
	Left    []Row // who is left to call, as far as the viewer may know them
	Done    []Row // who has been reached
	Away    []Row // who would not have come anyway
	Named   bool  // the viewer may see children
	Freezes bool  // who is asked is still being written down
	Mail    bool
	Steps   []climbed
	Reminds bool   // the viewer may have all who are left reminded
	Past    bool   // nothing more will be told
	Half    string // times until shares of the children were reached, of a drill
	Most    string
	Nearly  string
}

// Bar is a part of the bar over the numbers.
type Bar struct {
	Class, Words string
	N            int
	X, W         float64 // of 100
}

// Bars are the parts of the coverage, left to right.
func (p coveragePage) Bars() (bars []Bar) {
	x := 0.0
	for _, b := range []Bar{
		{Class: "reached", Words: "Erreicht", N: p.Counts.Reached},
		{Class: "excused", Words: "Abgemeldet", N: p.Counts.Excused},
		{Class: "delivered", Words: "Zugestellt, noch nicht bestätigt", N: p.Counts.Delivered},
		{Class: "open", Words: "Wird noch zugestellt", N: p.Counts.Waiting},
		{Class: "failed", Words: "Nicht zustellbar", N: p.Counts.Failed},
		{Class: "nobody", Words: "Ohne Zugang", N: p.Counts.Nobody},
	} {
		b.X, b.W = x, 100*float64(b.N)/float64(max(1, p.Counts.Children))
		x += b.W
		bars = append(bars, b)
	}
	return bars
}

func (f feature) coverage(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := coveragePage{Page: web.NewPage(r, v, "Wer weiß Bescheid?"), Mail: f.Mail.Configured(r.Context())}
	p.Live = "/strom"
	now, texts := f.Now(), f.SMS.Configured(r.Context())
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = get(tx, id, v, now); err != nil {
			return err
		}
		may, err := f.mayLook(tx, p.It, v, now)
		if err != nil {
			return err
		}
		if !may {
			return notFound()
		}
		us, err := units(tx, id)
		if err != nil {
			return err
		}
		if p.Reminds, err = mayRemind(tx, p.It, v, now); err != nil {
			return err
		}
		if p.Steps, err = f.climb(tx, p.It, texts && p.Reminds, now); err != nil {
			return err
		}
		p.Past = past(p.It, now)
		if p.It.Kind == DrillKind {
			e := Entry{Closure: Closure{ID: id}, Published: p.It.Published}
			if err := e.measure(tx); err != nil {
				return err
			}
			p.Half, p.Most, p.Nearly = short(e.Half), short(e.Most), short(e.Nearly)
		}
		p.Heading = p.It.Title
		if p.It.Closure != 0 {
			c, err := closureOf(tx, p.It.Closure)
			if err != nil {
				return err
			}
			p.Closure = &c
			p.Heading = Card{Announcement: p.It, Closure: &c}.Heading(p.L(), now)
		}
		p.Freezes = !p.It.Frozen
		for _, u := range us {
			ok, err := leads(tx, v, u.ID, names(), now)
			if err != nil {
				return err
			}
			p.Named = p.Named || ok
		}
		counts, err := tally(tx, id, v, who.Team, now)
		if err != nil {
			return err
		}
		p.Parts, p.Counts = parts(counts, p.Named)
		all, err := rows(tx, id, v, now)
		if err != nil {
			return err
		}
		for _, r := range all {
			switch r.State {
			case Reached:
				p.Done = append(p.Done, r)
			case Away:
				p.Away = append(p.Away, r)
			default:
				p.Left = append(p.Left, r)
			}
		}
		slices.SortStableFunc(p.Left, func(a, b Row) int { return urgency(a) - urgency(b) })
		return nil
	})
	if err != nil {
		return err
	}
	if err := f.children(p); err != nil {
		return err
	}
	return f.pages.Render(w, r, "coverage.html", p)
}

// mayLook reports whether the viewer may see the coverage of an announcement that has one.
func (f feature) mayLook(tx *store.Tx, a Announcement, v who.Viewer, now time.Time) (bool, error) {
	if !a.Confirm {
		return false, nil
	}
	us, err := units(tx, a.ID)
	if err != nil {
		return false, err
	}
	for _, u := range us {
		if ok, err := leads(tx, v, u.ID, who.Team, now); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// urgency orders the list of those to call: who cannot know comes first, who
// has been tried already last.
func urgency(r Row) int {
	n := map[string]int{NoOne: 0, Failed: 0, Waits: 1, Delivered: 2}[r.State]
	if len(r.Calls) > 0 {
		n += 10
	}
	return n
}

// call records a telephone call with one tap.
func (f feature) call(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "child", "reached")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		held, err := call(tx, id, form.ID("child"), v, form.Get("reached") == "1", f.Now())
		tx.After(func() { f.Live.Publish(live.Event{Held: held}) })
		return err
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d/stand", id), "Der Anruf ist notiert.")
}
