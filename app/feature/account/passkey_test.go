package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/who"
)

// An authenticator has one key.
type authenticator struct {
	t        *testing.T
	key      *ecdsa.PrivateKey
	id, user []byte
	verifies bool // asks for PIN or finger
	origin   string
	count    uint32
}

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &authenticator{t: t, key: key, id: id, verifies: true, origin: apptest.Base}
}

var b64 = base64.RawURLEncoding

func (a *authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) data(flags byte) []byte {
	rp := sha256.Sum256([]byte("localhost"))
	if a.verifies {
		flags |= 0x04
	}
	a.count++
	b := append(rp[:], flags|0x01)
	return binary.BigEndian.AppendUint32(b, a.count)
}

// bytes is a byte string in CBOR of at most 65535 bytes.
func cborBytes(b []byte) []byte {
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}

// create answers navigator.credentials.create().
func (a *authenticator) create(options string) string {
	a.t.Helper()
	var o struct {
		PublicKey struct {
			Challenge   string
			User        struct{ ID string }
			Attestation string
			Selection   struct{ ResidentKey, UserVerification string } `json:"authenticatorSelection"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		a.t.Fatalf("%v in %s", err, options)
	}
	if o.PublicKey.Selection.ResidentKey != "required" {
		a.t.Errorf("options: %s", options)
	}
	a.user, _ = b64.DecodeString(o.PublicKey.User.ID)
	public, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		a.t.Fatal(err)
	}
	cose := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}
	cose = append(cose, 0x58, 32)
	cose = append(cose, public[1:33]...)
	cose = append(cose, 0x22, 0x58, 32)
	cose = append(cose, public[33:]...)
	data := append(a.data(0x40), make([]byte, 16)...) // no AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)
	object := []byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67, 'a', 't', 't', 'S', 't', 'm', 't', 0xa0, 0x68, 'a', 'u', 't', 'h', 'D', 'a', 't', 'a'}
	object = append(object, cborBytes(data)...)
	return a.credential(map[string]any{"clientDataJSON": b64.EncodeToString(a.client("webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": b64.EncodeToString(object), "transports": []string{"internal"}})
}

// get answers navigator.credentials.get().
func (a *authenticator) get(options string) string {
	a.t.Helper()
	var o struct {
		PublicKey struct{ Challenge string } `json:"publicKey"`
	}
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		a.t.Fatalf("%v in %s", err, options)
	}
	client, data := a.client("webauthn.get", o.PublicKey.Challenge), a.data(0)
	sum := sha256.Sum256(client)
	all := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, all[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.credential(map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(sig), "userHandle": b64.EncodeToString(a.user)})
}

func (a *authenticator) credential(response map[string]any) string {
	b, err := json.Marshal(map[string]any{"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}}})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(b)
}

// register gives a person a passkey.
func (x town) register(person int64, a *authenticator) apptest.Answer {
	x.t.Helper()
	o := x.Site.Post(person, "/konto/passkey/start?weiter=/konto")
	if o.Code != 200 || o.Header.Get("Content-Type") != "application/json" {
		x.t.Fatalf("options: %d %s", o.Code, o.Body)
	}
	return x.Site.Post(person, "/konto/passkey", "credential", a.create(o.Body))
}

func (x town) login(a *authenticator) apptest.Answer {
	x.t.Helper()
	o := x.post("/anmelden/passkey/start?weiter=/konto")
	if o.Code != 200 {
		x.t.Fatalf("options: %d %s", o.Code, o.Body)
	}
	return x.post("/anmelden/passkey", "credential", a.get(o.Body))
}

func TestPasskey(t *testing.T) {
	x := serve(t)
	a := newAuthenticator(t)
	if r := x.register(apptest.Ada, a); r.Code != 200 || r.Body != `{"to":"/konto"}` {
		t.Fatalf("register: %d %s", r.Code, r.Body)
	}
	if r := x.login(a); r.Code != 200 || r.Body != `{"to":"/konto"}` {
		t.Fatalf("sign in: %d %s", r.Code, r.Body)
	}
	if got := x.signedIn(); got != "Ada Demir" {
		t.Errorf("signed in as %q", got)
	}

	// The same answer twice.
	x.other()
	o := x.post("/anmelden/passkey/start")
	cookies := x.Cookies[apptest.Nobody]
	answer := a.get(o.Body)
	if r := x.post("/anmelden/passkey", "credential", answer); r.Code != 200 {
		t.Fatalf("sign in again: %d %s", r.Code, r.Body)
	}
	x.Cookies[apptest.Nobody] = cookies
	if r := x.post("/anmelden/passkey", "credential", answer); r.Code != 422 || !r.Has("zu lange") {
		t.Errorf("replayed: %d %s", r.Code, r.Body)
	}

	// Too late, and in another browser.
	x.other()
	o = x.post("/anmelden/passkey/start")
	x.Clock.Add(rite)
	if r := x.post("/anmelden/passkey", "credential", a.get(o.Body)); r.Code != 422 || !r.Has("zu lange") {
		t.Errorf("too late: %d", r.Code)
	}
	o = x.post("/anmelden/passkey/start")
	x.other()
	if r := x.post("/anmelden/passkey", "credential", a.get(o.Body)); r.Code != 422 || x.signedIn() != "" {
		t.Errorf("another browser: %d", r.Code)
	}

	// Another site, another key, nonsense.
	a.origin = "http://localhost:9999"
	if r := x.login(a); r.Code != 422 || x.signedIn() != "" {
		t.Errorf("another site: %d", r.Code)
	}
	a.origin = apptest.Base
	wrong := newAuthenticator(t)
	wrong.id, wrong.user = a.id, a.user
	if r := x.login(wrong); r.Code != 422 || x.signedIn() != "" {
		t.Errorf("another key: %d", r.Code)
	}
	if r := x.login(newAuthenticator(t)); r.Code != 422 || !r.Has("kennt das Haus nicht") {
		t.Errorf("unknown key: %d %s", r.Code, r.Body)
	}
	x.post("/anmelden/passkey/start")
	if r := x.post("/anmelden/passkey", "credential", "{"); r.Code != 422 || !r.Has("words") {
		t.Errorf("nonsense: %d %s", r.Code, r.Body)
	}

	// A key of Ada's signs nobody else in, and is gone once removed.
	a.user = []byte("p1")
	if r := x.login(a); r.Code != 422 || x.signedIn() != "" {
		t.Errorf("somebody else's handle: %d", r.Code)
	}
	a.user = []byte("p6")
	if r := x.Site.Post(apptest.Ada, "/konto/passkey/entfernen", "passkey", hexOf(a.id)+"zz", "sure", "1"); r.Code != http.StatusNotFound || x.count(`SELECT count(*) FROM account_passkey`) != 1 {
		t.Errorf("what begins like its name: %d", r.Code)
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/passkey/entfernen", "passkey", hexOf(a.id), "sure", "1"), "/konto")
	if r := x.login(a); r.Code != 422 {
		t.Errorf("removed: %d", r.Code)
	}
}

// A device that counts its uses and falls behind was copied.
func TestCopiedPasskey(t *testing.T) {
	x := serve(t)
	a := newAuthenticator(t)
	x.register(apptest.Ada, a)
	x.login(a)
	a.count = 0
	if r := x.login(a); r.Code != 422 || !r.Has("kopiert") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

// Who can write to many needs a passkey that asks for PIN or finger.
func TestPasskeyOfTheTeam(t *testing.T) {
	x := serve(t)
	weak := newAuthenticator(t)
	weak.verifies = false
	if r := x.register(apptest.Hanna, weak); r.Code != 422 {
		t.Errorf("register: %d %s", r.Code, r.Body)
	}
	if r := x.register(apptest.Ada, weak); r.Code != 200 {
		t.Fatalf("a parent: %d %s", r.Code, r.Body)
	}
	if r := x.login(weak); r.Code != 200 {
		t.Errorf("a parent: %d %s", r.Code, r.Body)
	}
	again := newAuthenticator(t)
	again.verifies = false
	if r := x.post("/konto/passkey", "credential", again.create(x.post("/konto/passkey/start").Body)); r.Code != 200 {
		t.Errorf("a parent's second: %d %s", r.Code, r.Body)
	}
	if r := x.post("/konto/nachweis/passkey", "credential", weak.get(x.post("/konto/nachweis/passkey/start").Body)); r.Code != 200 {
		t.Errorf("a parent proves who she is: %d %s", r.Code, r.Body)
	}
	if x.count(`SELECT sum(strong) FROM session WHERE person = 6`) != 0 {
		t.Error("a touch counts as a second factor")
	}
	x.other()
	strong := newAuthenticator(t)
	if r := x.register(apptest.Hanna, strong); r.Code != 200 {
		t.Fatalf("register: %d %s", r.Code, r.Body)
	}
	strong.verifies = false
	if r := x.login(strong); r.Code != http.StatusForbidden || x.signedIn() != "" {
		t.Errorf("sign in without PIN: %d %s", r.Code, r.Body)
	}
	strong.verifies = true
	if r := x.login(strong); r.Code != 200 || x.signedIn() != "Hanna Leitung" {
		t.Errorf("sign in: %d %s", r.Code, r.Body)
	}
}

func TestPasskeyNeedsProof(t *testing.T) {
	x := serve(t)
	a := newAuthenticator(t)
	x.register(apptest.Ada, a)
	x.login(a)
	x.Clock.Add(who.ProofLife + time.Second)
	x.proving(x.post("/konto/passkey/start"))
	// The options of one cannot be finished by another.
	o := x.Site.Post(apptest.Cem, "/konto/passkey/start")
	x.Cookies[apptest.Dana] = x.Cookies[apptest.Cem]
	if r := x.Site.Post(apptest.Dana, "/konto/passkey", "credential", newAuthenticator(t).create(o.Body)); r.Code != 422 {
		t.Errorf("another's ceremony: %d %s", r.Code, r.Body)
	}
}

func hexOf(b []byte) string {
	const d = "0123456789abcdef"
	var s []byte
	for _, x := range b {
		s = append(s, d[x>>4], d[x&15])
	}
	return string(s)
}

// What goes wrong is said in the language of whoever reads it, also before sign-in.
func TestPasskeyWordsAreTranslated(t *testing.T) {
	x := serve(t)
	ask := func(person int64, language string) string {
		r := httptest.NewRequest("POST", apptest.Base+"/anmelden/passkey", strings.NewReader("credential=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept-Language", language)
		return x.Do(person, r).Body
	}
	for _, c := range []struct {
		name, want, got string
	}{
		{"nobody", "zu lange gedauert", ask(apptest.Nobody, "fr")},
		{"nobody, Turkish", "çok uzun sürdü", ask(apptest.Nobody, "tr-TR,de;q=0.5")},
		{"Cem, who reads Turkish, in an English browser", "çok uzun sürdü", ask(apptest.Cem, "en")},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %s", c.name, c.got)
		}
	}
	if a := x.Get(apptest.Cem, "/konto"); !a.Has(`data-cannot="Bu cihazda olmadı.`) || !a.Has(`data-lost="Bağlantı yok. Yazdıklarınız duruyor.`) {
		t.Error("the words for the scripts are not Turkish")
	}
}
