package app

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/audit"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/operation"
)

// A reference is a column that names a person or a child.
type reference struct{ table, column, to string }

func (r reference) String() string { return r.table + "." + r.column }

// keeps are the references that stay when a subject is forgotten, to a row without a name: that somebody held a role,
// and that a group had a child, is the house's history.
var keeps = []string{"membership.person", "child_stay.child"}

// fades is a trace that goes by itself: the outbox drops the mail with a link when that is older than ten minutes, and
// sends none to an address that is no longer anybody's.
const fades = `task.arg has "quaste"`

// covered checks that every table with a reference belongs to a feature that exports and erases. What base keeps is
// privacy's to answer for.
func covered(refs []reference, schema string, features []house.Feature) (wrong []string) {
	owner := sections(schema)
	for _, r := range refs {
		name := path.Base(owner[r.table])
		if strings.HasPrefix(owner[r.table], "base/") {
			name = "privacy"
		}
		i := slices.IndexFunc(features, func(f house.Feature) bool { return f.Name == name })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Sprintf("%v refers to %s, but there is no feature %q", r, r.to, name))
		case features[i].Export == nil:
			wrong = append(wrong, fmt.Sprintf("%v refers to %s, but %s has no Export", r, r.to, name))
		case features[i].Erase == nil:
			wrong = append(wrong, fmt.Sprintf("%v refers to %s, but %s has no Erase", r, r.to, name))
		}
	}
	return wrong
}

// references are all of the schema.
func references(tx *store.Tx) ([]reference, error) {
	return store.All(tx, func(r *reference) []any { return []any{&r.table, &r.column, &r.to} }, `
		SELECT t.name, k."from", k."table" FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) k
		WHERE k."table" IN ('person', 'child') AND t.schema = 'main' ORDER BY 1, 2`)
}

// traces finds words in all columns of all tables that hold text or bytes.
func traces(tx *store.Tx, words ...string) (found []string, err error) {
	columns, err := store.All(tx, func(c *[2]string) []any { return []any{&c[0], &c[1]} }, `
		SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB') ORDER BY 1, 2`)
	for _, c := range columns {
		for _, w := range words {
			n, err := store.One(tx, store.Value[int], fmt.Sprintf(`SELECT count(*) FROM %s WHERE instr(CAST(%s AS TEXT), ?) > 0`, c[0], c[1]), w)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				found = append(found, fmt.Sprintf("%s.%s has %q", c[0], c[1], w))
			}
		}
	}
	return found, err
}

// TestEveryPersonCanBeForgotten (GDPR Art. 15, 17, 20) gives a father and his child a row wherever the schema has a
// place for one, and has the house export and forget them.
func TestEveryPersonCanBeForgotten(t *testing.T) {
	h := newHouse(t)
	h.story()
	const person, child, name, family, mail, phone = apptest.Cem, apptest.Can, "Xerxes", "Quastenflosser", "xerxes@quaste.example", "0999 8877665"
	h.done(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", "Noch etwas", "body", "x", "confirm", "1")
	for _, q := range []string{
		`UPDATE person SET given = 'Xerxes', family = 'Quastenflosser' WHERE id = 7`,
		`UPDATE child SET given = 'Xerxes', family = 'Quastenflosser', ref = 'X-Quaste' WHERE id = 3`,
		`UPDATE guardian SET mail = 'xerxes@quaste.example', phone = '0999 8877665', relation = 'Onkel Xerxes' WHERE person = 7`,
		`INSERT INTO membership (person, unit, role, state, mail, phone, since) VALUES (7, 4, 7, 'confirmed', 'xerxes@quaste.example', '0999 8877665', 0)`,
		`UPDATE account_mail SET mail = 'xerxes@quaste.example' WHERE person = 7`,
		`INSERT INTO account_password (person, hash, since) VALUES (7, 'x', 0)`,
		`INSERT INTO account_provider (id, name, issuer, client, secret, second, means, inside) VALUES (1, 'Stadt', 'https://a.example', 'c', '', 0, '', '')`,
		`INSERT INTO account_identity (provider, subject, person, since) VALUES (1, 'X-Quaste-OIDC', 7, 0)`,
		`INSERT INTO account_totp (person, secret, step, since) VALUES (7, 'x', 0, 0)`,
		`INSERT INTO account_spare (person, hash) VALUES (7, x'05')`,
		`INSERT INTO account_recovery (person, author, asked, expires, allowed) VALUES (7, 1, 0, 9, 1), (5, 7, 0, 9, 1), (5, 1, 0, 9, 7)`,
		`INSERT INTO tablet (unit, name, author, created) VALUES (6, 'Tablet Xaver', 7, 0)`,
		`INSERT INTO tablet_pin (person, hash, since) VALUES (7, 'x', 0)`,
		`INSERT INTO account_passkey (id, person, credential, name, created) VALUES (x'01', 7, '{"user":"Xerxes"}', 'Xerxes Handy', 0)`,
		`INSERT INTO account_link (hash, person, mail, expires) VALUES (x'02', 7, 'xerxes@quaste.example', 1)`,
		`INSERT INTO account_invitation (hash, guardian, author, created, expires) SELECT x'03', id, 7, 0, 1 FROM guardian WHERE person = 7`,
		`INSERT INTO account_invitation (hash, guardian, author, created, expires) VALUES (x'04', 1, 7, 0, 1)`,
		`UPDATE announcement SET author = 7 WHERE id = 5`,
		`INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (5, 7, 0, 'app')`,
		`INSERT OR REPLACE INTO announcement_delivery (announcement, person, channel, state, address, at) VALUES (5, 7, 'mail', 'delivered', 'xerxes@quaste.example', 0)`,
		`INSERT INTO channel_wish (person, push, mail, quiet_from, quiet_until) VALUES (7, 1, 'now', 0, 0)`,
		`INSERT INTO channel_proof (person, channel, address, proved) VALUES (7, 'sms', '+491711234567', 0)`,
		`INSERT INTO announcement_call (announcement, child, caller, reached, at) VALUES (5, 4, 7, 1, 0)`,
		`INSERT INTO announcement_event (closure, announcement, kind, person, at, first_day, last_day) VALUES (1, 1, 'opened', 7, 0, '2026-03-02', '2026-03-02')`,
		`INSERT INTO announcement_care (closure, child, person, state, turn, at) VALUES (1, 3, 7, 'asked', 9, 0)`,
		`INSERT INTO sms_message (ref, number, provider, parts, price, state, reason, at) VALUES ('5-7', '+4917188776655', '4711', 1, 75, 'failed', '', 0)`,
		`INSERT INTO sms_stop (number, at) VALUES ('+4917188776655', 0)`,
		`INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, person, at) VALUES
			('f1', '', 0, 'Quaste.txt', 'text/plain', 1, zeroblob(32), 0, 0, 7, 0), ('f2', 'announcement', 5, 'Ausflug.txt', 'text/plain', 1, zeroblob(32), 0, 0, 7, 0)`,
		`INSERT INTO barrier_report (uid, person, page, body, mail, lang, created) VALUES ('b1', 7, '', 'Quaste sieht nichts', 'xerxes@quaste.example', 'de', 0)`,
		`INSERT INTO barrier_report (uid, page, body, mail, lang, created, answer, answered, answerer) VALUES ('b2', '', 'x', '', 'de', 0, 'Ist behoben', 0, 7)`,
		`UPDATE absence SET note = 'Oma Quaste holt' WHERE child = 3`,
		`INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead) VALUES ('d1', 3, '2026-03-02', 'left', 0, 0, 7, 'Onkel Quaste', '')`,
		`INSERT INTO bulletin_agreement (unit, person, words, at) VALUES (10, 7, 1, 0)`,
		`INSERT INTO bulletin_declined (person, unit, at) VALUES (7, 10, 0)`,
		`UPDATE bulletin SET author = 7 WHERE id = 2`,
		`INSERT INTO bulletin_recipient (bulletin, person) VALUES (1, 7)`,
		`INSERT INTO bulletin_report (bulletin, reporter, ground, words, at) VALUES (1, 7, 'rules', 'Das ist doch Unsinn', 0)`,
		`INSERT INTO bulletin_measure (unit, bulletin, kind, ground, reason, moderator, at) VALUES (10, 1, 'leave', '', 'Ist in Ordnung so', 7, 0)`,
		`UPDATE handover SET starter = 7 WHERE id = 1`,
		`UPDATE handover_item SET giver = 7, given = 0, taker = 7, taken = 0 WHERE id = 1`,
		`INSERT INTO handover_question (item, side, person, words, at) VALUES (1, 'coming', 7, 'Wo liegt das denn?', 0)`,
		`INSERT INTO handover_signature (handover, side, person, at, text, hash) VALUES (1, 'leaving', 7, 0, 'x', zeroblob(32))`,
		`UPDATE calendar_date SET author = 7 WHERE id = 1`,
		`INSERT OR REPLACE INTO calendar_answer (instance, person, state, people, turn, at) VALUES (1, 7, 'yes', 1, 9, 0)`,
		`INSERT INTO calendar_feed (person, hash, secret, created) VALUES (7, x'06', 'x', 0)`,
		`INSERT INTO committee_candidate (unit, person, at) VALUES (10, 7, 0)`,
		`INSERT INTO committee_contact (unit, person, contact, version, at) VALUES (10, 7, 'xerxes@quaste.example', 1, 0)`,
		`UPDATE list SET author = 7 WHERE id = 1`,
		`INSERT INTO list_entry (line, person, places, note, state, turn, at) VALUES (2, 7, 1, 'Quastensalat', 'held', 1, 0)`,
		`UPDATE meeting SET author = 7 WHERE id = 1`,
		`UPDATE meeting_poll SET author = 7 WHERE id = 1`,
		`INSERT INTO meeting_choice (slot, person, answer, at) VALUES (1, 7, 'yes', 0)`,
		`INSERT INTO meeting_proposal (uid, unit, author, title, body, public, state, at) VALUES ('v7', 10, 7, 'Zelt', '', 1, 'open', 0)`,
		`INSERT INTO meeting_guest (meeting, person, answer, note) VALUES (1, 7, 'no', 'Quaste hat Dienst')`,
		`INSERT INTO meeting_guest (meeting, person, instead) VALUES (1, 6, 7)`,
		`INSERT INTO slip_answer (id, slip, person, child, signed, drawing, edition, at) VALUES (99, 2, 7, 3, 'Xerxes Quastenflosser', 'M1 1L2 2', 2, 0)`,
		`INSERT INTO slip_value (answer, question, value) VALUES (99, 1, 'Quaste vielleicht')`,
		`INSERT INTO slip_trace (slip, person, child, words, at) VALUES (2, 7, 3, 'Quaste nein', 0)`,
		`INSERT INTO floor (meeting, uid, unit, version, chair, began, votes) VALUES (77, 'q77', 10, 1, 7, 0, 5)`,
		`INSERT INTO floor_presence (meeting, person, votes, since) VALUES (77, 7, 1, 0)`,
		`INSERT INTO floor_presence (meeting, person, votes, instead, since) VALUES (77, 6, 1, 7, 0)`,
		`INSERT INTO floor_excused (meeting, person) VALUES (77, 7)`,
		`INSERT INTO floor_speaker (meeting, item, person, asked) VALUES (77, 0, 7, 0)`,
		`INSERT INTO floor_motion (id, uid, meeting, unit, item, title, wording, mover, second, writer, public, state, edition, created, changed)
			VALUES (77, 'q78', 77, 10, 1, 'Antrag auf Schaukeln', 'Zwei Schaukeln.', 7, 7, 7, 0, 'worded', 1, 0, 0)`,
		`INSERT INTO ballot (id, unit, kind, ref, path, title, wording, secret, paper, state, majority, quorum, votes, present, handed, opener, opened)
			VALUES (81, 10, 'motion', 1, '/', 'Klettergerüst', '', 0, 0, 'open', 'simple', 50, 5, 5, 0, 7, 0)`,
		`INSERT INTO ballot_voter (ballot, person, choice) VALUES (81, 7, 'yes')`,
		`INSERT INTO ballot_count (ballot, round, person, ayes, noes, abstained, invalid) VALUES (81, 1, 7, 1, 0, 0, 0)`,
		`UPDATE wiki_page SET owner = 7 WHERE id = 2`,
		`UPDATE wiki_revision SET author = 7, releaser = 7, refuser = 7, refused = 0 WHERE id = 2`,
		`INSERT INTO wiki_reading (page, person, revision, at) VALUES (2, 7, 2, 0)`,
		`INSERT INTO wiki_draft (person, page, base, title, body, at) VALUES (7, 2, 2, 'Quastenentwurf', 'x', 0)`,
		`INSERT INTO message_conversation (id, uid, kind, unit, child, title, offered, at, latest) VALUES (91, 'g91', 'family', 6, 3, 'Quastenfrage', 0, 0, 91)`,
		`INSERT INTO message_conversation (id, uid, kind, unit, title, offered, taker, at, latest) VALUES (92, 'g92', 'team', 4, 'Sommerfest', 1, 7, 0, 92)`,
		`INSERT INTO message_party (conversation, unit, person, at) VALUES (91, NULL, 7, 0), (91, 6, NULL, 0), (92, 4, NULL, 0), (92, 8, NULL, 0)`,
		`INSERT INTO message (id, uid, conversation, author, side, auto, body, html, renderer, at) VALUES
			(91, 'n91', 91, 7, NULL, 0, 'Von Xerxes Quastenflosser', '', 1, 0), (92, 'n92', 92, 7, 4, 0, 'Für das Team geschrieben', '', 1, 0)`,
		`INSERT INTO message_before (message, body, until) VALUES (91, 'Früher: Quaste', 0)`,
		`INSERT INTO message_read (person, conversation, message) VALUES (7, 92, 92)`,
		`INSERT INTO minutes (id, uid, unit, meeting, title, held, public, state, due, keeper, writer, sent, until, approver, created, changed)
			VALUES (70, 'x70', 10, 70, 'Sitzung', 0, 1, 'sent', 0, 7, 7, 0, 0, 7, 0, 0)`,
		`INSERT INTO minutes_text (minutes, item, version, body, form, no, author, at) VALUES (70, 1, 1, 'Vom Fest', '', 0, 7, 0)`,
		`INSERT INTO minutes_version (minutes, item, version, body, author, since, at) VALUES (70, 1, 1, 'Vom Fest', 7, 0, 0)`,
		`INSERT INTO minutes_aside (minutes, item, person, pen, body, at) VALUES (70, 1, 7, 1, 'Quaste beiseite', 0)`,
		`INSERT INTO minutes_revision (minutes, number, content, why, author, at) VALUES (70, 1, '{}', '', 7, 0)`,
		`INSERT INTO minutes_objection (minutes, item, body, person, at, answer, answerer, answered) VALUES (70, 1, 'Es war am Freitag', 7, 0, 'taken', 7, 0)`,
		`UPDATE minutes SET state = 'approved', approved = 0, hash = zeroblob(32), shown = zeroblob(32), writer = NULL WHERE id = 70`,
		`INSERT INTO minutes_note (minutes, item, public, body, person, at) VALUES (70, 1, 1, 'Doch am Samstag', 7, 0)`,
		`INSERT INTO minutes (id, uid, unit, meeting, title, held, public, state, due, writer, created, changed) VALUES (71, 'x71', 10, 71, 'Sitzung', 0, 1, 'draft', 0, 7, 0, 0)`,
		`UPDATE room SET author = 7 WHERE id = 1`,
		`UPDATE room_topic SET author = 7 WHERE id = 1`,
		`INSERT INTO room_post (id, uid, topic, author, body, html, renderer, at, state) VALUES (70, 'x70', 1, 7, 'Helme vom Basar', '', 1, 0, 'shown')`,
		`INSERT INTO room_member (room, person, rules, at) VALUES (1, 7, zeroblob(32), 0)`,
		`INSERT INTO youth_alias (room, person, alias, skeleton, words, seen, consenter) VALUES (3, 7, 'Quastenfisch', 'quastenfisch', x'07', 0, 7)`,
		`INSERT INTO youth_code (room, hash, author, expires, uses) VALUES (3, x'08', 7, 1, 1)`,
		`INSERT INTO room_follow (topic, person, follows) VALUES (1, 7, 1)`,
		`INSERT INTO room_mention (post, person) VALUES (2, 7)`,
		`INSERT INTO room_reaction (post, person, kind) VALUES (2, 7, 'thanks')`,
		`INSERT INTO room_news (person, post, due) VALUES (7, 2, 99999999999)`,
		`INSERT INTO room_report (post, reporter, ground, words, at) VALUES (2, 7, 'rules', 'Das war Werbung', 0)`,
		`INSERT INTO room_action (room, topic, post, kind, ground, reason, noticed, moderator, person, answerer, at) VALUES (1, 1, 70, 'warn', 'rules', 'Bitte nicht so', 0, 7, 7, 7, 0)`,
		`INSERT INTO resolution_circular (id, uid, unit, author, title, wording, cause, public, opened, closes, votes, quorum, majority, state, ended, objector, objection) VALUES
			(91, 'q91', 10, 7, 'Neue Stühle', 'So.', 'Eilig', 1, 0, 0, 2, 50, 'simple', 'stopped', 0, 7, 'Quaste will reden')`,
		`INSERT INTO resolution_asked (circular, person) VALUES (91, 7)`,
		`INSERT INTO assignment (id, uid, unit, place, owner, author, title, body, state, reason, ended, ender, created, changed) VALUES
			(91, 'q92', 10, '', 7, 7, 'Stühle zählen', '', 'done', '', 0, 7, 0, 0)`,
		`INSERT INTO assignment_note (assignment, person, body, at) VALUES (91, 7, 'Es sind zwölf', 0)`,
		`INSERT INTO consent_purpose (id, uid, unit, kind, title, about, both, alone, version, least, created) VALUES (71, 'z71', 4, 'inside', 'Fotos in der Kita', 'child', 0, 16, 1, 1, 0)`,
		`INSERT INTO consent_text (purpose, version, words, author, at) VALUES (71, 1, 'So.', 7, 0)`,
		`INSERT INTO consent (purpose, version, child, giver, yes, channel, clerk, at, until) VALUES (71, 1, 3, 7, 1, 'page', 7, 0, 99999999999)`,
		`INSERT INTO incident (title, finder, noticed, starts, ends, scope, opener, opened, closer, thawed) VALUES ('Tablet weg', 'eine Fachkraft', 0, 0, 1, 'record', 7, 0, 7, 1)`,
		`INSERT INTO person_before (person, field, before, at, author) VALUES (7, 'family', 'Quastenhai', 0, 7)`,
		`INSERT INTO person_before (child, field, before, at, author) VALUES (3, 'given', 'Quastine', 0, 7)`,
		`INSERT INTO hold (kind, person, reason, setter, since, until, lifter) VALUES ('limit', 7, 'Quaste bestreitet es', 7, 0, 1, 7)`,
		`INSERT INTO hold (kind, child, reason, setter, since, until) VALUES ('keep', 3, 'Quaste klagt', 7, 0, 1)`,
		`INSERT INTO privacy_request (kind, person, origin, asker, words, at, state, checker, closer) VALUES ('person', 7, 'self', 7, 'Quaste will weg', 0, 'open', 7, 7)`,
		`INSERT INTO privacy_request (kind, child, origin, asker, words, at, state) VALUES ('child', 3, 'guardian', 7, 'Xerxes auch', 0, 'open')`,
	} {
		h.sql(q)
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return operation.Log(tx, h.Now(), person, "mail.save", 0) })
	if err != nil {
		t.Fatal(err)
	}
	h.cookie(person) // a session, and a browser that is told
	h.sql(`INSERT INTO push_subscription (person, session, endpoint, key, secret, created)
		SELECT 7, id, 'https://web.push.apple.com/Quaste', zeroblob(65), zeroblob(16), 0 FROM session WHERE person = 7 LIMIT 1`)
	h.do(apptest.Nobody, h.form(0, "/anmelden/link", "mail", mail)) // a mail that still waits in the outbox

	var refs []reference
	left := func(refs []reference) (still []string) { // references to the subjects
		err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			for _, r := range refs {
				n, err := store.One(tx, store.Value[int], fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s = ?`, r.table, r.column),
					map[string]int64{"person": person, "child": child}[r.to])
				if err != nil {
					return err
				}
				if n > 0 {
					still = append(still, r.String())
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return still
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		refs, err = references(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tell(t, covered(refs, apptest.Schema(), h.features))
	before := left(refs)
	for _, r := range refs {
		if !slices.Contains(before, r.String()) {
			t.Errorf("this test has no row for %v: please add one", r)
		}
	}

	lacking, err := h.lacking(refs, map[string]int64{"person": person, "child": child})
	if err != nil {
		t.Fatal(err)
	}
	tell(t, lacking)
	subjects := []house.Subject{{Person: person}, {Child: child}}
	exported := func() string {
		var b strings.Builder
		err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			for _, f := range h.features {
				for _, s := range subjects {
					if f.Export == nil {
						continue
					}
					data, err := f.Export(tx, s)
					if err == nil {
						err = json.NewEncoder(&b).Encode(data)
					}
					if err != nil {
						return fmt.Errorf("%s: %w", f.Name, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Log(err) // after the erasure: not found
		}
		return b.String()
	}
	all := exported()
	for _, w := range []string{name, family, mail, phone, "X-Quaste", "Xerxes Handy", "Onkel Xerxes", "mail.save", "Noch etwas", "web.push.apple.com", "4917188776655", "Ausflug.txt", "Quastenentwurf", "Hygieneplan 4", "Oma Quaste holt", "Sommerfest 4", "Kalender-Abo", "Quastenfrage", "Früher: Quaste", "Für das Team geschrieben", "Quastensalat", "Quaste vielleicht", "Quaste nein", "Sommerfest", "Helme vom Basar", "Quastenfisch", "Das war Werbung", "Bitte nicht so", "Neue Stühle", "Quaste will reden", "Stühle zählen", "Es sind zwölf", "Zwei Schaukeln", "Vom Fest", "Quaste beiseite", "Es war am Freitag", "Doch am Samstag", "Elternbeirat Sonnenblume: zugestimmt", "Spielplatz", "Entwurf", "Tablet Xaver", "pin_seit", "Das ist doch Unsinn", "Ist in Ordnung so", "Wo liegt das denn?", "SHA-256 0000", "Quastenhai", "Quastine", "Löschsperre seit", "Quaste will weg", "Fotos in der Kita (Text 1): ja"} {
		if !strings.Contains(all, w) {
			t.Errorf("the export lacks %q:\n%s", w, all)
		}
	}
	for _, w := range []string{"Mila", "Dora", "Demir", "/Quaste", "Onkel Quaste"} { // other people, and the secret of a browser
		if strings.Contains(all, w) {
			t.Errorf("the export tells of %s:\n%s", w, all)
		}
	}

	err = h.DB.Write(t.Context(), func(tx *store.Tx) error {
		for _, s := range subjects {
			for _, f := range h.features { // privacy is the last
				if f.Erase == nil {
					continue
				}
				if err := f.Erase(tx, s); err != nil {
					return fmt.Errorf("%s: %w", f.Name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error { // the record keeps the number and nothing else: traces below find no name
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM audit WHERE person = ? AND action = 'mail.save'`, person)
		if n != 1 {
			t.Errorf("%d rows of the record are left of whom the house has forgotten", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, wrong, err := audit.Verify(t.Context(), h.DB); wrong != "" || err != nil {
		t.Errorf("after the erasure: %s %v", wrong, err)
	}
	for _, r := range left(refs) {
		if !slices.Contains(keeps, r) {
			t.Errorf("%s still refers to whom the house should have forgotten", r)
		}
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		found, err := traces(tx, name, family, "Quaste", "quaste", phone, "4917188776655")
		tell(t, slices.DeleteFunc(found, func(w string) bool { return w == fades }))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := exported(); strings.Contains(all, name) || strings.Contains(strings.ToLower(all), "quaste") || strings.Contains(all, phone) {
		t.Errorf("the export after the erasure: %s", all)
	}
	h.Work(t)
	for _, m := range h.Post.Sent() {
		if m.To == mail {
			t.Errorf("a mail %q was sent to whom the house should have forgotten", m.Subject)
		}
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		found, err := traces(tx, "quaste")
		tell(t, found)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEraseRulesBite(t *testing.T) {
	const schema = "-- base/org ----\nCREATE TABLE membership (\n-- feature/wiki ----\nCREATE TABLE wiki_page (\n"
	page, role := []reference{{"wiki_page", "author", "person"}}, []reference{{"membership", "person", "person"}}
	export := func(*store.Tx, house.Subject) (any, error) { return nil, nil }
	erase := func(*store.Tx, house.Subject) error { return nil }
	for _, c := range []struct {
		name  string
		wrong []string
		want  string
	}{
		{"both", covered(page, schema, []house.Feature{{Name: "wiki", Export: export, Erase: erase}}), ""},
		{"no erasing", covered(page, schema, []house.Feature{{Name: "wiki", Export: export}}), "wiki has no Erase"},
		{"no export", covered(page, schema, []house.Feature{{Name: "wiki", Erase: erase}}), "wiki has no Export"},
		{"no feature", covered(page, schema, nil), `no feature "wiki"`},
		{"base is privacy's", covered(role, schema, []house.Feature{{Name: "privacy", Erase: erase}}), "privacy has no Export"},
	} {
		bites(t, c.name, c.wrong, c.want)
	}
	h := apptest.New(t)
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		found, err := traces(tx, "Yildiz")
		if len(found) != 2 {
			t.Errorf("Cem and Can are found in %q", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
