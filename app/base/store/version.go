package store

import (
	"regexp"
	"sync"
)

// Version grows with every transaction that has changed one of the tables:
// what was read at a version, and is kept in memory, holds as long as the
// version does. Ask for it before reading. Rows that a foreign key takes along
// count for the table that was named in the statement.
func (db *DB) Version(tables ...string) (sum int64) {
	db.versions.mu.RLock()
	defer db.versions.mu.RUnlock()
	for _, t := range tables {
		sum += db.versions.of[t]
	}
	return sum
}

type versions struct {
	mu sync.RWMutex
	of map[string]int64 // by table
}

func (v *versions) add(tables []string) {
	if len(tables) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of == nil {
		v.of = map[string]int64{}
	}
	for _, t := range tables {
		v.of[t]++
	}
}

// changes finds the table that a statement writes to, also behind a WITH.
var changes = regexp.MustCompile(`(?is)^\s*(?:WITH\b.*\b)?(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)`)

func changed(query string) string {
	if m := changes.FindStringSubmatch(query); m != nil {
		return m[1]
	}
	return ""
}
