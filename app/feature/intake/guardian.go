package intake

import (
	"fmt"
	"strings"

	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
)

const mostGuardians = 4 // in one line

// told is what a list tells about a guardian; empty fields and nil say nothing.
type told struct {
	given, family, relation, mail, phone, language string
	informed, decides                              *bool
	old                                            *person.Guardian // nil: new
}

func readGuardian(l line, prefix, language string) (g told, why string) {
	g = told{given: l.get(prefix + "given"), family: l.get(prefix + "family"), relation: l.get(prefix + "relation"),
		mail: l.get(prefix + "mail"), phone: l.get(prefix + "phone"), language: l.get(prefix + "language")}
	informed, decides := l.get(prefix+"informed"), l.get(prefix+"decides")
	if g.given+g.family == "" {
		if g.relation+g.mail+g.phone+g.language+informed+decides != "" {
			return g, "Der Name fehlt."
		}
		return g, ""
	}
	if len(g.given) > 200 || len(g.family) > 200 || len(g.relation) > 200 {
		return g, "Der Name ist zu lang."
	}
	if g.language == "" {
		g.language = language
	}
	for _, why := range []string{person.CheckMail(g.mail), person.CheckPhone(g.phone), person.CheckLanguage(g.language)} {
		if why != "" {
			return g, why
		}
	}
	for _, a := range []struct {
		cell, column string
		to           **bool
	}{{informed, "informed", &g.informed}, {decides, "decides", &g.decides}} {
		if a.cell == "" {
			continue
		}
		is, ok := yes(a.cell)
		if !ok {
			return g, fmt.Sprintf("„%s“ ist weder ja noch nein (Spalte „%s%s“).", short(a.cell), prefix, a.column)
		}
		*a.to = &is
	}
	return g, ""
}

// recognise finds the guardians among those whom the house knows for this
// child. Two of them may share one mail address, so the name comes first.
func (e *family) recognise() {
	if e.old == nil {
		return
	}
	taken := map[int64]bool{}
	rules := []func(told, person.Guardian) bool{
		func(t told, g person.Guardian) bool {
			return t.given == g.Given && t.family == g.Family && strings.EqualFold(t.mail, g.Mail)
		},
		func(t told, g person.Guardian) bool { return t.given == g.Given && t.family == g.Family },
		func(t told, g person.Guardian) bool { return t.mail != "" && strings.EqualFold(t.mail, g.Mail) },
	}
	for _, rule := range rules {
		for i := range e.guardians {
			for j, g := range e.old.guardians {
				if t := &e.guardians[i]; t.old == nil && !taken[g.ID] && rule(*t, g) {
					t.old, taken[g.ID] = &e.old.guardians[j], true
				}
			}
		}
	}
}

// merged is the guardian as it will stand in the house, and whether that differs.
func (t told) merged() (person.Guardian, bool) {
	was := *t.old
	g := was
	for _, c := range []struct {
		to *string
		s  string
	}{{&g.Relation, t.relation}, {&g.Mail, t.mail}, {&g.Phone, t.phone}, {&g.Language, t.language}} {
		if c.s != "" {
			*c.to = c.s
		}
	}
	if t.informed != nil {
		g.Informed = *t.informed
	}
	if t.decides != nil {
		g.Decides = *t.decides
	}
	// A name is corrected only until the person has come into the house: from
	// then on others may know the person, too.
	if was.State == org.Invited {
		g.Given, g.Family = t.given, t.family
	}
	return g, g != was
}

// invite adds a guardian, always as a person of its own.
func (im *familyImport) invite(child int64, rank int, t told) error {
	p, err := person.Add(im.tx, person.Person{Given: t.given, Family: t.family, Language: t.language})
	if err != nil {
		return err
	}
	_, err = person.AddGuardian(im.tx, person.Guardian{Child: child, Person: p, Relation: t.relation, Rank: rank,
		Informed: t.informed == nil || *t.informed, Decides: t.decides == nil || *t.decides,
		State: org.Invited, Mail: t.mail, Phone: t.phone, Language: t.language}, im.now)
	return err
}

func (im *familyImport) correct(t told) error {
	g, differs := t.merged()
	if !differs {
		return nil
	}
	if g.Given != t.old.Given || g.Family != t.old.Family {
		if err := person.Rename(im.tx, g.Person, g.Given, g.Family, 0, im.now); err != nil {
			return err
		}
	}
	return person.CorrectGuardian(im.tx, g)
}
