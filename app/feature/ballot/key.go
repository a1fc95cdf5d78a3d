package ballot

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"errors"
	"fmt"
	"math/big"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	keyKind  = "ballot.key" // make keys ahead
	keyBits  = 2048         // a key counts for the days of one vote; what hides a choice does not depend on its size
	keyBytes = keyBits / 8
	keysKept = 2 // lie ready
	exponent = 65537
	sealName = "ballot.key"
)

// A signKey is the key pair of a secret vote, as it is kept.
type signKey struct {
	id      int64
	modulus []byte
	sealed  string
}

// makeKey takes about a tenth of a second, and sometimes several.
func (f *feature) makeKey() (k signKey, err error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return k, err
	}
	k.modulus = private.N.FillBytes(make([]byte, keyBytes))
	k.sealed, err = f.Settings.Seal(sealName, string(x509.MarshalPKCS1PrivateKey(private)))
	return k, err
}

// takeKey is a key that lies ready, without a vote. Where none does, it is made on the spot: better a pause of all who write
// than a meeting that waits.
func (f *feature) takeKey(tx *store.Tx) (k signKey, err error) {
	if err := f.Tasks.Add(tx, keyKind, 0, ""); err != nil {
		return k, err
	}
	k, err = store.One(tx, func(k *signKey) []any { return []any{&k.id, &k.modulus, &k.sealed} }, `
		SELECT id, modulus, sealed FROM ballot_key WHERE ballot IS NULL ORDER BY id LIMIT 1`)
	if err == nil && f.Settings.Open(sealName, k.sealed) == "" { // sealed before the key file of the house was lost, as are the others
		if _, err := tx.Exec(`DELETE FROM ballot_key WHERE ballot IS NULL`); err != nil {
			return k, err
		}
		return f.makeKey()
	}
	if fault.KindOf(err) == fault.NotFound {
		return f.makeKey()
	}
	return k, err
}

// giveKey makes a key that of a vote.
func (f *feature) giveKey(tx *store.Tx, k signKey, ballot int64) error {
	if k.id == 0 {
		_, err := tx.Exec(`INSERT INTO ballot_key (ballot, modulus, sealed) VALUES (?, ?, ?)`, ballot, k.modulus, k.sealed)
		return err
	}
	_, err := tx.Exec(`UPDATE ballot_key SET ballot = ? WHERE id = ?`, ballot, k.id)
	return err
}

// keyJob makes keys until enough lie ready.
func (f *feature) keyJob() task.Job {
	return task.Job{Kind: keyKind, Run: func(ctx context.Context, _ int64, _ string) error {
		for {
			var n int
			err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
				n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM ballot_key WHERE ballot IS NULL`)
				return err
			})
			if err != nil || n >= keysKept {
				return err
			}
			k, err := f.makeKey()
			if err != nil {
				return err
			}
			err = f.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO ballot_key (modulus, sealed) VALUES (?, ?)`, k.modulus, k.sealed)
				return err
			})
			if err != nil {
				return err
			}
		}
	}}
}

// begin has keys made once the house is open, where there is a committee that may want one.
func (f *feature) begin(ctx context.Context) error {
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `
			SELECT EXISTS (SELECT 1 FROM unit WHERE kind = 'committee') AND NOT EXISTS (SELECT 1 FROM ballot_key WHERE ballot IS NULL)
				AND NOT EXISTS (SELECT 1 FROM task WHERE kind = ?)`, keyKind)
		if err != nil || n == 0 {
			return err
		}
		return f.Tasks.Add(tx, keyKind, 0, "")
	})
}

// private is the key of a vote that goes on. It is kept in memory as long as the table does not change.
func (f *feature) private(tx *store.Tx, b ballot) (*rsa.PrivateKey, error) {
	return f.keys.Get(tx, b.ID, func() (*rsa.PrivateKey, error) {
		sealed, err := store.One(tx, store.Value[string], `SELECT sealed FROM ballot_key WHERE ballot = ?`, b.ID)
		if err != nil {
			return nil, err
		}
		der := f.Settings.Open(sealName, sealed)
		if der == "" {
			return nil, fault.New(fault.Conflict, "Der Schlüssel dieser Abstimmung ist nicht mehr lesbar. Bitte ziehen Sie die Abstimmung zurück und beginnen Sie sie neu.")
		}
		key, err := x509.ParsePKCS1PrivateKey([]byte(der))
		if err == nil && key.N.BitLen() != keyBits {
			err = errors.New("a key of another length")
		}
		if err != nil {
			return nil, fmt.Errorf("key of vote %d: %w", b.ID, err)
		}
		return key, nil
	})
}

// public is the key with which ballots are checked.
func public(modulus []byte) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: exponent}
}

// code is a hash in a form that people read to each other: ten signs without those that look alike.
func code(hash [sha256.Size]byte) string {
	s := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(hash[:7])[:10]
	return s[:5] + "-" + s[5:]
}

// Sign is the sign of the key of a secret vote, which must be the same for all who vote; "" of another vote.
func (b ballot) Sign() string {
	if b.Modulus == nil {
		return ""
	}
	return code(sha256.Sum256(b.Modulus))
}
