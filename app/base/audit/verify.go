package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// piece is how many rows are read, or changed, in one transaction.
const piece = 2000

// rows are those of the record after a row, in order.
func rows(tx *store.Tx, after int64) ([]Entry, error) {
	return store.All(tx, (*Entry).fields, `SELECT id, at, person, action, ref, network, coalesce(address, ''), address IS NULL, salt, seal, prev, hash
		FROM audit WHERE id > ? ORDER BY id LIMIT ?`, after, piece)
}

// Verify computes the whole chain anew. It returns how many rows there are and, in German, the first thing that is not as it
// was written; "": nothing. Rows may be added meanwhile; nobody but Keep removes any.
func Verify(ctx context.Context, db *store.DB) (n int, wrong string, err error) {
	var last int64
	var hash []byte
	for first := true; ; first = false {
		done := false
		err = db.Read(ctx, func(tx *store.Tx) error {
			c, err := State(tx)
			if err != nil {
				return err
			}
			if first {
				if last, hash = c.Base, c.BaseHash; len(hash) != sha256.Size {
					wrong = "Der Anfang der Kette ist beschädigt."
					return nil
				}
			}
			all, err := rows(tx, last)
			if err != nil {
				return err
			}
			for _, e := range all {
				if wrong = e.wrong(last, hash, c.shortened); wrong != "" {
					return nil
				}
				last, hash = e.ID, e.Hash
				n++
			}
			if done = len(all) < piece; done {
				wrong, err = end(tx, c, last, hash)
			}
			return err
		})
		if err != nil || wrong != "" || done {
			return n, wrong, err
		}
	}
}

// end compares the end of the chain with the last row.
func end(tx *store.Tx, c Chain, last int64, hash []byte) (string, error) {
	if c.Head != last || !bytes.Equal(c.HeadHash, hash) {
		return fmt.Sprintf("Die Kette endet bei Zeile %d und nicht bei Zeile %d, wie vermerkt. Es fehlt etwas, oder das Ende wurde geändert.", last, c.Head), nil
	}
	before, err := store.One(tx, store.Value[int], `SELECT count(*) FROM audit WHERE id <= ?`, c.Base)
	if err == nil && before > 0 {
		return fmt.Sprintf("Vor dem Anfang der Kette stehen %d Zeilen, die nicht dazugehören.", before), nil
	}
	return "", err
}

// wrong says what is not as it was written of a row that follows on another one. Addresses were shortened last at a time.
func (e Entry) wrong(last int64, hash []byte, shortened time.Time) string {
	switch {
	case e.ID != last+1:
		return fmt.Sprintf("Zwischen Zeile %d und Zeile %d fehlt etwas.", last, e.ID)
	case !bytes.Equal(e.Prev, hash):
		return fmt.Sprintf("Zeile %d schließt nicht an die Zeile davor an.", e.ID)
	case strings.ContainsAny(e.Action+e.Network, "\n\r") || !bytes.Equal(e.Hash, e.sum()):
		return fmt.Sprintf("Zeile %d ist nicht so, wie sie geschrieben wurde.", e.ID)
	case e.Short && retention.Usual(retention.Week).After(e.At).After(shortened):
		return fmt.Sprintf("In Zeile %d fehlt die Adresse, obwohl sie noch keine sieben Tage alt war.", e.ID)
	case e.Short:
		return ""
	case len(e.Salt) != 16 || !bytes.Equal(e.Seal, seal(e.Salt, e.Address)) || e.Network != who.Network(e.Address):
		return fmt.Sprintf("Die Adresse in Zeile %d ist nicht die, die geschrieben wurde.", e.ID)
	}
	return ""
}
