package sms

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linxGnu/gosmpp/pdu"
)

// A silent line is asked now and then whether it is still there, and one that does not answer is given up.
func TestLineIsKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		c := &center{t: t}
		go c.serve(there)
		l, err := bind(t.Context(), here, smsc{user: "kita", password: smscPassword}, timeout, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*every + time.Second) // of the bubble's clock
		c.mu.Lock()
		if !l.up() || c.enquired != 10 {
			t.Errorf("up %v, asked %d times", l.up(), c.enquired)
		}
		c.mu.Unlock()
		l.quit()
		if l.up() {
			t.Error("still up")
		}
		if _, err := l.ask(t.Context(), pdu.NewEnquireLink()); err == nil {
			t.Error("a line that has ended answers")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		c := &center{t: t}
		go func() {
			deaf, ear := net.Pipe() // what the server hears; it ends after the greeting
			go c.serve(ear)
			go func() { _, _ = there.Read(make([]byte, 0)) }()
			b := make([]byte, 1024)
			n, _ := there.Read(b)
			_, _ = deaf.Write(b[:n])
			n, _ = deaf.Read(b)
			_, _ = there.Write(b[:n])
			deaf.Close()
			for { // takes all, and says nothing
				if _, err := there.Read(b); err != nil {
					return
				}
			}
		}()
		l, err := bind(t.Context(), here, smsc{user: "kita", password: smscPassword}, timeout, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(every + timeout + time.Second)
		if l.up() {
			t.Error("nobody answers, and the line is up")
		}
	})
}
