package settings

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nestfunk/app/base/store"
)

func open(t *testing.T) *store.DB {
	t.Helper()
	schema, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"), string(schema))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func write(t *testing.T, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func TestSetAndUnset(t *testing.T) {
	db, s := open(t), New(make([]byte, keySize))
	write(t, db, func(tx *store.Tx) error {
		for _, value := range []string{"Kitas in Flensburg", "Kitas", ""} {
			if err := s.Set(tx, HouseName, value); err != nil {
				return err
			}
			if got, err := s.Get(tx, HouseName); got != value || err != nil {
				t.Errorf("after Set(%q): %q, %v", value, got, err)
			}
		}
		return nil
	})
}

func TestSecretIsSealed(t *testing.T) {
	db, s := open(t), New(bytes.Repeat([]byte{7}, keySize))
	const password = "geheim, sehr geheim"
	write(t, db, func(tx *store.Tx) error {
		if err := s.Set(tx, MailPassword, password); err != nil { // also by the careless way
			return err
		}
		stored, err := get(tx, MailPassword)
		if err != nil || strings.Contains(stored, "geheim") || !strings.HasPrefix(stored, prefix) {
			t.Errorf("stored %q, %v", stored, err)
		}
		if got, err := s.Get(tx, MailPassword); got != "" || err != nil {
			t.Errorf("Get of a secret = %q, %v", got, err)
		}
		if got, err := s.Secret(tx, MailPassword); got != password || err != nil {
			t.Errorf("Secret = %q, %v", got, err)
		}
		return nil
	})
}

// Whatever is wrong with a sealed value or the key, the secret is missing and nothing breaks.
func TestSecretThatCannotBeOpened(t *testing.T) {
	right := bytes.Repeat([]byte{7}, keySize)
	for name, c := range map[string]struct {
		key   []byte
		spoil func(tx *store.Tx, sealed string) (name, value string)
	}{
		"other key":       {bytes.Repeat([]byte{8}, keySize), nil},
		"no key":          {nil, nil},
		"short key":       {right[:16], nil},
		"cut off":         {right, func(_ *store.Tx, s string) (string, string) { return MailPassword, s[:20] }},
		"nothing sealed":  {right, func(*store.Tx, string) (string, string) { return MailPassword, "geheim" }},
		"only a prefix":   {right, func(*store.Tx, string) (string, string) { return MailPassword, prefix }},
		"no base64":       {right, func(*store.Tx, string) (string, string) { return MailPassword, prefix + "%%%" }},
		"of another name": {right, func(_ *store.Tx, s string) (string, string) { return BouncePassword, s }},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			write(t, db, func(tx *store.Tx) error {
				if err := New(right).SetSecret(tx, MailPassword, "geheim"); err != nil {
					return err
				}
				of := MailPassword
				if c.spoil != nil {
					sealed, err := get(tx, MailPassword)
					if err != nil {
						return err
					}
					var value string
					of, value = c.spoil(tx, sealed)
					if err := set(tx, of, value); err != nil {
						return err
					}
				}
				s := New(c.key)
				if got, err := s.Secret(tx, of); got != "" || err != nil {
					t.Errorf("Secret = %q, %v", got, err)
				}
				lost, err := s.Lost(tx)
				if err != nil || len(lost) != 1 || lost[0] != of {
					t.Errorf("Lost = %v, %v; want %s", lost, err, of)
				}
				return nil
			})
		})
	}
}

func TestSetSecretNeedsAKey(t *testing.T) {
	err := open(t).Write(t.Context(), func(tx *store.Tx) error { return New(nil).SetSecret(tx, MailPassword, "geheim") })
	if err == nil {
		t.Error("a secret was stored without a key")
	}
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	one, err := LoadKey(dir)
	if err != nil || len(one) != keySize {
		t.Fatalf("LoadKey = %d bytes, %v", len(one), err)
	}
	if two, err := LoadKey(dir); err != nil || !bytes.Equal(one, two) {
		t.Errorf("the second start has another key: %v", err)
	}
	file := filepath.Join(dir, keyFile)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
	if err := os.WriteFile(file, []byte("kaputt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(dir); err == nil {
		t.Error("a broken key file was accepted or overwritten")
	}
}

func TestMark(t *testing.T) {
	a, b := New(bytes.Repeat([]byte{1}, keySize)), New(bytes.Repeat([]byte{2}, keySize))
	mark := a.Mark("x", "17-4")
	for name, ok := range map[string]bool{
		"itself":        a.Marked("x", "17-4", mark) && len(mark) == 16,
		"other text":    !a.Marked("x", "17-5", mark),
		"other purpose": !a.Marked("y", "17-4", mark),
		"other house":   !b.Marked("x", "17-4", mark),
		"empty":         !a.Marked("x", "17-4", ""),
	} {
		if !ok {
			t.Error(name)
		}
	}
}
