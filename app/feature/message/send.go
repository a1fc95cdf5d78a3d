package message

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

// sent finds the conversation of what the viewer has already written with a form; 0: nothing. A connection may break after
// the deed and before the answer.
func sent(tx *store.Tx, uid string, v who.Viewer) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT conversation FROM message WHERE uid = ? AND author = ?`, uid, v.ID)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// belongs reports whether the guardian of a family's conversation still has a child with the unit, and a committee still
// speaks for who has written to its board; of every other, true.
func belongs(tx *store.Tx, c Conversation, now time.Time) (bool, error) {
	if !c.Asked() {
		return true, nil
	}
	person, err := store.One(tx, store.Value[int64], `SELECT person FROM message_party WHERE conversation = ? AND person IS NOT NULL`, c.ID)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil // ehemals im Haus
	}
	if err != nil {
		return false, err
	}
	if c.Kind == Council {
		n, err := store.One(tx, store.Value[int], `
			SELECT count(*) FROM committee_around WHERE unit = ?1 AND person = ?2 AND since <= ?3 AND until > ?3`, c.Unit, person, now.Unix())
		return n > 0, err
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit_up u ON u.unit = h.unit AND u.above = ?2
		WHERE h.person = ?1 AND h.role = 6 AND h.since <= ?3 AND h.until > ?3`, person, c.Unit, now.Unix())
	return n > 0, err
}

// writable says why nobody, or not this viewer, may write in a conversation; nil: the viewer may.
func writable(tx *store.Tx, c Conversation, v who.Viewer, now time.Time) error {
	if !c.Closed.IsZero() {
		return fault.New(fault.Conflict, "Dieses Gespräch ist geschlossen. Was Sie geschrieben haben, wurde nicht gesendet. Sie können ein neues Gespräch beginnen.")
	}
	if !c.Asked() {
		return nil
	}
	there, err := belongs(tx, c, now)
	if err != nil {
		return err
	}
	if !there && c.Kind == Council {
		return fault.New(fault.Conflict, "Wer hier geschrieben hat, gehört nicht mehr hierher. Das Gespräch kann noch gelesen werden, aber niemand kann mehr etwas schreiben.")
	}
	if !there {
		return fault.New(fault.Conflict, "Diese Familie gehört nicht mehr hierher. Das Gespräch kann noch gelesen werden, aber niemand kann mehr etwas schreiben.")
	}
	if c.Team() || c.Offered {
		return nil
	}
	rule, err := ruleOf(tx, c.Unit)
	if err == nil && !rule.Parents {
		err = fault.New(fault.Conflict, "Hier nimmt das Team zurzeit keine Nachrichten an. Bitte rufen Sie an, wenn Sie etwas brauchen.")
	}
	return err
}

// Send says something in a conversation that the viewer reads, and returns the message. What comes twice with the same uid
// is said once.
func Send(tx *store.Tx, h *house.House, v who.Viewer, id int64, d Draft) (int64, error) {
	now := h.Now()
	c, err := get(tx, id, v, now)
	if err != nil {
		return 0, err
	}
	d.Body = clean(d.Body)
	if err := d.check(); err != nil {
		return 0, err
	}
	if err := writable(tx, c, v, now); err != nil {
		return 0, err
	}
	if d.Quote != 0 {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM message WHERE id = ? AND conversation = ?`, d.Quote, id)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			d.Quote = 0 // it has been removed for good meanwhile; what was typed is worth more
		}
	}
	m, err := add(tx, h, c, v.ID, c.Side, d)
	if err != nil {
		return 0, err
	}
	if err := files.Attach(tx, v.ID, d.Files, owner, m); err != nil {
		return 0, err
	}
	if err := mark(tx, id, v.ID, m); err != nil {
		return 0, err
	}
	if c.Team() && c.Asked() && !c.Offered && c.Taker == 0 { // whoever answers looks after it
		if _, err := tx.Exec(`UPDATE message_conversation SET taker = ? WHERE id = ?`, v.ID, id); err != nil {
			return 0, err
		}
	}
	if !c.Team() && c.Asked() {
		if err := answer(tx, h, c, v.ID); err != nil {
			return 0, err
		}
	}
	return m, shout(tx, h, id)
}

// add writes a message, and has those who take part told of it.
func add(tx *store.Tx, h *house.House, c Conversation, author, side int64, d Draft) (int64, error) {
	if uuid.Validate(d.UID) != nil {
		d.UID = newUID()
	}
	html, version := render(d.Body)
	now := h.Now().Unix()
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO message (uid, conversation, author, side, auto, body, html, renderer, quote, at)
		VALUES (?1, ?2, nullif(?3, 0), nullif(?4, 0), ?3 = 0, ?5, ?6, ?7, nullif(?8, 0), ?9) RETURNING id`,
		d.UID, c.ID, author, side, d.Body, string(html), version, d.Quote, now)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE message_conversation SET latest = ?, at = ?, warned = NULL WHERE id = ?`, id, now, c.ID); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE message_party SET at = ? WHERE conversation = ?`, now, c.ID); err != nil {
		return 0, err
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	if author == 0 {
		return id, nil // nobody is woken by an answer that says that nobody is there
	}
	return id, h.Tasks.Add(tx, tellKind, id, "")
}

// answer says once in the time in which no answer is expected that it is such a time. Who has asked sees it at once, and
// is not called for it.
func answer(tx *store.Tx, h *house.House, c Conversation, person int64) error {
	now := h.Now()
	rule, err := hoursOf(tx, h, c.Unit)
	if err != nil || rule.Answer == "" || rule.Open(now) {
		return err
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM message WHERE conversation = ? AND auto = 1 AND at >= ?`, c.ID, rule.Since(now).Unix())
	if err != nil || n > 0 {
		return err
	}
	body := rule.Answer
	if hours := rule.Hours(lang.German()); hours != "" {
		body += "\n\n" + "Antwortzeit: " + hours
	}
	id, err := add(tx, h, c, 0, c.Unit, Draft{Body: body})
	if err != nil {
		return err
	}
	return mark(tx, c.ID, person, id)
}

// mark notes how far somebody has read; never back.
func mark(tx *store.Tx, conversation, person, message int64) error {
	_, err := tx.Exec(`
		INSERT INTO message_read (person, conversation, message) VALUES (?, ?, ?)
		ON CONFLICT (person, conversation) DO UPDATE SET message = max(message, excluded.message)`, person, conversation, message)
	return err
}

// shout has the open pages of all who take part look again, once tx is committed.
func shout(tx *store.Tx, h *house.House, conversation int64) error {
	all, err := parties(tx, conversation)
	if err != nil {
		return err
	}
	e := live.Event{}
	var people []int64
	for _, p := range all {
		switch {
		case p.Unit == 0:
			people = append(people, p.Person)
		case p.Kind == org.Group: // those of the whole facility are of the team, too
			u, err := org.Get(tx, p.Unit)
			if err != nil {
				return err
			}
			e.Held = append(e.Held, p.Unit, u.Parent)
		default:
			e.Held = append(e.Held, p.Unit)
		}
	}
	tx.After(func() {
		if len(e.Held) > 0 {
			h.Live.Publish(e)
		}
		for _, p := range people {
			h.Live.Publish(live.Event{Person: p})
		}
	})
	return nil
}

// Begun is a conversation to begin.
type Begun struct {
	Title string
	Draft Draft // its UID is that of the first message; of several conversations that of the first
	From  int64 // the team for which it is begun; 0: as oneself
}

func (b *Begun) check() error {
	b.Title, b.Draft.Body = text.Line(b.Title), clean(b.Draft.Body)
	var f fault.Form
	checkTitle(&f, b.Title)
	b.Draft.wrong(&f)
	return f.Err()
}

// open writes an empty conversation between parties.
func open(tx *store.Tx, h *house.House, uid, kind string, unit, child int64, title string, offered bool, with ...Party) (int64, error) {
	now := h.Now().Unix()
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO message_conversation (uid, kind, unit, child, title, offered, at) VALUES (?, ?, ?, nullif(?, 0), ?, ?, ?) RETURNING id`,
		uid, kind, unit, child, title, offered, now)
	if err != nil {
		return 0, err
	}
	for _, p := range with {
		if _, err := tx.Exec(`INSERT INTO message_party (conversation, unit, person, at) VALUES (?, nullif(?, 0), nullif(?, 0), ?)`,
			id, p.Unit, p.Person, now); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// Ask begins a conversation of a guardian with the team of a unit, about a child.
func Ask(tx *store.Tx, h *house.House, v who.Viewer, child, unit int64, b Begun) (int64, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	all, err := desks(tx, v, h.Now())
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(d Desk) bool { return d.Child == child && d.Unit == unit })
	if i < 0 {
		return 0, fault.At("to", "Bitte wählen Sie, an wen Sie schreiben.")
	}
	if !all[i].Open {
		return 0, fault.At("to", "Hier nimmt das Team zurzeit keine Nachrichten an. Bitte rufen Sie an, wenn Sie etwas brauchen.")
	}
	id, err := open(tx, h, newUID(), Family, unit, child, b.Title, false, Party{Person: v.ID}, Party{Unit: unit})
	if err != nil {
		return 0, err
	}
	_, err = Send(tx, h, v, id, b.Draft)
	return id, err
}

// Petition begins a conversation of the viewer with the board of a committee that speaks for the viewer. The same once more
// is the one that was begun.
func Petition(tx *store.Tx, h *house.House, v who.Viewer, unit int64, b Begun) (int64, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	if id, err := sent(tx, b.Draft.UID, v); err != nil || id != 0 {
		return id, err
	}
	all, err := boards(tx, v, h.Now())
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(b Board) bool { return b.Unit == unit })
	if i < 0 {
		return 0, fault.At("to", "Bitte wählen Sie, an wen Sie schreiben.")
	}
	if !all[i].Rule.Parents {
		return 0, fault.At("to", "Hier nimmt das Team zurzeit keine Nachrichten an. Bitte rufen Sie an, wenn Sie etwas brauchen.")
	}
	id, err := open(tx, h, newUID(), Council, unit, 0, b.Title, false, Party{Person: v.ID}, Party{Unit: unit})
	if err != nil {
		return 0, err
	}
	_, err = Send(tx, h, v, id, b.Draft)
	return id, err
}

// Write begins a conversation of the viewer's team with each guardian of some children, one for each: what one family
// answers no other reads. It returns how many there are.
func Write(tx *store.Tx, h *house.House, v who.Viewer, children []int64, b Begun) (first int64, n int, err error) {
	if err := b.check(); err != nil {
		return 0, 0, err
	}
	if err := ofTeam(tx, v, b.From, h.Now()); err != nil {
		return 0, 0, err
	}
	all, err := guardians(tx, b.From, children, h.Now())
	switch {
	case err != nil:
		return 0, 0, err
	case len(all) == 0:
		return 0, 0, fault.At("child", "Bitte wählen Sie Familien aus, in denen jemand Nachrichten bekommen kann.")
	case len(all) > maxMany:
		return 0, 0, fault.At("child", "Das sind zu viele auf einmal. Bitte schreiben Sie an höchstens %d Sorgeberechtigte, oder veröffentlichen Sie eine Mitteilung.", maxMany)
	}
	for i, g := range all {
		id, err := open(tx, h, newUID(), Family, b.From, g.Child, b.Title, true, Party{Unit: b.From}, Party{Person: g.Person})
		if err != nil {
			return 0, 0, err
		}
		d := b.Draft
		if i > 0 {
			d.UID, d.Files = "", nil
		}
		m, err := Send(tx, h, v, id, d)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 {
			first = id
			continue
		}
		for _, x := range b.Draft.Files {
			if _, err := files.Again(tx, x, v.ID, owner, m, h.Now()); err != nil {
				return 0, 0, err
			}
		}
	}
	return first, len(all), nil
}

// Reach begins a conversation of the viewer's team with another.
func Reach(tx *store.Tx, h *house.House, v who.Viewer, unit int64, b Begun) (int64, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	if err := ofTeam(tx, v, b.From, h.Now()); err != nil {
		return 0, err
	}
	all, err := teams(tx, v, h.Now())
	if err != nil {
		return 0, err
	}
	if unit == b.From || !slices.ContainsFunc(all, func(t Team) bool { return t.Unit == unit }) {
		return 0, fault.At("to", "Bitte wählen Sie, an wen Sie schreiben.")
	}
	id, err := open(tx, h, newUID(), Teams, b.From, 0, b.Title, true, Party{Unit: b.From}, Party{Unit: unit})
	if err != nil {
		return 0, err
	}
	_, err = Send(tx, h, v, id, b.Draft)
	return id, err
}

// Talk begins a conversation of two colleagues.
func Talk(tx *store.Tx, h *house.House, v who.Viewer, person int64, b Begun) (int64, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	all, err := colleagues(tx, v, h.Now())
	if err != nil {
		return 0, err
	}
	units := v.Units(who.Team)
	if len(units) == 0 || !slices.ContainsFunc(all, func(c Colleague) bool { return c.ID == person }) {
		return 0, fault.At("to", "Bitte wählen Sie, an wen Sie schreiben.")
	}
	id, err := open(tx, h, newUID(), People, units[0], 0, b.Title, true, Party{Person: v.ID}, Party{Person: person})
	if err != nil {
		return 0, err
	}
	_, err = Send(tx, h, v, id, b.Draft)
	return id, err
}
