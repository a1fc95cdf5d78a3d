package incident

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// need is a Forbidden fault for all but those who run or audit the whole house.
func need(tx *store.Tx, v who.Viewer) error {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?))`,
		store.List(v.Units(readers)))
	if err == nil && n == 0 {
		err = fault.New(fault.Forbidden, "Vorfälle betreffen das ganze Haus. Das macht der Betrieb oder der Datenschutz des ganzen Hauses.")
	}
	return err
}

func get(tx *store.Tx, id int64) (Incident, error) {
	return store.One(tx, (*Incident).fields, `
		SELECT i.id, i.title, i.finder, i.noticed, i.starts, i.ends, i.scope, i.suspects, i.what, i.effects, i.measures,
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = i.opener), ''), i.opened, coalesce(i.reported, 0), coalesce(i.told, 0), i.waived, i.report,
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = i.closer), ''), coalesce(i.thawed, 0)
		FROM incident i WHERE i.id = ?`, id)
}

func list(tx *store.Tx) ([]Incident, error) {
	return store.All(tx, (*Incident).fields, `
		SELECT i.id, i.title, i.finder, i.noticed, i.starts, i.ends, i.scope, i.suspects, i.what, i.effects, i.measures,
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = i.opener), ''), i.opened, coalesce(i.reported, 0), coalesce(i.told, 0), i.waived, i.report,
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = i.closer), ''), coalesce(i.thawed, 0)
		FROM incident i ORDER BY i.thawed IS NOT NULL, i.id DESC`)
}

func add(tx *store.Tx, i Incident, opener int64, now time.Time) (int64, error) {
	return store.One(tx, store.Value[int64], `
		INSERT INTO incident (title, finder, noticed, starts, ends, scope, opener, opened) VALUES (?, ?, ?, ?, ?, 'record', ?, ?) RETURNING id`,
		i.Title, i.Finder, i.Noticed.Unix(), i.From.Unix(), i.To.Unix(), opener, now.Unix())
}

func save(tx *store.Tx, i Incident) error {
	_, err := tx.Exec(`UPDATE incident SET starts = ?, ends = ?, scope = ?, suspects = ?, what = ?, effects = ?, measures = ? WHERE id = ?`,
		i.From.Unix(), i.To.Unix(), i.Scope, i.suspects, i.What, i.Effects, i.Measures, i.ID)
	return err
}

func noteReported(tx *store.Tx, id int64, at time.Time) error {
	_, err := tx.Exec(`UPDATE incident SET reported = ?, waived = '' WHERE id = ?`, at.Unix(), id)
	return err
}

func noteTold(tx *store.Tx, id int64, at time.Time) error {
	_, err := tx.Exec(`UPDATE incident SET told = ? WHERE id = ?`, at.Unix(), id)
	return err
}

func noteWaived(tx *store.Tx, id int64, why string) error {
	_, err := tx.Exec(`UPDATE incident SET waived = ?, reported = NULL WHERE id = ?`, why, id)
	return err
}

// thaw ends it: from now on the record is let go of as always.
func thaw(tx *store.Tx, id int64, report string, closer int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE incident SET report = ?, closer = ?, thawed = ? WHERE id = ?`, report, closer, now.Unix(), id)
	return err
}

// answering are those who run or audit the whole house: they are told.
func answering(tx *store.Tx, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT m.person FROM unit u JOIN membership m ON m.unit = u.id
		WHERE u.parent IS NULL AND m.role IN (1, 10) AND m.state = 'confirmed' AND m.since <= ?1 AND m.until > ?1 ORDER BY 1`, now.Unix())
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	return store.All(tx, store.Value[string], `
		SELECT CASE WHEN opener = ?1 THEN 'eröffnet ' || datetime(opened, 'unixepoch') ELSE 'beendet ' || datetime(thawed, 'unixepoch') END || 'Z: Vorfall ' || id
		FROM incident WHERE opener = ?1 OR closer = ?1 ORDER BY id`, s.Person)
}

// erase keeps what happened, and removes who wrote it down.
func erase(tx *store.Tx, s house.Subject) error {
	_, err := tx.Exec(`UPDATE incident SET opener = nullif(opener, ?1), closer = nullif(closer, ?1) WHERE opener = ?1 OR closer = ?1`, s.Person)
	return err
}
