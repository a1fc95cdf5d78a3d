package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
)

// facilityColumns are those that the open lists of cities were brought into, and the phone number.
// The type and number of the carrier are read over: carriers are one by name.
var facilityColumns = []string{"city", "source_id", "kind", "name", "carrier", "carrier_type", "carrier_id", "street", "house_no", "plz",
	"district", "lat", "lon", "places_total", "places_u3", "places_ue3", "age_min_months", "age_max_months", "opening_hours",
	"groups_total", "groups_detail", "barrier_free", "integrative", "languages", "concept", "website", "phone"}

// carrierKey begins the source of a carrier that a list has named: it is
// found again when somebody has corrected its name.
const carrierKey = "carrier/"

// A listed facility is one line of a list.
type listed struct {
	no                  int
	city, source        string
	name, carrier       string
	groups              map[string]int // nil: the list does not tell
	facts               org.Facts      // with the row's hash
	old                 *known         // as it stands in the house; nil: new
	rename, move, regrp bool
}

// known is a unit of the house that a list has named before.
type known struct {
	id     int64
	parent int64
	kind   org.Kind
	name   string
	source string
	until  int64
	row    string
}

// ImportFacilities reads a list of facilities. An error means that nothing may
// be kept: the caller hands it on to Write. The report is complete either way.
func ImportFacilities(tx *store.Tx, file []byte, o Options, now time.Time) (Report, error) {
	rep := Report{Refused: []Refusal{}, Missing: []string{}, Notes: []string{}}
	t, err := readTable(file, facilityColumns, "city", "source_id", "name")
	if err != nil {
		return rep, err
	}
	rep.Notes = append(rep.Notes, t.notes...)
	places, err := placesOf(tx, t, o, &rep, now)
	if err != nil {
		return rep, err
	}
	var all []*listed
	for _, l := range t.lines {
		if e := readFacility(l, places, &rep); e != nil {
			all = append(all, e)
		}
	}
	stay := 0 // ended by hand, still listed
	for _, e := range all {
		if e.old == nil {
			rep.added(e.name)
			continue
		}
		if e.old.until <= now.Unix() {
			stay++
		}
		if e.old.row == e.facts.Row {
			rep.Same++
			continue
		}
		rep.altered(e.compare())
	}
	if stay > 0 {
		rep.Notes = append(rep.Notes, fmt.Sprintf("%d Einrichtungen der Liste sind im Haus beendet und bleiben es.", stay))
	}
	for _, p := range sorted(places) {
		for _, k := range p.known {
			if _, ok := p.seen[k.source]; !ok && k.kind == org.Facility && k.until > now.Unix() {
				rep.Missing = append(rep.Missing, k.name)
			}
		}
	}
	slices.Sort(rep.Missing)
	if err := rep.verdict(o); err != nil {
		return rep, err
	}
	for _, e := range all {
		if err := e.take(tx, places[e.city], o.Dry, &rep, now); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// readFacility turns a line into what it means, or refuses it.
func readFacility(l line, places map[string]*place, rep *Report) *listed {
	e := &listed{no: l.no, city: l.get("city"), source: l.get("source_id"), name: l.get("name"), carrier: l.get("carrier")}
	p := places[e.city]
	if p != nil && e.source != "" && l.bad == "" {
		if first, twice := p.seen[e.source]; twice {
			rep.refuse(l.no, fmt.Sprintf("Die Kennung „%s“ steht schon in Zeile %d.", short(e.source), first))
			return nil
		}
		p.seen[e.source] = l.no // even if the line is refused, the facility is not missing
		e.old = p.known[e.source]
	}
	why := l.bad
	switch {
	case why != "":
	case e.city == "":
		why = "Die Stadt fehlt (Spalte „city“)."
	case p == nil:
		why = fmt.Sprintf("Die Zeile gehört zu „%s“. Diese Stadt gibt es in diesem Haus nicht.", short(e.city))
	case e.source == "":
		why = "Die Kennung fehlt (Spalte „source_id“)."
	case strings.Contains(e.source, "#") || strings.HasPrefix(e.source, carrierKey):
		why = fmt.Sprintf("Die Kennung „%s“ ist nicht zulässig: Sie darf kein # enthalten und nicht mit „%s“ beginnen.", short(e.source), carrierKey)
	case e.old != nil && e.old.kind != org.Facility:
		why = "Unter dieser Kennung steht im Haus etwas anderes als eine Einrichtung."
	default:
		why = e.readFacts(l)
	}
	if why != "" {
		rep.refuse(l.no, why)
		return nil
	}
	if e.groups != nil {
		total, sum := l.get("groups_total"), 0
		for _, n := range e.groups {
			sum += n
		}
		if total != "" && total != strconv.Itoa(sum) {
			rep.Notes = append(rep.Notes, fmt.Sprintf("Zeile %d, %s: Einzeln aufgeführt sind %d Gruppen, die Summe nennt %s. Es gelten die einzeln aufgeführten.",
				l.no, short(e.name), sum, short(total)))
		}
	}
	return e
}

func (e *listed) readFacts(l line) (why string) {
	f := org.Facts{Kind: l.get("kind"), Street: l.get("street"), HouseNo: l.get("house_no"), Postcode: l.get("plz"), District: l.get("district"),
		OpeningHours: l.get("opening_hours"), BarrierFree: l.get("barrier_free"), Integrative: l.get("integrative"),
		Languages: l.get("languages"), Concept: l.get("concept"), Website: l.get("website"), Phone: l.get("phone")}
	if e.name == "" {
		e.name = nameless(f)
	}
	if e.name == "" {
		return "Name, Straße und Stadtteil fehlen; eines davon wird als Name gebraucht."
	}
	if len(e.name) > 300 || len(e.carrier) > 300 {
		return "Der Name ist zu lang."
	}
	var ok bool
	if f.Lat, ok = degrees(l.get("lat"), 90); !ok {
		return fmt.Sprintf("Die geografische Breite „%s“ ist keine (Spalte „lat“).", short(l.get("lat")))
	}
	if f.Lon, ok = degrees(l.get("lon"), 180); !ok {
		return fmt.Sprintf("Die geografische Länge „%s“ ist keine (Spalte „lon“).", short(l.get("lon")))
	}
	for _, c := range []struct {
		column string
		n      *int
		most   int
	}{
		{"places_total", &f.PlacesTotal, 5000}, {"places_u3", &f.PlacesU3, 5000}, {"places_ue3", &f.PlacesUe3, 5000},
		{"age_min_months", &f.AgeMinMonths, 12 * person.Oldest}, {"age_max_months", &f.AgeMaxMonths, 12 * person.Oldest},
	} {
		if *c.n, ok = org.ReadCount(l.get(c.column), c.most); !ok {
			return fmt.Sprintf("„%s“ ist keine mögliche Zahl (Spalte „%s“).", short(l.get(c.column)), c.column)
		}
	}
	if why := person.CheckPhone(f.Phone); why != "" {
		return why
	}
	if e.groups, why = readGroups(l.get("groups_detail")); why != "" {
		return why
	}
	f.Row = e.hash(f)
	e.facts = f
	return ""
}

// nameless gives a facility without name one from its place.
func nameless(f org.Facts) string {
	at := f.Street
	if at == "" {
		at = f.District
	}
	if at == "" {
		return ""
	}
	switch strings.ToLower(f.Kind) {
	case "hort":
		return "Hort " + at
	case "jugendzentrum", "jugendclub":
		return "Jugendzentrum " + at
	}
	return "Kita " + at
}

// hash has four parts: name, carrier, groups and all else. Only a part that
// differs from the last list is taken over, so that what was renamed, moved or
// merged by hand stays as it is until the list itself says something new.
func (e *listed) hash(f org.Facts) string {
	f.Row = ""
	groups := ""
	if e.groups != nil {
		groups = "known"
		for _, g := range groupWords {
			groups += fmt.Sprintf(" %d", e.groups[g.key])
		}
	}
	rest, _ := json.Marshal(f) // strings and numbers: nothing can fail
	var parts []string
	for _, s := range []string{e.name, e.carrier, groups, string(rest)} {
		sum := sha256.Sum256([]byte(s))
		parts = append(parts, hex.EncodeToString(sum[:8]))
	}
	return strings.Join(parts, ".")
}

// compare notes what the list says differently than the last one, in words.
func (e *listed) compare() string {
	was, is := strings.Split(e.old.row, "."), strings.Split(e.facts.Row, ".")
	differs := func(i int) bool { return len(was) != len(is) || was[i] != is[i] }
	e.rename, e.move, e.regrp = differs(0), differs(1), differs(2) && e.groups != nil
	var what []string
	if e.rename && e.name != e.old.name {
		what = append(what, "heißt jetzt „"+e.name+"“")
	}
	if e.move {
		what = append(what, "Träger: "+cmpOr(e.carrier, "fehlt"))
	}
	if e.regrp {
		what = append(what, "Gruppen")
	}
	if differs(3) {
		what = append(what, "Angaben")
	}
	return e.old.name + " (" + cmpOr(strings.Join(what, ", "), "Angaben") + ")"
}

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

// take writes a line into the house; a dry run only says what it would have to say.
func (e *listed) take(tx *store.Tx, p *place, dry bool, rep *Report, now time.Time) error {
	if e.old != nil && e.old.row == e.facts.Row {
		return nil
	}
	if dry {
		if e.old == nil || e.move {
			if _, err := p.carrier(tx, e.carrier, dry, rep, now); err != nil {
				return err
			}
		}
		return e.takeGroups(tx, 0, dry, rep, now)
	}
	if err := p.make(tx, rep, now); err != nil {
		return err
	}
	if e.old == nil {
		parent, err := p.carrier(tx, e.carrier, dry, rep, now)
		if err != nil {
			return err
		}
		id, err := org.Add(tx, org.Unit{Parent: parent, Kind: org.Facility, Name: e.name, City: p.name, Source: e.source}, now)
		if err != nil {
			return err
		}
		if err := org.SetFacts(tx, id, e.facts); err != nil {
			return err
		}
		return e.takeGroups(tx, id, dry, rep, now)
	}
	if e.rename && e.name != e.old.name {
		if err := org.Rename(tx, e.old.id, e.name); err != nil {
			return err
		}
	}
	if e.move {
		parent, err := p.carrier(tx, e.carrier, dry, rep, now)
		if err != nil {
			return err
		}
		if parent != e.old.parent {
			if err := org.Move(tx, e.old.id, parent); err != nil {
				return err
			}
		}
	}
	if err := org.SetFacts(tx, e.old.id, e.facts); err != nil {
		return err
	}
	return e.takeGroups(tx, e.old.id, dry, rep, now)
}
