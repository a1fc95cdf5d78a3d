// Package incident (Vorfall) helps when data may have come into wrong hands (GDPR Art. 33 and 34): it freezes the record,
// lists who may be affected as far as the record tells, runs the clock of 72 hours, and drafts the notices.
//
// The record knows who signed in, what was changed and what was taken along. It does not know what was read: of accounts
// that were misused the list therefore holds everybody whose data they could have read, and says so. Where all of the house
// is open (a stolen server, a stolen backup), it holds everybody.
//
// Freezing is the view "frozen" of the kernel: whoever lets go of the record, of sessions or of deliveries asks it. The log
// of the web server lies outside the house; the page says so.
package incident

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// term is within which the authority has to be told.
const term = 72 * time.Hour

// What is known to be open.
const (
	record   = "record"   // nothing: the list holds what the record tells
	accounts = "accounts" // of suspects
	whole    = "house"    // everything
)

// An Incident is a breach, or what may be one.
type Incident struct {
	ID       int64
	Title    string
	Finder   string
	Noticed  time.Time
	From, To time.Time
	Scope    string
	suspects string
	What     string
	Effects  string
	Measures string
	Opener   string
	Opened   time.Time
	reported int64
	told     int64
	Waived   string
	Report   string
	Closer   string
	thawed   int64
}

func (i *Incident) fields() []any {
	return []any{&i.ID, &i.Title, &i.Finder, (*store.Time)(&i.Noticed), (*store.Time)(&i.From), (*store.Time)(&i.To), &i.Scope, &i.suspects,
		&i.What, &i.Effects, &i.Measures, &i.Opener, (*store.Time)(&i.Opened), &i.reported, &i.told, &i.Waived, &i.Report, &i.Closer, &i.thawed}
}

// Runs reports whether it has not ended: the record is frozen.
func (i Incident) Runs() bool { return i.thawed == 0 }

// Ended is when it ended.
func (i Incident) Ended() time.Time { return time.Unix(i.thawed, 0) }

// IsReported reports whether the authority was told.
func (i Incident) IsReported() bool { return i.reported != 0 }

// Reported is when the authority was told.
func (i Incident) Reported() time.Time { return time.Unix(i.reported, 0) }

// IsTold reports whether those affected were told.
func (i Incident) IsTold() bool { return i.told != 0 }

// Told is when those affected were told.
func (i Incident) Told() time.Time { return time.Unix(i.told, 0) }

// Settled reports whether the clock has stopped: it was reported, or somebody has decided that it need not be.
func (i Incident) Settled() bool { return i.IsReported() || i.Waived != "" }

// Deadline is until when the authority has to be told.
func (i Incident) Deadline() time.Time { return i.Noticed.Add(term) }

// Late reports whether the authority was told too late, or should have been by now.
func (i Incident) Late(now time.Time) bool {
	if i.IsReported() {
		now = i.Reported()
	}
	return i.Waived == "" && now.After(i.Deadline())
}

// Left says how much of the term is left.
func (i Incident) Left(now time.Time) string {
	d := i.Deadline().Sub(now)
	if d <= 0 {
		d = -d
		return fmt.Sprintf("seit %d Stunden und %d Minuten abgelaufen", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("noch %d Stunden und %d Minuten", int(d.Hours()), int(d.Minutes())%60)
}

// Suspects are the numbers of people whose accounts were misused.
func (i Incident) Suspects() (ids []int64) {
	_ = json.Unmarshal([]byte(i.suspects), &ids) // only this package writes it
	return ids
}

// SuspectWords are the numbers as they are typed.
func (i Incident) SuspectWords() string {
	var all []string
	for _, id := range i.Suspects() {
		all = append(all, strconv.FormatInt(id, 10))
	}
	return strings.Join(all, ", ")
}

// Path is its page.
func (i Incident) Path() string { return fmt.Sprintf("/betrieb/vorfall/%d", i.ID) }

// longest is for how many letters of a text there is room.
const longest = 10000

// moment reads a day and a time of the house's zone.
func moment(form web.Form, name string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02T15:04", form.Get(name), web.Zone())
	if err != nil {
		return t, fault.At(name, "Bitte geben Sie Tag und Uhrzeit an.")
	}
	return t, nil
}

// readSuspects reads numbers with anything between them.
func readSuspects(s string) (string, error) {
	ids := []int64{}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return "", fault.At("suspects", "Bitte geben Sie Nummern von Personen an, wie sie in der Protokollierung stehen.")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > 200 {
		return "", fault.At("suspects", "Das sind zu viele. Wählen Sie „alles“, wenn das ganze Haus betroffen ist.")
	}
	b, err := json.Marshal(ids)
	return string(b), err
}

// facts reads what is known.
func (i *Incident) facts(form web.Form, now time.Time) (err error) {
	var bad fault.Form
	add := func(err error) {
		for name, words := range fault.Fields(err) {
			bad.Add(name, "%s", words)
		}
	}
	i.From, err = moment(form, "from")
	add(err)
	i.To, err = moment(form, "to")
	add(err)
	if !i.From.Before(i.To) {
		bad.Add("to", "Das Ende liegt nicht hinter dem Anfang.")
	}
	if i.From.After(now) {
		bad.Add("from", "Das liegt in der Zukunft.")
	}
	i.suspects, err = readSuspects(form.Get("suspects"))
	add(err)
	i.Scope, i.What, i.Effects, i.Measures = form.Get("scope"), form.Get("what"), form.Get("effects"), form.Get("measures")
	switch {
	case !slices.Contains([]string{record, accounts, whole}, i.Scope):
		bad.Add("scope", "Bitte wählen Sie, was offen war.")
	case i.Scope == accounts && len(i.Suspects()) == 0:
		bad.Add("suspects", "Bitte geben Sie an, wessen Zugänge missbraucht wurden.")
	}
	for name, s := range map[string]string{"what": i.What, "effects": i.Effects, "measures": i.Measures} {
		if len([]rune(s)) > longest {
			bad.Add(name, "Das ist zu lang.")
		}
	}
	return bad.Err()
}
