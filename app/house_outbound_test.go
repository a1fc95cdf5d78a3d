package app

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// Whatever opens a connection stands on the page /betrieb/verbindungen, and what stands there opens one. In a fresh house
// all of it is switched off.
func TestOutbound(t *testing.T) {
	h := apptest.New(t)
	var all []house.Outbound
	for _, f := range Features(h.House) {
		all = append(all, f.Outbound...)
	}
	tell(t, undeclared(code(), all))
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for _, o := range all {
			to, on, err := o.State(tx)
			if err != nil {
				return err
			}
			if o.Dials == "app/feature/checkup" { // only when somebody presses a button
				continue
			}
			if on || to != "" {
				t.Errorf("%s is on from the beginning: %s", o.Title, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dials are functions and types of the standard library with which one connects to elsewhere, or asks a name server.
var dials = []string{"dial.To", "net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.DialIP", "net.Dialer", "net.DefaultResolver", "net.Resolver", "net.LookupHost", "net.LookupIP",
	"net.LookupAddr", "net.LookupMX", "net.LookupTXT", "net.LookupCNAME", "net.LookupSRV", "net.LookupNS", "tls.Dial", "tls.DialWithDialer", "tls.Dialer", "http.Client", "http.Transport", "http.DefaultClient", "http.DefaultTransport",
	"http.Get", "http.Post", "http.PostForm", "http.Head", "smtp.Dial", "smtp.SendMail", "rpc.Dial", "rpc.DialHTTP", "syslog.Dial", "httputil.ReverseProxy", "httputil.NewSingleHostReverseProxy", "unix.Connect", "syscall.Connect"}

// callers are libraries that connect by themselves.
var callers = []string{"github.com/caddyserver/certmagic", "github.com/wneessen/go-mail", "github.com/emersion/go-imap/v2/imapclient", "github.com/linxGnu/gosmpp", "github.com/minio/minio-go/v7",
	"golang.org/x/crypto/ssh", "golang.org/x/crypto/acme", "github.com/pkg/sftp", "github.com/coreos/go-oidc/v3/oidc", "golang.org/x/oauth2", "golang.org/x/net/proxy", "golang.org/x/net/websocket"}

// undeclared compares who connects with what features declare.
func undeclared(tree []source, all []house.Outbound) (wrong []string) {
	declared, found := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		declared[o.Dials] = true
		if o.Title == "" || o.Why == "" || o.When == "" || (o.Where == "") == (o.Off == "") || o.State == nil {
			wrong = append(wrong, fmt.Sprintf("the connection %q says too little", o.Title))
		}
	}
	for _, s := range tree {
		if s.test || s.name == "app/control.go" || s.dir == "app/base/dial" { // the socket in the data folder, and what others connect with
			continue
		}
		miss := func(n ast.Node, what string) {
			found[s.dir] = true
			if !declared[s.dir] {
				wrong = append(wrong, fmt.Sprintf("%s uses %s, and no feature has it in Outbound", s.at(n), what))
			}
		}
		for _, i := range s.syntax.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			if slices.Contains(callers, p) {
				miss(i, p)
			}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok && slices.Contains(dials, callee(x)) {
				miss(n, callee(x))
			}
			return true
		})
	}
	for dir := range declared {
		if !found[dir] {
			wrong = append(wrong, dir+" is declared and connects to nothing")
		}
	}
	return wrong
}

func TestOutboundBites(t *testing.T) {
	whole := house.Outbound{Title: "x", Why: "x", When: "x", Off: "x", Dials: "app/base/x", State: func(*store.Tx) (string, bool, error) { return "", false, nil }}
	half := whole
	half.Why, half.Where = "", "/x"
	for text, words := range map[string]string{
		"package x\nimport \"net\"\nvar _, _ = net.Dial(\"tcp\", \"x\")": "uses net.Dial",
		"package x\nimport \"net/http\"\nvar c = http.Client{}":          "uses http.Client",
		"package x\nimport \"net\"\nfunc f() { net.LookupHost(\"x\") }":  "uses net.LookupHost",
		"package x\nimport _ \"github.com/minio/minio-go/v7\"":           "uses github.com/minio",
	} {
		tree := parseOne("app/base/x/x.go", text)
		if wrong := undeclared(tree, nil); len(wrong) != 1 || !strings.Contains(wrong[0], words) {
			t.Errorf("%s: %q", text, wrong)
		}
		if wrong := undeclared(tree, []house.Outbound{whole}); len(wrong) != 0 {
			t.Errorf("declared: %q", wrong)
		}
		if wrong := undeclared(tree, []house.Outbound{half}); len(wrong) != 1 {
			t.Errorf("half declared: %q", wrong)
		}
	}
	if wrong := undeclared(parseOne("app/base/x/x.go", "package x"), []house.Outbound{whole}); len(wrong) != 1 {
		t.Errorf("nothing connects: %q", wrong)
	}
}
