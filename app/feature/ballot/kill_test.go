package ballot

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestKill: the process is killed while members vote. What was acknowledged is in the urn, what was not can be sent again, and
// the vote is counted.
func TestKill(t *testing.T) {
	if file := os.Getenv("NESTFUNK_BALLOT"); file != "" {
		killed(t, file)
		return
	}
	r := newRoom(t)
	id := r.begin(secretDraft())
	p := make([]*paperless, 4)
	for i, who := range members[:4] {
		p[i] = r.fetch(id, who, r.fresh(id))
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "db")
	r.do(func(tx *store.Tx) error { // what is kept so far, as one file
		all, err := store.All(tx, func(s *[3]string) []any { return []any{&s[0], &s[1], &s[2]} }, `PRAGMA database_list`)
		if err != nil {
			return err
		}
		for _, end := range []string{"", "-wal"} {
			b, err := os.ReadFile(all[0][2] + end)
			if err != nil {
				return err
			}
			if err := os.WriteFile(file+end, b, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	type vote struct{ Token, Signature []byte }
	var votes []vote
	for _, x := range p {
		votes = append(votes, vote{x.cast.token, x.cast.signature})
	}
	b, err := json.Marshal(votes)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "votes"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	for round := 1; round <= 3; round++ { // each gets one vote further, or further than that
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
		c.Env = append(os.Environ(), "NESTFUNK_BALLOT="+file, fmt.Sprintf("NESTFUNK_VOTE=%d", id))
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range round {
			if !lines.Scan() {
				t.Fatal("it ended by itself")
			}
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		db, err := store.Open(t.Context(), file, apptest.Schema())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			n, err := given(tx, ballot{ID: id, Secret: true})
			if n < round || n > len(votes) {
				t.Errorf("%d votes after %d were acknowledged", n, round)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(t.Context(), file, apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h := apptest.New(t)
	h.House.DB, h.Tasks.DB = db, db
	f := newFeature(h.House, Wires{})
	for i, v := range votes { // everybody sends theirs once more
		if _, err := f.put(t.Context(), id, cast{v.Token, v.Signature, []Choice{Yes, No}[i%2]}); err != nil {
			t.Error(err)
		}
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := f.close(tx, r.viewer(tx, apptest.Chair), id); err != nil {
			return err
		}
		b, err := get(tx, id)
		if b.Tally.Yes != 2 || b.Tally.No != 2 || b.Tally.Cast() != 4 {
			t.Errorf("%+v", b.Tally)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// killed is the process that is killed: it puts votes into the urn and says so, over and over.
func killed(t *testing.T, file string) {
	db, err := store.Open(context.Background(), file, apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(file), "votes"))
	if err != nil {
		t.Fatal(err)
	}
	var votes []struct{ Token, Signature []byte }
	if err := json.Unmarshal(b, &votes); err != nil {
		t.Fatal(err)
	}
	var id int64
	if _, err := fmt.Sscan(os.Getenv("NESTFUNK_VOTE"), &id); err != nil {
		t.Fatal(err)
	}
	h := apptest.New(t)
	h.House.DB = db
	f := newFeature(h.House, Wires{})
	for i := 0; ; i++ {
		v := votes[i%len(votes)]
		if _, err := f.put(t.Context(), id, cast{v.Token, v.Signature, []Choice{Yes, No}[i%len(votes)%2]}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("acknowledged")
	}
}
