package account

import (
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// Whoever prints letters must not take somebody's access over with one, nor slip a mailbox of their own into another's.
func TestLetterTakesNobodyOver(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Stefan, "stefan@example.org")
	stefan := int64(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Stefan))
	x.verified(apptest.Bert, "fremd@evil.example")
	bert := int64(x.count(`SELECT id FROM guardian WHERE person = ?`, apptest.Bert))
	signedIn, g := x.newGuardian("Zeynep", apptest.Can) // has no way in, but uses the house
	x.mustGo(x.post("/i", "code", x.letter(g, 0)), "/willkommen")
	for name, c := range map[string]struct {
		by   int64
		code string
	}{
		"a head takes a colleague":               {apptest.Hanna, x.letter(0, stefan)},
		"a colleague takes a colleague":          {apptest.Rosa, x.letter(0, stefan)},
		"a mailbox moves into a mother's access": {apptest.Ada, x.letter(bert, 0)},
		"who is signed in":                       {apptest.Ada, x.letter(g, 0)},
	} {
		if a := x.Site.Post(c.by, "/i", "code", c.code, "join", "yes"); a.Code != 422 || !a.Has("benutzt schon jemand") {
			t.Errorf("%s: %d to %q", name, a.Code, a.To)
		}
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM membership WHERE person = 5 AND state = 'confirmed'`:               1,
		`SELECT count(*) FROM account_mail WHERE person = 5`:                                     1,
		`SELECT count(*) FROM account_mail WHERE mail = 'fremd@evil.example' AND person = 11`:    1,
		`SELECT count(*) FROM account_mail WHERE person = 6`:                                     0,
		`SELECT count(*) FROM account_invitation WHERE used IS NOT NULL AND guardian IS NOT ?`:   0,
		`SELECT count(*) FROM session WHERE person = (SELECT person FROM guardian WHERE id = ?)`: 1,
	} {
		if n := x.count(query, g); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	if signedIn == 0 {
		t.Error("nobody")
	}
}

// Once a letter has been added to an access, others for the same place open it no more: who holds them is somebody else.
func TestJoinEndsOtherLetters(t *testing.T) {
	x := serve(t)
	_, g := x.newGuardian("Ada D.", apptest.Can)
	old, code := x.letter(g, 0), x.letter(g, 0)
	x.mustGo(x.Site.Post(apptest.Ada, "/i", "code", code, "join", "yes"), "/willkommen")
	if a := x.post("/i", "code", old); a.Code != 422 || !a.Has("gilt nicht mehr") || x.signedIn() != "" {
		t.Errorf("the other letter: %d, signed in as %q", a.Code, x.signedIn())
	}
}

// What is done to a way in is in the record; and who uses an access reads at once that a letter has opened it.
func TestWaysAreOnRecord(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Bert, "bert@example.org")
	x.write(func(tx *store.Tx) error { // in Turkish, if it is his language
		_, err := tx.Exec(`UPDATE person SET language = 'tr' WHERE id = ?`, apptest.Bert)
		return err
	})
	bert := int64(x.count(`SELECT id FROM guardian WHERE person = ?`, apptest.Bert))
	m := letterCode.FindStringSubmatch(x.Site.Post(apptest.Hanna, "/einheit/4/briefe", "guardian", itoa(bert)).Body)
	if m == nil {
		t.Fatal("no letter")
	}
	x.post("/i", "code", strings.Repeat("0", 21))
	x.post("/i", "code", m[1])
	x.Work(t)
	if sent := x.Post.Sent(); len(sent) != 1 || sent[0].To != "bert@example.org" || sent[0].Subject != "Erişiminiz bir mektupla açıldı" {
		t.Errorf("he is told: %+v", sent)
	}
	x.post("/konto/passwort", "password", "vier bunte Enten")
	x.post("/konto/mail", "mail", "zwei@example.org")
	x.post(x.mailed())
	x.post("/konto/mail/entfernen", "mail", "zwei@example.org")
	x.post("/konto/passwort/entfernen")
	x.post("/konto/geraete")
	ada, g := x.newGuardian("Ada D.", apptest.Can)
	x.Site.Post(apptest.Ada, "/i", "code", x.letter(g, 0), "join", "yes")
	all := *x.log
	for _, want := range []string{"4 letter.printed 11", "0 letter.refused 0", "11 letter.used 11", "11 password.set 0", "11 address.added 0",
		"11 address.removed 0", "11 password.removed 0", "11 device.ended 0", "6 letter.joined " + itoa(ada)} {
		at := slices.Index(all, want)
		if at < 0 {
			t.Errorf("no %q in what is left: %q", want, all)
			continue
		}
		all = all[at:]
	}
}

// A role that is suspended, waits or has not begun yet still wants the factor that guards it: else whoever can take a role away
// for an hour would print a letter meanwhile, come in with it alone, and set the factor up anew.
func TestRestingRoleKeepsItsFactor(t *testing.T) {
	for name, rests := range map[string]string{
		"suspended": `UPDATE membership SET state = 'suspended' WHERE person = 5`,
		"later":     `UPDATE membership SET since = since + 4000000000 WHERE person = 5`,
		"waiting":   `UPDATE membership SET state = 'accepted' WHERE person = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			x := lost(t)
			x.write(func(tx *store.Tx) error {
				if _, err := tx.Exec(rests); err != nil {
					return err
				}
				_, err := tx.Exec(`INSERT INTO guardian (child, person, state, since) VALUES (?, ?, 'confirmed', 0)`, apptest.Can, apptest.Stefan)
				return err
			})
			g := int64(x.count(`SELECT max(id) FROM guardian`))
			var code string
			x.write(func(tx *store.Tx) (err error) {
				code, err = invite(tx, g, 0, apptest.Arno, x.Now())
				return err
			})
			x.other()
			x.post("/i", "code", shown(code))
			if x.count(`SELECT count(*) FROM session WHERE person = 5 AND strong = 0`) == 0 {
				t.Fatal("the letter opens nothing: what this test is about did not happen")
			}
			x.mustGo(x.Get(apptest.Nobody, "/"), wall)
			if a := x.Get(apptest.Nobody, "/konto/zweiter-schritt"); a.Code != 403 {
				t.Errorf("a new factor: %d to %q", a.Code, a.To)
			}
			if a := x.post("/konto/passkey/start"); a.Code != 403 {
				t.Errorf("another passkey: %d", a.Code)
			}
		})
	}
}

// A letter is worth what its author may still give; and a replacement ends what it replaces.
func TestLetterEndsWithItsAuthorAndItsReplacement(t *testing.T) {
	x := serve(t)
	m := int64(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Invited))
	old, code := x.letter(0, m), x.letter(0, m)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET state = 'suspended' WHERE person = ?`, apptest.Hanna)
		return err
	})
	if a := x.post("/i", "code", code); a.Code != 422 || !a.Has("gilt nicht mehr") {
		t.Errorf("by somebody who is no head any more: %d", a.Code)
	}
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET state = 'confirmed' WHERE person = ?`, apptest.Hanna)
		return err
	})
	x.mustGo(x.post("/i", "code", code), "/willkommen")
	x.other()
	if a := x.post("/i", "code", old); a.Code != 422 || !a.Has("gilt nicht mehr") {
		t.Errorf("the lost one: %d", a.Code)
	}
	_, g := x.newGuardian("Zeynep", apptest.Can)
	old, code = x.letter(g, 0), x.letter(g, 0)
	x.mustGo(x.post("/i", "code", code), "/willkommen")
	x.other()
	if a := x.post("/i", "code", old); a.Code != 422 || !a.Has("gilt nicht mehr") {
		t.Errorf("the lost one of a family: %d", a.Code)
	}
}
