package checkup

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/disk"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/metric"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// metrics writes figures for Prometheus: numbers of the whole house, no ids, no names.
func (f *feature) metrics(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	var x metric.Text
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		token, err := f.Settings.Secret(tx, settings.MetricsToken)
		if err != nil {
			return err
		}
		if !local(r) && !bearer(r, token) {
			return fault.New(fault.NotFound, "Diese Seite gibt es nicht.")
		}
		return f.write(tx, &x)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = x.WriteTo(w) // whoever asked has gone
	return nil
}

// local reports whether a program on this machine asks, and no proxy for somebody else: that would name the house's
// address, or say for whom it asks.
func local(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && a.IsLoopback()
}

// bearer reports whether a request has the token; without a token nothing fits.
func bearer(r *http.Request, token string) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && token != "" && subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 1
}

// A sender counts what it has handed over.
type sender interface{ Sent() int64 }

func (f *feature) write(tx *store.Tx, x *metric.Text) error {
	o, err := owes(tx, f.Now())
	if err != nil {
		return err
	}
	size, err := bytes(tx)
	if err != nil {
		return err
	}
	behind, works, err := f.Search.State(tx)
	if err != nil {
		return err
	}
	x.Traffic(f.Traffic)
	x.Gauge("nestfunk_goroutines", "What runs or waits in the process.", float64(runtime.NumGoroutine()))
	x.Gauge("nestfunk_tasks_waiting", "Tasks that are owed.", float64(o.Waiting))
	x.Gauge("nestfunk_tasks_failing", "Tasks that failed at least once.", float64(o.Failing))
	x.Gauge("nestfunk_database_bytes", "Size of the database.", float64(size))
	writable := 1.0
	if s, _ := f.Disk.State(); s != disk.Fine {
		writable = 0
	}
	intact := 1.0
	if len(Damage(f.wires.Folder)) > 0 {
		intact = 0
	}
	x.Gauge("nestfunk_database_intact", "0: damage was found in the database, and nobody has seen to it.", intact)
	x.Gauge("nestfunk_writable", "1: the disk takes everything; 0: it is full or refuses to be written.", writable)
	if free, _, ok := disk.Space(f.wires.Folder); ok {
		x.Gauge("nestfunk_disk_free_bytes", "What is free on the disk of the data folder.", float64(free))
	}
	if f.wires.Backup != nil {
		b, err := f.wires.Backup(tx)
		if err != nil {
			return err
		}
		if !b.Last.IsZero() {
			x.Gauge("nestfunk_backup_age_seconds", "Since the last good backup; missing: there is none.", f.Now().Sub(b.Last).Round(time.Second).Seconds())
		}
	}
	last := f.noted()
	now := Report{At: f.Now()}
	room(&now, f.wires.Folder, f.Disk)
	rights(&now, f.wires.Folder, true)
	if err := glance(&now, tx, f.House, f.wires, true); err != nil {
		return err
	}
	grades := map[string]float64{}
	for _, found := range slices.Concat(last.Findings, now.Findings) {
		grades[found.Name] = found.State.Grade()
	}
	x.Gauges("nestfunk_check", "What doctor looks at: 0 good, 1 a hint, 2 broken. Servers and the whole database as of the last look.", "name", grades)
	if !last.At.IsZero() {
		x.Gauge("nestfunk_check_age_seconds", "Since the last look at servers or the whole database, by an operator or at night.", f.Now().Sub(last.At).Seconds())
	}
	x.Gauge("nestfunk_index_behind", "Changes that the search index has not read.", float64(behind))
	up := 0.0
	if works {
		up = 1
	}
	x.Gauge("nestfunk_index_up", "1: searches use the index.", up)
	for _, c := range []struct {
		name, help string
		by         any
	}{
		{"nestfunk_mails_sent_total", "Mails handed to the server.", f.Mail},
		{"nestfunk_push_sent_total", "Messages that push services took.", f.Push},
		{"nestfunk_sms_sent_total", "SMS that the provider took.", f.SMS},
	} {
		if s, ok := c.by.(sender); ok {
			x.Counter(c.name, c.help, float64(s.Sent()))
		}
	}
	return nil
}
