package live

import (
	"testing"

	"nestfunk/app/base/who"
)

const (
	group, facility, city = 5, 4, 1 // units
	ada, hanna            = 6, 4    // persons
)

// pages are those of a mother and of a head.
func pages(h *Hub, since string) map[string]*Listener {
	return map[string]*Listener{
		"Ada":   h.Listen(who.Viewer{ID: ada, Holds: []who.Holding{{Role: who.Parent, Unit: group}}}, []int64{group, facility, city}, since),
		"Hanna": h.Listen(who.Viewer{ID: hanna, Holds: []who.Holding{{Role: who.Head, Unit: facility}}}, []int64{group, facility, city}, since),
	}
}

var (
	change = News{Changed: true}
	own    = News{Changed: true, Rights: true}
	roles  = News{Rights: true}
)

var concerns = []struct {
	name       string
	event      Event
	ada, hanna News
}{
	{"nobody", Event{}, News{}, News{}},
	{"a unit of both", Event{Units: []int64{facility}}, change, change},
	{"a unit of nobody here", Event{Units: []int64{99}}, News{}, News{}},
	{"the team", Event{Held: []int64{facility}}, News{}, change},
	{"a team elsewhere", Event{Held: []int64{group}}, News{}, News{}}, // a parent is no team
	{"a person", Event{Person: ada}, own, News{}},
	{"a person and the team", Event{Person: ada, Held: []int64{facility}}, own, change},
	{"rights", Event{Rights: true}, roles, roles},
}

// An open page hears what concerns it, and one that comes later hears what it has missed: the same.
func TestConcerns(t *testing.T) {
	for _, c := range concerns {
		t.Run(c.name, func(t *testing.T) {
			h := New()
			before := h.Mark()
			open := pages(h, before)
			h.Publish(c.event)
			late := pages(h, before)
			after := pages(h, h.Mark())
			for name, want := range map[string]News{"Ada": c.ada, "Hanna": c.hanna} {
				hears(t, name+", open", open[name], want)
				hears(t, name+", late", late[name], want)
				hears(t, name+", after it", after[name], News{})
			}
		})
	}
}

// hears checks what a page hears, that it is told that it does, and that it hears it once.
func hears(t *testing.T, name string, l *Listener, want News) {
	t.Helper()
	woken := false
	select {
	case <-l.C():
		woken = true
	default:
	}
	got := l.News()
	if got.Changed != want.Changed || got.Rights != want.Rights || woken != (want != News{}) {
		t.Errorf("%s hears %+v, woken: %t; want %+v", name, got, woken, want)
	}
	if again := l.News(); again.Changed || again.Rights {
		t.Errorf("%s hears it twice", name)
	}
}

// Many events are one piece of news, however many they are, and none is lost.
func TestNewsAddUp(t *testing.T) {
	h := New()
	l := pages(h, h.Mark())["Ada"]
	for range 10_000 {
		h.Publish(Event{Units: []int64{group}})
	}
	h.Publish(Event{Rights: true})
	hears(t, "Ada", l, own)
}

func TestMarks(t *testing.T) {
	h, before := New(), New()
	for range 40 {
		h.Publish(Event{Units: []int64{99}})
	}
	for _, c := range []struct {
		name, since string
		want        News
	}{
		{"now", h.Mark(), News{}},
		{"the beginning", h.mark(0), News{}},
		{"none", "", roles},
		{"of the process before", before.Mark(), own},
		{"of the future", h.mark(41), own},
		{"below zero", h.mark(-1), own},
		{"nonsense", "1", own},
		{"nonsense behind", h.Mark() + "x!", own},
	} {
		hears(t, c.name, pages(h, c.since)["Ada"], c.want)
	}
}

// A page whose viewer has moved on hears of the new place, also what happened there while the viewer was looked up.
func TestMove(t *testing.T) {
	h := New()
	l := pages(h, h.Mark())["Ada"]
	mark := h.Mark()
	h.Publish(Event{Units: []int64{9}})
	l.Move(who.Viewer{ID: ada}, []int64{9}, mark)
	hears(t, "Ada", l, change)
	h.Publish(Event{Units: []int64{group}})
	hears(t, "Ada of the place she left", l, News{})
	h.Publish(Event{Units: []int64{9}})
	hears(t, "Ada of the new place", l, change)
}

// The hub forgets pages that are closed.
func TestClose(t *testing.T) {
	h := New()
	for _, l := range pages(h, "") {
		l.Close()
	}
	if len(h.open) != 0 {
		t.Errorf("%d topics are open", len(h.open))
	}
}
