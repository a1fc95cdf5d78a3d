package sms

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// An office is a gateway with a database of its own, a still clock, and what it told.
type office struct {
	*Gateway
	t *testing.T

	mu   sync.Mutex
	at   time.Time
	said []string // "ref state why"
}

// open makes an office with settings: name, value, name, value.
func open(t *testing.T, set ...string) *office {
	t.Helper()
	schema, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"), string(schema))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, at: time.Date(2026, 3, 2, 6, 12, 0, 0, time.UTC)}
	o.Gateway = New(db, settings.New(bytes.Repeat([]byte{7}, 32)), o.clock, o.hear)
	t.Cleanup(func() {
		o.smpp.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	o.set(append([]string{settings.SMSPrice, "75", settings.SMSLimit, "300", settings.SMSFrom, "Kita"}, set...)...)
	return o
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.at
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = o.at.Add(d)
}

func (o *office) hear(_ *store.Tx, ref, state, why string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said = append(o.said, strings.TrimSpace(ref+" "+state+" "+why))
	return nil
}

func (o *office) heard() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.said, "\n")
}

func (o *office) set(pairs ...string) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := o.settings.Set(tx, pairs[i], pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *office) write(f func(tx *store.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

// spent is what went out today.
func (o *office) spent() (c Cost) {
	o.t.Helper()
	o.write(func(tx *store.Tx) (err error) {
		c, err = Spent(tx, o.clock())
		return err
	})
	return c
}

// states are those of all SMS, in order: "ref state parts".
func (o *office) states() string {
	o.t.Helper()
	var all []string
	o.write(func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], `SELECT trim(ref || ' ' || state || ' ' || parts) FROM sms_message ORDER BY id`)
		return err
	})
	return strings.Join(all, ", ")
}

func (o *office) send(m Message) error {
	o.t.Helper()
	return o.Send(o.t.Context(), m)
}

func letter() Message {
	return Message{To: "+491712345678", Text: "Kita Sonnenblume: Käfer bleibt heute zu. https://kita.example/b/x", Kind: Closure, Ref: "17-6"}
}

func to(number, ref string) Message {
	m := letter()
	m.To, m.Ref = number, ref
	return m
}
