package sms

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/settings"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

const smscPassword = "geheim"

// A center is an SMPP server: it takes what it is given, and reports when it is told to.
type center struct {
	t    *testing.T
	ln   net.Listener
	bare bool // refuses with a head alone, as some servers do

	// submit decides over the n-th submit_sm, from 1; nil: all are taken. false: no answer.
	submit func(n int, p *pdu.SubmitSM) (data.CommandStatusType, bool)

	running sync.WaitGroup

	mu       sync.Mutex
	conn     net.Conn // the latest that has signed in
	got      []*pdu.SubmitSM
	binds    int
	unbinds  int
	enquired int
	came     chan struct{}               // one for each that has signed in
	answers  chan data.CommandStatusType // to deliver_sm
}

func newCenter(t *testing.T, config *tls.Config) *center {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		ln = tls.NewListener(ln, config)
	}
	c := &center{t: t, ln: ln, answers: make(chan data.CommandStatusType, 100), came: make(chan struct{}, 100)}
	c.running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			c.running.Go(func() { c.serve(conn) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		c.hangUp()
		c.running.Wait()
	})
	return c
}

func (c *center) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		p, err := pdu.Parse(in)
		if err != nil {
			return
		}
		answer := p.GetResponse()
		switch p := p.(type) {
		case *pdu.BindRequest:
			a := answer.(*pdu.BindResp)
			switch {
			case p.CommandID != data.BIND_TRANSCEIVER || p.InterfaceVersion != data.SMPP_V34:
				a.CommandStatus = data.ESME_RSYSERR
			case p.SystemID != "kita":
				a.CommandStatus = data.ESME_RINVSYSID
			case p.Password != smscPassword:
				a.CommandStatus = data.ESME_RINVPASWD
			}
			a.SystemID = "center"
			if a.CommandStatus != data.ESME_ROK && c.bare {
				head := pdu.Header{CommandLength: 16, CommandID: a.CommandID, CommandStatus: a.CommandStatus, SequenceNumber: a.SequenceNumber}
				b := pdu.NewBuffer(nil)
				head.Marshal(b)
				_, _ = conn.Write(b.Bytes())
				continue
			}
			c.mu.Lock()
			c.binds++
			c.conn = conn
			c.mu.Unlock()
			select {
			case c.came <- struct{}{}:
			default:
			}
		case *pdu.SubmitSM:
			c.mu.Lock()
			c.got = append(c.got, p)
			n, decide := len(c.got), c.submit
			c.mu.Unlock()
			a := answer.(*pdu.SubmitSMResp)
			a.MessageID = strconv.Itoa(1000 + n)
			answer = nil
			c.running.Go(func() { // while it decides, the line stays open for others
				ok := true
				if decide != nil {
					a.CommandStatus, ok = decide(n, p)
				}
				if ok {
					c.put(conn, a)
				}
			})
		case *pdu.EnquireLink:
			c.mu.Lock()
			c.enquired++
			c.mu.Unlock()
		case *pdu.Unbind:
			c.mu.Lock()
			c.unbinds++
			c.mu.Unlock()
		case *pdu.DeliverSMResp:
			c.answers <- p.CommandStatus
		}
		if answer != nil {
			c.put(conn, answer)
		}
	}
}

func (c *center) put(conn net.Conn, p pdu.PDU) {
	b := pdu.NewBuffer(nil)
	p.Marshal(b)
	_, _ = conn.Write(b.Bytes()) // whoever has gone needs no answer
}

func (c *center) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		c.conn.Close()
	}
}

func (c *center) submitted() []*pdu.SubmitSM {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got
}

// deliver sends a report or an SMS, and returns what the house says to it.
func (c *center) deliver(from, text string, set func(p *pdu.DeliverSM)) data.CommandStatusType {
	c.t.Helper()
	p := pdu.NewDeliverSM().(*pdu.DeliverSM)
	source, err := pdu.NewAddressWithTonNpiAddr(data.GSM_TON_INTERNATIONAL, data.GSM_NPI_E164, from)
	if err != nil {
		c.t.Fatal(err)
	}
	p.SourceAddr = source
	if err := p.Message.SetMessageDataWithEncoding([]byte(text), data.GSM7BIT); err != nil {
		c.t.Fatal(err)
	}
	if set != nil {
		set(p)
	}
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	c.put(conn, p)
	select {
	case s := <-c.answers:
		return s
	case <-time.After(10 * time.Second):
		c.t.Error("no answer to deliver_sm")
		return -1
	}
}

func receipt(p *pdu.DeliverSM) { p.EsmClass = data.SM_SMSC_DLV_RCPT_TYPE }

func stat(id, s string) string {
	return "id:" + id + " sub:001 dlvrd:001 submit date:2603020712 done date:2603020713 stat:" + s + " err:000 text:Kita_Sonne"
}

// withCenter is an office that sends through an SMPP server.
func withCenter(t *testing.T, c *center, set ...string) *office {
	t.Helper()
	host, port, err := net.SplitHostPort(c.ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, append([]string{settings.SMSDriver, SMPP, settings.SMSHost, host, settings.SMSPort, port, settings.SMSSecurity, "none",
		settings.SMSUser, "kita", settings.SMSPassword, smscPassword}, set...)...)
	o.smpp.pause = time.Millisecond
	return o
}

// words is what a phone shows of the parts.
func words(t *testing.T, parts []*pdu.SubmitSM, coding data.Encoding) string {
	t.Helper()
	var all bytes.Buffer
	for _, p := range parts {
		b, err := p.Message.GetMessageData()
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	s, err := coding.Decode(all.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
