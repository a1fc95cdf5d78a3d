// Package catalogue reads the data catalogue that stands above the tables of schema.sql: which personal data there are, what
// for, on what law, for how long and who gets them (GDPR Art. 5, 13, 30). The record of processing and the privacy notice are
// made of it, so that they say what the program does.
//
// Its lines:
//
//	-- ## Abwesenheiten; children, guardians, staff
//
// below the heading of a section, where any table of it has people: the activity, and whose data it needs.
//
//	-- # Daten; Zweck; basis; class; recipients
//	-- # column, column: Daten; Zweck; basis; class; recipients
//	-- # keine Personen
//
// above a table: of all columns, of those that differ, or that there is nothing personal in it. The first two are German and
// for everybody to read; the others are keys of Bases, of retention.Classes and of Recipients.
package catalogue

import (
	"regexp"
	"slices"
	"strings"

	"nestfunk/app/base/retention"
)

// A Catalogue is what schema.sql says, in its order.
type Catalogue []Activity

// An Activity is a Verarbeitungstätigkeit: a section of schema.sql.
type Activity struct {
	Owner    string // package, such as "feature/absence"
	Name     string // German; "": no table of it has people
	Subjects []Key  // whose data
	Tables   []Table
}

// A Table is one of the database.
type Table struct {
	Name    string
	Entries []Entry // none: there are no people in it
}

// An Entry is what is said of columns.
type Entry struct {
	Columns    []string // nil: all that have none of their own
	Data       string
	Purpose    string
	Basis      Key
	Class      retention.Class
	Recipients []Key
}

// A Key is a word of the catalogue, to be looked up by law and language.
type Key string

// Bases are the legal bases; what each is by which law stands in feature/catalogue.
func Bases() []Key { return []Key{"task", "consent", "duty", "security", "health"} }

// Recipients are those who get to see something.
func Recipients() []Key {
	return []Key{"nobody", "self", "family", "team", "registrars", "auditor", "operators", "members", "audience", "public", "providers"}
}

// Subjects are those whose data it is.
func Subjects() []Key {
	return []Key{"children", "guardians", "staff", "members", "youth", "operators", "anybody"}
}

var (
	heading = regexp.MustCompile(`^-- ((?:base|feature)/\w+) -+$`)
	named   = regexp.MustCompile(`^-- ## (.*)$`)
	entry   = regexp.MustCompile(`^-- # (?:([a-z_]+(?:, [a-z_]+)*): )?(.*)$`)
	table   = regexp.MustCompile(`^CREATE TABLE (\w+) \($`)
)

// How to write it, for whoever has not.
const (
	HowEntry   = `Write "-- # Daten; Zweck; basis; class; recipients" above it, or "-- # keine Personen"; the head of schema.sql and the package app/base/catalogue say how`
	HowHeading = `Write "-- ## Tätigkeit; subjects" below the heading of its section`
)

// Parse reads a schema. Wrong says what is not as it should be, each with how to mend it.
func Parse(schema string) (all Catalogue, wrong []string) {
	var entries []Entry
	open, none := false, false // there are lines of an entry; one says that there are no people
	bad := func(words, line string) { wrong = append(wrong, words+": "+line) }
	for l := range strings.SplitSeq(schema, "\n") {
		if m := heading.FindStringSubmatch(l); m != nil {
			all = append(all, Activity{Owner: m[1]})
			continue
		}
		if m := named.FindStringSubmatch(l); m != nil {
			name, subjects, _ := strings.Cut(m[1], "; ")
			if len(all) == 0 || all[len(all)-1].Name != "" || len(all[len(all)-1].Tables) > 0 || name == "" {
				bad("not one name below the heading of a section", l)
				continue
			}
			a := &all[len(all)-1]
			a.Name, a.Subjects = name, keys(subjects)
			if !known(a.Subjects, Subjects()) {
				bad("no such subject", l)
			}
			continue
		}
		if m := table.FindStringSubmatch(l); m != nil {
			if len(all) == 0 {
				bad("a table without the heading of its section", l)
				continue
			}
			a := &all[len(all)-1]
			switch {
			case !open:
				bad(m[1]+" has no entry in the data catalogue. "+HowEntry, l)
			case none && len(entries) > 0:
				bad("people and none", l)
			case len(entries) > 0 && !slices.ContainsFunc(entries, func(e Entry) bool { return e.Columns == nil }):
				bad("says nothing of most columns", l)
			case len(entries) > 0 && a.Name == "":
				bad(a.Owner+" has people in "+m[1]+" and no name. "+HowHeading, l)
			}
			a.Tables = append(a.Tables, Table{m[1], entries})
			entries, open, none = nil, false, false
			continue
		}
		m := entry.FindStringSubmatch(l)
		if m == nil {
			if !strings.HasPrefix(l, "--") && open {
				bad("an entry without a table before", l)
				entries, open, none = nil, false, false
			}
			continue
		}
		open = true
		if m[2] == "keine Personen" && m[1] == "" {
			none = true
			continue
		}
		e, why := read(m[2])
		if why != "" {
			bad(why, l)
			continue
		}
		if m[1] != "" {
			e.Columns = strings.Split(m[1], ", ")
		}
		for _, o := range entries {
			if e.Columns == nil && o.Columns == nil || slices.ContainsFunc(e.Columns, func(c string) bool { return slices.Contains(o.Columns, c) }) {
				bad("said twice", l)
			}
		}
		entries = append(entries, e)
	}
	return all, wrong
}

// read reads what is said of columns.
func read(line string) (e Entry, wrong string) {
	parts := strings.Split(line, "; ")
	if len(parts) != 5 || parts[0] == "" || parts[1] == "" {
		return e, "not Daten; Zweck; basis; class; recipients"
	}
	e = Entry{Data: parts[0], Purpose: parts[1], Basis: Key(parts[2]), Class: retention.Class(parts[3]), Recipients: keys(parts[4])}
	switch {
	case !slices.Contains(Bases(), e.Basis):
		return e, "no such basis"
	case !slices.Contains(retention.Classes(), e.Class):
		return e, "no such class"
	case !known(e.Recipients, Recipients()):
		return e, "no such recipient"
	}
	return e, ""
}

func keys(list string) (all []Key) {
	for k := range strings.SplitSeq(list, ", ") {
		all = append(all, Key(k))
	}
	return all
}

func known(some, all []Key) bool {
	return !slices.ContainsFunc(some, func(k Key) bool { return !slices.Contains(all, k) })
}
