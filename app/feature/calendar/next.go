package calendar

import (
	"html/template"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// How far the start page looks ahead, and how much it shows.
const (
	nextDays = 14
	nextMost = 3
	nextKept = 5_000 // parts as they were rendered
)

// somebody is whose next dates are kept, and of which day.
type somebody struct {
	person int64
	day    string
}

// tables are all that the dates of a person come from.
func tables() []string {
	return []string{"calendar_date", "calendar_audience", "calendar_instance", "calendar_plan", "calendar_closing", "calendar_vacation",
		"announcement", "announcement_audience", "announcement_closure", "list", "list_audience", "list_line", "list_entry", "setting", "committee_plan", "person", "membership", "guardian", "child", "child_stay", "unit", "unit_up"}
}

// Ahead lists the pages that a viewer needs without a connection: the month, once a day.
func Ahead(_ *store.Tx, v who.Viewer, now time.Time) ([]string, error) {
	if !v.May(who.Member) {
		return nil, nil
	}
	return []string{"/termine#" + v.Lang + house.Local(now).Format(time.DateOnly)}, nil
}

// next is the part of the start page that says what is on next; "" where nothing is. What a person sees is kept in
// memory until something changes: all families open the start page at seven.
func next(h *house.House, pages *web.Pages, dates Dates) house.Part {
	kept := store.Keep[somebody, []house.Date]{DB: h.DB, Most: 20_000, Tables: tables()}
	var mu sync.Mutex
	parts := map[string]template.HTML{} // by all that is in it
	return func(tx *store.Tx, p web.Page) (template.HTML, error) {
		if !p.Viewer.May(who.Member) {
			return "", nil
		}
		now := h.Now()
		today := house.Local(now).Format(time.DateOnly)
		all, err := kept.Get(tx, somebody{p.Viewer.ID, today}, func() ([]house.Date, error) {
			from := dayOf(today)
			all, err := dates(tx, p.Viewer, from, from.AddDate(0, 0, nextDays))
			return sorted(all), err
		})
		if err != nil {
			return "", err
		}
		var list []entry
		key := strings.Builder{}
		key.WriteString(p.Lang + today)
		for _, d := range all {
			if d.Over(now) || d.Cancelled || d.Kind == house.Closed || d.Kind == house.Vacation && house.Local(d.Starts).Format(time.DateOnly) < today {
				continue // a closure stands above, and holidays that go on are known
			}
			if len(list) == nextMost {
				break
			}
			e := entry{Date: d, When: span(p.L(), d.Starts, d.Ends, d.AllDay, now)}
			list = append(list, e)
			key.WriteString("\x00" + d.Path + "\x00" + d.Title + "\x00" + e.When)
		}
		if len(list) == 0 {
			return "", nil
		}
		mu.Lock()
		defer mu.Unlock()
		part, ok := parts[key.String()]
		if ok {
			return part, nil
		}
		if part, err = pages.Part("month.html", "next", p.Lang, list); err != nil {
			return "", err
		}
		if len(parts) >= nextKept {
			clear(parts)
		}
		parts[key.String()] = part
		return part, nil
	}
}
