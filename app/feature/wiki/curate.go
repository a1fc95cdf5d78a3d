package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Curate is what those who write in an archive have to look after.
type Curate struct {
	Leads     bool      // the viewer leads the archive
	Waits     []Waiting // for a release
	Due       []Due     // for a review
	Templates []Node
}

// load fills it for an archive with these pages, and returns them without the templates.
func (c *Curate) load(tx *store.Tx, u org.Unit, nodes []Node, v who.Viewer, now time.Time) ([]Node, error) {
	set, err := levels(tx, u.ID, v, now)
	if err != nil {
		return nil, err
	}
	c.Leads = set[leading(u.Kind)]
	if c.Waits, err = waiting(tx, u.ID, set["board"]); err != nil {
		return nil, err
	}
	if c.Due, err = due(tx, u.ID, set["board"], now); err != nil {
		return nil, err
	}
	of, err := templatesOf(tx, u.ID)
	for _, n := range nodes {
		if of[n.ID] {
			c.Templates = append(c.Templates, n)
		}
	}
	return slices.DeleteFunc(nodes, func(n Node) bool { return of[n.ID] }), err
}

// maySettle says why v may not say whether what is saved needs a release: who could turn it off needs none.
func maySettle(tx *store.Tx, u org.Unit, approve bool, v who.Viewer, now time.Time) error {
	ok, err := leads(tx, u.ID, u.Kind, v, now)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Forbidden, "Das kann nur einstellen, wer die Einrichtung leitet oder darüber steht.")
	}
	all, err := with(tx, u.ID, leading(u.Kind), now)
	if err == nil && approve && len(all) < 2 {
		err = fault.New(fault.Conflict, "Außer Ihnen gibt es hier niemanden, der etwas freigeben könnte. So käme nichts mehr zu den Leserinnen und Lesern.")
	}
	return err
}
