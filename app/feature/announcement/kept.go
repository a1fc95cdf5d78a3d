package announcement

import (
	"html/template"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/web"
)

// kept are cards as they were rendered, with gaps for what differs from reader
// to reader: html/template takes thirty times as long for a card as SQLite.
// Only quiet cards are kept, those that ask nothing of anybody. Words of an
// announcement never change, and names are part of the key: nothing has to be
// forgotten but what nobody reads any more.
type kept struct {
	mu    sync.RWMutex
	cards map[keptKey][3]template.HTML
}

type keptKey struct {
	id                      int64
	lang, day, unit, author string
	leads                   bool
}

// keptMost cards of about 2 KB are kept: more than a large city writes in a year.
const keptMost = 10_000

const gap template.HTML = "<!-- gap -->" // a text of a person is escaped, and cannot hold this

// ready renders the quiet cards of a page.
func (f feature) ready(p web.Page, cards []Card) error {
	kids := map[string]template.HTML{}
	for i := range cards {
		c := &cards[i]
		if c.Closure != nil && c.Replaced == 0 || c.Waits(p.Now) {
			continue
		}
		parts, err := f.card(p, *c)
		if err != nil {
			return err
		}
		var names strings.Builder
		for _, k := range c.Kids {
			names.WriteString(k.Name + "\x00" + k.Group + "\x00")
		}
		mine, ok := kids[names.String()]
		if !ok {
			if mine, err = f.pages.Part("start.html", "kids", p.Lang, []any{p, *c}); err != nil {
				return err
			}
			kids[names.String()] = mine
		}
		var receipt template.HTML
		if c.Confirm && !c.Confirmed.IsZero() {
			if receipt, err = f.pages.Part("start.html", "receipt", p.Lang, []any{p, *c}); err != nil {
				return err
			}
		}
		c.Ready = parts[0] + mine + parts[1] + receipt + parts[2]
	}
	return nil
}

// card is a quiet card for everybody: before, between and behind the gaps.
func (f feature) card(p web.Page, c Card) (parts [3]template.HTML, err error) {
	key := keptKey{c.ID, p.Lang, house.Local(p.Now).Format(time.DateOnly), c.UnitName, c.Author, c.Leads}
	f.kept.mu.RLock()
	parts, ok := f.kept.cards[key]
	f.kept.mu.RUnlock()
	if ok {
		return parts, nil
	}
	c.Gap, c.Confirm, c.Kids = gap, false, nil
	html, err := f.pages.Part("start.html", "card", p.Lang, []any{p, c})
	if err != nil {
		return parts, err
	}
	for i, s := range strings.SplitN(string(html), string(gap), 3) {
		parts[i] = template.HTML(s)
	}
	f.kept.mu.Lock()
	defer f.kept.mu.Unlock()
	if f.kept.cards == nil || len(f.kept.cards) >= keptMost {
		f.kept.cards = map[keptKey][3]template.HTML{}
	}
	f.kept.cards[key] = parts
	return parts, nil
}
