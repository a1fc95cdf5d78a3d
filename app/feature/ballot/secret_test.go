package ballot

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

func secretDraft() Draft {
	d := draft()
	d.Secret = true
	return d
}

// TestSecretVote: everybody votes once, each finds their vote again, and nobody finds anybody else's.
func TestSecretVote(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	codes := map[Choice]string{}
	ada := r.fetch(id, apptest.Ada, r.fresh(id))
	// A line that broke: the same ballot is signed again, and the same vote is as good as once.
	r.fetch(id, apptest.Ada, ada)
	codes[No] = r.throw(id, ada, No)
	if again := r.throw(id, ada, No); again != codes[No] {
		t.Errorf("the same vote has the codes %s and %s", codes[No], again)
	}
	r.want(r.post(apptest.Nobody, id, "urne", ada.fields(Yes)...), 409, "schon abgestimmt")
	r.want(r.post(apptest.Ada, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "Einen zweiten gibt es nicht")
	codes[Yes] = r.throw(id, r.fetch(id, apptest.Bert, r.fresh(id)), Yes)
	codes[Abstain] = r.throw(id, r.fetch(id, apptest.Cem, r.fresh(id)), Abstain)
	left := r.fetch(id, apptest.Dana, r.fresh(id)) // and is never cast

	if x := r.result(id); x.Given != 3 || x.Yes+x.No+x.Abstain != 0 || x.Names != nil {
		t.Errorf("before the end: %+v", x)
	}
	if page := r.panel(apptest.Chair); !strings.Contains(page, "Ausgegebene Stimmzettel: 4. In der Urne: 3.") || strings.Contains(page, codes[Yes]) {
		t.Errorf("before the end: %s", page)
	}
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/antrag/17"), 303)
	x := r.result(id)
	if x.Yes != 1 || x.No != 1 || x.Abstain != 1 || x.Carried || !x.Quorate || len(r.closed) != 1 || r.closed[0].ID != id || x.Names != nil {
		t.Errorf("a tie: %+v, told %+v", x, r.closed)
	}
	for _, who := range []int64{apptest.Ada, apptest.Dana} {
		page := r.panel(who)
		for c, code := range codes {
			if !strings.Contains(page, fmt.Sprintf(`<code>%s</code> <span translate="yes">%s</span>`, code, c.Word())) {
				t.Errorf("%s is not shown as %s: %s", code, c, page)
			}
		}
		if !strings.Contains(page, "Ausgegebene Stimmzettel: 4. In der Urne: 3.") {
			t.Errorf("how many ballots there were is not told: %s", page)
		}
	}
	if page := r.panel(apptest.Silent); strings.Contains(page, codes[Yes]) {
		t.Errorf("who is no member reads the urn: %s", page)
	}
	r.want(r.post(apptest.Nobody, id, "urne", left.fields(Yes)...), 409, "geschlossen")
	r.want(r.post(apptest.Chair, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "geschlossen")
	if again := r.throw(id, ada, No); again != codes[No] { // who did not hear that it was counted hears it now
		t.Errorf("after the end the same vote has the code %s", again)
	}
	if x := r.result(id); x.Cast() != 3 {
		t.Errorf("after the end: %+v", x)
	}
	r.do(func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT (SELECT count(*) FROM ballot_key WHERE ballot IS NOT NULL) + (SELECT count(*) FROM ballot_voter WHERE choice <> '' OR blinded IS NOT NULL)`)
		if n != 0 {
			t.Errorf("%d keys or traces are left", n)
		}
		return err
	})
}

// TestNothingJoins: no column of the urn is one of those who voted, and none of either tells a time.
func TestNothingJoins(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	p := r.fetch(id, apptest.Ada, r.fresh(id))
	r.throw(id, p, Yes)
	r.do(func(tx *store.Tx) error {
		all, err := store.All(tx, store.Value[string], `
			SELECT t.name || '.' || c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.name IN ('ballot_urn', 'ballot_voter') ORDER BY t.name, c.cid`)
		if got, want := strings.Join(all, " "), "ballot_urn.ballot ballot_urn.token ballot_urn.choice ballot_voter.id ballot_voter.ballot ballot_voter.person ballot_voter.took ballot_voter.choice ballot_voter.blinded"; got != want {
			t.Errorf("columns are %s: if another has come, say why it does not tell who voted how", got)
		}
		if err != nil {
			return err
		}
		token := sha256.Sum256(p.token)
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM ballot_voter WHERE blinded = ? OR choice <> ''`, token[:])
		if n != 0 {
			t.Error("who voted can be found by the token")
		}
		return err
	})
}

// TestOneTokenOneVote: whoever sends one ballot two hundred times at once has voted once.
func TestOneTokenOneVote(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	p := r.fetch(id, apptest.Ada, r.fresh(id))
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			c := []Choice{Yes, No}[i%2]
			switch a := r.post(apptest.Nobody, id, "urne", p.fields(c)...); a.Code {
			case 200:
				taken.Add(1)
			case 409:
				refused.Add(1)
			default:
				t.Errorf("%d: %s", a.Code, a.Body)
			}
		})
	}
	all.Wait()
	if x := r.result(id); x.Given != 1 || taken.Load() != 100 || refused.Load() != 100 {
		t.Errorf("%d votes, %d taken, %d refused", x.Given, taken.Load(), refused.Load())
	}
}

// TestOneBallotEach: whoever asks for two hundred different ballots at once gets one.
func TestOneBallotEach(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	var signed atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		blinded := r.fresh(id).blinded
		for range 10 {
			all.Go(func() {
				if a := r.post(apptest.Ada, id, "stimmzettel", "blinded", blinded); a.Code == 200 {
					signed.Add(1)
				} else if a.Code != 409 {
					t.Errorf("%d: %s", a.Code, a.Body)
				}
			})
		}
	}
	all.Wait()
	if signed.Load() != 10 {
		t.Errorf("%d answers with a signature, want the 10 that asked for the same", signed.Load())
	}
}

func TestWrongBallots(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	other := secretDraft()
	other.Ref = 18
	elsewhere := r.begin(other)
	openly := r.begin(draft())
	good := r.fetch(id, apptest.Ada, r.fresh(id))
	foreign := r.fetch(elsewhere, apptest.Ada, r.fresh(elsewhere))
	forged := r.fetch(id, apptest.Ada, good).fields(Yes)
	broken := append([]byte(nil), good.cast.signature...)
	broken[100] ^= 1
	r.do(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET until = ? WHERE person = 11 AND unit = 10`, r.Now().Unix()) // Bert has left since the vote was opened
		return err
	})
	blinded := r.fresh(id).blinded
	for _, c := range []struct {
		name   string
		person int64
		id     int64
		what   string
		fields []string
		code   int
		words  string
	}{
		{"token of another vote", 0, id, "urne", foreign.fields(Yes), 400, "nicht gültig"},
		{"vote that there is not", 0, 999, "urne", forged, 400, "nicht gültig"},
		{"vote that is open", 0, openly, "urne", forged, 400, "nicht gültig"},
		{"forged signature", 0, id, "urne", []string{"token", forged[1], "signature", encoding.EncodeToString(broken), "choice", "yes"}, 400, "nicht gültig"},
		{"signature of zeros", 0, id, "urne", []string{"token", forged[1], "signature", encoding.EncodeToString(make([]byte, 256)), "choice", "yes"}, 400, "nicht gültig"},
		{"another token", 0, id, "urne", []string{"token", encoding.EncodeToString(make([]byte, 64)), "signature", forged[3], "choice", "yes"}, 400, "nicht gültig"},
		{"short token", 0, id, "urne", []string{"token", "AAAA", "signature", forged[3], "choice", "yes"}, 400, "unlesbar"},
		{"long signature", 0, id, "urne", []string{"token", forged[1], "signature", forged[3] + "AA", "choice", "yes"}, 400, "unlesbar"},
		{"unknown choice", 0, id, "urne", good.fields("maybe"), 400, "Ja, Nein oder Enthaltung"},
		{"no choice", 0, id, "urne", good.fields(""), 400, "Ja, Nein oder Enthaltung"},
		{"with a name", apptest.Ada, id, "urne", forged, 400, "mit Ihrem Namen"},
		{"blinded message too short", apptest.Cem, id, "stimmzettel", []string{"blinded", blinded[:300]}, 400, "unlesbar"},
		{"blinded message too large", apptest.Cem, id, "stimmzettel", []string{"blinded", strings.Repeat("_", 341) + "w"}, 400, "unlesbar"},
		{"no blinded message", apptest.Cem, id, "stimmzettel", nil, 400, "unlesbar"},
		{"a father of the Kita", apptest.Silent, id, "stimmzettel", []string{"blinded", blinded}, 403, ""},
		{"who has left", apptest.Bert, id, "stimmzettel", []string{"blinded", blinded}, 403, ""},
		{"nobody", 0, id, "stimmzettel", []string{"blinded", blinded}, 403, ""},
		{"ballot of an open vote", apptest.Cem, openly, "stimmzettel", []string{"blinded", blinded}, 409, "nicht geheim"},
		{"open vote in a secret one", apptest.Cem, id, "stimme", []string{"choice", "yes", "back", "/"}, 422, "nicht offen"},
		{"unknown open choice", apptest.Cem, openly, "stimme", []string{"choice", "maybe", "back", "/"}, 400, "Ja, Nein oder Enthaltung"},
	} {
		a := r.post(c.person, c.id, c.what, c.fields...)
		if a.Code != c.code || !a.Has(c.words) {
			t.Errorf("%s: %d, want %d with %q: %s", c.name, a.Code, c.code, c.words, a.Body)
		}
	}
	if x := r.result(id); x.Given != 0 {
		t.Errorf("%d votes were taken", x.Given)
	}
	r.throw(id, good, Yes)
}

// TestLostScreen: whoever cannot vote on a screen gets a slip of paper, and the two who count add it to the urn.
func TestLostScreen(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	r.throw(id, r.fetch(id, apptest.Ada, r.fresh(id)), Yes)
	for _, who := range []string{"7", "8"} {
		r.want(r.post(apptest.Chair, id, "papier", "person", who, "back", "/"), 303)
	}
	r.want(r.post(apptest.Chair, id, "papier", "person", "7", "back", "/"), 303) // twice is once
	r.want(r.post(apptest.Chair, id, "papier", "person", "6", "back", "/"), 422, "schon einen Stimmzettel am Bildschirm")
	r.want(r.post(apptest.Chair, id, "papier", "person", "5", "back", "/"), 422, "stimmberechtigt")
	r.want(r.post(apptest.Cem, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "auf Papier bekommen")
	r.want(r.post(apptest.Chair, id, "zaehlung", "yes", "1", "no", "1", "abstain", "0", "invalid", "0", "back", "/"), 422, "sobald die Abstimmung geschlossen ist")
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
	if x := r.result(id); x.State != Counting || !x.Open || len(r.closed) != 0 {
		t.Errorf("before the slips are counted: %+v", x)
	}
	r.want(r.post(apptest.Bert, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "geschlossen")
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 422, "noch nicht gezählt")
	for _, who := range []int64{apptest.Chair, apptest.Bert} {
		r.want(r.post(who, id, "zaehlung", "yes", "1", "no", "1", "abstain", "0", "invalid", "0", "back", "/"), 303)
	}
	if x := r.result(id); x.State != Closed || x.Yes != 2 || x.No != 1 || !x.Carried || len(r.closed) != 1 {
		t.Errorf("with the slips: %+v", x)
	}
}

// TestKeysAhead: keys lie ready before a vote needs one, each serves one vote, and those of a lost key file serve none.
func TestKeysAhead(t *testing.T) {
	r := newRoom(t)
	ready := func() (all []string) {
		r.do(func(tx *store.Tx) (err error) {
			all, err = store.All(tx, store.Value[string], `SELECT hex(modulus) FROM ballot_key WHERE ballot IS NULL ORDER BY id`)
			return err
		})
		return all
	}
	for range 2 { // the house is opened twice
		if err := r.feature.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Work(t)
	}
	before := ready()
	id := r.begin(secretDraft())
	if left := ready(); len(before) != keysKept || len(left) != keysKept-1 || left[0] != before[1] {
		t.Errorf("%d keys lie ready, and %d after a vote was opened", len(before), len(left))
	}
	r.throw(id, r.fetch(id, apptest.Ada, r.fresh(id)), Yes)
	r.Work(t)
	if n := len(ready()); n != keysKept {
		t.Errorf("%d keys lie ready in the end", n)
	}

	r.Settings = settings.New([]byte(strings.Repeat("k", 32)))
	r.want(r.post(apptest.Bert, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "nicht mehr lesbar")
	again := r.begin(secretDraft())
	r.throw(again, r.fetch(again, apptest.Ada, r.fresh(again)), No)
	r.Work(t)
	if now := ready(); len(now) != keysKept || slices.Contains(now, before[1]) {
		t.Errorf("%d keys lie ready", len(now))
	}
}

// FuzzCast: what is taken for a ballot has its length, and says what was sent.
func FuzzCast(f *testing.F) {
	f.Add(strings.Repeat("A", 86), strings.Repeat("A", 342), "yes")
	f.Add(strings.Repeat("A", 85)+"B", strings.Repeat("A", 342), "no")
	f.Add(strings.Repeat("A", 80)+"\n\nAAAA", strings.Repeat("=", 342), "abstain")
	f.Fuzz(func(t *testing.T, token, signature, choice string) {
		c, err := readCast(func(name string) string {
			return map[string]string{"token": token, "signature": signature, "choice": choice}[name]
		})
		if err != nil {
			return
		}
		if encoding.EncodeToString(c.token) != token || encoding.EncodeToString(c.signature) != signature || string(c.choice) != choice || c.choice.Word() == "" {
			t.Errorf("%q, %q, %q is read as %+v", token, signature, choice, c)
		}
		if c.verify(make([]byte, keyBytes)) == nil {
			t.Error("valid under a key of zeros")
		}
	})
}
