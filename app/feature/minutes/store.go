package minutes

import (
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/live"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func (m *Minutes) fields() []any {
	return []any{&m.ID, &m.UID, &m.Unit, &m.UnitName, &m.Meeting, &m.Title, (*store.Time)(&m.Held), &m.Public, &m.State, (*store.Time)(&m.Due),
		store.Null(&m.Keeper), &m.Pen, store.Null(&m.Writer), &m.Hand, (*store.Time)(&m.Written), (*store.Time)(&m.Sent), (*store.Time)(&m.Until),
		(*store.Time)(&m.Approved), store.Null(&m.Place), &m.Session, &m.Hash, &m.Shown, (*store.Time)(&m.Broken), (*store.Time)(&m.Changed)}
}

// row finds minutes, whoever asks.
func row(tx *store.Tx, id int64) (Minutes, error) {
	return store.One(tx, (*Minutes).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.meeting, m.title, m.held, m.public, m.state, m.due, m.keeper, m.pen, m.writer,
			coalesce(p.given || ' ' || p.family, ''), m.written, m.sent, m.until, m.approved, m.place, m.session, m.hash, m.shown, m.broken, m.changed
		FROM minutes m JOIN unit u ON u.id = m.unit LEFT JOIN person p ON p.id = m.writer WHERE m.id = ?`, id)
}

// get finds minutes that a viewer may read.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Minutes, error) {
	m, err := row(tx, id)
	if err != nil {
		return m, err
	}
	if m.Level, err = committee.LevelOf(tx, v, m.Unit, now); err != nil {
		return m, err
	}
	m.Writes = m.Leads() || m.Whole() && m.Keeper != 0 && m.Keeper == v.ID
	if m.Writes || m.State != Draft && m.Whole() || m.State == Approved && m.Public && m.Level > committee.None {
		return m, nil
	}
	return Minutes{}, fault.Gone()
}

// written is get for those who may write in the minutes, as long as anything can be written.
func written(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Minutes, error) {
	m, err := get(tx, id, v, now)
	if err == nil && !m.Writes {
		err = fault.Gone()
	}
	if err == nil {
		err = m.open()
	}
	return m, err
}

// led is get for those who lead the committee.
func led(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Minutes, error) {
	m, err := get(tx, id, v, now)
	if err == nil && !m.Leads() {
		err = fault.Gone()
	}
	return m, err
}

// of is the id of the minutes of a meeting; 0: there are none.
func of(tx *store.Tx, meeting int64) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM minutes WHERE meeting = ?`, meeting)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// years lists in which years the meetings were whose minutes a viewer may read, the latest first.
func years(tx *store.Tx, unit int64, level committee.Level, person int64) ([]string, error) {
	return store.All(tx, store.Value[string], `
		SELECT DISTINCT strftime('%Y', held, 'unixepoch') FROM minutes
		WHERE unit = ?1 AND (?2 >= 4 OR ?2 = 3 AND (state <> 'draft' OR keeper = ?3) OR state = 'approved' AND public = 1) ORDER BY 1 DESC`,
		unit, level, person)
}

// list are the minutes of a committee of one year that a viewer may read, the latest first.
func list(tx *store.Tx, unit int64, level committee.Level, person int64, year string) ([]Minutes, error) {
	all, err := store.All(tx, (*Minutes).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.meeting, m.title, m.held, m.public, m.state, m.due, m.keeper, m.pen, m.writer,
			'', m.written, m.sent, m.until, m.approved, m.place, m.session, m.hash, m.shown, m.broken, m.changed
		FROM minutes m JOIN unit u ON u.id = m.unit
		WHERE m.unit = ?1 AND strftime('%Y', m.held, 'unixepoch') = ?4
			AND (?2 >= 4 OR ?2 = 3 AND (m.state <> 'draft' OR m.keeper = ?3) OR m.state = 'approved' AND m.public = 1)
		ORDER BY m.held DESC, m.id DESC`, unit, level, person, year)
	for i := range all {
		all[i].Level = level
		all[i].Writes = level == committee.Leading || all[i].Keeper == person && person != 0
	}
	return all, err
}

// record asks for the facts of a meeting, with who keeps its minutes.
func (f *feature) record(tx *store.Tx, meeting, keeper int64, v who.Viewer) (Record, error) {
	r, err := f.wires.Record(tx, meeting, v)
	if err == nil && keeper != 0 && r.Keeper == "" {
		r.Keeper, err = store.One(tx, store.Value[string], `SELECT given || ' ' || family FROM person WHERE id = ?`, keeper)
	}
	return r.utc(), err
}

// begin makes the minutes of a meeting that has begun, or was to begin by now. Those that are there already are answered, too: two of the board
// press the button at once.
func (f *feature) begin(tx *store.Tx, v who.Viewer, meeting int64) (int64, error) {
	now := f.Now()
	r, err := f.record(tx, meeting, 0, v)
	if err != nil {
		return 0, err
	}
	if _, _, err := committee.Must(tx, v, r.Unit, committee.Leading, now); err != nil {
		return 0, err
	}
	if id, err := of(tx, meeting); err != nil || id != 0 {
		return id, err
	}
	if r.Began.IsZero() && now.Before(r.Starts) { // it may still be moved, called off or deleted
		return 0, fault.New(fault.Conflict, "Diese Sitzung hat noch nicht begonnen.")
	}
	rules, err := committee.RulesOf(tx, r.Unit)
	if err != nil {
		return 0, err
	}
	uid, err := uuid.NewV7()
	if err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO minutes (uid, unit, meeting, title, held, public, state, due, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'draft', ?7, ?8, ?8) RETURNING id`,
		uid.String(), r.Unit, meeting, r.Title, r.Held().Unix(), r.Public, days(r.Held(), rules.Minutes).Unix(), now.Unix())
	if err != nil {
		return 0, err
	}
	if err := f.told(tx, r.Unit); err != nil {
		return 0, err
	}
	return id, f.log(tx, now, v.ID, "minutes.begun", id)
}

// setKeeper names a member who writes beside the board; 0: nobody.
func (f *feature) setKeeper(tx *store.Tx, id int64, v who.Viewer, keeper int64) error {
	m, err := led(tx, id, v, f.Now())
	if err == nil {
		err = m.open()
	}
	if err != nil {
		return err
	}
	if keeper != 0 {
		level, err := committee.LevelOf(tx, who.Viewer{ID: keeper}, m.Unit, f.Now())
		if err != nil {
			return err
		}
		if level < committee.Inside {
			return fault.At("keeper", "Bitte wählen Sie jemanden aus dem Gremium.")
		}
	}
	if _, err := tx.Exec(`UPDATE minutes SET keeper = nullif(?, 0), changed = ? WHERE id = ?`, keeper, f.Now().Unix(), id); err != nil {
		return err
	}
	return f.told(tx, m.Unit)
}

// told has the open pages of those who sit in a committee look again.
func (f *feature) told(tx *store.Tx, unit int64) error {
	seats, err := committee.Seats(tx, unit, f.Now())
	tx.After(func() {
		for _, s := range seats {
			f.Live.Publish(live.Event{Person: s.Person})
		}
	})
	return err
}

// A Text is what was written about an item.
type Text struct {
	Item    int64
	Version int64 // counts the changes; 0: nothing was written yet
	Body    string
	Name    string // who changed it last
	At      time.Time

	form string // the sheet that wrote it, and the number of what that had sent
	no   int64
}

func texts(tx *store.Tx, id int64) (map[int64]Text, error) {
	all, err := store.All(tx, func(t *Text) []any {
		return []any{&t.Item, &t.Version, &t.Body, &t.form, &t.no, &t.Name, (*store.Time)(&t.At)}
	}, `
		SELECT t.item, t.version, t.body, t.form, t.no, coalesce(p.given || ' ' || p.family, ''), t.at
		FROM minutes_text t LEFT JOIN person p ON p.id = t.author WHERE t.minutes = ? ORDER BY t.item`, id)
	by := map[int64]Text{}
	for _, t := range all {
		t.Name = nameOr(t.Name)
		by[t.Item] = t
	}
	return by, err
}

// A Version is an earlier or the present state of the text of an item.
type Version struct {
	Number int64
	Body   string
	Name   string
	At     time.Time
}

// versions lists the states of a text, the latest first, n at the most.
func versions(tx *store.Tx, id, item int64, n int) ([]Version, error) {
	all, err := store.All(tx, func(t *Version) []any { return []any{&t.Number, &t.Body, &t.Name, (*store.Time)(&t.At)} }, `
		SELECT x.version, x.body, coalesce(p.given || ' ' || p.family, ''), x.at
		FROM minutes_version x LEFT JOIN person p ON p.id = x.author WHERE x.minutes = ? AND x.item = ? ORDER BY x.version DESC LIMIT ?`, id, item, n)
	for i := range all {
		all[i].Name = nameOr(all[i].Name)
	}
	return all, err
}

// A Revision is the minutes as they were sent.
type Revision struct {
	Number  int
	Content string
	Why     string // what was corrected; "": the first
	At      time.Time
}

// revisions lists those of minutes, the latest first.
func revisions(tx *store.Tx, id int64) ([]Revision, error) {
	return store.All(tx, func(r *Revision) []any { return []any{&r.Number, &r.Content, &r.Why, (*store.Time)(&r.At)} }, `
		SELECT number, content, why, at FROM minutes_revision WHERE minutes = ? ORDER BY number DESC`, id)
}

// latest is the revision that was sent last.
func latest(tx *store.Tx, id int64) (Revision, error) {
	return store.One(tx, func(r *Revision) []any { return []any{&r.Number, &r.Content, &r.Why, (*store.Time)(&r.At)} }, `
		SELECT number, content, why, at FROM minutes_revision WHERE minutes = ? ORDER BY number DESC LIMIT 1`, id)
}

// found has the search read minutes anew.
func found(tx *store.Tx, id int64) error { return search.Changed(tx, foundKind, 2*id, 2*id+1) }

// num is an id as forms have it.
func num(id int64) string { return strconv.FormatInt(id, 10) }
