package app

import (
	"crypto/sha256"
	"fmt"
	"html/template"
	"slices"
	"time"

	base "nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/assignment"
	"nestfunk/app/feature/ballot"
	"nestfunk/app/feature/bulletin"
	"nestfunk/app/feature/committee"
	"nestfunk/app/feature/floor"
	"nestfunk/app/feature/handover"
	"nestfunk/app/feature/meeting"
	"nestfunk/app/feature/message"
	"nestfunk/app/feature/minutes"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/resolution"
	"nestfunk/app/feature/wiki"
)

// What is voted on, as the ballots call it, and from which proposals come.
const (
	motion   = "motion"   // of a meeting
	circular = "circular" // a circular resolution
)

// A committees is what the features of committees know of each other.
type committees struct {
	*house.House
	votes    ballot.Votes
	floor    floor.Wires
	minutes  minutes.Wires
	circ     resolution.Wires
	sittings *store.Keep[sitting, floor.Meeting]
}

// A sitting is a meeting as all see it who look into its committee equally far.
type sitting struct {
	meeting int64
	level   base.Level
}

// councils are the features of committees, and what stands on the start page of whoever sits in one.
func councils(h *house.House, all *[]house.Feature) (list []house.Feature, start []house.Part) {
	c := &committees{House: h, sittings: &store.Keep[sitting, floor.Meeting]{DB: h.DB, Most: 200,
		Tables: []string{"meeting", "meeting_item", "meeting_guest", "committee", "committee_substitute", "membership", "person", "unit"}}}
	ballots, votes := ballot.New(h, ballot.Wires{Log: operation.Log,
		Closed:    func(tx *store.Tx, r ballot.Result) error { return c.voted(tx, r, false) },
		Withdrawn: func(tx *store.Tx, r ballot.Result) error { return c.voted(tx, r, true) },
		There: func(tx *store.Tx, kind string, ref, person int64) (bool, error) {
			if kind != motion {
				return true, nil
			}
			return floor.There(tx, ref, person)
		}})
	c.votes = votes
	c.floor = c.floorWires()
	c.minutes = minutes.Wires{Log: operation.Log, Record: c.record, Propose: c.approval, Address: address,
		Settled: func(tx *store.Tx, unit, id, in int64) error {
			return meeting.Settled(tx, h, unit, meeting.Minutes, id, in)
		}}
	c.circ = resolution.Wires{Log: operation.Log, Vote: c.circular(), Propose: c.announce, Address: meeting.Addresses}
	plenum, floorPart := floor.New(h, c.floor)
	meetings := meeting.New(h, meeting.Wires{Log: operation.Log, Open: c.open, Floor: floorPart, Minutes: minutes.Panel(h, c.minutes),
		Outcomes: meeting.Outcomes{Protocol: minutes.Protocol(h), Result: resolution.Result,
			Tables: []string{"minutes", "resolution"}}})
	letters := bulletin.New(h, bulletin.Wires{Log: operation.Log, Answer: func(tx *store.Tx, v who.Viewer, unit int64, about, body string) (string, error) {
		return c.answer(tx, v, unit, about, body)
	}})
	pages := wiki.Left(h.Now)
	return []house.Feature{
		committee.New(h, committee.Wires{Log: operation.Log, Parts: func(tx *store.Tx, p web.Page, x house.Council) ([]template.HTML, error) {
			return parts(*all, tx, p, x)
		}}),
		meetings, plenum, ballots,
		assignment.New(h, operation.Log),
		resolution.New(h, c.circ),
		minutes.New(h, c.minutes),
		letters,
		handover.New(h, handover.Wires{Log: operation.Log,
			Legacy: func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) { return legacy(*all, tx, v, unit) },
			Content: func(tx *store.Tx, v who.Viewer, l house.Legacy) (x handover.Content, err error) {
				x.Body, x.Files, err = pages(tx, v, l.Ref)
				return x, err
			}}),
	}, []house.Part{ballots.Start, letters.Start}
}

// parts are what all features put onto the page of a committee.
func parts(all []house.Feature, tx *store.Tx, p web.Page, c house.Council) (list []template.HTML, err error) {
	for _, f := range all {
		if f.Council == nil {
			continue
		}
		part, err := f.Council(tx, p, c)
		if err != nil {
			return nil, err
		}
		if part != "" {
			list = append(list, part)
		}
	}
	return list, nil
}

// legacy is what the board of a committee leaves, of all features.
func legacy(all []house.Feature, tx *store.Tx, v who.Viewer, unit int64) (list []house.Legacy, err error) {
	for _, f := range all {
		if f.Legacy == nil {
			continue
		}
		more, err := f.Legacy(tx, v, unit)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// voted tells the owner of what was voted on how the vote ended.
func (c *committees) voted(tx *store.Tx, r ballot.Result, withdrawn bool) error {
	switch {
	case r.Kind == motion:
		return floor.Voted(tx, c.House, vote(r), withdrawn, c.floor)
	case withdrawn:
		return resolution.Retracted(tx, c.House, r.Ref)
	}
	return resolution.Voted(tx, c.House, c.announce, resolution.Outcome{Circular: r.Ref, Tally: r.Tally, At: r.Closed})
}

// vote is a result as the floor knows it.
func vote(r ballot.Result) floor.Vote {
	x := floor.Vote{ID: r.ID, Motion: r.Ref, Open: r.Open, Secret: r.Secret, Paper: r.Paper, Tally: r.Tally, Quorate: r.Quorate, Carried: r.Carried,
		Withdrawn: r.State == ballot.Withdrawn}
	for _, n := range r.Names {
		name := n.Name
		if name == "" {
			name = "ehemals im Haus"
		}
		x.Names = append(x.Names, name+": "+n.Choice.Word())
	}
	return x
}

func (c *committees) ballots(tx *store.Tx, id int64) (all []floor.Vote, err error) {
	list, err := c.votes.Of(tx, motion, id)
	for _, r := range list {
		all = append(all, vote(r))
	}
	return all, err
}

func (c *committees) floorWires() floor.Wires {
	h := c.House
	return floor.Wires{
		Log:     operation.Log,
		Meeting: c.meeting,
		Begin:   func(tx *store.Tx, v who.Viewer, id int64) error { return meeting.Begin(tx, h, v, id) },
		End:     func(tx *store.Tx, v who.Viewer, id int64) error { return meeting.End(tx, h, v, id) },
		Resume:  func(tx *store.Tx, v who.Viewer, id int64) error { return meeting.Resume(tx, h, v, id) },
		Reach:   func(tx *store.Tx, v who.Viewer, item int64) error { return meeting.Reach(tx, h, v, item) },
		Number:  meeting.Number,
		Vote: func(tx *store.Tx, v who.Viewer, b floor.Ballot) error {
			_, err := c.votes.Open(tx, v, ballot.Draft{Unit: b.Unit, Kind: motion, Ref: b.Motion, Title: b.Title, Wording: b.Wording, Secret: b.Secret, Paper: b.Paper,
				Voters: b.Voters, Votes: b.Votes, Rules: b.Rules, Path: b.Path})
			return err
		},
		Votes: c.ballots,
		Panel: func(tx *store.Tx, p web.Page, id int64) (template.HTML, error) {
			return c.votes.Panel(tx, p, motion, id)
		},
		Decided: func(tx *store.Tx, d floor.Decision) error {
			_, _, err := resolution.Take(tx, h, resolution.Decision{Origin: fmt.Sprintf("motion %d", d.Motion), Unit: d.Unit, Meeting: d.Meeting, Item: d.Item,
				Place: d.Place, Title: d.Title, Wording: d.Wording, Tally: d.Tally, At: d.At, Public: d.Public})
			return err
		},
		Task: func(tx *store.Tx, v who.Viewer, t floor.Task) error {
			_, err := assignment.Add(tx, h, v, assignment.Draft{UID: t.UID, Unit: t.Unit, Meeting: t.Meeting, Item: t.Item, Place: t.Place, Owner: t.Owner, Title: t.Title, Due: t.Due})
			return err
		},
	}
}

// meeting is one as the floor has to know it. Whether the viewer may see it is asked each time; what it is, once for all: a
// thousand pages of it hear of a change in the same moment.
func (c *committees) meeting(tx *store.Tx, id int64, v who.Viewer) (floor.Meeting, error) {
	m, err := meeting.Get(tx, id, v, c.Now())
	if err != nil {
		return floor.Meeting{}, err
	}
	return c.sittings.Get(tx, sitting{id, m.Level}, func() (floor.Meeting, error) { return c.sitting(tx, m) })
}

func (c *committees) sitting(tx *store.Tx, m meeting.Meeting) (x floor.Meeting, err error) {
	x = floor.Meeting{ID: m.ID, Unit: m.Unit, UnitName: m.UnitName, Title: m.Title, Starts: m.Starts, State: m.State, Public: m.Public, Level: m.Level}
	if x.Rules, err = base.RulesOf(tx, m.Unit); err != nil {
		return x, err
	}
	items, err := meeting.ItemsOf(tx, m)
	if err != nil {
		return x, err
	}
	for _, i := range items {
		x.Items = append(x.Items, floor.Item{ID: i.ID, Number: i.Number, Title: i.Title, Public: i.Public, Length: i.Length})
	}
	if x.Entitled, err = meeting.Entitled(tx, m.ID); err != nil {
		return x, err
	}
	if x.Instead, err = meeting.Substituted(tx, m.ID); err != nil {
		return x, err
	}
	x.Excused, err = meeting.Excused(tx, m.ID)
	return x, err
}

// record is what the house knows of a meeting, for its minutes.
func (c *committees) record(tx *store.Tx, id int64, v who.Viewer) (x minutes.Record, err error) {
	m, err := meeting.Get(tx, id, v, c.Now())
	if err != nil {
		return x, err
	}
	r, err := floor.Recorded(tx, id, c.ballots)
	if err != nil {
		return x, err
	}
	rules, err := base.RulesOf(tx, m.Unit)
	if err != nil {
		return x, err
	}
	x = minutes.Record{Unit: m.Unit, Committee: m.UnitName, Title: m.Title, Place: m.Place, Starts: m.Starts, Began: r.Began, Ended: r.Ended, Public: m.Public,
		Invited: m.Invited, InTime: !m.Late, Chair: r.Chair, Votes: r.Votes, Present: r.Present, Quorate: rules.Quorate(r.Present, r.Votes)}
	if m.Online != "" && m.Place == "" {
		x.Place = "online"
	}
	if err := c.attendance(tx, m, r, &x); err != nil {
		return x, err
	}
	return x, c.items(tx, m, r, v, &x)
}

// attendance says who was there, for whom, and who was not.
func (c *committees) attendance(tx *store.Tx, m meeting.Meeting, r floor.Record, x *minutes.Record) error {
	seats, err := base.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return err
	}
	excused, err := meeting.Excused(tx, m.ID)
	if err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, p := range r.Attendance {
		there[p.Person] = p.Person != 0
		a := minutes.Presence{Name: p.Name, Votes: p.Votes, For: p.For, From: p.Since, Until: p.Until}
		if a.Name == "" {
			a.Name = "ehemals im Haus"
		}
		if i := slices.IndexFunc(seats, func(s base.Seat) bool { return s.Person == p.Person }); i >= 0 {
			a.Office = seats[i].Office.Word()
		}
		x.Attendance = append(x.Attendance, a)
	}
	for _, s := range seats {
		switch {
		case there[s.Person] || !s.Office.Votes():
		case slices.Contains(excused, s.Person) || slices.Contains(r.Excused, s.Person):
			x.Excused = append(x.Excused, s.Name())
		default:
			x.Missing = append(x.Missing, s.Name())
		}
	}
	return nil
}

// items say what was moved, decided and given to whom.
func (c *committees) items(tx *store.Tx, m meeting.Meeting, r floor.Record, v who.Viewer, x *minutes.Record) error {
	items, err := meeting.Items(tx, m.ID, v, c.Now())
	if err != nil {
		return err
	}
	tasks, err := assignment.Of(tx, m.ID, c.Now())
	if err != nil {
		return err
	}
	for _, i := range items {
		it := minutes.Item{ID: i.ID, Number: i.Number, Title: i.Title, Public: i.Public}
		for _, d := range r.Items[i.ID] {
			mo := minutes.Motion{Title: d.Title, Wording: d.Wording, Outcome: outcome(d.Motion)}
			if d.By != "" {
				mo.By = []string{d.By}
			}
			for _, b := range d.Votes {
				if !b.Open && !b.Withdrawn {
					of := minutes.Vote{Secret: b.Secret, Paper: b.Paper, Quorate: b.Quorate, Names: b.Names}.Of(b.Tally)
					mo.Vote = &of
					break
				}
			}
			it.Motions = append(it.Motions, mo)
		}
		for _, t := range tasks {
			if t.Item == i.ID {
				it.Tasks = append(it.Tasks, minutes.Task{Title: t.Title, Owner: t.Name, Due: t.Due})
			}
		}
		x.Items = append(x.Items, it)
	}
	return nil
}

// outcome is what became of a motion; "": nothing yet.
func outcome(m floor.Motion) string {
	if m.State == floor.Worded || m.State == floor.Voting {
		return ""
	}
	return m.Word()
}

// open are the tasks of a committee that stay on its agenda until they are done.
func (c *committees) open(tx *store.Tx, unit int64) (all []meeting.Carried, err error) {
	list, err := assignment.Open(tx, unit, c.Now())
	for _, a := range list {
		x := meeting.Carried{Title: a.Title, Note: a.Name, Path: fmt.Sprintf("/aufgabe/%d", a.ID)}
		if d, err := time.ParseInLocation(time.DateOnly, a.Due, web.Zone()); err == nil {
			x.Due = d
		}
		all = append(all, x)
	}
	return all, err
}

// approval puts minutes that wait for it onto the next agenda.
func (c *committees) approval(tx *store.Tx, v who.Viewer, unit, id int64, title string) error {
	_, err := meeting.Place(tx, c.House, unit, meeting.Proposal{Author: v.ID, Title: title, Kind: meeting.Minutes, Ref: id, Public: true})
	return err
}

// announce puts what became of a circular resolution onto the next agenda.
func (c *committees) announce(tx *store.Tx, v who.Viewer, unit int64, p resolution.Proposal) error {
	_, err := meeting.Place(tx, c.House, unit, meeting.Proposal{Author: v.ID, Title: p.Title, Body: p.Body, Kind: circular, Ref: p.Circular})
	return err
}

// circular is how circular resolutions are voted on.
func (c *committees) circular() *resolution.Vote {
	return &resolution.Vote{
		Open: func(tx *store.Tx, v who.Viewer, b resolution.Ballot) error {
			_, err := c.votes.Open(tx, v, ballot.Draft{Unit: b.Unit, Kind: circular, Ref: b.Circular, Title: b.Title, Wording: b.Wording, Voters: b.Voters,
				Votes: b.Votes, Present: b.Votes, Closes: b.Closes, Rules: b.Rules, Path: b.Path})
			return err
		},
		Withdraw: func(tx *store.Tx, v who.Viewer, id int64, reason string) error {
			return c.votes.Stop(tx, v, circular, id, reason)
		},
		Of: func(tx *store.Tx, id int64) (t resolution.Turnout, err error) {
			all, err := c.votes.Of(tx, circular, id)
			if err != nil || len(all) == 0 {
				return t, err
			}
			t.Closes, t.Given = all[0].Closes, all[0].Given
			t.Missing, err = c.votes.Missing(tx, all[0].ID)
			return t, err
		},
		Panel: func(tx *store.Tx, p web.Page, id int64) (template.HTML, error) {
			return c.votes.Panel(tx, p, circular, id)
		},
	}
}

// answer is what a parent writes to a council whose bulletin they have read. The same words twice are one answer.
func (c *committees) answer(tx *store.Tx, v who.Viewer, unit int64, about, body string) (string, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", about, v.ID, body))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562)
	uid := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	id, err := message.Petition(tx, c.House, v, unit, message.Begun{Title: "Antwort auf einen Rundbrief", Draft: message.Draft{UID: uid, Body: body}})
	return fmt.Sprintf("/gespraech/%d", id), err
}

// address is that of a public meeting, for its minutes.
func address(tx *store.Tx, a oparl.Addresses, id int64) (string, error) {
	at, _, err := meeting.Addresses(tx, a, id, 0)
	return at, err
}
