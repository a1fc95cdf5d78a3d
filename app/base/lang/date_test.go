package lang

import (
	"strings"
	"testing"
	"time"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 10, 7, 7, 12, 0, 0, berlin(t)) // a Wednesday
	for _, c := range []struct{ code, day, dayYear, short, clock, full, half string }{
		{"de", "Mittwoch, 7. Oktober", "7. Oktober 2026", "Mi 7. Okt", "7:12 Uhr", "14 Uhr", "14:30 Uhr"},
		{"de-x-leicht", "Mittwoch, 7. Oktober", "7. Oktober 2026", "Mi 7. Okt", "7:12 Uhr", "14 Uhr", "14:30 Uhr"},
		{"en", "Wednesday, 7 October", "7 October 2026", "Wed 7 Oct", "07:12", "14:00", "14:30"},
		{"tr", "7 Ekim Çarşamba", "7 Ekim 2026", "7 Eki Çar", "07:12", "14:00", "14:30"},
		{"uk", "середа, 7 жовтня", "7 жовтня 2026 р.", "ср, 7 жовт.", "07:12", "14:00", "14:30"},
		{"ru", "среда, 7 октября", "7 октября 2026 г.", "ср, 7 окт.", "07:12", "14:00", "14:30"},
		{"ar", "الأربعاء، 7 تشرين الأول/أكتوبر", "7 تشرين الأول/أكتوبر 2026", "الأربعاء 7/10", "07:12", "14:00", "14:30"},
		{"pl", "środa, 7 października", "7 października 2026", "śr., 7 paź", "07:12", "14:00", "14:30"},
	} {
		l := Of(c.code)
		for _, x := range [][2]string{{l.Day(at), c.day}, {l.DayYear(at), c.dayYear}, {l.ShortDay(at), c.short}, {l.Stamp(at), c.short + l.cal.comma + l.Clock(at)},
			{l.Clock(at), c.clock}, {l.Hour(840), c.full}, {l.Hour(870), c.half}} {
			if x[0] != x[1] {
				t.Errorf("%s: %q, want %q", c.code, x[0], x[1])
			}
		}
	}
}

func TestWhen(t *testing.T) {
	zone := berlin(t)
	now := time.Date(2026, 10, 25, 8, 0, 0, 0, zone) // the day of the clock change, 25 hours long
	for _, c := range []struct {
		name, code string
		at         time.Time
		want       string
	}{
		{"today", "de", time.Date(2026, 10, 25, 7, 12, 0, 0, zone), "heute, 7:12 Uhr"},
		{"first minute of a long day", "de", time.Date(2026, 10, 25, 0, 0, 0, 0, zone), "heute, 0:00 Uhr"},
		{"last minute of a long day", "de", time.Date(2026, 10, 25, 23, 59, 0, 0, zone), "heute, 23:59 Uhr"},
		{"yesterday", "de", time.Date(2026, 10, 24, 20, 41, 0, 0, zone), "gestern, 20:41 Uhr"},
		{"tomorrow", "de", time.Date(2026, 10, 26, 12, 0, 0, 0, zone), "morgen, 12:00 Uhr"},
		{"earlier", "de", time.Date(2026, 10, 7, 7, 12, 0, 0, zone), "Mi 7. Okt, 7:12 Uhr"},
		{"another year", "de", time.Date(2025, 12, 31, 7, 12, 0, 0, zone), "Mi 31. Dez 2025, 7:12 Uhr"},
		{"Turkish", "tr", time.Date(2026, 10, 24, 20, 41, 0, 0, zone), "dün, 20:41"},
		{"Arabic", "ar", time.Date(2026, 10, 25, 7, 12, 0, 0, zone), "اليوم، 07:12"},
		{"Arabic, another year", "ar", time.Date(2025, 12, 31, 7, 12, 0, 0, zone), "الأربعاء 31/12/2025، 07:12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Of(c.code).When(now, c.at); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	now := time.Date(2026, 10, 7, 6, 20, 0, 0, berlin(t)) // Wednesday
	min := func(m int) *int { return &m }
	for _, c := range []struct {
		code, first, last string
		start, end        *int
		want              string
	}{
		{"de", "2026-10-07", "2026-10-07", nil, nil, "heute, ganztägig"},
		{"de", "2026-10-07", "", nil, nil, "heute, ganztägig"},
		{"de", "2026-10-07", "2026-10-07", min(840), nil, "heute ab 14 Uhr"},
		{"de", "2026-10-07", "2026-10-07", nil, min(720), "heute bis 12 Uhr"},
		{"de", "2026-10-07", "2026-10-07", min(570), min(720), "heute von 9:30 bis 12 Uhr"},
		{"de", "2026-10-08", "2026-10-08", nil, nil, "morgen, 8. Oktober, ganztägig"},
		{"de", "2026-10-08", "2026-10-08", nil, min(720), "morgen, 8. Oktober, bis 12 Uhr"},
		{"de", "2026-10-06", "2026-10-06", nil, nil, "gestern, 6. Oktober, ganztägig"},
		{"de", "2026-10-09", "2026-10-09", min(840), nil, "Freitag, 9. Oktober, ab 14 Uhr"},
		{"de", "2026-10-15", "2026-10-16", nil, nil, "Donnerstag, 15. Oktober, bis Freitag, 16. Oktober, ganztägig"},
		{"de", "2026-10-07", "2026-10-09", nil, nil, "heute, bis Freitag, 9. Oktober, ganztägig"},
		{"de", "2026-10-08", "2026-10-09", min(720), min(840), "morgen, 8. Oktober, bis Freitag, 9. Oktober, täglich von 12 bis 14 Uhr"},
		{"de", "2026-12-23", "2027-01-04", nil, nil, "Mittwoch, 23. Dezember, bis Montag, 4. Januar 2027, ganztägig"},
		{"de", "irgendwann", "2027-01-04", nil, nil, "irgendwann – 2027-01-04"},
		{"de", "2026-10-07", "2026-10-09", min(840), nil, "heute, bis Freitag, 9. Oktober, täglich ab 14 Uhr"},
		{"tr", "2026-10-07", "2026-10-09", min(840), nil, "bugün – 9 Ekim Cuma, her gün, saat 14:00 itibarıyla"},
		{"pl", "2026-10-15", "2026-10-16", min(840), nil, "czwartek, 15 października – piątek, 16 października, codziennie od 14:00"},
		{"en", "2026-10-08", "2026-10-08", nil, min(720), "tomorrow, 8 October, until 12:00"},
		{"en", "2026-10-15", "2026-10-16", nil, nil, "Thursday, 15 October, to Friday, 16 October, all day"},
		{"tr", "2026-10-07", "2026-10-07", min(840), nil, "bugün, saat 14:00 itibarıyla"},
		{"tr", "2026-10-15", "2026-10-16", nil, nil, "15 Ekim Perşembe – 16 Ekim Cuma, tüm gün"},
		{"uk", "2026-10-07", "2026-10-07", min(540), min(720), "сьогодні з 09:00 до 12:00"},
		{"ru", "2026-10-08", "2026-10-08", nil, nil, "завтра, 8 октября, весь день"},
		{"ar", "2026-10-07", "2026-10-07", nil, min(720), "اليوم حتى الساعة 12:00"},
		{"ar", "2026-10-15", "2026-10-16", nil, nil, "من الخميس، 15 تشرين الأول/أكتوبر إلى الجمعة، 16 تشرين الأول/أكتوبر، طوال النهار"},
		{"pl", "2026-10-09", "2026-10-09", min(840), nil, "piątek, 9 października, od 14:00"},
	} {
		if got := Of(c.code).Span(c.first, c.last, c.start, c.end, now); got != c.want {
			t.Errorf("%s %s–%s: %q, want %q", c.code, c.first, c.last, got, c.want)
		}
	}
}

// A calendar with a hole would show braces or nothing.
func TestCalendarsAreComplete(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, berlin(t))
	a, b := 0, 1439
	for _, l := range All() {
		for i := range 400 {
			d := now.AddDate(0, 0, i)
			day, later := d.Format(time.DateOnly), d.AddDate(0, 0, 3).Format(time.DateOnly)
			said := []string{l.Day(d), l.DayYear(d), l.ShortDay(d), l.When(now, d)}
			for _, last := range []string{day, later} {
				for _, start := range []*int{nil, &a} {
					for _, end := range []*int{nil, &b} {
						said = append(said, l.Span(day, last, start, end, now))
					}
				}
			}
			for _, s := range said {
				if s == "" || strings.ContainsAny(s, "{}") || strings.Contains(s, "  ") || strings.HasPrefix(s, " ") || strings.HasPrefix(s, ",") {
					t.Fatalf("%s, %s: %q", l.Code, day, s)
				}
			}
		}
	}
}
