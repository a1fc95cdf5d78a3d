package account

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

var letterCode = regexp.MustCompile(`<p class="code" dir="ltr"><b>([^<]+)</b>`)

// lost is a house in which Stefan has lost his passkey; Arno and Max answer for him.
func lost(t *testing.T) town {
	t.Helper()
	x := strict(t)
	x.verified(apptest.Stefan, "stefan@example.org")
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET mail = 'Stefan@Kita.example' WHERE person = 5`)
		return err
	})
	x.register(apptest.Stefan, newAuthenticator(t))
	return x
}

func (x town) mailsTo() (all []string) {
	x.t.Helper()
	x.Work(x.t)
	for _, m := range x.Post.Sent() {
		if strings.Contains(m.Subject, "Zugang") {
			all = append(all, m.To+" "+m.Subject)
		}
	}
	slices.Sort(all)
	return all
}

// One asks, another allows it: Stefan gets a letter, and sets a second factor up as on the first day.
func TestRecoveryByTwo(t *testing.T) {
	x := lost(t)
	if a := x.Get(apptest.Max, "/wiederherstellung?q=stefan"); !a.Has("Stefan Fachkraft") {
		t.Error("Max does not find him")
	}
	x.mustGo(x.Site.Post(apptest.Max, "/wiederherstellung", "person", "5"), "/wiederherstellung")
	if a := x.Site.Post(apptest.Arno, "/wiederherstellung", "person", "5"); a.Code != 422 || !a.Has("wartet schon") {
		t.Errorf("a second request: %d", a.Code)
	}
	const asked = "Jemand möchte Ihren Zugang wiederherstellen"
	if got := x.mailsTo(); !slices.Equal(got, []string{"stefan@example.org " + asked, "stefan@kita.example " + asked}) {
		t.Errorf("he is told: %q", got)
	}
	id := fmt.Sprint(x.count(`SELECT id FROM account_recovery`))
	if a := x.Site.Post(apptest.Max, "/wiederherstellung/erlauben", "request", id); a.Code != 422 || !a.Has("jemand anderes") {
		t.Errorf("allowed by who has asked: %d", a.Code)
	}
	if a := x.Get(apptest.Max, "/wiederherstellung"); a.Has("Erlauben und Brief") || !a.Has("Stefan Fachkraft") {
		t.Error("the page offers it to who has asked")
	}
	if x.count(`SELECT count(*) FROM account_passkey`) != 1 {
		t.Fatal("one alone has opened the door")
	}
	a := x.Site.Post(apptest.Arno, "/wiederherstellung/erlauben", "request", id)
	m := letterCode.FindStringSubmatch(a.Body)
	if a.Code != 200 || m == nil {
		t.Fatalf("no letter: %d\n%s", a.Code, a.Body)
	}
	if x.count(`SELECT (SELECT count(*) FROM account_passkey) + (SELECT count(*) FROM session WHERE person = 5)`) != 0 || len(x.mailsTo()) != 4 {
		t.Errorf("something stays, or he is not told: %q", x.mailsTo())
	}
	if a := x.Site.Post(apptest.Greta, "/wiederherstellung/erlauben", "request", id); a.Code != http.StatusNotFound {
		t.Errorf("once more: %d", a.Code)
	}
	for _, line := range []string{"3 recovery.asked 5", "1 recovery.allowed 5"} {
		if !slices.Contains(*x.log, line) {
			t.Errorf("no %q in %v", line, *x.log)
		}
	}
	x.other()
	x.post("/i", "code", m[1])
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	if r := x.register(apptest.Nobody, newAuthenticator(t)); r.Code != 200 || x.signedIn() != "Stefan Fachkraft" {
		t.Errorf("with the letter: %d, signed in as %q", r.Code, x.signedIn())
	}
}

// Who may not: oneself, the head alone, the carrier next door, and nobody after two days or once it was stopped.
func TestRecoveryIsRefused(t *testing.T) {
	x := lost(t)
	x.register(apptest.Max, newAuthenticator(t))
	x.register(apptest.Ada, newAuthenticator(t))
	for _, c := range []struct {
		name   string
		by     int64
		person string
		code   int
	}{
		{"a head", apptest.Hanna, "5", http.StatusForbidden},
		{"another carrier", apptest.Greta, "5", http.StatusNotFound},
		{"oneself", apptest.Max, "3", http.StatusNotFound},
		{"somebody above", apptest.Max, "1", http.StatusNotFound},
		{"a mother", apptest.Arno, "6", http.StatusNotFound},
		{"nobody", apptest.Arno, "0", http.StatusNotFound},
	} {
		if a := x.Site.Post(c.by, "/wiederherstellung", "person", c.person); a.Code != c.code {
			t.Errorf("%s asks: %d, want %d", c.name, a.Code, c.code)
		}
	}
	ask := func() string {
		t.Helper()
		x.mustGo(x.Site.Post(apptest.Max, "/wiederherstellung", "person", "5"), "/wiederherstellung")
		return fmt.Sprint(x.count(`SELECT max(id) FROM account_recovery`))
	}
	allow := func(by int64, id string) int {
		return x.Site.Post(by, "/wiederherstellung/erlauben", "request", id).Code
	}
	x.write(func(tx *store.Tx) error { // Vera runs the carrier: two of its managers together are not above her
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Chair, Unit: apptest.CarrierA, Role: who.Admin, State: org.Confirmed, Since: x.Now()})
		return err
	})
	x.register(apptest.Chair, newAuthenticator(t))
	if a := x.Site.Post(apptest.Max, "/wiederherstellung", "person", "17"); a.Code != http.StatusNotFound {
		t.Errorf("for who runs the carrier: %d", a.Code)
	}
	if a := x.Get(apptest.Max, "/wiederherstellung?q=Vorsitz"); a.Code != 200 || a.Has("Vera") {
		t.Errorf("finds who runs the carrier: %d", a.Code)
	}
	id := ask()
	x.write(func(tx *store.Tx) error { // he becomes a manager, too, and would allow it himself
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Stefan, Unit: apptest.CarrierA, Role: who.Manager, State: org.Confirmed, Since: x.Now()})
		return err
	})
	for by, want := range map[int64]int{apptest.Greta: 404, apptest.Hanna: 403, apptest.Stefan: 404, apptest.Max: 422} {
		if got := allow(by, id); got != want {
			t.Errorf("person %d allows it: %d, want %d", by, got, want)
		}
	}
	if got := allow(apptest.Arno, "0"); got != http.StatusNotFound {
		t.Errorf("no request, while one waits: %d", got)
	}
	x.Clock.Add(recoverFor)
	if got := allow(apptest.Arno, id); got != http.StatusNotFound {
		t.Errorf("after two days: %d", got)
	}
	id = ask()
	x.mustGo(x.Site.Post(apptest.Stefan, "/konto/wiederherstellung/anhalten"), "/konto")
	if got := allow(apptest.Arno, id); got != http.StatusNotFound || !slices.Contains(*x.log, "5 recovery.stopped 5") {
		t.Errorf("after he has stopped it: %d", got)
	}
	id = ask()
	if a := x.Site.Post(apptest.Greta, "/wiederherstellung/anhalten", "request", id); a.Code != http.StatusNotFound {
		t.Errorf("stopped next door: %d", a.Code)
	}
	x.mustGo(x.Site.Post(apptest.Arno, "/wiederherstellung/anhalten", "request", id), "/wiederherstellung")
	if x.count(`SELECT count(*) FROM account_passkey WHERE person = 5`) != 1 {
		t.Error("the passkey has gone")
	}
	x.Work(t)
	x.byLink("stefan@example.org")
	ask()
	if a := x.Get(apptest.Nobody, wall); !a.Has("/konto/wiederherstellung/anhalten") {
		t.Error("half a session does not show it")
	}
	x.Clock.Add(time.Hour)
	x.mustGo(x.post("/konto/wiederherstellung/anhalten"), "/konto")
}

// A request for somebody who has left meanwhile is nobody's any more, and not everybody's.
func TestRecoveryOfWhoHasLeft(t *testing.T) {
	x := lost(t)
	x.mustGo(x.Site.Post(apptest.Max, "/wiederherstellung", "person", "5"), "/wiederherstellung")
	for _, p := range []int64{apptest.Max, apptest.Arno} {
		if a := x.Get(p, "/wiederherstellung"); !a.Has("Stefan Fachkraft") {
			t.Fatalf("person %d: %d\n%s", p, a.Code, a.Body)
		}
	}
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET state = 'ended', until = ? WHERE person = 5`, x.Now().Unix())
		return err
	})
	id := fmt.Sprint(x.count(`SELECT max(id) FROM account_recovery`))
	for _, p := range []int64{apptest.Greta, apptest.Max, apptest.Arno} {
		if a := x.Get(p, "/wiederherstellung"); a.Code != 200 || a.Has("Stefan") {
			t.Errorf("person %d reads of it: %d", p, a.Code)
		}
		for _, do := range []string{"erlauben", "anhalten"} {
			if a := x.Site.Post(p, "/wiederherstellung/"+do, "request", id); a.Code != http.StatusNotFound {
				t.Errorf("person %d, %s: %d", p, do, a.Code)
			}
		}
	}
}

// The only operator has lost everything: the console leads in, and to a new factor.
func TestConsoleRecovers(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Arno, "arno@example.org")
	key := newAuthenticator(t)
	x.register(apptest.Arno, key)
	var at string
	x.write(func(tx *store.Tx) (err error) {
		at, err = ConsoleLink(tx, x.House.House, "arno@example.org")
		return err
	})
	x.other()
	x.mustGo(x.post(strings.TrimPrefix(at, apptest.Base)), "/")
	if got := x.signedIn(); got != "Arno Betrieb" {
		t.Fatalf("signed in as %q", got)
	}
	fresh := newAuthenticator(t)
	if r := x.register(apptest.Nobody, fresh); r.Code != 200 {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	x.mustGo(x.post("/konto/passkey/entfernen", "passkey", hexOf(key.id)), "/konto")
	x.other()
	if r := x.login(fresh); r.Code != 200 || x.signedIn() != "Arno Betrieb" {
		t.Errorf("with the new one: %d", r.Code)
	}
}

// A family that has lost its passkey gets a new letter from the Kita: the mailbox alone opens the house, and changes nothing.
func TestLetterRecoversAFather(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Bert, "bert@example.org")
	key := newAuthenticator(t)
	x.register(apptest.Bert, key)
	x.byLink("bert@example.org")
	x.proving(x.post("/konto/passkey/entfernen", "passkey", hexOf(key.id), "sure", "1"))
	id := fmt.Sprint(x.count(`SELECT id FROM guardian WHERE person = 11`))
	m := letterCode.FindStringSubmatch(x.Site.Post(apptest.Hanna, "/einheit/4/briefe", "guardian", id).Body)
	if m == nil {
		t.Fatal("no letter")
	}
	x.other()
	x.post("/i", "code", m[1])
	x.mustGo(x.post("/konto/passkey/entfernen", "passkey", hexOf(key.id)), "/konto")
	if x.count(`SELECT count(*) FROM account_passkey`) != 0 {
		t.Error("the lost one is still there")
	}
}
