package committee

import (
	"time"

	"nestfunk/app/base/store"
)

// Substitutes are the people who stand in for somebody at a moment, in the order in which they are asked. Whoever has a
// vote of their own as well is none.
func Substitutes(tx *store.Tx, unit int64, at time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT m.person FROM membership m JOIN unit u ON u.id = m.unit AND u.kind = 'committee'
		LEFT JOIN committee_substitute r ON r.membership = m.id
		WHERE m.unit = ?1 AND m.office = 'substitute' AND m.state = 'confirmed' AND max(m.since, u.since) <= ?2 AND min(m.until, u.until) > ?2
			AND NOT EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = m.unit AND s.person = m.person AND s.office <> 'substitute'
				AND s.since <= ?2 AND s.until > ?2)
		ORDER BY r.rank IS NULL, r.rank, m.since, m.id`, unit, at.Unix())
}

// RankOf is the place of a substitute's membership in the order, from 1; 0: none was given.
func RankOf(tx *store.Tx, membership int64) (int, error) {
	return store.One(tx, store.Value[int], `
		SELECT coalesce((SELECT rank FROM committee_substitute WHERE membership = ?), 0)`, membership)
}

// SetRank gives a substitute's membership its place in the order, from 1; 0: none.
func SetRank(tx *store.Tx, membership int64, rank int) error {
	if rank <= 0 {
		_, err := tx.Exec(`DELETE FROM committee_substitute WHERE membership = ?`, membership)
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO committee_substitute (membership, rank) VALUES (?, ?)
		ON CONFLICT (membership) DO UPDATE SET rank = excluded.rank`, membership, rank)
	return err
}
