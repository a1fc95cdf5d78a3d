package committee

import (
	"fmt"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// legacy is what the board leaves to the next: until when it is elected, whom one may ask, and what is not settled yet.
func legacy(h *house.House) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, err error) {
		now := h.Now()
		if _, _, err := committee.Must(tx, v, unit, committee.Inside, now); err != nil {
			return nil, err
		}
		miss := func(ref, title, note, path string) {
			all = append(all, house.Legacy{Kind: "missing", Ref: ref, Title: title, Note: note, Path: path})
		}
		page := path(unit)
		t, err := committee.TermAt(tx, unit, now)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			miss("term", "Es ist keine Amtszeit eingetragen", "Bis wann jemand gewählt ist, weiß das Haus erst mit der nächsten Wahl.", page+"/wahl")
		case err != nil:
			return nil, err
		default:
			all = append(all, house.Legacy{Kind: "deadline", Ref: fmt.Sprintf("term %d", t.ID), Title: fmt.Sprintf("Die Amtszeit %s endet", t.Name), Path: page, Due: t.Ends.Add(-time.Second)})
		}
		if next, err := upcoming(tx, unit, now); err == nil {
			all = append(all, house.Legacy{Kind: "deadline", Ref: fmt.Sprintf("term %d", next.ID), Title: fmt.Sprintf("Die Amtszeit %s beginnt", next.Name), Path: page, Due: next.Starts})
		} else if fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		day, err := plannedElection(tx, unit)
		if err != nil {
			return nil, err
		}
		if at, ok := midnight(day); ok {
			all = append(all, house.Legacy{Kind: "deadline", Ref: "election", Title: "Nächste Wahl", Path: page, Due: at})
		} else {
			miss("election", "Der Tag der nächsten Wahl steht nicht fest", "", page+"/regeln")
		}
		people, err := contacts(tx, unit)
		if err != nil {
			return nil, err
		}
		for _, c := range people {
			all = append(all, house.Legacy{Kind: "contact", Ref: fmt.Sprintf("contact %d", c.Person), Title: c.Name(), Note: c.Contact, Path: page})
		}
		given, err := committee.Given(tx, unit)
		if err != nil {
			return nil, err
		}
		if !given {
			miss("rules", "Es gibt noch keine eigene Geschäftsordnung", "Bis dahin gelten die üblichen Regeln.", page+"/regeln")
		}
		seats, err := committee.Seats(tx, unit, now)
		for _, o := range []committee.Office{committee.Chair, committee.Deputy, committee.Secretary, committee.Treasurer} {
			if !slices.ContainsFunc(seats, func(s committee.Seat) bool { return s.Office == o }) {
				miss(string(o), fmt.Sprintf("Ein Amt ist nicht besetzt: %s", o.Word()), "", page)
			}
		}
		return all, err
	}
}

// dates are the days of elections that are known, for those for whom a committee speaks.
func dates(h *house.House) func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
	return func(tx *store.Tx, v who.Viewer, from, to time.Time) (all []house.Date, err error) {
		type row struct {
			unit, parent   int64
			uid, name, day string
		}
		rows, err := store.All(tx, func(r *row) []any { return []any{&r.unit, &r.parent, &r.uid, &r.name, &r.day} }, `
			SELECT u.id, u.parent, u.uid, u.name, p.election FROM committee_plan p JOIN unit u ON u.id = p.unit
			WHERE p.election BETWEEN ?3 AND ?4 AND u.until > ?2
				AND EXISTS (SELECT 1 FROM committee_around a WHERE a.unit = u.id AND a.person = ?1 AND a.since <= ?2 AND a.until > ?2)
			ORDER BY p.election, u.id`, v.ID, h.Now().Unix(), dayOf(from), dayOf(to.Add(-1)))
		for _, r := range rows {
			at, _ := midnight(r.day)
			all = append(all, house.Date{Kind: house.Event, Starts: at, Ends: at.AddDate(0, 0, 1), AllDay: true, Title: "Wahl: " + r.name, Path: path(r.unit),
				Unit: r.unit, UnitName: r.name, Units: []int64{r.parent}, UID: fmt.Sprintf("wahl-%s-%s@nestfunk", r.uid, r.day)})
		}
		return all, err
	}
}
