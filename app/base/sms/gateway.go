package sms

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// timeout is how long a provider may take for each step.
const timeout = 20 * time.Second

// accepted is what a provider answers when it has taken an SMS.
type accepted struct {
	id    string // the provider's; "": it gave none, and no report will be matched
	parts int
	price int // in tenths of a cent
}

// A driver hands one SMS to a provider. Its errors are failures; one that may have gone out is unknown.
type driver interface {
	submit(ctx context.Context, c config, m Message) (accepted, error)
}

// A Gateway sends through the provider of the settings, which are read anew for every SMS.
type Gateway struct {
	db       *store.DB
	settings *settings.Settings
	now      func() time.Time
	told     Told
	seven    *seven
	smpp     *smpp
	sent     atomic.Int64 // SMS
}

// New makes a gateway. told may be nil: nobody wants to know.
func New(db *store.DB, s *settings.Settings, now func() time.Time, told Told) *Gateway {
	g := &Gateway{db: db, settings: s, now: now, told: told, seven: newSeven()}
	g.smpp = newSMPP(func(e event) error {
		return db.Write(context.Background(), func(tx *store.Tx) error { return e.take(tx, g.now(), g.told) })
	})
	return g
}

var _ Sender = (*Gateway)(nil)

// Configured reports whether there is a provider to hand text messages to.
func (g *Gateway) Configured(ctx context.Context) bool {
	c, err := g.load(ctx)
	return err == nil && c.check() == nil
}

func (g *Gateway) load(ctx context.Context) (c config, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = load(tx, g.settings)
		return err
	})
	return c, err
}

// Send hands over one SMS. The end of ctx does not interrupt one that is on its way: its outcome would be unknown.
func (g *Gateway) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	c, err := g.load(ctx)
	if err != nil {
		return fmt.Errorf("read SMS settings: %w", err)
	}
	if err := c.check(); err != nil {
		return err
	}
	var d driver = g.seven
	if c.driver == SMPP {
		d = g.smpp
	}
	var to claim
	err = g.db.Write(ctx, func(tx *store.Tx) (err error) {
		to, err = begin(tx, c, m, Parts(m.Text), g.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("claim an SMS: %w", err)
	}
	if to.id == 0 {
		return to.done
	}
	ctx = context.WithoutCancel(ctx)
	a, result := d.submit(ctx, c, m)
	if err := g.db.Write(ctx, func(tx *store.Tx) error { return settle(tx, to.id, a, result) }); err != nil {
		return fmt.Errorf("note the outcome of an SMS: %w", err)
	}
	if result == nil {
		g.sent.Add(1)
	}
	return result
}

// Sent counts the SMS that a provider took since the house was opened.
func (g *Gateway) Sent() int64 { return g.sent.Load() }

const every = 30 * time.Second // a line that broke is opened again

// Run keeps the line to an SMPP provider open, over which reports and STOPP come, until the context ends. With seven.io
// there is no line: it reports to a page of the operator's.
func (g *Gateway) Run(ctx context.Context) {
	defer g.smpp.close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := g.keep(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("SMS", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keep does what is due now and then.
func (g *Gateway) keep(ctx context.Context) error {
	if err := g.db.Write(ctx, func(tx *store.Tx) error {
		n, err := Sweep(tx, g.now())
		if err != nil {
			return err
		}
		return retention.Noted(tx, g.now(), retention.SMS, n)
	}); err != nil {
		return err
	}
	c, err := g.load(ctx)
	if err != nil {
		return err
	}
	if c.driver != SMPP || c.check() != nil {
		g.smpp.close()
		return nil
	}
	_, err = g.smpp.bound(ctx, c.smsc)
	return err
}

// Check signs in at the provider, and sends nothing.
func (g *Gateway) Check(ctx context.Context) error {
	c, err := g.load(ctx)
	if err != nil {
		return fmt.Errorf("read SMS settings: %w", err)
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.driver == SMPP {
		_, err := g.smpp.bound(ctx, c.smsc)
		return err
	}
	return g.seven.check(ctx, c)
}
