package store

import (
	"regexp"
	"sync"
)

// A Keep holds in memory what was read from some tables, until one of them
// changes: a page that all families open at seven is made of what hardly ever
// does. It sees every change, since all go through Write. Rows that a foreign
// key takes along count for the table that the statement names. Whoever asks
// for what another reads just now waits for that one.
type Keep[K comparable, V any] struct {
	DB     *DB
	Tables []string
	Most   int // values; a Keep that is full begins anew

	mu    sync.RWMutex
	began int64 // of the oldest Read that a value comes from
	of    map[K]V
	busy  map[K]chan struct{} // being read; closed at the end
}

// Get returns the value of a key, by load if it is not there. Whoever gets it must not change it.
func (k *Keep[K, V]) Get(tx *Tx, key K, load func() (V, error)) (V, error) {
	if tx.began == 0 { // of a Write, which may have changed it already
		return load()
	}
	if v, ok := k.has(key); ok {
		return v, nil
	}
	k.mu.Lock()
	other := k.busy[key]
	if other == nil {
		if k.busy == nil {
			k.busy = map[K]chan struct{}{}
		}
		mine := make(chan struct{})
		k.busy[key] = mine
		defer func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.busy, key)
			close(mine)
		}()
	}
	k.mu.Unlock()
	if other != nil {
		<-other
		if v, ok := k.has(key); ok {
			return v, nil
		}
	}
	v, err := load()
	if err != nil {
		return v, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || len(k.of) >= k.Most || k.DB.tables.changed(k.began, k.Tables) {
		k.of, k.began = map[K]V{}, tx.began
	}
	if tx.began >= k.began {
		k.of[key] = v
	}
	return v, nil
}

func (k *Keep[K, V]) has(key K) (V, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	v, ok := k.of[key]
	return v, ok && !k.DB.tables.changed(k.began, k.Tables)
}

// tables remembers when each was changed last, counted in transactions. A
// transaction is counted after it is committed and before it is acknowledged:
// what a Read saw may be newer than its count, and never older.
type tables struct {
	mu    sync.RWMutex
	count int64
	last  map[string]int64
}

func (t *tables) now() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.count + 1 // 0 is for a Write
}

func (t *tables) change(names []string) {
	if len(names) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]int64{}
	}
	t.count++
	for _, n := range names {
		t.last[n] = t.count + 1
	}
}

// changed reports whether one of the tables has changed since a Read began.
func (t *tables) changed(began int64, names []string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, n := range names {
		if t.last[n] > began {
			return true
		}
	}
	return false
}

var writes = regexp.MustCompile(`(?is)^\s*(?:WITH\b.*\b)?(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)`)

// written is the table that a statement writes to, also behind a WITH; "": none.
func written(query string) string {
	if m := writes.FindStringSubmatch(query); m != nil {
		return m[1]
	}
	return ""
}
