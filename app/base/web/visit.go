package web

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// How slow a client may be. Apache's mod_reqtimeout has 20 s and 500 bytes a second for a body; a telephone with EDGE does
// ten times that.
const (
	slowStart = 10 * time.Second
	slowIn    = 1_000    // bytes a second of a body, on the whole
	slowOut   = 16_000   // bytes a second of each piece of an answer
	piece     = 32 << 10 // bytes
)

// A visit is a request that was let in. It gives its place back when its answer begins: pages are whole by then.
type visit struct {
	http.ResponseWriter
	gate    *gate
	rank    int
	from    string
	inside  bool
	answers bool
	control *http.ResponseController
}

func (v *visit) leave() {
	if v.inside {
		v.inside = false
		v.gate.leave(v.from)
	}
}

func (v *visit) WriteHeader(status int) {
	if status >= 200 {
		v.answers = true
		v.leave()
	}
	v.ResponseWriter.WriteHeader(status)
}

func (v *visit) Write(b []byte) (int, error) {
	v.answers = true
	v.leave()
	return paced(v.ResponseWriter, v.control, b)
}

// paced writes, and ends with an error when the client does not take what it has asked for. The house's clock may stand
// still, so a timer ends it, with a deadline of long ago.
func paced(w http.ResponseWriter, control *http.ResponseController, b []byte) (n int, err error) {
	for first := true; err == nil && (first || n < len(b)); first = false {
		part := b[n:min(len(b), n+piece)]
		stuck := time.AfterFunc(slowStart+time.Duration(len(part))*time.Second/slowOut, func() { _ = control.SetWriteDeadline(time.Unix(1, 0)) })
		var k int
		k, err = w.Write(part)
		stuck.Stop()
		n += k
	}
	return n, err
}

// Unwrap is for http.ResponseController.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// A pace is a body that has to arrive at a certain one.
type pace struct {
	from    io.ReadCloser
	control *http.ResponseController
	now     func() time.Time
	got     int
	waited  time.Duration
}

func (p *pace) Read(b []byte) (int, error) {
	left := max(0, slowStart+time.Duration(p.got)*time.Second/slowIn-p.waited)
	stuck := time.AfterFunc(left, func() { _ = p.control.SetReadDeadline(time.Unix(1, 0)) })
	defer stuck.Stop()
	began := p.now()
	n, err := p.from.Read(b)
	p.got += n
	p.waited += p.now().Sub(began)
	return n, err
}

// Close ends the body.
func (p *pace) Close() error { return p.from.Close() }

// whole waits for a small body before its sender waits for a place. What goes wrong is told to who reads it.
func (g *gate) whole(body io.ReadCloser, control *http.ResponseController) io.ReadCloser {
	b, err := io.ReadAll(&pace{from: body, control: control, now: g.now})
	if err == nil {
		err = io.EOF
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b), failing{err}), body}
}

// failing is the end of a body that did not come whole.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// An arriving body has no place while it is waited for.
type arriving struct {
	pace
	visit *visit
}

func (a *arriving) Read(b []byte) (int, error) {
	v := a.visit
	if v.inside {
		v.leave()
		defer func() {
			if !v.answers {
				v.gate.again(v.rank, v.from)
				v.inside = true
			}
		}()
	}
	return a.pace.Read(b)
}
