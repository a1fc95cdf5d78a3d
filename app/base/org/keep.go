package org

import (
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Kept lists every unit at or below one at which a person holds one of the roles.
func Kept(tx *store.Tx, person int64, roles who.Right, now time.Time) (map[int64]bool, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
		WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3`, person, int64(roles), now.Unix())
	all := map[int64]bool{}
	for _, id := range ids {
		all[id] = true
	}
	return all, err
}

// Tops lists the units at which a person holds one of the roles, without those that lie below another of them.
func Tops(tx *store.Tx, person int64, roles who.Right, now time.Time) ([]Unit, error) {
	return store.All(tx, (*Unit).fields, `
		WITH held AS MATERIALIZED (
			SELECT DISTINCT unit FROM holding WHERE person = ?1 AND (?2 & (1 << role)) <> 0 AND since <= ?3 AND until > ?3)
		SELECT u.id, u.uid, u.parent, u.kind, u.name, u.city, coalesce(u.source, ''), u.until, u.since FROM held h JOIN unit u ON u.id = h.unit
		WHERE NOT EXISTS (SELECT 1 FROM unit_up p JOIN held o ON o.unit = p.above WHERE p.unit = u.id AND p.above <> u.id)
		ORDER BY u.kind, u.name, u.id`, person, int64(roles), now.Unix())
}
