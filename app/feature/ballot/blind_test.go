package ballot

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"nestfunk/app/apptest"

	"github.com/cloudflare/circl/blindsign/blindrsa"
)

// A script is assets/js/blind.js in Node: it answers a line with a line.
type script struct {
	t     *testing.T
	write func(line []byte) error
	read  *bufio.Scanner
}

func newScript(t *testing.T) script {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("assets are made with Node, and it is not here: %v", err)
	}
	c := exec.Command(node, "--no-warnings", filepath.Join(apptest.Root(), "app", "feature", "ballot", "testdata", "blind.mjs"))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var wrong bytes.Buffer
	c.Stderr = &wrong
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %s", err, wrong.Bytes())
		}
	})
	return script{t, func(line []byte) error { _, err := in.Write(append(line, '\n')); return err }, bufio.NewScanner(out)}
}

// ask has the script do a task.
func (s script) ask(task map[string]string) (answer map[string]string) {
	s.t.Helper()
	line, err := json.Marshal(task)
	if err == nil {
		err = s.write(line)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if !s.read.Scan() {
		s.t.Fatal("no answer")
	}
	if err := json.Unmarshal(s.read.Bytes(), &answer); err != nil {
		s.t.Fatalf("%v: %s", err, s.read.Bytes())
	}
	return answer
}

// vector is that of RFC 9474, appendix A.1 (RSABSSA-SHA384-PSS-Randomized): hex by name.
func vector(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/rfc9474.json")
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]string
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestVectorInTheBrowser: the script blinds as the RFC does, and takes the blinding off.
func TestVectorInTheBrowser(t *testing.T) {
	v := vector(t)
	a := newScript(t).ask(map[string]string{"n": v["n"], "input_msg": v["input_msg"], "salt": v["salt"], "inv": fmt.Sprintf("%0*s", len(v["n"]), v["inv"]), "blind_sig": v["blind_sig"]})
	if a["error"] != "" || a["blinded"] != v["blinded_msg"] || a["signature"] != v["sig"] {
		t.Errorf("%v", a)
	}
}

// TestVectorInTheHouse: what signs and checks here does it as the RFC does.
func TestVectorInTheHouse(t *testing.T) {
	v := vector(t)
	bytes := func(name string) []byte {
		b, err := hex.DecodeString(v[name])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(bytes(name)) }
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number("n"), E: exponent}, D: number("d"), Primes: []*big.Int{number("p"), number("q")}}
	signed, err := blindrsa.NewSigner(key).BlindSign(bytes("blinded_msg"))
	if err != nil || hex.EncodeToString(signed) != v["blind_sig"] {
		t.Errorf("signs %x, %v", signed, err)
	}
	c := cast{token: bytes("input_msg"), signature: bytes("sig")}
	if err := c.verify(bytes("n")); err != nil {
		t.Error(err)
	}
	c.token[0] ^= 1
	if c.verify(bytes("n")) == nil {
		t.Error("another message is valid, too")
	}
}

// TestBrowserAndHouse: a ballot of the script is signed by a key of our own and is valid; what another key has signed, or what was
// changed on the way, is thrown out by the script.
func TestBrowserAndHouse(t *testing.T) {
	s := newScript(t)
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		k, err := rsa.GenerateKey(rand.Reader, keyBits)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k
	}
	modulus := keys[0].N.FillBytes(make([]byte, keyBytes))
	seen := map[string]bool{}
	for i := range 20 {
		a := s.ask(map[string]string{"n": hex.EncodeToString(modulus)})
		blinded, err := hex.DecodeString(a["blinded"])
		if err != nil || len(blinded) != keyBytes || seen[a["blinded"]] {
			t.Fatalf("%v: %v", a, err)
		}
		seen[a["blinded"]] = true
		signed, err := blindrsa.NewSigner(keys[0]).BlindSign(blinded)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			wrong := append([]byte(nil), signed...)
			wrong[7] ^= 1
			if a := s.ask(map[string]string{"signed": hex.EncodeToString(wrong)}); a["error"] != "not signed" {
				t.Errorf("what was changed on the way: %v", a)
			}
			blinded[0] = 0 // less than the other key's modulus
			other, err := blindrsa.NewSigner(keys[1]).BlindSign(blinded)
			if err != nil {
				t.Fatal(err)
			}
			if a := s.ask(map[string]string{"signed": hex.EncodeToString(other)}); a["error"] != "not signed" {
				t.Errorf("another key's: %v", a)
			}
		}
		a = s.ask(map[string]string{"signed": hex.EncodeToString(signed)})
		token, _ := hex.DecodeString(a["token"])
		signature, _ := hex.DecodeString(a["signature"])
		if len(token) != tokenBytes {
			t.Fatalf("%v", a)
		}
		if err := (cast{token: token, signature: signature}).verify(modulus); err != nil {
			t.Errorf("%v: %v", a, err)
		}
	}
}
