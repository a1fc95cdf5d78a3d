package meeting

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// dates are the meetings of the committees in which the viewer sits; of a substitute those to which they are asked.
func dates(tx *store.Tx, v who.Viewer, from, to, now time.Time) (all []house.Date, err error) {
	rows, err := store.All(tx, (*Meeting).fields, `
		WITH sits AS MATERIALIZED (SELECT DISTINCT unit, office FROM committee_seat WHERE person = ?1 AND since <= ?2 AND until > ?2)
		SELECT DISTINCT m.id, m.uid, m.unit, u.name, m.title, m.starts, m.ends, m.place, m.online, m.body, m.public, m.state, m.reason, m.sequence,
			m.invited, m.told, m.late, m.began, m.ended, m.created, m.changed, m.moved, m.deleted
		FROM sits CROSS JOIN meeting m ON m.unit = sits.unit JOIN unit u ON u.id = m.unit
		WHERE m.deleted IS NULL AND m.starts < ?4 AND m.ends > ?3 AND (m.state <> 'cancelled' OR m.invited IS NOT NULL)
			AND (sits.office <> 'substitute' OR EXISTS (SELECT 1 FROM meeting_guest g WHERE g.meeting = m.id AND g.person = ?1 AND g.released IS NULL))
		ORDER BY m.starts, m.id`, v.ID, now.Unix(), from.Unix(), to.Unix())
	for _, m := range rows {
		all = append(all, house.Date{Kind: house.Event, Starts: m.Starts, Ends: m.Ends, Title: m.Title, Place: m.Place, Path: sitzung(m.ID), Unit: m.Unit,
			UnitName: m.UnitName, Units: []int64{m.Unit}, Roles: committee.Council, Cancelled: m.State == Cancelled, UID: m.UID + "@nestfunk",
			Sequence: m.Sequence, Changed: m.Changed})
	}
	return all, err
}

// What a feed of a committee holds, before and after today.
const (
	feedBack  = 365 * 24 * time.Hour
	feedAhead = 2 * 365 * 24 * time.Hour
)

// feed is the calendar of the meetings of a committee that are public, once they are invited to. Whoever may look into the
// committee reads it; of a public one that is everybody.
func (f feature) feed(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	unit, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var c calendar.Calendar
	var rules committee.Rules
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		u, _, err := committee.Must(tx, v, unit, committee.Open, now)
		if err != nil {
			return err
		}
		if rules, err = committee.RulesOf(tx, unit); err != nil {
			return err
		}
		c.Name = u.Name
		all, err := store.All(tx, (*Meeting).fields, `
			SELECT m.id, m.uid, m.unit, u.name, m.title, m.starts, m.ends, m.place, m.online, m.body, m.public, m.state, m.reason, m.sequence,
				m.invited, m.told, m.late, m.began, m.ended, m.created, m.changed, m.moved, m.deleted
			FROM meeting m JOIN unit u ON u.id = m.unit
			WHERE m.unit = ?1 AND m.deleted IS NULL AND m.public = 1 AND m.invited IS NOT NULL AND m.starts > ?2 AND m.starts < ?3 ORDER BY m.starts, m.id`,
			unit, now.Add(-feedBack).Unix(), now.Add(feedAhead).Unix())
		for _, m := range all {
			c.Events = append(c.Events, m.shown(committee.Around).event(f.House))
		}
		return err
	})
	if err != nil {
		return err
	}
	cache := "private, no-store"
	if rules.Public && v.ID == 0 {
		cache = "public, max-age=600"
	}
	return calendarFile(w, r, c.Write(web.Zone()), cache, "")
}

// file is one meeting for the viewer's own calendar.
func (f feature) file(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	m, err := f.read(r, v)
	if err != nil {
		return err
	}
	c := calendar.Calendar{Name: m.UnitName, Events: []calendar.Event{m.event(f.House)}}
	return calendarFile(w, r, c.Write(web.Zone()), "private, no-store", fmt.Sprintf("sitzung-%d.ics", m.ID))
}

// calendarFile answers with a calendar, or that it is as before; name "": it is read by a program.
func calendarFile(w http.ResponseWriter, r *http.Request, b []byte, cache, name string) error {
	sum := sha256.Sum256(b)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", cache)
	for old := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if old = strings.TrimPrefix(strings.TrimSpace(old), "W/"); old == tag || strings.TrimSuffix(old, `-gzip"`)+`"` == tag {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	if name != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	_, err := w.Write(b)
	return err
}
