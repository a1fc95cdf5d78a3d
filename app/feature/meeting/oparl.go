package meeting

import (
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// Outcomes are what others know of what is published here; each may be nil.
type Outcomes struct {
	// Protocol is the approved, public minutes of a meeting as an object of the type File; nil: there are none.
	Protocol func(tx *store.Tx, a oparl.Addresses, meeting int64) (oparl.Object, error)
	// Result is what came of an item, and the wording of what was decided; "": nothing.
	Result func(tx *store.Tx, item int64) (result, text string, err error)
	// Tables are those from which both are read.
	Tables []string
}

// A publication is a meeting, or an item of one, as it is published.
type publication struct {
	Meeting
	of   string // uid of the committee
	made time.Time
	told time.Time
}

// sources publish what public committees meet about: meetings that are public, once they are invited to, with their public
// items, and where they are. Each has a place of its own, with the meeting's uid.
func sources(h *house.House, o Outcomes) []oparl.Source {
	tables := append([]string{"meeting", "meeting_item", "committee", "unit"}, o.Tables...)
	return []oparl.Source{
		{Type: oparl.Meeting, Tables: tables, List: func(tx *store.Tx, a oparl.Addresses, city int64) ([]oparl.Item, error) {
			return listed(tx, city, func(p publication) (all []oparl.Item, err error) {
				x := oparl.Item{UID: p.UID, Created: p.made, Modified: p.told}
				x.Object, err = p.meeting(tx, h, a, o)
				return []oparl.Item{x}, err
			})
		}},
		{Type: oparl.AgendaItem, Tables: tables, List: func(tx *store.Tx, a oparl.Addresses, city int64) ([]oparl.Item, error) {
			return listed(tx, city, func(p publication) ([]oparl.Item, error) {
				all, err := p.agenda(tx, o)
				for i := range all {
					all[i].Object.Add("meeting", a.Of(oparl.Meeting, p.UID))
				}
				return all, err
			})
		}},
		{Type: oparl.Location, Tables: tables, List: func(tx *store.Tx, a oparl.Addresses, city int64) ([]oparl.Item, error) {
			return listed(tx, city, func(p publication) ([]oparl.Item, error) {
				x := p.location()
				x.Object.Add("meetings", []string{a.Of(oparl.Meeting, p.UID)})
				return []oparl.Item{x}[:min(1, len(p.Place))], nil
			})
		}},
	}
}

// listed is what there is to tell of each meeting below a city that is published.
func listed(tx *store.Tx, city int64, of func(p publication) ([]oparl.Item, error)) (list []oparl.Item, err error) {
	all, err := store.All(tx, (*publication).fields, `
		SELECT m.id, m.uid, m.unit, u.uid, m.title, m.starts, m.ends, m.place, m.state, m.created, m.changed
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 JOIN unit u ON u.id = m.unit JOIN unit_up p ON p.unit = m.unit AND p.above = ?
		WHERE m.public = 1 AND m.invited IS NOT NULL AND m.deleted IS NULL`, city)
	for _, p := range all {
		more, err := of(p)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, err
}

func (p *publication) fields() []any {
	return []any{&p.ID, &p.UID, &p.Unit, &p.of, &p.Title, (*store.Time)(&p.Starts), (*store.Time)(&p.Ends), &p.Place, &p.State, (*store.Time)(&p.made), (*store.Time)(&p.told)}
}

// location is where a meeting is.
func (p publication) location() oparl.Item {
	x := oparl.Item{UID: p.UID, Created: p.made, Modified: p.told}
	x.Object.Add("description", p.Place)
	return x
}

func (p publication) meeting(tx *store.Tx, h *house.House, a oparl.Addresses, o Outcomes) (x oparl.Object, err error) {
	x.Add("name", p.Title)
	x.Add("meetingState", p.Word())
	if p.State == Cancelled {
		x.Add("cancelled", true)
	}
	x.Add("start", oparl.Moment(p.Starts))
	x.Add("end", oparl.Moment(p.Ends))
	if p.Place != "" {
		x.Add("location", a.Object(oparl.Location, p.location()))
	}
	x.Add("organization", []string{a.Of(oparl.Organization, p.of)})
	if o.Protocol != nil {
		f, err := o.Protocol(tx, a, p.ID)
		if err != nil {
			return nil, err
		}
		if f != nil {
			x.Add("resultsProtocol", f)
		}
	}
	all, err := p.agenda(tx, o)
	var agenda []oparl.Object
	for _, i := range all {
		agenda = append(agenda, a.Object(oparl.AgendaItem, i))
	}
	x.Add("agendaItem", agenda)
	x.Add("web", h.URL("/sitzung/"+strconv.FormatInt(p.ID, 10)))
	return x, err
}

// agenda are the public items of a meeting, with the numbers and the places that they have in the whole agenda.
func (p publication) agenda(tx *store.Tx, o Outcomes) (list []oparl.Item, err error) {
	all, err := items(tx, p.ID)
	if err != nil {
		return nil, err
	}
	for n, i := range all {
		if !i.Public {
			continue
		}
		x := oparl.Item{UID: i.UID, Created: i.Created, Modified: i.Changed}
		if x.Object, err = itemWords(tx, i, n, o); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

// itemWords are what an item says; order is its place in the agenda, from 0.
func itemWords(tx *store.Tx, i Item, order int, o Outcomes) (x oparl.Object, err error) {
	x.Add("number", i.Number)
	x.Add("order", order)
	x.Add("name", i.Title)
	x.Add("public", true)
	if o.Result != nil {
		result, text, err := o.Result(tx, i.ID)
		if err != nil {
			return nil, err
		}
		x.Add("result", result)
		x.Add("resolutionText", text)
	}
	return x, nil
}

// Addresses are those of a public meeting and of one of its public items, for what others publish of them; "" for what is
// not published.
func Addresses(tx *store.Tx, a oparl.Addresses, meeting, item int64) (meetingAt, itemAt string, err error) {
	type pair struct{ m, i string }
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.m, &p.i} }, `
		SELECT m.uid, coalesce((SELECT i.uid FROM meeting_item i WHERE i.id = ?2 AND i.meeting = m.id AND i.public = 1 AND i.deleted IS NULL), '')
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 WHERE m.id = ?1 AND m.public = 1 AND m.invited IS NOT NULL AND m.deleted IS NULL`, meeting, item)
	for _, p := range all {
		meetingAt = a.Of(oparl.Meeting, p.m)
		if p.i != "" {
			itemAt = a.Of(oparl.AgendaItem, p.i)
		}
	}
	return meetingAt, itemAt, err
}
