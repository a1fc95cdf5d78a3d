// Package intake (Einlesen) reads lists of facilities and families into the house.
//
// A list is the whole truth about what stands in it and says nothing about
// what does not: what a newer file lacks is reported and stays. What was
// corrected by hand stays as well, until the list itself says something new
// about it. Importing never makes one person of two: that happens when
// somebody redeems a second letter.
package intake

import (
	"embed"
	"sync"

	"nestfunk/app/base/house"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct {
	*house.House
	log     house.Log
	pages   *web.Pages
	uploads *uploads
	one     sync.Mutex // is held while a list is read
}

// importers read lists of facilities; lists of families are for who.Registrars.
const importers = 1<<who.Admin | 1<<who.Office

// New makes the feature.
func New(h *house.House, log house.Log) house.Feature {
	f := &feature{House: h, log: log, pages: web.Parse(files), uploads: &uploads{}}
	return house.Feature{
		Name: "intake",
		Routes: []web.Route{
			web.Get("/einheiten/einlesen", importers, f.facilitiesForm),
			web.Upload("/einheiten/einlesen", importers, f.uploadFacilities),
			web.Get("/einheiten/familien", who.Registrars, f.familiesForm),
			web.Upload("/einheiten/familien", who.Registrars, f.uploadFamilies),
			web.Get("/einheiten/vorschau/:token", who.Keepers, f.preview),
			web.Proved(web.Post("/einheiten/vorschau/:token", who.Keepers, f.accept)),
			web.Post("/einheiten/vorschau/:token/verwerfen", who.Keepers, f.discard),
		},
	}
}
