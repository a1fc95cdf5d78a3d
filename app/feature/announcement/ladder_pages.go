package announcement

import (
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// stepName says to the team what a step does.
func stepName(ch string) string {
	return map[string]string{channel.Push: "Nachricht aufs Handy", channel.Mail: "Mail", channel.SMS: "SMS",
		channel.Remind: "Erinnerung", channel.Call: "Anrufliste"}[ch]
}

// spoken says a ladder to the team, before it begins.
func spoken(l channel.Ladder) (all []string) {
	for _, s := range l {
		switch {
		case s.After == 0:
			all = append(all, stepName(s.Channel)+" sofort")
		case s.After < 2*time.Hour:
			all = append(all, fmt.Sprintf("%s nach %d Minuten", stepName(s.Channel), s.After/time.Minute))
		default:
			all = append(all, fmt.Sprintf("%s nach %d Stunden", stepName(s.Channel), s.After/time.Hour))
		}
	}
	return all
}

// A climbed step is one on the page of the coverage.
type climbed struct {
	At   time.Time
	Name string
	Done bool   // its time has come
	Note string // what it will cost; "": nothing to say
}

// climb lists the steps of an announcement, those to come with what they will cost. texts: the viewer is to see costs;
// to count who is left takes a second in a city.
func (f feature) climb(tx *store.Tx, a Announcement, texts bool, now time.Time) (all []climbed, err error) {
	l, err := ladderOf(tx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range l {
		c := climbed{At: a.Published.Add(s.After), Name: stepName(s.Channel)}
		due, err := store.All(tx, store.Value[int64], `SELECT due FROM task WHERE kind = ? AND ref = ? AND arg = ?`, stepKind, a.ID, s.Channel)
		if err != nil {
			return nil, err
		}
		if len(due) > 0 { // it was put off until the morning
			c.At = time.Unix(due[0], 0)
		}
		c.Done = !now.Before(c.At)
		if s.Channel == channel.SMS && texts && !c.Done && !past(a, now) {
			if c.Note, err = f.costLeft(tx, a, now); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// costLeft words what the SMS to those who are left would cost now.
func (f feature) costLeft(tx *store.Tx, a Announcement, now time.Time) (string, error) {
	left, err := leftOf(tx, a.ID, channel.SMS, now)
	if err != nil {
		return "", err
	}
	n := 0
	for _, r := range left {
		if number := sms.Number(r.Phone); r.family && number != "" && sms.Mobile(number) {
			n++
		}
	}
	t := told{Announcement: a, now: now}
	if a.Closure != 0 {
		c, err := closureOf(tx, a.Closure)
		if err != nil {
			return "", err
		}
		t.closure = &c
	}
	return f.cost(tx, n, t)
}

// cost words what SMS of an announcement to so many people cost.
func (f feature) cost(tx *store.Tx, people int, t told) (string, error) {
	price, err := sms.Price(tx, f.Settings)
	if err != nil {
		return "", err
	}
	text := shortWords(f.House, t, lang.German(), letter{token: make([]byte, 32)})
	return sms.Estimate(people, text, price).Words(), nil
}

// remindRest is between two reminders that somebody sets off by hand: a family is not rung every minute.
const remindRest = 10 * time.Minute

// mayRemind reports whether the viewer might have sent an announcement to all whom it is for: who only looks at their
// own families in it does not ring a whole city.
func mayRemind(tx *store.Tx, a Announcement, v who.Viewer, now time.Time) (bool, error) {
	us, err := units(tx, a.ID)
	for _, u := range us {
		if ok, err := org.Manages(tx, v.ID, u.ID, who.Team, now); !ok || err != nil {
			return false, err
		}
	}
	return a.Confirm, err
}

// remind tells those outstanding once more, at once.
func (f feature) remind(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	to := fmt.Sprintf("/mitteilung/%d/stand", id)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		a, err := get(tx, id, v, now)
		if err != nil {
			return err
		}
		may, err := mayRemind(tx, a, v, now)
		if err != nil {
			return err
		}
		if !may || past(a, now) {
			return notFound()
		}
		n, err := tx.Exec(`UPDATE announcement SET reminded = ? WHERE id = ? AND reminded <= ?`, now.Unix(), id, now.Add(-remindRest).Unix())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "Gerade eben wurde schon erinnert. Bitte warten Sie zehn Minuten.")
		}
		return f.Tasks.Add(tx, stepKind, id, channel.Remind)
	})
	if web.Again(err) {
		return web.Done(w, r, to, fault.Words(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to, "Die Erinnerung ist unterwegs, an alle, die noch nicht bestätigt haben.")
}
