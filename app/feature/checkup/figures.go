package checkup

import (
	"fmt"
	"regexp"
	"strings"

	"nestfunk/app/base/store"
)

// Figures are what whoever helps may know of a house: no values, no arguments, no ids.
type Figures struct {
	Settings []string // names of those that are set
	Sizes    []Size   // of tables and their indexes
	Failed   []Failed
}

// A Size is how much of the database something takes.
type Size struct {
	Table string
	Bytes int64
}

// Failed are tasks of one kind that failed at least once, and the last words about them.
type Failed struct {
	Kind  string
	Count int
	Tries int
	Why   string // without what could be an address
}

// Collect reads the figures.
func Collect(tx *store.Tx) (f Figures, err error) {
	if f.Settings, err = store.All(tx, store.Value[string], `SELECT name FROM setting ORDER BY name`); err != nil {
		return f, err
	}
	f.Sizes, err = store.All(tx, func(s *Size) []any { return []any{&s.Table, &s.Bytes} }, `
		SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY sum(pgsize) DESC, name`)
	if err != nil {
		return f, err
	}
	f.Failed, err = store.All(tx, func(x *Failed) []any { return []any{&x.Kind, &x.Count, &x.Tries, &x.Why} }, `
		SELECT kind, count(*), max(tries), max(failure) FROM task WHERE tries > 0 GROUP BY kind ORDER BY kind`)
	for i := range f.Failed {
		f.Failed[i].Why = Blank(f.Failed[i].Why)
	}
	return f, err
}

// A word with an @, a dot or a slash inside may be an address, a name of a file or a server; one with a figure a number of
// somebody; what stands in quotation marks was typed by somebody.
var telling = regexp.MustCompile(`"[^"]*"|„[^“]*“|'[^']*'|[^\s,;:()<>]*[@/\d][^\s,;()<>]*|[^\s,;:()<>]+\.[^\s,;:()<>]+`)

// reply is what somebody else's server has answered, which may say anything.
var reply = regexp.MustCompile(`(Antwort des (?:Servers|Anbieters): (?:[2-5]\d\d )?).*`)

// Blank takes out of the words of an error what could tell of a person.
func Blank(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	code := ""
	if m := reply.FindStringSubmatchIndex(words); m != nil {
		words, code = words[:m[2]], words[m[2]:m[3]]+"…"
	}
	return telling.ReplaceAllString(words, "…") + code
}

// Tables is one line for each table.
func (f Figures) Tables() string {
	var b strings.Builder
	for _, s := range f.Sizes {
		fmt.Fprintf(&b, "%12d %s\n", s.Bytes, s.Table)
	}
	return b.String()
}

// Tasks is one line for each kind of task that failed.
func (f Figures) Tasks() string {
	if len(f.Failed) == 0 {
		return "keine mit Fehlern\n"
	}
	var b strings.Builder
	for _, x := range f.Failed {
		fmt.Fprintf(&b, "%s: %d, höchstens %d Versuche, zuletzt: %s\n", x.Kind, x.Count, x.Tries, x.Why)
	}
	return b.String()
}
