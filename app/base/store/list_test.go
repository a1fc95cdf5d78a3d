package store

import (
	"errors"
	"testing"
)

// What goes in comes out, and none is none: "null" would be a list of one.
func TestList(t *testing.T) {
	db, _ := opened(t)
	for _, c := range []struct {
		list string
		want int
	}{{List[int64](nil), 0}, {List([]int64{}), 0}, {List([]int64{-1, 1 << 62}), 2}, {List([]string{"a", `"`, "ä\n", ""}), 4}} {
		err := db.Read(t.Context(), func(tx *Tx) error {
			n, err := One(tx, Value[int], `SELECT count(*) FROM json_each(?) WHERE value IS NOT NULL`, c.list)
			if err == nil && n != c.want {
				t.Errorf("%s: %d", c.list, n)
			}
			m, err2 := One(tx, Value[int], `SELECT count(*) FROM json_each(?)`, c.list)
			if err2 == nil && m != c.want {
				t.Errorf("%s: %d rows", c.list, m)
			}
			return errors.Join(err, err2)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
