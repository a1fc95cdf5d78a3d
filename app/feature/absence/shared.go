package absence

import (
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Today is the list of a group now, for a device that its team shares.
func Today(h *house.House) func(tx *store.Tx, group int64) ([]Line, error) {
	return func(tx *store.Tx, group int64) ([]Line, error) { return roll(tx, group, 0, h.Now()) }
}

// Tap writes a deed of a viewer down that was done now on such a device.
func Tap(h *house.House) func(tx *store.Tx, v who.Viewer, group int64, d Deed) error {
	f := feature{House: h}
	return func(tx *store.Tx, v who.Viewer, group int64, d Deed) error {
		if d.At = h.Now(); d.Kind != Void {
			d.Instead = ""
		}
		if _, err := place(tx, group, v, names(), d.At); err != nil {
			return err
		}
		all, err := roll(tx, group, d.Child, d.At)
		if err == nil && len(all) == 0 { // of another group, where the viewer may work, too
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		_, err = f.do(tx, v, d)
		return err
	}
}
