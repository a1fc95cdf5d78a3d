package search

import (
	"strconv"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Who may find a document is said in words that both sides can make: the document from its units and roles, the viewer from
// the roles held. A viewer's words must be few, since each costs a search time; so they name what is held and what lies
// above it, never what lies below.
//
//	@U:R  holds R at U or below it
//	>U:R  holds R at U or above it, for the roles that reach downwards
//	=U:R  holds R at U itself
//	>U:*  leads at U or above it
//	!P    is person P
//	*     holds any role
//	+     anybody
const (
	public = "+"
	member = "*"
)

const (
	downwards = who.Right(1<<who.Admin | 1<<who.Office | 1<<who.Manager | 1<<who.Head | 1<<who.Staff | 1<<who.Auditor)
	leading   = who.Right(1<<who.Office | 1<<who.Manager | 1<<who.Head) // what the view "reach" shows everything of
)

func mark(sign string, unit int64, role string) string {
	return sign + strconv.FormatInt(unit, 10) + ":" + role
}

func number(r who.Role) string { return strconv.Itoa(int(r)) }

// above lists a unit and all above it.
func above(tx *store.Tx, unit int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `SELECT above FROM unit_up WHERE unit = ? ORDER BY depth`, unit)
}

// finders are the words of a document.
func finders(d Doc, above func(int64) ([]int64, error)) (words []string, err error) {
	if d.Public {
		words = append(words, public)
	}
	if d.House {
		words = append(words, member)
	}
	for _, p := range d.People {
		words = append(words, mark("!", p, ""))
	}
	for _, r := range d.Reach {
		if r.Here {
			for _, role := range who.Roles() {
				if r.Roles.Has(role) {
					words = append(words, mark("=", r.Unit, number(role)))
				}
			}
			continue
		}
		up, err := above(r.Unit)
		if err != nil {
			return nil, err
		}
		for _, role := range append(who.Roles(), who.Waiting) {
			if !r.Roles.Has(role) {
				continue
			}
			words = append(words, mark("@", r.Unit, number(role)))
			if downwards.Has(role) {
				for _, u := range up {
					words = append(words, mark(">", u, number(role)))
				}
			}
		}
		if !r.Closed {
			for _, u := range up {
				words = append(words, mark(">", u, "*"))
			}
		}
	}
	return words, nil
}

// finds are the words of a viewer.
func finds(tx *store.Tx, v who.Viewer) ([]string, error) {
	words := []string{public}
	seen := map[string]bool{}
	add := func(w string) {
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	if v.May(who.Member) {
		add(member)
	}
	if v.ID != 0 {
		add(mark("!", v.ID, ""))
	}
	for _, h := range v.Holds {
		add(mark("=", h.Unit, number(h.Role)))
		up, err := above(tx, h.Unit)
		if err != nil {
			return nil, err
		}
		for _, u := range up {
			add(mark("@", u, number(h.Role)))
			if leading.Has(h.Role) { // reads what families are told from above
				add(mark("@", u, number(who.Parent)))
			}
		}
		if downwards.Has(h.Role) {
			add(mark(">", h.Unit, number(h.Role)))
		}
		if leading.Has(h.Role) {
			add(mark(">", h.Unit, "*"))
		}
	}
	return words, nil
}
