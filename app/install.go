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

	"nestfunk/app/base/fault"
)

// An Install is the order to have systemd run a house.
type Install struct {
	Data   string `help:"Datenordner, sonst /var/lib/nestfunk." default:"/var/lib/nestfunk" placeholder:"ORDNER"`
	Listen string `help:"Adresse, an der Anfragen ankommen, sonst 127.0.0.1:8080." default:"127.0.0.1:8080" placeholder:"ADRESSE"`
	Base   string `help:"Öffentliche Adresse, zum Beispiel https://kita.example.org." required:"" placeholder:"URL"`
	DryRun bool   `help:"Nur zeigen, was geschähe."`
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
ExecStart=%[4]s serve --data %[1]s --listen %[2]s --base %[3]s
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
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`

const sysuser = "u nestfunk - \"Nestfunk\" %s /usr/sbin/nologin\n"

// Unit is the text of the unit for a house; self is the program.
func (c Install) Unit(self string) string {
	bind := ""
	if port := regexp.MustCompile(`:(\d{1,3}|10[01]\d|102[0-3])$`); port.MatchString(c.Listen) {
		bind = "CAP_NET_BIND_SERVICE"
	}
	return fmt.Sprintf(unit, c.Data, c.Listen, strings.TrimSuffix(c.Base, "/"), self, bind)
}

// check refuses what systemd would take for something else.
func (c Install) check() error {
	plain := regexp.MustCompile(`^[A-Za-z0-9._/:\[\]-]+$`)
	switch {
	case !filepath.IsAbs(c.Data) || filepath.Clean(c.Data) != c.Data || !plain.MatchString(c.Data):
		return fault.New(fault.Invalid, "--data ist ein ganzer Pfad aus Buchstaben, Ziffern und Bindestrichen, zum Beispiel /var/lib/nestfunk.")
	case strings.Count(c.Data, "/") < 2 || strings.HasPrefix(c.Data, "/home/") || strings.HasPrefix(c.Data, "/root/") || strings.HasPrefix(c.Data, "/tmp/") || strings.HasPrefix(c.Data, "/proc/"):
		return fault.New(fault.Invalid, "Der Dienst kommt an %s nicht heran. Bitte nehmen Sie einen Ordner wie /var/lib/nestfunk.", c.Data)
	case !regexp.MustCompile(`:\d{1,5}$`).MatchString(c.Listen) || !plain.MatchString(c.Listen):
		return fault.New(fault.Invalid, "--listen ist eine Adresse mit Port, zum Beispiel 127.0.0.1:8080.")
	case !plain.MatchString(c.Base):
		return fault.New(fault.Invalid, "--base ist die öffentliche Adresse ohne Pfad und beginnt mit https://, zum Beispiel https://kita.example.org.")
	}
	_, err := baseURL(c.Base, nil)
	return err
}

// SetUp writes user and unit, and starts the house. Root is whether the program may; self is its file.
func SetUp(ctx context.Context, o Options, c Install, root bool, self string) error {
	if err := c.check(); err != nil {
		return err
	}
	unit, user := c.Unit(program), fmt.Sprintf(sysuser, c.Data)
	steps := [][]string{{"systemd-sysusers", userFile}, {"install", "-d", "-m", "0700", "-o", "nestfunk", "-g", "nestfunk", c.Data},
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
	if self != program {
		if out, err := exec.CommandContext(ctx, "install", "-m", "0755", self, program).CombinedOutput(); err != nil {
			return fault.New(fault.Invalid, "%s kann nicht geschrieben werden: %s", program, out)
		}
	}
	for name, text := range map[string]string{userFile: user, unitFile: unit} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return fault.New(fault.Invalid, "%s kann nicht geschrieben werden: %v", name, cause(err))
		}
	}
	for _, s := range steps {
		if out, err := exec.CommandContext(ctx, s[0], s[1:]...).CombinedOutput(); err != nil {
			return fault.New(fault.Invalid, "%s ging nicht: %s", strings.Join(s, " "), out)
		}
	}
	_, err := io.WriteString(o.Out, "Das Haus läuft. Den ersten Link zeigt: journalctl -u nestfunk\n")
	return err
}
