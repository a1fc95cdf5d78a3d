package announcement

import (
	"context"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// A letter is one delivery that is to be carried out: to a person, at an
// address, in a language.
type letter struct {
	Person   int64
	Address  string
	Name     string
	Language string
	again    bool // a reminder
	token    []byte

	read     bool // has confirmed already
	answered bool // is to be told only while the confirmation is missing
}

func (l *letter) fields() []any {
	return []any{&l.Person, &l.Address, &l.Name, &l.Language, &l.again, &l.token}
}

// Why a delivery is passed over when its time has come.
const (
	noLonger    = "gehört nicht mehr zum Empfängerkreis"
	alreadyRead = "hat schon bestätigt"
	familyKnows = "die Familie war schon erreicht"
)

// waiting lists deliveries of a channel that are due, after a person in the order of ids. Next is after whom to go on; 0:
// there are no more. Hours may lie between the decision and the deed: who has lost the right since, or need not be told
// any more, is passed over.
func waiting(ctx context.Context, h *house.House, id int64, ch string, after int64, most int) (all []letter, next int64, err error) {
	pass := map[string][]int64{}
	now := h.Now()
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		due, err := store.All(tx, func(l *letter) []any { return append(l.fields(), &l.read, &l.answered) }, `
			SELECT d.person, d.address, p.given || ' ' || p.family,
				coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language), d.again, a.token,
				a.confirm = 1 AND a.author IS NOT d.person
					AND EXISTS (SELECT 1 FROM announcement_receipt r WHERE r.announcement = ?1 AND r.person = d.person),
				a.confirm = 1 AND (d.again = 1 OR d.channel = 'sms')
			FROM announcement_delivery d JOIN person p ON p.id = d.person JOIN announcement a ON a.id = d.announcement
			WHERE d.announcement = ?1 AND d.channel = ?2 AND (d.state = 'waiting' OR d.again = 1) AND d.due <= ?3 AND d.person > ?4
			ORDER BY d.person LIMIT ?5`, id, ch, now.Unix(), after, most)
		if err != nil || len(due) == 0 {
			return err
		}
		next = due[len(due)-1].Person
		var ask []int64
		for _, l := range due {
			if l.answered {
				ask = append(ask, l.Person)
			}
		}
		left, err := missing(tx, id, ask, now)
		if err != nil {
			return err
		}
		for _, l := range due {
			ok, err := meansPerson(tx, id, l.Person, anyRole, now)
			if err != nil {
				return err
			}
			switch {
			case !ok:
				pass[noLonger] = append(pass[noLonger], l.Person)
			case l.read:
				pass[alreadyRead] = append(pass[alreadyRead], l.Person)
			case l.answered && !left[l.Person].over(ch):
				pass[familyKnows] = append(pass[familyKnows], l.Person)
			default:
				all = append(all, l)
			}
		}
		return nil
	})
	if err != nil || len(pass) == 0 {
		return all, next, err
	}
	return all, next, h.DB.Write(ctx, func(tx *store.Tx) error {
		for why, people := range pass {
			if err := leave(tx, id, people, ch, why, now); err != nil {
				return err
			}
		}
		return nil
	})
}

const anyRole = ^who.Right(0)

// meansPerson reports whether an announcement is for a person in one of the roles, as it is now. It asks for one person at
// a time: within a larger statement SQLite would make the whole of "reach" for each row.
func meansPerson(tx *store.Tx, id, person int64, roles who.Right, now time.Time) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM reach u CROSS JOIN announcement_audience t ON t.unit = u.unit AND t.announcement = ?1
			WHERE u.person = ?2 AND u.since <= ?3 AND u.until > ?3 AND (t.roles & u.own & ?4) <> 0)`, id, person, now.Unix(), int64(roles))
}

// leave passes over people who wait for a channel. What a reminder would have repeated stays as it was.
func leave(tx *store.Tx, id int64, people []int64, ch, why string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE announcement_delivery SET again = 0, at = iif(state = 'waiting', ?1, at), reason = iif(state = 'waiting', ?2, reason),
			state = iif(state = 'waiting', 'skipped', state)
		WHERE announcement = ?3 AND channel = ?4 AND person IN (SELECT value FROM json_each(?5)) AND (state = 'waiting' OR again = 1)`,
		now.Unix(), why, id, ch, store.List(people))
	return err
}

// A told announcement is what every channel says of it: one of today's words, with its closure where it has one.
type told struct {
	Announcement
	closure *Closure // nil: none
	files   []files.File
	details bool // the channel may carry what the announcement says
	now     time.Time
}

// tellable prepares an announcement for a channel. setting allows what it says to be carried: settings.MailDetails or
// settings.PushDetails.
func tellable(ctx context.Context, h *house.House, a Announcement, setting string) (t told, err error) {
	t = told{Announcement: a, now: h.Now()}
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		if t.files, err = attached(tx, a.ID); err != nil {
			return err
		}
		s, err := h.Settings.Get(tx, setting)
		if t.details = s == "1"; err != nil || a.Kind != ClosureKind {
			return err
		}
		c, err := closureOf(tx, a.Closure)
		t.closure = &c
		return err
	})
	return t, err
}

// title is the one line that says what it is about. What an author wrote may name a child, and is carried by mail, or
// where the house allows it.
func (t told) title(l *lang.Lang, mail bool) string {
	switch {
	case t.closure != nil:
		return Card{Announcement: t.Announcement, Closure: t.closure}.Heading(l, t.now)
	case t.Kind == DrillKind:
		return l.T("Probealarm: Bitte bestätigen Sie")
	case mail || t.details:
		return t.Title
	}
	return l.T("Neue Mitteilung von %s", isolated(l, t.UnitName))
}

// facts are the lines below the title that the reader's language has words for.
func (t told) facts(l *lang.Lang) (lines []string) {
	if t.Kind == DrillKind {
		return []string{l.T("Es ist nichts passiert. Wir prüfen, ob wir Sie im Notfall erreichen.")}
	}
	if t.closure == nil {
		return nil
	}
	lines = append(lines, t.closure.Name, l.T("Wann")+": "+t.closure.Span(l, t.now))
	if t.details {
		lines = append(lines, l.T("Warum")+": "+t.closure.Why(l))
	}
	if t.closure.Places > 0 && t.closure.State == Running {
		lines = append(lines, l.T("Notbetreuung")+": "+l.N(t.closure.Places, "Es gibt %d Plätze."))
	}
	return lines
}

// words are what the author wrote, as text; "" where the channel must not carry it.
func (t told) words() string {
	if !t.details || t.Body == "" {
		return ""
	}
	return text.ForMail(t.Body)
}

// proved notes that a person came over a channel, which so has worked.
func proved(tx *store.Tx, id, person int64, ch string, now time.Time) error {
	if ch == channel.App {
		return nil
	}
	to, err := store.All(tx, store.Value[string], `
		SELECT address FROM announcement_delivery WHERE announcement = ? AND person = ? AND channel = ?`, id, person, ch)
	for _, address := range to {
		if err := channel.Proved(tx, person, ch, address, now); err != nil {
			return err
		}
	}
	return err
}
