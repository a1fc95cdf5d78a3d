package announcement

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const (
	drillLasts = 24 * time.Hour      // in which it can be confirmed
	drillEvery = 92 * 24 * time.Hour // a quarter
	drillRest  = time.Hour           // before the same unit is drilled again: nobody must learn to ignore it
)

// Drill tells the families of a unit that this is only a drill (Probealarm), on the ladder of a closure of today, and
// asks them to confirm. SMS cost money, and are sent only where they are wished.
func Drill(tx *store.Tx, h *house.House, v who.Viewer, unit int64, withSMS bool, uid string) (int64, error) {
	now := h.Now()
	last, err := lastDrill(tx, unit)
	if err != nil {
		return 0, err
	}
	if now.Sub(last) < drillRest {
		return 0, fault.At("unit", "Hier läuft schon ein Probealarm von %s.", lang.German().When(house.Local(now), house.Local(last)))
	}
	d := Draft{Unit: unit, Units: []int64{unit}, Roles: who.Of(who.Parent), Title: lang.German().T("Probealarm: Bitte bestätigen Sie"), Confirm: true,
		Expires: now.Add(drillLasts), UID: uid, kind: DrillKind, urgent: true}
	if !withSMS {
		d.without = []string{channel.SMS}
	}
	return Publish(tx, h, v, d)
}

// lastDrill is when a unit, or all of what lies above it, was last drilled; the zero time: never.
func lastDrill(tx *store.Tx, unit int64) (time.Time, error) {
	return store.One(tx, func(t *time.Time) []any { return []any{(*store.Time)(t)} }, `
		SELECT max(a.published) FROM announcement a JOIN announcement_audience t ON t.announcement = a.id JOIN unit_up p ON p.above = t.unit
		WHERE a.kind = 'drill' AND p.unit = ?`, unit)
}

// LastDrill is when the families of whom the viewer leads were last drilled; the zero time: never.
func LastDrill(tx *store.Tx, v who.Viewer) (last time.Time, err error) {
	for _, unit := range v.Units(who.Leaders) {
		t, err := lastDrill(tx, unit)
		if err != nil {
			return last, err
		}
		if t.After(last) {
			last = t
		}
	}
	return last, nil
}

// DrillDue reports whether a quarter has passed since.
func DrillDue(last, now time.Time) bool { return now.Sub(last) > drillEvery }

// A past drill, with what came of it.
type pastDrill struct {
	ID        int64
	UnitName  string
	Published time.Time
	Counts    Coverage
}

type drillPage struct {
	web.Page
	Form   web.Form
	Units  []choice
	Unit   int64
	Last   time.Time // of the chosen unit; zero: never
	Late   bool      // more than a quarter ago
	People int       // who could get an SMS
	Cost   string    // "" where no SMS service is set up
	Steps  []string
	Past   []pastDrill
}

func (f feature) newDrill(r *http.Request, v who.Viewer, form web.Form) (p drillPage, err error) {
	p = drillPage{Page: web.NewPage(r, v, "Probealarm"), Form: form}
	now := f.Now()
	configured := f.SMS.Configured(r.Context())
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		us, err := senders(tx, v, now)
		if err != nil {
			return err
		}
		for _, u := range us {
			if slices.Contains(v.Units(who.Leaders), u.ID) && u.Kind != org.Group && u.Kind != org.Committee && u.Kind != org.Office {
				p.Units = append(p.Units, choice{Unit: u, Words: u.Kind.Word()})
			}
		}
		if len(p.Units) == 0 {
			return notFound()
		}
		if p.Unit = form.ID("unit"); p.Unit == 0 {
			p.Unit, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		p.Unit = p.Units[max(0, slices.IndexFunc(p.Units, func(c choice) bool { return c.ID == p.Unit }))].ID
		if p.Last, err = lastDrill(tx, p.Unit); err != nil {
			return err
		}
		p.Late = DrillDue(p.Last, now)
		ladder, err := channel.Load(tx, f.Settings, channel.Urgent)
		if err != nil {
			return err
		}
		p.Steps = spoken(ladder)
		if _, ok := ladder.At(channel.SMS); ok && configured {
			if p.People, err = mobiles(tx, []int64{p.Unit}, now); err != nil {
				return err
			}
			if p.Cost, err = f.cost(tx, p.People, told{Announcement: Announcement{Kind: DrillKind, Confirm: true}}); err != nil {
				return err
			}
		}
		p.Past, err = pastDrills(tx, v, now)
		return err
	})
	if form.Values == nil {
		p.Form.Set("uid", newUID())
	}
	return p, err
}

// mobiles counts the guardians below units who have a mobile number.
func mobiles(tx *store.Tx, units []int64, now time.Time) (n int, err error) {
	seen := map[int64]bool{}
	for _, u := range units {
		type reachable struct {
			person int64
			phone  string
		}
		all, err := store.All(tx, func(r *reachable) []any { return []any{&r.person, &r.phone} }, `
			SELECT DISTINCT g.person, g.phone FROM unit_up p JOIN child_stay s ON s.unit = p.unit JOIN guardian g ON g.child = s.child
			WHERE p.above = ?1 AND s.since <= ?2 AND s.until > ?2 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2
				AND g.phone <> ''`, u, now.Unix())
		if err != nil {
			return 0, err
		}
		for _, r := range all {
			if number := sms.Number(r.phone); number != "" && sms.Mobile(number) && !seen[r.person] {
				seen[r.person] = true
				n++
			}
		}
	}
	return n, nil
}

func pastDrills(tx *store.Tx, v who.Viewer, now time.Time) (all []pastDrill, err error) {
	all, err = store.All(tx, func(d *pastDrill) []any { return []any{&d.ID, &d.UnitName, (*store.Time)(&d.Published)} }, `
		SELECT DISTINCT a.id, u.name, a.published
		FROM reach r CROSS JOIN announcement_audience t ON t.unit = r.unit JOIN announcement a ON a.id = t.announcement JOIN unit u ON u.id = a.unit
		WHERE r.person = ?1 AND r.since <= ?2 AND r.until > ?2 AND (t.roles & r.mask) <> 0 AND a.kind = 'drill' AND a.published > ?2 - 2 * 31557600
		ORDER BY a.published DESC LIMIT 20`, v.ID, now.Unix())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Counts, err = covered(tx, all[i].ID, v, who.Team, now); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (f feature) drillForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newDrill(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "drill.html", p)
}

func (f feature) drill(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "sms", "go")
	if err != nil {
		return err
	}
	if form.Get("go") == "unit" { // without script: the numbers of another unit
		p, err := f.newDrill(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "drill.html", p)
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if id, err = sent(tx, form.Get("uid"), v); id != 0 || err != nil {
			return err
		}
		if err := org.Must(tx, v, form.ID("unit"), who.Leaders, f.Now()); err != nil {
			return err
		}
		id, err = Drill(tx, f.House, v, form.ID("unit"), form.On("sms"), form.Get("uid"))
		return err
	})
	if web.Again(err) {
		p, e := f.newDrill(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "drill.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d/stand", id), "Der Probealarm läuft.")
}
