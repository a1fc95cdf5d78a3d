package ballot

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync/atomic"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/cloudflare/circl/blindsign/blindrsa"
)

// A room is a committee that votes: Vera leads it; Ada, Bert, Cem and Dana are members.
type room struct {
	t testing.TB
	*apptest.House
	site    *apptest.Site
	feature house.Feature
	votes   Votes
	closed  []Result
	fail    error        // of whoever is told a result
	away    int64        // who has left the room
	again   atomic.Int64 // forms that were asked to come again
}

var members = []int64{apptest.Ada, apptest.Bert, apptest.Cem, apptest.Dana, apptest.Chair}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, House: apptest.New(t)}
	r.do(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, office, state, since) VALUES
			(6, 10, 7, 'delegate', 'confirmed', 0), (11, 10, 7, 'delegate', 'confirmed', 0), (7, 10, 7, 'delegate', 'confirmed', 0)`)
		if err == nil {
			_, err = tx.Exec(`UPDATE person SET language = 'de' WHERE id = 7`) // Cem reads Turkish elsewhere
		}
		return err
	})
	r.open(t)
	return r
}

// open makes the feature, as a house does that begins anew.
func (r *room) open(t testing.TB) {
	r.feature, r.votes = New(r.House.House, Wires{Closed: func(_ *store.Tx, x Result) error {
		if r.fail == nil {
			r.closed = append(r.closed, x)
		}
		return r.fail
	}, There: func(_ *store.Tx, kind string, ref, person int64) (bool, error) {
		return kind != "motion" || ref != 17 || person != r.away, nil
	}})
	r.site = r.Serve(t, r.feature)
}

func (r *room) do(f func(tx *store.Tx) error) {
	r.t.Helper()
	if err := r.DB.Write(r.t.Context(), f); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) viewer(tx *store.Tx, person int64) who.Viewer {
	r.t.Helper()
	v, err := org.Viewer(tx, person, r.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// draft is a vote as a meeting would open it, with everybody in the room.
func draft() Draft {
	return Draft{Unit: apptest.Council, Kind: "motion", Ref: 17, Title: "Ein neues Klettergerüst", Wording: "Der Beirat wünscht sich ein **Klettergerüst**.",
		Voters: members, Votes: 5, Rules: committee.Usual(apptest.Council), Path: "/antrag/17"}
}

// begin opens a vote.
func (r *room) begin(d Draft) (id int64) {
	r.t.Helper()
	r.do(func(tx *store.Tx) (err error) {
		id, err = r.votes.Open(tx, r.viewer(tx, apptest.Chair), d)
		return err
	})
	return id
}

func (r *room) result(id int64) (x Result) {
	r.t.Helper()
	r.do(func(tx *store.Tx) error {
		b, err := get(tx, id)
		if err != nil {
			return err
		}
		x, err = result(tx, b)
		return err
	})
	return x
}

// panel is what somebody sees on the page of the motion.
func (r *room) panel(person int64) (html string) {
	r.t.Helper()
	err := r.DB.Read(r.t.Context(), func(tx *store.Tx) error {
		part, err := r.votes.Panel(tx, web.Page{Viewer: r.viewer(tx, person), Lang: "de", Path: "/antrag/17", Now: r.Now()}, "motion", 17)
		html = string(part)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return html
}

// want checks the answer to a form: a status, and words that the page has.
func (r *room) want(a apptest.Answer, code int, words ...string) {
	r.t.Helper()
	if a.Code != code {
		r.t.Errorf("%d, want %d: %s", a.Code, code, a.Body)
	}
	for _, w := range words {
		if !a.Has(w) {
			r.t.Errorf("does not say %q: %s", w, a.Body)
		}
	}
}

// post sends a form, and again when the house asks for that, as the page does.
func (r *room) post(person int64, id int64, what string, fields ...string) (a apptest.Answer) {
	r.t.Helper()
	for range 5 {
		if a = r.site.Post(person, fmt.Sprintf("/abstimmung/%d/%s", id, what), fields...); a.Code != 503 {
			break
		}
		r.again.Add(1)
	}
	return a
}

// A paperless is the ballot of a member as their browser holds it, here with circl in place of our own script.
type paperless struct {
	client  blindrsa.Client
	state   blindrsa.State
	token   []byte
	blinded string
	cast    cast
}

// fresh makes a ballot for a vote, which nobody has signed.
func (r *room) fresh(id int64) *paperless {
	r.t.Helper()
	var modulus []byte
	r.do(func(tx *store.Tx) error {
		b, err := get(tx, id)
		modulus = b.Modulus
		return err
	})
	c, err := blindrsa.NewClient(variant, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: exponent})
	if err != nil {
		r.t.Fatal(err)
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	p := &paperless{client: c}
	if p.token, err = c.Prepare(rand.Reader, secret); err != nil {
		r.t.Fatal(err)
	}
	blinded, state, err := c.Blind(rand.Reader, p.token)
	if err != nil {
		r.t.Fatal(err)
	}
	p.state, p.blinded = state, encoding.EncodeToString(blinded)
	return p
}

// fetch has the ballot signed for a member.
func (r *room) fetch(id, person int64, p *paperless) *paperless {
	r.t.Helper()
	a := r.post(person, id, "stimmzettel", "blinded", p.blinded)
	var o struct{ Signature string }
	if err := json.Unmarshal([]byte(a.Body), &o); err != nil || a.Code != 200 {
		r.t.Fatalf("%d: %s", a.Code, a.Body)
	}
	signed, err := encoding.DecodeString(o.Signature)
	if err != nil {
		r.t.Fatal(err)
	}
	signature, err := p.client.Finalize(p.state, signed)
	if err != nil {
		r.t.Fatal(err)
	}
	p.cast = cast{token: p.token, signature: signature}
	return p
}

// throw puts the ballot into the urn, without anybody's session, and returns its code.
func (r *room) throw(id int64, p *paperless, c Choice) string {
	r.t.Helper()
	a := r.post(apptest.Nobody, id, "urne", p.fields(c)...)
	var o struct{ Code string }
	if err := json.Unmarshal([]byte(a.Body), &o); err != nil || a.Code != 200 || len(o.Code) != 11 || !strings.Contains(o.Code, "-") {
		r.t.Errorf("%d: %s", a.Code, a.Body)
	}
	return o.Code
}

func (p *paperless) fields(c Choice) []string {
	return []string{"token", encoding.EncodeToString(p.cast.token), "signature", encoding.EncodeToString(p.cast.signature), "choice", string(c)}
}
