package sms

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// line is a connection to an SMPP server, signed in. Several requests may be on their way over it at once.
type line struct {
	smsc    smsc
	conn    net.Conn
	timeout time.Duration // for an answer
	take    func(*pdu.DeliverSM) data.CommandStatusType

	ended chan struct{} // closed when the line is

	mu      sync.Mutex
	waiting map[int32]chan pdu.PDU // by sequence number; answers that nobody waits for are dropped
	why     error                  // it ended
}

var (
	errWrite   = errors.New("not written")    // nothing has gone out
	errNothing = errors.New("line is down")   // nothing has gone out
	errLost    = errors.New("answer is lost") // it may have gone out
)

// noEntry is the status of a server that does not let us in.
type noEntry data.CommandStatusType

func (n noEntry) Error() string { return "bind: " + data.CommandStatusType(n).String() }

// bind signs in over a fresh connection, and serves what comes from then on.
func bind(ctx context.Context, conn net.Conn, s smsc, timeout time.Duration, take func(*pdu.DeliverSM) data.CommandStatusType) (*line, error) {
	l := &line{smsc: s, conn: conn, timeout: timeout, take: take, ended: make(chan struct{}), waiting: map[int32]chan pdu.PDU{}}
	go l.read()
	b := pdu.NewBindRequest(pdu.Transceiver)
	b.SystemID, b.Password = s.user, s.password
	answer, err := l.ask(ctx, b)
	if err != nil {
		l.end(err)
		<-l.ended
		return nil, errors.Join(err, l.reason())
	}
	if status := answer.GetHeader().CommandStatus; status != data.ESME_ROK {
		l.end(io.EOF)
		<-l.ended
		return nil, noEntry(status)
	}
	go l.keepAlive()
	return l, nil
}

// ask sends a request and waits for its answer.
func (l *line) ask(ctx context.Context, p pdu.PDU) (pdu.PDU, error) {
	answer := make(chan pdu.PDU, 1)
	l.mu.Lock()
	if l.why != nil {
		l.mu.Unlock()
		return nil, errNothing
	}
	l.waiting[p.GetSequenceNumber()] = answer
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiting, p.GetSequenceNumber())
	}()
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.end(ctx.Err()) }) // also unblocks the write
	defer stop()
	if n, err := l.write(p); err != nil && n == 0 {
		return nil, errors.Join(errWrite, err)
	} else if err != nil {
		return nil, errors.Join(errLost, err)
	}
	select {
	case a := <-answer:
		return a, nil
	case <-l.ended:
	}
	select { // it came just before the end
	case a := <-answer:
		return a, nil
	default:
		return nil, errors.Join(errLost, l.reason())
	}
}

func (l *line) write(p pdu.PDU) (int, error) {
	b := pdu.NewBuffer(nil)
	p.Marshal(b)
	return l.conn.Write(b.Bytes()) // net.Conn writes one at a time
}

// read hands answers to those who wait, and serves what the server asks, until the connection ends.
func (l *line) read() {
	defer close(l.ended)
	in := bufio.NewReader(l.conn)
	for {
		p, err := pdu.Parse(in)
		// A server may refuse with a head alone, which the library calls broken; the head is what matters then.
		if err != nil && (p == nil || p.GetHeader().CommandStatus == data.ESME_ROK) {
			l.end(err)
			return
		}
		switch p := p.(type) {
		case *pdu.DeliverSM:
			answer := p.GetResponse().(*pdu.DeliverSMResp)
			answer.CommandStatus = l.take(p)
			_, err = l.write(answer)
		case *pdu.EnquireLink:
			_, err = l.write(p.GetResponse())
		case *pdu.Unbind:
			_, _ = l.write(p.GetResponse()) // it closes anyway
			err = io.EOF
		default:
			l.mu.Lock()
			if w := l.waiting[p.GetSequenceNumber()]; w != nil && !p.CanResponse() {
				delete(l.waiting, p.GetSequenceNumber())
				w <- p
			}
			l.mu.Unlock()
			err = nil
		}
		if err != nil {
			l.end(err)
			return
		}
	}
}

// keepAlive asks now and then whether the server is still there: some end a line that is silent, and a dead one is not
// noticed otherwise.
func (l *line) keepAlive() {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-l.ended:
			return
		case <-tick.C:
			if _, err := l.ask(context.Background(), pdu.NewEnquireLink()); err != nil {
				l.end(err)
				return
			}
		}
	}
}

// end closes the connection; the first reason counts.
func (l *line) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why == nil {
		l.why = why
		_ = l.conn.Close() // whatever it says: nobody uses it any more
	}
}

// quit says goodbye and closes.
func (l *line) quit() {
	_, _ = l.ask(context.Background(), pdu.NewUnbind()) // a server that does not answer is left all the same
	l.end(io.EOF)
	<-l.ended
}

func (l *line) reason() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

func (l *line) up() bool { return l.reason() == nil }
