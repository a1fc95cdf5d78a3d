package mail

import (
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	idle    = 5 * time.Second // an open line waits so long for the next mail
	perLine = 100             // mails; many servers end a line that brings more
)

// line is an open connection, signed in. One mail at a time goes over it.
type line struct {
	server server
	client *gomail.Client
	smtp   *smtp.Client
	used   int
	expire *time.Timer
}

func (l *line) send(msg *gomail.Msg) error {
	l.used++
	return l.client.SendWithSMTPClient(l.smtp, msg)
}

// quit says goodbye; drop does not, since the other side no longer listens.
func (l *line) quit() { _ = l.client.CloseWithSMTPClient(l.smtp) }
func (l *line) drop() { _ = l.smtp.Close() }

// pool keeps lines that wait for their next mail. The zero pool is ready to use.
type pool struct {
	mu   sync.Mutex
	idle []*line
}

// take returns a line to this very server, or nil.
func (p *pool) take(s server) *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.idle, func(l *line) bool { return l.server == s })
	if i < 0 {
		return nil
	}
	l := p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	l.expire.Stop() // or it finds the line gone
	return l
}

func (p *pool) put(l *line) {
	if l.used >= perLine {
		l.quit()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, l)
	l.expire = time.AfterFunc(idle, func() {
		if p.remove(l) {
			l.quit()
		}
	})
}

func (p *pool) remove(l *line) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, l)
	if i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	return i >= 0
}

// Close ends the lines that wait.
func (s *SMTP) Close() {
	s.pool.mu.Lock()
	lines := s.pool.idle
	s.pool.idle = nil
	s.pool.mu.Unlock()
	for _, l := range lines {
		l.expire.Stop()
		l.quit()
	}
}
