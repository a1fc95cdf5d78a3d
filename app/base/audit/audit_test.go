package audit_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/audit"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

const day = 24 * time.Hour

// noted adds a row at a time, from an address.
func noted(t *testing.T, h *apptest.House, at time.Time, address string) {
	t.Helper()
	err := h.DB.Write(who.From(t.Context(), address), func(tx *store.Tx) error {
		return audit.Add(tx, audit.Entry{At: at, Person: apptest.Hanna, Action: "child.moved", Ref: 3})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verified(t *testing.T, h *apptest.House) (int, string) {
	t.Helper()
	n, wrong, err := audit.Verify(t.Context(), h.DB)
	if err != nil {
		t.Fatal(err)
	}
	return n, wrong
}

// change runs SQL that the program does not have.
func change(t *testing.T, h *apptest.House, query string, args ...any) error {
	t.Helper()
	return h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

func one[T any](t *testing.T, h *apptest.House, query string, args ...any) (v T) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		v, err = store.One(tx, store.Value[T], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// loose takes the triggers away, as somebody would who has the file.
func loose(t *testing.T, h *apptest.House) {
	t.Helper()
	for _, name := range []string{"new", "final", "stay", "chain_once", "chain_stay", "chain_head", "chain_base"} {
		if err := change(t, h, "DROP TRIGGER audit_"+name); err != nil {
			t.Fatal(err)
		}
	}
}

// The hash of the first row, computed by hand from what the package promises.
func TestCanonical(t *testing.T) {
	h := apptest.New(t)
	noted(t, h, time.Unix(1_700_000_000, 0), "203.0.113.77")
	salt, seal, hash := one[[]byte](t, h, `SELECT salt FROM audit`), one[[]byte](t, h, `SELECT seal FROM audit`), one[[]byte](t, h, `SELECT hash FROM audit`)
	if want := sha256.Sum256(append(salt, "203.0.113.77"...)); string(seal) != string(want[:]) {
		t.Errorf("seal %x, want %x", seal, want)
	}
	want := sha256.Sum256(fmt.Appendf(nil, "nestfunk-audit-1\n1\n1700000000\n4\nchild.moved\n3\n203.0.113.0/24\n%x\n%064d", seal, 0))
	if string(hash) != string(want[:]) {
		t.Errorf("hash %x, want %x", hash, want)
	}
}

// Two hundred write at once, a few of them in vain: the chain has no gap and no fork.
func TestManyAtOnce(t *testing.T) {
	h := apptest.New(t)
	var all sync.WaitGroup
	refused := errors.New("not this one")
	for i := range 200 {
		all.Go(func() {
			ctx := who.From(context.Background(), fmt.Sprintf("203.0.113.%d", i))
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				for range 2 {
					if err := audit.Add(tx, audit.Entry{At: h.Now(), Person: int64(i), Action: "page.changed"}); err != nil {
						return err
					}
				}
				if i%10 == 0 {
					return refused
				}
				return nil
			})
			if err != nil && !errors.Is(err, refused) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, wrong := verified(t, h); n != 360 || wrong != "" {
		t.Errorf("%d rows: %s", n, wrong)
	}
	if n := one[int](t, h, `SELECT count(*) FROM audit WHERE address <> '203.0.113.' || person`); n != 0 {
		t.Errorf("%d rows have the address of somebody else", n)
	}
}

// Whatever is changed in whatever row, also after addresses were shortened and rows removed, is found.
func TestTampering(t *testing.T) {
	h := apptest.New(t)
	start := h.Now()
	for i, ago := range []time.Duration{400 * day, 390 * day, 20 * day, 10 * day, day, 0} {
		noted(t, h, start.Add(-ago), fmt.Sprintf("203.0.113.%d", i))
	}
	if err := audit.Keep(t.Context(), h.DB, start); err != nil {
		t.Fatal(err)
	}
	if n, wrong := verified(t, h); n != 4 || wrong != "" {
		t.Fatalf("%d rows: %s", n, wrong)
	}
	loose(t, h)
	for id := 3; id <= 6; id++ {
		for column, others := range map[string][]string{
			"id": {"99", "0", "-1"}, "at": {"at + 1"}, "person": {"person + 1", "0"}, "action": {"action || 'x'", "action || char(10)", "''"}, "ref": {"ref + 1", "0"},
			"network": {"'203.0.112.0/24'", "''"}, "seal": {"zeroblob(32)", "x''"}, "prev": {"zeroblob(32)"}, "hash": {"zeroblob(32)", "x''"},
			"address": {"'203.0.113.99'", "''"}, "salt": {"zeroblob(16)", "x''"},
		} {
			old := one[any](t, h, fmt.Sprintf("SELECT %s FROM audit WHERE id = ?", column), id)
			for _, other := range others {
				set := fmt.Sprintf("UPDATE audit SET %s = %s WHERE id = ?", column, other)
				if old == nil { // both are gone: a new address needs a salt, or the row isn't taken
					set = fmt.Sprintf("UPDATE audit SET address = '203.0.113.%d', salt = zeroblob(16) WHERE id = ?", id-1)
				}
				if err := change(t, h, set, id); err != nil {
					t.Fatal(err)
				}
				if _, wrong := verified(t, h); wrong == "" {
					t.Errorf("%s of row %d may be %s", column, id, other)
				}
				back := fmt.Sprintf("UPDATE audit SET %s = ?1 WHERE id = ?2", column)
				if old == nil {
					back = `UPDATE audit SET address = ?1, salt = ?1 WHERE id = ?2`
				}
				if column == "id" {
					back = fmt.Sprintf("UPDATE audit SET id = ?1 WHERE id = %s AND ?2 > 0", other)
				}
				if err := change(t, h, back, old, id); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, column := range []string{"base", "base_hash", "head", "head_hash"} {
		old := one[any](t, h, "SELECT "+column+" FROM audit_chain")
		other := "99"
		if strings.HasSuffix(column, "hash") {
			other = "zeroblob(31)"
		}
		_ = change(t, h, "UPDATE audit_chain SET "+column+" = "+other)
		if _, wrong := verified(t, h); wrong == "" {
			t.Errorf("%s of the chain may be %s", column, other)
		}
		if err := change(t, h, "UPDATE audit_chain SET "+column+" = ?", old); err != nil {
			t.Fatal(err)
		}
	}
	if err := change(t, h, "UPDATE audit SET address = NULL, salt = NULL WHERE id = 5"); err != nil {
		t.Fatal(err)
	}
	if _, wrong := verified(t, h); !strings.Contains(wrong, "Zeile 5") {
		t.Errorf("an address is gone after a day: %q", wrong)
	}
}

// Rows that are missing, at the end as well, or were put in, are found.
func TestMissingRows(t *testing.T) {
	for query, want := range map[string]string{
		`DELETE FROM audit WHERE id = 1`:                  "Zwischen Zeile 0 und Zeile 2",
		`DELETE FROM audit WHERE id = 3`:                  "Zwischen Zeile 2 und Zeile 4",
		`DELETE FROM audit WHERE id = 5`:                  "endet bei Zeile 4",
		`DELETE FROM audit`:                               "endet bei Zeile 0",
		`UPDATE audit SET id = 6 - id WHERE id IN (2, 4)`: "",
		`INSERT INTO audit SELECT 0, at, person, action, ref, network, address, salt, seal, prev, hash FROM audit WHERE id = 1`: "Vor dem Anfang",
		`INSERT INTO audit SELECT 6, at, person, action, ref, network, address, salt, seal, prev, hash FROM audit WHERE id = 5`: "Zeile 6",
		`DELETE FROM audit_chain`: "endet bei Zeile 5",
	} {
		h := apptest.New(t)
		for range 5 {
			noted(t, h, h.Now(), "203.0.113.5")
		}
		loose(t, h)
		if err := change(t, h, query); err != nil && want != "" {
			t.Fatal(err)
		}
		if _, wrong := verified(t, h); want != "" && !strings.Contains(wrong, want) {
			t.Errorf("%s: %q", query, wrong)
		}
	}
}

// The database itself refuses what is not one of the two ways to let go.
func TestTriggers(t *testing.T) {
	h := apptest.New(t)
	for _, ago := range []time.Duration{400 * day, 10 * day, 0} {
		noted(t, h, h.Now().Add(-ago), "203.0.113.5")
	}
	for _, query := range []string{
		`UPDATE audit SET person = 9`,
		`UPDATE audit SET address = NULL, salt = NULL WHERE id = 3`,
		`UPDATE audit SET address = '203.0.113.6' WHERE id = 3`,
		`DELETE FROM audit WHERE id = 3`,
		`DELETE FROM audit`,
		`INSERT OR REPLACE INTO audit SELECT 2, at, person, action, ref, network, address, salt, seal, prev, hash FROM audit WHERE id = 3`,
		`INSERT INTO audit SELECT 4, at, person, action, ref, network, address, salt, seal, prev, hash FROM audit WHERE id = 3`,
		`UPDATE audit_chain SET base = 2, base_hash = (SELECT hash FROM audit WHERE id = 2), pruned = ` + fmt.Sprint(h.Now().Unix()),
		`UPDATE audit_chain SET base = 1, pruned = ` + fmt.Sprint(h.Now().Unix()),
		`UPDATE audit_chain SET head = 2, head_hash = (SELECT hash FROM audit WHERE id = 2)`,
		`UPDATE audit_chain SET head_hash = zeroblob(32)`,
		`DELETE FROM audit_chain`,
		`INSERT OR REPLACE INTO audit_chain SELECT 1, 3, head_hash, head, head_hash, 0, 0, 0, '' FROM audit_chain`,
	} {
		if err := change(t, h, query); err == nil || !strings.Contains(err.Error(), "the record") {
			t.Errorf("%s: %v", query, err)
		}
	}
	if n, wrong := verified(t, h); n != 3 || wrong != "" {
		t.Errorf("%d rows: %s", n, wrong)
	}
}

// Addresses go after seven days, rows after twelve months, and the chain holds; also when nothing is left of it.
func TestKeep(t *testing.T) {
	h := apptest.New(t)
	const many = 2100 // more than are changed at once
	err := h.DB.Write(who.From(t.Context(), "2001:db8:1:2::3"), func(tx *store.Tx) error {
		for range many {
			if err := audit.Add(tx, audit.Entry{At: h.Now(), Action: "session.refused"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ later, full, rows int }{{6, many, many}, {7, 0, many}, {364, 0, many}, {366, 0, 0}} {
		if err := audit.Keep(t.Context(), h.DB, h.Now().Add(time.Duration(c.later)*day)); err != nil {
			t.Fatal(err)
		}
		full := one[int](t, h, `SELECT count(*) FROM audit WHERE address = '2001:db8:1:2::3' AND salt IS NOT NULL`)
		short := one[int](t, h, `SELECT count(*) FROM audit WHERE address IS NULL AND salt IS NULL AND network = '2001:db8:1::/48'`)
		n, wrong := verified(t, h)
		if full != c.full || short != c.rows-c.full || n != c.rows || wrong != "" {
			t.Errorf("after %d days: %d full, %d short, %d rows, %q", c.later, full, short, n, wrong)
		}
	}
	noted(t, h, h.Now(), who.Console)
	if n, wrong := verified(t, h); n != 1 || wrong != "" {
		t.Errorf("after a new row: %d rows, %q", n, wrong)
	}
	if got := one[string](t, h, `SELECT id || ' ' || network || ' ' || address FROM audit`); got != fmt.Sprintf("%d Konsole Konsole", many+1) {
		t.Errorf("the console: %q", got)
	}
}

func TestAddRefuses(t *testing.T) {
	h := apptest.New(t)
	for _, action := range []string{"", "a\n5"} {
		err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return audit.Add(tx, audit.Entry{At: h.Now(), Action: action}) })
		if err == nil {
			t.Errorf("%q is taken", action)
		}
	}
	if n, wrong := verified(t, h); n != 0 || wrong != "" {
		t.Errorf("an empty record: %d %q", n, wrong)
	}
}

// Who writes a row anew with a hash that fits it is found at the row behind it.
func TestRewritten(t *testing.T) {
	h := apptest.New(t)
	for range 3 {
		noted(t, h, h.Now(), "203.0.113.5")
	}
	loose(t, h)
	e := audit.Entry{ID: 2, At: h.Now(), Person: apptest.Rosa, Action: "child.moved", Ref: 3, Network: "203.0.113.0/24",
		Seal: one[[]byte](t, h, `SELECT seal FROM audit WHERE id = 2`), Prev: one[[]byte](t, h, `SELECT prev FROM audit WHERE id = 2`)}
	sum := sha256.Sum256([]byte(e.Canonical()))
	if err := change(t, h, `UPDATE audit SET person = ?, hash = ? WHERE id = 2`, e.Person, sum[:]); err != nil {
		t.Fatal(err)
	}
	if _, wrong := verified(t, h); wrong != "Zeile 3 schließt nicht an die Zeile davor an." {
		t.Errorf("got %q", wrong)
	}
}
