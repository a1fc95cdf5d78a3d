package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/front"
)

// An Install is the order to have systemd run a house.
type Install struct {
	Data string `help:"Datenordner, sonst /var/lib/nestfunk." default:"/var/lib/nestfunk" placeholder:"ORDNER"`
	front.Flags
	DryRun bool `help:"Nur zeigen, was geschähe."`
}

const (
	unitFile = "/etc/systemd/system/nestfunk.service"
	userFile = "/etc/sysusers.d/nestfunk.conf"
	program  = "/usr/local/bin/nestfunk"
)

// unit is what systemd is told. What the house does not need is taken from it: other users' files, devices, kernel,
// new rights. MemoryDenyWriteExecute holds, since nothing in the program makes code while it runs.
const unit = `[Unit]
Description=Nestfunk
Documentation=%[3]s/handbuch/betrieb
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
ExecStart=%[4]s serve --data %[1]s %[2]s
User=nestfunk
Group=nestfunk
Restart=on-failure
RestartSec=1
TimeoutStopSec=15
LimitNOFILE=65536
UMask=0077
ReadWritePaths=%[1]s
NoNewPrivileges=yes
CapabilityBoundingSet=%[5]s
AmbientCapabilities=%[5]s
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`

const sysuser = "u nestfunk - \"Nestfunk\" %s /usr/sbin/nologin\n"

// Unit is the text of the unit for a house; self is the program. Low: it opens a port that only root may open.
func (c Install) Unit(self string, low bool) string {
	bind := ""
	if low {
		bind = "CAP_NET_BIND_SERVICE"
	}
	return fmt.Sprintf(unit, c.Data, strings.Join(c.Args(), " "), strings.TrimSuffix(c.Base, "/"), self, bind)
}

// check refuses what systemd would take for something else, and what the service could not reach.
func (c Install) check() (*front.Plan, error) {
	if c.Base == "" {
		return nil, fault.New(fault.Invalid, "es fehlt: --base=URL, die öffentliche Adresse, zum Beispiel https://kita.example.org.")
	}
	plain := regexp.MustCompile(`^[A-Za-z0-9._/:\[\],-]+$`)
	if !filepath.IsAbs(c.Data) || filepath.Clean(c.Data) != c.Data || !plain.MatchString(c.Data) {
		return nil, fault.New(fault.Invalid, "--data ist ein ganzer Pfad aus Buchstaben, Ziffern und Bindestrichen, zum Beispiel /var/lib/nestfunk.")
	}
	for _, file := range []string{c.Data, c.Cert, c.Key, c.ACMERoots} {
		if file != "" && (strings.Count(file, "/") < 2 || regexp.MustCompile(`^/(home|root|tmp|proc)/`).MatchString(file)) {
			return nil, fault.New(fault.Invalid, "Der Dienst kommt an %s nicht heran. Bitte nehmen Sie einen Ordner wie /var/lib/nestfunk.", file)
		}
	}
	for _, a := range c.Args() {
		if !plain.MatchString(a) {
			return nil, fault.New(fault.Invalid, "In „%s“ sind Zeichen, die systemd anders versteht. Erlaubt sind Buchstaben, Ziffern und . _ / : -", a)
		}
	}
	return c.Flags.Check()
}

// SetUp writes user and unit, and starts the house. Root is whether the program may; self is its file.
func SetUp(ctx context.Context, o Options, c Install, root bool, self string) error {
	plan, err := c.check()
	if err != nil {
		return misused(err)
	}
	unit, user := c.Unit(program, plan.Low()), fmt.Sprintf(sysuser, c.Data)
	steps := [][]string{{"systemd-sysusers", userFile}, {"install", "-d", "-m", "0700", "-o", "nestfunk", "-g", "nestfunk", c.Data},
		{"chown", "-R", "-h", "nestfunk:nestfunk", c.Data}, // a house that somebody else has tried out
		{"systemctl", "daemon-reload"}, {"systemctl", "enable", "--now", "nestfunk.service"}}
	if c.DryRun {
		words := fmt.Sprintf("=== %s: dieses Programm\n=== %s\n%s=== %s\n%s=== Danach\n", program, userFile, user, unitFile, unit)
		for _, s := range steps {
			words += strings.Join(s, " ") + "\n"
		}
		_, err := io.WriteString(o.Out, words)
		return err
	}
	if !root {
		return fault.New(fault.Forbidden, "Einrichten darf nur root: sudo nestfunk install. Mit --dry-run sehen Sie, was geschähe.")
	}
	if _, err := os.Stat("/run/systemd/system"); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, "Auf diesem Rechner läuft kein systemd. Mit --dry-run sehen Sie, was einzurichten ist.")
	}
	if err := do(ctx, userFile, user, steps[0]); err != nil {
		return err
	}
	for _, file := range []string{c.Cert, c.Key, c.ACMERoots} {
		if file != "" && exec.CommandContext(ctx, "runuser", "-u", "nestfunk", "--", "test", "-r", file).Run() != nil {
			return fault.New(fault.Invalid, "Der Benutzer nestfunk darf %s nicht lesen. Bitte geben Sie ihm das Recht dazu, zum Beispiel mit chgrp nestfunk und chmod g+r, und rufen Sie nestfunk install noch einmal auf.", file)
		}
	}
	if _, err := os.Stat(unitFile); err == nil { // it was set up before: the new order takes its place
		_ = exec.CommandContext(ctx, "systemctl", "stop", "nestfunk.service").Run() // what still runs then is found next
	}
	if occupied(c.Data) {
		return busy(c.Data)
	}
	if self != program {
		if out, err := exec.CommandContext(ctx, "install", "-m", "0755", self, program).CombinedOutput(); err != nil {
			return fault.New(fault.Invalid, "%s kann nicht geschrieben werden: %s", program, out)
		}
	}
	if err := do(ctx, unitFile, unit, steps[1:]...); err != nil {
		return err
	}
	if !c.Runs(ctx, 20*time.Second) {
		last, _ := exec.CommandContext(ctx, "journalctl", "-u", "nestfunk", "-n", "3", "-o", "cat", "--no-pager").Output() // or nothing
		return fault.New(fault.Conflict, "Der Dienst ist eingerichtet, aber das Haus startet nicht. Warum, zeigt: journalctl -u nestfunk\n%s", last)
	}
	_, err = io.WriteString(o.Out, "Das Haus läuft. Den ersten Link zeigt: journalctl -u nestfunk\n")
	return err
}

// Runs waits until the house serves, and reports whether it does.
func (c Install) Runs(ctx context.Context, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if p, err := ask(ctx, c.Data, command{name: "ready"}); err == nil && p.err() == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// do writes a file, and then takes steps.
func do(ctx context.Context, name, text string, steps ...[]string) error {
	err := os.MkdirAll(filepath.Dir(name), 0o755) // Debian comes without /etc/sysusers.d
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o644)
	}
	if err != nil {
		return fault.New(fault.Invalid, "%s kann nicht geschrieben werden: %s", name, fault.Cause(err))
	}
	for _, s := range steps {
		if out, err := exec.CommandContext(ctx, s[0], s[1:]...).CombinedOutput(); err != nil {
			return fault.New(fault.Invalid, "%s ging nicht: %s", strings.Join(s, " "), out)
		}
	}
	return nil
}
