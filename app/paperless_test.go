package app

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"regexp"
	"testing"

	"github.com/cloudflare/circl/blindsign/blindrsa"
)

// A Paperless is the ballot of a secret vote as the browser of a member holds it, with circl in place of our script. It is
// exported for the tests from outside.
type Paperless struct {
	client blindrsa.Client
	state  blindrsa.State
	Token  []byte
}

// NewPaperless makes a ballot for the key that a page shows, and what the house has to sign of it.
func NewPaperless(t testing.TB, page string) (s Paperless, blinded string) {
	t.Helper()
	key := regexp.MustCompile(`data-key="([^"]+)"`).FindStringSubmatch(page)
	if key == nil {
		t.Errorf("no key: %s", said(page))
		return s, ""
	}
	modulus, err := base64.RawURLEncoding.DecodeString(key[1])
	if err == nil {
		s.client, err = blindrsa.NewClient(blindrsa.SHA384PSSRandomized, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537})
	}
	chance := make([]byte, 32)
	_, _ = rand.Read(chance) // never fails
	if err == nil {
		s.Token, err = s.client.Prepare(rand.Reader, chance)
	}
	var hidden []byte
	if err == nil {
		hidden, s.state, err = s.client.Blind(rand.Reader, s.Token)
	}
	if err != nil {
		t.Error(err)
	}
	return s, base64.RawURLEncoding.EncodeToString(hidden)
}

// Fields are what goes into the urn, once the house has answered with its signature.
func (s Paperless) Fields(t testing.TB, answer []byte, choice string) []string {
	t.Helper()
	var o struct{ Signature string }
	err := json.Unmarshal(answer, &o)
	var signed, signature []byte
	if err == nil {
		signed, err = base64.RawURLEncoding.DecodeString(o.Signature)
	}
	if err == nil {
		signature, err = s.client.Finalize(s.state, signed)
	}
	if err != nil {
		t.Errorf("%s: %v", answer, err)
	}
	return []string{"token", base64.RawURLEncoding.EncodeToString(s.Token), "signature", base64.RawURLEncoding.EncodeToString(signature), "choice", choice}
}
