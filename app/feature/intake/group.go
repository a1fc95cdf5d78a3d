package intake

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// groupWords are the groups that lists count, in the order of the children's age.
var groupWords = []struct{ key, word string }{
	{"group_0_3", "Krippe"},
	{"group_3_6", "Kindergarten"},
	{"group_1_6", "Altersgemischt"},
	{"group_6_14", "Hort"},
	{"nature_3_6", "Naturgruppe"},
	{"integrational", "Integrationsgruppe"},
}

const mostGroups = 60 // of one kind, in one facility

// readGroups reads {"group_0_3": 1, "group_3_6": 2}.
func readGroups(s string) (groups map[string]int, why string) {
	if s == "" {
		return nil, ""
	}
	var counts map[string]*float64
	d := json.NewDecoder(strings.NewReader(s))
	if err := d.Decode(&counts); err != nil || counts == nil || d.More() {
		return nil, "Die Gruppen sind nicht lesbar (Spalte „groups_detail“): Erwartet wird JSON, zum Beispiel {\"group_0_3\": 1}."
	}
	groups = map[string]int{}
	for key, n := range counts {
		if n == nil {
			continue
		}
		if *n < 0 || *n > mostGroups || *n != math.Trunc(*n) {
			return nil, fmt.Sprintf("Die Zahl der Gruppen von „%s“ ist nicht möglich (Spalte „groups_detail“).", short(key))
		}
		if groupWord(key) == "" {
			return nil, fmt.Sprintf("Die Art von Gruppen „%s“ ist nicht bekannt (Spalte „groups_detail“).", short(key))
		}
		groups[key] = int(*n)
	}
	return groups, ""
}

func groupWord(key string) string {
	for _, g := range groupWords {
		if g.key == key {
			return g.word
		}
	}
	return ""
}

// takeGroups makes the groups that the list counts. Groups that it counts no
// longer end, unless there are children in them.
func (e *listed) takeGroups(tx *store.Tx, facility int64, dry bool, rep *Report, now time.Time) error {
	if e.old != nil && (!e.regrp || e.old.until <= now.Unix()) {
		return nil
	}
	have := map[string]group{}
	if e.old != nil {
		gs, err := groupsOf(tx, e.old.id, now)
		if err != nil {
			return err
		}
		for _, g := range gs {
			have[g.source] = g
		}
	}
	want := map[string]bool{}
	for _, w := range groupWords {
		for i := range e.groups[w.key] {
			source := fmt.Sprintf("%s#%s/%d", e.source, w.key, i+1)
			want[source] = true
			g, ok := have[source]
			var err error
			switch {
			case dry:
			case !ok:
				_, err = org.Add(tx, org.Unit{Parent: facility, Kind: org.Group, Name: fmt.Sprintf("%s %d", w.word, i+1), City: e.city, Source: source}, now)
			case g.until <= now.Unix():
				err = org.Reopen(tx, g.id)
			}
			if err != nil {
				return err
			}
		}
	}
	for _, g := range have {
		switch {
		case want[g.source] || g.until <= now.Unix():
		case g.children > 0:
			rep.Notes = append(rep.Notes, fmt.Sprintf("%s: Die Liste nennt die Gruppe „%s“ nicht mehr. Sie bleibt, weil dort noch Kinder eingetragen sind (%d).",
				short(e.name), short(g.name), g.children))
		case !dry:
			if err := org.End(tx, g.id, now); err != nil {
				return err
			}
		}
	}
	return nil
}
