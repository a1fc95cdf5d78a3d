package web

import (
	"context"
	"encoding/hex"
	"sync"

	"nestfunk/app/base/store"
)

// seenTimes keeps in memory which sessions were seen, until Flush writes it:
// looking at a page must not write.
type seenTimes struct {
	mu sync.Mutex
	at map[string]int64 // hour, by session
}

// Touch notes that a session is in use.
func (s *Sessions) Touch(in Session) {
	now := hour(s.Now())
	if in.Person == 0 || in.Seen.Unix() >= now {
		return
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.at == nil {
		s.seen.at = map[string]int64{}
	}
	s.seen.at[hex.EncodeToString(in.ID)] = now
}

// Flush writes what Touch has noted; a job calls it now and then, and the
// house when it closes.
func (s *Sessions) Flush(ctx context.Context) error {
	s.seen.mu.Lock()
	at := s.seen.at
	s.seen.at = nil
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
