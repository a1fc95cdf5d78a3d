package sms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nestfunk/app/base/dial"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// smpp hands SMS to a server that speaks SMPP 3.4, over one line that stays open: reports and STOPP come over it.
type smpp struct {
	take    func(event) error
	roots   *x509.CertPool // nil: the machine's; only tests set it
	timeout time.Duration
	pause   time.Duration // after the server said that it is too fast
	ref     atomic.Uint32 // of the parts of a long text, so that the phone joins the right ones

	mu   sync.Mutex
	line *line // nil: none
}

const tries = 5 // of a part that came too fast

func newSMPP(take func(event) error) *smpp {
	return &smpp{take: take, timeout: timeout, pause: time.Second}
}

// bound returns the open line to a server; one that is broken or leads elsewhere is replaced.
func (d *smpp) bound(ctx context.Context, s smsc) (*line, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.line != nil && d.line.smsc == s && d.line.up() {
		return d.line, nil
	}
	if d.line != nil {
		d.line.quit()
		d.line = nil
	}
	conn, err := d.dial(ctx, s)
	if err != nil {
		return nil, unreachable(s.host, err)
	}
	l, err := bind(ctx, conn, s, d.timeout, d.deliver)
	if err != nil {
		return nil, unbound(s, err)
	}
	d.line = l
	return l, nil
}

func (d *smpp) dial(ctx context.Context, s smsc) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	dialer := dial.To(dial.Server, nil)
	if s.security != "tls" {
		return dialer.DialContext(ctx, "tcp", s.addr())
	}
	t := tls.Dialer{NetDialer: dialer, Config: &tls.Config{ServerName: s.host, RootCAs: d.roots, MinVersion: tls.VersionTLS12}}
	return t.DialContext(ctx, "tcp", s.addr())
}

func (d *smpp) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.line != nil {
		d.line.quit()
		d.line = nil
	}
}

// unbound explains why a server did not let us in.
func unbound(s smsc, err error) error {
	no, ok := errors.AsType[noEntry](err)
	status := data.CommandStatusType(no)
	switch {
	case !ok:
		return unreachable(s.host, err)
	case status == data.ESME_RINVPASWD || status == data.ESME_RINVSYSID || status == data.ESME_RBINDFAIL:
		return &failure{words: s.host + " hat Benutzername oder Passwort nicht angenommen.", reply: said(status)}
	case status == data.ESME_RALYBND:
		return &failure{words: s.host + " erlaubt keine weitere Verbindung mit diesem Zugang.", reply: said(status)}
	}
	return &failure{words: s.host + " lässt gerade keine Anmeldung zu.", reply: said(status)}
}

// submit sends all parts in order. What goes wrong after the first one leaves it unknown what arrives.
func (d *smpp) submit(ctx context.Context, c config, m Message) (accepted, error) {
	l, err := d.bound(ctx, c.smsc)
	if err != nil {
		return accepted{}, err
	}
	text := encode(m.Text)
	a := accepted{parts: len(text.parts), price: len(text.parts) * c.price}
	ref := byte(d.ref.Add(1))
	for i := range text.parts {
		last := i == len(text.parts)-1
		id, err := d.part(ctx, l, c, m, text, i, ref, last)
		if f, ok := errors.AsType[*failure](err); ok && i > 0 {
			f.step = unknown
		}
		if err != nil {
			return accepted{}, err
		}
		a.id = id // the last part's, the only one that is reported: a phone that has it has mostly got the others before
	}
	return a, nil
}

// part submits one, more slowly if the server wants it so.
func (d *smpp) part(ctx context.Context, l *line, c config, m Message, text encoded, i int, ref byte, last bool) (string, error) {
	for try := 1; ; try++ {
		p, err := compose(c, m, text, i, ref, last)
		if err != nil {
			return "", fmt.Errorf("write the SMS: %w", err)
		}
		answer, err := l.ask(ctx, p)
		if err != nil {
			f := unreachable(c.smsc.host, err)
			if errors.Is(err, errLost) {
				f.step = unknown
			}
			return "", f
		}
		status := answer.GetHeader().CommandStatus
		if r, ok := answer.(*pdu.SubmitSMResp); ok && status == data.ESME_ROK {
			return r.MessageID, nil
		}
		slow := status == data.ESME_RTHROTTLED || status == data.ESME_RMSGQFUL
		if !slow || try == tries {
			return "", unaccepted(status)
		}
		time.Sleep(d.pause)
	}
}

// unaccepted explains why a server did not take an SMS. What speaks of us and not of this SMS is tried again.
func unaccepted(status data.CommandStatusType) error {
	f := &failure{reply: said(status)}
	switch status {
	case data.ESME_RTHROTTLED, data.ESME_RMSGQFUL:
		f.words = "Der SMS-Anbieter nimmt gerade keine SMS an, weil es zu viele sind."
	case data.ESME_RINVDSTADR, data.ESME_RINVDSTTON, data.ESME_RINVDSTNPI:
		f.step, f.words = refused, "Der SMS-Anbieter hat diese Nummer abgelehnt."
	case data.ESME_RINVSRCADR, data.ESME_RINVSRCTON, data.ESME_RINVSRCNPI:
		f.words = "Der SMS-Anbieter lässt diesen Absender nicht zu. Bitte prüfen Sie ihn in den Einstellungen."
	case data.ESME_RINVMSGLEN:
		f.step, f.words = refused, "Der SMS-Anbieter hat den Text abgelehnt."
	default:
		f.words = "Der SMS-Anbieter hat die SMS nicht angenommen."
	}
	return f
}

// compose writes a part as submit_sm.
func compose(c config, m Message, text encoded, i int, ref byte, last bool) (*pdu.SubmitSM, error) {
	p := pdu.NewSubmitSM().(*pdu.SubmitSM)
	from, err := sender(c.from)
	if err != nil {
		return nil, err
	}
	to, err := pdu.NewAddressWithTonNpiAddr(data.GSM_TON_INTERNATIONAL, data.GSM_NPI_E164, strings.TrimPrefix(m.To, "+"))
	if err != nil {
		return nil, err
	}
	p.SourceAddr, p.DestAddr = from, to
	if last {
		p.RegisteredDelivery = data.SM_SMSC_RECEIPT_REQUESTED
	}
	coding := data.GSM7BIT
	if text.ucs2 {
		coding = data.UCS2
	}
	if err := p.Message.SetMessageDataWithEncoding(text.parts[i], coding); err != nil {
		return nil, err
	}
	if n := len(text.parts); n > 1 {
		p.EsmClass |= data.SM_UDH_GSM
		p.Message.SetUDH(pdu.UDH{pdu.NewIEConcatMessage(byte(n), byte(i+1), ref)})
	}
	return p, nil
}

// sender is the name or number of the settings; "": the provider puts in its own.
func sender(from string) (pdu.Address, error) {
	ton, npi := data.GSM_TON_ALPHANUMERIC, data.GSM_NPI_UNKNOWN
	if from == "" {
		ton = data.GSM_TON_UNKNOWN
	} else if digits, ok := strings.CutPrefix(from, "+"); ok {
		from, ton, npi = digits, data.GSM_TON_INTERNATIONAL, data.GSM_NPI_E164
	}
	return pdu.NewAddressWithTonNpiAddr(ton, npi, from)
}

// deliver takes a report or an SMS. What could not be noted is asked for once more.
func (d *smpp) deliver(p *pdu.DeliverSM) data.CommandStatusType {
	if err := d.take(received(p)); err != nil {
		slog.Warn("SMS report not noted", "err", err)
		return data.ESME_RX_T_APPN
	}
	return data.ESME_ROK
}
