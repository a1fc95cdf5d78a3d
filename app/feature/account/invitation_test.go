package account

import (
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"rsc.io/qr"
)

func TestCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		c := newCode()
		if got, err := readCode(shown(c)); got != c || err != nil || seen[c] {
			t.Fatalf("%s is read as %s: %v", shown(c), got, err)
		}
		seen[c] = true
		i := len(c) / 2
		for _, other := range []byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ") { // every slip in one place is found
			if other == c[i] {
				continue
			}
			if _, err := readCode(c[:i] + string(other) + c[i+1:] + string(check(c))); err == nil {
				t.Fatalf("%s with %c is not found out", c, other)
			}
		}
	}
	const code = "01ABCDEFGHJKMNPQRST0"
	sym := string(check(code))
	for _, c := range []struct {
		name, typed string
		ok          bool
	}{
		{"as printed", shown(code), true},
		{"lower case", strings.ToLower(shown(code)), true},
		{"spaces", "01AB CDEF GHJK MNPQ RST0 " + sym, true},
		{"no gaps", code + sym, true},
		{"O and I", "OIABCDEFGHJKMNPQRSTO" + sym, true},
		{"l", "0labcdefghjkmnpqrsto" + sym, true},
		{"with its number sign", "#" + code + sym, true},
		{"two swapped", "10ABCDEFGHJKMNPQRST0" + sym, false},
		{"without check symbol", code, false},
		{"too long", code + sym + "0", false},
		{"U within", "U1ABCDEFGHJKMNPQRST0" + sym, false},
		{"umlaut", "Ä1ABCDEFGHJKMNPQRST" + sym, false},
		{"empty", " ", false},
	} {
		got, err := readCode(c.typed)
		if (err == nil) != c.ok || c.ok && got != code {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if err != nil && fault.Fields(err)["code"] == "" {
			t.Errorf("%s: no words", c.name)
		}
	}
	// Crockford's own alphabet and order.
	if checks != "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U" || check(strings.Repeat("0", 20)) != '0' || check(strings.Repeat("0", 19)+"Z") != 'Z' || check(strings.Repeat("0", 18)+"14") != 'U' {
		t.Error("wrong check symbols")
	}
}

// letter makes an invitation by Hanna.
func (x town) letter(guardian, membership int64) (code string) {
	x.t.Helper()
	x.write(func(tx *store.Tx) (err error) {
		code, err = invite(tx, guardian, membership, apptest.Hanna, x.Now())
		return err
	})
	return shown(code)
}

func (x town) state(guardian int64) (s string) {
	x.t.Helper()
	x.write(func(tx *store.Tx) (err error) {
		s, err = store.One(tx, store.Value[string], `SELECT state FROM guardian WHERE id = ?`, guardian)
		return err
	})
	return s
}

func TestRedeem(t *testing.T) {
	x := serve(t)
	_, g := x.newGuardian("Zeynep", apptest.Can)
	code := x.letter(g, 0)
	if a := x.Get(apptest.Nobody, "/i"); a.Code != 200 || !a.Has("data-invite") || !a.Has("Ja, das bin ich") || !a.Has("Code aus dem Brief") {
		t.Errorf("the page: %d", a.Code)
	}
	x.mustGo(x.post("/i", "code", code), "/willkommen")
	if x.state(g) != "confirmed" || x.signedIn() != "Zeynep" {
		t.Errorf("%s, signed in as %q", x.state(g), x.signedIn())
	}
	if a := x.Get(apptest.Nobody, "/willkommen"); a.Code != 200 || !a.Has(`data-passkey="register"`) {
		t.Errorf("welcome: %d", a.Code)
	}
	x.other()
	if a := x.post("/i", "code", code); a.Code != 422 || !a.Has("schon benutzt") || x.signedIn() != "" {
		t.Errorf("used twice: %d", a.Code)
	}

	code = x.letter(g, 0)
	x.Clock.Add(letterFor)
	if a := x.post("/i", "code", code); a.Code != 422 || !a.Has("gilt nicht mehr") {
		t.Errorf("after 21 days: %d", a.Code)
	}
}

func TestRedeemMembership(t *testing.T) {
	x := serve(t)
	m := int64(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Invited))
	x.mustGo(x.post("/i", "code", x.letter(0, m)), "/willkommen")
	if x.signedIn() != "Ina Neu" || x.count(`SELECT count(*) FROM membership WHERE id = ? AND state = 'confirmed'`, m) != 1 {
		t.Error("not confirmed")
	}
}

func TestSecondLook(t *testing.T) {
	x := serve(t)
	x.write(func(tx *store.Tx) error { return x.Settings.Set(tx, settings.HouseApprove, "1") })
	_, g := x.newGuardian("Zeynep", apptest.Can)
	x.mustGo(x.post("/i", "code", x.letter(g, 0)), "/willkommen")
	if x.state(g) != "accepted" {
		t.Errorf("state %s", x.state(g))
	}
	if a := x.Get(apptest.Nobody, "/willkommen"); !a.Has("prüft Ihren Zugang") {
		t.Error("the page does not say what to wait for")
	}
	a := x.Get(apptest.Nobody, "/konto")
	if a.Code != 200 || !a.Has("prüft Ihren Zugang") || a.Has("Bären") {
		t.Errorf("account: %d", a.Code)
	}
}

func TestRedeemOnce(t *testing.T) {
	x := serve(t)
	_, g := x.newGuardian("Zeynep", apptest.Can)
	code := x.letter(g, 0)
	plain, err := readCode(code)
	if err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
				_, err := redeem(tx, plain, 0, false, false, x.Now())
				return err
			})
			if err == nil {
				won.Add(1)
			} else if fault.KindOf(err) != fault.Invalid {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 100 came in", won.Load())
	}
}

func TestGuessing(t *testing.T) {
	x := serve(t)
	_, g := x.newGuardian("Zeynep", apptest.Can)
	code := x.letter(g, 0)
	last := code[:len(code)-1] + string(checks[(strings.IndexByte(checks, code[len(code)-1])+1)%37])
	for range 30 { // slips of the finger are no guesses
		if a := x.post("/i", "code", last); a.Code != 422 || !a.Has("Bitte prüfen Sie den Code") {
			t.Fatalf("a slip: %d", a.Code)
		}
	}
	for i := range 10 {
		if a := x.post("/i", "code", shown(newCode())); a.Code != 422 || !a.Has("gibt es nicht") {
			t.Fatalf("guess %d: %d", i, a.Code)
		}
	}
	if a := x.post("/i", "code", code); a.Code != 422 || !a.Has("zu viele Versuche") || x.state(g) != "invited" {
		t.Errorf("after ten guesses: %d", a.Code)
	}
	x.Clock.Add(59 * time.Minute)
	if a := x.post("/i", "code", code); a.Code != 422 {
		t.Errorf("59 minutes later: %d", a.Code)
	}
	if a := x.from("203.0.113.9", "/i", "code", shown(newCode())); !a.Has("gibt es nicht") {
		t.Error("another network is blocked, too")
	}
	x.Clock.Add(time.Minute)
	x.mustGo(x.post("/i", "code", code), "/willkommen")

	// A Kita gives its letters out in one evening, in one network.
	for i := range 15 {
		x.other()
		_, g := x.newGuardian(fmt.Sprint("Mutter ", i), apptest.Can)
		x.mustGo(x.post("/i", "code", x.letter(g, 0)), "/willkommen")
	}
}

// Max looks after the members of his carrier, but for those above him: a letter for its new operator, or one for whoever is
// already, would let him in as that.
func TestNoLetterForThoseAbove(t *testing.T) {
	x := serve(t)
	appoint := func(person int64, role who.Role, state string) string {
		t.Helper()
		var id int64
		x.write(func(tx *store.Tx) (err error) {
			id, err = org.Appoint(tx, org.Membership{Person: person, Unit: apptest.CarrierA, Role: role, State: state, Since: x.Now()})
			return err
		})
		return fmt.Sprint(id)
	}
	operator, audits, colleague := appoint(apptest.Former, who.Admin, org.Invited), appoint(apptest.Auditor, who.Auditor, org.Invited), appoint(apptest.Invited, who.Manager, org.Invited)
	page := x.Get(apptest.Max, "/einheit/3/briefe")
	if page.Code != 200 || !page.Has("Ina Neu") || page.Has("Fritz") || page.Has("Doris") {
		t.Errorf("offered: %d\n%s", page.Code, page.Body)
	}
	for _, c := range []struct {
		by   int64
		id   string
		made bool
	}{{apptest.Max, operator, false}, {apptest.Max, audits, false}, {apptest.Max, colleague, true}, {apptest.Arno, operator, true}} {
		a := x.Site.Post(c.by, "/einheit/3/briefe", "membership", c.id)
		if made := letterCode.MatchString(a.Body); made != c.made {
			t.Errorf("person %d, membership %s: %d, made: %v", c.by, c.id, a.Code, made)
		}
	}

	// Vera is the carrier's operator, and on the board of the council, for which Hanna may print.
	appoint(apptest.Chair, who.Admin, org.Confirmed)
	a := x.Site.Post(apptest.Max, "/einheit/10/briefe", "membership", fmt.Sprint(x.count(`SELECT id FROM membership WHERE person = 17 AND unit = 10`)))
	code := letterCode.FindStringSubmatch(a.Body)
	if code == nil {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if a := x.Site.Post(apptest.Nobody, "/i", "code", code[1]); a.Code != 422 || !a.Has("Sie haben schon einen Zugang") {
		t.Errorf("in as the operator: %d %s", a.Code, a.To)
	}
}

func TestJoin(t *testing.T) {
	x := serve(t)
	other, g := x.newGuardian("Ada D.", apptest.Dora)
	code := x.letter(g, 0)
	if a := x.Get(apptest.Ada, "/i"); !a.Has("Sie sind als Ada Demir angemeldet") {
		t.Error("nobody asks")
	}
	if a := x.Site.Post(apptest.Ada, "/i", "code", code); a.Code != 422 || !a.Has(code) || !a.Has(`value="yes"`) {
		t.Errorf("without an answer: %d", a.Code)
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/i", "code", code, "join", "yes"), "/willkommen")
	if n := x.count(`SELECT count(*) FROM guardian WHERE person = ? AND state = 'confirmed'`, apptest.Ada); n != 3 {
		t.Errorf("Ada has %d children", n)
	}
	if n := x.count(`SELECT count(*) FROM guardian WHERE person = ? AND state <> 'ended'`, other); n != 0 {
		t.Error("the other person goes on")
	}
	if a := x.Get(apptest.Ada, "/konto"); !a.Has("Dora Beirat") || !a.Has("Mila Demir") {
		t.Error("Ada does not see all children")
	}

	// Staff, too.
	m := int64(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Invited))
	x.Site.Post(apptest.Ada, "/i", "code", x.letter(0, m), "join", "yes")
	if n := x.count(`SELECT count(*) FROM membership WHERE person = ? AND state = 'confirmed'`, apptest.Ada); n != 1 {
		t.Error("Ada has not become staff")
	}
}

// A second letter for a child with whom one's place has ended or is locked. What the facility has decided about a
// person holds, whoever a later letter is for; only an end is undone by it.
func TestJoinAgain(t *testing.T) {
	const state = `SELECT state || ' ' || informed || decides || ' ' || phone || ' ' || (until > 9000000000) FROM guardian WHERE person = ? AND child = ?`
	for name, c := range map[string]struct {
		own, letter string // set on the rows
		code        int
		want        string
	}{
		"ended: as the letter says":     {"state = 'ended', until = 100, decides = 0", "phone = '0999'", 303, "confirmed 11 0999 1"},
		"ended, and the letter tells":   {"state = 'ended', until = 100", "informed = 0", 303, "confirmed 01  1"},
		"confirmed: stays":              {"phone = '0111', informed = 0, decides = 0", "phone = '0999'", 303, "confirmed 00 0111 1"},
		"invited: one letter is enough": {"state = 'invited'", "phone = '0999'", 303, "confirmed 11 0461 113 1"},
		"accepted: still waits":         {"state = 'accepted'", "phone = '0999'", 303, "accepted 11 0461 113 1"},
		"locked: stays so":              {"state = 'suspended'", "phone = '0999'", 422, "suspended 11 0461 113 1"},
	} {
		t.Run(name, func(t *testing.T) {
			x := serve(t)
			other, g := x.newGuardian("Cem Y.", apptest.Can)
			code := x.letter(g, 0)
			x.write(func(tx *store.Tx) error {
				if _, err := tx.Exec(`UPDATE guardian SET `+c.own+` WHERE person = ? AND child = ?`, apptest.Cem, apptest.Can); err != nil {
					return err
				}
				_, err := tx.Exec(`UPDATE guardian SET `+c.letter+` WHERE id = ?`, g)
				return err
			})
			a := x.Site.Post(apptest.Cem, "/i", "code", code, "join", "yes")
			if a.Code != c.code || a.Code == 422 && !a.Has("Mektup geçerli kalır") {
				t.Fatalf("%d\n%s", a.Code, a.Body)
			}
			var got string
			x.write(func(tx *store.Tx) (err error) {
				got, err = store.One(tx, store.Value[string], state, apptest.Cem, apptest.Can)
				return err
			})
			if got != c.want {
				t.Errorf("Cem is %q, want %q", got, c.want)
			}
			open := x.count(`SELECT count(*) FROM guardian WHERE person = ? AND state <> 'ended'`, other)
			unused := x.count(`SELECT count(*) FROM account_invitation WHERE guardian = ? AND used IS NULL`, g)
			if want := map[bool]int{true: 1}[c.code == 422]; open != want || unused != want {
				t.Errorf("the other person has %d places and %d letters, want %d", open, unused, want)
			}
		})
	}
}

// A lock on a sibling holds as well, even if it stands on the row of the letter.
func TestJoinKeepsLocks(t *testing.T) {
	x := serve(t)
	other, _ := x.newGuardian("Cem Y.", apptest.Dora)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO guardian (child, person, state, since) VALUES (?, ?, 'suspended', 0)`, apptest.Can, other)
		return err
	})
	x.write(func(tx *store.Tx) error { return merge(tx, other, apptest.Cem, x.Now()) })
	if n := x.count(`SELECT count(*) FROM guardian WHERE person = ? AND child = ? AND state = 'suspended'`, apptest.Cem, apptest.Can); n != 1 {
		t.Error("a lock was lifted by joining")
	}

	// The same for a role.
	m := int64(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Invited))
	role := x.letter(0, m)
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, 4, 5, 'suspended', 0)`, apptest.Ada)
		return err
	})
	if a := x.Site.Post(apptest.Ada, "/i", "code", role, "join", "yes"); a.Code != 422 || !a.Has("gesperrt") {
		t.Errorf("a locked role: %d", a.Code)
	}
	if n := x.count(`SELECT count(*) FROM account_invitation WHERE membership = ? AND used IS NULL`, m); n != 1 {
		t.Error("the letter is used up")
	}
}

func TestNotMe(t *testing.T) {
	x := serve(t)
	other, g := x.newGuardian("Zeynep", apptest.Can)
	x.mustGo(x.Site.Post(apptest.Ada, "/i", "code", x.letter(g, 0), "join", "no"), "/willkommen")
	if n := x.count(`SELECT count(*) FROM session WHERE person = ?`, other); n != 1 {
		t.Error("not signed in as whom the letter is for")
	}
	if n := x.count(`SELECT count(*) FROM guardian WHERE person = ?`, apptest.Ada); n != 2 {
		t.Error("Ada was given a child")
	}
}

// Whoever prints letters in one facility must not get into another with them: Ada has a child in a second one.
func TestLetterOpensNoOtherFacility(t *testing.T) {
	x := serve(t)
	code := x.letter(1, 0) // Ada's, by Hanna of Sonne
	for _, v := range []int64{apptest.Nobody, apptest.Hanna} {
		if a := x.Site.Post(v, "/i", "code", code, "join", "yes"); a.Code != 422 || !a.Has("schon einen Zugang") {
			t.Errorf("person %d: %d", v, a.Code)
		}
	}
	if n := x.count(`SELECT count(*) FROM guardian WHERE person = ?`, apptest.Ada); n != 2 {
		t.Error("Ada has lost a child")
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/i", "code", code, "join", "yes"), "/willkommen")

	var byArno string
	x.write(func(tx *store.Tx) (err error) {
		byArno, err = invite(tx, 1, 0, apptest.Arno, x.Now())
		return err
	})
	x.mustGo(x.post("/i", "code", shown(byArno)), "/willkommen") // the operator looks after both
}

func TestLetters(t *testing.T) {
	x := serve(t)
	_, g := x.newGuardian("Zeynep", apptest.Can) // the third guardian, reads Turkish
	_, fourth := x.newGuardian("Opa", apptest.Can)
	a := x.Get(apptest.Hanna, "/einheit/4/briefe")
	for _, want := range []string{"Zeynep", "Opa", "Ada Demir", "Cem Yildiz", "Ina Neu", "noch kein Brief"} {
		if !a.Has(want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if a.Has("Emil") || a.Has("Lutz") || a.Has("Fritz") {
		t.Error("the list names who is not to get a letter here")
	}
	page := x.Site.Post(apptest.Hanna, "/einheit/4/briefe", "guardian", fmt.Sprint(g), "guardian", fmt.Sprint(fourth), "guardian", "1",
		"membership", fmt.Sprint(x.count(`SELECT id FROM membership WHERE person = ?`, apptest.Invited)))
	if page.Code != 200 || !strings.Contains(page.Header.Get("Cache-Control"), "no-store") {
		t.Fatalf("%d, %s\n%s", page.Code, page.Header.Get("Cache-Control"), page.Body)
	}
	letters := strings.Split(page.Body, `<article class="letter"`)[1:]
	if len(letters) != 4 {
		t.Fatalf("%d letters", len(letters))
	}
	codes := map[string]bool{}
	for _, name := range []string{"Zeynep", "Opa", "Ada Demir", "Ina Neu"} {
		n := 0
		for _, l := range letters {
			if !strings.Contains(l, name) {
				continue
			}
			n++
			for _, want := range []string{"localhost:8080/i", "<svg", "<path", "Kita Sonnenblume"} {
				if !strings.Contains(l, want) {
					t.Errorf("letter to %s lacks %q", name, want)
				}
			}
			if strings.Contains(l, "data:") || strings.Contains(l, "style=") {
				t.Errorf("letter to %s has what the policy forbids", name)
			}
			m := regexp.MustCompile(`<b>([^<]{26})</b>`).FindStringSubmatch(l)
			if m == nil {
				t.Fatalf("letter to %s has no code", name)
			}
			code := html.UnescapeString(m[1])
			if _, err := readCode(code); err != nil || codes[code] {
				t.Errorf("letter to %s: %s, %v", name, code, err)
			}
			codes[code] = true
			german := strings.Contains(l, "Wir fragen nie nach Bankdaten.")
			if turkish := strings.HasPrefix(l, ` lang="tr"`); turkish == german || turkish != (name == "Zeynep" || name == "Opa") {
				t.Errorf("letter to %s is in the wrong language", name)
			}
		}
		if n != 1 {
			t.Errorf("%d letters to %s", n, name)
		}
	}
	for code := range codes {
		plain, _ := readCode(code)
		if x.count(`SELECT count(*) FROM account_invitation WHERE hash = ?`, codeHash(plain)) != 1 || x.count(`SELECT count(*) FROM account_invitation WHERE hash = ?`, []byte(plain)) != 0 {
			t.Error("the code is not stored as its hash")
		}
	}
	if a := x.Get(apptest.Hanna, "/einheit/4/briefe"); !a.Has("liegt vor") {
		t.Error("the list does not know of the letters")
	}
	for range 3 {
		x.Site.Post(apptest.Hanna, "/einheit/4/briefe", "guardian", fmt.Sprint(g))
	}
	if n := x.count(`SELECT count(*) FROM account_invitation WHERE guardian = ? AND used IS NULL AND expires > ?`, g, x.Now().Unix()); n != 2 {
		t.Errorf("%d letters are open", n)
	}
}

func TestLettersAreForTheUnit(t *testing.T) {
	x := serve(t)
	for _, c := range []struct {
		person int64
		path   string
		want   int
	}{
		{apptest.Nobody, "/einheit/4/briefe", http.StatusSeeOther},
		{apptest.Stefan, "/einheit/5/briefe", http.StatusForbidden},
		{apptest.Ada, "/einheit/5/briefe", http.StatusForbidden},
		{apptest.Olga, "/einheit/4/briefe", http.StatusForbidden},
		{apptest.Rosa, "/einheit/4/briefe", http.StatusNotFound},
		{apptest.Greta, "/einheit/4/briefe", http.StatusNotFound},
		{apptest.Hanna, "/einheit/999/briefe", http.StatusNotFound},
		{apptest.Hanna, "/einheit/3/briefe", http.StatusNotFound},
		{apptest.Hanna, "/einheit/5/briefe", http.StatusOK},
		{apptest.Max, "/einheit/4/briefe", http.StatusOK},
		{apptest.Arno, "/einheit/1/briefe", http.StatusOK},
	} {
		if a := x.Get(c.person, c.path); a.Code != c.want {
			t.Errorf("person %d, %s: %d, want %d", c.person, c.path, a.Code, c.want)
		}
	}
	emil := x.count(`SELECT id FROM guardian WHERE child = ?`, apptest.Emil)
	if a := x.Site.Post(apptest.Hanna, "/einheit/4/briefe", "guardian", fmt.Sprint(emil)); a.Code != http.StatusNotFound || x.count(`SELECT count(*) FROM account_invitation`) != 0 {
		t.Errorf("a letter for another facility's family: %d", a.Code)
	}
	if a := x.Site.Post(apptest.Hanna, "/einheit/4/briefe"); a.Code != 422 || !a.Has("Bitte wählen Sie aus") {
		t.Errorf("nobody chosen: %d", a.Code)
	}
}

// Many wrong codes, from wherever, are told to the operator once.
func TestAlarm(t *testing.T) {
	x := serve(t)
	var log strings.Builder
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	defer slog.SetDefault(old)
	for i := range 60 {
		if i == 49 && log.Len() > 0 {
			t.Errorf("an alarm after %d", i)
		}
		x.from(fmt.Sprintf("203.0.%d.1", i), "/i", "code", shown(newCode()))
	}
	if n := strings.Count(log.String(), "many wrong invitation codes"); n != 1 {
		t.Errorf("%d alarms", n)
	}
}

// The drawing is the code, module by module.
func TestDraw(t *testing.T) {
	const text = "https://kita.example.org/i#01AB-CDEF-GHJK-MNPQ-RST0-U"
	got, err := draw(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	black := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(string(got), -1) {
		var x, y, n int
		_, _ = fmt.Sscan(m[1]+" "+m[2]+" "+m[3], &x, &y, &n)
		for i := range n {
			black[[2]int{x + i - 4, y - 4}] = true
		}
	}
	for y := range want.Size {
		for x := range want.Size {
			if black[[2]int{x, y}] != want.Black(x, y) {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
}

// FuzzReadCode: what is read as a code is one that the house could have printed, whatever was typed around it.
func FuzzReadCode(f *testing.F) {
	for _, s := range []string{"", shown(newCode()), strings.ToLower(shown(newCode())), "# OIL0-1234 5678–9ABC\tDEFG-HJKM-N", strings.Repeat("ß", 11), "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := readCode(s)
		switch {
		case err != nil && (code != "" || fault.KindOf(err) == fault.Internal):
			t.Errorf("%q is wrong, and yet %q: %v", s, code, err)
		case err == nil && len(code) != codeLength:
			t.Errorf("%q is read as %q", s, code)
		case err == nil:
			if again, err := readCode(shown(code)); again != code || err != nil {
				t.Errorf("%q is printed as %q, which is read as %q: %v", code, shown(code), again, err)
			}
		}
	})
}
