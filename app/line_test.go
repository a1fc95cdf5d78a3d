package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A line lies between a phone and the house, and can be cut: for the worker as well, which the browser's own tools
// cannot take off the net.
type line struct {
	*httptest.Server
	cut   atomic.Bool
	newer atomic.Bool               // the house has been brought up to date: its worker is another
	slow  atomic.Pointer[chan bool] // nothing passes before it is closed; nil: all passes at once
	lost  chan bool                 // something was tried while it was cut
}

// lay puts a phone on a line of its own.
func (p *phone) lay() *phone {
	p.t.Helper()
	to, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	l := &line{lost: make(chan bool, 1)}
	lost := func() bool {
		if !l.cut.Load() {
			return false
		}
		select {
		case l.lost <- true:
		default: // known already
		}
		return true
	}
	through := &httputil.ReverseProxy{
		FlushInterval: -1, // events pass at once
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to) // also the name of the house
			if r.In.URL.Path == "/sw.js" {
				r.Out.Header.Del("Accept-Encoding") // to be read here
			}
		},
		ModifyResponse: func(a *http.Response) error {
			if a.Request.URL.Path != "/sw.js" || !l.newer.Load() {
				return nil
			}
			b, err := io.ReadAll(a.Body)
			if err != nil {
				return err
			}
			s := strings.Replace(string(b), "shell-", "shell-newer", 1)
			a.Body, a.ContentLength = io.NopCloser(strings.NewReader(s)), int64(len(s))
			a.Header.Del("Content-Length")
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the phone has gone
	}
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lost() {
			panic(http.ErrAbortHandler)
		}
		if slow := l.slow.Load(); slow != nil {
			select {
			case <-*slow:
			case <-r.Context().Done():
				return
			}
		}
		through.ServeHTTP(w, r)
	}))
	l.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew && lost() {
			_ = c.Close() // nobody waits for it
		}
	}
	l.Start()
	p.t.Cleanup(func() {
		l.CloseClientConnections()
		l.Close()
	})
	_, port, _ := strings.Cut(l.Listener.Addr().String(), ":")
	p.base, p.line = "http://localhost:"+port, l
	return p
}

// connect joins the phone to the net, or takes it off.
func (p *phone) connect(on bool) {
	p.t.Helper()
	if p.line.cut.Store(!on); !on {
		p.line.CloseClientConnections()
	}
	p.believes(on)
}

// rejoins has the browser believe in its connection before there is one, as after a tunnel.
func (p *phone) rejoins() {
	p.t.Helper()
	select {
	case <-p.line.lost: // while it was cut
	default:
	}
	p.believes(true)
	select {
	case <-p.line.lost:
	case <-time.After(patience):
		p.t.Fatal("nothing was tried")
	}
	p.line.cut.Store(false)
}

// believes tells the browser whether there is a connection.
func (p *phone) believes(on bool) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}})
		return err
	}))
}
