package push

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"nestfunk/app/base/store"
)

// Check makes a message as for a browser, and calls at every push service that the house's browsers use, without a
// message. The error, if any, is the first that Words can tell.
func (s *Service) Check(ctx context.Context) error {
	if err := s.rehearse(ctx); err != nil {
		return fmt.Errorf("make a push message: %w", err)
	}
	var endpoints []string
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		endpoints, err = origins(tx)
		return err
	})
	if err != nil {
		return err
	}
	var wrong []error
	for _, origin := range endpoints {
		wrong = append(wrong, s.call(ctx, origin))
	}
	return errors.Join(wrong...)
}

// origins are those of the push services in use; one ends at the third slash.
func origins(tx *store.Tx) ([]string, error) {
	return store.All(tx, store.Value[string], `
		SELECT DISTINCT substr(endpoint, 1, 8 + instr(substr(endpoint, 9), '/')) FROM push_subscription ORDER BY 1`)
}

// Hosts are the servers to which messages go; none: nobody has asked for any.
func Hosts(tx *store.Tx) (hosts []string, _ error) {
	all, err := origins(tx)
	for _, o := range all {
		if u, err := url.Parse(o); err == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts, err
}

// rehearse signs and encrypts a message for a browser that does not exist.
func (s *Service) rehearse(ctx context.Context) error {
	keys, err := s.load(ctx)
	if err != nil {
		return err
	}
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	if _, err := Encrypt(Subscription{Key: browser.PublicKey().Bytes(), Secret: secret}, []byte("{}")); err != nil {
		return err
	}
	_, err = keys.Authorization(s.Base.String(), s.Now())
	return err
}

// call asks an origin for anything at all: whatever it answers, it is there.
func (s *Service) call(ctx context.Context, origin string) error {
	u, err := url.Parse(origin)
	if err != nil || !s.allowed(u) {
		return nil // nothing is ever sent there
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, origin, bytes.NewReader(nil))
	if err != nil {
		return err
	}
	res, err := s.client().Do(r)
	if err != nil {
		return unreachable(err, u.Hostname(), s.Now())
	}
	return res.Body.Close()
}
