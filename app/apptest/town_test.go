package apptest

import (
	"testing"

	"nestfunk/app/base/store"
)

func TestTown(t *testing.T) {
	h := InTown(t, Small)
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for _, c := range []struct {
			name, query string
			want        int
		}{
			{"people", `SELECT count(*) FROM person`, Small.People},
			{"guardians", `SELECT count(DISTINCT person) FROM guardian`, Small.Guardians()},
			{"children", `SELECT count(*) FROM child`, Small.Children()},
			{"children in groups", `SELECT count(*) FROM child_stay s JOIN unit u ON u.id = s.unit JOIN child c ON c.id = s.child WHERE u.kind = 'group' AND u.parent = c.facility`, Small.Children()},
			{"facilities", `SELECT count(*) FROM unit WHERE kind = 'facility'`, Small.Facilities},
			{"groups with children", `SELECT count(DISTINCT unit) FROM child_stay`, Small.Groups},
			{"announcements", `SELECT count(*) FROM announcement`, Small.Announcements},
			{"receipts", `SELECT count(*) FROM announcement_receipt`, Small.Receipts},
			{"closure of a facility that is running", `SELECT count(*) FROM announcement_closure WHERE facility = 1000 AND whole = 1 AND announcement = 200 AND first_day = '2026-03-02'`, 1},
			{"everybody is asked", `SELECT count(*) FROM announcement_asked WHERE announcement = 199`, Small.Children()},
			{"later than now", `SELECT count(*) FROM announcement WHERE published > unixepoch('2026-03-02 06:12')`, 0},
		} {
			got, err := store.One(tx, store.Value[int], c.query)
			if err != nil {
				return err
			}
			if got != c.want {
				t.Errorf("%s: %d, want %d", c.name, got, c.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
