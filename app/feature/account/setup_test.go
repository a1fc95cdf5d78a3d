package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// The answers, the end of the link and the opening of a new house happen together: where the last thing of all cannot be
// written, nothing has happened, and the same link does it later.
func TestFoundingIsOneStep(t *testing.T) {
	db, err := store.Open(t.Context(), t.TempDir()+"/db", apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := apptest.New(t)
	h.DB, h.Sessions.DB, h.Tasks.DB = db, db, db
	broken := true
	x := town{h, h.Serve(t, New(h.House, nil, func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
		if broken && action == "house.founded" {
			return errors.New("the disk is full")
		}
		return nil
	}, nil)), h.Post, nil, t}
	var at string
	x.write(func(tx *store.Tx) (err error) {
		at, _, err = FirstLink(tx, h.House)
		return err
	})
	at = strings.TrimPrefix(at, apptest.Base)
	three := []string{"name", "Stadt Neu", "address", apptest.Base, "operator_name", "Stadt Neu", "operator_street", "Markt 1", "operator_place", "12345 Neu", "operator_person", "Rosa Rath",
		"operator_mail", "kita@neu.example"}
	if a := x.post(at, three...); a.Code != 500 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if n := x.count(`SELECT count(*) FROM setting WHERE name = 'house.setup' AND value = 'open'`); n != 1 {
		t.Error("the house is open")
	}
	if n := x.count(`SELECT count(*) FROM setting WHERE name LIKE 'operator.%' OR name = 'house.name'`) + x.count(`SELECT count(*) FROM session`); n != 0 {
		t.Errorf("%d things were kept", n)
	}
	broken = false
	x.mustGo(x.post(at, three...), "/willkommen")
	if n := x.count(`SELECT count(*) FROM setting WHERE name = 'house.setup'`); n != 0 {
		t.Error("the house is not open")
	}
	if n := x.count(`SELECT count(*) FROM unit WHERE parent IS NULL AND name = 'Stadt Neu'`); n != 1 {
		t.Error("the place at the top is called otherwise than the house")
	}
}
