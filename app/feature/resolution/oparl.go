package resolution

import (
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// A decision is a public resolution of a public committee as it is published: a paper, with the consultation in which it was
// decided.
type decision struct {
	id, meeting, item         int64
	uid, of                   string // of the resolution and of its committee
	year, number              int
	title, wording            string
	decided, created, changed time.Time
}

func (d *decision) fields() []any {
	return []any{&d.id, store.Null(&d.meeting), store.Null(&d.item), &d.uid, &d.of, &d.year, &d.number, &d.title, &d.wording,
		(*store.Time)(&d.decided), (*store.Time)(&d.created), (*store.Time)(&d.changed)}
}

// sources publish resolutions. Address is that of the meeting and the item in which one was taken, "" for what is not
// published; nil: nothing is.
func sources(h *house.House, address func(tx *store.Tx, a oparl.Addresses, meeting, item int64) (string, string, error)) []oparl.Source {
	return []oparl.Source{
		published(oparl.Paper, func(tx *store.Tx, a oparl.Addresses, d decision, body string) (x oparl.Object, err error) {
			x.Add("body", body)
			x.Add("name", d.title)
			x.Add("reference", fmt.Sprintf("%d-%02d", d.year, d.number))
			x.Add("date", oparl.Day(d.decided))
			x.Add("paperType", "Beschluss")
			x.Add("originatorOrganization", []string{a.Of(oparl.Organization, d.of)})
			c, err := d.consultation(tx, a, address)
			x.Add("consultation", []oparl.Object{a.Object(oparl.Consultation, oparl.Item{UID: d.uid, Created: d.created, Modified: d.changed, Object: c})})
			x.Add("web", h.URL("/beschluss/"+strconv.FormatInt(d.id, 10)))
			x.Add("nestfunk:resolutionText", d.wording)
			return x, err
		}),
		published(oparl.Consultation, func(tx *store.Tx, a oparl.Addresses, d decision, _ string) (oparl.Object, error) {
			c, err := d.consultation(tx, a, address)
			c.Add("paper", a.Of(oparl.Paper, d.uid))
			return c, err
		}),
	}
}

// consultation is where it was decided. It has the uid of the resolution, of which each has one.
func (d decision) consultation(tx *store.Tx, a oparl.Addresses, address func(*store.Tx, oparl.Addresses, int64, int64) (string, string, error)) (c oparl.Object, err error) {
	if address != nil && d.meeting != 0 {
		meeting, item, err := address(tx, a, d.meeting, d.item)
		if err != nil {
			return nil, err
		}
		c.Add("agendaItem", item)
		c.Add("meeting", meeting)
	}
	c.Add("organization", []string{a.Of(oparl.Organization, d.of)})
	c.Add("authoritative", true)
	c.Add("role", "Beschlussfassung")
	return c, nil
}

func published(typ oparl.Type, write func(tx *store.Tx, a oparl.Addresses, d decision, body string) (oparl.Object, error)) oparl.Source {
	return oparl.Source{Type: typ, Tables: []string{"resolution", "meeting", "meeting_item", "committee", "unit"},
		List: func(tx *store.Tx, a oparl.Addresses, city int64) (all []oparl.Item, err error) {
			body, err := store.One(tx, store.Value[string], `SELECT uid FROM unit WHERE id = ?`, city)
			if err != nil {
				return nil, err
			}
			rows, err := store.All(tx, (*decision).fields, `
				SELECT r.id, r.meeting, r.item, r.uid, u.uid, r.year, r.number, r.title, r.wording, r.decided, r.created, r.changed
				FROM resolution r JOIN committee c ON c.unit = r.unit AND c.public = 1 JOIN unit u ON u.id = r.unit JOIN unit_up p ON p.unit = r.unit AND p.above = ?
				WHERE r.public = 1 AND r.deleted IS NULL`, city)
			for _, d := range rows {
				x := oparl.Item{UID: d.uid, Created: d.created, Modified: d.changed}
				if x.Object, err = write(tx, a, d, a.Of(oparl.Body, body)); err != nil {
					return nil, err
				}
				all = append(all, x)
			}
			return all, err
		},
	}
}

// Result is what came of an item of an agenda, for the item that is published; "": no public resolution.
func Result(tx *store.Tx, item int64) (result, wording string, err error) {
	type words struct{ a, b string }
	w, err := store.One(tx, func(w *words) []any { return []any{&w.a, &w.b} }, `
		SELECT 'Beschluss ' || printf('%d-%02d', year, number), wording FROM resolution
		WHERE item = ? AND public = 1 AND deleted IS NULL ORDER BY id DESC LIMIT 1`, item)
	if fault.KindOf(err) == fault.NotFound {
		return "", "", nil
	}
	return w.a, w.b, err
}
