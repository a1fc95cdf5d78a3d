package absence

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type rollPage struct {
	web.Page
	Unit    org.Unit
	Above   string // name of the facility of a group
	Day     string
	At      time.Time
	Is      bool // it is the list of today
	Before  string
	After   string // "": there is none
	Lines   []Tile
	Numbers Numbers
	Shut    []house.Date // why it is closed on that day; empty: it is open, or closes every week
	Several bool         // of more than one group
}

// A Tile is a line as the page shows it.
type Tile struct {
	Line
	Key    string // for the next tap
	Alive  string // the deeds that count, as JSON: uid, kind, seconds
	Header string // name of the group that begins here; "": none does
}

func tiles(all []Line, several bool) ([]Tile, error) {
	list := make([]Tile, len(all))
	for i, l := range all {
		alive := [][3]any{}
		for _, d := range l.Deeds {
			if !d.Dead && d.Kind != Void {
				alive = append(alive, [3]any{d.UID, d.Kind, d.At.Unix()})
			}
		}
		b, err := json.Marshal(alive)
		if err != nil {
			return nil, err
		}
		list[i] = Tile{Line: l, Key: uid(""), Alive: string(b)}
		if several && (i == 0 || all[i-1].Group != l.Group) {
			list[i].Header = l.In
		}
	}
	return list, nil
}

// at is the moment of a day for which a list is asked: now for today. What is no day, or one to come, is today.
func (f feature) at(day string) time.Time {
	now := f.Now()
	if t := noon(day); !t.IsZero() && day < today(now) {
		return t
	}
	return now
}

func (f feature) roll(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	now := f.Now()
	p := rollPage{Page: web.NewPage(r, v, "Tagesliste"), At: f.at(r.URL.Query().Get("tag"))}
	p.Day, p.Is = today(p.At), today(p.At) == today(now)
	p.Before = plus(p.Day, -1)
	if !p.Is {
		p.After = plus(p.Day, 1)
	}
	if p.Live = "/strom"; !p.Is {
		p.Live = ""
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Unit, err = place(tx, id, v, names(), now); err != nil {
			return err
		}
		if p.Several = p.Unit.Kind == org.Facility; !p.Several {
			u, err := org.FacilityOf(tx, id)
			if err != nil {
				return err
			}
			p.Above = u.Name
		}
		all, err := roll(tx, id, 0, p.At)
		if err != nil {
			return err
		}
		p.Numbers = numbers(all)
		shut, err := f.shut(tx, v, p.At)
		if err != nil {
			return err
		}
		if p.Shut, err = shutAt(tx, shut, id); err != nil {
			return err
		}
		p.Lines, err = tiles(all, p.Several)
		return err
	})
	if err != nil {
		return err
	}
	p.Title = p.Unit.Name
	if r.URL.RawQuery == "" {
		web.KeepToday(w, v)
	}
	return f.pages.Render(w, r, "roll.html", p)
}

// tap is one tap on the list of a unit.
func (f feature) tap(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "uid", "child", "kind", "instead", "escort", "back")
	if err != nil {
		return err
	}
	now := f.Now()
	d := Deed{UID: form.Get("uid"), Child: form.ID("child"), Kind: form.Get("kind"), At: web.Written(r, now), Escort: oneLine(form.Get("escort"))}
	if d.Kind == Void {
		d.Instead = form.Get("instead")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := place(tx, id, v, names(), now); err != nil {
			return err
		}
		if err := tooOld(d.At, now); err != nil {
			return err
		}
		_, err := f.do(tx, v, d)
		return err
	})
	if err != nil {
		return err
	}
	to := fmt.Sprintf("/tagesliste/%d", id)
	if b := form.Get("back"); b != "" {
		to = web.Own(b)
	}
	return web.Done(w, r, to)
}

type dayPage struct {
	web.Page
	Line     Line
	Ward     Ward
	Day      string
	At       time.Time
	Is       bool
	Before   string
	After    string // "": there is none
	Head     bool   // the viewer may correct times
	Key      string
	Absences []Absence
	Form     web.Form // to excuse the child for a family that telephones
	Wrong    web.Form // to correct the times
	Reasons  []Reason
	Earliest string
	Furthest string
	Note     int
}

func (f feature) dayPage(r *http.Request, v who.Viewer, child int64, day string) (p dayPage, err error) {
	now := f.Now()
	t := today(now)
	p = dayPage{Page: web.NewPage(r, v, ""), At: f.at(day), Key: uid(""), Reasons: reasons(),
		Earliest: plus(t, -behind), Furthest: plus(t, ahead), Note: maxNote}
	p.Day, p.Is = today(p.At), today(p.At) == t
	p.Before = plus(p.Day, -1)
	if !p.Is {
		p.After = plus(p.Day, 1)
	}
	p.Form.Set("uid", uid(""))
	p.Form.Set("first_day", t)
	p.Form.Set("last_day", t)
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Ward, err = ward(tx, child, v, true, now); err != nil {
			return err
		}
		group, err := f.inGroup(tx, child, v, names(), p.At)
		if err == nil {
			all, err := roll(tx, group, child, p.At)
			if err != nil {
				return err
			}
			if len(all) == 1 {
				p.Line = all[0]
			}
			if p.Head, err = org.Manages(tx, v.ID, group, who.Of(who.Head), now); err != nil {
				return err
			}
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
		p.Absences, err = of(tx, child, t)
		return err
	})
	p.Title, p.Live = p.Ward.Name, "/strom"
	return p, err
}

// Alive are the deeds of the day that count, the latest last.
func (p dayPage) Alive() (all []Deed) {
	for _, d := range p.Line.Deeds {
		if !d.Dead && d.Kind != Void {
			all = append(all, d)
		}
	}
	return all
}

// Clock is a time as a field of a form wants it.
func (d Deed) Clock() string { return house.Local(d.At).Format("15:04") }

func (f feature) day(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.dayPage(r, v, id, r.URL.Query().Get("tag"))
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "day.html", p)
}

// correct puts another deed in the place of one: another time, which only the head may write, or who picked the child
// up. Without one it adds what nobody had tapped.
func (f feature) correct(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	child, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "uid", "instead", "tag", "kind", "at", "escort")
	if err != nil {
		return err
	}
	now := f.Now()
	day := today(f.at(form.Get("tag")))
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		d := Deed{UID: form.Get("uid"), Child: child, Kind: form.Get("kind"), Escort: oneLine(form.Get("escort")), Instead: form.Get("instead")}
		group, err := f.inGroup(tx, child, v, names(), f.at(day))
		if err != nil {
			return err
		}
		was, err := standing(tx, child, day, d.Instead)
		if err != nil {
			return err
		}
		if d.At, err = clockOf(day, form.Get("at"), was.At); err != nil {
			return err
		}
		if !d.At.Equal(was.At) || d.Kind != was.Kind {
			if ok, err := org.Manages(tx, v.ID, group, who.Of(who.Head), now); err != nil || !ok {
				if err == nil {
					err = fault.New(fault.Conflict, "Zeiten berichtigt die Leitung. Sie können eintragen, wer abgeholt hat.")
				}
				return err
			}
		}
		_, err = f.do(tx, v, d)
		return err
	})
	if web.Again(err) {
		p, e := f.dayPage(r, v, child, day)
		if e != nil {
			return e
		}
		p.Wrong = form.With(err)
		return f.pages.Again(w, r, "day.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/anwesenheit/%d?tag=%s", child, day), "Gespeichert. Die frühere Angabe bleibt im Verlauf.")
}

// standing is a deed of a child on a day that still counts; the zero Deed for "".
func standing(tx *store.Tx, child int64, day, uid string) (Deed, error) {
	if uid == "" {
		return Deed{}, nil
	}
	all, err := store.All(tx, (*Deed).fields, `
		SELECT d.id, d.uid, d.child, d.kind, d.at, d.received, '', d.escort, d.instead, d.device FROM absence_deed d
		WHERE d.uid = ?1 AND d.child = ?2 AND d.day = ?3 AND NOT EXISTS (SELECT 1 FROM absence_deed o WHERE o.instead = ?1 AND o.child = ?2)`, uid, child, day)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.Conflict, "Das wurde inzwischen schon geändert. Bitte sehen Sie noch einmal nach.")
	}
	if err != nil {
		return Deed{}, err
	}
	return all[0], nil
}

// clockOf is a time of a day as it was typed; the same minute as before is the same time.
func clockOf(day, typed string, was time.Time) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+typed, web.Zone())
	if err != nil {
		return t, fault.At("at", "Bitte geben Sie eine Uhrzeit an, zum Beispiel 7:45.")
	}
	if house.Local(was).Format("15:04") == t.Format("15:04") && today(was) == day {
		return was, nil
	}
	return t, nil
}

// phoned excuses a child for a family that has telephoned.
func (f feature) phoned(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	child, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "uid", "first_day", "last_day", "reason", "note")
	if err != nil {
		return err
	}
	var a Absence
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		d := draftOf(r, form, f.Now())
		d.Team = true
		a, err = f.enter(tx, child, v, d)
		return err
	})
	if web.Again(err) {
		p, e := f.dayPage(r, v, child, "")
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "day.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/anwesenheit/%d", child), a.Words(lang.German(), f.Now())+" Die Sorgeberechtigten sehen es auch.")
}
