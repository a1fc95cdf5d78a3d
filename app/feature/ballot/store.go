package ballot

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (b *ballot) fields() []any {
	return []any{&b.ID, &b.Unit, &b.Kind, &b.Ref, &b.Path, &b.Title, &b.Wording, &b.Secret, &b.Paper, &b.State, &b.Majority, &b.Quorum, &b.Votes,
		&b.Present, &b.Handed, &b.Round, (*store.Time)(&b.Opened), (*store.Time)(&b.Closes), (*store.Time)(&b.Ended), &b.Reason,
		&b.Tally.Yes, &b.Tally.No, &b.Tally.Abstain, &b.Tally.Invalid, &b.Tally.Present, &b.Quorate, &b.Carried, store.Null(&b.Modulus)}
}

// get finds a vote, whoever asks.
func get(tx *store.Tx, id int64) (ballot, error) {
	return store.One(tx, (*ballot).fields, `
		SELECT id, unit, kind, ref, path, title, wording, secret, paper, state, majority, quorum, votes, present, handed, round, opened, closes, ended, reason,
			ayes, noes, abstained, invalid, present, quorate, carried, modulus
		FROM ballot WHERE id = ?`, id)
}

// list finds the votes on something, the newest first.
func list(tx *store.Tx, kind string, ref int64) ([]ballot, error) {
	return store.All(tx, (*ballot).fields, `
		SELECT id, unit, kind, ref, path, title, wording, secret, paper, state, majority, quorum, votes, present, handed, round, opened, closes, ended, reason,
			ayes, noes, abstained, invalid, present, quorate, carried, modulus
		FROM ballot WHERE kind = ? AND ref = ? ORDER BY opened DESC, id DESC LIMIT 20`, kind, ref)
}

// A voter is somebody who may vote.
type voter struct {
	Took    string // how they got the ballot of a secret vote: screen or paper; "": not yet
	Choice  Choice // of an open vote; "": none yet
	Blinded []byte // hash of what was signed for them; nil: nothing
}

// How somebody got the ballot of a secret vote.
const (
	screen = "screen"
	paper  = "paper"
)

// voterOf finds out whether somebody may vote; false: not.
func voterOf(tx *store.Tx, id, person int64) (voter, bool, error) {
	v, err := store.One(tx, func(v *voter) []any { return []any{&v.Took, &v.Choice, store.Null(&v.Blinded)} }, `
		SELECT took, choice, blinded FROM ballot_voter WHERE ballot = ? AND person = ?`, id, person)
	if fault.KindOf(err) == fault.NotFound {
		return v, false, nil
	}
	return v, err == nil, err
}

// see is a vote that a viewer may see: a member of the committee. For all others it is not found.
func see(tx *store.Tx, id int64, v who.Viewer, least committee.Level, now time.Time) (ballot, committee.Level, error) {
	b, err := get(tx, id)
	if err != nil {
		return b, committee.None, err
	}
	_, level, err := committee.Must(tx, v, b.Unit, least, now)
	return b, level, err
}

// mayVote is who a viewer is in a vote, if they may vote in it now: they were entitled at the opening, still sit in the committee
// and are still there.
func (f *feature) mayVote(tx *store.Tx, id int64, v who.Viewer) (ballot, voter, error) {
	b, _, err := see(tx, id, v, committee.Inside, f.Now())
	if err != nil {
		return b, voter{}, err
	}
	x, ok, err := voterOf(tx, id, v.ID)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Sie sind in dieser Abstimmung nicht stimmberechtigt.")
	}
	if err != nil || f.wires.There == nil {
		return b, x, err
	}
	there, err := f.wires.There(tx, b.Kind, b.Ref, v.ID)
	if err == nil && !there {
		err = fault.New(fault.Conflict, "Sie haben die Sitzung verlassen. Abstimmen kann, wer als anwesend eingetragen ist.")
	}
	return b, x, err
}

// given counts how many have voted so far: in the urn, or by name.
func given(tx *store.Tx, b ballot) (int, error) {
	if b.Secret {
		return store.One(tx, store.Value[int], `SELECT count(*) FROM ballot_urn WHERE ballot = ?`, b.ID)
	}
	return store.One(tx, store.Value[int], `SELECT count(*) FROM ballot_voter WHERE ballot = ? AND choice <> ''`, b.ID)
}

// waits reports whether somebody who may vote has not; of whom the house has forgotten it waits for nobody.
func waits(tx *store.Tx, b ballot) (bool, error) {
	if b.Secret {
		in, err := given(tx, b)
		if err != nil {
			return false, err
		}
		return store.One(tx, store.Value[bool], `SELECT count(*) FILTER (WHERE person IS NOT NULL OR took <> '') > ?2 + ?3 FROM ballot_voter WHERE ballot = ?1`, b.ID, in, b.Handed)
	}
	return store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM ballot_voter WHERE ballot = ? AND choice = '' AND person IS NOT NULL)`, b.ID)
}

// issued counts how many ballots of a secret vote were signed, and how many given out on paper.
func issued(tx *store.Tx, id int64) (signed, papers int, err error) {
	type row struct{ signed, papers int }
	r, err := store.One(tx, func(r *row) []any { return []any{&r.signed, &r.papers} }, `
		SELECT count(*) FILTER (WHERE took = 'screen'), count(*) FILTER (WHERE took = 'paper') FROM ballot_voter WHERE ballot = ? AND took <> ''`, id)
	return r.signed, r.papers, err
}

// tally counts the votes that were given on screens.
func tally(tx *store.Tx, b ballot) (t committee.Tally, err error) {
	t.Present = b.Present
	type row struct {
		choice Choice
		n      int
	}
	count := func(r *row) []any { return []any{&r.choice, &r.n} }
	var all []row
	if b.Secret {
		all, err = store.All(tx, count, `SELECT choice, count(*) FROM ballot_urn WHERE ballot = ? GROUP BY choice`, b.ID)
	} else {
		all, err = store.All(tx, count, `SELECT choice, count(*) FROM ballot_voter WHERE ballot = ? AND choice <> '' GROUP BY choice`, b.ID)
	}
	for _, r := range all {
		switch r.choice {
		case Yes:
			t.Yes = r.n
		case No:
			t.No = r.n
		case Abstain:
			t.Abstain = r.n
		}
	}
	return t, err
}

// names lists who voted how, by family name.
func names(tx *store.Tx, id int64) ([]Name, error) {
	all, err := store.All(tx, func(n *Name) []any { return []any{store.Null(&n.Person), &n.Name, &n.Choice} }, `
		SELECT v.person, coalesce(trim(p.given || ' ' || p.family), ''), v.choice
		FROM ballot_voter v LEFT JOIN person p ON p.id = v.person
		WHERE v.ballot = ? AND v.choice <> '' ORDER BY p.family IS NULL, p.family, p.given, v.id`, id)
	return all, err
}

// result is a vote for its owner.
func result(tx *store.Tx, b ballot) (r Result, err error) {
	r = Result{ID: b.ID, Kind: b.Kind, Ref: b.Ref, Unit: b.Unit, Title: b.Title, State: b.State, Open: b.Running(), Secret: b.Secret, Paper: b.Paper,
		Tally: b.Tally, Quorate: b.Quorate, Carried: b.Carried, Began: b.Opened, Closes: b.Closes, Closed: b.Ended, Reason: b.Reason}
	if b.State == Closed {
		r.Given = r.Cast()
	} else if b.Running() {
		r.Given, err = given(tx, b)
	}
	if err == nil && b.State == Closed && b.Open() {
		r.Names, err = names(tx, b.ID)
	}
	return r, err
}

// Of lists the votes on something, the newest first, whoever asks.
func Of(tx *store.Tx, kind string, ref int64) ([]Result, error) {
	all, err := list(tx, kind, ref)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(all))
	for i, b := range all {
		if results[i], err = result(tx, b); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// Missing lists who may vote in an open vote and has not.
func Missing(tx *store.Tx, id int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT v.person FROM ballot_voter v JOIN ballot b ON b.id = v.ballot
		WHERE b.id = ? AND b.state = 'open' AND b.secret = 0 AND b.paper = 0 AND v.choice = '' AND v.person IS NOT NULL ORDER BY v.person`, id)
}
