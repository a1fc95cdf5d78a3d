package clock

import (
	"os"

	"golang.org/x/sys/unix"
)

// Synced reports whether this machine follows a time server, as its kernel says, or else systemd.
func Synced() bool {
	var t unix.Timex // asks, and sets nothing
	state, err := unix.Adjtimex(&t)
	if err == nil {
		return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
	}
	_, err = os.Stat("/run/systemd/timesync/synchronized") // a service that must not touch the clock may not ask the kernel
	return err == nil
}
