package announcement

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	pushKind = "announcement.push" // send the notifications that wait

	pushPage = 500 // people whose devices are looked up, and results that are written, at a time
	newsLife = 3 * 24 * time.Hour
	mostLife = 28 * 24 * time.Hour
)

// pushJob hands over the notifications of an announcement that wait.
func pushJob(h *house.House) task.Job {
	return task.Job{
		Kind: pushKind,
		Run: func(ctx context.Context, id int64, _ string) error {
			t, ok, err := current(ctx, h, id, channel.Push, settings.PushDetails)
			if err != nil || !ok {
				return err
			}
			p := &pushing{h: h, t: t, people: map[int64]*outcome{}}
			err = h.Push.SendAll(ctx, p.jobs(ctx), func(j push.Job, err error) { p.answered(ctx, j.Ref, err) })
			return errors.Join(err, p.failure, p.flush(ctx), shout(ctx, h, id))
		},
		Failed: func(ctx context.Context, id int64, _ string, cause error) error {
			return abandon(ctx, h, id, channel.Push, "der Dienst des Herstellers nahm nichts an")
		},
	}
}

// pushing is the handing over of one announcement to many devices. Devices are
// looked up while others answer, so that a city's are never all in memory.
type pushing struct {
	h *house.House
	t told

	mu             sync.Mutex
	people         map[int64]*outcome // whose devices have not all answered
	handed, failed []int64            // people, not yet written
	failure        error              // the first that may pass
}

// An outcome is what the devices of one person have answered so far.
type outcome struct {
	left    int
	handed  bool
	passing bool // one may take it later
}

func (p *pushing) jobs(ctx context.Context) iter.Seq[push.Job] {
	return func(yield func(push.Job) bool) {
		messages := map[string]push.Message{} // by language and whether it is a reminder
		for after := int64(0); ; {
			page, next, err := waiting(ctx, p.h, p.t.ID, channel.Push, after, pushPage)
			if err != nil || next == 0 {
				p.fail(err)
				return
			}
			after = next
			devices, badges, err := p.look(ctx, page)
			if err != nil {
				p.fail(err)
				return
			}
			p.expect(page, devices)
			for _, l := range page {
				key := fmt.Sprint(l.Language, l.again)
				m, ok := messages[key]
				if !ok {
					m = composePush(p.h, p.t, l)
					messages[key] = m
				}
				m.Badge = badges[l.Person]
				for _, d := range devices[l.Person] {
					if !yield(push.Job{To: d, Message: m, Ref: l.Person}) {
						return
					}
				}
			}
		}
	}
}

// look finds the devices of a page of people, and how many announcements wait for the confirmation of each.
func (p *pushing) look(ctx context.Context, page []letter) (devices map[int64][]push.Subscription, badges map[int64]int, err error) {
	people := make([]int64, len(page))
	for i, l := range page {
		people[i] = l.Person
	}
	devices, badges = map[int64][]push.Subscription{}, map[int64]int{}
	err = p.h.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := push.Of(tx, p.h.Now(), people...)
		if err != nil {
			return err
		}
		for _, d := range all {
			devices[d.Person] = append(devices[d.Person], d)
		}
		for person := range devices {
			if !p.t.Confirm {
				break
			}
			if badges[person], err = unconfirmed(tx, person, p.h.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return devices, badges, err
}

func (p *pushing) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure == nil {
		p.failure = err
	}
}

func (p *pushing) expect(page []letter, devices map[int64][]push.Subscription) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range page {
		if n := len(devices[l.Person]); n > 0 {
			p.people[l.Person] = &outcome{left: n}
		} else {
			p.failed = append(p.failed, l.Person)
		}
	}
}

// answered notes what one device's push service said.
func (p *pushing) answered(ctx context.Context, person int64, err error) {
	p.mu.Lock()
	o := p.people[person]
	o.left--
	o.handed = o.handed || err == nil
	if err != nil && !push.Refused(err) {
		o.passing = true
		if p.failure == nil {
			p.failure = err
		}
	}
	if o.left == 0 {
		delete(p.people, person)
		switch {
		case o.handed:
			p.handed = append(p.handed, person)
		case !o.passing:
			p.failed = append(p.failed, person)
		}
	}
	full := len(p.handed)+len(p.failed) >= pushPage
	p.mu.Unlock()
	if full {
		p.fail(p.flush(ctx))
	}
}

// flush writes the results so far, all of one kind in one statement.
func (p *pushing) flush(ctx context.Context) error {
	p.mu.Lock()
	handed, failed := p.handed, p.failed
	p.handed, p.failed = nil, nil
	p.mu.Unlock()
	if len(handed)+len(failed) == 0 {
		return nil
	}
	return p.h.DB.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now := p.h.Now()
		if err := p.settle(tx, handed, "handed", "", now); err != nil {
			return err
		}
		if err := p.settle(tx, failed, "failed", gone, now); err != nil {
			return err
		}
		for _, person := range handed {
			if err := channel.Handed(tx, person, channel.Push, "", now); err != nil {
				return err
			}
		}
		for _, person := range failed {
			if err := channel.Failed(tx, person, channel.Push, "", gone, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// gone is why a notification fails for good.
const gone = "kein Gerät mehr angemeldet"

func (p *pushing) settle(tx *store.Tx, people []int64, state, reason string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE announcement_delivery SET again = 0, at = ?1,
			state = CASE WHEN state = 'delivered' THEN state ELSE ?2 END, reason = CASE WHEN state = 'delivered' THEN reason ELSE ?3 END
		WHERE announcement = ?4 AND channel = 'push' AND person IN (SELECT value FROM json_each(?5)) AND (state = 'waiting' OR again = 1)`,
		now.Unix(), state, reason, p.t.ID, store.List(people))
	return err
}

// composePush writes the notification in the language of the person. It stands
// on a lock screen: no child's name, and no reason unless the house allows it.
func composePush(h *house.House, t told, to letter) push.Message {
	l := lang.Of(to.Language)
	m := push.Message{Title: t.title(l, false), Lang: l.Code, Navigate: h.URL(fmt.Sprintf("/mitteilung/%d?weg=push&ref=%d", t.ID, t.ID)),
		TTL: newsLife, Tag: "m" + strconv.FormatInt(t.ID, 10), Urgency: push.Normal}
	if to.again {
		m.Title = l.T("Erinnerung: %s", m.Title)
	}
	lines := t.facts(l)
	if w := t.words(); w != "" && t.closure == nil {
		lines = append(lines, w)
	}
	if t.Confirm {
		lines = append(lines, l.T("Bitte bestätigen."))
	}
	m.Body = strings.Join(lines, "\n")
	if t.closure != nil {
		m.Tag = "c" + strconv.FormatInt(t.Closure, 10) // an extension replaces what it extends
	}
	m.Topic = m.Tag
	if !t.Expires.IsZero() {
		m.TTL = min(mostLife, max(time.Minute, t.Expires.Sub(t.now)))
	}
	if t.Pressing {
		m.Urgency = push.High
	}
	return m
}

// Shown notes that a device has shown a notification; ref is that of its address.
func Shown(now func() time.Time) func(tx *store.Tx, person int64, ref string) error {
	return func(tx *store.Tx, person int64, ref string) error {
		id, err := strconv.ParseInt(ref, 10, 64)
		if err != nil {
			return nil // of another kind
		}
		now := now()
		n, err := tx.Exec(`
			UPDATE announcement_delivery SET state = 'delivered', reason = '', at = ? WHERE announcement = ? AND person = ? AND channel = 'push'
			AND state <> 'delivered'`, now.Unix(), id, person)
		if err != nil || n == 0 {
			return err
		}
		return channel.Proved(tx, person, channel.Push, "", now)
	}
}
