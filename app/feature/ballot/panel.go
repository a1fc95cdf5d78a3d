package ballot

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
)

// A subject is what is voted on.
type subject struct {
	kind string
	ref  int64
}

// A headKey names what is the same for all who see a vote, and read a language.
type headKey struct {
	id     int64
	lang   string
	inside bool
}

// A headPart is what is the same for all: the question, and how it was answered.
type headPart struct {
	web.Page
	B      ballot
	HTML   template.HTML
	Inside bool
	Names  []Name
	Slips  []slip
	Signed int // ballots of a secret vote
}

// head makes it once: a thousand pages hear of a new state in the same moment.
func (f *feature) head(tx *store.Tx, p web.Page, b ballot, inside bool) (template.HTML, error) {
	return f.heads.Get(tx, headKey{b.ID, p.L().Code, inside}, func() (template.HTML, error) {
		d := headPart{Page: web.Page{Lang: p.Lang}, B: b, Inside: inside, HTML: text.HTML(b.Wording)}
		var err error
		switch {
		case b.State != Closed || !inside:
		case b.Open():
			d.Names, err = names(tx, b.ID)
		case b.Secret:
			if d.Slips, err = slips(tx, b.ID); err == nil {
				d.Signed, _, err = issued(tx, b.ID)
			}
		}
		if err != nil {
			return "", err
		}
		return f.pages.Part("show.html", "ballothead", p.Lang, d)
	})
}

// Majority says which one carries.
func (d headPart) Majority() string { return d.B.Majority.Word() }

// Pieces are the numbers of the result, in order.
func (d headPart) Pieces() []piece {
	t := d.B.Tally
	all := []piece{{"Ja", t.Yes}, {"Nein", t.No}, {"Enthaltung", t.Abstain}}
	if t.Invalid > 0 {
		all = append(all, piece{"Ungültig", t.Invalid})
	}
	return all
}

type piece struct {
	Words string
	N     int
}

// A votePart is a vote as one viewer sees it.
type votePart struct {
	web.Page
	Head     template.HTML
	B        ballot
	Inside   bool
	Leads    bool
	Entitled bool
	Takes    bool // votes can be given
	Mine     voter
	Given    int // votes so far
	Signed   int // ballots of a secret vote that were signed
	Counts   []count
	Differ   bool // two have counted, and not the same
	Counted  bool // the viewer has, in this round
	Counting bool // slips of paper can be counted now
	Missing  []seat
	Key      string // of a secret vote, for the script
}

// A seat is somebody who has no ballot yet.
type seat struct {
	Person int64
	Name   string
}

// missing lists who has no ballot of a secret vote yet, by family name.
func missing(tx *store.Tx, id int64) ([]seat, error) {
	return store.All(tx, func(s *seat) []any { return []any{&s.Person, &s.Name} }, `
		SELECT p.id, trim(p.given || ' ' || p.family) FROM ballot_voter v JOIN person p ON p.id = v.person
		WHERE v.ballot = ? AND v.took = '' ORDER BY p.family, p.given, p.id`, id)
}

// part is one vote as the page's viewer sees it. Who is not of the committee sees how it ended, and no name.
func (f *feature) part(tx *store.Tx, p web.Page, b ballot, level committee.Level) (template.HTML, error) {
	d := votePart{Page: p, B: b, Inside: level >= committee.Inside, Leads: level == committee.Leading && b.Running(), Takes: b.takes(f.Now()) == nil, Counting: b.counts() == nil}
	if level == committee.None || !d.Inside && b.State != Closed {
		return "", nil
	}
	var err error
	if d.Head, err = f.head(tx, p, b, d.Inside); err != nil {
		return "", err
	}
	if d.Inside && b.Running() {
		if err := f.fill(tx, &d); err != nil {
			return "", err
		}
	}
	return f.pages.Part("show.html", "ballot", p.Lang, d)
}

// fill reads what changes while a vote goes on.
func (f *feature) fill(tx *store.Tx, d *votePart) (err error) {
	b, v := d.B, d.Viewer
	if d.Mine, d.Entitled, err = voterOf(tx, b.ID, v.ID); err != nil {
		return err
	}
	if d.Given, err = f.given.Get(tx, b.ID, func() (int, error) { return given(tx, b) }); err != nil {
		return err
	}
	if b.Secret {
		d.Key = base64.RawURLEncoding.EncodeToString(b.Modulus)
		if d.Signed, _, err = issued(tx, b.ID); err != nil {
			return err
		}
		if d.Leads && d.Takes {
			if d.Missing, err = missing(tx, b.ID); err != nil {
				return err
			}
		}
	}
	if b.Handed == 0 {
		return nil
	}
	if d.Counts, err = counts(tx, b); err != nil {
		return err
	}
	if d.Differ = differ(d.Counts); !d.Differ {
		d.Counted = slices.ContainsFunc(d.Counts, func(c count) bool { return c.Person == v.ID })
	}
	return nil
}

// Anchor is the part's id on a page.
func (d votePart) Anchor() string { return "abstimmung-" + strconv.FormatInt(d.B.ID, 10) }

// Choices are the three, as buttons offer them.
func (d votePart) Choices() []Choice { return []Choice{Yes, No, Abstain} }

// panel is the part of the page of what is voted on. It is there also without a vote, so that one that begins
// appears on pages that are open.
func (f *feature) panel(tx *store.Tx, p web.Page, kind string, ref int64) (template.HTML, error) {
	all, err := f.lists.Get(tx, subject{kind, ref}, func() ([]ballot, error) { return list(tx, kind, ref) })
	if err != nil {
		return "", err
	}
	level := committee.None
	if len(all) > 0 {
		if level, err = committee.LevelOf(tx, p.Viewer, all[0].Unit, f.Now()); err != nil {
			return "", err
		}
	}
	parts := template.HTML(fmt.Sprintf(`<div class="stack" id="abstimmungen-%s-%d" data-live-part>`, template.HTMLEscapeString(kind), ref))
	for _, b := range all {
		part, err := f.part(tx, p, b, level)
		if err != nil {
			return "", err
		}
		parts += part
	}
	return parts + "</div>", nil
}

// A call is a vote that waits for the viewer.
type call struct {
	ID    int64
	Title string
	Unit  string
	Way   string
}

// calls lists the votes that wait for a person, in a committee or (0) in all.
func (f *feature) calls(tx *store.Tx, person, unit int64) ([]call, error) {
	type row struct {
		call
		secret bool
	}
	all, err := store.All(tx, func(r *row) []any { return []any{&r.ID, &r.Title, &r.Unit, &r.secret} }, `
		SELECT b.id, b.title, u.name, b.secret FROM ballot b JOIN unit u ON u.id = b.unit JOIN ballot_voter v ON v.ballot = b.id
		WHERE b.state = 'open' AND b.paper = 0 AND (?2 = 0 OR b.unit = ?2) AND (b.closes IS NULL OR b.closes > ?3)
			AND v.person = ?1 AND v.took = '' AND v.choice = ''
			AND EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = b.unit AND s.person = ?1 AND s.since <= ?3 AND s.until > ?3)
		ORDER BY b.opened, b.id LIMIT 20`, person, unit, f.Now().Unix())
	list := make([]call, len(all))
	for i, r := range all {
		list[i] = r.call
		list[i].Way = ballot{Secret: r.secret}.Way()
	}
	return list, err
}

type callsPart struct {
	web.Page
	Calls []call
}

// start is what waits for the viewer of a start page.
func (f *feature) start(tx *store.Tx, p web.Page) (template.HTML, error) {
	if !p.Viewer.May(committee.Council) {
		return "", nil
	}
	all, err := f.calls(tx, p.Viewer.ID, 0)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return f.pages.Part("show.html", "ballotcalls", p.Lang, callsPart{Page: p, Calls: all})
}

// council is the part of the page of a committee: what waits for the viewer.
func (f *feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	if c.Level < committee.Inside {
		return "", nil
	}
	all, err := f.calls(tx, p.Viewer.ID, c.Unit.ID)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return f.pages.Part("show.html", "ballotcalls", p.Lang, callsPart{Page: p, Calls: all})
}
