package operation

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A ladderForm is one kind of announcement, with what the page says of it.
type ladderForm struct {
	Kind, Name, Hint string
	Steps            []ladderStep
}

// A ladderStep is one field: minutes after publication; empty: the channel is not used.
type ladderStep struct{ Field, Name string }

func ladderForms() []ladderForm {
	steps := func(kind string, channels ...string) (all []ladderStep) {
		names := map[string]string{channel.Push: "Nachricht aufs Handy", channel.Mail: "Mail", channel.SMS: "SMS",
			channel.Remind: "Erinnerung über Handy und Mail", channel.Call: "Anrufliste ans Team"}
		for _, c := range channels {
			all = append(all, ladderStep{kind + "_" + c, names[c]})
		}
		return all
	}
	all := []string{channel.Push, channel.Mail, channel.SMS, channel.Remind, channel.Call}
	return []ladderForm{
		{channel.Urgent, "Schließung von heute", "Auch für Aufhebungen, Verlängerungen und den Probealarm.", steps(channel.Urgent, all...)},
		{channel.Planned, "Schließung an einem späteren Tag", "Nachts wird nicht erinnert: was dann fällig ist, wartet bis 6 Uhr.", steps(channel.Planned, all...)},
		{channel.Confirm, "Mitteilung, die bestätigt werden soll", "", steps(channel.Confirm, all...)},
		{channel.News, "Andere Mitteilungen", "Mails dazu kommen gesammelt um 18 Uhr, wenn jemand nichts anderes wünscht.", steps(channel.News, channel.Push, channel.Mail)},
	}
}

type laddersPage struct {
	web.Page
	Form    web.Form
	Ladders []ladderForm
	SMS     bool // a service is set up
}

func (f *feature) laddersPage(r *http.Request, v who.Viewer) (laddersPage, error) {
	p := laddersPage{Page: f.page(r, v, "Stufen der Benachrichtigung"), Ladders: ladderForms()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		for _, l := range p.Ladders {
			now, err := channel.Load(tx, f.Settings, l.Kind)
			if err != nil {
				return err
			}
			for _, s := range now {
				p.Form.Set(l.Kind+"_"+s.Channel, strconv.Itoa(int(s.After/time.Minute)))
			}
		}
		details, err := f.Settings.Get(tx, settings.PushDetails)
		if err != nil {
			return err
		}
		p.Form.Set("details", details)
		p.SMS, err = sms.Ready(tx, f.Settings)
		return err
	})
	return p, err
}

func (f *feature) ladders(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.laddersPage(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "ladders.html", p)
}

func (f *feature) saveLadders(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	fields := []string{"details"}
	for _, l := range ladderForms() {
		for _, s := range l.Steps {
			fields = append(fields, s.Field)
		}
	}
	form, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		all, err := readLadders(form)
		if err != nil {
			return err
		}
		for kind, l := range all {
			if err := channel.Save(tx, f.Settings, kind, l); err != nil {
				return err
			}
		}
		if err := f.Settings.Set(tx, settings.PushDetails, tick(form, "details")); err != nil {
			return err
		}
		return Log(tx, f.Now(), v.ID, "ladder.changed", 0)
	})
	if web.Again(err) {
		p, e := f.laddersPage(r, v)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "ladders.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/stufen", "Gespeichert. Das gilt ab der nächsten Mitteilung.")
}

// readLadders reads the fields; each holds minutes, or nothing.
func readLadders(form web.Form) (map[string]channel.Ladder, error) {
	var wrong fault.Form
	all := map[string]channel.Ladder{}
	for _, l := range ladderForms() {
		var words []string
		for _, s := range l.Steps {
			minutes := form.Get(s.Field)
			if minutes == "" {
				continue
			}
			word := strings.TrimPrefix(s.Field, l.Kind+"_") + ":" + minutes
			if _, err := channel.Parse(word); err != nil {
				wrong.Add(s.Field, "Bitte geben Sie ganze Minuten an, höchstens 20160 (zwei Wochen), oder lassen Sie das Feld leer.")
				continue
			}
			words = append(words, word)
		}
		ladder, err := channel.Parse(strings.Join(words, " "))
		if err == nil && !slices.ContainsFunc(ladder, func(s channel.Step) bool { return s.Channel != channel.Remind && s.Channel != channel.Call }) {
			wrong.Add(l.Steps[0].Field, "Bitte lassen Sie mindestens einen Weg an. Sonst erfährt niemand davon.")
		}
		all[l.Kind] = ladder
	}
	return all, wrong.Err()
}
