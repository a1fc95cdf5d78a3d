package ballot

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// closeKind ends a vote at its time; ref: the vote.
const closeKind = "ballot.close"

// open begins a vote: for whoever leads the committee, and with a quorum only.
func (f *feature) open(tx *store.Tx, v who.Viewer, d Draft) (int64, error) {
	now := f.Now()
	if _, _, err := committee.Must(tx, v, d.Unit, committee.Leading, now); err != nil {
		return 0, err
	}
	d.Title, d.Wording = text.Line(d.Title), text.Clean(d.Wording)
	if d.Votes == 0 {
		d.Votes = len(d.Voters)
	}
	if d.Present == 0 {
		d.Present = len(d.Voters)
	}
	if err := d.check(now); err != nil {
		return 0, err
	}
	handed := 0
	if d.Paper {
		handed = d.Present
	}
	var key signKey
	var modulus any
	if d.Secret {
		var err error
		if key, err = f.takeKey(tx); err != nil {
			return 0, err
		}
		modulus = key.modulus
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO ballot (unit, kind, ref, path, title, wording, secret, paper, state, majority, quorum, votes, present, handed, opener, opened, closes, modulus)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		d.Unit, d.Kind, d.Ref, d.Path, d.Title, d.Wording, d.Secret, d.Paper, d.Rules.Majority, d.Rules.Quorum, d.Votes, d.Present, handed,
		v.ID, now.Unix(), store.Seconds(d.Closes), modulus)
	if err != nil {
		return 0, err
	}
	// In the order of people, so that the rows say nothing else.
	if _, err := tx.Exec(`INSERT INTO ballot_voter (ballot, person) SELECT DISTINCT ?, value FROM json_each(?) ORDER BY value`, id, store.List(d.Voters)); err != nil {
		return 0, err
	}
	if d.Secret {
		if err := f.giveKey(tx, key, id); err != nil {
			return 0, err
		}
	}
	if err := f.plan(tx, id, d.Closes); err != nil {
		return 0, err
	}
	if err := f.tell(tx, ballot{ID: id, Unit: d.Unit}); err != nil {
		return 0, err
	}
	return id, f.log(tx, now, v.ID, "ballot.opened", id)
}

// plan has a vote end at its time; the zero time: by hand.
func (f *feature) plan(tx *store.Tx, id int64, closes time.Time) error {
	if err := f.Tasks.Cancel(tx, closeKind, id); err != nil || closes.IsZero() {
		return err
	}
	return f.Tasks.AddAt(tx, closeKind, id, "", closes)
}

// closeJob ends votes whose time has come.
func (f *feature) closeJob() task.Job {
	return task.Job{Kind: closeKind, Run: func(ctx context.Context, id int64, _ string) error {
		return f.DB.Write(ctx, func(tx *store.Tx) error {
			b, err := get(tx, id)
			if err != nil {
				return err
			}
			if b.State != Running || b.Closes.IsZero() || f.Now().Before(b.Closes) {
				return nil // closed by hand, or extended: then another task waits
			}
			return f.shut(tx, b, b.Closes, 0)
		})
	}}
}

// close ends a vote by hand; one with a deadline not before that, unless all have voted.
func (f *feature) close(tx *store.Tx, v who.Viewer, id int64) error {
	b, _, err := see(tx, id, v, committee.Leading, f.Now())
	if err != nil {
		return err
	}
	if !b.Running() {
		return fault.New(fault.Conflict, "Diese Abstimmung ist schon beendet.")
	}
	if b.Paper || b.State == Counting {
		return fault.New(fault.Conflict, "Die Stimmzettel auf Papier sind noch nicht gezählt. Sobald zwei Personen dasselbe gezählt haben, steht das Ergebnis fest.")
	}
	if b.takes(f.Now()) == nil && !b.Closes.IsZero() { // who was told a day has until then
		left, err := waits(tx, b)
		if err != nil {
			return err
		}
		if left {
			return fault.New(fault.Conflict, "Diese Abstimmung läuft bis %s. Vorher endet sie nur, wenn alle abgestimmt haben.", lang.German().Stamp(house.Local(b.Closes)))
		}
	}
	return f.shut(tx, b, f.Now(), v.ID)
}

// shut takes no more votes and works out the result; where slips of paper are still to be counted, only the former. Person 0 is
// the clock.
func (f *feature) shut(tx *store.Tx, b ballot, at time.Time, person int64) error {
	if b.Paper && b.Handed > 0 { // the deadline of a vote on paper: it is counted on
		return f.state(tx, b, Counting)
	}
	if b.Secret {
		// Nothing can be signed any more, and nothing that was signed can be cast.
		if _, err := tx.Exec(`DELETE FROM ballot_key WHERE ballot = ?`, b.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE ballot_voter SET blinded = NULL WHERE ballot = ?`, b.ID); err != nil {
			return err
		}
		if b.Handed > 0 && b.State == Running {
			return f.state(tx, b, Counting)
		}
	}
	t, err := tally(tx, b)
	if err != nil {
		return err
	}
	return f.finish(tx, b, t, at, person)
}

// state notes how far a vote is, and tells its pages.
func (f *feature) state(tx *store.Tx, b ballot, s State) error {
	if _, err := tx.Exec(`UPDATE ballot SET state = ? WHERE id = ?`, s, b.ID); err != nil {
		return err
	}
	return f.tell(tx, b)
}

// finish writes the result of a vote down, and tells the owner of its subject.
func (f *feature) finish(tx *store.Tx, b ballot, t committee.Tally, at time.Time, person int64) error {
	quorate, carried := b.closed(t)
	if _, err := tx.Exec(`
		UPDATE ballot SET state = 'closed', ended = ?, ayes = ?, noes = ?, abstained = ?, invalid = ?, quorate = ?, carried = ? WHERE id = ?`,
		at.Unix(), t.Yes, t.No, t.Abstain, t.Invalid, quorate, carried, b.ID); err != nil {
		return err
	}
	b, err := get(tx, b.ID)
	if err != nil {
		return err
	}
	if err := f.plan(tx, b.ID, time.Time{}); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), person, "ballot.closed", b.ID); err != nil {
		return err
	}
	r, err := result(tx, b)
	if err != nil {
		return err
	}
	if f.wires.Closed != nil {
		if err := f.wires.Closed(tx, r); err != nil {
			return fmt.Errorf("tell the result of vote %d: %w", b.ID, err)
		}
	}
	return f.tell(tx, b)
}

// withdraw ends a vote without a result, with a reason. What was voted is deleted.
func (f *feature) withdraw(tx *store.Tx, v who.Viewer, id int64, reason string) error {
	b, _, err := see(tx, id, v, committee.Leading, f.Now())
	if err != nil {
		return err
	}
	if reason = text.Line(reason); reason == "" || utf8.RuneCountInString(reason) > maxTitle {
		return fault.At("reason", "Bitte sagen Sie in höchstens %d Zeichen, warum.", maxTitle)
	}
	if !b.Running() {
		return fault.New(fault.Conflict, "Diese Abstimmung ist schon beendet.")
	}
	return f.retract(tx, v, b, reason)
}

// stop ends the votes on something without a result, because their owner has decided so: whoever the viewer is.
func (f *feature) stop(tx *store.Tx, v who.Viewer, kind string, ref int64, reason string) error {
	all, err := list(tx, kind, ref)
	for _, b := range all {
		if err == nil && b.Running() {
			err = f.retract(tx, v, b, reason)
		}
	}
	return err
}

// retract ends a vote that goes on, and forgets what was voted.
func (f *feature) retract(tx *store.Tx, v who.Viewer, b ballot, reason string) error {
	id := b.ID
	if _, err := tx.Exec(`UPDATE ballot SET state = 'withdrawn', ended = ?, reason = ? WHERE id = ?`, f.Now().Unix(), reason, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE ballot_voter SET choice = '', blinded = NULL WHERE ballot = ?`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ballot_urn WHERE ballot = ?`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ballot_key WHERE ballot = ?`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ballot_count WHERE ballot = ?`, id); err != nil {
		return err
	}
	if err := f.plan(tx, id, time.Time{}); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, "ballot.withdrawn", id); err != nil {
		return err
	}
	b, err := get(tx, id)
	if err != nil {
		return err
	}
	r, err := result(tx, b)
	if err == nil && f.wires.Withdrawn != nil {
		err = f.wires.Withdrawn(tx, r)
	}
	if err != nil {
		return err
	}
	return f.tell(tx, b)
}

// extend gives a vote that has a deadline a later one.
func (f *feature) extend(tx *store.Tx, v who.Viewer, id int64, closes time.Time) error {
	b, _, err := see(tx, id, v, committee.Leading, f.Now())
	if err != nil {
		return err
	}
	if err := b.takes(f.Now()); err != nil {
		return err
	}
	if b.Closes.IsZero() || !closes.After(b.Closes) {
		return fault.At("closes", "Die neue Zeit muss nach der bisherigen liegen.")
	}
	if _, err := tx.Exec(`UPDATE ballot SET closes = ? WHERE id = ?`, closes.Unix(), id); err != nil {
		return err
	}
	if err := f.plan(tx, id, closes); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, "ballot.extended", id); err != nil {
		return err
	}
	return f.tell(tx, b)
}

// tell has the pages look that show a vote: those of the committee, and of who votes without a seat of their own there, as the
// delegates of a facility do.
func (f *feature) tell(tx *store.Tx, b ballot) error {
	others, err := store.All(tx, store.Value[int64], `
		SELECT person FROM ballot_voter WHERE ballot = ?1 AND person NOT IN (SELECT person FROM membership WHERE unit = ?2 AND state = 'confirmed')`, b.ID, b.Unit)
	tx.After(func() {
		f.Live.Publish(live.Event{Units: []int64{b.Unit}})
		for _, p := range others {
			f.Live.Publish(live.Event{Person: p})
		}
	})
	return err
}

func (f *feature) log(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
	if f.wires.Log == nil {
		return nil
	}
	return f.wires.Log(tx, at, person, action, ref)
}
