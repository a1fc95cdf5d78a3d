package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// files lists everything below a folder, with its size.
func everything(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			b.WriteString(name + " " + info.ModTime().String() + "\n")
		} else {
			b.WriteString(name + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// certificate writes one for a name with its key into a folder.
func certificate(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().AddDate(0, 0, 30), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: bare}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// Whoever calls the program wrongly, or with what contradicts itself, reads one sentence, and nothing has been written.
func TestProgramRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	house := at("haus")
	if code, out, errs := nestfunk(t, "import", "facilities", "--add-city", "--data", house, filepath.Join(apptest.Root(), "assets/demo/flensburg.csv")); code != 0 {
		t.Fatal(code, out, errs)
	}
	for name, text := range map[string]string{"datei": "x", "leer.csv": "", "worte": "apfel"} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("ordner"), 0o700); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	neu := at("neu")
	serve := func(more ...string) []string { return append([]string{"serve", "--data", neu}, more...) }
	based := func(base string, more ...string) []string {
		return serve(append([]string{"--listen", "127.0.0.1:0", "--base", base}, more...)...)
	}
	cert, key := certificate(t, dir, "kita.example.org")
	install := func(more ...string) []string {
		return append([]string{"install", "--dry-run"}, more...)
	}
	const ours = "https://kita.example.org"
	before := everything(t, dir)
	for _, c := range []struct {
		args  []string
		code  int
		words string
	}{
		{nil, 2, "es fehlt eines von"},
		{[]string{"fliegen"}, 2, "unerwartete Angabe fliegen"},
		{[]string{"serve", "--dta", neu}, 2, "unbekannte Option --dta"},
		{serve("noch", "etwas"), 2, "unerwartete Angabe noch"},
		{[]string{"serve", "--data"}, 2, "--data"},
		{[]string{"serve", "--data", "", "--listen", "127.0.0.1:0"}, 1, "--data nennt keinen Ordner"},
		{[]string{"serve", "--data", at("datei"), "--listen", "127.0.0.1:0"}, 1, "kann nicht angelegt werden"},
		{[]string{"serve", "--data", at("datei/haus"), "--listen", "127.0.0.1:0"}, 1, "kann nicht angelegt werden"},
		{serve("--listen", "127.0.0.1"), 2, "--listen"},
		{serve("--listen", "127.0.0.1:99999"), 2, "--listen"},
		{serve("--listen", "127.0.0.1:http s"), 2, "--listen"},
		{serve("--listen", "192.0.2.1:8080", "--base", ours, "--proxy", "127.0.0.1"), 1, "--listen"},
		{serve("--listen", taken.Addr().String()), 1, "--listen"},
		{serve("--listen", "0.0.0.0:0"), 2, "--base seine öffentliche Adresse"},
		{based("http://kita.example.org"), 2, "beginnt mit https://"},
		{based("kita.example.org"), 2, "beginnt mit https://"},
		{based("https://"), 2, "beginnt mit https://"},
		{based(ours + "/haus"), 2, "ohne Pfad"},
		{based(ours + "?x=1"), 2, "ohne Pfad"},
		{based(ours + "#x"), 2, "ohne Pfad"},
		{based("https://wir@kita.example.org"), 2, "ohne Pfad"},
		{based("ftp://kita.example.org"), 2, "beginnt mit https://"},
		{based(ours + ":99999"), 2, "Port von 1 bis 65535"},
		{based(ours + ":0"), 2, "Port von 1 bis 65535"},
		{based(ours + ":"), 2, "Port von 1 bis 65535"},
		{based(ours), 2, "wer https://kita.example.org verschlüsselt"},
		{based("https://kitä.example.org"), 2, "kein Name, den Browser senden"},
		{based("http://localhost:8080", "--acme"), 2, "gilt nur auf diesem Rechner"},
		{based("http://localhost:8080", "--proxy", "127.0.0.1"), 2, "gilt nur auf diesem Rechner"},
		{serve("--listen", "0.0.0.0:0", "--base", "http://localhost:8080"), 2, "nur auf diesem Rechner erlaubt"},
		{serve("--acme"), 2, "--base seine öffentliche Adresse"},
		{serve("--proxy", "127.0.0.1"), 2, "--base seine öffentliche Adresse"},
		{based(ours, "--acme", "--cert", cert, "--key", key), 2, "nur eines von beiden"},
		{based(ours, "--acme", "--proxy", "127.0.0.1"), 2, "oder der Proxy"},
		{based(ours, "--cert", cert, "--key", key, "--proxy", "10.0.0.0/8"), 2, "oder der Proxy"},
		{based(ours, "--cert", cert), 2, "gehört mit --key"},
		{based(ours, "--key", key), 2, "gehört mit --cert"},
		{based(ours, "--cert", at("fehlt.pem"), "--key", key), 2, "kann nicht gelesen werden"},
		{based(ours, "--cert", at("worte"), "--key", at("datei")), 2, "gehören nicht zusammen"},
		{based("https://anders.example.org", "--cert", cert, "--key", key), 2, "gilt nicht für anders.example.org"},
		{based(ours, "--proxy", "proxy.example.org"), 2, "ist keines von beiden"},
		{based(ours, "--proxy", "127.0.0.1,0.0.0.0/0"), 2, "zu groß"},
		{based(ours, "--acme"), 2, "erreicht Let's Encrypt das Haus nicht"},
		{based("https://localhost", "--acme", "--listen", ":443"), 2, "stellt niemand ein Zertifikat aus"},
		{based(ours, "--acme", "--listen", ":80"), 2, "Auf Port 80 erwartet niemand TLS"},
		{based(ours, "--acme", "--listen", ":8443"), 2, "auf Port 80 und 443"},
		{based(ours, "--acme-url", "https://ca.example.org"), 2, "nur zusammen mit --acme"},
		{based(ours, "--acme", "--acme-roots", cert), 2, "gehört zu --acme-url"},
		{based(ours, "--acme", "--acme-url", "http://ca.example.org"), 2, "beginnt mit https://"},
		{based(ours, "--proxy", "127.0.0.1", "--http", ":80"), 2, "--http gilt nur"},
		{based(ours, "--cert", cert, "--key", key, "--http", "80"), 2, "--http ist eine Adresse"},
		{based(ours, "--cert", cert, "--key", key, "--http", taken.Addr().String()), 1, "--http"},
		{[]string{"demo", "--data", house, "--listen", "127.0.0.1:0"}, 1, "enthält ein echtes Haus"},
		{[]string{"demo", "--data", neu, "--listen", "0.0.0.0:0"}, 2, "nur auf diesem Rechner erlaubt"},
		{[]string{"import"}, 2, "es fehlt eines von"},
		{[]string{"import", "facilities", "--data", neu}, 2, "es fehlt"},
		{[]string{"import", "facilities", "--data", neu, at("fehlt.csv")}, 1, "kann nicht gelesen werden"},
		{[]string{"import", "families", "--data", neu, at("ordner")}, 1, "kann nicht gelesen werden"},
		{[]string{"import", "families", "--data", "", at("leer.csv")}, 1, "--data nennt keinen Ordner"},
		{[]string{"import", "pages", "--data", neu, at("fehlt.zip")}, 1, "fehlt.zip"},
		{[]string{"import", "oparl", "--data", neu, at("fehlt.json")}, 1, "fehlt.json"},
		{[]string{"backup", "--data", house}, 2, "es fehlt: --to"},
		{[]string{"backup", "--data", neu, "--to", at("ziel")}, 1, "gibt es nicht"},
		{[]string{"backup", "--data", house, "--to", filepath.Join(house, "ziel")}, 1, "liegt im Datenordner"},
		{[]string{"backup", "--data", house, "--to", house}, 1, "liegt im Datenordner"},
		{[]string{"restore", "--data", neu}, 2, "es fehlt: --from"},
		{[]string{"restore", "--from", at("ordner")}, 2, "es fehlt: --data"},
		{[]string{"restore", "--from", "ftp://x/y", "--data", neu}, 1, "ftp://"},
		{[]string{"restore", "--from", at("ordner"), "--data", neu, "--at", "gestern"}, 1, "--at"},
		{[]string{"link", "--data", neu, "arno@example.org"}, 1, "gibt es nicht"},
		{[]string{"doctor", "--data", neu}, 1, "gibt es nicht"},
		{[]string{"doctor", "--data", at("ordner")}, 1, "liegt kein Haus"},
		{[]string{"doctor", "--data", ""}, 1, "--data nennt keinen Ordner"},
		{[]string{"support", "--data", house}, 2, "es fehlt: --to"},
		{[]string{"support", "--data", at("ordner"), "--to", at("s.zip")}, 1, "liegt kein Haus"},
		{[]string{"support", "--data", house, "--to", at("datei")}, 1, "gibt es schon"},
		{install(), 2, "es fehlt: --base"},
		{install("--base", "http://kita.example.org"), 2, "beginnt mit https://"},
		{install("--base", ours), 2, "wer https://kita.example.org verschlüsselt"},
		{install("--base", ours, "--acme", "--proxy", "127.0.0.1"), 2, "oder der Proxy"},
		{install("--base", ours, "--cert", "cert.pem", "--key", "/etc/nestfunk/key.pem"), 2, "kommt an cert.pem nicht heran"},
		{install("--base", ours, "--cert", "/home/max/cert.pem", "--key", "/etc/nestfunk/key.pem"), 2, "kommt an /home/max/cert.pem nicht heran"},
		{install("--base", ours, "--acme", "--listen", ":443 --data /"), 2, "die systemd anders versteht"},
		{install("--base", ours, "--data", "data"), 2, "ganzer Pfad"},
		{install("--base", ours, "--data", "/srv/mein haus"), 2, "ganzer Pfad"},
		{install("--base", ours, "--data", "/srv/%h"), 2, "ganzer Pfad"},
		{install("--base", ours, "--data", "/home/max/haus"), 2, "kommt an /home/max/haus nicht heran"},
		{install("--base", ours, "--listen", "8080", "--acme"), 2, "--listen"},
		{install("--base", ours+"\nUser=root"), 2, "die systemd anders versteht"},
	} {
		code, out, errs := nestfunk(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.words) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%q: %d, want %d and %q\n%s%s", c.args, code, c.code, c.words, out, errs)
		}
		if after := everything(t, dir); after != before {
			t.Errorf("%q has written:\n%s", c.args, after)
			before = after
		}
	}
}

// What lies in the folder of a house and is not what it should be is told in one sentence, to whoever serves it and to whoever
// has a doctor look.
func TestBrokenFolder(t *testing.T) {
	for words, put := range map[string]func(dir string) error{
		"ist keine Schlüsseldatei": func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "secret.key"), []byte("apfel"), 0o600), os.WriteFile(filepath.Join(dir, "nestfunk.db"), nil, 0o600))
		},
		"ist keine Datenbank": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "nestfunk.db"), []byte(strings.Repeat("apfel", 2000)), 0o600)
		},
		"lässt sich nicht öffnen": func(dir string) error { return os.Mkdir(filepath.Join(dir, "nestfunk.db"), 0o700) },
	} {
		dir := t.TempDir()
		if err := put(dir); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := nestfunk(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, words) || strings.Count(errs, "\n") != 1 {
			t.Errorf("serve: %d %q, want %q", code, errs, words)
		}
		if code, out, errs := nestfunk(t, "doctor", "--data", dir); code != 1 || !strings.Contains(out, "Fehler   Haus: "+dir) || !strings.Contains(out, words) {
			t.Errorf("doctor: %d %q %q, want %q", code, out, errs, words)
		}
	}
}
