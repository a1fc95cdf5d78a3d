package push

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func raw(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// browser is a subscription and the private key that belongs to it.
func browser(t testing.TB) (Subscription, *ecdh.PrivateKey) {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := Subscription{Key: k.PublicKey().Bytes(), Secret: make([]byte, secretSize)}
	_, _ = rand.Read(s.Secret) // never fails
	return s, k
}

// TestExample is RFC 8291, section 5 and appendix A.
func TestExample(t *testing.T) {
	once, err := ecdh.P256().NewPrivateKey(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	to := Subscription{Key: raw(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), Secret: raw(t, "BTBZMqHH6r4Tts7J_aSIgg")}
	const text = "When I grow up, I want to be a watermelon"
	got, err := encrypt(once, [16]byte(raw(t, "DGv6ra1nlYgDCS1FRnbzlw")), to, []byte(text), len(text)+1)
	if err != nil {
		t.Fatal(err)
	}
	want := raw(t, "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"+
		"_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestEncryptSize(t *testing.T) {
	to, _ := browser(t)
	for _, c := range []struct{ name, message, want string }{
		{"nothing", "", ""},
		{"a word", "x", ""},
		{"the longest", strings.Repeat("x", 511), ""},
		{"too long", strings.Repeat("x", 512), "mit 512 Bytes zu lang"},
	} {
		b, err := Encrypt(to, []byte(c.message))
		switch {
		case c.want == "" && (err != nil || len(b) != 614):
			t.Errorf("%s: %d bytes, %v", c.name, len(b), err)
		case c.want != "" && (!strings.Contains(Words(err), c.want) || !Refused(err)):
			t.Errorf("%s: %v", c.name, err)
		}
	}
	one, err1 := Encrypt(to, []byte("x"))
	two, err2 := Encrypt(to, []byte("x"))
	if err1 != nil || err2 != nil || bytes.Equal(one[:16], two[:16]) || bytes.Equal(one[21:86], two[21:86]) {
		t.Errorf("two messages share salt or key: %v %v", err1, err2)
	}
	to.Key = append([]byte{4}, make([]byte, 64)...) // not on the curve
	if _, err := Encrypt(to, nil); !Refused(err) {
		t.Errorf("a key that is none: %v", err)
	}
}

// TestOthersCanRead has http_ece of npm decrypt what we encrypt.
func TestOthersCanRead(t *testing.T) {
	modules, err := filepath.Abs("../../../assets/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "http_ece")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("http_ece is missing: NESTFUNK_DEV=1 go generate ./assets: ", err)
		}
		t.Skip("http_ece is missing: ", err)
	}
	texts := []string{"Käfer bleibt heute zu", "تبقى المجموعة مغلقة اليوم", strings.Repeat("x", longest), `{"web_push":8030}`}
	var in bytes.Buffer
	for _, text := range texts {
		to, key := browser(t)
		body, err := Encrypt(to, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		url := base64.RawURLEncoding.EncodeToString
		if err := json.NewEncoder(&in).Encode(map[string]string{"key": url(key.Bytes()), "auth": url(to.Secret), "body": url(body)}); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "decrypt.cjs"))
	c.Env = append(os.Environ(), "NODE_PATH="+modules)
	c.Stdin = &in
	out, err := c.Output()
	if err != nil {
		if x, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v: %s", err, x.Stderr)
		}
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(texts, "\n")+"\n"; got != want {
		t.Errorf("http_ece reads\n%s\nwant\n%s", got, want)
	}
}
