// Package barrier (Barriere melden) takes what somebody could not use, from anybody, and sees that it is answered.
//
// Public bodies must offer this and answer (Directive (EU) 2016/2102, Art. 7; § 12b (2) and (4) BGG and the laws of the
// Länder): within a month. The office and those who run the house are told at once, and again when half of that month and
// when all of it but three days has passed.
package barrier

import (
	"embed"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

const (
	perDay = 20   // reports from one network or of one person
	month  = 30   // days in which it has to be answered
	most   = 4000 // letters of a report, and of an answer
	page   = 100  // reports on a page
	day    = 24 * time.Hour
	night  = 6*time.Hour + 20*time.Minute
)

// keepers answer.
var keepers = who.Of(who.Office, who.Admin)

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
}

// New makes the feature.
func New(h *house.House, log house.Log) house.Feature {
	f := feature{h, web.Parse(html), log}
	nightly, begin := h.Tasks.Nightly("barrier.night", night, web.Zone(), f.night)
	return house.Feature{
		Name: "barrier",
		Nav:  []web.NavItem{{Path: "/barrieren", Label: "Barrieren", Icon: "accessibility", Right: keepers, Low: true}},
		Routes: []web.Route{
			web.Get("/barriere", who.Anyone, f.form),
			web.Post("/barriere", who.Anyone, f.report),
			web.Get("/barrieren", keepers, f.index),
			web.Get("/barriere/:id", keepers, f.show),
			web.Post("/barriere/:id", keepers, f.answer),
		},
		Jobs:   []task.Job{nightly, f.teller(), f.answerer()},
		Begin:  begin,
		Export: export,
		Erase:  erase,
		Hidden: func(tx *store.Tx, v who.Viewer) (bool, error) { ok, err := f.may(tx, v); return !ok, err },
		Unread: func(tx *store.Tx, _ who.Viewer) (int, error) { return waiting(tx) },
	}
}
