// Package audit (Protokollierung) shows the record of who did what, when and from where to those who have to answer for data
// protection, gives it out, and has it checked each night. What a row is and what holds them together stands in base/audit.
//
// Who audits the whole house reads all of it. Who audits a carrier reads what people did while they held a role there or
// below: not what they do elsewhere afterwards.
// Everybody is a number; those who act for a house in a role of the team have their name beside it, families never.
//
// Reading the page leaves no row, since a page that is looked at changes nothing; taking the record along does.
package audit

import (
	"net/url"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// named are the roles that are held for a house: what they did, they did with their name.
const named = who.Team | who.Keepers | 1<<who.Auditor

// A query is what somebody wants to see of the record; zero fields narrow nothing.
type query struct {
	From, Until string // days, both included
	Person      int64
	Action      string
	Before      int64 // a row: only older ones
}

// readQuery reads the fields of a form.
func readQuery(get func(string) string) (query, error) {
	q := query{From: get("von"), Until: get("bis"), Action: get("was")}
	for _, day := range []string{q.From, q.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return q, fault.New(fault.Malformed, "Bitte geben Sie Tage wie 2026-03-02 an.")
		}
	}
	for name, into := range map[string]*int64{"person": &q.Person, "vor": &q.Before} {
		s := get(name)
		n, err := strconv.ParseInt(s, 10, 64)
		if s != "" && (err != nil || n < 0) {
			return q, fault.New(fault.Malformed, "Bitte geben Sie Personen als Nummer an.")
		}
		*into = n
	}
	return q, nil
}

// times are when the days of a query begin and end, as Unix seconds.
func (q query) times() (from, until int64) {
	until = 1<<63 - 1
	if t, err := time.ParseInLocation(time.DateOnly, q.From, web.Zone()); err == nil {
		from = t.Unix()
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.Until, web.Zone()); err == nil {
		until = t.AddDate(0, 0, 1).Unix()
	}
	return from, until
}

// older is the address of the page behind a row.
func (q query) older(before int64) string {
	v := url.Values{"vor": {strconv.FormatInt(before, 10)}}
	for name, s := range map[string]string{"von": q.From, "bis": q.Until, "was": q.Action} {
		if s != "" {
			v.Set(name, s)
		}
	}
	if q.Person != 0 {
		v.Set("person", strconv.FormatInt(q.Person, 10))
	}
	return "/protokollierung?" + v.Encode()
}
