package account

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"rsc.io/qr"
)

// A recipient is somebody who can be given a letter: a guardian, once for all children in the unit, or a member.
type recipient struct {
	Guardian   int64 // 0: a member
	Membership int64 // 0: a guardian
	Person     int64
	Given      string
	Family     string
	Language   string
	State      string
	Informed   bool
	Role       who.Role // of a member
	Of         string   // the child, or the role
	Unit       string   // group, or where the role is held
	Access     bool     // can sign in, or is signed in
	Letter     letterState
	Children   []string
}

// A letterState is what became of the latest letter.
type letterState struct {
	Made, Expires, Used time.Time // zero: none
}

// Open reports whether there is a letter that can still be used.
func (s letterState) Open(now time.Time) bool { return s.Used.IsZero() && now.Before(s.Expires) }

func (r *recipient) fields() []any {
	return []any{&r.Guardian, &r.Membership, &r.Person, &r.Given, &r.Family, &r.Language, &r.State, &r.Informed, &r.Role, &r.Of, &r.Unit, &r.Access,
		(*store.Time)(&r.Letter.Made), (*store.Time)(&r.Letter.Expires), (*store.Time)(&r.Letter.Used)}
}

// Name is given and family name.
func (r recipient) Name() string { return strings.TrimSpace(r.Given + " " + r.Family) }

// Box is the name of the field that chooses the recipient.
func (r recipient) Box() string {
	if r.Guardian != 0 {
		return "guardian"
	}
	return "membership"
}

// ID is the value of that field.
func (r recipient) ID() int64 { return r.Guardian + r.Membership } // one of them is none

// Wants reports whether a letter should be proposed.
func (r recipient) Wants(now time.Time) bool { return !r.Access && r.Informed && !r.Letter.Open(now) }

// recipients lists who belongs to a unit: guardians of the children in it and below, and members. Above facilities only
// the members of the unit itself, since the families are the facility's to welcome; and nobody whose role is above the
// viewer's.
func recipients(tx *store.Tx, v who.Viewer, unit org.Unit, now time.Time) (guardians, members []recipient, err error) {
	if unit.Kind == org.Facility || unit.Kind == org.Group {
		rows, err := store.All(tx, (*recipient).fields, `
			SELECT g.id, 0, g.person, p.given, p.family, g.language, g.state, g.informed, 0, trim(c.given || ' ' || c.family), u.name,
				EXISTS (SELECT 1 FROM account_mail a WHERE a.person = g.person AND a.verified > 0)
				OR EXISTS (SELECT 1 FROM account_passkey a WHERE a.person = g.person)
				OR EXISTS (SELECT 1 FROM account_password a WHERE a.person = g.person)
				OR EXISTS (SELECT 1 FROM session a WHERE a.person = g.person AND a.expires > ?2),
				i.created, i.expires, i.used
			FROM unit_up up JOIN child_stay s ON s.unit = up.unit JOIN child c ON c.id = s.child
			JOIN guardian g ON g.child = c.id JOIN person p ON p.id = g.person JOIN unit u ON u.id = s.unit
			LEFT JOIN account_invitation i ON i.id = (SELECT max(id) FROM account_invitation WHERE guardian = g.id)
			WHERE up.above = ?1 AND s.since <= ?2 AND s.until > ?2 AND g.state IN ('invited', 'accepted', 'confirmed') AND g.until > ?2
			ORDER BY u.name, c.family, c.given, c.id, g.rank, g.id`, unit.ID, now.Unix())
		if err != nil {
			return nil, nil, fmt.Errorf("guardians of unit %d: %w", unit.ID, err)
		}
		guardians = once(rows)
	}
	below := unit.Kind == org.Facility
	members, err = store.All(tx, (*recipient).fields, `
		SELECT 0, m.id, m.person, p.given, p.family, p.language, m.state, 1, m.role, '', u.name,
			EXISTS (SELECT 1 FROM account_mail a WHERE a.person = m.person AND a.verified > 0)
			OR EXISTS (SELECT 1 FROM account_passkey a WHERE a.person = m.person)
			OR EXISTS (SELECT 1 FROM account_password a WHERE a.person = m.person)
			OR EXISTS (SELECT 1 FROM session a WHERE a.person = m.person AND a.expires > ?2),
			i.created, i.expires, i.used
		FROM unit_up up JOIN membership m ON m.unit = up.unit JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit
		LEFT JOIN account_invitation i ON i.id = (SELECT max(id) FROM account_invitation WHERE membership = m.id)
		WHERE up.above = ?1 AND (up.depth = 0 OR ?3) AND m.state IN ('invited', 'accepted', 'confirmed') AND m.until > ?2
		ORDER BY up.depth, u.name, m.role, p.family, p.given, m.id`, unit.ID, now.Unix(), below)
	mine := members[:0]
	for _, m := range members {
		ok, err := org.Manages(tx, v.ID, unit.ID, m.Role.Granters(), now)
		if err != nil {
			return nil, nil, err
		}
		if m.Of = m.Role.Word(); ok {
			mine = append(mine, m)
		}
	}
	return guardians, mine, err
}

// once leaves one row of each person, who needs only one letter, and notes all children in it.
func once(rows []recipient) (all []recipient) {
	at := map[int64]int{}
	for _, r := range rows {
		i, ok := at[r.Person]
		if !ok {
			i = len(all)
			at[r.Person] = i
			all = append(all, r)
		}
		all[i].Children = append(all[i].Children, r.Of)
		all[i].Informed = all[i].Informed || r.Informed
		if r.Letter.Made.After(all[i].Letter.Made) {
			all[i].Letter = r.Letter
		}
		// The letter is for a row that waits, if there is one.
		if r.State == org.Invited && all[i].State != org.Invited {
			all[i].State, all[i].Guardian, all[i].Language = r.State, r.Guardian, r.Language
		}
	}
	return all
}

// A letter is one printed page.
type letter struct {
	L        *lang.Lang
	Person   int64
	Name     string
	Of       string // whom to hand it to: children and group, or role; in German, for the staff
	Facility string
	Code     string
	QR       template.HTML
	At       string // where to type the code, in words
	Until    string
}

// write makes the letters of the chosen recipients. One who is not of the unit is not found.
func write(tx *store.Tx, h *house.House, v who.Viewer, unit org.Unit, guardians, members []int64) ([]letter, error) {
	now := h.Now()
	gs, ms, err := recipients(tx, v, unit, now)
	if err != nil {
		return nil, err
	}
	place := unit.Name
	if unit.Kind == org.Group {
		f, err := org.FacilityOf(tx, unit.ID)
		if err != nil {
			return nil, err
		}
		place = f.Name
	}
	var all []letter
	take := func(rs []recipient, ids []int64) error {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		found := 0
		for _, r := range rs {
			if !slices.Contains(ids, r.ID()) {
				continue
			}
			found++
			code, err := invite(tx, r.Guardian, r.Membership, v.ID, now)
			if err != nil {
				return fmt.Errorf("make a letter: %w", err)
			}
			l := lang.Of(r.Language)
			x := letter{L: l, Person: r.Person, Name: r.Name(), Facility: place, Code: shown(code), At: h.Base.Host + "/i",
				Until: l.DayYear(house.Local(now.Add(letterFor)))}
			x.Of = r.Of + " · " + r.Unit
			if r.Guardian != 0 {
				x.Of = strings.Join(r.Children, ", ") + " · " + r.Unit
			}
			if x.QR, err = draw(h.URL("/i") + "#" + x.Code); err != nil {
				return err
			}
			all = append(all, x)
		}
		if found < len(ids) {
			return fault.Gone()
		}
		return nil
	}
	if err := take(gs, guardians); err != nil {
		return nil, err
	}
	if err := take(ms, members); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fault.At("guardian", "Bitte wählen Sie aus, für wen Sie Briefe drucken möchten.")
	}
	return all, nil
}

// draw makes a QR code as a drawing in the page; four empty fields around it are part of the standard.
func draw(text string) (template.HTML, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR-Code" shape-rendering="crispEdges"><rect width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="`, c.Size+8, c.Size+8)
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			n := 0
			for c.Black(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+4, y+4, n, n)
				x += n
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil
}

// QR draws a QR code for other features.
func QR(text string) (template.HTML, error) { return draw(text) }
