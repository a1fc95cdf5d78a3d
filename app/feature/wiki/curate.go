package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// A Curate is what those who write in an archive have to look after.
type Curate struct {
	Leads     bool      // the viewer leads the archive
	Waits     []Waiting // for a release
	Due       []Due     // for a review
	Templates []Node
}

// load fills it for an archive with these pages and a viewer with these levels, and returns the pages without the templates.
func (c *Curate) load(tx *store.Tx, u org.Unit, nodes []Node, set map[string]bool, now time.Time) (_ []Node, err error) {
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

// maySettle says why a viewer with these levels may not say whether what is saved needs a release: who could turn it off
// needs none.
func maySettle(tx *store.Tx, u org.Unit, approve bool, set map[string]bool, now time.Time) error {
	if !set[leading(u.Kind)] {
		return fault.New(fault.Forbidden, "Das kann nur einstellen, wer die Einrichtung leitet oder darüber steht.")
	}
	all, err := with(tx, u.ID, leading(u.Kind), now)
	if err == nil && approve && len(all) < 2 {
		err = fault.New(fault.Conflict, "Außer Ihnen gibt es hier niemanden, der etwas freigeben könnte. So käme nichts mehr zu den Leserinnen und Lesern.")
	}
	return err
}
