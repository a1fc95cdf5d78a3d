package apptest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
)

// A Size says how large a town is.
type Size struct {
	People, Facilities, Groups, Announcements, Receipts int
}

// The sizes of a town: that of the benchmarks, a hundredth of it for tests of the generator and of crashes, and the families
// and facilities of a town of 100,000 inhabitants for runs under load.
var (
	Full  = Size{People: 100_000, Facilities: 500, Groups: 2_500, Announcements: 20_000, Receipts: 1_000_000}
	Load  = Size{People: 13_500, Facilities: 60, Groups: 300, Announcements: 5_000, Receipts: 150_000} // 6,000 families
	Small = Size{People: 1_000, Facilities: 5, Groups: 25, Announcements: 200, Receipts: 10_000}
)

// Where the kinds of units and people begin to be counted.
const (
	firstCarrier  = 3
	firstFacility = 1_000
	firstGroup    = 10_000
	days          = 730 // over which the announcements are spread
)

func (s Size) carriers() int { return s.Facilities/6 + 1 }

// Guardians is the number of parents: persons 1 to Guardians. Two are the parents of two or three children; every ninth is alone.
func (s Size) Guardians() int { return s.People * 8 / 10 }

// Children is the number of children, ids 1 to Children.
func (s Size) Children() int { return s.People }

// Parent is the i-th of the guardians that have access: one in fifty has not used the letter yet.
func (s Size) Parent(i int) int64 {
	p := int64(i%s.Guardians()) + 1
	if p%50 == 7 {
		p++
	}
	return p
}

// Head is the person who leads facility i, from 0.
func (s Size) Head(i int) int64 { return int64(s.Guardians() + 1 + i) }

// Carer is the person who manages the carrier of facility i.
func (s Size) Carer(i int) int64 { return int64(s.Guardians() + s.Facilities + 1 + i%s.carriers()) }

// Clerk is a person of the city's office.
func (s Size) Clerk() int64 { return int64(s.Guardians() + s.Facilities + s.carriers() + 1) }

// Facility is the unit of facility i, from 0.
func (s Size) Facility(i int) int64 { return int64(firstFacility + i) }

// Closed is the announcement of a closure of facility 0 that is running, published 40 minutes ago and confirmed for about six children in ten.
func (s Size) Closed() int64 { return int64(s.Announcements) }

// Told is the announcement that every parent of the city is to confirm, published an hour ago.
func (s Size) Told() int64 { return int64(s.Announcements - 1) }

// Cookie is the value of a guardian's, head's or clerk's session cookie. Its hash stands in the database.
func Cookie(person int64) string {
	h := sha256.Sum256(fmt.Appendf(nil, "session of %d", person))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// Ask is a request for a page by a person of a town, with a session's cookie.
func Ask(r *http.Request, person int64) *http.Request {
	r.AddCookie(&http.Cookie{Name: "sid", Value: Cookie(person)})
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

//go:embed town.go
var source string

// Town is a copy of a house with a town of a size in it; it returns its file.
// The first one of a size takes half a minute and is kept in os.TempDir, until
// the schema or this generator changes.
func Town(t testing.TB, s Size) string {
	t.Helper()
	h := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%v", store.Release, Schema(), source, s))
	kept := filepath.Join(os.TempDir(), "nestfunk-town-"+hex.EncodeToString(h[:8])+".db")
	if _, err := os.Stat(kept); errors.Is(err, fs.ErrNotExist) {
		// Several test binaries may do this at once: each makes its own, the last one stays.
		dir, err := os.MkdirTemp("", "nestfunk-town-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if err := found(filepath.Join(dir, "db"), s); err != nil {
			t.Fatalf("found the town: %v", err)
		}
		if err := os.Rename(filepath.Join(dir, "db"), kept); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.Open(kept)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	file := filepath.Join(t.TempDir(), "nestfunk.db")
	w, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = b.WriteTo(w)
		err = errors.Join(err, w.Sync(), w.Close()) // or the first commit of a benchmark writes it to the disk
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// InTown is a house in a copy of a town.
func InTown(t testing.TB, s Size) *House {
	t.Helper()
	db, err := store.Open(context.Background(), Town(t, s), Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return inside(db)
}

func found(file string, s Size) error {
	ctx := context.Background()
	db, err := store.Open(ctx, file, Schema())
	if err != nil {
		return err
	}
	for _, f := range []func(*store.Tx, Size) error{units, people, children, sessions, announcements, receipts, deliveries} {
		if err := db.Write(ctx, func(tx *store.Tx) error { return f(tx, s) }); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return errors.Join(inside(db).Push.Prepare(ctx), db.Close())
}

// A step is a statement with its parameters.
type step struct {
	query string
	args  []any
}

func run(tx *store.Tx, steps ...step) error {
	for _, s := range steps {
		if _, err := tx.Exec(s.query, s.args...); err != nil {
			return fmt.Errorf("%s: %w", s.query, err)
		}
	}
	return nil
}

func units(tx *store.Tx, s Size) error {
	return run(tx,
		step{`INSERT INTO setting (name, value) VALUES ('second.asked', '4102444800'), ('second.until', '4102444800')`, nil}, // nobody needs a second factor before 2100
		step{`INSERT INTO unit (id, uid, parent, kind, name, city, since) VALUES
			(1, 'u1', NULL, 'city', 'Großstadt', 'Großstadt', 0), (2, 'u2', 1, 'office', 'Jugendamt', '', 0)`, nil},
		step{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
			INSERT INTO unit (id, uid, parent, kind, name, since) SELECT ? + i, 'c' || i, 1, 'carrier', 'Träger ' || i, 0 FROM n`,
			[]any{s.carriers(), firstCarrier}},
		step{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
			INSERT INTO unit (id, uid, parent, kind, name, since) SELECT ? + i, 'f' || i, ? + i % ?, 'facility', 'Kita Nummer ' || i, 0 FROM n`,
			[]any{s.Facilities, firstFacility, firstCarrier, s.carriers()}},
		step{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
			INSERT INTO unit (id, uid, parent, kind, name, since) SELECT ? + i, 'g' || i, ? + i / 5, 'group', 'Gruppe ' || i, 0 FROM n`,
			[]any{s.Groups, firstGroup, firstFacility}},
		step{`WITH RECURSIVE up (unit, above, depth) AS (
			SELECT id, id, 0 FROM unit UNION ALL
			SELECT up.unit, u.parent, depth + 1 FROM up JOIN unit u ON u.id = up.above WHERE u.parent IS NOT NULL)
			INSERT INTO unit_up (unit, above, depth) SELECT unit, above, depth FROM up`, nil})
}

// people: guardians first, then a head for each facility, a manager for each carrier, five clerks, and staff for the rest.
func people(tx *store.Tx, s Size) error {
	g, f, c := s.Guardians(), s.Facilities, s.carriers()
	return run(tx,
		step{`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO person (id, uid, given, family, language)
			SELECT i, printf('00000000-0000-7000-8000-%012d', i), 'Vorname' || i % 997, 'Nachname' || i % 4001,
				CASE i % 25 WHEN 0 THEN 'tr' WHEN 1 THEN 'uk' WHEN 2 THEN 'ar' WHEN 3 THEN 'en' ELSE 'de' END FROM n`,
			[]any{s.People}},
		step{`WITH RECURSIVE n (i) AS (SELECT ?1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
			INSERT INTO membership (person, unit, role, state, mail, since)
			SELECT i, CASE WHEN i <= ?1 + ?3 THEN ?5 + i - ?1 - 1 WHEN i <= ?1 + ?3 + ?4 THEN ?6 + i - ?1 - ?3 - 1 WHEN i <= ?1 + ?3 + ?4 + 5 THEN 2
				ELSE ?7 + i % ?8 END,
				CASE WHEN i <= ?1 + ?3 THEN 4 WHEN i <= ?1 + ?3 + ?4 THEN 3 WHEN i <= ?1 + ?3 + ?4 + 5 THEN 2 ELSE 5 END,
				'confirmed', 'team' || i || '@example.org', 0 FROM n`,
			[]any{g, s.People, f, c, firstFacility, firstCarrier, firstGroup, s.Groups}},
		step{`INSERT INTO membership (person, unit, role, state, since) VALUES (?, 1, 1, 'confirmed', 0)`, []any{s.Clerk() + 1}}, // or a start would write a link
		// Two parents of each facility are its delegates.
		step{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 2 * ?1)
			INSERT INTO membership (person, unit, role, state, since) SELECT 1 + (i * 37) % ?2, ?3 + i % ?1, 7, 'confirmed', 0 FROM n`,
			[]any{f, g, firstFacility}})
}

// children: four families have nine. Those of a family are in one facility but for the ninth.
func children(tx *store.Tx, s Size) error {
	return run(tx,
		step{`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1),
			k (i, family, facility) AS (SELECT i, i / 9 * 4 + min(i % 9 / 2, 3), (i / 9 * 4 + min(i % 9 / 2, 3) + i % 9 / 8) * 2654435761 % 4294967296 / 65536 % ?2 FROM n)
			INSERT INTO child (id, uid, facility, given, family, born)
			SELECT i + 1, 'k' || i, ?3 + facility, 'Kind' || i % 787, 'Familie' || family, printf('20%02d-%02d-%02d', 20 + i % 5, 1 + i % 12, 1 + i % 28) FROM k`,
			[]any{s.Children(), s.Facilities, firstFacility}},
		step{`INSERT INTO child_stay (child, since, unit) SELECT id, 0, ?1 + (facility - ?2) * 5 + (id * 3 + id / 9) % 5 FROM child`,
			[]any{firstGroup, firstFacility}},
		// Family f has the guardians of its place among five families with nine guardians; the first of the five has one.
		step{`WITH k (child, family) AS (SELECT id, (id - 1) / 9 * 4 + min((id - 1) % 9 / 2, 3) FROM child), p (rank) AS (VALUES (1), (2)),
			g (child, person, rank) AS (
				SELECT child, family / 5 * 9 + CASE family % 5 WHEN 0 THEN 1 ELSE 2 * (family % 5) - 1 + rank END, rank FROM k, p WHERE family % 5 > 0 OR rank = 1)
			INSERT INTO guardian (child, person, relation, rank, state, mail, phone, language, since)
			SELECT child, 1 + (person - 1) % ?1, CASE rank WHEN 1 THEN 'Mutter' ELSE 'Vater' END, rank,
				CASE WHEN person % 50 = 7 THEN 'invited' ELSE 'confirmed' END,
				CASE WHEN person % 20 = 9 THEN '' ELSE 'eltern' || person || '@example.org' END, '0461 ' || person,
				CASE person % 25 WHEN 0 THEN 'tr' WHEN 1 THEN 'uk' WHEN 2 THEN 'ar' WHEN 3 THEN 'en' ELSE 'de' END, 0 FROM g WHERE true
			ON CONFLICT DO NOTHING`,
			[]any{s.Guardians()}})
}

// sessions: every guardian, head, manager and clerk is signed in.
func sessions(tx *store.Tx, s Size) error {
	for i := int64(1); i <= s.Clerk(); i++ {
		h := sha256.Sum256([]byte(Cookie(i)))
		if _, err := tx.Exec(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox auf Android', ?, ?, ?, ?)`,
			h[:], i, Start.Unix(), Start.Unix(), Start.AddDate(10, 0, 0).Unix(), Start.Unix()); err != nil {
			return err
		}
	}
	return nil
}

const body = `Liebe Eltern,

am **%s** laden wir Sie herzlich in unsere Einrichtung ein. Wir beginnen um 15 Uhr im Garten und zeigen, woran die Kinder in den letzten Wochen gearbeitet haben.

- Bitte bringen Sie wetterfeste Kleidung und eine Trinkflasche mit.
- Wer etwas zum Buffet beitragen möchte, trägt sich in die Liste an der Tür ein.
- Geschwister sind willkommen.

Bei Fragen rufen Sie uns gern an. Wir freuen uns auf Sie!`

// announcements, evenly over two years: six in ten to a group, a third to a facility, the rest to a carrier or the city.
// Every fifteenth below the carrier is a closure; three in ten of the others are to be confirmed.
func announcements(tx *store.Tx, s Size) error {
	var texts, pages [12]string
	for i := range texts {
		texts[i] = fmt.Sprintf(body, [...]string{"Montag", "Dienstag", "Mittwoch", "Freitag"}[i%4])
		pages[i] = string(text.HTML(texts[i]))
	}
	wide := 0
	for i := int64(1); i <= int64(s.Announcements); i++ {
		at := Start.Add(-2*time.Hour - time.Duration(int64(s.Announcements)-i)*(days*24*time.Hour/time.Duration(s.Announcements)))
		r := i * 2654435761 % 4294967296 / 7 % 1000
		facility := int(i * 40503 % int64(s.Facilities))
		unit, author, confirm, roles := int64(firstGroup)+int64(facility)*5+i%5, s.Head(facility), i%10 < 3, int64(64)
		switch {
		case i == s.Closed():
			at, unit, author, r = Start.Add(-40*time.Minute), s.Facility(0), s.Head(0), 100
		case i == s.Told():
			at, unit, author, confirm, r = Start.Add(-time.Hour), 1, s.Clerk(), true, 0
		case r < 12:
			wide++
			unit, author, confirm = 1, s.Clerk(), wide%30 == 0
		case r < 62:
			unit, author = firstCarrier+int64(facility%s.carriers()), s.Carer(facility)
		case r < 402:
			unit = s.Facility(facility)
		}
		if i%7 == 0 && i != s.Told() {
			roles = 1<<4 | 1<<5
		}
		var expires, closure any
		kind, title, words, html := "news", fmt.Sprintf("Mitteilung %d: Einladung zum Fest im Garten", i), texts[i%12], pages[i%12]
		if i == s.Closed() || r >= 62 && i%15 == 1 {
			kind, title, words, html, confirm, closure, roles = "closure", "Kita bleibt heute geschlossen", "", "", true, i, 1<<6|1<<5|1<<4
			expires = time.Date(at.Year(), at.Month(), at.Day(), 23, 0, 0, 0, time.UTC).Unix()
		}
		if err := run(tx,
			step{`INSERT INTO announcement (id, uid, unit, author, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, closure, urgent, ladder)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, randomblob(32), ?, ?, 'push:0 mail:0')`,
				[]any{i, fmt.Sprintf("a%d", i), unit, author, kind, title, words, html, text.Version, roles, confirm, at.Unix(), expires, confirm, closure, closure != nil}},
			step{`INSERT INTO announcement_audience (unit, published, announcement, roles) VALUES (?, ?, ?, ?)`, []any{unit, at.Unix(), i, roles}}); err != nil {
			return err
		}
		if closure == nil {
			continue
		}
		whole, day := r < 402, at.Format(time.DateOnly)
		if err := run(tx,
			step{`INSERT INTO announcement_closure (announcement, facility, whole, first_day, last_day, reason, words, places, places_for, rule, state)
				VALUES (?, ?, ?, ?, ?, 'illness', '', 5, '', 'first', 'running')`, []any{i, s.Facility(facilityOf(unit, facility)), whole, day, day}},
			step{`INSERT INTO announcement_event (closure, announcement, kind, person, at, first_day, last_day) VALUES (?, ?, 'opened', ?, ?, ?, ?)`,
				[]any{i, i, author, at.Unix(), day, day}}); err != nil {
			return err
		}
	}
	return nil
}

func facilityOf(unit int64, facility int) int {
	if unit == firstFacility {
		return 0
	}
	return facility
}

// receipts: who was asked, and who has confirmed, newest first, until there are as many as there should be.
func receipts(tx *store.Tx, s Size) error {
	type told struct {
		id, at  int64
		confirm bool
	}
	all, err := store.All(tx, func(t *told) []any { return []any{&t.id, &t.at, &t.confirm} }, `
		SELECT id, published, confirm FROM announcement ORDER BY confirm DESC, id DESC`)
	if err != nil {
		return err
	}
	left := int64(s.Receipts)
	for _, a := range all {
		if a.confirm {
			if _, err := tx.Exec(`
				INSERT INTO announcement_asked (announcement, child, unit, asked)
				SELECT ?1, s.child, s.unit, ?2
				FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit
				WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 ORDER BY s.child`, a.id, a.at); err != nil {
				return err
			}
		}
		share := 62 // in a hundred guardians
		if a.id >= s.Told() {
			share = 39 // so that about 62 in a hundred children are reached
		}
		n, err := tx.Exec(`
			INSERT INTO announcement_receipt (announcement, person, at, channel)
			SELECT DISTINCT ?1, g.person, ?2 + 60 + (g.person * 7919 + ?1) % 2000, CASE g.person % 3 WHEN 0 THEN 'mail' ELSE 'app' END
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit JOIN guardian g ON g.child = s.child
			WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND g.state = 'confirmed' AND ((g.person + ?1) * 2654435761) % 4294967296 / 65536 % 100 < ?4
			ORDER BY g.person LIMIT ?3`, a.id, a.at, left, share)
		if err != nil {
			return err
		}
		if left -= n; left == 0 {
			return nil
		}
	}
	return fmt.Errorf("%d receipts too few", left)
}

// deliveries: the mails of the last month that were to be confirmed.
func deliveries(tx *store.Tx, s Size) error {
	return run(tx, step{`
		INSERT INTO announcement_delivery (announcement, person, channel, state, reason, address, at)
		SELECT a.id, g.person, 'mail', CASE WHEN max(g.mail) = '' THEN 'skipped' WHEN g.person % 40 = 3 THEN 'failed' ELSE 'handed' END,
			CASE WHEN max(g.mail) = '' THEN 'keine Mailadresse' WHEN g.person % 40 = 3 THEN 'die Adresse wurde abgelehnt' ELSE '' END, max(g.mail), a.published + 30
		FROM announcement a JOIN announcement_asked k ON k.announcement = a.id JOIN guardian g ON g.child = k.child
		WHERE a.confirm = 1 AND a.published > ? AND g.state = 'confirmed' GROUP BY a.id, g.person`, []any{Start.AddDate(0, -1, 0).Unix()}})
}
