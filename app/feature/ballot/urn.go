package ballot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/cloudflare/circl/blindsign/blindrsa"
)

// variant is why a token is 64 bytes long: RFC 9474 puts 32 random ones in front of the message.
const (
	variant    = blindrsa.SHA384PSSRandomized
	tokenBytes = 32 + 32
)

var encoding = base64.RawURLEncoding.Strict()

// decode reads bytes of exactly a length.
func decode(s string, length int) ([]byte, error) {
	if len(s) == encoding.EncodedLen(length) {
		if b, err := encoding.DecodeString(s); err == nil && len(b) == length {
			return b, nil
		}
	}
	return nil, fault.New(fault.Malformed, "Dieser Stimmzettel ist unlesbar.")
}

// twice is why there is no second ballot.
const twice = "Sie haben schon einen Stimmzettel bekommen. Einen zweiten gibt es nicht: Der erste könnte schon in der Urne liegen, und niemand kann sehen, ob es Ihrer ist. " +
	"Er liegt auf dem Gerät, auf dem Sie ihn geholt haben. Ist er verloren, kann die Leitung die Abstimmung zurückziehen und neu beginnen."

// maySign is nil where somebody may have a blinded ballot signed now: one of each person, and the same again.
func maySign(b ballot, x voter, hash []byte) error {
	switch {
	case !b.Secret:
		return fault.New(fault.Conflict, "Diese Abstimmung ist nicht geheim.")
	case x.Took == paper:
		return fault.New(fault.Conflict, "Sie haben einen Stimmzettel auf Papier bekommen.")
	case x.Took == screen && !bytes.Equal(x.Blinded, hash):
		return fault.New(fault.Conflict, twice)
	}
	return nil
}

// sign signs a blinded ballot. It is nobody's but the viewer's, who gets no other.
func (f *feature) sign(ctx context.Context, id int64, v who.Viewer, blinded []byte) (signature []byte, err error) {
	hash := sha256.Sum256(blinded)
	var signer blindrsa.Signer
	err = f.DB.Read(ctx, func(tx *store.Tx) error {
		b, x, err := f.mayVote(tx, id, v)
		if err != nil {
			return err
		}
		if err := b.takes(f.Now()); err != nil {
			return err
		}
		if err := maySign(b, x, hash[:]); err != nil {
			return err
		}
		key, err := f.private(tx, b)
		if err == nil {
			signer = blindrsa.NewSigner(key)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// Outside of any transaction, since it takes a few milliseconds. It is kept to ourselves until it is noted.
	if signature, err = signer.BlindSign(blinded); err != nil {
		return nil, fault.New(fault.Malformed, "Dieser Stimmzettel ist unlesbar.")
	}
	return signature, f.DB.Write(ctx, func(tx *store.Tx) error {
		b, x, err := f.mayVote(tx, id, v)
		if err != nil {
			return err
		}
		if err := b.takes(f.Now()); err != nil {
			return err
		}
		if err := maySign(b, x, hash[:]); err != nil || x.Took == screen {
			return err
		}
		_, err = tx.Exec(`UPDATE ballot_voter SET took = 'screen', blinded = ? WHERE ballot = ? AND person = ?`, hash[:], id, v.ID)
		return err
	})
}

// A cast is what a browser puts into the urn.
type cast struct {
	token     []byte // what was signed
	signature []byte
	choice    Choice
}

// readCast reads it from a form; get is the value of a field.
func readCast(get func(field string) string) (c cast, err error) {
	if c.token, err = decode(get("token"), tokenBytes); err != nil {
		return c, err
	}
	if c.signature, err = decode(get("signature"), keyBytes); err != nil {
		return c, err
	}
	c.choice = Choice(get("choice"))
	return c, c.choice.check()
}

// verify is nil where the house has signed the token for the vote with this key.
func (c cast) verify(modulus []byte) error {
	forged := fault.New(fault.Malformed, "Dieser Stimmzettel ist für diese Abstimmung nicht gültig.")
	if modulus == nil {
		return forged
	}
	v, err := blindrsa.NewVerifier(variant, public(modulus))
	if err != nil {
		return fmt.Errorf("check a ballot: %w", err)
	}
	if v.Verify(c.token, c.signature) != nil {
		return forged
	}
	return nil
}

// put puts a vote into the urn and returns its code. The same once more is as good as once; nobody knows whose it is.
func (f *feature) put(ctx context.Context, id int64, c cast) (string, error) {
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		b, err := get(tx, id)
		if fault.KindOf(err) == fault.NotFound {
			return c.verify(nil)
		}
		if err != nil {
			return err
		}
		return c.verify(b.Modulus)
	})
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(c.token)
	return code(hash), f.DB.Write(ctx, func(tx *store.Tx) error {
		b, err := get(tx, id)
		if err != nil {
			return err
		}
		had, err := store.All(tx, store.Value[Choice], `SELECT choice FROM ballot_urn WHERE ballot = ? AND token = ?`, id, hash[:])
		if err != nil {
			return err
		}
		if len(had) == 1 && had[0] == c.choice {
			return nil // a line that broke after the deed
		}
		if len(had) == 1 {
			return fault.New(fault.Conflict, "Mit diesem Stimmzettel wurde schon abgestimmt. Eine geheime Stimme kann nicht geändert werden.")
		}
		if err := b.takes(f.Now()); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ballot_urn (ballot, token, choice) VALUES (?, ?, ?)`, id, hash[:], c.choice)
		return err
	})
}

// A slip is a vote of the urn as it is shown once the vote has ended.
type slip struct {
	Code   string
	Choice Choice
}

// slips lists the urn by code.
func slips(tx *store.Tx, id int64) ([]slip, error) {
	type row struct {
		token  []byte
		choice Choice
	}
	all, err := store.All(tx, func(r *row) []any { return []any{&r.token, &r.choice} }, `
		SELECT token, choice FROM ballot_urn WHERE ballot = ? ORDER BY token`, id)
	list := make([]slip, len(all))
	for i, r := range all {
		list[i] = slip{code([sha256.Size]byte(r.token)), r.choice}
	}
	return list, err
}
