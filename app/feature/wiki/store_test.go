package wiki

import (
	"maps"
	"slices"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// What is asked for one archive is what is asked for all.
func TestLevels(t *testing.T) {
	h := apptest.New(t)
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		// also a chair of what belongs to a group, and staff of a facility and of the city
		if _, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) SELECT p.id, u.id, r.value, 'confirmed', 0
			FROM person p JOIN unit u JOIN json_each('[1,2,3,4,5,7,8,9,10]') r WHERE (p.id * 31 + u.id * 7 + r.value) % 23 = 0`); err != nil {
			return err
		}
		units, err := store.All(tx, store.Value[int64], `SELECT id FROM unit`)
		if err != nil {
			return err
		}
		people, err := store.All(tx, store.Value[int64], `SELECT id FROM person`)
		if err != nil {
			return err
		}
		some := 0
		for _, person := range people {
			for _, unit := range units {
				one, err := levels(tx, unit, who.Viewer{ID: person}, h.Now())
				if err != nil {
					return err
				}
				all, err := store.All(tx, store.Value[string], `
					SELECT DISTINCT level FROM wiki_right WHERE person = ?1 AND unit = ?2 AND since <= ?3 AND until > ?3 ORDER BY level`, person, unit, h.Now().Unix())
				if err != nil {
					return err
				}
				if got := slices.Sorted(maps.Keys(one)); !slices.Equal(got, all) {
					t.Errorf("person %d in the archive of %d: %v, in the view %v", person, unit, got, all)
				}
				some += len(all)
			}
		}
		if some < 300 {
			t.Errorf("only %d levels: this proves little", some)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Of a large archive only the top is listed, and what stands around the page in hand.
func TestTrim(t *testing.T) {
	grown := func(size int64) []*Node {
		var all []Node
		for i := range size {
			n := Node{ID: i + 1}
			if i >= 10 {
				n.Parent = i / 10
			}
			all = append(all, n)
		}
		return grow(all)
	}
	tops := trim(grown(400), 400, 0)
	if len(tops) != 10 || tops[0].Kids != nil || tops[0].More != 110 {
		t.Errorf("%d tops, %+v", len(tops), tops[0])
	}
	tops = trim(grown(400), 400, 111) // 111 stands below 11, that below 1
	if len(tops[0].Kids) != 10 || tops[0].Kids[0].ID != 11 || len(tops[0].Kids[0].Kids) != 10 || tops[0].Kids[1].Kids != nil || tops[1].Kids != nil {
		t.Errorf("%+v", tops[0])
	}
	if tops := trim(grown(300), 300, 0); len(tops[0].Kids) != 10 || tops[0].More != 0 {
		t.Errorf("a small one: %+v", tops[0])
	}
}
