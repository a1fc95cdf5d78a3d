package app_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/base/front"
)

func installs(listen string) app.Install {
	return app.Install{Data: "/var/lib/nestfunk", Flags: front.Flags{Listen: listen, Base: "https://kita.example.org/", Proxy: []string{"127.0.0.1", "10.0.0.0/8"}}}
}

// The unit is one that systemd takes, hardened as it should be.
func TestUnit(t *testing.T) {
	text := installs("127.0.0.1:8080").Unit("/bin/true", false)
	for _, line := range []string{"ExecStart=/bin/true serve --data /var/lib/nestfunk --listen 127.0.0.1:8080 --base https://kita.example.org --proxy 127.0.0.1,10.0.0.0/8",
		"User=nestfunk", "NoNewPrivileges=yes", "ProtectSystem=strict", "ReadWritePaths=/var/lib/nestfunk", "MemoryDenyWriteExecute=yes",
		"CapabilityBoundingSet=", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "PrivateDevices=yes", "UMask=0077"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	for listen, bound := range map[string]bool{":443": true, "0.0.0.0:80": true, "[::]:1023": true, "127.0.0.1:1024": false, "127.0.0.1:8080": false, ":10443": false} {
		c := installs(listen)
		c.Proxy, c.ACME, c.HTTP = nil, !strings.HasPrefix(listen, "127."), "aus"
		if !c.ACME {
			c.Proxy, c.HTTP = []string{"127.0.0.1"}, ""
		}
		if listen == "0.0.0.0:80" { // of a proxy's house
			c.ACME, c.Proxy, c.HTTP = false, []string{"10.0.0.1"}, ""
		}
		plan, err := c.Check()
		if err != nil {
			t.Fatal(listen, err)
		}
		if strings.Contains(c.Unit("/bin/true", plan.Low()), "\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n") != bound {
			t.Errorf("at %s: the right to a low port", listen)
		}
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("systemd-analyze is not here: the lines above are all that was checked")
		return
	}
	file := filepath.Join(t.TempDir(), "nestfunk.service")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// From 0 (it may nothing) to 10 (everything). With a low port it is a little more.
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--threshold=20", file).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// Somebody without root reads what would be done, and cannot do it.
func TestInstall(t *testing.T) {
	var out bytes.Buffer
	o := app.Options{Out: &out, Now: time.Now}
	c := installs("127.0.0.1:8080")
	if err := app.SetUp(t.Context(), o, c, false, "/bin/true"); err == nil || !strings.Contains(app.Words(err), "nur root") || out.Len() > 0 {
		t.Errorf("%v %s", err, &out)
	}
	c.DryRun = true
	if err := app.SetUp(t.Context(), o, c, false, "/bin/true"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"=== /etc/systemd/system/nestfunk.service\n[Unit]", "u nestfunk - \"Nestfunk\" /var/lib/nestfunk /usr/sbin/nologin\n",
		"\nsystemd-sysusers /etc/sysusers.d/nestfunk.conf\n", "\nsystemctl enable --now nestfunk.service\n"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("no %q in\n%s", s, &out)
		}
	}
}

// Whoever installs hears whether the house serves, not only that systemd has begun it.
func TestInstallWaits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "haus")
	c := app.Install{Data: dir}
	if c.Runs(t.Context(), time.Second/2) {
		t.Error("there is no house, and it is called running")
	}
	s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if !c.Runs(t.Context(), 10*time.Second) {
		t.Error("the house serves, and nobody notices")
	}
	s.stop()
	if c.Runs(t.Context(), time.Second/2) {
		t.Error("the house has ended, and is called running")
	}
}
