package list

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
)

// kept are rows as they were rendered, by all that is in one: html/template takes ten times as long for a list of 500 lines
// as SQLite for finding them, and between two readers few rows differ. Nothing has to be forgotten but what nobody reads any
// more.
type kept struct {
	mu   sync.RWMutex
	rows map[string]template.HTML
}

// mostRows is how many are kept; each takes about 1 KB.
const mostRows = 20_000

// ready renders the rows of a page.
func (f feature) ready(p showPage) (template.HTML, error) {
	var all strings.Builder
	for _, r := range p.Rows {
		html, err := f.row(p, r)
		if err != nil {
			return "", err
		}
		all.WriteString(string(html))
	}
	return template.HTML(all.String()), nil
}

func (f feature) row(p showPage, r row) (template.HTML, error) {
	render := func() (template.HTML, error) { return f.pages.Part("show.html", "line", p.Lang, []any{p, r}) }
	if r.Chosen { // holds what was typed
		return render()
	}
	key := p.key(r)
	f.kept.mu.RLock()
	html, ok := f.kept.rows[key]
	f.kept.mu.RUnlock()
	if ok {
		return html, nil
	}
	html, err := render()
	if err != nil {
		return "", err
	}
	f.kept.mu.Lock()
	defer f.kept.mu.Unlock()
	if f.kept.rows == nil || len(f.kept.rows) >= mostRows {
		f.kept.rows = map[string]template.HTML{}
	}
	f.kept.rows[key] = html
	return html, nil
}

// key is all that a row shows.
func (p showPage) key(r row) string {
	b := make([]byte, 0, 256)
	words := func(all ...string) {
		for _, s := range all {
			b = append(append(b, s...), 0)
		}
	}
	number := func(all ...int64) {
		for _, n := range all {
			b = append(strconv.AppendInt(b, n, 36), ' ')
		}
	}
	flag := func(all ...bool) {
		for _, x := range all {
			b = strconv.AppendBool(b, x)
		}
	}
	words(p.Lang, r.Title, r.Span, r.Room, r.Day, r.Where)
	number(p.It.ID, r.ID, int64(r.Places), int64(r.Held), int64(r.Waiting), p.Instead)
	flag(r.Act, r.More, r.Alter, p.Shut != "", p.It.Edit, p.It.Reads)
	if r.Act || len(r.Offered) > 0 {
		for _, k := range p.Kids {
			number(k.ID)
			words(k.Name)
		}
	}
	for _, part := range [][]Entry{r.Mine, r.Offered, r.Entries} {
		number(int64(len(part)))
		for _, e := range part {
			number(e.ID, e.Child, int64(e.Places), int64(e.Turn))
			words(e.Name, e.Group, e.Note, e.State)
			flag(e.Offered.IsZero(), e.Mine)
		}
	}
	return string(b)
}
