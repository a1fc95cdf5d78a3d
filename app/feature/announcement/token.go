package announcement

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
)

// A token in a mail's link names one person and one announcement. It is no
// secret row of its own: 128 bits of HMAC-SHA-256 (RFC 2104) under the random
// seed of the announcement, so that 100,000 mails need no 100,000 rows.
func token(announcement, person int64, seed []byte) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(announcement))
	b = binary.BigEndian.AppendUint64(b, uint64(person))
	return base64.RawURLEncoding.EncodeToString(append(b, sum(b, seed)...))
}

func sum(b, seed []byte) []byte {
	m := hmac.New(sha256.New, seed)
	m.Write(b)
	return m.Sum(nil)[:16]
}

// tokenLife is how long a link works after the announcement's end.
const tokenLife = 7 * 24 * time.Hour

// opened is what a link shows: this announcement to this person and nothing else.
type opened struct {
	Announcement
	Person   int64
	Language string
}

// open finds what a token stands for. Whatever is wrong with it, it is just not found.
func open(tx *store.Tx, t string, now time.Time) (o opened, err error) {
	gone := fault.New(fault.NotFound, "Dieser Link gilt nicht mehr.")
	b, err := base64.RawURLEncoding.DecodeString(t)
	if err != nil || len(b) != 32 {
		return o, gone
	}
	id, person := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	seed, err := store.One(tx, store.Value[[]byte], `SELECT token FROM announcement WHERE id = ?`, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && subtle.ConstantTimeCompare(b[16:], sum(b[:16], seed)) != 1 {
		return o, gone
	}
	if err != nil {
		return o, err
	}
	if o.Announcement, err = plain(tx, id); err != nil {
		return o, err
	}
	end := o.Expires
	if end.IsZero() {
		end = o.Published.AddDate(0, 0, 30)
	}
	if now.After(end.Add(tokenLife)) {
		return o, gone
	}
	o.Person = person
	// The right may have ended since the mail was sent.
	o.Language, err = store.One(tx, store.Value[string], `
		SELECT coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language)
		FROM person p WHERE p.id = ?1 AND EXISTS (
			SELECT 1 FROM reach u CROSS JOIN announcement_audience t ON t.unit = u.unit AND t.announcement = ?2
			WHERE u.person = ?1 AND u.since <= ?3 AND u.until > ?3 AND (t.roles & u.mask) <> 0)`, person, id, now.Unix())
	if fault.KindOf(err) == fault.NotFound {
		return o, gone
	}
	if err != nil {
		return o, err
	}
	o.Confirmed, err = store.One(tx, func(t *time.Time) []any { return []any{(*store.Time)(t)} }, `
		SELECT max(at) FROM announcement_receipt WHERE announcement = ? AND person = ?`, id, person)
	o.Language = lang.Of(o.Language).Code
	return o, err
}

// optOut: no more mails of ordinary announcements to a person.
func optOut(tx *store.Tx, person int64) error {
	w, err := channel.WishOf(tx, person)
	if err != nil {
		return err
	}
	w.Mail = channel.Never
	return channel.SetWish(tx, person, w)
}
