package app

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

// aged are statements that let something go that is older than a time.
var aged = regexp.MustCompile(`(?s)^\s*(DELETE FROM|UPDATE \w+ SET \w+ = (''|NULL)).*<=? *\?`)

// ownPeriods lists what deletes by a time that it has worked out itself: a function, with a statement as above, that counts
// back from a time and does not ask base/retention. What ends at a time that stands in its row ("expires <= now") has no
// period of its own here.
func ownPeriods(all []source) (wrong []string) {
	for _, s := range all {
		if s.test || strings.HasPrefix(s.dir, "app/demo") || s.dir == "app/base/retention" {
			continue
		}
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			deletes, counts, asks := false, false, false
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if text, ok := n.(ast.Expr); ok {
					if words, ok := literal(text); ok && aged.MatchString(words) {
						deletes = true
					}
				}
				if c, ok := n.(*ast.CallExpr); ok {
					name := callee(c.Fun)
					if sel, ok := c.Fun.(*ast.SelectorExpr); ok && name == "" {
						name = "." + sel.Sel.Name
					}
					back := strings.HasSuffix(name, ".AddDate") || strings.HasSuffix(name, ".Add") && len(c.Args) == 1 && negative(c.Args[0])
					counts = counts || back
					asks = asks || strings.HasPrefix(name, "retention.")
				}
				return true
			})
			if deletes && counts && !asks {
				wrong = append(wrong, fmt.Sprintf("%s: %s deletes by a period of its own: take it from base/retention", s.at(f), f.Name.Name))
			}
		}
	}
	return wrong
}

// negative reports whether an expression takes something away.
func negative(x ast.Expr) bool {
	u, ok := x.(*ast.UnaryExpr)
	return ok && u.Op.String() == "-"
}

// byNumber lists statements that delete by a number written into them, such as "at < ? - 86400".
func byNumber(all []source) (wrong []string) {
	number := regexp.MustCompile(`(?s)^\s*DELETE FROM.*(\b(86400|3600|604800)\b|'-\d+ (day|month|year)s?')`)
	for _, s := range all {
		if s.test || strings.HasPrefix(s.dir, "app/demo") {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if x, ok := n.(ast.Expr); ok {
				if words, ok := literal(x); ok && number.MatchString(words) {
					wrong = append(wrong, s.at(n)+": a statement deletes by a number of its own: "+words)
				}
			}
			return true
		})
	}
	return wrong
}

// TestNoPeriodOfItsOwn: what is deleted by its age is deleted by the periods that the pages name (base/retention).
func TestNoPeriodOfItsOwn(t *testing.T) {
	tell(t, ownPeriods(code()))
	tell(t, byNumber(code()))
}

func TestNoPeriodOfItsOwnBites(t *testing.T) {
	const head = "package x\nfunc f(tx Tx, h H) {\n"
	for name, c := range map[string]struct{ body, want string }{
		"months":      {"tx.Exec(`DELETE FROM a WHERE at < ?`, h.Now().AddDate(0, -6, 0).Unix())", "f deletes by a period"},
		"hours":       {"tx.Exec(`DELETE FROM a WHERE at <= ?`, h.Now().Add(-life).Unix())", "f deletes by a period"},
		"forgets":     {"tx.Exec(`UPDATE a SET words = '' WHERE at < ?`, h.Now().AddDate(0, 0, -30).Unix())", "f deletes by a period"},
		"asks":        {"tx.Exec(`DELETE FROM a WHERE at < ?`, retention.Usual(retention.SMS).Before(h.Now()).AddDate(0, 0, 1).Unix())", ""},
		"its own end": {"tx.Exec(`DELETE FROM a WHERE expires <= ?`, h.Now().Unix())", ""},
		"adds":        {"tx.Exec(`INSERT INTO a (at) VALUES (?)`, h.Now().AddDate(0, 1, 0))", ""},
		"in SQL":      {"tx.Exec(`DELETE FROM a WHERE at < ? - 86400`, 1)", "by a number"},
	} {
		all := parseOne("app/feature/x/x.go", head+c.body+"\n}")
		bites(t, name, append(ownPeriods(all), byNumber(all)...), c.want)
	}
}

// The record of base/audit is guarded by triggers, which cannot ask: their periods are those of the classes.
func TestTriggersKnowThePeriods(t *testing.T) {
	for c, words := range map[retention.Class]string{retention.Week: "OLD.at + %d > (SELECT shortened", retention.Record: "at + %d > NEW.pruned"} {
		span := retention.Usual(c)
		seconds := span.Days*24*3600 + span.Months*365*24*3600/12
		if want := fmt.Sprintf(words, seconds); !strings.Contains(apptest.Schema(), want) {
			t.Errorf("schema.sql lacks %q", want)
		}
	}
}

// A dated is rows of a class: what makes one whose time is @at (Unix) or @day, under the id @id, and what finds it.
type dated struct {
	class      retention.Class
	make, find string
}

// TestNightsKeepThePeriods: in the whole house, what is two days younger than the period of its class stays a night, and what is
// two days older goes and is counted; also where the operator has set another period.
func TestNightsKeepThePeriods(t *testing.T) {
	h := newHouse(t)
	h.sql(`INSERT INTO setting (name, value) VALUES ('list.keep', '5'), ('slip.keep', '7'), ('bulletin.keep', '9'), ('announcement.keep', '3')`)
	h.sql(`INSERT INTO room (id, unit, youth, name, about, review, consent, hours, keep, created) VALUES (3, 4, 1, 'Treff', '', 0, 0, '', 90, 0)`)
	all := []dated{
		{retention.List, `INSERT INTO list (id, uid, unit, kind, title, body, council, per, names, remind, created, changed) VALUES (@id, 'r@id', 4, 'bring', 'x', '', 0, 'person', 1, 0, 0, @at)`, `list WHERE id = @id`},
		{retention.Announcement, `INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, urgent, ladder) VALUES (@id, 'r@id', 4, 'news', 'x', '', '', 1, 64, 1, 1, @at, 1, x'01', 0, '');
			INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (@id, 7, @at, 'app')`, `announcement_receipt WHERE announcement = @id`},
		{retention.Bulletin, `INSERT INTO bulletin (id, uid, unit, place, title, body, html, renderer, seed, changed, sent, went) VALUES (@id, 'r@id', 10, 10, 'x', '', '', 1, zeroblob(32), 0, @at, 5);
			INSERT INTO bulletin_recipient (bulletin, person) VALUES (@id, 7)`, `bulletin_recipient WHERE bulletin = @id`},
		{retention.Consent, `INSERT INTO bulletin_agreement (id, unit, person, words, at, withdrawn) VALUES (@id, 10, 7, 1, 0, @at)`, `bulletin_agreement WHERE id = @id`},
		{retention.Consent, `INSERT INTO consent_purpose (id, uid, unit, kind, title, about, both, alone, version, least, created) VALUES (@id, 'r@id', 4, 'inside', 'x', 'child', 0, 16, 1, 1, 0);
			INSERT INTO consent (id, purpose, version, child, giver, yes, channel, at, until) VALUES (@id, @id, 1, 3, 7, 1, 'page', 0, @at)`, `consent WHERE id = @id`},
		{retention.Record, `INSERT INTO account_recovery (id, person, author, asked, expires, ended) VALUES (@id, 5, 4, @at, @at, @at)`, `account_recovery WHERE id = @id`},
		{retention.Record, `INSERT INTO barrier_report (id, uid, body, page, mail, lang, created, answered, answer) VALUES (@id, 'r@id', 'x', '', '', 'de', 0, @at, 'y')`, `barrier_report WHERE id = @id`},
		{retention.Note, `INSERT INTO absence (id, uid, child, first_day, last_day, reason, note, late) VALUES (@id, 'r@id', 3, '@day', '@day', '', 'x', 0)`, `absence WHERE id = @id AND note <> ''`},
		{retention.Note, `INSERT INTO absence_deed (id, uid, child, day, kind, at, received, escort, instead) VALUES (@id, 'r@id', 3, '@day', 'left', 0, 0, 'x', '')`, `absence_deed WHERE id = @id AND escort <> ''`},
		{retention.Reason, `INSERT INTO absence (id, uid, child, first_day, last_day, reason, note, late) VALUES (@id, 'r@id', 3, '@day', '@day', 'ill', '', 0)`, `absence WHERE id = @id AND reason <> ''`},
		{retention.Roll, `INSERT INTO absence (id, uid, child, first_day, last_day, reason, note, late) VALUES (@id, 'r@id', 3, '@day', '@day', '', '', 0)`, `absence WHERE id = @id`},
		{retention.SMS, `INSERT INTO sms_message (id, ref, number, parts, price, state, at) VALUES (@id, '', '+49', 1, 1, 'handed', @at)`, `sms_message WHERE id = @id`},
		{retention.Draft, `INSERT INTO file (id, uid, owner, ref, name, type, size, hash, width, height, at) VALUES (@id, 'r@id', '', 0, 'x', 'text/plain', 1, zeroblob(32), 0, 0, @at)`, `file WHERE id = @id`},
		{retention.Backup, `INSERT INTO privacy_deletion (kind, uid, at) VALUES ('person', 'r@id', @at)`, `privacy_deletion WHERE uid = 'r@id'`},
		{retention.Youth, `INSERT INTO person (id, uid, given, family) VALUES (@id, 'r@id', '', 'x'); INSERT INTO membership (person, unit, role, state, since) VALUES (@id, 4, 9, 'confirmed', 0);
			INSERT INTO youth_alias (room, person, alias, skeleton, words, seen) VALUES (3, @id, 'r@id', 'r@id', CAST('r@id' AS BLOB), @at)`, `youth_alias WHERE person = @id`},
	}
	h.Clock.Add(12 * time.Hour) // the night comes eleven hours later
	night := h.Now().Add(11 * time.Hour)
	for i, d := range all {
		var span retention.Span
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			span, err = retention.Length(tx, h.Settings, d.class)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for j, off := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
			at := span.Before(night).Add(off)
			if d.class == retention.Draft && off > 0 {
				at = h.Now() // just put there
			}
			for q := range strings.SplitSeq(fill(d.make, 9000+2*i+j, at), ";\n") {
				h.sql(q)
			}
		}
	}
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for i, d := range all {
			for j, want := range []int{0, 1} {
				n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM `+fill(d.find, 9000+2*i+j, time.Time{}))
				if err != nil {
					return err
				}
				if n != want {
					t.Errorf("%s: %d are left of what is %d days from its period, want %d", d.class, n, 4*j-2, want)
				}
			}
			n, err := store.One(tx, store.Value[int], `SELECT coalesce(sum(gone), 0) FROM retention_run WHERE class = ?`, string(d.class))
			if err != nil || n == 0 {
				t.Errorf("%s: %d are counted, %v", d.class, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fill(query string, id int, at time.Time) string {
	return strings.NewReplacer("@id", fmt.Sprint(id), "@at", fmt.Sprint(at.Unix()), "@day", at.UTC().Format(time.DateOnly)).Replace(query)
}

// TestShorterIsAsked: whoever shortens a period reads what that deletes the next night, and only what they then agree to is
// saved; what the night lets go is what they have read.
func TestShorterIsAsked(t *testing.T) {
	h := newHouse(t)
	ago := func(months int) int64 { return h.Now().AddDate(0, -months, 0).Unix() }
	for i, months := range []int{4, 5, 7} { // the third goes anyway
		h.sql(`INSERT INTO list (id, uid, unit, kind, title, body, council, per, names, remind, created, changed) VALUES (?, 'l'||?1, 4, 'bring', 'x', '', 0, 'person', 1, 0, 0, ?)`, 9000+i, ago(months))
	}
	for i, months := range []int{1, 13, 14} {
		h.sql(`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, urgent, ladder)
			VALUES (?1, 'a'||?1, 4, 'news', 'x', '', '', 1, 64, 1, 1, ?2, 1, x'01', 0, '')`, 9000+i, ago(months))
		h.sql(`INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (?, 7, ?, 'app')`, 9000+i, ago(months))
	}
	day := func(years int) string { return h.Now().AddDate(-years, 0, -7).Format(time.DateOnly) }
	for i, years := range []int{1, 3, 4, 5} {
		h.sql(`INSERT INTO absence (id, uid, child, first_day, last_day, reason, note, late) VALUES (?1, 'b'||?1, 3, ?2, ?2, '', '', 0)`, 9000+i, day(years))
		h.sql(`INSERT INTO absence_deed (id, uid, child, day, kind, at, received, escort, instead) VALUES (?1, 'd'||?1, 3, ?2, 'left', 0, 0, '', '')`, 9000+i, day(years))
	}
	const (
		house = "In der nächsten Nacht löscht das Haus dann 3 Listen und die Bestätigungen von 2 Mitteilungen. Das kommt nicht zurück."
		roll  = "In der nächsten Nacht löscht das Haus dann 6 Einträge in den Tageslisten. Das kommt nicht zurück."
	)
	for _, c := range []struct {
		name   string
		who    int64
		path   string
		fields []string
		asks   string // "": it is saved
	}{
		{"for longer", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "7", "announcement_keep", "24"}, ""},
		{"as usual again, and the third goes", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "", "announcement_keep", "24"}, "löscht das Haus dann eine Liste."},
		{"shorter, and nothing is so old", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "7", "announcement_keep", "15"}, ""},
		{"shorter", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "3", "announcement_keep", "12"}, house},
		{"agreed to something else", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "3", "announcement_keep", "12", "sure", "list.keep 3 Monate"}, house},
		{"agreed to more than is left", apptest.Arno, "/betrieb/haus", []string{"name", "Kitas", "list_keep", "7", "announcement_keep", "15", "sure", "list.keep 3 Monate"}, ""},
		{"lists of attendance", apptest.Hanna, "/einheit/4/abwesenheit", []string{"latest", "08:30", "years", "2"}, roll},
	} {
		a := h.do(c.who, h.form(c.who, c.path, c.fields...))
		if body := a.Body.String(); c.asks != "" && (a.Code != 422 || !strings.Contains(body, c.asks)) || c.asks == "" && a.Code != 303 {
			t.Errorf("%s: %d %s", c.name, a.Code, body)
		}
	}
	if n := h.number(`SELECT (SELECT count(*) FROM absence_rule) + (SELECT count(*) FROM setting WHERE name = 'list.keep' AND value = '3')`); n != 0 {
		t.Error("what was asked about is saved already")
	}
	h.done(apptest.Arno, "/betrieb/haus", "name", "Kitas", "list_keep", "3", "announcement_keep", "12", "sure", "list.keep 3 Monate, announcement.keep 12 Monate")
	h.done(apptest.Hanna, "/einheit/4/abwesenheit", "latest", "08:30", "years", "2", "sure", "roll 2 Jahre")

	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	for query, want := range map[string]int64{
		`SELECT sum(gone) FROM retention_run WHERE class = 'list'`:             3,
		`SELECT sum(gone) FROM retention_run WHERE class = 'announcement'`:     2,
		`SELECT sum(gone) FROM retention_run WHERE class = 'roll'`:             6,
		`SELECT count(*) FROM announcement_receipt WHERE announcement >= 9000`: 1,
		`SELECT count(*) FROM absence WHERE id >= 9000`:                        1,
		`SELECT count(*) FROM absence_deed WHERE id >= 9000`:                   1,
	} {
		if n := h.number(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}
