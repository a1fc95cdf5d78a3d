package bulletin

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A token in a mail's link names one person and one bulletin, and ends one agreement: 128 bits of HMAC-SHA-256 (RFC 2104)
// under the seed of the bulletin. It holds as long as the bulletin is kept, since who wants out must get out.
func token(bulletin, person int64, seed []byte) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(bulletin))
	b = binary.BigEndian.AppendUint64(b, uint64(person))
	return base64.RawURLEncoding.EncodeToString(append(b, sum(b, seed)...))
}

func sum(b, seed []byte) []byte {
	m := hmac.New(sha256.New, seed)
	m.Write([]byte("bulletin")) // that of an announcement is none of these
	m.Write(b)
	return m.Sum(nil)[:16]
}

// A leave is what a token stands for.
type leave struct {
	Person   int64
	Unit     int64
	UnitName string
	Language string // of the person
}

// leaving finds what a token stands for. Whatever is wrong with it, it is just not found.
func leaving(tx *store.Tx, t string) (x leave, err error) {
	gone := fault.New(fault.NotFound, "Dieser Link gilt nicht mehr.")
	b, err := base64.RawURLEncoding.DecodeString(t)
	if err != nil || len(b) != 32 {
		return x, gone
	}
	id, person := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	seed, err := store.One(tx, store.Value[[]byte], `SELECT seed FROM bulletin WHERE id = ?`, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && subtle.ConstantTimeCompare(b[16:], sum(b[:16], seed)) != 1 {
		return x, gone
	}
	if err != nil {
		return x, err
	}
	x.Person = person
	type named struct {
		unit     int64
		name     string
		language string
	}
	n, err := store.One(tx, func(n *named) []any { return []any{&n.unit, &n.name, &n.language} }, `
		SELECT u.id, u.name, p.language FROM bulletin b JOIN unit u ON u.id = b.unit JOIN person p ON p.id = ?2 WHERE b.id = ?1`, id, person)
	if fault.KindOf(err) == fault.NotFound {
		return x, gone
	}
	x.Unit, x.UnitName, x.Language = n.unit, n.name, n.language
	return x, err
}
