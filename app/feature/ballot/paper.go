package ballot

import (
	"slices"
	"strconv"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// counters is how many people count the slips of paper.
const counters = 2

// A count is what somebody has counted.
type count struct {
	Person  int64 // 0: ehemals im Haus
	Name    string
	Yes     int
	No      int
	Abstain int
	Invalid int
}

func (c *count) fields() []any {
	return []any{store.Null(&c.Person), &c.Name, &c.Yes, &c.No, &c.Abstain, &c.Invalid}
}

// sum is how many slips were counted.
func (c count) sum() int { return c.Yes + c.No + c.Abstain + c.Invalid }

// same reports whether both have counted the same.
func (c count) same(o count) bool {
	return c.Yes == o.Yes && c.No == o.No && c.Abstain == o.Abstain && c.Invalid == o.Invalid
}

// check says what is wrong with a count of slips of which so many were given out.
func (c count) check(handed int) error {
	var wrong fault.Form
	for _, n := range []struct {
		field string
		value int
	}{{"yes", c.Yes}, {"no", c.No}, {"abstain", c.Abstain}, {"invalid", c.Invalid}} {
		if n.value < 0 || n.value > maxVoters {
			wrong.Add(n.field, "Bitte geben Sie eine Zahl von 0 bis %d ein.", maxVoters)
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if c.sum() > handed {
		return fault.At("yes", "Das sind zusammen %d Stimmzettel, ausgegeben wurden %d. Bitte zählen Sie noch einmal.", c.sum(), handed)
	}
	return nil
}

// number reads a count of a form: an empty field is no number, since a forgotten one would be a zero.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// counts are those of a round of a vote, in the order in which they came.
func counts(tx *store.Tx, b ballot) ([]count, error) {
	return store.All(tx, (*count).fields, `
		SELECT c.person, coalesce(trim(p.given || ' ' || p.family), ''), c.ayes, c.noes, c.abstained, c.invalid
		FROM ballot_count c LEFT JOIN person p ON p.id = c.person WHERE c.ballot = ? AND c.round = ? ORDER BY c.id`, b.ID, b.Round)
}

// differ reports whether a round is over without a result.
func differ(all []count) bool { return len(all) == counters && !all[0].same(all[1]) }

// count notes what a member has counted. The second who counts the same ends the vote; where two differ, both count again.
func (f *feature) count(tx *store.Tx, id int64, v who.Viewer, c count) error {
	b, _, err := see(tx, id, v, committee.Inside, f.Now())
	if err != nil {
		return err
	}
	if err := b.counts(); err != nil {
		return err
	}
	if err := c.check(b.Handed); err != nil {
		return err
	}
	had, err := counts(tx, b)
	if err != nil {
		return err
	}
	if differ(had) {
		b.Round, had = b.Round+1, nil
		if _, err := tx.Exec(`UPDATE ballot SET round = ? WHERE id = ?`, b.Round, id); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(had, func(x count) bool { return x.Person == v.ID }) {
		return fault.New(fault.Conflict, "Sie haben schon gezählt. Die zweite Zählung macht eine andere Person.")
	}
	if _, err := tx.Exec(`INSERT INTO ballot_count (ballot, round, person, ayes, noes, abstained, invalid) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, b.Round, v.ID, c.Yes, c.No, c.Abstain, c.Invalid); err != nil {
		return err
	}
	if len(had) == 0 || !had[0].same(c) {
		return f.tell(tx, b)
	}
	t, err := tally(tx, b)
	if err != nil {
		return err
	}
	t.Yes, t.No, t.Abstain, t.Invalid = t.Yes+c.Yes, t.No+c.No, t.Abstain+c.Abstain, c.Invalid
	return f.finish(tx, b, t, f.Now(), v.ID)
}

// hand notes how many slips of paper were given out for a vote on paper, as long as nobody has counted them.
func (f *feature) hand(tx *store.Tx, id int64, v who.Viewer, n int) error {
	b, _, err := see(tx, id, v, committee.Leading, f.Now())
	if err != nil {
		return err
	}
	if !b.Paper || !b.Running() {
		return fault.New(fault.Conflict, "Hier werden keine Stimmzettel auf Papier ausgegeben.")
	}
	if n < 1 || n > b.Present {
		return fault.At("handed", "Bitte geben Sie eine Zahl von 1 bis %d ein: So viele Stimmen sind da.", b.Present)
	}
	had, err := counts(tx, b)
	if err != nil {
		return err
	}
	if len(had) > 0 || b.Round > 1 {
		return fault.New(fault.Conflict, "Es wird schon gezählt.")
	}
	if _, err := tx.Exec(`UPDATE ballot SET handed = ? WHERE id = ?`, n, id); err != nil {
		return err
	}
	return f.tell(tx, b)
}

// givePaper notes that a member gets the ballot of a secret vote on paper, since they cannot vote on a screen.
func (f *feature) givePaper(tx *store.Tx, id int64, v who.Viewer, person int64) error {
	b, _, err := see(tx, id, v, committee.Leading, f.Now())
	if err != nil {
		return err
	}
	if err := b.takes(f.Now()); err != nil {
		return err
	}
	x, ok, err := voterOf(tx, id, person)
	switch {
	case err != nil:
		return err
	case !b.Secret || !ok:
		return fault.New(fault.Invalid, "Bitte wählen Sie jemanden, der in dieser geheimen Abstimmung stimmberechtigt ist.")
	case x.Took == screen:
		return fault.New(fault.Conflict, "Diese Person hat schon einen Stimmzettel am Bildschirm bekommen.")
	case x.Took == paper:
		return nil
	}
	if _, err := tx.Exec(`UPDATE ballot_voter SET took = 'paper' WHERE ballot = ? AND person = ?`, id, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE ballot SET handed = handed + 1 WHERE id = ?`, id); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, "ballot.paper", id); err != nil {
		return err
	}
	return f.tell(tx, b)
}
