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
}

// A publication is a meeting, or an item of one, as it is published.
type publication struct {
	Meeting
	of   string // uid of the committee
	item Item
	at   string // uid of the item
	made time.Time
	told time.Time
	gone bool
}

// sources publish what public committees meet about: meetings that are public, once they are invited to, with their public
// items. What was removed after it had been published stays as a row without words.
func sources(h *house.House, o Outcomes) []oparl.Source {
	return []oparl.Source{
		published(oparl.Meeting, some, oneOf, func(tx *store.Tx, a oparl.Addresses, p publication) (oparl.Object, error) {
			return p.meeting(tx, h, a, o)
		}),
		published(oparl.AgendaItem, someItems, oneItem, func(tx *store.Tx, a oparl.Addresses, p publication) (oparl.Object, error) {
			x, err := p.agendaItem(tx, a, o)
			x.Add("meeting", a.Of(oparl.Meeting, p.UID))
			return x, err
		}),
		published(oparl.Location, somePlaces, onePlace, func(_ *store.Tx, a oparl.Addresses, p publication) (oparl.Object, error) {
			return oparl.Object{{Name: "description", Value: p.Place}, {Name: "meetings", Value: []string{a.Of(oparl.Meeting, p.UID)}}}, nil
		}),
	}
}

// published is a source of one type.
func published(typ oparl.Type, list func(tx *store.Tx, q oparl.Query) ([]publication, error), get func(tx *store.Tx, uid string) (publication, error),
	write func(tx *store.Tx, a oparl.Addresses, p publication) (oparl.Object, error)) oparl.Source {
	item := func(tx *store.Tx, a oparl.Addresses, p publication) (x oparl.Item, err error) {
		x = oparl.Item{UID: p.UID, Created: p.made, Modified: p.told, Deleted: p.gone}
		if typ == oparl.AgendaItem {
			x.UID = p.at
		}
		if !p.gone {
			x.Object, err = write(tx, a, p)
		}
		return x, err
	}
	return oparl.Source{Type: typ,
		List: func(tx *store.Tx, a oparl.Addresses, q oparl.Query) (all []oparl.Item, err error) {
			rows, err := list(tx, q)
			for _, p := range rows {
				x, err := item(tx, a, p)
				if err != nil {
					return nil, err
				}
				all = append(all, x)
			}
			return all, err
		},
		Count: func(tx *store.Tx, q oparl.Query) (int, error) {
			q.After, q.N = "", 1<<30
			rows, err := list(tx, q)
			return len(rows), err
		},
		Get: func(tx *store.Tx, a oparl.Addresses, uid string) (oparl.Item, error) {
			p, err := get(tx, uid)
			if err != nil {
				return oparl.Item{}, err
			}
			return item(tx, a, p)
		},
	}
}

func (p *publication) fields() []any {
	return []any{&p.ID, &p.UID, &p.Unit, &p.of, &p.Title, (*store.Time)(&p.Starts), (*store.Time)(&p.Ends), &p.Place, &p.State, (*store.Time)(&p.made), (*store.Time)(&p.told), &p.gone}
}

func (p *publication) itemFields() []any {
	return []any{&p.ID, &p.UID, &p.item.ID, &p.at, (*store.Time)(&p.made), (*store.Time)(&p.told), &p.gone}
}

func some(tx *store.Tx, q oparl.Query) ([]publication, error) {
	return store.All(tx, (*publication).fields, `
		SELECT m.id, m.uid, m.unit, u.uid, m.title, m.starts, m.ends, m.place, m.state, m.created, coalesce(m.deleted, m.changed), m.deleted IS NOT NULL
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 JOIN unit u ON u.id = m.unit JOIN unit_up p ON p.unit = m.unit AND p.above = ?1
		WHERE m.public = 1 AND m.invited IS NOT NULL AND (?2 = 0 OR m.unit = ?2) AND m.uid > ?3 AND m.created BETWEEN ?4 AND ?5
		AND coalesce(m.deleted, m.changed) BETWEEN ?6 AND ?7 AND (m.deleted IS NULL OR ?8) ORDER BY m.uid LIMIT ?9`,
		q.City, q.Unit, q.After, q.Created.Since, q.Created.Until, q.Modified.Since, q.Modified.Until, q.Deleted, q.N)
}

func oneOf(tx *store.Tx, uid string) (publication, error) {
	return store.One(tx, (*publication).fields, `
		SELECT m.id, m.uid, m.unit, u.uid, m.title, m.starts, m.ends, m.place, m.state, m.created, coalesce(m.deleted, m.changed), m.deleted IS NOT NULL
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 JOIN unit u ON u.id = m.unit
		WHERE m.uid = ? AND m.public = 1 AND m.invited IS NOT NULL`, uid)
}

// somePlaces are those meetings that say where they are: each has a place of its own, with the meeting's uid.
func somePlaces(tx *store.Tx, q oparl.Query) ([]publication, error) {
	return store.All(tx, (*publication).fields, `
		SELECT m.id, m.uid, m.unit, u.uid, m.title, m.starts, m.ends, m.place, m.state, m.created, coalesce(m.deleted, m.changed), m.deleted IS NOT NULL
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 JOIN unit u ON u.id = m.unit JOIN unit_up p ON p.unit = m.unit AND p.above = ?1
		WHERE m.public = 1 AND m.invited IS NOT NULL AND m.place <> '' AND (?2 = 0 OR m.unit = ?2) AND m.uid > ?3 AND m.created BETWEEN ?4 AND ?5
		AND coalesce(m.deleted, m.changed) BETWEEN ?6 AND ?7 AND (m.deleted IS NULL OR ?8) ORDER BY m.uid LIMIT ?9`,
		q.City, q.Unit, q.After, q.Created.Since, q.Created.Until, q.Modified.Since, q.Modified.Until, q.Deleted, q.N)
}

func onePlace(tx *store.Tx, uid string) (publication, error) {
	return store.One(tx, (*publication).fields, `
		SELECT m.id, m.uid, m.unit, u.uid, m.title, m.starts, m.ends, m.place, m.state, m.created, coalesce(m.deleted, m.changed), m.deleted IS NOT NULL
		FROM meeting m JOIN committee c ON c.unit = m.unit AND c.public = 1 JOIN unit u ON u.id = m.unit
		WHERE m.uid = ? AND m.public = 1 AND m.invited IS NOT NULL AND m.place <> ''`, uid)
}

// someItems are public items of public meetings. One goes with its meeting.
func someItems(tx *store.Tx, q oparl.Query) ([]publication, error) {
	return store.All(tx, (*publication).itemFields, `
		SELECT m.id, m.uid, i.id, i.uid, i.created, coalesce(i.deleted, m.deleted, i.changed), coalesce(i.deleted, m.deleted) IS NOT NULL
		FROM meeting_item i JOIN meeting m ON m.id = i.meeting JOIN committee c ON c.unit = m.unit AND c.public = 1
		JOIN unit_up p ON p.unit = m.unit AND p.above = ?1
		WHERE i.public = 1 AND m.public = 1 AND m.invited IS NOT NULL AND (?2 = 0 OR m.unit = ?2) AND i.uid > ?3 AND i.created BETWEEN ?4 AND ?5
		AND coalesce(i.deleted, m.deleted, i.changed) BETWEEN ?6 AND ?7 AND (coalesce(i.deleted, m.deleted) IS NULL OR ?8) ORDER BY i.uid LIMIT ?9`,
		q.City, q.Unit, q.After, q.Created.Since, q.Created.Until, q.Modified.Since, q.Modified.Until, q.Deleted, q.N)
}

func oneItem(tx *store.Tx, uid string) (publication, error) {
	return store.One(tx, (*publication).itemFields, `
		SELECT m.id, m.uid, i.id, i.uid, i.created, coalesce(i.deleted, m.deleted, i.changed), coalesce(i.deleted, m.deleted) IS NOT NULL
		FROM meeting_item i JOIN meeting m ON m.id = i.meeting JOIN committee c ON c.unit = m.unit AND c.public = 1
		WHERE i.uid = ? AND i.public = 1 AND m.public = 1 AND m.invited IS NOT NULL`, uid)
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
		x.Add("location", a.Object(oparl.Location, oparl.Item{UID: p.UID, Created: p.made, Modified: p.told,
			Object: oparl.Object{{Name: "description", Value: p.Place}}}))
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
	all, err := items(tx, p.ID)
	if err != nil {
		return nil, err
	}
	var agenda []oparl.Object
	for n, i := range all {
		if !i.Public {
			continue
		}
		in, err := oneItem(tx, i.UID)
		if err != nil {
			return nil, err
		}
		in.item = i
		body, err := in.words(tx, n, o)
		if err != nil {
			return nil, err
		}
		agenda = append(agenda, a.Object(oparl.AgendaItem, oparl.Item{UID: i.UID, Created: in.made, Modified: in.told, Object: body}))
	}
	x.Add("agendaItem", agenda)
	x.Add("web", h.URL("/sitzung/"+strconv.FormatInt(p.ID, 10)))
	return x, nil
}

// agendaItem writes an item by itself, with the number and the place that it has in the whole agenda.
func (p publication) agendaItem(tx *store.Tx, _ oparl.Addresses, o Outcomes) (oparl.Object, error) {
	all, err := items(tx, p.ID)
	if err != nil {
		return nil, err
	}
	for n, i := range all {
		if i.UID == p.at {
			p.item = i
			return p.words(tx, n, o)
		}
	}
	return nil, nil
}

// words are what an item says; order is its place in the agenda, from 0.
func (p publication) words(tx *store.Tx, order int, o Outcomes) (x oparl.Object, err error) {
	x.Add("number", p.item.Number)
	x.Add("order", order)
	x.Add("name", p.item.Title)
	x.Add("public", true)
	if o.Result != nil {
		result, text, err := o.Result(tx, p.item.ID)
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
