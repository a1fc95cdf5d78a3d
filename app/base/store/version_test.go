package store

import (
	"context"
	"errors"
	"testing"
)

func TestChanged(t *testing.T) {
	for query, want := range map[string]string{
		"INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 2":                                    "a",
		"\n\t\tINSERT OR IGNORE INTO a (b) SELECT b FROM c":                                                   "a",
		"UPDATE a SET b = (SELECT b FROM c)":                                                                  "a",
		"DELETE FROM a WHERE b IN (SELECT b FROM c)":                                                          "a",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nINSERT INTO a (b) SELECT i FROM n": "a",
		"SELECT b FROM a": "",
		"WITH x AS (SELECT b FROM a) SELECT b FROM x": "",
		"BEGIN IMMEDIATE": "",
	} {
		if got := changed(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestVersion(t *testing.T) {
	db, _ := opened(t)
	defer db.Close()
	ctx := context.Background()
	at := db.Version("thing")
	step := func(name string, want int64, query string, fail error) {
		t.Helper()
		_ = db.Write(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(query); err != nil {
				t.Error(err)
			}
			return fail
		})
		if got := db.Version("thing") - at; got != want {
			t.Errorf("after %s: %d, want %d", name, got, want)
		}
	}
	step("an insert", 1, `INSERT INTO thing (name) VALUES ('a')`, nil)
	step("one that is taken back", 1, `INSERT INTO thing (name) VALUES ('b')`, errors.New("no"))
	step("an update", 2, `UPDATE thing SET name = 'c'`, nil)
	if err := db.Write(ctx, func(tx *Tx) error {
		_, err := One(tx, Value[int64], `INSERT INTO thing (name) VALUES ('d') RETURNING id`)
		return err
	}); err != nil || db.Version("thing")-at != 3 || db.Version("other") != 0 {
		t.Errorf("after an insert that returns: %d, %v", db.Version("thing")-at, err)
	}
}
