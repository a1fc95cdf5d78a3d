package backup_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"nestfunk/app/base/backup"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// sftpTarget is a folder behind a server of SFTP that wants a password.
func sftpTarget(t *testing.T) backup.Target {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	conf := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if c.User() != "haus" || string(password) != "geheim" {
			return nil, fmt.Errorf("wrong password")
		}
		return nil, nil
	}}
	conf.AddHostKey(key)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			line, err := ln.Accept()
			if err != nil {
				return
			}
			go serveSFTP(line, conf)
		}
	}()
	at := fmt.Sprintf("sftp://haus@%s%s/sicherung", ln.Addr(), t.TempDir())
	host := string(ssh.MarshalAuthorizedKey(key.PublicKey()))
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ssh.NewSignerFromKey(other)
	if err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]backup.Secret{
		"a wrong password": {Password: "falsch", Host: host}, "another server": {Password: "geheim", Host: string(ssh.MarshalAuthorizedKey(stranger.PublicKey()))},
		"any server": {Password: "geheim"}, "no key": {Key: "nicht", Host: host},
	} {
		if _, err := backup.Open(t.Context(), at, s); err == nil {
			t.Errorf("%s is let in", what)
		}
	}
	to, err := backup.Open(t.Context(), at, backup.Secret{Password: "geheim", Host: host})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func serveSFTP(line net.Conn, conf *ssh.ServerConfig) {
	defer line.Close()
	_, channels, requests, err := ssh.NewServerConn(line, conf)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		ch, reqs, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range reqs {
				_ = r.Reply(r.Type == "subsystem" && string(r.Payload[4:]) == "sftp", nil)
			}
		}()
		s, err := sftp.NewServer(ch)
		if err != nil {
			return
		}
		_ = s.Serve()
		_ = ch.Close()
	}
}

// s3Target is a bucket of a small server that knows what is asked of it: the words of S3, not its signatures.
func s3Target(t *testing.T) backup.Target {
	t.Helper()
	var mu sync.Mutex
	objects := map[string][]byte{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=zugang/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		name, isObject := strings.CutPrefix(r.URL.Path, "/behaelter/")
		switch b, ok := objects[name]; {
		case r.URL.Query().Has("location"):
			_, _ = io.WriteString(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu</LocationConstraint>`)
		case r.Method == http.MethodGet && (!isObject || name == ""):
			listS3(w, objects, r.URL.Query().Get("prefix"))
		case r.Method == http.MethodPut:
			body, err := io.ReadAll(r.Body)
			if err == nil && r.Header.Get("X-Amz-Content-Sha256") == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
				body = unchunk(body)
			}
			objects[name] = body
			w.Header().Set("ETag", `"x"`)
		case r.Method == http.MethodDelete:
			delete(objects, name)
			w.WriteHeader(http.StatusNoContent)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
		default:
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 03:00:00 GMT")
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			if r.Method == http.MethodGet {
				_, _ = w.Write(b)
			}
		}
	}))
	t.Cleanup(srv.Close)
	to, err := backup.Open(t.Context(), "s3://"+srv.Listener.Addr().String()+"/behaelter/haus?region=eu", backup.Secret{Key: "zugang", Password: "geheim"})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func listS3(w io.Writer, objects map[string][]byte, prefix string) {
	type entry struct {
		Key, LastModified string
		Size              int
	}
	var list struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []entry
	}
	for name, b := range objects {
		if strings.HasPrefix(name, prefix) {
			list.Contents = append(list.Contents, entry{name, "2026-03-02T03:00:00.000Z", len(b)})
		}
	}
	slices.SortFunc(list.Contents, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	_ = xml.NewEncoder(w).Encode(list)
}

// unchunk takes the signatures out of a body that was sent in signed parts.
func unchunk(body []byte) (all []byte) {
	for len(body) > 0 {
		head, rest, _ := strings.Cut(string(body), "\r\n")
		var n int
		if _, err := fmt.Sscanf(head, "%x;", &n); err != nil || n == 0 || n > len(rest) {
			return all
		}
		all = append(all, rest[:n]...)
		body = []byte(strings.TrimPrefix(rest[n:], "\r\n"))
	}
	return all
}
