package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// undescribed are the tables whose entry in the data catalogue is still to be written. None may be added: whoever makes a
// table knows what for.
const undescribed = `
setting unit_facility committee committee_term committee_substitute push_subscription task channel_wish
channel_proof sms_message sms_stop file absence_rule absence absence_event absence_deed absence_count
announcement announcement_audience announcement_receipt announcement_asked announcement_call
announcement_delivery announcement_template announcement_closure announcement_event announcement_care assignment
assignment_note backup_key backup_run ballot ballot_voter ballot_urn ballot_key ballot_count bulletin_agreement
bulletin_declined bulletin bulletin_recipient bulletin_report bulletin_measure calendar_date calendar_audience
calendar_instance calendar_answer calendar_feed calendar_plan calendar_closing committee_plan
committee_candidate committee_contact committee_change committee_moved floor floor_item floor_presence
floor_speaker floor_motion handover handover_item handover_question handover_signature meeting meeting_item
meeting_proposal meeting_guest meeting_poll meeting_slot meeting_choice message_rule message_conversation
message_party message message_before message_read list list_audience list_line list_entry minutes minutes_text
minutes_version minutes_aside minutes_revision minutes_objection minutes_note oparl_object resolution
resolution_circular resolution_asked slip slip_question slip_answer slip_value slip_trace room room_audience
room_member room_topic room_post room_follow room_mention room_reaction room_news room_report room_action
room_page wiki_archive wiki_page wiki_revision wiki_file wiki_link wiki_source wiki_reading wiki_draft
youth_alias youth_code
`

// keys are the words of the catalogue: on what law a purpose rests, when something goes, and who gets to see it.
func keys() (basis, class, recipients []string) {
	return []string{
			"task",     // GDPR Art. 6 (1) e, KDG § 6 (1) f, DSG-EKD § 6 Nr. 3
			"consent",  // GDPR Art. 6 (1) a, KDG § 6 (1) b, DSG-EKD § 6 Nr. 2
			"duty",     // GDPR Art. 6 (1) c, KDG § 6 (1) d, DSG-EKD § 6 Nr. 6
			"security", // GDPR Art. 6 (1) e or f with Art. 32, KDG § 26, DSG-EKD § 27
		}, []string{
			"minutes", // gone when it has been used; else it ends after minutes and goes with the next of its kind
			"session", // with the sign-in, which ends by itself
			"week",    // 7 days
			"backup",  // 60 days, longer than any backup is kept
			"record",  // 12 months
			"house",   // until somebody who has left is forgotten, by request or by whoever keeps the house
		}, []string{"nobody", "self", "family", "team", "registrars", "auditor", "operators", "members", "public"}
}

// A described is what the catalogue says of a column.
type described struct{ purpose, basis, class, recipients string }

var (
	entryLine = regexp.MustCompile(`^-- # (?:([a-z_]+(?:, [a-z_]+)*): )?(.*)$`)
	tableLine = regexp.MustCompile(`^CREATE TABLE (\w+) \($`)
)

// catalogue reads the entries above the tables of a schema: by table, and in it by column; "" is all others. A table without
// personal data has an empty map, one without an entry none.
func catalogue(schema string) (all map[string]map[string]described, wrong []string) {
	all = map[string]map[string]described{}
	basis, class, recipients := keys()
	var entry map[string]described
	bad := func(words, line string) { wrong = append(wrong, words+": "+line) }
	for l := range strings.SplitSeq(schema, "\n") {
		if m := tableLine.FindStringSubmatch(l); m != nil {
			if entry != nil {
				if _, ok := entry[""]; !ok && len(entry) > 0 {
					bad("says nothing of most columns", l)
				}
				all[m[1]] = entry
			}
			entry = nil
			continue
		}
		m := entryLine.FindStringSubmatch(l)
		if m == nil {
			if !strings.HasPrefix(l, "--") && entry != nil {
				bad("an entry without a table before", l)
				entry = nil
			}
			continue
		}
		if entry == nil {
			entry = map[string]described{}
		}
		if m[2] == "keine Personen" {
			continue
		}
		parts := strings.Split(m[2], "; ")
		if len(parts) != 4 || parts[0] == "" {
			bad("not purpose; basis; class; recipients", l)
			continue
		}
		a := described{parts[0], parts[1], parts[2], parts[3]}
		if !slices.Contains(basis, a.basis) {
			bad("no such basis", l)
		}
		if !slices.Contains(class, a.class) {
			bad("no such class", l)
		}
		for r := range strings.SplitSeq(a.recipients, ", ") {
			if !slices.Contains(recipients, r) {
				bad("no such recipient", l)
			}
		}
		for c := range strings.SplitSeq(m[1], ", ") {
			if _, twice := entry[c]; twice {
				bad("said twice", l)
			}
			entry[c] = a
		}
	}
	return all, wrong
}

// incomplete compares a catalogue with the columns of a database and with the tables that may wait.
func incomplete(all map[string]map[string]described, columns map[string][]string, waiting []string) (wrong []string) {
	for t, has := range columns {
		entry, ok := all[t]
		switch {
		case !ok && !slices.Contains(waiting, t):
			wrong = append(wrong, t+" has no entry in the data catalogue")
		case ok && slices.Contains(waiting, t):
			wrong = append(wrong, t+" has an entry and need not wait for one")
		}
		for c := range entry {
			if c != "" && !slices.Contains(has, c) {
				wrong = append(wrong, fmt.Sprintf("%s has no column %s", t, c))
			}
		}
	}
	for _, t := range waiting {
		if columns[t] == nil {
			wrong = append(wrong, "there is no table "+t)
		}
	}
	return wrong
}

// TestDataCatalogue: every column has purpose, legal basis, retention class and recipients (GDPR Art. 5, 30), by the entry of
// its table or one of its own. A table that refers to people has personal data.
func TestDataCatalogue(t *testing.T) {
	all, wrong := catalogue(apptest.Schema())
	tell(t, wrong)
	columns := map[string][]string{}
	err := newHouse(t).DB.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := store.All(tx, func(c *[2]string) []any { return []any{&c[0], &c[1]} }, `
			SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`)
		for _, r := range rows {
			columns[r[0]] = append(columns[r[0]], r[1])
		}
		if err != nil {
			return err
		}
		refs, err := references(tx)
		for _, r := range refs {
			if entry, ok := all[r.table]; ok && len(entry) == 0 {
				t.Errorf("%v refers to %s, but the catalogue says that there are no people", r, r.to)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	waiting := strings.Fields(undescribed)
	tell(t, incomplete(all, columns, waiting))
	t.Logf("%d of %d tables are described", len(all), len(columns))
}

func TestDataCatalogueRulesBite(t *testing.T) {
	for _, c := range []struct{ name, head, waiting, want string }{
		{"whole", "-- # Kinder benennen; task; house; team", "", ""},
		{"a column of its own", "-- # Kinder benennen; task; house; team\n-- # born: Alter; task; house; team", "", ""},
		{"nobody in it", "-- # keine Personen", "", ""},
		{"waits", "-- A child.", "child", ""},
		{"none", "-- A child.", "", "child has no entry"},
		{"waits no more", "-- # keine Personen", "child", "need not wait"},
		{"waits for nothing", "-- # keine Personen", "page", "no table page"},
		{"no such column", "-- # Kinder benennen; task; house; team\n-- # height: Größe; task; house; team", "", "no column height"},
		{"one column only", "-- # born: Alter; task; house; team", "", "most columns"},
		{"no purpose", "-- # ; task; house; team", "", "not purpose"},
		{"three parts", "-- # Kinder benennen; task; house", "", "not purpose"},
		{"basis", "-- # Kinder benennen; mood; house; team", "", "no such basis"},
		{"class", "-- # Kinder benennen; task; ever; team", "", "no such class"},
		{"recipient", "-- # Kinder benennen; task; house; team, friends", "", "no such recipient"},
		{"twice", "-- # Kinder benennen; task; house; team\n-- # Kinder zählen; task; house; team", "", "said twice"},
		{"lost", "-- # keine Personen\n\n-- # keine Personen", "", "without a table"},
	} {
		all, wrong := catalogue(c.head + "\nCREATE TABLE child (\n\tid INTEGER,\n\tborn TEXT\n) STRICT;")
		wrong = append(wrong, incomplete(all, map[string][]string{"child": {"id", "born"}}, strings.Fields(c.waiting))...)
		bites(t, c.name, wrong, c.want)
	}
}
