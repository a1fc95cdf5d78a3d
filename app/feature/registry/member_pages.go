package registry

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// appoint gives somebody a role at a unit.
func (f *feature) appoint(tx *store.Tx, s sent) (string, error) {
	u, may, err := keeper(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	if u.Ended(s.now) {
		return "", fault.New(fault.Conflict, "„%s“ ist beendet.", u.Name)
	}
	m, field := org.Membership{Unit: u.ID, Role: who.Role(s.ID("role")), State: org.Invited}, "role"
	if u.Kind == org.Committee {
		m.Office, field = s.Get("office"), "office"
		m.Role = committee.Office(m.Office).Role()
	}
	if !slices.Contains(may.Roles, m.Role) {
		return "", fault.At(field, "Bitte wählen Sie eine Rolle.")
	}
	if m.Mail, m.Phone, err = contact(s.Form); err != nil {
		return "", err
	}
	if m.Since, m.Until, err = term(s.Form, s.now); err != nil {
		return "", err
	}
	if m.Person, m.State, err = somebody(tx, s, u, may); err != nil {
		return "", err
	}
	if m.Person == s.v.ID && !s.v.May(who.Of(who.Admin)) {
		return "", fault.At("person", "Sich selbst können Sie keine Rolle geben.")
	}
	id, err := org.Appoint(tx, m)
	if err != nil {
		return "", err
	}
	f.Rights(tx)
	return fmt.Sprintf("/einheit/%d", u.ID), f.note(tx, s, "membership.added", id)
}

// somebody is the person whom a form means: one of the unit's people, or a new
// one. Who already has a confirmed place here needs no letter.
func somebody(tx *store.Tx, s sent, u org.Unit, may May) (int64, string, error) {
	if id := s.ID("person"); id != 0 {
		people, err := peopleOf(tx, circle(u), may.Families, s.now)
		if err != nil {
			return 0, "", err
		}
		if id != s.v.ID && !slices.ContainsFunc(people, func(c Choice) bool { return c.ID == id }) {
			return 0, "", fault.At("person", "Bitte wählen Sie eine Person aus der Liste.")
		}
		known, err := trusted(tx, id, circle(u))
		if known || id == s.v.ID {
			return id, org.Confirmed, err
		}
		return id, org.Invited, err
	}
	id, err := addPerson(tx, s.Form)
	return id, org.Invited, err
}

// addPerson makes the new person of a form.
func addPerson(tx *store.Tx, form web.Form) (int64, error) {
	p := person.Person{Given: text.Clean(form.Get("given")), Family: text.Clean(form.Get("family")), Language: form.Get("language")}
	var bad fault.Form
	checkNames(&bad, p.Given, p.Family)
	if why := person.CheckLanguage(p.Language); why != "" {
		bad.Add("language", "%s", why)
	}
	if err := bad.Err(); err != nil {
		return 0, err
	}
	return person.Add(tx, p)
}

func checkNames(bad *fault.Form, given, family string) {
	if given == "" {
		bad.Add("given", "Bitte geben Sie den Vornamen ein.")
	}
	if family == "" {
		bad.Add("family", "Bitte geben Sie den Nachnamen ein.")
	}
	if len(given) > 200 {
		bad.Add("given", "Dieser Name ist zu lang.")
	}
	if len(family) > 200 {
		bad.Add("family", "Dieser Name ist zu lang.")
	}
}

func contact(form web.Form) (mail, phone string, err error) {
	mail, phone = form.Get("mail"), form.Get("phone")
	var bad fault.Form
	if why := person.CheckMail(mail); why != "" {
		bad.Add("mail", "%s", why)
	}
	if why := person.CheckPhone(phone); why != "" {
		bad.Add("phone", "%s", why)
	}
	return mail, phone, bad.Err()
}

func term(form web.Form, now time.Time) (time.Time, int64, error) {
	since, err := firstDay(form.Get("since"), now)
	if err != nil {
		return since, 0, err
	}
	if form.Get("since") == "" {
		since = now // at once, not from last midnight
	}
	until, err := lastDay(form.Get("until"))
	if err == nil && until <= since.Unix() {
		err = fault.At("until", "Das Ende liegt vor dem Beginn.")
	}
	return since, until, err
}

type membershipPage struct {
	web.Page
	sheet
	Path   []Crumb
	Member Member
	Steps  []Step
	Named  bool   // the name may be corrected here
	Data   bool   // what the house knows of the person may be looked at
	State  string // hash of the state, for the buttons
}

// memberForm is the form of a membership as it is stored.
func memberForm(m org.Membership) (f web.Form) {
	f.Set("given", m.Given)
	f.Set("family", m.Family)
	f.Set("mail", m.Mail)
	f.Set("phone", m.Phone)
	f.Set("since", dayOf(m.Since))
	f.Set("until", lastDayOf(m.Until))
	return f
}

// held finds a membership that the viewer may change.
func held(tx *store.Tx, v who.Viewer, id int64, now time.Time) (org.Membership, error) {
	m, err := org.GetMembership(tx, id)
	if err != nil {
		return m, err
	}
	if err := unlimited(tx, v, m.Person, 0, m.Unit, now); err != nil {
		return m, err
	}
	return m, org.Must(tx, v, m.Unit, m.Role.Granters(), now)
}

func (f *feature) membershipPage(r *http.Request, v who.Viewer, id int64) (page, error) {
	p := &membershipPage{Page: f.page(r, v, "")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		m, err := held(tx, v, id, now)
		if err != nil {
			return err
		}
		p.Member = Member{m, true, m.Ended(now)}
		p.Title = fmt.Sprintf("%s %s: %s", m.Given, m.Family, m.Role.Word())
		if !p.Member.Over {
			p.Steps = steps(m.State)
		}
		p.State = mark(m.State, m.Until)
		p.save(memberForm(m), Named{m.Given + " " + m.Family, "Name"}, Named{m.Mail, "Mail"}, Named{m.Phone, "Telefon"},
			Named{germanDay(dayOf(m.Since)), "Seit"}, Named{germanDay(lastDayOf(m.Until)), "Bis"})
		n, err := elsewhere(tx, m.Person, v.ID, now)
		if err != nil {
			return err
		}
		p.Named = n == 0
		if p.Data, err = org.Manages(tx, v.ID, m.Unit, who.Clerks, now); err != nil {
			return err
		}
		p.Path, err = crumbs(tx, v, m.Unit, now)
		return err
	})
	return p, err
}

func (f *feature) saveMembership(tx *store.Tx, s sent) (string, error) {
	m, err := held(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	if m.Ended(s.now) {
		return "", fault.New(fault.Conflict, "Diese Mitgliedschaft ist beendet und bleibt, wie sie war.")
	}
	if err := rename(tx, s, m.Person, m.Given, m.Family); err != nil {
		return "", err
	}
	mail, phone, err := contact(s.Form)
	if err != nil {
		return "", err
	}
	since, until, err := term(s.Form, s.now)
	if err != nil {
		return "", err
	}
	if err := unchanged(s, memberForm(m)); err != nil {
		return "", err
	}
	if err := org.SetContact(tx, m.ID, mail, phone); err != nil {
		return "", err
	}
	if err := f.note(tx, s, "membership.changed", m.ID); err != nil {
		return "", err
	}
	to := fmt.Sprintf("/einheit/%d", m.Unit)
	if dayOf(since) == dayOf(m.Since) {
		since = m.Since // not moved to midnight by looking at it
	}
	if since.Equal(m.Since) && until == m.Until {
		return to, nil
	}
	f.Rights(tx)
	if err := lastAdmin(tx, m, since.Unix() <= s.now.Unix() && until > s.now.Unix(), s.now); err != nil {
		return "", err
	}
	return to, losing(tx, m.Person, s.now, func() error { return org.SetTerm(tx, m.ID, since, until) })
}

// rename corrects a name where the form has one and nobody else knows the person.
func rename(tx *store.Tx, s sent, id int64, given, family string) error {
	g, n := text.Clean(s.Get("given")), text.Clean(s.Get("family"))
	_, has := s.Values["family"]
	if !has || g == given && n == family {
		return nil
	}
	var bad fault.Form
	if checkNames(&bad, g, n); bad.Err() != nil {
		return bad.Err()
	}
	others, err := elsewhere(tx, id, s.v.ID, s.now)
	if err != nil {
		return err
	}
	if others > 0 {
		return fault.At("family", "Diese Person gehört auch zu anderen Einheiten. Ihren Namen ändert der Betrieb.")
	}
	return person.Rename(tx, id, g, n, s.v.ID, s.now)
}

// lastAdmin keeps the house from being left without anybody who may run it.
func lastAdmin(tx *store.Tx, m org.Membership, stays bool, now time.Time) error {
	if m.Role != who.Admin || m.State != org.Confirmed || stays {
		return nil
	}
	u, err := org.Get(tx, m.Unit)
	if err != nil || u.Parent != 0 {
		return err
	}
	n, err := admins(tx, m.ID, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Das ist der letzte Betrieb dieses Hauses. Geben Sie zuerst jemand anderem diese Rolle.")
	}
	return err
}

func (f *feature) stepMembership(tx *store.Tx, s sent) (string, error) {
	m, err := held(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	if err := still(s, m.State, m.Until); err != nil {
		return "", err
	}
	if m.Ended(s.now) {
		return "", fault.New(fault.Conflict, "Diese Mitgliedschaft ist beendet und bleibt, wie sie war.")
	}
	to := s.Get("state")
	if err := stepTo(steps(m.State), to); err != nil {
		return "", err
	}
	if err := lastAdmin(tx, m, to == org.Confirmed, s.now); err != nil {
		return "", err
	}
	if err := losing(tx, m.Person, s.now, func() error { return org.SetState(tx, m.ID, to, s.now) }); err != nil {
		return "", err
	}
	f.Rights(tx)
	return fmt.Sprintf("/einheit/%d", m.Unit), f.note(tx, s, "membership."+to, m.ID)
}
