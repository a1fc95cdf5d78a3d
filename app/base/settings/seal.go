package settings

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nestfunk/app/base/fault"
)

const (
	keySize = 32
	keyFile = "secret.key"
	prefix  = "v1:" // of sealed values; another way of sealing gets another
)

// LoadKey reads the key file of a data folder, and makes one in a folder that has none.
func LoadKey(dir string) ([]byte, error) {
	name := filepath.Join(dir, keyFile)
	key, err := readKey(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	// Under another name first: half a key after a power cut would be worse than none.
	f, err := os.CreateTemp(dir, keyFile+".*") // 0600
	if err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	// Link, not Rename: when two programs start at once, both must end with the same key. Some network shares have none.
	if err := os.Link(f.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := os.Rename(f.Name(), name); err != nil {
			return nil, fmt.Errorf("make the key file: %w", err)
		}
	}
	return readKey(name)
}

func readKey(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != keySize {
		return nil, fault.New(fault.Invalid, "%s ist keine Schlüsseldatei. Bitte legen Sie die richtige zurück. Gibt es sie nicht mehr, löschen Sie diese, starten Sie das Haus und geben Sie die Passwörter unter Betrieb neu ein.", name)
	}
	return key, nil
}

// aead is AES-256-GCM with its own random nonce in front.
func (s *Settings) aead() (cipher.AEAD, error) {
	if len(s.key) != keySize {
		return nil, fmt.Errorf("a key has %d bytes, this one %d", keySize, len(s.key))
	}
	block, err := aes.NewCipher(s.key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal makes a value unreadable for whoever has only the database. It binds the value to its name, so that nobody can move one secret into another's place.
func (s *Settings) Seal(name, value string) (string, error) {
	a, err := s.aead()
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", name, err)
	}
	return prefix + base64.StdEncoding.EncodeToString(a.Seal(nil, nil, []byte(value), []byte(name))), nil
}

// Open is what was sealed under the same name; "" where that was not with this key.
func (s *Settings) Open(name, sealed string) string {
	a, err := s.aead()
	if err != nil {
		return ""
	}
	encoded, ok := strings.CutPrefix(sealed, prefix)
	b, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return ""
	}
	value, err := a.Open(nil, nil, b, []byte(name))
	if err != nil {
		return ""
	}
	return string(value)
}

// Mark is a code of 16 characters that only this house can make for a text, and only for this purpose.
func (s *Settings) Mark(purpose, text string) string {
	key, err := hkdf.Key(sha256.New, s.key, nil, purpose, keySize)
	if err != nil {
		panic(err) // only a longer key could be too much
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Marked reports whether the mark of a text is ours.
func (s *Settings) Marked(purpose, text, mark string) bool {
	return hmac.Equal([]byte(s.Mark(purpose, text)), []byte(mark))
}
