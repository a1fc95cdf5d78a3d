package announcement

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/web"
)

// kept are cards as they were rendered, with gaps for what differs from reader
// to reader: html/template takes longer for a page of cards than SQLite for
// finding them. A closure that is running is not kept: much of it differs.
// Words of an announcement never change, and names are part of the key:
// nothing has to be forgotten but what nobody reads any more.
type kept struct {
	mu    sync.RWMutex
	cards map[cardKey][]template.HTML
	small map[string]template.HTML // children's names, and receipts
	rows  map[string]template.HTML // of coverage, by all that is in one
}

type cardKey struct {
	id                            int64
	version                       int // of the closure; 0: none
	lang, day, path, unit, author string
	leads, waits, single          bool
}

// How many are kept; each takes less than 2 KB.
const (
	mostCards = 10_000
	mostSmall = 20_000
	mostRows  = 5_000
)

const gap template.HTML = "<!-- gap -->" // a text of a person is escaped, and cannot hold this

// ready renders the cards of a page, one behind the other.
func (f feature) ready(p web.Page, cards []Card) (template.HTML, error) {
	all := make([]string, 0, 5*len(cards))
	for _, c := range cards {
		closure := c.Closure != nil && c.Replaced == 0
		if closure && c.Closure.Now(p.Now) {
			html, err := f.pages.Part("start.html", "card", p.Lang, []any{p, c})
			if err != nil {
				return "", err
			}
			all = append(all, string(html))
			continue
		}
		parts, err := f.card(p, c, closure)
		if err != nil {
			return "", err
		}
		kids, err := f.kids(p, c)
		if err != nil {
			return "", err
		}
		all = append(all, string(parts[0]), string(kids), string(parts[1]))
		if len(parts) > 2 {
			receipt, err := f.receipt(p, c)
			if err != nil {
				return "", err
			}
			all = append(all, string(receipt), string(parts[2]))
		}
	}
	return template.HTML(strings.Join(all, "")), nil
}

// card is a card for everybody: before, between and behind the gaps.
func (f feature) card(p web.Page, c Card, closure bool) ([]template.HTML, error) {
	key := cardKey{id: c.ID, lang: p.Lang, day: house.Local(p.Now).Format(time.DateOnly), unit: c.UnitName, author: c.Author,
		leads: c.Leads, waits: c.Waits(p.Now), single: c.Asks && p.Path == "/mitteilung/"+strconv.FormatInt(c.ID, 10)}
	if closure {
		key.version, key.unit = c.Closure.Version, c.Closure.Name+"\x00"+strings.Join(c.Closure.Groups, "\x00")
	}
	if key.waits {
		key.path = p.Path // where the button leads back to
	} else {
		c.Confirm = false // so that it does not seem to wait
	}
	return keep(&f.kept.mu, &f.kept.cards, key, mostCards, func() ([]template.HTML, error) {
		c.Gap, c.Kids = gap, nil
		html, err := f.pages.Part("start.html", "card", p.Lang, []any{p, c})
		var parts []template.HTML
		for s := range strings.SplitSeq(string(html), string(gap)) {
			parts = append(parts, template.HTML(s))
		}
		return parts, err
	})
}

// kids are the names of the children on a card.
func (f feature) kids(p web.Page, c Card) (template.HTML, error) {
	if len(c.Kids) == 0 {
		return "", nil
	}
	return keep(&f.kept.mu, &f.kept.small, kidsKey("kids", p.Lang, 0, c.Kids), mostSmall, func() (template.HTML, error) {
		return f.pages.Part("start.html", "kids", p.Lang, []any{p, c})
	})
}

// ofKids is a part of the start page that shows the viewer's children; "" for who has none.
func (f feature) ofKids(p indexPage, name string) (template.HTML, error) {
	if len(p.Kids) == 0 {
		return "", nil
	}
	return keep(&f.kept.mu, &f.kept.small, kidsKey(name, p.Lang, p.Only, p.Kids), mostSmall, func() (template.HTML, error) {
		return f.pages.Part("start.html", name, p.Lang, p)
	})
}

// kidsKey is all that a part shows of some children.
func kidsKey(name, lang string, only int64, kids []kid) string {
	var b strings.Builder
	b.WriteString(name + "\x00" + lang + "\x00" + strconv.FormatInt(only, 10))
	for _, k := range kids {
		b.WriteString("\x00" + strconv.FormatInt(k.ID, 10) + "\x00" + k.Name + "\x00" + k.Group + "\x00" + k.Place)
	}
	return b.String()
}

// receipt thanks for a confirmation, to the minute; "" where there is none.
func (f feature) receipt(p web.Page, c Card) (template.HTML, error) {
	if !c.Confirm || c.Confirmed.IsZero() {
		return "", nil
	}
	key := p.Lang + house.Local(p.Now).Format(" 2006-01-02") + house.Local(c.Confirmed).Format(" 2006-01-02 15:04")
	return keep(&f.kept.mu, &f.kept.small, key, mostSmall, func() (template.HTML, error) {
		return f.pages.Part("start.html", "receipt", p.Lang, []any{p, c})
	})
}

// children renders those on the page of the coverage. It is looked at again with every confirmation, and each
// changes one of them.
func (f feature) children(p coveragePage) error {
	for name, rows := range map[string][]Row{"left": p.Left, "done": p.Done} {
		for i := range rows {
			html, err := keep(&f.kept.mu, &f.kept.rows, p.key(name, rows[i]), mostRows, func() (template.HTML, error) {
				return f.pages.Part("coverage.html", name, p.Lang, []any{p, rows[i]})
			})
			if err != nil {
				return err
			}
			rows[i].Ready = html
		}
	}
	return nil
}

// key is all that an entry shows.
func (p coveragePage) key(name string, r Row) string {
	var b strings.Builder
	add := func(words ...string) {
		for _, w := range words {
			b.WriteString(w)
			b.WriteByte(0)
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 36) }
	add(name, p.Lang, house.Local(p.Now).Format(time.DateOnly), number(p.It.ID), number(r.Child), r.Name, r.Group, r.State, r.Care)
	if r.By != nil {
		add("by", r.By.Name, number(r.By.At.Unix()), r.By.Channel)
	}
	for _, g := range r.Guardians {
		add("guardian", g.Name, g.Relation, g.Phone)
		for _, w := range g.Ways {
			add("way", w.Channel, w.State, w.Reason, number(w.At.Unix()))
		}
	}
	for _, c := range r.Calls {
		add("call", c.Who, number(c.At.Unix()), strconv.FormatBool(c.Reached))
	}
	return b.String()
}

// keep returns what a map holds, or puts it there; a map that is full begins anew.
func keep[K comparable, V any](mu *sync.RWMutex, of *map[K]V, key K, most int, render func() (V, error)) (V, error) {
	mu.RLock()
	v, ok := (*of)[key]
	mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := render()
	if err != nil {
		return v, err
	}
	mu.Lock()
	defer mu.Unlock()
	if *of == nil || len(*of) >= most {
		*of = map[K]V{}
	}
	(*of)[key] = v
	return v, nil
}
