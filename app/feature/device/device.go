// Package device (Gerät) makes the house an app on the device that somebody holds: a manifest and a service worker, pages
// for when there is no connection, notifications of this device, and one page that explains all of it.
//
// What rests on a device is a person's own and is marked by the house page by page (web.KeepOffline). It goes with the
// sign-out, also without a connection, and with the next person who signs in. On a device that others use, too, nothing
// rests at all.
package device

import (
	"context"
	"embed"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

// A Push is what a house that sends notifications can do. The zero Push sends none, and the page says so.
type Push struct {
	// Key is the house's public key (RFC 8292), base64url without padding.
	Key func(context.Context) (string, error)
	// Subscribe notes where notifications for the viewer's session go; the same endpoint again is no fault.
	Subscribe func(*store.Tx, who.Viewer, Subscription) error
	// Unsubscribe forgets an endpoint of the viewer's; one that is not known is no fault.
	Unsubscribe func(tx *store.Tx, v who.Viewer, endpoint string) error
	// Shown notes that the device has shown the notification with this ref to the viewer. A ref that is unknown, or
	// somebody else's, is no fault: nobody learns which there are.
	Shown func(tx *store.Tx, v who.Viewer, ref string) error
}

// A Subscription is what a browser gives (W3C Push API): an address at its push service, and two keys (RFC 8291),
// base64url without padding.
type Subscription struct{ Endpoint, Key, Secret string }

// Ahead lists the pages that the viewer's device should fetch while it can. What stands behind "#" in a path is another
// whenever the page is.
type Ahead func(tx *store.Tx, v who.Viewer, now time.Time) ([]string, error)

type feature struct {
	*house.House
	pages *web.Pages
	push  Push
	ahead Ahead
}

// New makes the feature.
func New(h *house.House, push Push, ahead Ahead) house.Feature {
	f := feature{h, web.Parse(files), push, ahead}
	return house.Feature{
		Name: "device",
		Routes: []web.Route{
			web.Get("/manifest.webmanifest", who.Whoever, f.manifest),
			web.Get("/sw.js", who.Whoever, worker),
			web.Get("/offline", who.Whoever, f.offline),
			web.Get("/offline/abgemeldet", who.Whoever, f.left),

			web.Get("/geraet", who.SignedIn, f.device),
			web.Get("/geraet/hinweis", who.SignedIn, f.hint),
			web.Post("/geraet/hinweis", who.SignedIn, f.noHint),
			web.Post("/geraet/geteilt", who.Anyone, f.share),
			web.Get("/geraet/vorrat", who.SignedIn, f.list),

			web.Get("/geraet/schluessel", who.SignedIn, f.key),
			web.Post("/geraet/push", who.SignedIn, f.subscribe),
			web.Post("/geraet/push/ende", who.SignedIn, f.unsubscribe),
			web.Post("/geraet/gezeigt", who.SignedIn, f.shown),
		},
	}
}
