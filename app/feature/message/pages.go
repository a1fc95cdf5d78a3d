package message

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
}

// New makes the feature.
func New(h *house.House, log house.Log) house.Feature {
	f := feature{h, web.Parse(html), log}
	writes, answers, admin := who.Families|who.Team|committee.Council, who.Team|who.Of(who.Chair), who.Of(who.Admin)
	night, begin := h.Tasks.Nightly(keepKind, 3*time.Hour+10*time.Minute, web.Zone(), keep(h))
	return house.Feature{
		Name: "message",
		Nav:  []web.NavItem{{Path: "/nachrichten", Label: "Nachrichten", Icon: "send", Right: who.SignedIn}},
		Routes: []web.Route{
			web.Get("/nachrichten", who.SignedIn, f.index),
			web.Get("/nachrichten/neu", writes, f.form),
			web.Files("/nachrichten/neu", writes, f.begin),
			web.Get("/gespraech/:id", who.SignedIn, f.show),
			web.Files("/gespraech/:id", who.SignedIn, f.say),
			web.Post("/gespraech/:id/gelesen", who.SignedIn, f.read),
			web.Post("/gespraech/:id/kuemmern", answers, f.take),
			web.Post("/gespraech/:id/schliessen", answers, f.close),
			web.Get("/nachricht/:id/bearbeiten", writes, f.editForm),
			web.Post("/nachricht/:id/bearbeiten", writes, f.edit),
			web.Post("/nachricht/:id/entfernen", writes, f.remove),
			web.Get("/einheit/:id/nachrichten", who.Keepers|who.Of(who.Chair), f.ruleForm),
			web.Post("/einheit/:id/nachrichten", who.Keepers|who.Of(who.Chair), f.rule),
			web.Get("/betrieb/nachrichten", admin, f.settings),
			web.Post("/betrieb/nachrichten", admin, f.saveSettings),
		},
		Jobs:   []task.Job{tellJob(h), pushJob(h), mailJob(h), night},
		Begin:  begin,
		Export: export,
		Erase:  erase,
		Sees:   sees(h),
		Search: []search.Source{source(h.Now)},
		Unread: func(tx *store.Tx, v who.Viewer) (int, error) { return unread(tx, v, h.Now()) },
	}
}

const listSize = 20

type indexPage struct {
	web.Page
	Rows   []Row
	Older  string // query of the next page; "": none
	Writes bool
	Tops   []org.Unit // whose rule the viewer sets
	Root   bool       // sets what holds for the whole house
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Nachrichten"), Writes: v.May(who.Families | who.Team | committee.Council)}
	var before, beforeID int64 = 1 << 60, 1 << 60
	if n, _ := fmt.Sscanf(r.URL.Query().Get("vor"), "%d-%d", &before, &beforeID); n != 2 {
		before, beforeID = 1<<60, 1<<60
	}
	if r.URL.RawQuery == "" {
		p.Live = "/strom"
	}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Rows, err = rows(tx, v, f.Now(), before, beforeID, listSize+1); err != nil {
			return err
		}
		if p.Tops, err = org.Tops(tx, v.ID, who.Keepers, f.Now()); err != nil {
			return err
		}
		if p.Root, err = root(tx, v, f.Now()); err != nil {
			return err
		}
		for _, id := range v.Units(who.Of(who.Chair)) {
			u, err := org.Get(tx, id)
			if err != nil {
				return err
			}
			p.Tops = append(p.Tops, u)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(p.Rows) > listSize {
		last := p.Rows[listSize-1]
		p.Rows, p.Older = p.Rows[:listSize], fmt.Sprintf("%d-%d", last.At.Unix(), last.ID)
	}
	if r.URL.RawQuery == "" {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "index.html", p)
}

// How many messages stand on a page: some that were read, and those that were not.
const (
	pageSize = 50
	ahead    = 40 // of them unread, at the most
)

type showPage struct {
	web.Page
	Conversation
	With     []Party
	For      Party // the board for which the viewer reads; zero: none
	Messages []Message
	Older    int64 // the first message that is shown, where there are older ones; 0: none
	Newer    int64 // the last one, where there are newer ones; 0: none
	Last     int64 // the last that is shown; 0: there is none
	From     int64 // from where the page counts as new
	Ends     time.Time
	Shut     string // why nobody writes here any more; "": the viewer may write
	Hours    string // in which answers are expected; "": nobody asks
	Form     web.Form
	Quoted   Quote
	Files    []files.File
	MaxSize  int // MB of a file
}

// load fills the page with the messages around the first that is unread, or those that the address asks for.
func (f feature) load(tx *store.Tx, p *showPage, r *http.Request, v who.Viewer, id int64) (err error) {
	now := f.Now()
	if p.Conversation, err = get(tx, id, v, now); err != nil {
		return err
	}
	all, err := parties(tx, id)
	if err != nil {
		return err
	}
	p.With, p.For = others(all, p.Side, v.ID), board(all, p.Conversation)
	p.From = p.Seen
	q := r.URL.Query()
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(q.Get(name), 10, 64) // 0: not asked for
		return max(0, n)
	}
	var old, fresh []Message
	switch {
	case number("vor") > 0:
		old, err = upTo(tx, id, number("vor")-1, pageSize+1)
	case number("nach") > 0:
		fresh, err = after(tx, id, number("nach"), pageSize+1)
	default:
		if q.Has("ab") {
			p.From = number("ab")
		}
		if fresh, err = after(tx, id, p.From, ahead+1); err == nil {
			old, err = upTo(tx, id, p.From, pageSize-min(len(fresh), ahead)+1)
		}
	}
	if err != nil {
		return err
	}
	most := pageSize - min(len(fresh), ahead)
	moreOld, moreFresh := len(old) > most, len(fresh) > ahead
	if number("nach") > 0 {
		most, moreFresh = pageSize, len(fresh) > pageSize
		fresh = fresh[:min(len(fresh), pageSize)]
	} else {
		fresh = fresh[:min(len(fresh), ahead)]
	}
	old = old[:min(len(old), most)]
	slices.Reverse(old)
	p.Messages = append(old, fresh...)
	if err := dress(tx, v, p.Messages); err != nil {
		return err
	}
	if n := len(p.Messages); n > 0 {
		p.Last = p.Messages[n-1].ID
		if moreOld || number("nach") > 0 {
			p.Older = p.Messages[0].ID
		}
		if moreFresh || p.Last < p.Latest {
			p.Newer = p.Last
		}
		if i := slices.IndexFunc(p.Messages, func(m Message) bool { return m.ID > p.From && !m.Mine }); i >= 0 {
			p.Messages[i].New = true
		}
	}
	if !p.Warned.IsZero() {
		months, err := kept(tx, f.Settings)
		if err != nil {
			return err
		}
		p.Ends = p.ends(months)
	}
	return f.composer(tx, p, v, number("zitat"))
}

// composer fills what stands around the field for an answer.
func (f feature) composer(tx *store.Tx, p *showPage, v who.Viewer, quote int64) (err error) {
	if err := writable(tx, p.Conversation, v, f.Now()); err != nil {
		if !web.Again(err) {
			return err
		}
		p.Shut = words(err)
	}
	if p.Asked() && !p.Team() {
		rule, err := ruleOf(tx, p.Unit)
		if err != nil {
			return err
		}
		p.Hours = rule.Hours(p.L())
	}
	if p.Form.Values == nil {
		p.Form.Set("uid", newUID())
		if quote > 0 {
			p.Form.Set("quote", strconv.FormatInt(quote, 10))
		}
	}
	if quote = p.Form.ID("quote"); quote > 0 {
		all, err := upTo(tx, p.ID, quote, 1)
		if err != nil {
			return err
		}
		if len(all) == 1 && all[0].ID == quote && all[0].Removed.IsZero() {
			p.Quoted = Quote{quote, all[0].By(p.L()), text.Plain(all[0].body, 140)}
		}
	}
	if p.Files, err = files.Drafts(tx, v.ID, p.Form.IDs("file")); err != nil {
		return err
	}
	p.MaxSize, _, err = files.Sizes(tx, f.Settings)
	return err
}

func (f feature) showAt(r *http.Request, v who.Viewer, id int64, form web.Form) (p showPage, err error) {
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.load(tx, &p, r, v, id) })
	p.Page.Title = p.Conversation.Title
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.showAt(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	if r.URL.RawQuery == "" {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "show.html", p)
}

// say takes an answer. What could not be said stands in the form again, with the reason.
func (f feature) say(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { // before files are taken in
		_, err := get(tx, id, v, f.Now())
		return err
	}); err != nil {
		return err
	}
	form, err := f.readForm(r, v, "uid", "body", "quote")
	if err != nil && !web.Again(err) {
		return err
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if done, err := sent(tx, form.Get("uid"), v); done != 0 || err != nil {
				return err
			}
			_, err := Send(tx, f.House, v, id, Draft{UID: form.Get("uid"), Body: form.Raw("body"), Quote: form.ID("quote"), Files: form.IDs("file")})
			return err
		})
	}
	if web.Again(err) {
		p, e := f.showAt(r, v, id, form)
		if e != nil {
			return e
		}
		p.Form, p.Live = p.Form.With(err), ""
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, gespraech(id))
}

func (f feature) read(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "message")
	if err != nil {
		return err
	}
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return Read(tx, f.House, v, id, form.ID("message")) }); err != nil {
		return err
	}
	return web.Done(w, r, gespraech(id))
}

func (f feature) take(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.turn(w, r, "takes", func(tx *store.Tx, id int64, on bool) error { return Take(tx, f.House, v, id, on) })
}

func (f feature) close(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.turn(w, r, "closed", func(tx *store.Tx, id int64, on bool) error { return Close(tx, f.House, v, id, on) })
}

// turn switches something of a conversation on or off.
func (f feature) turn(w http.ResponseWriter, r *http.Request, field string, do func(tx *store.Tx, id int64, on bool) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, field)
	if err != nil {
		return err
	}
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return do(tx, id, form.Get(field) == "1") }); err != nil {
		return err
	}
	return web.Done(w, r, gespraech(id))
}
