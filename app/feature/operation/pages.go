package operation

import (
	"embed"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	pages   *web.Pages
	bounces *mail.Bounces
	bounced func(tx *store.Tx, ref, recipient, why string) error
	texted  sms.Told
	written Written
	notice  Notice
	backup  func(tx *store.Tx) (Backup, error)
	out     func() []house.Outbound
	due     map[retention.Class]retention.Due

	mu   sync.Mutex
	last visit
}

// Wires are what the feature needs of others; each may be nil, but for Written.
type Wires struct {
	Bounced  func(tx *store.Tx, ref, recipient, why string) error // told of every mail that came back for good, and why, in German
	Texted   sms.Told                                             // told what became of an SMS
	Written  Written                                              // finds the legal pages
	Notice   Notice                                               // stands below what was written on data protection
	Answered mail.Answered                                        // takes what people answer to a mail
	Backup   func(tx *store.Tx) (Backup, error)                   // how old the last backup is
	Outbound func() []house.Outbound                              // all connections of the house
	Due      map[retention.Class]retention.Due                    // what goes because a period is shortened that the house sets
}

// A Backup is what there is to say of the backups.
type Backup struct {
	Words string
	Good  bool
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := &feature{House: h, pages: web.Parse(html), bounced: w.Bounced, texted: w.Texted, written: w.Written, notice: w.Notice, backup: w.Backup, out: w.Outbound, due: w.Due,
		bounces: &mail.Bounces{DB: h.DB, Settings: h.Settings, Answered: w.Answered}}
	if f.out == nil {
		f.out = f.outbound
	}
	admin := who.Of(who.Admin)
	return house.Feature{
		Name: "operation",
		Routes: []web.Route{
			web.Get("/betrieb", admin, f.index),
			web.Get("/betrieb/mail", admin, f.mail),
			web.Proved(web.Post("/betrieb/mail", admin, f.saveMail)),
			web.Post("/betrieb/mail/test", admin, f.testMail),
			web.Proved(web.Post("/betrieb/mail/postfach", admin, f.saveBounces)),
			web.Post("/betrieb/mail/postfach/test", admin, f.testBounces),
			web.Post("/betrieb/selbsttest", admin, f.runSelftest),
			web.Get("/betrieb/stufen", admin, f.ladders),
			web.Post("/betrieb/stufen", admin, f.saveLadders),
			web.Get("/betrieb/sms", admin, f.sms),
			web.Proved(web.Post("/betrieb/sms", admin, f.saveSMS)),
			web.Post("/betrieb/sms/test", admin, f.testSMS),
			web.Post("/sms/bericht/:token", who.Anyone, f.smsReport),
			web.Get("/betrieb/verbindungen", admin, f.connections),
			web.Get("/betrieb/haus", admin, f.house),
			web.Post("/betrieb/haus", admin, f.saveHouse),
			web.Get("/impressum", who.Whoever, f.imprint),
			web.Get("/datenschutz", who.Whoever, f.privacy),
			web.Get("/barrierefreiheit", who.Whoever, f.accessibility),
		},
		Nav:      []web.NavItem{{Path: "/betrieb", Label: "Betrieb", Icon: "settings", Right: admin}},
		Jobs:     []task.Job{f.job(), f.selftest(), f.warning()},
		Begin:    f.begin,
		Outbound: f.outbound(),
		Export:   export,
		Erase:    erase,
	}
}

// page begins a page for the operator: in German, since the words of servers and settings are not translated.
func (f *feature) page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

type indexPage struct {
	web.Page
	Backup  *Backup // nil: nobody keeps any
	Root    bool    // may change settings
	Mail    bool    // is set up
	Lost    int     // secrets that cannot be read
	Bounces bool    // a mailbox is set up
	Visit   visit
	SMS     bool // is set up
	Day     smsDay
	Waiting int
	Failing []failing
	Counts  counts
	Log     []entry
	Broken  string // what is wrong with the record; "": nothing
	Address string
	Tested  []verdict
	Steps   []step
}

// failing is a task that has failed at least once.
type failing struct {
	Job, Why string
	Tries    int
	Next     time.Time
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: f.page(r, v, "Betrieb"), Visit: f.lastVisit(), Address: f.Base.String()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Root, err = root(tx, v); err != nil {
			return err
		}
		if p.Mail, err = mail.Ready(tx, f.Settings); err != nil {
			return err
		}
		if p.SMS, err = sms.Ready(tx, f.Settings); err != nil {
			return err
		}
		if p.Day, err = f.smsDay(tx); err != nil {
			return err
		}
		lost, err := f.Settings.Lost(tx)
		if err != nil {
			return err
		}
		p.Lost = len(lost)
		host, err := f.Settings.Get(tx, settings.BounceHost)
		if err != nil {
			return err
		}
		p.Bounces = host != ""
		if p.Waiting, err = task.Count(tx); err != nil {
			return err
		}
		open, err := task.Open(tx)
		if err != nil {
			return err
		}
		for _, t := range open {
			p.Failing = append(p.Failing, failing{job(t.Kind), t.Failure, t.Tries, t.Due})
		}
		if p.Counts, err = count(tx, f.Now()); err != nil {
			return err
		}
		if p.Tested, err = verdicts(tx); err != nil {
			return err
		}
		if f.backup != nil {
			b, err := f.backup(tx)
			if err != nil {
				return err
			}
			p.Backup = &b
		}
		mine := v.ID
		if p.Root {
			mine = 0
		}
		chain, err := audit.State(tx)
		if err != nil {
			return err
		}
		p.Broken = chain.Failure
		if p.Root && !f.Demo {
			if p.Steps, err = f.steps(tx, p); err != nil {
				return err
			}
		}
		p.Log, err = entries(tx, mine)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// runSelftest tries the channels now.
func (f *feature) runSelftest(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.allowTest(r, v); err != nil {
		return err
	}
	all, err := f.examine(r.Context())
	if err != nil {
		return err
	}
	said := "Alle Wege, die eingerichtet sind, antworten."
	for _, t := range all {
		if t.Words != "" {
			said = t.Name() + ": " + t.Words
		}
	}
	return web.Done(w, r, "/betrieb", said)
}

type housePage struct {
	web.Page
	Form web.Form
}

func (f *feature) house(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := housePage{Page: f.page(r, v, "Angaben zum Haus")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		now, err := pick(tx, f.Settings, settings.HouseName, settings.HouseApprove)
		if err != nil {
			return err
		}
		size, day, err := files.Sizes(tx, f.Settings)
		if err != nil {
			return err
		}
		o, err := f.Settings.Operator(tx)
		if err != nil {
			return err
		}
		o.Each(func(field, value string) { p.Form.Set(field, value) })
		p.Form.Set("name", now[settings.HouseName])
		p.Form.Set("approve", now[settings.HouseApprove])
		p.Form.Set("file_size", strconv.Itoa(size))
		p.Form.Set("file_day", strconv.Itoa(day))
		for field, x := range numbers() {
			n, err := f.Settings.Number(tx, x.name, x.usual)
			if err != nil {
				return err
			}
			p.Form.Set(field, strconv.Itoa(n))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "house.html", p)
}

func (f *feature) saveHouse(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, append(settings.OperatorFields(), "name", "approve", "file_size", "file_day", "list_keep", "slip_keep", "bulletin_keep", "bulletin_month", "announcement_keep", "sure")...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		before, err := f.Settings.Operator(tx)
		if err != nil {
			return err
		}
		values, o, err := readHouse(form, before)
		if err != nil {
			return err
		}
		if err := f.sure(tx, &form, values); err != nil {
			return err
		}
		if err := f.Settings.SetOperator(tx, o); err != nil {
			return err
		}
		if err := put(tx, f.Settings, values); err != nil {
			return err
		}
		return Log(tx, f.Now(), v.ID, "house.changed", 0)
	})
	if web.Again(err) {
		return f.pages.Again(w, r, "house.html", housePage{f.page(r, v, "Angaben zum Haus"), form.With(err)})
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/haus", "Gespeichert.")
}

// sure asks about what goes because periods are to be shorter.
func (f *feature) sure(tx *store.Tx, form *web.Form, values map[string]string) error {
	rules, err := retention.Rules(tx, f.Settings)
	if err != nil {
		return err
	}
	var ask retention.Ask
	for _, r := range rules {
		v, set := values[r.Setting]
		if !set {
			continue
		}
		to := r.Usual
		if n, err := strconv.Atoi(v); err == nil {
			to = retention.Span{Months: n}
		}
		if err := ask.Add(tx, f.Now(), r.Setting, r.Span, to, f.due[r.Class]); err != nil {
			return err
		}
	}
	return ask.Answered(form)
}

func readHouse(form web.Form, before settings.Operator) (map[string]string, settings.Operator, error) {
	var wrong fault.Form
	o := before
	if before != (settings.Operator{}) || form.Get(settings.Field(settings.OperatorName)) != "" { // who is named is not unnamed again
		o = settings.ReadOperator(form.Get, &wrong)
	}
	name := form.Get("name")
	switch {
	case name == "":
		wrong.Add("name", "Bitte geben Sie dem Haus einen Namen.")
	case len([]rune(name)) > 80 || !plain(name):
		wrong.Add("name", "Bitte geben Sie einen Namen in einer Zeile mit höchstens 80 Zeichen ein.")
	}
	all := map[string]string{
		settings.FileSize: number(&wrong, form, "file_size", files.UsualSize, 100), settings.FileDay: number(&wrong, form, "file_day", files.UsualDay, 10_000),
		settings.HouseName: name, settings.HouseApprove: tick(form, "approve"),
	}
	for field, x := range numbers() {
		all[x.name] = number(&wrong, form, field, x.usual, 120)
	}
	return all, o, wrong.Err()
}

// A setting is a number of the house, and what it is where nobody has set it.
type setting struct {
	name  string
	usual int
}

// numbers are for how many months what is over is kept, and how often councils write, by their fields.
func numbers() map[string]setting {
	return map[string]setting{"list_keep": {settings.ListKeep, retention.Usual(retention.List).Months}, "slip_keep": {settings.SlipKeep, retention.Usual(retention.Slip).Months},
		"bulletin_keep": {settings.BulletinKeep, retention.Usual(retention.Bulletin).Months}, "announcement_keep": {settings.AnnouncementKeep, retention.Usual(retention.Announcement).Months}, "bulletin_month": {settings.BulletinMonth, settings.UsualBulletinMonth}}
}

// number reads a number from 1 to most; what the house has anyway is not stored.
func number(wrong *fault.Form, form web.Form, field string, usual, most int) string {
	s := form.Get(field)
	n, err := strconv.Atoi(s)
	switch {
	case s == "" || n == usual:
		return ""
	case err != nil || n < 1 || n > most:
		wrong.Add(field, "Bitte geben Sie eine Zahl von 1 bis %d ein.", most)
	}
	return s
}

func tick(form web.Form, field string) string {
	if form.On(field) {
		return "1"
	}
	return ""
}
