// Package oparl (Ratsinformationen) gives out what public committees meet about and decide as OParl 1.1, and reads in what
// others give out that way: a council information system, another house.
//
// The interface lies under /oparl/v1.1. It shows what everybody may read and nothing else, whoever asks: what a feature
// publishes (house.Feature.OParl), the public committees of the house with their terms and who leads them, and what was read
// in. Who only sits in a committee is not named.
//
// What is read in belongs to its source. It is kept object by object as it came, is never edited here, and is given out
// again without loss. An organization that meets becomes a committee of the house, so that its meetings are found where those
// of the house are; who sits in it is not taken over, since those people have no part in this house.
package oparl

import (
	"context"
	"embed"
	"errors"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// importers read in what comes from elsewhere, as they read lists of facilities.
const importers = 1<<who.Admin | 1<<who.Office

type feature struct {
	*house.House
	log     house.Log
	pages   *web.Pages
	uploads *files.Previews[brought]
	at      oparl.Addresses
	sources map[oparl.Type][]oparl.Source // of other features
	kept    *store.Keep[issue, *edition]
}

// New makes the feature. Others are those that publish something.
func New(h *house.House, log house.Log, others []house.Feature) house.Feature {
	f := &feature{House: h, log: log, pages: web.Parse(html), uploads: &files.Previews[brought]{}, at: oparl.Addresses(h.URL("/oparl/v1.1")), sources: map[oparl.Type][]oparl.Source{}}
	for _, o := range others {
		for _, s := range o.OParl {
			f.sources[s.Type] = append(f.sources[s.Type], s)
		}
	}
	f.kept = f.newsstand()
	return house.Feature{
		Name: "oparl",
		Routes: []web.Route{
			web.Get("/oparl", who.Anyone, f.toSystem),
			web.Get("/oparl/v1.1", who.Anyone, f.toSystem),
			web.Get("/oparl/v1.1/", who.Anyone, f.toSystem),
			web.Get("/oparl/v1.1/:kind", who.Anyone, f.answer(f.top)),
			web.Get("/oparl/v1.1/:kind/:uid", who.Anyone, f.answer(f.single)),
			web.Get("/oparl/v1.1/:kind/:uid/:list", who.Anyone, f.answer(f.below)),
			web.Get("/ratsinformationen", importers, f.index),
			web.Get("/ratsinformationen/einlesen", importers, f.form),
			web.Files("/ratsinformationen/einlesen", importers, f.upload),
			web.Get("/ratsinformationen/vorschau/:token", importers, f.preview),
			web.Post("/ratsinformationen/vorschau/:token", importers, f.accept),
			web.Post("/ratsinformationen/vorschau/:token/verwerfen", importers, f.discard),
			web.Post("/ratsinformation/:id/entfernen", importers, f.remove),
			web.Get("/gremium/:id/ratssitzungen.ics", who.Anyone, f.feed),
			web.Get("/ratsgremium/:id", who.Anyone, f.organization),
			web.Get("/ratssitzung/:id", who.Anyone, f.meeting),
			web.Get("/vorlage/:id", who.Anyone, f.paper),
		},
		Search:  []search.Source{f.source()},
		Council: f.council,
		Jobs:    []task.Job{f.job()},
		Begin:   f.plan,
	}
}

const settleKind = "oparl.settle"

// often is how long it takes at most until it is written down what the interface gives out: a question writes nothing.
const often = 5 * time.Minute

// job writes down what is given out, again and again.
func (f *feature) job() task.Job {
	return task.Job{Kind: settleKind,
		Run: func(ctx context.Context, _ int64, _ string) error {
			return errors.Join(f.settle(ctx), f.plan(ctx))
		},
		Failed: func(ctx context.Context, _ int64, _ string, _ error) error { return f.plan(ctx) },
	}
}

// plan has the next run come, unless one is planned.
func (f *feature) plan(ctx context.Context) error {
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND due > ?`, settleKind, f.Now().Unix())
		if err != nil || n > 0 {
			return err
		}
		return f.Tasks.AddAt(tx, settleKind, 0, "", f.Now().Add(often))
	})
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// page is where an object that was read in is shown; "": nowhere.
func (f *feature) page(r row) string {
	if p := pageOf(r); p != "" {
		return f.URL(p)
	}
	return ""
}

func pageOf(r row) string {
	switch {
	case r.typ == oparl.Meeting:
		return "/ratssitzung/" + itoa(r.id)
	case r.typ == oparl.Paper:
		return "/vorlage/" + itoa(r.id)
	case r.typ == oparl.Organization && r.unit != 0:
		return "/gremium/" + itoa(r.unit)
	}
	return ""
}

// plain is an address without what every address has.
func plain(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	return strings.TrimSuffix(rest, "/")
}
