package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2id as OWASP's minimum has it: 38 to 43 ms on one core. Each takes 19 MiB, so only as many run at a
// time as there are processors.
const (
	argonTime   = 2
	argonMemory = 19 * 1024
	argonSize   = 32
)

type hasher chan struct{}

func newHasher() hasher { return make(hasher, runtime.NumCPU()) }

func (h hasher) key(ctx context.Context, password string, salt []byte, time, memory uint32) ([]byte, error) {
	select {
	case h <- struct{}{}:
		defer func() { <-h }()
		return argon2.IDKey([]byte(password), salt, time, memory, 1, argonSize), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hasher keeps what somebody has to know, for other features: hash makes a PHC string of it, and fits compares it with one;
// "" stands for nobody's.
func Hasher() (hash func(ctx context.Context, secret string) (string, error), fits func(ctx context.Context, phc, typed string) (bool, error)) {
	h := newHasher()
	return h.hash, h.fits
}

// hash makes the PHC string of a password.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	key, err := h.key(ctx, password, salt, argonTime, argonMemory)
	if err != nil {
		return "", err
	}
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, argonMemory, argonTime, b.EncodeToString(salt), b.EncodeToString(key)), nil
}

// nobodys costs as much to check as a real one, and no password fits it: the time must not tell who has an account.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$bmllbWFuZHNuaWVtYW5kcw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// fits compares a password with a PHC string; "" stands for nobody's.
func (h hasher) fits(ctx context.Context, phc, password string) (bool, error) {
	if phc == "" {
		phc = nobodys
	}
	part := strings.Split(phc, "$")
	var version int
	var memory, time, lanes uint32
	if len(part) != 6 || part[1] != "argon2id" {
		return false, fmt.Errorf("unknown kind of password hash")
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &lanes); err != nil || version != argon2.Version || lanes != 1 {
		return false, fmt.Errorf("unknown kind of password hash: %v", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		return false, fmt.Errorf("salt of a password: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(part[5])
	if err != nil {
		return false, fmt.Errorf("hash of a password: %w", err)
	}
	have, err := h.key(ctx, password, salt, time, memory)
	return err == nil && subtle.ConstantTimeCompare(have, want) == 1 && phc != nobodys, err
}
