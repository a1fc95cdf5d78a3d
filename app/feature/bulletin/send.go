package bulletin

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	spreadKind = "bulletin.spread" // plan the letters of a bulletin; arg: after whom to go on
	giveKind   = "bulletin.give"   // tell one person of a bulletin; ref: the person, arg: the bulletin

	chunk = 100 // letters that one write plans: nobody else waits for more than a few milliseconds
)

// pace is how often a council may send now.
func pace(tx *store.Tx, h *house.House, unit int64) (p Pace, err error) {
	if p.Most, err = h.Settings.Number(tx, settings.BulletinMonth, settings.UsualBulletinMonth); err != nil {
		return p, err
	}
	p.Last, err = store.All(tx, func(t *time.Time) []any { return []any{(*store.Time)(t)} }, `
		SELECT sent FROM bulletin WHERE unit = ? AND sent > ? ORDER BY sent`, unit, h.Now().Add(-window).Unix())
	return p, err
}

// allowed says why a council cannot send now; nil: it can.
func allowed(tx *store.Tx, h *house.House, unit int64) error {
	m, ok, err := suspended(tx, unit)
	if err != nil {
		return err
	}
	if ok {
		return fault.New(fault.Conflict, "Dieses Gremium darf seit dem %s keine Rundbriefe senden. Die Begründung steht unter „Rundbriefe“.", lang.German().DayYear(house.Local(m.At)))
	}
	p, err := pace(tx, h, unit)
	if err != nil {
		return err
	}
	if next := p.next(); next.After(h.Now()) {
		return fault.New(fault.Conflict, "Sie haben in 30 Tagen schon %d Rundbriefe gesendet, mehr sind hier nicht vorgesehen. Der nächste geht ab %s. Der Entwurf bleibt solange stehen.",
			len(p.Last), lang.German().Stamp(house.Local(next.Add(time.Minute-time.Nanosecond).Truncate(time.Minute))))
	}
	return nil
}

// Send gives a draft to the house, which delivers it to those who have agreed by now. What was sent already has been.
func Send(tx *store.Tx, h *house.House, log house.Log, v who.Viewer, id int64) error {
	b, level, err := get(tx, id, v, h.Now())
	if err == nil && level < committee.Leading {
		err = fault.New(fault.Forbidden, "Einen Rundbrief sendet, wer das Gremium leitet: Vorsitz, Stellvertretung oder Schriftführung.")
	}
	if err != nil || !b.Sent.IsZero() {
		return err
	}
	if err := allowed(tx, h, b.Unit); err != nil {
		return err
	}
	now := h.Now()
	n, people, err := counted(tx, b.Unit, b.Place, now)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return fault.New(fault.Conflict, "Hier hat noch niemand zugestimmt, von Ihnen zu hören. Der Entwurf bleibt stehen.")
	}
	if _, err := tx.Exec(`UPDATE bulletin SET sent = ?2, went = CASE WHEN ?3 THEN NULL ELSE ?4 END, least = ?5, changed = ?2 WHERE id = ?1`,
		id, now.Unix(), n.Few, n.N, n.Least); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO bulletin_recipient (bulletin, person) SELECT ?, value FROM json_each(?)`, id, store.List(people)); err != nil {
		return err
	}
	if err := h.Tasks.Add(tx, spreadKind, id, "0"); err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return err
	}
	return log(tx, now, v.ID, "bulletin.sent", id)
}

// spreadJob plans a letter for each recipient, after their quiet hours.
func spreadJob(h *house.House) task.Job {
	return task.Job{Kind: spreadKind, Run: func(ctx context.Context, id int64, arg string) error {
		after, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			people, err := store.All(tx, store.Value[int64], `
				SELECT person FROM bulletin_recipient WHERE bulletin = ? AND person > ? ORDER BY person LIMIT ?`, id, after, chunk)
			if err != nil {
				return err
			}
			for _, p := range people {
				due, err := notice.At(tx, p, h.Now())
				if err != nil {
					return err
				}
				if err := h.Tasks.AddAt(tx, giveKind, p, strconv.FormatInt(id, 10), due); err != nil {
					return err
				}
			}
			if len(people) < chunk {
				return nil
			}
			return h.Tasks.Add(tx, spreadKind, id, strconv.FormatInt(people[len(people)-1], 10))
		})
	}}
}

// giveJob hands one letter over. It is claimed before it goes: if the house falls over in between, nobody knows whether it
// has arrived, and it does not go again. The bulletin stands under "Rundbriefe" anyway.
func giveJob(h *house.House) task.Job {
	return task.Job{Kind: giveKind, Run: func(ctx context.Context, person int64, arg string) error {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		claimed := false
		err = h.DB.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(`UPDATE bulletin_recipient SET tried = ? WHERE bulletin = ? AND person = ? AND tried IS NULL`, h.Now().Unix(), id, person)
			claimed = n > 0
			return err
		})
		if err != nil || !claimed {
			return err
		}
		handed, cause := notice.Tell(ctx, h, person, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (notice.Notice, error) {
			return compose(tx, h, v, l, id)
		})
		err = h.DB.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { // also while the house closes
			if cause != nil { // nobody took it, so that it may go again
				_, err := tx.Exec(`UPDATE bulletin_recipient SET tried = NULL WHERE bulletin = ? AND person = ?`, id, person)
				return err
			}
			if !handed {
				return nil
			}
			_, err := tx.Exec(`UPDATE bulletin_recipient SET handed = ? WHERE bulletin = ? AND person = ?`, h.Now().Unix(), id, person)
			return err
		})
		if cause != nil {
			return cause
		}
		return err
	}}
}

// compose is what a person is told of a bulletin: nothing, if it was stopped, or the agreement or the right has ended.
func compose(tx *store.Tx, h *house.House, v who.Viewer, l *lang.Lang, id int64) (n notice.Notice, err error) {
	b, err := plain(tx, id, v.ID)
	if err != nil || !b.Stopped.IsZero() || !b.Mine {
		return n, err
	}
	if ok, err := entitled(tx, b.Unit, b.Place, v.ID, h.Now()); err != nil || !ok {
		return n, err
	}
	seed, err := store.One(tx, store.Value[[]byte], `SELECT seed FROM bulletin WHERE id = ?`, id)
	if err != nil {
		return n, err
	}
	return notice.Notice{Title: l.T("Rundbrief: %s", b.Title), Lines: []string{text.ForMail(b.Body)}, Path: fmt.Sprintf("/rundbrief/%d", id), Tag: fmt.Sprintf("rb%d", id),
		From: b.UnitName, Unsubscribe: h.URL("/rundbriefe/abmelden/" + token(id, v.ID, seed))}, nil
}

// opened notes that a recipient has read a bulletin.
func opened(tx *store.Tx, id, person int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE bulletin_recipient SET opened = ? WHERE bulletin = ? AND person = ? AND opened IS NULL`, now.Unix(), id, person)
	return err
}

// A Fate is what became of a bulletin, as its council may know it.
type Fate struct{ Went, Handed, Opened Number }

func fate(tx *store.Tx, b Bulletin) (Fate, error) {
	type counts struct{ handed, opened int }
	c, err := store.One(tx, func(c *counts) []any { return []any{&c.handed, &c.opened} }, `
		SELECT coalesce(b.handed, (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = b.id AND r.handed IS NOT NULL)),
			coalesce(b.opened, (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = b.id AND r.opened IS NOT NULL))
		FROM bulletin b WHERE b.id = ?`, b.ID)
	return Fate{b.Went, of(c.handed, b.Went), of(c.opened, b.Went)}, err
}
