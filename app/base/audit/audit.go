// Package audit (Protokollierung) is the record of who did what to which id, when and from where. Rows are only ever
// added; each holds the hash of the one before it, so that whoever changes, removes or inserts one has to change all that
// follow, and the end of the chain is known elsewhere: in each night's line of the program's log, in each export, and in
// each backup.
//
// # What a hash covers
//
// The SHA-256 of nine lines in UTF-8, with a line feed between them and none at the end:
//
//	nestfunk-audit-1
//	id, at (Unix seconds), person, action, ref, network: a line each, numbers in decimal
//	seal, in lower-case hexadecimal
//	prev, likewise: the hash of the row before it, of the first row 64 zeros
//
// The seal is the SHA-256 of the row's salt (16 random bytes) and the full address. After seven days address and salt are
// removed. What is left are the network, which the hash covers as it is, and the seal: without the salt nobody finds the
// address behind it by trying all four thousand million, and nobody needs it to check the chain. While the address is
// there, a changed one doesn't fit its seal; one that is missing too early is found, too.
//
// After 12 months rows are removed from the front. Number and hash of the last one that went stay in audit_chain, and the
// chain is checked from there.
//
// A chain does not stop somebody who may write to the database from computing all of it anew. It makes that show, to
// whoever compares the end of an earlier night.
package audit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// An Entry is a row of the record. Who adds one fills in the first four; the rest is found out.
type Entry struct {
	At     time.Time
	Person int64  // 0: nobody who is known, the console, the house itself
	Action string // a word such as "child.moved"
	Ref    int64  // an id that the action knows; 0: none

	ID      int64
	Network string // /24 or /48; who.Console; "": the house itself, or nobody's business
	Address string // in full; "": shortened, or as Network
	Short   bool   // the address has been removed
	Salt    []byte // of the seal; nil: removed with the address
	Seal    []byte
	Prev    []byte // hash of the row before it
	Hash    []byte
}

func (e *Entry) fields() []any {
	return []any{&e.ID, (*store.Time)(&e.At), &e.Person, &e.Action, &e.Ref, &e.Network, &e.Address, &e.Short, &e.Salt, &e.Seal, &e.Prev, &e.Hash}
}

// Canonical are the lines that the hash of a row covers.
func (e Entry) Canonical() string {
	return fmt.Sprintf("nestfunk-audit-1\n%d\n%d\n%d\n%s\n%d\n%s\n%s\n%s",
		e.ID, e.At.Unix(), e.Person, e.Action, e.Ref, e.Network, hex.EncodeToString(e.Seal), hex.EncodeToString(e.Prev))
}

func (e Entry) sum() []byte {
	h := sha256.Sum256([]byte(e.Canonical()))
	return h[:]
}

func seal(salt []byte, address string) []byte {
	h := sha256.Sum256(append(salt[:len(salt):len(salt)], address...))
	return h[:]
}

// A Chain is where the record begins and ends, and what is known of it.
type Chain struct {
	Base      int64 // the last row that was removed; 0: none
	BaseHash  []byte
	Head      int64 // the last row
	HeadHash  []byte
	Checked   time.Time // Unix 0: never
	Failure   string    // German; "": nothing was wrong
	shortened time.Time
}

func (c *Chain) fields() []any {
	return []any{&c.Base, &c.BaseHash, &c.Head, &c.HeadHash, (*store.Time)(&c.Checked), &c.Failure, (*store.Time)(&c.shortened)}
}

// State is the chain as it stands; of a house in which nothing has happened the zero one, with hashes of zeros.
func State(tx *store.Tx) (Chain, error) {
	c, err := store.One(tx, (*Chain).fields, `SELECT base, base_hash, head, head_hash, checked, failure, shortened FROM audit_chain`)
	if fault.KindOf(err) == fault.NotFound {
		return Chain{BaseHash: make([]byte, sha256.Size), HeadHash: make([]byte, sha256.Size), Checked: time.Unix(0, 0), shortened: time.Unix(0, 0)}, nil
	}
	return c, err
}

// Add puts a row at the end of the record, with the address of the request behind the transaction. The end is read in this
// transaction, and there is one writer: so the chain holds however many write at once, and loses nothing with one that fails.
func Add(tx *store.Tx, e Entry) error {
	if e.Action == "" || strings.ContainsAny(e.Action, "\n\r") {
		return fmt.Errorf("%q is no action for the record", e.Action)
	}
	c, err := State(tx)
	if err != nil {
		return err
	}
	if c.Head == 0 {
		_, err := tx.Exec(`INSERT INTO audit_chain (one, base, base_hash, head, head_hash, shortened, pruned, checked, failure)
			SELECT 1, 0, zeroblob(32), 0, zeroblob(32), 0, 0, 0, '' WHERE NOT EXISTS (SELECT 1 FROM audit_chain)`)
		if err != nil {
			return err
		}
	}
	e.ID, e.Prev, e.At = c.Head+1, c.HeadHash, e.At.Truncate(time.Second)
	e.Address = who.Address(tx.Context())
	e.Network = who.Network(e.Address)
	e.Salt = make([]byte, 16)
	_, _ = rand.Read(e.Salt) // never fails
	e.Seal = seal(e.Salt, e.Address)
	e.Hash = e.sum()
	_, err = tx.Exec(`INSERT INTO audit (id, at, person, action, ref, network, address, salt, seal, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.At.Unix(), e.Person, e.Action, e.Ref, e.Network, e.Address, e.Salt, e.Seal, e.Prev, e.Hash)
	if err != nil {
		return fmt.Errorf("add row %d to the record: %w", e.ID, err)
	}
	_, err = tx.Exec(`UPDATE audit_chain SET head = ?, head_hash = ?`, e.ID, e.Hash)
	return err
}
