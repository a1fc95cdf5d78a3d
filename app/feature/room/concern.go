package room

import (
	"fmt"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// concernFor is how long the page of a room shows what was decided.
const concernFor = 30 * 24 * time.Hour

// A Matter is a report of the viewer's, or what was restricted of theirs. It stands on the page of the room, since not
// everybody has a mail address or wants to be told.
type Matter struct {
	ID     int64
	Kind   string // of the measure; "": it is a report
	At     time.Time
	Waits  bool // for a decision
	Report bool
}

// Path is the page where it is read.
func (m Matter) Path() string {
	if m.Report {
		return fmt.Sprintf("/meldung/%d", m.ID)
	}
	return fmt.Sprintf("/massnahme/%d", m.ID)
}

// Words are what it is called.
func (m Matter) Words() string {
	if m.Report {
		return "Ihre Meldung"
	}
	return deed(m.Kind)
}

// concerning lists what of a room concerns the viewer, the latest first.
func concerning(tx *store.Tx, room int64, v who.Viewer, now time.Time) ([]Matter, error) {
	return store.All(tx, func(m *Matter) []any { return []any{&m.ID, &m.Kind, (*store.Time)(&m.At), &m.Waits, &m.Report} }, `
		SELECT x.id, '', x.at, x.decided IS NULL, 1 FROM room_report x JOIN room_post p ON p.id = x.post JOIN room_topic t ON t.id = p.topic
		WHERE x.reporter = ?1 AND t.room = ?2 AND (x.decided IS NULL OR x.decided > ?3)
		UNION ALL
		SELECT id, kind, at, objected IS NOT NULL AND answered IS NULL, 0 FROM room_action
		WHERE person = ?1 AND room = ?2 AND ground <> '' AND max(at, coalesce(answered, 0)) > ?3
		ORDER BY 3 DESC LIMIT 20`, v.ID, room, now.Add(-concernFor).Unix())
}
