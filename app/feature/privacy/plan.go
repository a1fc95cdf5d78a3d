package privacy

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// A line is how many rows of a kind go, or stay.
type line struct {
	Kind string `json:"kind"` // German
	N    int    `json:"n"`
	Why  string `json:"why,omitempty"` // it stays
}

// A plan is what an erasure does, in numbers, as a dry run has found them.
type plan struct {
	Gone     []line `json:"gone"`
	Nameless []line `json:"nameless"` // stay, and no longer say whose they are
	Stays    []line `json:"stays"`
	Search   int    `json:"search"` // documents that the search reads anew
}

// errDry has the database take back what a dry run did.
var errDry = errors.New("this was a dry run")

// kinds are the German names of what tables keep, by the first word of their names.
func kinds(word string) string {
	if s, ok := map[string]string{
		"person": "Namen und frühere Namen", "child": "Angaben zum Kind", "guardian": "Sorge für ein Kind", "membership": "Rollen", "committee": "Gremien",
		"session": "Angemeldete Geräte", "push": "Push-Anmeldungen von Geräten", "task": "Wartende Nachrichten", "channel": "Wege der Benachrichtigung", "sms": "SMS",
		"file": "Dateien", "hold": "Vermerke", "account": "Wege der Anmeldung", "absence": "Abwesenheiten und Anwesenheit", "announcement": "Mitteilungen, Bestätigungen, Zustellungen",
		"assignment": "Aufgaben", "ballot": "Abstimmungen", "bulletin": "Rundbriefe und Zustimmungen", "calendar": "Termine", "consent": "Einwilligungen", "floor": "Sitzungsverlauf",
		"handover": "Übergaben", "incident": "Vorfälle", "list": "Listen", "meeting": "Sitzungen", "message": "Gespräche und Nachrichten", "minutes": "Protokolle",
		"privacy": "Löschverlangen", "resolution": "Beschlüsse", "room": "Räume und Beiträge", "slip": "Rückmeldungen und Unterschriften", "wiki": "Wissensspeicher", "youth": "Namen in Jugendräumen",
	}[word]; ok {
		return s
	}
	return "Sonstige Einträge"
}

// lines adds up tables by kind, the most first.
func lines(tables map[string]int) (all []line) {
	sum := map[string]int{}
	for t, n := range tables {
		if n > 0 {
			word, _, _ := strings.Cut(t, "_")
			sum[kinds(word)] += n
		}
	}
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		all = append(all, line{Kind: k, N: sum[k]})
	}
	return all
}

// referring counts what refers to subjects, by table.
func referring(tx *store.Tx, all []house.Subject) (map[string]int, error) {
	to := map[string][]int64{}
	for _, s := range all {
		if s.Child != 0 {
			to["child"] = append(to["child"], s.Child)
		} else {
			to["person"] = append(to["person"], s.Person)
		}
	}
	return store.Referring(tx, to)
}

// dry erases subjects, counts, and has all of it taken back: it returns errDry, or what went wrong.
func (f *feature) dry(tx *store.Tx, all []house.Subject, into *plan) error {
	rows, err := store.Rows(tx)
	if err != nil {
		return err
	}
	refs, err := referring(tx, all)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := f.erase(tx, s); err != nil {
			return err
		}
	}
	now, err := store.Rows(tx)
	if err != nil {
		return err
	}
	left, err := referring(tx, all)
	if err != nil {
		return err
	}
	gone, nameless := map[string]int{}, map[string]int{}
	for t, n := range rows {
		gone[t] = n - now[t]
		nameless[t] = refs[t] - left[t] - max(0, gone[t])
	}
	into.Gone, into.Nameless, into.Search = lines(gone), lines(nameless), max(0, -gone["search_change"])
	if into.Stays, err = f.stays(tx, all, left); err != nil {
		return err
	}
	return errDry
}

// stays lists what an erasure leaves, and why.
func (f *feature) stays(tx *store.Tx, subjects []house.Subject, left map[string]int) (all []line, err error) {
	record := 0
	for _, s := range subjects {
		if s.Person == 0 {
			continue
		}
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM audit WHERE person = ?`, s.Person)
		if err != nil {
			return nil, err
		}
		record += n
	}
	for _, t := range slices.Sorted(maps.Keys(left)) {
		l := line{Kind: "Verweise auf eine Zeile ohne Namen", N: left[t], Why: "die Geschichte des Hauses, in der niemand mehr zu erkennen ist"}
		switch t {
		case "membership":
			l.Kind = "Dass jemand eine Rolle hatte, wo und wie lange, ohne Namen"
		case "child_stay":
			l.Kind = "Dass eine Gruppe ein Kind mehr hatte, ohne Namen"
		}
		all = append(all, l)
	}
	if record > 0 {
		all = append(all, line{"Zeilen der Protokollierung mit einer Nummer statt des Namens", record, "Nachweis der Sicherheit, zwölf Monate lang"})
	}
	return append(all, line{"Eine Kennung ohne Namen", len(subjects), "damit eine zurückgeholte Sicherung nichts zurückbringt, 60 Tage lang"}), nil
}

func (p plan) json() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // it is numbers and words
	}
	return string(b)
}

// readPlan reads what json has written; of nothing it is the zero plan.
func readPlan(s string) (p plan) {
	_ = json.Unmarshal([]byte(s), &p)
	return p
}
