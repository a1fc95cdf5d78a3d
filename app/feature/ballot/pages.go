package ballot

import (
	"crypto/rsa"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// Wires are what votes need of others. Each may be nil.
type Wires struct {
	Log       house.Log
	Closed    func(tx *store.Tx, r Result) error // tells the owner of the subject, in the transaction that closes the vote; nil: nobody is told
	Withdrawn func(tx *store.Tx, r Result) error // likewise of a vote that ends without a result; nil: nobody is told
	// There reports whether somebody is where it is voted on something: whoever has left the room votes no more. nil: there is no room.
	There func(tx *store.Tx, kind string, ref, person int64) (bool, error)
}

// Votes are what others do with votes. Whoever may not do it gets a fault, and what a viewer may not see is not found.
type Votes struct {
	Open     func(tx *store.Tx, v who.Viewer, d Draft) (int64, error)                      // for whoever leads the committee
	Close    func(tx *store.Tx, v who.Viewer, id int64) error                              // with its result
	Withdraw func(tx *store.Tx, v who.Viewer, id int64, reason string) error               // without one
	Stop     func(tx *store.Tx, v who.Viewer, kind string, ref int64, reason string) error // what goes on, without a result; its owner knows whether v may
	Missing  func(tx *store.Tx, id int64) ([]int64, error)                                 // who may vote and has not, of an open vote that goes on
	Extend   func(tx *store.Tx, v who.Viewer, id int64, closes time.Time) error            // of one with a deadline
	Panel    func(tx *store.Tx, p web.Page, kind string, ref int64) (template.HTML, error) // the part of a page of its subject, which needs Live; empty, and yet there, before anything is to be seen
	Of       func(tx *store.Tx, kind string, ref int64) ([]Result, error)                  // all votes on something, the newest first, whoever asks
}

type feature struct {
	*house.House
	wires Wires
	pages *web.Pages
	keys  *store.Keep[int64, *rsa.PrivateKey] // by vote
	lists *store.Keep[subject, []ballot]      // by what is voted on
	heads *store.Keep[headKey, template.HTML] // what is the same for all who see a vote
	given *store.Keep[int64, int]             // how many have voted, by vote
}

func newFeature(h *house.House, w Wires) *feature {
	return &feature{h, w, web.Parse(html),
		&store.Keep[int64, *rsa.PrivateKey]{DB: h.DB, Most: 100, Tables: []string{"ballot_key"}},
		&store.Keep[subject, []ballot]{DB: h.DB, Most: 1000, Tables: []string{"ballot"}},
		&store.Keep[headKey, template.HTML]{DB: h.DB, Most: 500, Tables: []string{"ballot", "person"}},
		&store.Keep[int64, int]{DB: h.DB, Most: 500, Tables: []string{"ballot_voter", "ballot_urn"}}}
}

// New makes the feature, and what others do with votes.
func New(h *house.House, w Wires) (house.Feature, Votes) {
	f := newFeature(h, w)
	lead := who.Of(who.Chair)
	return house.Feature{
			Name: "ballot",
			Routes: []web.Route{
				web.Get("/abstimmung/:id", committee.Council, f.show),
				web.Post("/abstimmung/:id/stimme", committee.Council, f.postVote),
				web.Post("/abstimmung/:id/stimmzettel", committee.Council, answered(f.postSign)),
				web.Quiet(web.Post("/abstimmung/:id/urne", who.Anyone, answered(f.postUrn))),
				web.Post("/abstimmung/:id/zaehlung", committee.Council, f.postCount),
				web.Post("/abstimmung/:id/ausgabe", lead, f.postHand),
				web.Post("/abstimmung/:id/papier", lead, f.postPaper),
				web.Post("/abstimmung/:id/schliessen", lead, f.postClose),
				web.Post("/abstimmung/:id/verlaengern", lead, f.postExtend),
				web.Post("/abstimmung/:id/zurueckziehen", lead, f.postWithdraw),
			},
			Jobs:    []task.Job{f.closeJob(), f.keyJob()},
			Begin:   f.begin,
			Export:  export,
			Erase:   erase,
			Start:   f.start,
			Council: f.council,
		}, Votes{
			Open: f.open, Close: f.close, Withdraw: f.withdraw, Stop: f.stop, Missing: Missing, Extend: f.extend, Panel: f.panel, Of: Of,
		}
}

type showPage struct {
	web.Page
	Back string // the page of what is voted on
	Part template.HTML
	Form web.Form // what was typed and is wrong
}

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.page(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

func (f *feature) page(r *http.Request, v who.Viewer, id int64, form web.Form) (showPage, error) {
	p := showPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Live = "/strom"
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		b, level, err := see(tx, id, v, committee.Inside, f.Now())
		if err != nil {
			return err
		}
		p.Title, p.Back = b.Title, b.Path
		p.Part, err = f.part(tx, p.Page, b, level)
		return err
	})
	return p, err
}

// post makes a handler's end: what a form asks for, in one transaction, then back to where it was.
func (f *feature) post(w http.ResponseWriter, r *http.Request, v who.Viewer, do func(tx *store.Tx, id int64, form web.Form) error, fields ...string) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, append(fields, "back")...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return do(tx, id, form) })
	if web.Again(err) {
		p, bad := f.page(r, v, id, form.With(err))
		if bad != nil {
			return bad
		}
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, web.Own(form.Get("back")))
}

func (f *feature) postVote(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		return f.vote(tx, id, v, Choice(form.Get("choice")))
	}, "choice")
}

func (f *feature) postCount(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		return f.count(tx, id, v, count{Yes: number(form.Get("yes")), No: number(form.Get("no")), Abstain: number(form.Get("abstain")), Invalid: number(form.Get("invalid"))})
	}, "yes", "no", "abstain", "invalid")
}

func (f *feature) postHand(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		return f.hand(tx, id, v, number(form.Get("handed")))
	}, "handed")
}

func (f *feature) postPaper(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		return f.givePaper(tx, id, v, form.ID("person"))
	}, "person")
}

func (f *feature) postClose(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, _ web.Form) error { return f.close(tx, v, id) })
}

func (f *feature) postExtend(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		closes, err := time.ParseInLocation("2006-01-02 15:04", form.Get("closes_day")+" "+form.Get("closes_time"), web.Zone())
		if err != nil {
			return fault.At("closes", "Bitte geben Sie einen Tag und eine Uhrzeit an, die es gibt.")
		}
		return f.extend(tx, v, id, closes)
	}, "closes_day", "closes_time")
}

func (f *feature) postWithdraw(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.post(w, r, v, func(tx *store.Tx, id int64, form web.Form) error {
		return f.withdraw(tx, v, id, form.Get("reason"))
	}, "reason")
}

// postSign signs a blinded ballot.
func (f *feature) postSign(r *http.Request, v who.Viewer, id int64) (any, error) {
	form, err := web.ReadForm(r, "blinded")
	if err != nil {
		return nil, err
	}
	blinded, err := decode(form.Get("blinded"), keyBytes)
	if err != nil {
		return nil, err
	}
	signature, err := f.sign(r.Context(), id, v, blinded)
	return map[string]string{"signature": encoding.EncodeToString(signature)}, err
}

// postUrn takes a vote without a name. One that comes with a session is not taken: it would be somebody's.
func (f *feature) postUrn(r *http.Request, v who.Viewer, id int64) (any, error) {
	form, err := web.ReadForm(r, "token", "signature", "choice")
	if err != nil {
		return nil, err
	}
	if v.ID != 0 {
		return nil, fault.New(fault.Malformed, "Diese Stimme kam mit Ihrem Namen und wurde nicht angenommen. Bitte laden Sie die Seite neu.")
	}
	c, err := readCast(form.Get)
	if err != nil {
		return nil, err
	}
	words, err := f.put(r.Context(), id, c)
	return map[string]string{"code": words}, err
}

// answered makes a handler for a script: what it asked for, or what went wrong, in its words.
func answered(h func(r *http.Request, v who.Viewer, id int64) (any, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		status := http.StatusOK
		id, err := web.Path(r, "id")
		var x any
		if err == nil {
			x, err = h(r, v, id)
		}
		switch fault.KindOf(err) {
		case fault.Internal, fault.Full:
			if err != nil {
				return err
			}
		case fault.NotFound:
			status = http.StatusNotFound
		case fault.Forbidden:
			status = http.StatusForbidden
		case fault.Conflict:
			status = http.StatusConflict
		default:
			status = http.StatusBadRequest
		}
		if err != nil {
			l := lang.Of(v.Lang)
			if v.Lang == "" {
				l = lang.Accept(r.Header.Get("Accept-Language"))
			}
			x = map[string]string{"words": l.T(fault.Words(err))}
		}
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, err = w.Write(b)
		return err
	}
}
