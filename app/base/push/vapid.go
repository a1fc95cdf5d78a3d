package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

const (
	tokenLife  = 18 * time.Hour // 24 are allowed (RFC 8292, 2), by a clock that may be behind ours
	tokenRenew = 12 * time.Hour // Apple refuses those who sign more often than once an hour
)

// Keys say who sends (VAPID, RFC 8292). A subscription belongs to the public key with which it was made.
type Keys struct {
	key     *ecdsa.PrivateKey
	subject string // whom a push service can ask: an https or mailto URL; "": nobody

	mu     sync.Mutex
	tokens map[string]token // by origin of the push service
}

type token struct {
	header string
	made   time.Time
}

// newKey makes a private key, in the form that ReadKeys wants.
func newKey() (string, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make the push key: %w", err)
	}
	raw, err := k.Bytes()
	if err != nil {
		return "", fmt.Errorf("make the push key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// ReadKeys reads a private key: its 32 bytes in base64url. The subject is an https or mailto URL; "": none.
func ReadKeys(key, subject string) (*Keys, error) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return nil, fmt.Errorf("read the push key: %w", err)
	}
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, fmt.Errorf("read the push key: %w", err)
	}
	return &Keys{key: k, subject: subject, tokens: map[string]token{}}, nil
}

// Public is what a browser wants as applicationServerKey.
func (k *Keys) Public() (string, error) {
	b, err := k.key.PublicKey.Bytes()
	if err != nil {
		return "", fmt.Errorf("write the public push key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Authorization is the header for messages to a push service. It is made anew every twelve hours.
func (k *Keys) Authorization(origin string, now time.Time) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t, ok := k.tokens[origin]; ok && now.Sub(t.made) < tokenRenew && !now.Before(t.made) {
		return t.header, nil
	}
	public, err := k.Public()
	if err != nil {
		return "", err
	}
	signed, err := k.sign(origin, now)
	if err != nil {
		return "", fmt.Errorf("sign for a push service: %w", err)
	}
	t := token{"vapid t=" + signed + ", k=" + public, now}
	k.tokens[origin] = t
	return t.header, nil
}

// sign makes a JSON Web Token with ES256 (RFC 7515, 7518).
func (k *Keys) sign(origin string, now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub,omitempty"`
	}{origin, now.Add(tokenLife).Unix(), k.subject})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)))
	b.WriteByte('.')
	b.WriteString(base64.RawURLEncoding.EncodeToString(claims))
	sum := sha256.Sum256([]byte(b.String()))
	der, err := ecdsa.SignASN1(rand.Reader, k.key, sum[:])
	if err != nil {
		return "", err
	}
	var s struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return "", err
	}
	var raw [64]byte
	s.R.FillBytes(raw[:32])
	s.S.FillBytes(raw[32:])
	b.WriteByte('.')
	b.WriteString(base64.RawURLEncoding.EncodeToString(raw[:]))
	return b.String(), nil
}
