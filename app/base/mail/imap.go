package mail

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	visit     = 2 * time.Minute // to the mailbox, at most
	perVisit  = 200             // mails
	reportMax = 256 << 10       // bytes of a mail that are read; a report says what matters at its beginning
)

// Bounces reads the mailbox to which mails come back. Only reports of mails that this house has sent, and answers to them,
// are marked as seen; all else in the mailbox is left to whoever reads it.
type Bounces struct {
	DB       *store.DB
	Settings *settings.Settings
	Answered Answered       // nil: nobody wants answers
	RootCAs  *x509.CertPool // nil: the machine's; only tests set it

	mu   sync.Mutex
	box  box      // which was looked through
	next imap.UID // where the next visit goes on
}

// Answered is given what is no report. It says whether the mail was for it; an error has it given again later.
type Answered func(ctx context.Context, r Reply) (mine bool, err error)

// box is a mailbox whose numbers still mean the same mails.
type box struct {
	server   server
	validity uint32
}

// Configured reports whether there is a mailbox to read.
func (b *Bounces) Configured(ctx context.Context) bool {
	v, err := b.load(ctx)
	return err == nil && v.host != ""
}

func (b *Bounces) load(ctx context.Context) (v server, err error) {
	err = b.DB.Read(ctx, func(tx *store.Tx) (err error) {
		v, err = loadBounces(tx, b.Settings)
		return err
	})
	return v, err
}

// Fetch hands every mail that came back for good to handle, and marks it as seen when that returns nil. It returns how
// many there were.
func (b *Bounces) Fetch(ctx context.Context, handle func(Bounce) error) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, err := b.load(ctx)
	if err != nil {
		return 0, fmt.Errorf("read settings of the bounce mailbox: %w", err)
	}
	if v.host == "" {
		return 0, &failure{step: setup, words: "Es ist kein Postfach für zurückgekommene Mails eingerichtet."}
	}
	if err := v.check(); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, visit)
	defer cancel()
	c, err := b.connect(ctx, v)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := c.Login(v.user, v.password).Wait(); err != nil {
		return 0, refusedLogin(v, err)
	}
	n, err := b.look(ctx, c, v, handle)
	if err != nil {
		return n, err
	}
	_ = c.Logout().Wait() // all is done
	return n, nil
}

func (b *Bounces) connect(ctx context.Context, v server) (*imapclient.Client, error) {
	conn, err := v.dial(ctx, b.RootCAs)
	if err != nil {
		return nil, unreachable(v, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if v.security == "starttls" {
		c, err := imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: v.tls(b.RootCAs)})
		if err != nil {
			_ = conn.Close()
			return nil, unreachable(v, err)
		}
		return c, nil
	}
	c := imapclient.New(conn, nil)
	if err := c.WaitGreeting(); err != nil {
		_ = c.Close()
		return nil, unreachable(v, err)
	}
	return c, nil
}

func (b *Bounces) look(ctx context.Context, c *imapclient.Client, v server, handle func(Bounce) error) (n int, err error) {
	inbox, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		return 0, unreachable(v, fmt.Errorf("open the inbox: %w", err))
	}
	if at := (box{v, inbox.UIDValidity}); b.box != at {
		b.box, b.next = at, 1
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{
		NotFlag: []imap.Flag{imap.FlagSeen},
		UID:     []imap.UIDSet{{imap.UIDRange{Start: b.next}}}, // Stop 0: the last
	}, nil).Wait()
	if err != nil {
		return 0, unreachable(v, fmt.Errorf("search the inbox: %w", err))
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	for i, uid := range uids {
		if uid < b.next { // "5:*" finds the last mail even if its number is 3
			continue
		}
		if i >= perVisit {
			break
		}
		raw, err := read(c, uid)
		if err != nil {
			return n, unreachable(v, err)
		}
		mine := false
		if bounce, ok := ParseBounce(raw); ok {
			if mine = bounce.Ref != "" && b.Settings.Marked(markPurpose, bounce.Ref, bounce.mark); mine && bounce.Final {
				if err := handle(bounce); err != nil {
					return n, fmt.Errorf("note a returned mail: %w", err)
				}
				n++
			}
		} else if reply, ok := ParseReply(raw); ok && b.Answered != nil {
			if mine, err = b.Answered(ctx, reply); err != nil {
				return n, fmt.Errorf("take an answer: %w", err)
			}
		}
		if mine {
			seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}, Silent: true}
			if err := c.Store(imap.UIDSetNum(uid), seen, nil).Close(); err != nil {
				return n, unreachable(v, fmt.Errorf("mark a mail as seen: %w", err))
			}
		}
		b.next = uid + 1
	}
	return n, nil
}

// read fetches the beginning of a mail without marking it.
func read(c *imapclient.Client, uid imap.UID) ([]byte, error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: reportMax}}
	cmd := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
	var raw []byte
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				continue
			}
			var err error
			if raw, err = io.ReadAll(io.LimitReader(body.Literal, reportMax)); err != nil {
				_ = cmd.Close()
				return nil, fmt.Errorf("read a mail: %w", err)
			}
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("read a mail: %w", err)
	}
	return raw, nil
}
