package message

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// To whom a new conversation goes: the word in the address of the form.
const (
	toDesk   = "team"     // a guardian to a team
	toFamily = "familien" // a team to families
	toTeam   = "teams"    // a team to another
	toPerson = "kollegen" // somebody of the team to another
	toBoard  = "gremium"  // somebody for whom a committee speaks to its board
)

// words are what is wrong, as one text.
func words(err error) string { return fault.Words(err) }

type formPage struct {
	web.Page
	Form       web.Form
	To         string // to whom
	Ways       []way  // which there are; one alone is not offered
	Desks      []Desk
	Mine       []Team // for which the viewer writes
	From       int64  // one of them
	Kids       []Kid
	Teams      []Team
	Boards     []Board
	Colleagues []Colleague
	Files      []files.File
	MaxSize    int
}

// A way is a link to one of the forms.
type way struct{ To, Words string }

// Team names a team of the form.
func (p formPage) Team(t Team) string { return teamName(p.L(), t.Kind, t.Name) }

// Desk names a team that a guardian writes to.
func (p formPage) Desk(d Desk) string { return teamName(p.L(), d.Kind, d.Name) }

// Board names the board of a committee.
func (p formPage) Board(b Board) string { return teamName(p.L(), b.Kind, b.Name) }

// Times are those in which a board answers.
func (p formPage) Times(b Board) string { return b.Rule.Hours(p.L()) }

// Hours are those of a team that a guardian writes to.
func (p formPage) Hours(d Desk) string { return d.Rule.Hours(p.L()) }

func (f feature) newForm(r *http.Request, v who.Viewer, form web.Form) (p formPage, err error) {
	p = formPage{Page: web.NewPage(r, v, "Neue Nachricht"), Form: form, To: r.URL.Query().Get("an")}
	if form.Values == nil {
		p.Form.Set("uid", newUID())
	} else {
		p.To = form.Get("kind")
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		now := f.Now()
		if p.Desks, err = desks(tx, v, now); err != nil {
			return err
		}
		if p.Mine, err = mine(tx, v, now); err != nil {
			return err
		}
		if len(p.Desks) > 0 {
			p.Ways = append(p.Ways, way{toDesk, "Als Eltern an die Kita"})
		}
		if p.Boards, err = boards(tx, v, now); err != nil {
			return err
		}
		if len(p.Boards) > 0 {
			p.Ways = append(p.Ways, way{toBoard, "An ein Gremium"})
		}
		if slices.ContainsFunc(p.Mine, func(t Team) bool { return t.Kind == "group" || t.Kind == "facility" }) {
			p.Ways = append(p.Ways, way{toFamily, "An Familien"})
		}
		if len(p.Mine) > 0 {
			p.Ways = append(p.Ways, way{toTeam, "An ein Team"})
		}
		if v.May(who.Team) {
			p.Ways = append(p.Ways, way{toPerson, "An eine Person im Team"})
		}
		if len(p.Ways) == 0 {
			return nil
		}
		if !slices.ContainsFunc(p.Ways, func(w way) bool { return w.To == p.To }) {
			p.To = p.Ways[0].To
		}
		if p.To == toFamily {
			p.Mine = slices.DeleteFunc(p.Mine, func(t Team) bool { return t.Kind != "group" && t.Kind != "facility" })
		}
		if p.From = p.Form.ID("unit"); p.From == 0 {
			p.From, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		if !slices.ContainsFunc(p.Mine, func(t Team) bool { return t.Unit == p.From }) && len(p.Mine) > 0 {
			p.From = p.Mine[0].Unit
		}
		switch p.To {
		case toFamily:
			p.Kids, err = kids(tx, p.From, now)
		case toTeam:
			p.Teams, err = teams(tx, v, now)
			p.Teams = slices.DeleteFunc(p.Teams, func(t Team) bool { return t.Unit == p.From })
		case toBoard:
			if p.Form.Get("to") == "" {
				p.Form.Set("to", r.URL.Query().Get("gremium"))
			}
		case toPerson:
			p.Colleagues, err = colleagues(tx, v, now)
		}
		if err != nil {
			return err
		}
		if p.Files, err = files.Drafts(tx, v.ID, p.Form.IDs("file")); err != nil {
			return err
		}
		p.MaxSize, _, err = files.Sizes(tx, f.Settings)
		return err
	})
	return p, err
}

func (f feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newForm(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "new.html", p)
}

// begin starts a conversation, or one for each family.
func (f feature) begin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := f.readForm(r, v, "uid", "kind", "unit", "to", "child", "title", "body", "go")
	if err != nil && !web.Again(err) {
		return err
	}
	if err == nil && form.Get("go") == "sender" { // without script: the families of another team
		p, err := f.newForm(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "new.html", p)
	}
	var id int64
	n := 1
	if err == nil {
		b := Begun{Title: form.Get("title"), From: form.ID("unit"),
			Draft: Draft{UID: form.Get("uid"), Body: form.Raw("body"), Files: form.IDs("file")}}
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if id, err = sent(tx, form.Get("uid"), v); id != 0 || err != nil {
				return err
			}
			switch form.Get("kind") {
			case toFamily:
				id, n, err = Write(tx, f.House, v, form.IDs("child"), b)
			case toTeam:
				id, err = Reach(tx, f.House, v, form.ID("to"), b)
			case toBoard:
				id, err = Petition(tx, f.House, v, form.ID("to"), b)
			case toPerson:
				id, err = Talk(tx, f.House, v, form.ID("to"), b)
			default:
				child, unit, _ := strings.Cut(form.Get("to"), "-")
				c, _ := strconv.ParseInt(child, 10, 64) // 0: nobody's
				u, _ := strconv.ParseInt(unit, 10, 64)
				id, err = Ask(tx, f.House, v, c, u, b)
			}
			return err
		})
	}
	if web.Again(err) {
		p, e := f.newForm(r, v, form)
		if e != nil {
			return e
		}
		p.Form = p.Form.With(err)
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	if n > 1 {
		return web.Done(w, r, "/nachrichten", "Ihre Nachricht ist gesendet. Jede Familie antwortet Ihnen für sich.")
	}
	return web.Done(w, r, gespraech(id))
}
