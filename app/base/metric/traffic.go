// Package metric counts requests and writes what is counted as text that Prometheus reads. Nothing in it names a person,
// an id or a path.
package metric

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// bounds are the upper ends of the durations that are told apart.
func bounds() []time.Duration {
	return []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 10 * time.Second}
}

// Traffic counts the requests of a house since it was opened. It is used by many at once.
type Traffic struct {
	now     func() time.Time
	classes [6]atomic.Int64 // by the first figure of the status
	slower  [11]atomic.Int64
	sum     atomic.Int64 // nanoseconds
	streams atomic.Int64 // open now
}

// NewTraffic counts with a clock.
func NewTraffic(now func() time.Time) *Traffic { return &Traffic{now: now} }

// Watch counts what a handler answers. Requests of the path stream stay open: they are counted while they do, and their
// duration tells nothing. A nil Traffic counts nothing.
func (t *Traffic) Watch(stream string, next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == stream {
			t.streams.Add(1)
			defer t.streams.Add(-1)
			next.ServeHTTP(w, r)
			return
		}
		rec, began := &recorder{ResponseWriter: w, status: http.StatusOK}, t.now()
		defer func() { t.count(rec.status, t.now().Sub(began)) }()
		next.ServeHTTP(rec, r)
	})
}

func (t *Traffic) count(status int, took time.Duration) {
	if c := status / 100; c >= 1 && c <= 5 {
		t.classes[c].Add(1)
	}
	i := 0
	for _, b := range bounds() {
		if took <= b {
			break
		}
		i++
	}
	t.slower[i].Add(1)
	t.sum.Add(int64(took))
}

type recorder struct {
	http.ResponseWriter
	status int
	told   bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.told && status >= 200 {
		r.status, r.told = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.told = true
	return r.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// A Text is what Prometheus reads (text format 0.0.4).
type Text struct{ b strings.Builder }

// Gauge writes a number that rises and falls.
func (x *Text) Gauge(name, help string, value float64) { x.one(name, help, "gauge", value) }

// Gauges writes numbers of one kind, each by the value of a label, which needs no quoting.
func (x *Text) Gauges(name, help, label string, values map[string]float64) {
	x.head(name, help, "gauge")
	for _, of := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&x.b, "%s{%s=%q} %v\n", name, label, of, values[of])
	}
}

// Counter writes a number that only rises.
func (x *Text) Counter(name, help string, value float64) { x.one(name, help, "counter", value) }

func (x *Text) one(name, help, kind string, value float64) {
	x.head(name, help, kind)
	fmt.Fprintf(&x.b, "%s %v\n", name, value)
}

func (x *Text) head(name, help, kind string) {
	fmt.Fprintf(&x.b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// Traffic writes what was counted; nil: nothing was.
func (x *Text) Traffic(t *Traffic) {
	if t == nil {
		return
	}
	x.head("nestfunk_requests_total", "Requests answered, by class of status.", "counter")
	for c := 1; c <= 5; c++ {
		fmt.Fprintf(&x.b, "nestfunk_requests_total{class=\"%dxx\"} %d\n", c, t.classes[c].Load())
	}
	const name = "nestfunk_request_duration_seconds"
	x.head(name, "Time from the head of a request to the end of its answer.", "histogram")
	n := int64(0)
	for i, b := range bounds() {
		n += t.slower[i].Load()
		fmt.Fprintf(&x.b, "%s_bucket{le=\"%v\"} %d\n", name, b.Seconds(), n)
	}
	n += t.slower[len(bounds())].Load()
	fmt.Fprintf(&x.b, "%s_bucket{le=\"+Inf\"} %d\n%s_sum %v\n%s_count %d\n", name, n, name, time.Duration(t.sum.Load()).Seconds(), name, n)
	x.Gauge("nestfunk_open_streams", "Pages that wait for changes.", float64(t.streams.Load()))
}

// WriteTo writes all of it.
func (x *Text) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, x.b.String())
	return int64(n), err
}
