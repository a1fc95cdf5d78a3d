package room

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// What a moderator can do.
const (
	Hide    = "hide"
	Show    = "show" // what was hidden
	Warn    = "warn"
	Close   = "close" // a topic
	Reopen  = "reopen"
	Release = "release" // what waits
	Refuse  = "refuse"
)

// deed is what an action is called.
func deed(kind string) string {
	return map[string]string{Hide: "Beitrag ausgeblendet", Show: "Beitrag wieder eingeblendet", Warn: "Verwarnung", Close: "Thema geschlossen",
		Reopen: "Thema wieder geöffnet", Release: "Beitrag freigegeben", Refuse: "Beitrag nicht freigegeben"}[kind]
}

// restricts reports whether somebody has to be told why (DSA Art. 17).
func restricts(kind string) bool {
	return kind == Hide || kind == Warn || kind == Close || kind == Refuse
}

// grounds are what a report or a restriction rests on.
func grounds() []choice {
	return []choice{
		{"rules", "Verstößt gegen die Netiquette"},
		{"law", "Verstößt gegen ein Gesetz"},
		{"danger", "Jemand ist in Gefahr"},
	}
}

// objectFor is how long somebody may object: at least six months (DSA Art. 20).
const objectFor = 183 * 24 * time.Hour

// An Action is a Maßnahme.
type Action struct {
	ID        int64
	Room      int64
	RoomName  string
	Topic     int64  // 0: it is deleted
	Title     string // of the topic; "": it is deleted
	Post      int64  // 0: none
	Kind      string
	Ground    string
	Reason    string
	Noticed   bool   // somebody had reported it
	Moderator string // name
	moderator int64
	person    int64 // whom it concerns; 0: nobody
	Person    string
	At        time.Time
	Objection string
	Objected  time.Time // zero: nobody has
	Answer    string
	Answered  time.Time // zero: not yet
	Answerer  string
	Upheld    bool
}

// Deed is what was done, GroundWords on what it rests.
func (a Action) Deed() string { return deed(a.Kind) }
func (a Action) GroundWords() string {
	for _, g := range grounds() {
		if g.Value == a.Ground {
			return g.Label
		}
	}
	return ""
}

// Open reports whether its subject may still object.
func (a Action) Open(now time.Time) bool {
	return restricts(a.Kind) && a.Objected.IsZero() && now.Sub(a.At) < objectFor
}

// Waits reports whether an objection has no answer yet.
func (a Action) Waits() bool { return !a.Objected.IsZero() && a.Answered.IsZero() }

func (a *Action) fields() []any {
	return []any{&a.ID, &a.Room, &a.RoomName, store.Null(&a.Topic), &a.Title, store.Null(&a.Post), &a.Kind, &a.Ground, &a.Reason, &a.Noticed,
		store.Null(&a.moderator), &a.Moderator, store.Null(&a.person), &a.Person, (*store.Time)(&a.At), &a.Objection, (*store.Time)(&a.Objected),
		&a.Answer, (*store.Time)(&a.Answered), &a.Answerer, &a.Upheld}
}

// actions is the log of a room, the latest first.
func actions(tx *store.Tx, room int64) ([]Action, error) {
	return store.All(tx, (*Action).fields, `
		SELECT a.id, a.room, o.name, a.topic, coalesce(t.title, ''), a.post, a.kind, a.ground, a.reason, a.noticed,
			a.moderator, coalesce((SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.moderator), ?2), a.person,
			coalesce((SELECT x.alias FROM youth_alias x WHERE x.room = a.room AND x.person = a.person), (SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.person), ''),
			a.at, a.objection, a.objected, a.answer, a.answered,
			coalesce((SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.answerer), ''), a.upheld
		FROM room_action a JOIN room o ON o.id = a.room LEFT JOIN room_topic t ON t.id = a.topic WHERE a.room = ?1 ORDER BY a.id DESC LIMIT 500`, room, person.Gone)
}

// action finds what the viewer may read: what concerns the viewer, or a room that it moderates.
func action(tx *store.Tx, id int64, v who.Viewer, now time.Time) (a Action, moderates bool, err error) {
	a, err = store.One(tx, (*Action).fields, `
		SELECT a.id, a.room, o.name, a.topic, coalesce(t.title, ''), a.post, a.kind, a.ground, a.reason, a.noticed,
			a.moderator, coalesce((SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.moderator), ?2), a.person,
			coalesce((SELECT x.alias FROM youth_alias x WHERE x.room = a.room AND x.person = a.person), (SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.person), ''),
			a.at, a.objection, a.objected, a.answer, a.answered,
			coalesce((SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = a.answerer), ''), a.upheld
		FROM room_action a JOIN room o ON o.id = a.room LEFT JOIN room_topic t ON t.id = a.topic WHERE a.id = ?1`, id, person.Gone)
	if err != nil {
		return a, false, err
	}
	r, err := Get(tx, a.Room, v, now)
	moderates = err == nil && r.Moderates
	if fault.KindOf(err) == fault.NotFound || err == nil {
		err = nil
		if !moderates && a.person != v.ID { // whoever has left may still read why, and object
			err = fault.Gone()
		}
	}
	return a, moderates, err
}

// A measure is what a moderator wants to do.
type measure struct {
	Kind, Ground, Reason string
}

// act does what a moderator of the room wants, notes it, and tells whom it concerns. p is zero for a topic.
func act(tx *store.Tx, h *house.House, r Room, t Topic, p Post, v who.Viewer, m measure) (err error) {
	now := h.Now()
	if restricts(m.Kind) {
		if m.Reason, err = reason("reason", m.Reason); err != nil {
			return err
		}
		if !oneOf(grounds(), m.Ground) {
			return fault.At("ground", "Bitte wählen Sie, worauf Sie sich stützen.")
		}
	} else {
		m.Ground = ""
	}
	if restricts(m.Kind) && p.ID != 0 && p.Mine {
		return fault.New(fault.Conflict, "Das ist Ihr eigener Beitrag. Sie können ihn selbst entfernen.")
	}
	state, fits := p.State, true
	switch m.Kind {
	case Hide:
		state, fits = Hidden, p.State == Shown
	case Show:
		state, fits = Shown, p.State == Hidden
	case Release:
		state, fits = Shown, p.State == Waiting
	case Refuse:
		state, fits = Refused, p.State == Waiting
	case Warn:
		fits = p.ID != 0
	case Close:
		fits = p.ID == 0 && t.Closed.IsZero()
	case Reopen:
		fits = p.ID == 0 && !t.Closed.IsZero()
	default:
		return fault.New(fault.Malformed, "Diese Maßnahme gibt es nicht.")
	}
	if !fits {
		return fault.New(fault.Conflict, "Das hat inzwischen schon jemand anderes getan.")
	}
	if err := apply(tx, m.Kind, t.ID, p.ID, state, now); err != nil {
		return err
	}
	subject := p.Author
	if p.ID == 0 {
		subject = t.Author
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO room_action (room, topic, post, kind, ground, reason, noticed, moderator, person, at)
		VALUES (?1, ?2, nullif(?3, 0), ?4, ?5, ?6, EXISTS (SELECT 1 FROM room_report x WHERE x.post = ?3 AND x.decided IS NULL), ?7, nullif(?8, 0), ?9) RETURNING id`, r.ID, t.ID, p.ID, m.Kind, m.Ground, m.Reason, v.ID, subject, now.Unix())
	if err != nil {
		return err
	}
	if restricts(m.Kind) && subject != 0 && subject != v.ID {
		if err := tell(tx, h, toSubject, id, subject); err != nil {
			return err
		}
	}
	if p.ID != 0 && (m.Kind == Hide || m.Kind == Warn) {
		if err := decide(tx, h, p.ID, "acted"); err != nil {
			return err
		}
	}
	if m.Kind == Release {
		return publish(tx, h, t.ID, p.ID, now)
	}
	return changed(tx, h, t.ID)
}

func apply(tx *store.Tx, kind string, topic, post int64, state string, now time.Time) error {
	if kind == Close || kind == Reopen {
		_, err := tx.Exec(`UPDATE room_topic SET closed = CASE WHEN ? THEN ? END WHERE id = ?`, kind == Close, now.Unix(), topic)
		return err
	}
	if _, err := tx.Exec(`UPDATE room_post SET state = ? WHERE id = ?`, state, post); err != nil {
		return err
	}
	if state == Shown {
		return nil
	}
	_, err := tx.Exec(`UPDATE room_topic SET solved = NULL WHERE solved = ?`, post)
	return err
}

// A Report is a Meldung.
type Report struct {
	ID      int64
	Post    int64
	Topic   int64
	Title   string
	Room    int64
	Ground  string
	Words   string
	At      time.Time
	Decided time.Time // zero: nobody has looked at it yet
	Outcome string    // "acted", "left" or ""
}

// GroundWords is what the reporter says it is.
func (r Report) GroundWords() string { return Action{Ground: r.Ground}.GroundWords() }

func (r *Report) fields() []any {
	return []any{&r.ID, &r.Post, &r.Topic, &r.Title, &r.Room, &r.Ground, &r.Words, (*store.Time)(&r.At), (*store.Time)(&r.Decided), &r.Outcome}
}

// report tells the moderators of a post. Who it was they do not learn: nobody shall fear to.
func report(tx *store.Tx, h *house.House, p Post, r Room, v who.Viewer, ground, words string) error {
	words, err := reason("words", words)
	if err != nil {
		return err
	}
	if !oneOf(grounds(), ground) {
		return fault.At("ground", "Bitte wählen Sie, worum es geht.")
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM room_report WHERE post = ? AND reporter = ? AND decided IS NULL`, p.ID, v.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "Sie haben diesen Beitrag schon gemeldet. Wir sehen ihn uns an.")
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO room_report (post, reporter, ground, words, at) VALUES (?, ?, ?, ?, ?) RETURNING id`, p.ID, v.ID, ground, words, h.Now().Unix())
	if err != nil {
		return err
	}
	all, err := moderators(tx, r.ID, h.Now())
	if err != nil {
		return err
	}
	return tell(tx, h, toModerator, id, nearest(all, p.Author)...)
}

// reports lists the open reports of a room, the oldest first.
func reports(tx *store.Tx, room int64) ([]Report, error) {
	return store.All(tx, (*Report).fields, `
		SELECT x.id, x.post, t.id, t.title, t.room, x.ground, x.words, x.at, x.decided, x.outcome
		FROM room_report x JOIN room_post p ON p.id = x.post JOIN room_topic t ON t.id = p.topic WHERE t.room = ? AND x.decided IS NULL ORDER BY x.at, x.id`, room)
}

// reported finds a report of the viewer's own.
func reported(tx *store.Tx, id int64, v who.Viewer) (Report, error) {
	return store.One(tx, (*Report).fields, `
		SELECT x.id, x.post, t.id, t.title, t.room, x.ground, x.words, x.at, x.decided, x.outcome
		FROM room_report x JOIN room_post p ON p.id = x.post JOIN room_topic t ON t.id = p.topic WHERE x.id = ? AND x.reporter = ?`, id, v.ID)
}

// decide closes the open reports of a post, and tells who made them (DSA Art. 16, 5).
func decide(tx *store.Tx, h *house.House, post int64, outcome string) error {
	type open struct{ id, reporter int64 }
	all, err := store.All(tx, func(o *open) []any { return []any{&o.id, store.Null(&o.reporter)} }, `
		SELECT id, reporter FROM room_report WHERE post = ? AND decided IS NULL`, post)
	if err != nil {
		return err
	}
	for _, o := range all {
		if _, err := tx.Exec(`UPDATE room_report SET decided = ?, outcome = ? WHERE id = ?`, h.Now().Unix(), outcome, o.id); err != nil {
			return err
		}
		if o.reporter != 0 {
			if err := tell(tx, h, toReporter, o.id, o.reporter); err != nil {
				return err
			}
		}
	}
	return nil
}

// object notes what somebody says against a measure.
func object(tx *store.Tx, h *house.House, a Action, v who.Viewer, words string) error {
	if a.person != v.ID {
		return fault.Gone()
	}
	if !a.Open(h.Now()) {
		return fault.New(fault.Conflict, "Hier ist kein Widerspruch mehr möglich.")
	}
	words, err := reason("objection", words)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE room_action SET objection = ?, objected = ? WHERE id = ?`, words, h.Now().Unix(), a.ID); err != nil {
		return err
	}
	all, err := moderators(tx, a.Room, h.Now())
	if err != nil {
		return err
	}
	people := nearest(all, a.moderator)
	if len(people) == 0 {
		people = nearest(all, 0)
	}
	return tell(tx, h, toJudge, a.ID, people...)
}

// judges says why a viewer who moderates the room may not answer an objection: somebody else should, where there is one.
func judges(tx *store.Tx, a Action, v who.Viewer, now time.Time) error {
	if !a.Waits() {
		return fault.New(fault.Conflict, "Dieser Widerspruch ist schon beantwortet.")
	}
	if a.person == v.ID {
		return fault.New(fault.Forbidden, "Über den eigenen Widerspruch entscheidet jemand anderes.")
	}
	if a.moderator != v.ID {
		return nil
	}
	all, err := moderators(tx, a.Room, now)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.person != v.ID && m.person != a.person {
			return fault.New(fault.Forbidden, "Über diesen Widerspruch entscheidet jemand anderes als die Person, gegen deren Maßnahme er sich richtet.")
		}
	}
	return nil
}

// judge answers an objection. What is not upheld is taken back.
func judge(tx *store.Tx, h *house.House, a Action, v who.Viewer, upheld bool, words string) error {
	now := h.Now()
	if err := judges(tx, a, v, now); err != nil {
		return err
	}
	words, err := reason("answer", words)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE room_action SET answer = ?, answered = ?, answerer = ?, upheld = ? WHERE id = ?`, words, now.Unix(), v.ID, upheld, a.ID); err != nil {
		return err
	}
	if !upheld && a.Topic != 0 {
		switch {
		case a.Kind == Close:
			err = apply(tx, Reopen, a.Topic, 0, "", now)
		case (a.Kind == Hide || a.Kind == Refuse) && a.Post != 0:
			err = apply(tx, Show, a.Topic, a.Post, Shown, now)
		}
		if err == nil {
			err = changed(tx, h, a.Topic)
		}
		if err != nil {
			return err
		}
	}
	return tell(tx, h, toObjector, a.ID, a.person)
}
