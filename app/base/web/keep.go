package web

import (
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/who"
)

// personHeader names whose a kept page is, and whose a form was that has waited on a device.
const personHeader = "X-Person"

// KeepOffline allows the viewer's own device to keep the page that is about to be written, for when there is no
// connection. On a device that others use, too, nothing is kept.
func KeepOffline(w http.ResponseWriter, v who.Viewer) { keep(w, v, "keep") }

// KeepToday is KeepOffline for a page that names children of other families: it rests for a day at most.
func KeepToday(w http.ResponseWriter, v who.Viewer) { keep(w, v, "today") }

func keep(w http.ResponseWriter, v who.Viewer, how string) {
	if v.ID == 0 || v.Shared {
		return
	}
	w.Header().Set("X-Offline", how)
	w.Header().Set(personHeader, strconv.FormatInt(v.ID, 10))
}

// waitedHeader says for how many milliseconds a form has waited on a device: a span, since clocks of devices are wrong.
const waitedHeader = "X-Waited"

// Written is when the person pressed the button: now, or earlier for a form that had to wait for a connection.
func Written(r *http.Request, now time.Time) time.Time {
	ms, err := strconv.ParseInt(r.Header.Get(waitedHeader), 10, 64)
	if err != nil || ms < 0 || ms > int64(100*365*24*time.Hour/time.Millisecond) {
		return now
	}
	return now.Add(-time.Duration(ms) * time.Millisecond)
}
