package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFormTypes: only what a form of a page sends is read as one. Other sites can send text/plain without asking first,
// and a script JSON: neither becomes a field.
func TestFormTypes(t *testing.T) {
	const form, parts = "mail=ada%40example.org", "--x\r\nContent-Disposition: form-data; name=\"mail\"\r\n\r\nada@example.org\r\n--x--\r\n"
	for _, c := range []struct {
		kind, body string
		read       bool
	}{
		{"application/x-www-form-urlencoded", form, true},
		{"application/x-www-form-urlencoded; charset=utf-8", form, true},
		{"APPLICATION/X-WWW-FORM-URLENCODED", form, true},
		{"multipart/form-data; boundary=x", parts, true},
		{"text/plain", form, false},
		{"text/plain;application/x-www-form-urlencoded", form, false},
		{"application/json", form, false},
		{"application/json", `{"mail":"ada@example.org"}`, false},
		{"text/html", form, false},
		{"application/x-www-form-urlencoded-", form, false},
		{"application/octet-stream", form, false},
		{"multipart/mixed; boundary=x", parts, false},
		{"text/plain; boundary=x", parts, false},
		{"", form, false},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		f, err := ReadForm(r, "mail")
		if got := err == nil && f.Get("mail") == "ada@example.org"; got != c.read {
			t.Errorf("%q %.20q: read %v, %v", c.kind, c.body, got, err)
		}
	}
}
