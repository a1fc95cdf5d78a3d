package registry

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// appoint gives somebody a role at a unit.
func (f *feature) appoint(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "person", "given", "family", "mail", "phone", "language", "role", "office", "since", "until")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		u, may, err := keeper(tx, v, id, now)
		if err != nil {
			return err
		}
		if u.Ended(now) {
			return fault.New(fault.Conflict, "„%s“ ist beendet.", u.Name)
		}
		m := org.Membership{Unit: id, Role: who.Role(form.ID("role")), State: org.Invited}
		if u.Kind == org.Committee {
			m.Office = form.Get("office")
			m.Role = officeRole(m.Office)
		}
		if !slices.Contains(may.Roles, m.Role) {
			return fault.At("role", "Bitte wählen Sie eine Rolle.")
		}
		m.Mail, m.Phone, err = contact(form)
		if err != nil {
			return err
		}
		if m.Since, m.Until, err = term(form, now); err != nil {
			return err
		}
		if m.Person, m.State, err = f.somebody(tx, form, v, u, may, now); err != nil {
			return err
		}
		if m.Person == v.ID && !v.May(who.Of(who.Admin)) {
			return fault.At("person", "Sich selbst können Sie keine Rolle geben.")
		}
		if _, err := org.Appoint(tx, m); err != nil {
			return err
		}
		f.rights(tx)
		return nil
	})
	if web.Again(err) {
		return f.unitAgain(w, r, v, id, "member", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", id), "Eingetragen.")
}

// somebody is the person whom a form means: one of the unit's people, or a new
// one. Who already has a confirmed place here needs no letter.
func (f *feature) somebody(tx *store.Tx, form web.Form, v who.Viewer, u org.Unit, may May, now time.Time) (int64, string, error) {
	if id := form.ID("person"); id != 0 {
		people, err := peopleOf(tx, circle(u), may.Families, now)
		if err != nil {
			return 0, "", err
		}
		if id != v.ID && !slices.ContainsFunc(people, func(c Choice) bool { return c.ID == id }) {
			return 0, "", fault.At("person", "Bitte wählen Sie eine Person aus der Liste.")
		}
		known, err := trusted(tx, id, circle(u))
		if known || id == v.ID {
			return id, org.Confirmed, err
		}
		return id, org.Invited, err
	}
	p, err := newPerson(form)
	if err != nil {
		return 0, "", err
	}
	id, err := person.Add(tx, p)
	return id, org.Invited, err
}

func newPerson(form web.Form) (person.Person, error) {
	p := person.Person{Given: clean(form.Get("given")), Family: clean(form.Get("family")), Language: form.Get("language")}
	var bad fault.Form
	checkNames(&bad, p.Given, p.Family)
	if why := checkLanguage(p.Language); why != "" {
		bad.Add("language", "%s", why)
	}
	return p, bad.Err()
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
	if why := checkMail(mail); why != "" {
		bad.Add("mail", "%s", why)
	}
	if why := checkPhone(phone); why != "" {
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
	Path   []Crumb
	Member Member
	Steps  []Step
	Named  bool // the name may be corrected here
	Form   web.Form
	Was    string
	State  string  // hash of the state, for the buttons
	Stored []Named // what is saved now, after a conflict
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
	return m, org.Must(tx, v, m.Unit, granters(m.Role), now)
}

func (f *feature) membershipPage(r *http.Request, v who.Viewer, id int64) (membershipPage, error) {
	p := membershipPage{Page: f.page(r, v, "")}
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
		p.Form = memberForm(m)
		p.Was, p.State = mark(p.Form.Values), mark(m.State, m.Until)
		p.Stored = []Named{{m.Given + " " + m.Family, "Name"}, {m.Mail, "Mail"}, {m.Phone, "Telefon"},
			{germanDay(dayOf(m.Since)), "Seit"}, {germanDay(lastDayOf(m.Until)), "Bis"}}
		n, err := elsewhere(tx, m.Person, v.ID, now)
		if err != nil {
			return err
		}
		p.Named = n == 0
		p.Path, err = crumbs(tx, v, m.Unit, now)
		return err
	})
	return p, err
}

func (f *feature) membership(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.membershipPage(r, v, id)
	if err != nil {
		return err
	}
	p.Stored = nil
	return f.pages.Render(w, r, "membership.html", p)
}

func (f *feature) membershipAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, form *web.Form, cause error) error {
	p, err := f.membershipPage(r, v, id)
	if err != nil {
		return err
	}
	if form == nil {
		form = &p.Form
	}
	if p.Form = form.With(cause); fault.KindOf(cause) != fault.Conflict {
		p.Stored = nil
	}
	return f.pages.Again(w, r, "membership.html", p)
}

func (f *feature) saveMembership(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "given", "family", "mail", "phone", "since", "until")
	if err != nil {
		return err
	}
	var unit int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		m, err := held(tx, v, id, now)
		if err != nil {
			return err
		}
		unit = m.Unit
		if m.Ended(now) {
			return fault.New(fault.Conflict, "Diese Mitgliedschaft ist beendet und bleibt, wie sie war.")
		}
		if err := rename(tx, v, form, m.Person, m.Given, m.Family, now); err != nil {
			return err
		}
		mail, phone, err := contact(form)
		if err != nil {
			return err
		}
		since, until, err := term(form, now)
		if err != nil {
			return err
		}
		if err := unchanged(form, mark(memberForm(m).Values)); err != nil {
			return err
		}
		if err := org.SetContact(tx, id, mail, phone); err != nil {
			return err
		}
		if dayOf(since) == dayOf(m.Since) {
			since = m.Since // not moved to midnight by looking at it
		}
		if since.Equal(m.Since) && until == m.Until {
			return nil
		}
		f.rights(tx)
		if err := f.lastAdmin(tx, m, since.Unix() <= now.Unix() && until > now.Unix(), now); err != nil {
			return err
		}
		return losing(tx, m.Person, now, func() error { return org.SetTerm(tx, id, since, until) })
	})
	if web.Again(err) {
		return f.membershipAgain(w, r, v, id, &form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", unit), "Gespeichert.")
}

// rename corrects a name where the form has one and nobody else knows the person.
func rename(tx *store.Tx, v who.Viewer, form web.Form, id int64, given, family string, now time.Time) error {
	g, n := clean(form.Get("given")), clean(form.Get("family"))
	_, sent := form.Values["family"]
	if !sent || g == given && n == family {
		return nil
	}
	var bad fault.Form
	if checkNames(&bad, g, n); bad.Err() != nil {
		return bad.Err()
	}
	others, err := elsewhere(tx, id, v.ID, now)
	if err != nil {
		return err
	}
	if others > 0 {
		return fault.At("family", "Diese Person gehört auch zu anderen Einheiten. Ihren Namen ändert der Betrieb.")
	}
	return person.Rename(tx, id, g, n)
}

// lastAdmin keeps the house from being left without anybody who may run it.
func (f *feature) lastAdmin(tx *store.Tx, m org.Membership, stays bool, now time.Time) error {
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

func (f *feature) stepMembership(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "state")
	if err != nil {
		return err
	}
	var unit int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		m, err := held(tx, v, id, now)
		if err != nil {
			return err
		}
		unit = m.Unit
		if m.Ended(now) || form.Get("was") != mark(m.State, m.Until) {
			return fault.New(fault.Conflict, "Inzwischen hat jemand anderes hier etwas geändert. Bitte sehen Sie nach, ob es noch nötig ist.")
		}
		to := form.Get("state")
		if err := stepTo(steps(m.State), to); err != nil {
			return err
		}
		if err := f.lastAdmin(tx, m, to == org.Confirmed, now); err != nil {
			return err
		}
		f.rights(tx)
		return losing(tx, m.Person, now, func() error { return org.SetState(tx, id, to, now) })
	})
	if web.Again(err) {
		return f.membershipAgain(w, r, v, id, nil, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", unit), "Gespeichert.")
}
