package audit

import (
	"encoding/hex"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A row is an entry of the record as its page and its files show it.
type row struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Person  int64     `json:"person"`
	Name    string    `json:"-"` // "": a family, or nobody whom the house knows any more
	Action  string    `json:"action"`
	Words   string    `json:"words"`
	Ref     int64     `json:"ref"`
	Network string    `json:"network"`
	Address string    `json:"address,omitempty"` // "": shortened, or none
	Salt    code      `json:"salt,omitempty"`
	Seal    code      `json:"seal"`
	Prev    code      `json:"prev"`
	Hash    code      `json:"hash"`
}

// From is where it was done: in full as long as that is kept.
func (r row) From() string {
	switch {
	case r.Address != "":
		return r.Address
	case r.Network != "":
		return r.Network
	}
	return "–"
}

// code is bytes in hexadecimal.
type code string

// Scan is called by database/sql.
func (c *code) Scan(v any) error {
	b, _ := v.([]byte)
	*c = code(hex.EncodeToString(b))
	return nil
}

func (r *row) fields() []any {
	return []any{&r.ID, (*store.Time)(&r.At), &r.Person, &r.Name, &r.Action, &r.Ref, &r.Network, &r.Address, &r.Salt, &r.Seal, &r.Prev, &r.Hash}
}

// whole reports whether the viewer audits the whole house.
func whole(tx *store.Tx, v who.Viewer) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?))`,
		store.List(v.Units(who.Of(who.Auditor))))
	return n > 0, err
}

// list is what the viewer may read of the record, the latest first, at most so many rows.
func list(tx *store.Tx, v who.Viewer, q query, most int) ([]row, error) {
	all, err := whole(tx, v)
	if err != nil {
		return nil, err
	}
	from, until := q.times()
	return store.All(tx, (*row).fields, `
		WITH mine AS MATERIALIZED (
			SELECT m.person, m.since, m.until FROM unit_up p JOIN membership m ON m.unit = p.unit
			WHERE p.above IN (SELECT value FROM json_each(?1)) AND m.state <> 'invited')
		SELECT a.id, a.at, a.person, coalesce((
				SELECT trim(p.given || ' ' || p.family) FROM person p WHERE p.id = a.person
				AND EXISTS (SELECT 1 FROM membership m WHERE m.person = p.id AND m.state <> 'invited' AND (?2 & (1 << m.role)) <> 0)), ''),
			a.action, a.ref, a.network, coalesce(a.address, ''), a.salt, a.seal, a.prev, a.hash
		FROM audit a
		WHERE (?3 OR EXISTS (SELECT 1 FROM mine x WHERE x.person = a.person AND x.since <= a.at AND x.until > a.at)) AND a.at >= ?4 AND a.at < ?5 AND (?6 = 0 OR a.person = ?6)
			AND (?7 = '' OR a.action = ?7) AND (?8 = 0 OR a.id < ?8)
		ORDER BY a.id DESC LIMIT ?9`,
		store.List(v.Units(who.Of(who.Auditor))), int64(named), all, from, until, q.Person, q.Action, q.Before, most)
}
