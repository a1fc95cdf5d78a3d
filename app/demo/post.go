package demo

import (
	"context"
	"slices"
	"sync"
	"time"

	"nestfunk/app/base/mail"
)

// kept is how many mails of each kind one can look at: those of a city to all its families must not push out the one
// with the link that somebody waits for.
const kept = 50

// A Letter is a mail that was taken.
type Letter struct {
	ID int
	At time.Time
	mail.Message
}

// A Post is a mail server that takes everything and delivers nothing. It refuses addresses that cannot exist, as every
// mail server does.
type Post struct {
	now func() time.Time

	mu      sync.Mutex
	count   int
	refused int
	letters []Letter // oldest first
}

// NewPost makes an empty one.
func NewPost(now func() time.Time) *Post { return &Post{now: now} }

var _ mail.Sender = (*Post)(nil)

// Configured implements mail.Sender.
func (p *Post) Configured(context.Context) bool { return true }

// Send implements mail.Sender.
func (p *Post) Send(ctx context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !mail.Valid(m.To) {
		p.refused++
		return (&mail.SMTP{}).Send(ctx, m) // refuses it in its own words, before it looks for a server
	}
	p.keep(m)
	return nil
}

// keep adds a letter, and drops the oldest of its kind when there are too many.
func (p *Post) keep(m mail.Message) {
	p.count++
	p.letters = append(p.letters, Letter{p.count, p.now(), m})
	same := func(l Letter) bool { return l.Kind == m.Kind }
	n := 0
	for _, l := range p.letters {
		if same(l) {
			n++
		}
	}
	if n > kept {
		i := slices.IndexFunc(p.letters, same)
		p.letters = slices.Delete(p.letters, i, i+1)
	}
}

// Sent lists the mails, latest first, and counts those that were refused.
func (p *Post) Sent() (letters []Letter, refused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	letters = slices.Clone(p.letters)
	slices.SortStableFunc(letters, func(a, b Letter) int { return b.At.Compare(a.At) })
	return letters, p.refused
}

func (p *Post) letter(id int) (Letter, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.letters, func(l Letter) bool { return l.ID == id })
	if i < 0 {
		return Letter{}, false
	}
	return p.letters[i], true
}

// take adds the mails that another has taken before.
func (p *Post) take(other *Post) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count, p.refused, p.letters = other.count, other.refused, append(other.letters, p.letters...)
}
