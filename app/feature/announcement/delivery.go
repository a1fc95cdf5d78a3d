package announcement

import (
	"context"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
)

// A recipient is a person with the addresses at which the announcement reaches
// them: those the carrier knows for the child or the membership that it
// concerns, else the address of their own sign-in.
type recipient struct {
	Person   int64
	Mail     string
	Phone    string
	Name     string
	Language string
	family   bool // is meant as a guardian
	devices  int  // on which notifications are allowed
	wish     channel.Wish
}

func (r *recipient) fields() []any {
	return []any{&r.Person, &r.Mail, &r.Phone, &r.Name, &r.Language, &r.family, &r.devices, &r.wish.Push, &r.wish.Mail, &r.wish.QuietFrom, &r.wish.QuietUntil}
}

// recipients lists who is meant, as it is now.
func recipients(tx *store.Tx, id int64, now time.Time) ([]recipient, error) {
	u := channel.Usual()
	all, err := store.All(tx, (*recipient).fields, `
		WITH meant (person, mail, phone, language, family) AS (
			SELECT g.person, max(g.mail), group_concat(g.phone, char(10)), max(g.language), 1
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit JOIN guardian g ON g.child = s.child
			WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2
				AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2
			GROUP BY g.person
			UNION ALL
			SELECT m.person, max(m.mail), group_concat(m.phone, char(10)), '', 0
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN membership m ON m.unit = p.unit
			WHERE t.announcement = ?1 AND (t.roles & (1 << m.role)) <> 0 AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2
			GROUP BY m.person
			UNION ALL
			SELECT m.person, max(m.mail), group_concat(m.phone, char(10)), '', 0
			FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit JOIN membership m ON m.unit = p.above
			WHERE t.announcement = ?1 AND p.depth > 0 AND m.role IN (2, 3, 4, 5) AND (t.roles & (1 << m.role)) <> 0
				AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2
			GROUP BY m.person)
		SELECT meant.person, coalesce(nullif(max(meant.mail), ''), (SELECT min(k.mail) FROM account_mail k WHERE k.person = meant.person AND k.verified > 0), ''),
			group_concat(meant.phone, char(10)), n.given || ' ' || n.family, coalesce(nullif(max(meant.language), ''), n.language), max(meant.family),
			(SELECT count(*) FROM push_subscription d WHERE d.person = meant.person),
			coalesce(w.push, ?3), coalesce(w.mail, ?4), coalesce(w.quiet_from, ?5), coalesce(w.quiet_until, ?6)
		FROM meant JOIN person n ON n.id = meant.person LEFT JOIN channel_wish w ON w.person = meant.person
		GROUP BY meant.person ORDER BY meant.person`, id, now.Unix(), u.Push, u.Mail, u.QuietFrom, u.QuietUntil)
	for i := range all {
		all[i].Phone = best(strings.Split(all[i].Phone, "\n"))
	}
	return all, err
}

// best chooses the number that an SMS can reach, where there is one: two carriers may know two numbers.
func best(numbers []string) string {
	for _, n := range numbers {
		if number := sms.Number(n); number != "" && sms.Mobile(number) {
			return n
		}
	}
	return slices.Max(numbers)
}

// A planned delivery is what will become of one recipient over one channel.
type planned struct {
	Person                 int64
	State, Reason, Address string
	Due                    int64 // not before; 0: at once
}

// means are what the house can send with at the moment.
type means struct{ mail, sms bool }

func meansOf(ctx context.Context, h *house.House) means {
	return means{mail: h.Mail.Configured(ctx), sms: h.SMS.Configured(ctx)}
}

// plan decides how a recipient is told over a channel. False: the channel is not theirs, and there is nothing to say
// about it.
func plan(a Announcement, r recipient, ch string, m means, now time.Time) (p planned, ok bool) {
	p = planned{Person: r.Person, State: "waiting"}
	skip := func(why string) { p.State, p.Reason, p.Due = "skipped", why, 0 }
	ordinary := !a.Pressing && a.Kind == News
	if !a.Pressing && ch != channel.Mail {
		if q := r.wish.Quiet(now); q.After(now) {
			p.Due = q.Unix()
		}
	}
	switch ch {
	case channel.Push:
		if r.devices == 0 {
			return p, false
		}
		if ordinary && !r.wish.Push {
			skip("möchte keine Benachrichtigungen zu gewöhnlichen Mitteilungen")
		}
	case channel.Mail:
		p.Address = r.Mail
		switch {
		case r.Mail == "":
			skip("keine Mailadresse")
		case !m.mail:
			skip("kein Mailserver eingerichtet")
		case !ordinary || a.Confirm:
		case r.wish.Mail == channel.Never:
			skip("möchte keine Mails zu gewöhnlichen Mitteilungen")
		case r.wish.Mail == channel.Digest:
			p.Due = channel.Evening(now).Unix()
		}
	case channel.SMS:
		if !r.family {
			return p, false
		}
		p.Address = sms.Number(r.Phone)
		switch {
		case r.Phone == "":
			skip("keine Telefonnummer")
		case p.Address == "" || !sms.Mobile(p.Address):
			skip("keine Mobilnummer")
		case !m.sms:
			skip("kein SMS-Dienst eingerichtet")
		}
	}
	return p, true
}

// begin writes what the first steps of the ladder decide for everybody who is
// meant. What stands there already stays.
func begin(ctx context.Context, h *house.House, a Announcement) error {
	var all []recipient
	var ladder channel.Ladder
	texted := map[int64]bool{}
	now := h.Now()
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if ladder, err = ladderOf(tx, a.ID); err != nil {
			return err
		}
		if texted, err = textedBefore(tx, a); err != nil {
			return err
		}
		all, err = recipients(tx, a.ID, now)
		return err
	})
	if err != nil {
		return err
	}
	for _, ch := range []string{channel.Push, channel.Mail, channel.SMS} {
		if after, ok := ladder.At(ch); ok && after == 0 {
			if err := deliver(ctx, h, a, ch, all, now); err != nil {
				return err
			}
		}
	}
	if a.Confirm || len(texted) == 0 {
		return nil
	}
	// Whoever learned of the closure by SMS alone would not learn that it is over.
	return deliver(ctx, h, a, channel.SMS, slices.DeleteFunc(all, func(r recipient) bool { return !texted[r.Person] }), now)
}

// textedBefore are the people who got an SMS about a closure before it was called off or ended early.
func textedBefore(tx *store.Tx, a Announcement) (map[int64]bool, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT d.person FROM announcement b JOIN announcement_delivery d ON d.announcement = b.id
		WHERE b.closure = ? AND b.id < ? AND d.channel = 'sms' AND d.state IN ('handed', 'delivered')`, a.Closure, a.ID)
	set := map[int64]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}

// deliver writes one row for each recipient of a channel and has them carried out.
func deliver(ctx context.Context, h *house.House, a Announcement, ch string, all []recipient, now time.Time) error {
	m := meansOf(ctx, h)
	rows := make([]planned, 0, len(all))
	for _, r := range all {
		p, ok := plan(a, r, ch, m, now)
		if !ok {
			continue
		}
		rows = append(rows, p)
	}
	err := inChunks(ctx, h, rows, func(tx *store.Tx, part string) error {
		_, err := tx.Exec(`
			INSERT INTO announcement_delivery (announcement, person, channel, state, reason, address, due, at)
			SELECT ?1, value ->> 'Person', ?2, value ->> 'State', value ->> 'Reason', value ->> 'Address', value ->> 'Due', ?3 FROM json_each(?4) WHERE true
			ON CONFLICT DO NOTHING`, a.ID, ch, now.Unix(), part)
		return err
	})
	if err != nil {
		return err
	}
	// What stands there may have been decided earlier, with another time, by a try that was broken off.
	var dues []int64
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		dues, err = store.All(tx, store.Value[int64], `
			SELECT DISTINCT due FROM announcement_delivery WHERE announcement = ? AND channel = ? AND state = 'waiting'`, a.ID, ch)
		return err
	}); err != nil || len(dues) == 0 {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		for _, due := range dues {
			if err := wake(tx, h, a.ID, ch, due); err != nil {
				return err
			}
		}
		return nil
	})
}

// wake has the deliveries of a channel carried out that are due at a time; 0: now.
func wake(tx *store.Tx, h *house.House, id int64, ch string, due int64) error {
	at := h.Now()
	if due > 0 {
		at = time.Unix(due, 0)
	}
	switch {
	case ch == channel.Mail && due > 0:
		return digestAt(tx, h, at)
	case ch == channel.Mail:
		return h.Tasks.AddAt(tx, mailKind, id, "", at)
	case ch == channel.Push:
		return h.Tasks.AddAt(tx, pushKind, id, "", at)
	}
	return h.Tasks.AddAt(tx, smsKind, id, "", at)
}

// settle notes what became of a delivery. A device that has shown the announcement has shown it, whatever becomes of a
// reminder.
func settle(tx *store.Tx, a int64, person int64, ch, state, reason string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE announcement_delivery SET again = 0, at = ?1,
			state = CASE WHEN state = 'delivered' THEN state ELSE ?2 END, reason = CASE WHEN state = 'delivered' THEN reason ELSE ?3 END
		WHERE announcement = ?4 AND person = ?5 AND channel = ?6 AND (state = 'waiting' OR again = 1)`,
		now.Unix(), state, reason, a, person, ch)
	return err
}

// abandon gives up what waits of one channel.
func abandon(ctx context.Context, h *house.House, id int64, ch, why string) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`
			UPDATE announcement_delivery SET state = CASE state WHEN 'waiting' THEN 'failed' ELSE state END,
				reason = CASE state WHEN 'waiting' THEN ? ELSE reason END, at = ?, again = 0
			WHERE announcement = ? AND channel = ? AND (state = 'waiting' OR again = 1)`,
			why, h.Now().Unix(), id, ch)
		return err
	})
}

// past reports whether an announcement is no longer to be told: it has been replaced, or its time is over.
func past(a Announcement, now time.Time) bool {
	return a.Replaced != 0 || a.Kind != News && a.Over(now)
}
