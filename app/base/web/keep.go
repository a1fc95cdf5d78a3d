package web

import (
	"net/http"
	"strconv"

	"nestfunk/app/base/who"
)

// personHeader names whose a kept page is, and whose a form was that has waited on a device.
const personHeader = "X-Person"

// KeepOffline allows the viewer's own device to keep the page that is about to be written, for when there is no
// connection. On a device that others use, too, nothing is kept.
func KeepOffline(w http.ResponseWriter, v who.Viewer) {
	if v.ID == 0 || v.Shared {
		return
	}
	w.Header().Set("X-Offline", "keep")
	w.Header().Set(personHeader, strconv.FormatInt(v.ID, 10))
}
