package message_test

import (
	"strconv"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func viewer(tx *store.Tx, person int64, h *apptest.House) (who.Viewer, error) {
	return org.Viewer(tx, person, h.Now())
}
