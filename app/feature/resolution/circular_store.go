package resolution

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

func (c *Circular) fields() []any {
	return []any{&c.ID, &c.UID, &c.Unit, &c.UnitName, &c.Author, &c.Title, &c.Wording, &c.Cause, &c.Public, store.Null(&c.Until), store.Null(&c.Replaces),
		(*store.Time)(&c.Opened), (*store.Time)(&c.Closes), &c.Votes, &c.Quorum, &c.Majority, &c.State, (*store.Time)(&c.Ended),
		&c.Tally.Yes, &c.Tally.No, &c.Tally.Abstain, &c.Objector, &c.Objection, store.Null(&c.Resolution), &c.Asked}
}

// circulars lists circular resolutions of a committee, the newest first, n at the most; or (id not 0) one alone, unit 0.
func circulars(tx *store.Tx, unit, id, viewer int64, n int) ([]Circular, error) {
	return store.All(tx, (*Circular).fields, `
		SELECT c.id, c.uid, c.unit, u.name, coalesce(trim(a.given || ' ' || a.family), 'ehemals im Haus'), c.title, c.wording, c.cause, c.public, c.until, c.replaces,
			c.opened, c.closes, c.votes, c.quorum, c.majority, c.state, c.ended, coalesce(c.yes, 0), coalesce(c.no, 0), coalesce(c.abstain, 0),
			iif(c.state <> 'stopped', '', coalesce(trim(o.given || ' ' || o.family), 'ehemals im Haus')), c.objection, c.resolution,
			EXISTS (SELECT 1 FROM resolution_asked q WHERE q.circular = c.id AND q.person = ?3)
		FROM resolution_circular c JOIN unit u ON u.id = c.unit LEFT JOIN person a ON a.id = c.author LEFT JOIN person o ON o.id = c.objector
		WHERE iif(?2 = 0, c.unit = ?1, c.id = ?2) ORDER BY c.opened DESC, c.id DESC LIMIT ?4`, unit, id, viewer, n)
}

// circularOf is one, whoever asks.
func circularOf(tx *store.Tx, id, viewer int64) (Circular, error) {
	all, err := circulars(tx, 0, id, viewer, 1)
	if err == nil && len(all) == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return Circular{}, err
	}
	return all[0], nil
}

// getCircular is one whose committee the viewer sits in, and how far they may look into that.
func getCircular(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Circular, committee.Level, error) {
	c, err := circularOf(tx, id, v.ID)
	if err != nil {
		return c, committee.None, err
	}
	_, level, err := committee.Must(tx, v, c.Unit, committee.Inside, now)
	return c, level, err
}

// ask begins a circular resolution, for those who lead.
func ask(tx *store.Tx, h *house.House, vote *Vote, v who.Viewer, q Inquiry) (int64, error) {
	now := h.Now()
	u, _, err := committee.Must(tx, v, q.Unit, committee.Leading, now)
	if err != nil {
		return 0, err
	}
	rules, err := committee.RulesOf(tx, q.Unit)
	if err != nil {
		return 0, err
	}
	if !rules.Circular || vote == nil {
		return 0, fault.New(fault.Forbidden, "Die Geschäftsordnung von %s lässt keine Umlaufbeschlüsse zu.", u.Name)
	}
	if id, err := askedWith(tx, q.UID); id != 0 || err != nil {
		return id, err
	}
	if uuid.Validate(q.UID) != nil {
		q.UID = newUID()
	}
	q.Title, q.Wording, q.Cause = text.Line(q.Title), text.Clean(q.Wording), text.Clean(q.Cause)
	if err := q.check(now); err != nil {
		return 0, err
	}
	replaces, err := replaced(tx, q, now)
	if err != nil {
		return 0, err
	}
	seats, err := committee.Seats(tx, q.Unit, now)
	if err != nil {
		return 0, err
	}
	voters := committee.Voters(seats)
	if len(voters) == 0 {
		return 0, fault.New(fault.Conflict, "In %s hat zurzeit niemand eine Stimme.", u.Name)
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO resolution_circular (uid, unit, author, title, wording, cause, public, until, replaces, opened, closes, votes, quorum, majority, state, objection)
		VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, 0), ?, ?, ?, ?, ?, 'open', '') RETURNING id`,
		q.UID, q.Unit, v.ID, q.Title, q.Wording, q.Cause, q.Public, q.Until, replaces, now.Unix(), q.Closes.Unix(), len(voters), rules.Quorum, string(rules.Majority))
	if err != nil {
		return 0, err
	}
	for _, p := range voters {
		if _, err := tx.Exec(`INSERT INTO resolution_asked (circular, person) VALUES (?, ?)`, id, p); err != nil {
			return 0, err
		}
		if p == v.ID {
			continue
		}
		if err := notice.Plan(tx, h, tellKind, p, asked, id); err != nil {
			return 0, err
		}
	}
	if err := vote.Open(tx, v, Ballot{Circular: id, Unit: q.Unit, Title: q.Title, Wording: q.Wording, Voters: voters, Votes: len(voters), Closes: q.Closes,
		Rules: rules, Path: fmt.Sprintf("/umlaufbeschluss/%d", id)}); err != nil {
		return 0, err
	}
	tell(tx, h, q.Unit)
	return id, h.Tasks.AddAt(tx, remindKind, id, "", reminding(now, q.Closes))
}

// reminding is when those are reminded who have not voted: in an evening before the last day, or of a short vote when half
// of it is over.
func reminding(opened, closes time.Time) time.Time {
	if due := channel.Evening(closes.Add(-48 * time.Hour)); due.After(opened.Add(12 * time.Hour)) {
		return due
	}
	return opened.Add(closes.Sub(opened) / 2)
}

func askedWith(tx *store.Tx, uid string) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM resolution_circular WHERE uid = ?`, uid)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// replaced is the resolution in force that an inquiry is to replace; 0: none.
func replaced(tx *store.Tx, q Inquiry, now time.Time) (int64, error) {
	if q.Replaces == "" {
		return 0, nil
	}
	id, err := numbered(tx, q.Unit, q.Replaces)
	if err == nil {
		var r Resolution
		if r, err = find(tx, id); err == nil && r.By.ID == 0 && r.State(now) != Removed {
			return id, nil
		}
	}
	if err == nil || fault.KindOf(err) == fault.NotFound {
		err = fault.At("replaces", "Einen Beschluss mit dieser Nummer, den noch keiner beendet hat, gibt es nicht. Nummern sehen so aus: 2026-07.")
	}
	return 0, err
}

// settle notes how a circular resolution has ended. Everybody in the committee is told.
func settle(tx *store.Tx, h *house.House, c Circular) error {
	if _, err := tx.Exec(`
		UPDATE resolution_circular SET state = ?2, ended = ?3, resolution = nullif(?4, 0), objection = ?5,
			yes = iif(?6, ?7, NULL), no = iif(?6, ?8, NULL), abstain = iif(?6, ?9, NULL) WHERE id = ?1`,
		c.ID, c.State, c.Ended.Unix(), c.Resolution, c.Objection, c.State == Carried || c.State == Rejected || c.State == Inquorate,
		c.Tally.Yes, c.Tally.No, c.Tally.Abstain); err != nil {
		return err
	}
	if err := h.Tasks.Cancel(tx, remindKind, c.ID); err != nil {
		return err
	}
	seats, err := committee.Seats(tx, c.Unit, c.Ended)
	if err != nil {
		return err
	}
	for _, s := range seats {
		if err := notice.Plan(tx, h, tellKind, s.Person, result, c.ID); err != nil {
			return err
		}
	}
	tell(tx, h, c.Unit)
	return nil
}

// Voted is told that the vote on a circular resolution has ended. What was carried gets a number; what was not is noted with
// its votes. Both are made known in the next meeting. It may be told twice.
func Voted(tx *store.Tx, h *house.House, propose Propose, o Outcome) error {
	c, err := circularOf(tx, o.Circular, 0)
	if err != nil || c.State != Running {
		return err
	}
	c.State, c.Ended, c.Tally = c.outcome(o.Tally), o.At, o.Tally
	number := ""
	if c.State == Carried {
		tally := o.Tally
		tally.Present = c.Votes
		if c.Resolution, number, err = Take(tx, h, Decision{Origin: fmt.Sprintf("circular %d", c.ID), Unit: c.Unit, Place: "Umlaufbeschluss",
			Title: c.Title, Wording: c.Wording, Tally: tally, At: o.At, Public: c.Public, Until: c.Until, Replaces: c.Replaces}); err != nil {
			return err
		}
	}
	if err := settle(tx, h, c); err != nil || propose == nil {
		return err
	}
	p := Proposal{Circular: c.ID, Title: text.Plain("Bekanntgabe: Umlaufbeschluss „"+c.Title+"“", maxTitle)}
	p.Body = fmt.Sprintf("Der Umlaufbeschluss vom %s ist **%s** (%s, von %d Stimmen).", lang.German().DayYear(house.Local(o.At)), c.Word(), c.Result(), c.Votes)
	if number != "" {
		p.Body += " Er steht als " + number + " im Beschlussbuch."
	}
	return propose(tx, who.Viewer{}, c.Unit, p)
}

// object stops a circular resolution: one member who wants to talk about it is enough, as in most rules of procedure.
func object(tx *store.Tx, h *house.House, w Wires, v who.Viewer, c Circular, why string) error {
	why = text.Clean(why)
	switch n := utf8.RuneCountInString(why); {
	case !c.Asked:
		return fault.New(fault.Forbidden, "Widersprechen kann nur, wer hier eine Stimme hat.")
	case !c.Open(h.Now()):
		return fault.New(fault.Conflict, "Dieser Umlaufbeschluss läuft nicht mehr: %s.", c.Word())
	case n == 0 || n > maxReason:
		return fault.At("objection", "Bitte schreiben Sie in höchstens %d Zeichen, worüber gesprochen werden soll.", maxReason)
	}
	if _, err := tx.Exec(`UPDATE resolution_circular SET objector = ? WHERE id = ?`, v.ID, c.ID); err != nil {
		return err
	}
	c.State, c.Ended, c.Objection = Stopped, h.Now(), why
	if err := settle(tx, h, c); err != nil {
		return err
	}
	if err := w.Vote.Withdraw(tx, v, c.ID, "Ein Mitglied möchte in der Sitzung darüber beraten."); err != nil || w.Propose == nil {
		return err
	}
	return w.Propose(tx, v, c.Unit, Proposal{Circular: c.ID, Title: c.Title,
		Body: "Der Beschluss sollte im Umlauf gefasst werden. Dagegen spricht: " + why + "\n\n" + c.Wording}) // the reason first: an agenda has no room for all wordings
}

// withdraw ends a circular resolution without a result.
func withdraw(tx *store.Tx, h *house.House, w Wires, v who.Viewer, c Circular) error {
	if !c.Open(h.Now()) {
		return fault.New(fault.Conflict, "Dieser Umlaufbeschluss läuft nicht mehr: %s.", c.Word())
	}
	if err := Retracted(tx, h, c.ID); err != nil {
		return err
	}
	return w.Vote.Withdraw(tx, v, c.ID, "Der Umlaufbeschluss ist zurückgezogen.")
}

// Retracted is told that a vote on a circular resolution was withdrawn: there is no result. It may be told twice.
func Retracted(tx *store.Tx, h *house.House, circular int64) error {
	c, err := circularOf(tx, circular, 0)
	if err != nil || c.State != Running {
		return err
	}
	c.State, c.Ended = Withdrawn, h.Now()
	return settle(tx, h, c)
}
