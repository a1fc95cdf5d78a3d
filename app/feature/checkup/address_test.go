package checkup

import (
	"crypto/x509"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The house looks at its own address as a browser does.
func TestAddress(t *testing.T) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	known := x509.NewCertPool()
	known.AddCert(s.Certificate())
	ends := s.Certificate().NotAfter
	for name, c := range map[string]struct {
		base  string
		roots *x509.CertPool
		now   time.Time
		state State
		words string
	}{
		"good":     {s.URL, known, ends.AddDate(0, -2, 0), Fine, "gilt bis"},
		"old":      {s.URL, known, ends.AddDate(0, 0, -3), Hint, "noch nicht erneuert"},
		"over":     {s.URL, known, ends.AddDate(0, 0, 1), Broken, "gilt nicht"},
		"unknown":  {s.URL, x509.NewCertPool(), ends.AddDate(0, -2, 0), Hint, "nicht kennt"},
		"closed":   {closed.URL, known, ends.AddDate(0, -2, 0), Broken, "antwortet niemand"},
		"no name":  {"https://nirgends.invalid", known, ends, Broken, "DNS"},
		"loopback": {"http://localhost:8080", nil, ends, Fine, "nur auf diesem Rechner"},
		"open":     {"http://kita.example.org", nil, ends, Broken, "nicht verschlüsselt"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(c.base)
			if err != nil {
				t.Fatal(err)
			}
			var r Report
			address(t.Context(), &r, u, c.roots, c.now)
			if f := r.Findings[0]; len(r.Findings) != 1 || f.State != c.state || !strings.Contains(f.Words, c.words) {
				t.Errorf("%+v", r.Findings)
			}
		})
	}
}
