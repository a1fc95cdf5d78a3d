package calendar

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type subscriptionPage struct {
	web.Page
	URL    string // "": there is none yet
	Webcal string // as a calendar program opens it
}

func (f feature) subscription(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := subscriptionPage{Page: web.NewPage(r, v, "Kalender-Abo")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		token, err := feedOf(tx, f.House, v.ID)
		if token != "" {
			p.URL = f.URL("/kalender/" + token + ".ics")
			_, rest, _ := strings.Cut(p.URL, "://")
			p.Webcal = "webcal://" + rest
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "subscription.html", p)
}

func (f feature) subscribe(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return subscribe(tx, f.House, v.ID) })
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/kalender")
}

func (f feature) unsubscribe(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return Unsubscribe(tx, v.ID) })
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/kalender", lang.Of(v.Lang).T("Die Adresse gilt nicht mehr."))
}

// feed is the calendar of the person whose secret address this is, with the roles of this moment.
func (f feature) feed(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	token, _ := strings.CutSuffix(web.Word(r, "token"), ".ics")
	var b []byte // nil: as before
	var tag string
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		person, err := reader(tx, token)
		if err != nil {
			return err
		}
		v, err := org.Viewer(tx, person, f.Now())
		if err != nil {
			return err
		}
		if !v.May(who.Member) {
			return fault.Gone()
		}
		// Of whole days, so that nothing changes from one hour to the next. Programs ask every hour, and rarely is there
		// anything new: then nothing is made.
		today := house.Local(f.Now()).Format(time.DateOnly)
		tag, err = f.tags.Get(tx, somebody{person, today}, func() (string, error) {
			b, err = f.calendarOf(tx, v, today)
			return tagOf(b), err
		})
		if err == nil && b == nil && !same(r, tag) {
			b, err = f.calendarOf(tx, v, today)
		}
		return err
	})
	if err != nil {
		return err
	}
	return serve(w, r, b, tag, "private, no-store")
}

// calendarOf makes the file of a person's feed.
func (f feature) calendarOf(tx *store.Tx, v who.Viewer, today string) (b []byte, err error) {
	var c calendar.Calendar
	if c.Name, c.About, err = f.about(tx); err != nil {
		return nil, err
	}
	from := dayOf(today).Add(-feedBack)
	all, err := f.dates(tx, v, from, from.Add(feedBack+feedAhead))
	if err != nil {
		return nil, err
	}
	c.Events = f.events(v, all)
	return c.Write(zone()), nil
}

// events are dates as a calendar file has them. Each instance of a series stands for itself: what programs make of a rule
// with exceptions differs from one to the next, and a feed is read anew every hour.
func (f feature) events(v who.Viewer, all []house.Date) []calendar.Event {
	l, base := lang.Of(v.Lang), f.Base.String()
	list := make([]calendar.Event, 0, len(all))
	for _, d := range sorted(all) {
		e := event(d, base)
		if d.Cancelled {
			e.Title = l.T("Abgesagt: %s", d.Title)
		}
		list = append(list, e)
	}
	return list
}

// about is the name of the house's calendar, and where its holidays come from.
func (f feature) about(tx *store.Tx) (name, source string, err error) {
	if name, err = f.Settings.Get(tx, settings.HouseName); err != nil {
		return "", "", err
	}
	if name == "" {
		name = "Nestfunk"
	}
	source, err = f.source(tx)
	return name, source, err
}

// publicFeed is the calendar that anybody may read: of the house, or of one unit with all below it.
func (f feature) publicFeed(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	unit, _ := strconv.ParseInt(r.URL.Query().Get("einheit"), 10, 64) // 0: all
	var c calendar.Calendar
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if c.Name, _, err = f.about(tx); err != nil {
			return err
		}
		if unit != 0 {
			u, err := org.Get(tx, unit)
			if err != nil {
				return err
			}
			c.Name = u.Name
		}
		from := dayOf(house.Local(f.Now()).Format(time.DateOnly)).Add(-feedBack)
		all, err := publicDates(tx, unit, from, from.Add(feedBack+feedAhead))
		if err != nil {
			return err
		}
		c.Events = f.events(who.Viewer{}, all)
		return nil
	})
	if err != nil {
		return err
	}
	cache := "public, max-age=600"
	if v.ID != 0 {
		cache = "private, no-store"
	}
	b := c.Write(zone())
	return serve(w, r, b, tagOf(b), cache)
}

// serve answers with a calendar, or that it is as before. b is nil where it must be.
func serve(w http.ResponseWriter, r *http.Request, b []byte, tag, cache string) error {
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", cache)
	if same(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return calendarFile(w, b)
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// same reports whether who asks has what the tag stands for. Whoever compresses on the way makes a tag weak, or adds to it.
func same(r *http.Request, tag string) bool {
	for old := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		old = strings.TrimPrefix(strings.TrimSpace(old), "W/")
		if old == tag || strings.TrimSuffix(old, `-gzip"`)+`"` == tag || strings.TrimSuffix(old, `--gzip"`)+`"` == tag {
			return true
		}
	}
	return false
}
