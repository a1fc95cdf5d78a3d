package demo

import (
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// An elected person holds an office in the demonstration.
type elected struct {
	person int64
	office committee.Office
}

// councils fills the parents' council of the first Kita, whose second term ends in seven weeks, and
// makes that of the city, which is public.
func (t *town) councils(tx *store.Tx) error {
	here := t.kitas[0]
	parent := func(k *kita, n int) int64 { // the n-th who has access and is on no card
		for _, g := range k.groups {
			for _, c := range g.children {
				if len(c.parents) == 0 || c.quiet || c.parents[0] == t.delegate {
					continue
				}
				if n--; n < 0 {
					return c.parents[0]
				}
			}
		}
		return 0
	}
	rules := committee.Usual(t.council)
	err := t.elect(tx, rules, 320, []elected{{t.delegate, committee.Chair}, {parent(here, 3), committee.Deputy}, {parent(here, 7), committee.Secretary},
		{parent(here, 11), committee.Member}, {parent(here, 14), committee.Substitute}, {parent(here, 16), committee.Substitute}})
	if err != nil {
		return err
	}
	root, err := org.Get(tx, t.city)
	if err != nil {
		return err
	}
	unit, err := org.Add(tx, org.Unit{Parent: t.city, Kind: org.Committee, Name: "Stadtelternbeirat " + root.Name}, t.Now())
	if err != nil {
		return err
	}
	rules = committee.Usual(unit)
	rules.Public, rules.Notice, rules.Provisional = true, 14, 6
	return t.elect(tx, rules, 35, []elected{{parent(t.kitas[2], 1), committee.Chair}, {t.delegate, committee.Deputy}, {parent(t.kitas[4], 0), committee.Secretary},
		{parent(t.kitas[5], 2), committee.Treasurer}, {parent(t.kitas[6], 1), committee.Member}, {parent(t.kitas[7], 3), committee.Member},
		{parent(t.kitas[8], 0), committee.Member}, {parent(t.kitas[9], 1), committee.Substitute}, {parent(t.kitas[10], 0), committee.Substitute}})
}

// elect gives a committee its rules and a board for two terms: since the town began, and again since some days ago.
func (t *town) elect(tx *store.Tx, rules committee.Rules, days int, board []elected) error {
	if err := committee.SetRules(tx, rules); err != nil {
		return err
	}
	midnight := func(at time.Time) time.Time {
		y, m, d := at.In(web.Zone()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, web.Zone())
	}
	first, second := midnight(t.Now()), midnight(t.today.AddDate(0, 0, -days))
	end := second.AddDate(1, 0, 0)
	for i, x := range [][2]time.Time{{first, second}, {second, end}} {
		year := second.Year() - 1 + i
		if _, err := committee.AddTerm(tx, committee.Term{Unit: rules.Unit, Name: fmt.Sprintf("%d/%02d", year, (year+1)%100),
			Elected: x[0].AddDate(0, 0, -3).Format(time.DateOnly), Starts: x[0], Ends: x[1], Changed: x[0]}); err != nil {
			return err
		}
	}
	rank := 0
	for i, e := range board {
		since := first
		if i%3 == 2 { // newly elected
			since = second
		}
		id, err := org.Appoint(tx, org.Membership{Person: e.person, Unit: rules.Unit, Role: e.office.Role(), Office: string(e.office), State: org.Confirmed,
			Since: since, Until: end.AddDate(0, rules.Provisional, 0).Unix()})
		if err != nil {
			return err
		}
		if e.office == committee.Substitute {
			rank++
			if err := committee.SetRank(tx, id, rank); err != nil {
				return err
			}
		}
	}
	return nil
}
