package web

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// seenTimes keeps in memory when sessions were seen: looking at a page must not write, and the table need not know
// when exactly somebody was at work.
type seenTimes struct {
	mu   sync.Mutex
	at   map[string]int64     // hour, by session, until Flush writes it
	used map[string]time.Time // by a person, exactly; for usedFor
}

// usedFor is how long the exact time is kept: until the hour in the table alone ends every short term.
const usedFor = 2 * time.Hour

// A term is how long a browser stays signed in: so long without use, and in all.
type term struct{ idle, life time.Duration }

// termOf is how long a session lasts: the more somebody may see and do, the shorter. Who has several roles has the
// shortest term, whatever the role was at sign-in.
func termOf(roles who.Right) term {
	switch {
	case roles.Has(who.Admin):
		return term{15 * time.Minute, 4 * time.Hour}
	case roles&(who.Team|who.Of(who.Auditor)) != 0:
		return term{30 * time.Minute, 12 * time.Hour}
	}
	return term{sessionIdle, sessionLife}
}

// Over reports whether the session of somebody with these roles has ended. After a restart nobody knows the minute of
// the last use; then it is believed to be the last one of the hour in the table.
func (s *Sessions) Over(in Session, roles who.Right) bool {
	t, now := termOf(roles), s.Now()
	if now.Sub(in.Created) >= t.life {
		return true
	}
	s.seen.mu.Lock()
	last, ok := s.seen.used[string(in.ID)]
	s.seen.mu.Unlock()
	if !ok {
		last = in.Seen.Add(time.Hour)
	}
	return now.Sub(last) >= t.idle
}

// use notes that a person is at a session.
func (s *Sessions) use(id []byte, now time.Time) {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.used == nil {
		s.seen.used = map[string]time.Time{}
	}
	s.seen.used[string(id)] = now
}

// Touch notes that a session of somebody with these roles is in use: by the person, or only by an open page that looks
// for what is new.
func (s *Sessions) Touch(in Session, roles who.Right, person bool) {
	now := s.Now()
	if in.Person == 0 {
		return
	}
	if person && termOf(roles).idle < usedFor { // for a city of parents the hour is enough
		s.use(in.ID, now)
	}
	if in.Seen.Unix() >= hour(now) {
		return
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.at == nil {
		s.seen.at = map[string]int64{}
	}
	s.seen.at[hex.EncodeToString(in.ID)] = hour(now)
}

// Flush writes what Touch has noted; a job calls it now and then, and the
// house when it closes.
func (s *Sessions) Flush(ctx context.Context) error {
	s.seen.mu.Lock()
	at := s.seen.at
	s.seen.at = nil
	for id, used := range s.seen.used {
		if s.Now().Sub(used) >= usedFor {
			delete(s.seen.used, id)
		}
	}
	s.seen.mu.Unlock()
	if len(at) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		for id, when := range at {
			hash, err := hex.DecodeString(id)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE session SET seen = ? WHERE id = ? AND seen < ?`, when, hash, when); err != nil {
				return err
			}
		}
		return nil
	})
}
