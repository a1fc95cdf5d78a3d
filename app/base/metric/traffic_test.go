package metric

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Every answer is counted once, with its class and its duration; a stream is counted while it is open.
func TestTraffic(t *testing.T) {
	now := time.Unix(0, 0)
	m := NewTraffic(func() time.Time { return now })
	text := func() string {
		var x Text
		x.Traffic(m)
		var b strings.Builder
		if _, err := x.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	open := ""
	h := m.Watch("/strom", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/strom":
			open = text()
		case "/langsam":
			now = now.Add(300 * time.Millisecond)
			w.WriteHeader(http.StatusNotFound)
			w.WriteHeader(http.StatusOK) // too late
		case "/stumm":
		default:
			_, _ = w.Write([]byte("ok"))
			w.WriteHeader(http.StatusBadGateway) // too late
		}
	}))
	for _, path := range []string{"/", "/stumm", "/langsam", "/strom"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	if !strings.Contains(open, "\nnestfunk_open_streams 1\n") {
		t.Errorf("while a stream is open:\n%s", open)
	}
	for _, want := range []string{`nestfunk_requests_total{class="2xx"} 2`, `nestfunk_requests_total{class="4xx"} 1`, `nestfunk_requests_total{class="5xx"} 0`,
		`seconds_bucket{le="0.005"} 2`, `seconds_bucket{le="0.25"} 2`, `seconds_bucket{le="0.5"} 3`, `seconds_bucket{le="+Inf"} 3`,
		"seconds_sum 0.3", "seconds_count 3", "nestfunk_open_streams 0"} {
		if !strings.Contains(text(), want+"\n") {
			t.Errorf("%s is missing in\n%s", want, text())
		}
	}
}
