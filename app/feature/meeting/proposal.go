package meeting

import (
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// Left is the kind of a proposal that comes from an agenda whose end was not reached; its ref is the item.
const Left = "carried"

// States of a proposal.
const (
	Waiting   = "open"
	Postponed = "postponed" // it waits on
	Taken     = "taken"
	Refused   = "refused"
	Withdrawn = "withdrawn"
)

// A Proposal is a Vorschlag zur Tagesordnung.
type Proposal struct {
	ID      int64
	UID     string
	Unit    int64
	Author  int64  // 0: the house, or ehemals im Haus
	Name    string // of the author; "": nobody's
	Title   string
	Body    string // Markdown
	Public  bool
	Kind    string // "": of a member
	Ref     int64  // what the kind knows
	State   string
	Reason  string
	Meeting int64 // on whose agenda it is; 0: none
	At      time.Time
	Decided time.Time
}

func (p *Proposal) fields() []any {
	return []any{&p.ID, &p.UID, &p.Unit, &p.Author, &p.Name, &p.Title, &p.Body, &p.Public, &p.Kind, &p.Ref, &p.State, &p.Reason, &p.Meeting,
		(*store.Time)(&p.At), (*store.Time)(&p.Decided)}
}

// Waits reports whether it is still to be decided.
func (p Proposal) Waits() bool { return p.State == Waiting || p.State == Postponed }

// Word is the German word of a state.
func (p Proposal) Word() string {
	return map[string]string{Waiting: "offen", Postponed: "zurückgestellt", Taken: "auf der Tagesordnung", Refused: "abgelehnt", Withdrawn: "zurückgezogen"}[p.State]
}

// Origin says where a proposal comes from, if not from a member.
func (p Proposal) Origin() string {
	switch p.Kind {
	case Left:
		return "nicht erreicht in der letzten Sitzung"
	case Minutes:
		return "Protokoll"
	}
	return ""
}

func (p Proposal) check() error {
	var f fault.Form
	checkTitle(&f, p.Title)
	if utf8.RuneCountInString(p.Body) > maxBody {
		f.Add("body", "Der Text kann höchstens %d Zeichen haben.", maxBody)
	}
	return f.Err()
}

// insertProposal keeps a proposal; the same of a feature is kept once while it waits.
func insertProposal(tx *store.Tx, h *house.House, p Proposal) error {
	_, err := tx.Exec(`
		INSERT INTO meeting_proposal (uid, unit, author, title, body, public, kind, ref, state, at)
		VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING`,
		formUID(p.UID), p.Unit, p.Author, p.Title, p.Body, p.Public, p.Kind, p.Ref, h.Now().Unix())
	return err
}

// Propose puts something onto the next agenda of a committee in which the viewer sits. What a feature names (Kind and Ref) is
// there once however often it is proposed, and goes by itself onto the agenda of a meeting to which nobody is invited yet;
// all else is decided by those who lead. It returns the id of the proposal.
func Propose(tx *store.Tx, h *house.House, v who.Viewer, unit int64, p Proposal) (int64, error) {
	if _, _, err := committee.Must(tx, v, unit, committee.Inside, h.Now()); err != nil {
		return 0, err
	}
	p.Author = v.ID
	return Place(tx, h, unit, p)
}

// Place is Propose for the house itself, in the name of nobody, or of Author. What a feature proposes is shortened to what an
// agenda has room for: a vote must not stay open because its title is long.
func Place(tx *store.Tx, h *house.House, unit int64, p Proposal) (int64, error) {
	if p.Kind != "" {
		p.Title, p.Body = cut(text.Line(p.Title), maxTitle), cut(p.Body, maxBody)
	}
	if err := p.check(); err != nil {
		return 0, err
	}
	p.UID, p.Unit = formUID(p.UID), unit
	if err := insertProposal(tx, h, p); err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `
		SELECT id FROM meeting_proposal WHERE uid = ?1 OR ?2 <> '' AND unit = ?3 AND kind = ?2 AND ref = ?4 AND state IN ('open', 'postponed') LIMIT 1`,
		p.UID, p.Kind, unit, p.Ref)
	if err != nil {
		return 0, err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{unit}}) })
	if p.Kind == "" {
		return id, nil
	}
	next, err := store.All(tx, store.Value[int64], `
		SELECT id FROM meeting WHERE unit = ? AND state = 'planned' AND deleted IS NULL AND starts > ? ORDER BY starts LIMIT 1`, unit, h.Now().Unix())
	if err != nil || len(next) == 0 {
		return id, err
	}
	return id, collect(tx, h, next[0], unit)
}

// cut is what fits of a text into so many letters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// collect puts what features have proposed onto the agenda of a meeting, as far as it has room. The rest waits.
func collect(tx *store.Tx, h *house.House, meeting, unit int64) error {
	all, err := proposals(tx, unit, true)
	if err != nil {
		return err
	}
	m, err := plain(tx, meeting)
	if err != nil {
		return err
	}
	has, err := items(tx, meeting)
	if err != nil {
		return err
	}
	room := maxItems - len(has)
	for _, p := range all {
		if p.Kind == "" || p.State != Waiting || room <= 0 {
			continue
		}
		if err := take(tx, h, m, p); err != nil {
			return err
		}
		room--
	}
	return nil
}

// proposals are those of a committee: what waits, or what was decided, the newest first.
func proposals(tx *store.Tx, unit int64, waits bool) ([]Proposal, error) {
	return store.All(tx, (*Proposal).fields, `
		SELECT p.id, p.uid, p.unit, coalesce(p.author, 0), coalesce(trim(a.given || ' ' || a.family), ''), p.title, p.body, p.public, p.kind, p.ref, p.state,
			p.reason, coalesce(i.meeting, 0), p.at, p.decided
		FROM meeting_proposal p LEFT JOIN person a ON a.id = p.author LEFT JOIN meeting_item i ON i.id = p.item
		WHERE p.unit = ?1 AND (p.state IN ('open', 'postponed')) = ?2 ORDER BY iif(?2, p.at, -p.at), p.id LIMIT 200`, unit, waits)
}

// proposal is one of a committee in which the viewer sits.
func proposal(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Proposal, committee.Level, error) {
	p, err := store.One(tx, (*Proposal).fields, `
		SELECT p.id, p.uid, p.unit, coalesce(p.author, 0), coalesce(trim(a.given || ' ' || a.family), ''), p.title, p.body, p.public, p.kind, p.ref, p.state,
			p.reason, coalesce(i.meeting, 0), p.at, p.decided
		FROM meeting_proposal p LEFT JOIN person a ON a.id = p.author LEFT JOIN meeting_item i ON i.id = p.item WHERE p.id = ?`, id)
	if err != nil {
		return p, 0, err
	}
	_, level, err := committee.Must(tx, v, p.Unit, committee.Inside, now)
	return p, level, err
}

// take puts a proposal onto an agenda.
func take(tx *store.Tx, h *house.House, m Meeting, p Proposal) error {
	kind, ref := p.Kind, p.Ref
	if kind == Left {
		kind, ref = "", 0
	}
	id, err := addItem(tx, h, m, Item{Title: p.Title, Body: p.Body, Public: p.Public, Kind: kind, Ref: ref})
	if err != nil {
		return err
	}
	if p.Kind == Left {
		if err := again(tx, h, p.Ref, id, p.Unit); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE meeting_proposal SET state = 'taken', reason = '', item = ?, decided = ? WHERE id = ?`, id, h.Now().Unix(), p.ID)
	return err
}

// decide takes, postpones or refuses a proposal, and has its author told. m is the meeting on whose agenda it goes, where it
// is taken.
func decide(tx *store.Tx, h *house.House, v who.Viewer, p Proposal, m Meeting, state, reason string) error {
	if !p.Waits() {
		return fault.New(fault.Conflict, "Über diesen Vorschlag ist schon entschieden: %s.", p.Word())
	}
	if utf8.RuneCountInString(reason) > maxLine {
		return fault.At("reason", "Der Grund kann höchstens %d Zeichen haben.", maxLine)
	}
	switch state {
	case Taken:
		if m.Unit != p.Unit {
			return fault.At("meeting", "Bitte wählen Sie eine Sitzung dieses Gremiums.")
		}
		if err := take(tx, h, m, p); err != nil {
			return err
		}
	case Postponed, Refused:
		if reason == "" {
			return fault.At("reason", "Bitte schreiben Sie, warum. Wer den Vorschlag gemacht hat, liest es.")
		}
		if _, err := tx.Exec(`UPDATE meeting_proposal SET state = ?, reason = ?, decided = ? WHERE id = ?`, state, reason, h.Now().Unix(), p.ID); err != nil {
			return err
		}
	default:
		return fault.At("state", "Bitte wählen Sie, was mit dem Vorschlag geschieht.")
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	if p.Author == 0 || p.Author == v.ID {
		return nil
	}
	return tellProposer(tx, h, p.Author, p.ID)
}

// withdraw takes back one's own proposal, while it waits.
func withdraw(tx *store.Tx, h *house.House, v who.Viewer, p Proposal) error {
	if p.Author != v.ID || !p.Waits() {
		return fault.New(fault.Conflict, "Diesen Vorschlag können Sie nicht mehr zurückziehen.")
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	_, err := tx.Exec(`UPDATE meeting_proposal SET state = 'withdrawn', decided = ? WHERE id = ?`, h.Now().Unix(), p.ID)
	return err
}
