package meeting

import (
	"slices"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

const maxSlots = 30

// A Poll is a Terminfindung as a viewer sees it.
type Poll struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Title    string
	Place    string
	Body     string // plain text
	Closes   time.Time
	Closed   time.Time // zero: not by hand
	Meeting  int64     // what it became; 0: nothing
	Created  time.Time

	Level committee.Level
}

func (p *Poll) fields() []any {
	return []any{&p.ID, &p.UID, &p.Unit, &p.UnitName, &p.Title, &p.Place, &p.Body, (*store.Time)(&p.Closes), (*store.Time)(&p.Closed), &p.Meeting,
		(*store.Time)(&p.Created)}
}

// Open reports whether one can answer.
func (p Poll) Open(now time.Time) bool { return p.Closed.IsZero() && p.Closes.After(now) }

// LastDay is the last day on which one can answer: a poll closes at the midnight after it.
func (p Poll) LastDay() time.Time { return p.Closes.Add(-time.Second) }

// Leads reports whether the viewer closes it.
func (p Poll) Leads() bool { return p.Level == committee.Leading }

// A Slot is a time that is proposed, with what was said to it.
type Slot struct {
	ID              int64
	Poll            int64
	Starts, Ends    time.Time
	Yes, Maybe, Not int
	Best            bool
	Mine            string // "": the viewer has not answered
}

func (s *Slot) fields() []any {
	return []any{&s.ID, &s.Poll, (*store.Time)(&s.Starts), (*store.Time)(&s.Ends), &s.Yes, &s.Maybe, &s.Not}
}

// slots are the times of a poll, in order; the best are those to which the fewest have said no, and of these the most yes.
func slots(tx *store.Tx, poll, viewer int64) ([]Slot, error) {
	all, err := store.All(tx, (*Slot).fields, `
		SELECT s.id, s.poll, s.starts, s.ends, count(*) FILTER (WHERE c.answer = 'yes'), count(*) FILTER (WHERE c.answer = 'maybe'),
			count(*) FILTER (WHERE c.answer = 'no')
		FROM meeting_slot s LEFT JOIN meeting_choice c ON c.slot = s.id WHERE s.poll = ? GROUP BY s.id ORDER BY s.starts`, poll)
	if err != nil {
		return nil, err
	}
	mark(all)
	mine, err := choicesOf(tx, poll, viewer)
	for i := range all {
		all[i].Mine = mine[all[i].ID]
	}
	return all, err
}

// mark marks the best of some times, where anybody has answered.
func mark(all []Slot) {
	better := func(a, b Slot) bool { // a than b
		return a.Not < b.Not || a.Not == b.Not && (a.Yes > b.Yes || a.Yes == b.Yes && a.Maybe < b.Maybe)
	}
	for i, s := range all {
		all[i].Best = s.Yes+s.Maybe > 0 && !slices.ContainsFunc(all, func(o Slot) bool { return better(o, s) })
	}
}

// choicesOf are a person's answers, by the slot.
func choicesOf(tx *store.Tx, poll, person int64) (map[int64]string, error) {
	type choice struct {
		slot   int64
		answer string
	}
	all, err := store.All(tx, func(c *choice) []any { return []any{&c.slot, &c.answer} }, `
		SELECT c.slot, c.answer FROM meeting_slot s JOIN meeting_choice c ON c.slot = s.id WHERE s.poll = ? AND c.person = ?`, poll, person)
	mine := map[int64]string{}
	for _, c := range all {
		mine[c.slot] = c.answer
	}
	return mine, err
}

// plainPoll is a poll, whoever may see it.
func plainPoll(tx *store.Tx, id int64) (Poll, error) {
	return store.One(tx, (*Poll).fields, `
		SELECT p.id, p.uid, p.unit, u.name, p.title, p.place, p.body, p.closes, p.closed, coalesce(p.meeting, 0), p.created
		FROM meeting_poll p JOIN unit u ON u.id = p.unit WHERE p.id = ?`, id)
}

// getPoll is a poll of a committee in which the viewer sits.
func getPoll(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Poll, error) {
	p, err := plainPoll(tx, id)
	if err != nil {
		return p, err
	}
	_, p.Level, err = committee.Must(tx, v, p.Unit, committee.Inside, now)
	return p, err
}

// openPolls are those that the viewer can answer; unit 0: of all committees.
func openPolls(tx *store.Tx, v who.Viewer, unit int64, now time.Time) ([]Poll, error) {
	return store.All(tx, (*Poll).fields, `
		WITH sits AS MATERIALIZED (SELECT DISTINCT unit FROM committee_seat WHERE person = ?1 AND since <= ?2 AND until > ?2)
		SELECT p.id, p.uid, p.unit, u.name, p.title, p.place, p.body, p.closes, p.closed, coalesce(p.meeting, 0), p.created
		FROM sits CROSS JOIN meeting_poll p ON p.unit = sits.unit JOIN unit u ON u.id = p.unit
		WHERE p.closed IS NULL AND (?3 = 0 OR p.unit = ?3) ORDER BY p.closes, p.id LIMIT 50`, v.ID, now.Unix(), unit)
}

// A PollDraft is what is typed of a poll.
type PollDraft struct {
	UID    string
	Unit   int64
	Title  string
	Place  string
	Body   string
	Closes time.Time // zero: none was given
	Slots  []SlotDraft
}

// A SlotDraft is a time as it is typed.
type SlotDraft struct {
	Day          string
	Starts, Ends int // minutes; -1: none
}

// AddPoll asks the members of a committee that the viewer leads which of some times suits them.
func AddPoll(tx *store.Tx, h *house.House, v who.Viewer, d PollDraft) (int64, error) {
	now := h.Now()
	if err := leads(tx, v, d.Unit, now); err != nil {
		return 0, err
	}
	var f fault.Form
	checkTitle(&f, d.Title)
	if utf8.RuneCountInString(d.Place) > maxLine {
		f.Add("place", "Der Ort kann höchstens %d Zeichen haben.", maxLine)
	}
	if utf8.RuneCountInString(d.Body) > maxBody {
		f.Add("body", "Der Text kann höchstens %d Zeichen haben.", maxBody)
	}
	var times [][2]time.Time
	for _, s := range d.Slots {
		var wrong fault.Form
		starts, ends := span(s.Day, s.Starts, s.Ends, now, &wrong)
		for _, words := range fault.Fields(wrong.Err()) {
			f.Add("slots", "%s: %s", s.Day, words)
		}
		if slices.ContainsFunc(times, func(t [2]time.Time) bool { return t[0].Equal(starts) }) {
			f.Add("slots", "Diese Zeit steht zweimal da: %s.", s.Day)
		}
		times = append(times, [2]time.Time{starts, ends})
	}
	switch {
	case len(d.Slots) < 2:
		f.Add("slots", "Bitte schlagen Sie mindestens zwei Zeiten vor.")
	case len(d.Slots) > maxSlots:
		f.Add("slots", "Bitte schlagen Sie höchstens %d Zeiten vor.", maxSlots)
	}
	if !d.Closes.After(now) {
		f.Add("closes", "Bitte geben Sie einen Tag an, der noch kommt.")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if ids, err := store.All(tx, store.Value[int64], `SELECT id FROM meeting_poll WHERE uid = ? AND author = ?`, d.UID, v.ID); err != nil || len(ids) > 0 {
		return append(ids, 0)[0], err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO meeting_poll (uid, unit, author, title, place, body, closes, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		formUID(d.UID), d.Unit, v.ID, d.Title, d.Place, d.Body, d.Closes.Unix(), now.Unix())
	if err != nil {
		return 0, err
	}
	for _, t := range times {
		if _, err := tx.Exec(`INSERT INTO meeting_slot (poll, starts, ends) VALUES (?, ?, ?)`, id, t[0].Unix(), t[1].Unix()); err != nil {
			return 0, err
		}
	}
	p, err := plainPoll(tx, id)
	if err != nil {
		return 0, err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{d.Unit}}) })
	if err := tellSeats(tx, h, p, asked, v.ID, false); err != nil {
		return 0, err
	}
	if before := d.Closes.Add(-24 * time.Hour); before.After(now) {
		return id, h.Tasks.AddAt(tx, remindKind, id, "", before)
	}
	return id, nil
}

// Choose notes what the viewer says to the times of a poll, each by its slot. Times that it does not name keep what was said.
func Choose(tx *store.Tx, h *house.House, v who.Viewer, id int64, choices map[int64]string) error {
	l, now := lang.Of(v.Lang), h.Now()
	p, err := getPoll(tx, id, v, now)
	if err != nil {
		return err
	}
	if !p.Open(now) {
		return fault.New(fault.Conflict, "%s", l.T("Diese Terminfindung ist zu Ende."))
	}
	all, err := slots(tx, id, v.ID)
	if err != nil {
		return err
	}
	n := 0
	for _, s := range all {
		answer := choices[s.ID]
		if answer == "" {
			continue
		}
		if answer != Yes && answer != Maybe && answer != No {
			return fault.New(fault.Invalid, "%s", l.T("Bitte wählen Sie eine Antwort."))
		}
		n++
		if _, err := tx.Exec(`
			INSERT INTO meeting_choice (slot, person, answer, at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET answer = excluded.answer, at = excluded.at`, s.ID, v.ID, answer, now.Unix()); err != nil {
			return err
		}
	}
	if n == 0 {
		return fault.New(fault.Invalid, "%s", l.T("Bitte wählen Sie eine Antwort."))
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	return nil
}

// ClosePoll ends a poll, and plans a meeting at one of its times. slot 0: none suits, and nothing is planned.
func ClosePoll(tx *store.Tx, h *house.House, v who.Viewer, id, slot int64) (meeting int64, err error) {
	now := h.Now()
	p, err := getPoll(tx, id, v, now)
	if err != nil {
		return 0, err
	}
	if !p.Leads() {
		return 0, fault.New(fault.Forbidden, "Das können nur Vorsitz, Stellvertretung und Schriftführung des Gremiums.")
	}
	if !p.Closed.IsZero() {
		return p.Meeting, nil
	}
	if slot != 0 {
		all, err := slots(tx, id, v.ID)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(all, func(s Slot) bool { return s.ID == slot })
		if i < 0 {
			return 0, fault.Gone()
		}
		s, e := house.Local(all[i].Starts), house.Local(all[i].Ends)
		to := e.Hour()*60 + e.Minute()
		if to == 0 {
			to = 24 * 60
		}
		if meeting, err = Add(tx, h, v, Draft{Unit: p.Unit, Title: p.Title, Place: p.Place, Body: p.Body, Public: true, Day: s.Format(time.DateOnly),
			Starts: s.Hour()*60 + s.Minute(), Ends: to}); err != nil {
			return 0, err
		}
	}
	if err := h.Tasks.Cancel(tx, remindKind, id); err != nil {
		return 0, err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	_, err = tx.Exec(`UPDATE meeting_poll SET closed = ?, meeting = nullif(?, 0) WHERE id = ?`, now.Unix(), meeting, id)
	return meeting, err
}

// A Voice is a member in the table of a poll.
type Voice struct {
	Person  int64
	Name    string
	Answers []string // in the order of the slots; "": none
}

// voices are the members of a committee with what they have said, those who have not answered last.
func voices(tx *store.Tx, p Poll, all []Slot, now time.Time) ([]Voice, error) {
	seats, err := committee.Seats(tx, p.Unit, now)
	if err != nil {
		return nil, err
	}
	var said, silent []Voice
	for _, s := range seats {
		mine, err := choicesOf(tx, p.ID, s.Person)
		if err != nil {
			return nil, err
		}
		x := Voice{Person: s.Person, Name: s.Name()}
		for _, slot := range all {
			x.Answers = append(x.Answers, mine[slot.ID])
		}
		if len(mine) > 0 {
			said = append(said, x)
		} else {
			silent = append(silent, x)
		}
	}
	return append(said, silent...), nil
}
