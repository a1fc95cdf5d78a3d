// Package mutant takes out one check of rights at a time. The program does not know it: TestMutation builds the house with
// calls of it beside each check, and this package answers them.
package mutant

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
)

// A Mutant is the house without one check.
type Mutant struct {
	ID    int
	Class string // if, may, must: Go; sql, view
	At    string // file:line
	Text  string // what is taken out
	Query string // sql: the statement; view: its definition
	Left  string // what is left of it
}

// The names of the variables by which a process is told what to leave out.
const (
	List = "NESTFUNK_MUTANTS" // file of all, as JSON
	One  = "NESTFUNK_MUTANT"  // ID of the one
)

var state = sync.OnceValue(func() *all {
	a := &all{byQuery: map[string][]Mutant{}, hit: map[int]bool{}}
	b, err := os.ReadFile(os.Getenv(List))
	if err != nil && os.Getenv(List) != "" {
		panic(err)
	}
	if err == nil {
		if err := json.Unmarshal(b, &a.list); err != nil {
			panic(err)
		}
	}
	for _, m := range a.list {
		if m.Class == "sql" {
			a.byQuery[m.Query] = append(a.byQuery[m.Query], m)
		}
	}
	a.on, _ = strconv.Atoi(os.Getenv(One)) // 0: none
	return a
})

type all struct {
	mu      sync.Mutex
	list    []Mutant
	byQuery map[string][]Mutant
	on      int
	hit     map[int]bool
}

// All are the mutants there are.
func All() []Mutant { return state().list }

// Set chooses a mutant from now on; 0: none.
func Set(id int) {
	a := state()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.on = id
}

// Passed are the checks that were come by since the last time.
func Passed() (ids []int) {
	a := state()
	a.mu.Lock()
	defer a.mu.Unlock()
	for id := range a.hit {
		ids = append(ids, id)
	}
	clear(a.hit)
	return ids
}

// On reports whether a check is left out.
func On(id int) bool {
	a := state()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hit[id] = true
	return a.on == id
}

// Pass is the answer of a check, or none where it is left out.
func Pass(id int, err error) error {
	if On(id) {
		return nil
	}
	return err
}

// SQL is a statement, perhaps without one of its conditions.
func SQL(query string) string {
	a := state()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range a.byQuery[query] {
		a.hit[m.ID] = true
		if m.ID == a.on {
			query = m.Left
		}
	}
	for _, m := range a.list {
		if m.Class == "view" && mentions(query, m.Query) {
			a.hit[m.ID] = true
		}
	}
	return query
}

// mentions: a view is part of a statement by its name, or by a view that is made of it.
func mentions(query, view string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(view, "CREATE VIEW "), " ")
	for _, n := range append([]string{name}, map[string][]string{
		"holding":          {"reach", "room_right", "list_lead", "wiki_may", "wiki_right", "wiki_duty", "committee_around"},
		"reach":            {"room_right", "committee_around", "message_seat"},
		"wiki_may":         {"wiki_right"},
		"message_team":     {"message_seat"},
		"committee_around": {"message_seat"},
	}[name]...) {
		if strings.Contains(query, n) {
			return true
		}
	}
	return false
}

// Schema is schema.sql, perhaps with a view without one of its conditions.
func Schema(text string) string {
	for _, m := range All() {
		if m.Class == "view" && m.ID == state().on {
			if strings.Count(text, m.Query) != 1 {
				panic(errors.New("no such view: " + m.Query))
			}
			text = strings.Replace(text, m.Query, m.Left, 1)
		}
	}
	return text
}
