//go:build linux

package app_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// calls finds in the words of strace about a program that has ended every address outside this machine that something was
// to be sent to.
func calls(t *testing.T, trace string, pid int) (all []string) {
	t.Helper()
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^%d +\+\+\+ exited with `, pid))                      // small numbers are padded
	for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(20 * time.Millisecond) { // it writes a moment longer than the program lives
		b, err := os.ReadFile(trace)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if !end.Match(b) {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if c, ok := call(line); ok {
				all = append(all, c)
			}
		}
		return all
	}
	t.Fatal("strace has not come to its end")
	return nil
}

var called = regexp.MustCompile(`\b(?:connect|sendto|sendmsg|sendmmsg)\(.*(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")`)

// call reads one line of strace; ok is false where nobody outside this machine is called.
func call(line string) (to string, ok bool) {
	m := called.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	a, err := netip.ParseAddr(m[1] + m[2])
	if err == nil && a.Unmap().IsLoopback() {
		return "", false
	}
	return m[1] + m[2], true
}

// What the test below finds, and what not.
func TestCallsBite(t *testing.T) {
	for line, to := range map[string]string{
		`7 connect(9, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 0`:                                                           "192.0.2.53",
		`7 connect(9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0`: "2001:db8::1",
		`7 sendto(9, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 1`:                                                 "192.0.2.53",
		`7 connect(9, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0`:                                                           "",
		`7 connect(9, {sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0`:           "",
		`7 connect(9, {sa_family=AF_UNIX, sun_path="/run/systemd/notify"}, 21) = 0`:                                                                                 "",
	} {
		if got, _ := call(line); got != to {
			t.Errorf("%s: %q, want %q", line, got, to)
		}
	}
}

// traced runs a command under strace until work is done, and returns what it called.
func traced(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here: nobody has looked whether a fresh house calls anybody")
	}
	file := filepath.Join(t.TempDir(), "trace")
	c.Args = append([]string{"strace", "-D", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", file, c.Path}, c.Args[1:]...)
	c.Path = strace
	return file
}

// A fresh house calls nobody: from the first start over the three questions to the first pages, and back.
func TestFreshHouseCallsNobody(t *testing.T) {
	// First a program that does call somebody, at an address that leads nowhere.
	bash := exec.CommandContext(t.Context(), "bash", "-c", "echo x >/dev/udp/192.0.2.1/9")
	nowhere := traced(t, bash)
	if out, err := bash.CombinedOutput(); err != nil && !strings.Contains(string(out), "192.0.2.1") {
		t.Skipf("strace does not work here: %v %s", err, out)
	}
	if all := calls(t, nowhere, bash.ProcessState.Pid()); len(all) != 1 || all[0] != "192.0.2.1" {
		t.Fatalf("the harness finds %q where 192.0.2.1 was called", all)
	}

	dir := filepath.Join(t.TempDir(), "neu")
	trace := ""
	s := serveWith(t, func(c *exec.Cmd) { trace = traced(t, c) }, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if code, body := s.get("/anmelden"); !waits(code, body) {
		t.Errorf("%d %s", code, body)
	}
	s.signIn()
	if code, out, errs := nestfunk(t, "import", "facilities", file(t, twoKitas), "--data", dir); code != 0 {
		t.Fatal(code, out, errs)
	}
	for _, path := range []string{"/", "/betrieb", "/betrieb/verbindungen", "/einheiten", "/betrieb/haus", "/wissen", "/suche?q=kita"} {
		if code, _ := s.get(path); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, body := s.post(s.base+"/betrieb/selbsttest", nil); code != 200 || !strings.Contains(body, "Alle Wege, die eingerichtet sind, antworten.") {
		t.Errorf("the self-test: %d %s", code, body)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if all := calls(t, trace, s.cmd.ProcessState.Pid()); len(all) > 0 {
		t.Errorf("it has called %q", all)
	}
}
