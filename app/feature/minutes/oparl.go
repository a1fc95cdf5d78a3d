package minutes

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// A protocol is minutes as they are published: approved, of a public meeting of a public committee.
type protocol struct {
	id, meeting       int64
	uid, title        string
	created, approved time.Time
}

func (p *protocol) fields() []any {
	return []any{&p.id, &p.meeting, &p.uid, &p.title, (*store.Time)(&p.created), (*store.Time)(&p.approved)}
}

// file writes minutes as an object of the type File; to read it is a page, to keep it a text; both are the public version.
func (p protocol) file(h *house.House) oparl.Item {
	x := oparl.Item{UID: p.uid, Created: p.created, Modified: p.approved}
	x.Object.Add("name", "Protokoll: "+p.title)
	x.Object.Add("fileName", "Protokoll.txt")
	x.Object.Add("mimeType", "text/plain")
	x.Object.Add("date", oparl.Day(p.approved))
	x.Object.Add("accessUrl", h.URL("/protokoll/"+num(p.id)))
	x.Object.Add("downloadUrl", h.URL("/protokoll/"+num(p.id)+"/text")) // which is sent as an attachment, as accessUrl must not be
	x.Object.Add("web", h.URL("/protokoll/"+num(p.id)))
	return x
}

// sources publish approved minutes of public meetings. They never change, and none is removed. Address is that of a
// meeting that is published, "" for all others; nil: none is.
func sources(h *house.House, address func(tx *store.Tx, a oparl.Addresses, meeting int64) (string, error)) []oparl.Source {
	item := func(tx *store.Tx, a oparl.Addresses, p protocol) (oparl.Item, error) {
		x := p.file(h)
		if address == nil {
			return x, nil
		}
		at, err := address(tx, a, p.meeting)
		if at != "" {
			x.Object.Add("meeting", []string{at})
		}
		return x, err
	}
	return []oparl.Source{{Type: oparl.File, Tables: []string{"minutes", "meeting", "committee", "unit"},
		List: func(tx *store.Tx, a oparl.Addresses, city int64) (all []oparl.Item, err error) {
			rows, err := store.All(tx, (*protocol).fields, `
				SELECT m.id, m.meeting, m.uid, m.title, m.created, m.approved FROM minutes m JOIN committee c ON c.unit = m.unit AND c.public = 1
				JOIN unit_up p ON p.unit = m.unit AND p.above = ? WHERE m.public = 1 AND m.state = 'approved'`, city)
			for _, p := range rows {
				x, err := item(tx, a, p)
				if err != nil {
					return nil, err
				}
				all = append(all, x)
			}
			return all, err
		},
	}}
}

// Protocol is the approved, public minutes of a meeting as a File, for the meeting that is published; nil: there are none.
func Protocol(h *house.House) func(tx *store.Tx, a oparl.Addresses, meeting int64) (oparl.Object, error) {
	return func(tx *store.Tx, a oparl.Addresses, meeting int64) (oparl.Object, error) {
		p, err := store.One(tx, (*protocol).fields, `
			SELECT m.id, m.meeting, m.uid, m.title, m.created, m.approved FROM minutes m JOIN committee c ON c.unit = m.unit AND c.public = 1
			WHERE m.meeting = ? AND m.public = 1 AND m.state = 'approved'`, meeting)
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return a.Object(oparl.File, p.file(h)), nil
	}
}
