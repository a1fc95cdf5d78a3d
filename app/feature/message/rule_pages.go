package message

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type rulePage struct {
	web.Page
	Unit   org.Unit
	Form   web.Form
	Own    bool // it has a rule of its own
	Days   []day
	Barred bool // the unit above takes no messages of families
}

// A day of the week in the form.
type day struct {
	Code, Words string
}

func days() (all []day) {
	words := map[time.Weekday]string{time.Monday: "Montag", time.Tuesday: "Dienstag", time.Wednesday: "Mittwoch", time.Thursday: "Donnerstag",
		time.Friday: "Freitag", time.Saturday: "Samstag", time.Sunday: "Sonntag"}
	for _, d := range weekdays() {
		all = append(all, day{strconv.Itoa(int(d)), words[d]})
	}
	return all
}

// ruled is a unit whose rule the viewer sets. That of a committee is its board's own matter, and nobody's above.
func (f feature) ruled(tx *store.Tx, v who.Viewer, id int64) (org.Unit, error) {
	u, err := org.Get(tx, id)
	switch {
	case err != nil:
	case u.Kind == org.Committee:
		_, _, err = committee.Must(tx, v, id, committee.Leading, f.Now())
	default:
		err = org.Must(tx, v, id, who.Keepers, f.Now())
	}
	return u, err
}

func (f feature) ruleAt(r *http.Request, v who.Viewer, form web.Form) (p rulePage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = rulePage{Page: web.NewPage(r, v, "Nachrichten einstellen"), Form: form, Days: days()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, err = f.ruled(tx, v, id); err != nil {
			return err
		}
		if p.Own, err = ownRule(tx, id); err != nil {
			return err
		}
		if p.Unit.Parent != 0 && p.Unit.Kind != org.Committee {
			above, err := ruleOf(tx, p.Unit.Parent)
			if err != nil {
				return err
			}
			p.Barred = !above.Parents
		}
		if p.Form.Values != nil {
			return nil
		}
		rule, err := ruleOf(tx, id)
		if rule.Parents {
			p.Form.Set("parents", "1")
		}
		var on []string
		for _, d := range p.Days {
			if n, _ := strconv.Atoi(d.Code); rule.Days>>n&1 == 1 {
				on = append(on, d.Code)
			}
		}
		p.Form.Set("day", on...)
		p.Form.Set("starts", clock(rule.Starts))
		p.Form.Set("ends", clock(rule.Ends%(24*60)))
		p.Form.Set("answer", rule.Answer)
		return err
	})
	return p, err
}

// clock is a minute of the day as a field for times has it.
func clock(minute int) string {
	return time.Date(0, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
}

// minute reads such a field; -1: it is none.
func minute(s string) int {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

func (f feature) ruleForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.ruleAt(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "rule.html", p)
}

func (f feature) rule(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "parents", "day", "starts", "ends", "answer", "go")
	if err != nil {
		return err
	}
	rule := Rule{Parents: form.On("parents"), Starts: minute(form.Get("starts")), Ends: minute(form.Get("ends")), Answer: form.Get("answer")}
	if rule.Ends == 0 {
		rule.Ends = 24 * 60
	}
	for _, d := range form.IDs("day") {
		if d >= 0 && d <= 6 {
			rule.Days |= 1 << d
		}
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := f.ruled(tx, v, id); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "message.rule", id); err != nil {
			return err
		}
		if form.Get("go") == "above" {
			return clearRule(tx, id)
		}
		if err := text.Check(rule.Answer); err != nil {
			return fault.At("answer", "%s", fault.Words(err))
		}
		return setRule(tx, id, rule)
	})
	if web.Again(err) {
		p, e := f.ruleAt(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "rule.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/nachrichten", "Gespeichert.")
}

// root reports whether the viewer runs the whole house.
func root(tx *store.Tx, v who.Viewer, now time.Time) (bool, error) {
	u, err := org.Root(tx)
	if err != nil {
		return false, err
	}
	return org.Manages(tx, v.ID, u.ID, who.Of(who.Admin), now)
}

type settingsPage struct {
	web.Page
	Form  web.Form
	Usual int    // months
	Box   bool   // a mailbox is read
	Date  string // when something is deleted that is written today
}

func (f feature) settingsAt(r *http.Request, v who.Viewer, form web.Form) (p settingsPage, err error) {
	p = settingsPage{Page: web.NewPage(r, v, "Nachrichten einrichten").In("de"), Form: form, Usual: retention.Usual(retention.Message).Months}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		ok, err := root(tx, v, f.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "Das stellt ein, wer das ganze Haus betreibt.")
		}
		months, err := kept(tx, f.Settings)
		if err != nil {
			return err
		}
		p.Date = p.L().DayYear(house.Local(due(f.Now(), months)))
		box, err := f.Settings.Get(tx, settings.BounceHost)
		if p.Box = box != ""; err != nil || p.Form.Values != nil {
			return err
		}
		p.Form.Set("keep", strconv.Itoa(months))
		for field, name := range map[string]string{"mail": settings.MessageMail, "reply": settings.MessageReply} {
			value, err := f.Settings.Get(tx, name)
			if err != nil {
				return err
			}
			p.Form.Set(field, value)
		}
		return nil
	})
	return p, err
}

func (f feature) settings(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.settingsAt(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "settings.html", p)
}

func (f feature) saveSettings(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "keep", "mail", "reply")
	if err != nil {
		return err
	}
	var wrong fault.Form
	if n, err := strconv.Atoi(form.Get("keep")); err != nil || n < 0 || n > keepMost {
		wrong.Add("keep", "Bitte geben Sie eine Zahl von 0 bis %d ein.", keepMost)
	}
	reply := strings.ToLower(form.Get("reply"))
	if reply != "" && (!mail.Valid(reply) || strings.Contains(reply, "+") || strings.IndexByte(reply, '@') > 15) {
		wrong.Add("reply", "Bitte geben Sie eine Mailadresse ohne „+“ ein, mit höchstens 15 Zeichen vor dem @.")
	}
	if err = wrong.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			ok, err := root(tx, v, f.Now())
			if err != nil {
				return err
			}
			if !ok {
				return fault.Gone()
			}
			for name, value := range map[string]string{settings.MessageKeep: form.Get("keep"), settings.MessageMail: form.Get("mail"), settings.MessageReply: reply} {
				if err := f.Settings.Set(tx, name, value); err != nil {
					return err
				}
			}
			return f.log(tx, f.Now(), v.ID, "message.changed", 0)
		})
	}
	if web.Again(err) {
		p, e := f.settingsAt(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "settings.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb", "Gespeichert.")
}
