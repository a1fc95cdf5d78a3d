package calendar

import (
	"slices"
	"strings"
	"time"
)

// A Land is one of the sixteen, by the letters of ISO 3166-2:DE.
type Land struct{ Code, Name string }

// Lands lists all, by name.
func Lands() []Land {
	return []Land{{"BW", "Baden-Württemberg"}, {"BY", "Bayern"}, {"BE", "Berlin"}, {"BB", "Brandenburg"}, {"HB", "Bremen"}, {"HH", "Hamburg"},
		{"HE", "Hessen"}, {"MV", "Mecklenburg-Vorpommern"}, {"NI", "Niedersachsen"}, {"NW", "Nordrhein-Westfalen"}, {"RP", "Rheinland-Pfalz"},
		{"SL", "Saarland"}, {"SN", "Sachsen"}, {"ST", "Sachsen-Anhalt"}, {"SH", "Schleswig-Holstein"}, {"TH", "Thüringen"}}
}

// LandOf finds a Land by its letters.
func LandOf(code string) (Land, bool) {
	i := slices.IndexFunc(Lands(), func(l Land) bool { return l.Code == code })
	if i < 0 {
		return Land{}, false
	}
	return Lands()[i], true
}

// A Holiday is a public holiday; Day is its midnight, as a wall time.
type Holiday struct {
	Day  time.Time
	Name string
}

// Holidays are the public holidays of a whole Land in a year, in order, after the holiday laws of the Länder as they
// are since 2019 (Berlin's and Mecklenburg's 8 March since 2019 and 2023, Thuringia's World Children's Day since
// 2019). What is a holiday in some places of a Land only (Augsburg, Catholic parishes of Bavaria, Saxony and
// Thuringia) is not listed. "": those of all Länder alone.
func Holidays(land string, year int) []Holiday {
	easter := Easter(year)
	fixed := func(m time.Month, d int) time.Time { return time.Date(year, m, d, 0, 0, 0, 0, time.UTC) }
	move := func(n int) time.Time { return easter.AddDate(0, 0, n) }
	penance := time.Date(year, 11, 22, 0, 0, 0, 0, time.UTC) // the Wednesday before 23 November
	for penance.Weekday() != time.Wednesday {
		penance = penance.AddDate(0, 0, -1)
	}
	reformation := "BB HB HH MV NI SN ST SH TH"
	if year == 2017 { // five hundred years
		reformation = everywhere
	} else if year < 2018 {
		reformation = "BB MV SN ST TH"
	}
	women := "BE MV"
	if year < 2019 {
		women = ""
	} else if year < 2023 {
		women = "BE"
	}
	liberation := ""
	if year == 2020 || year == 2025 { // 75 and 80 years
		liberation = "BE"
	}
	uprising := ""
	if year == 2028 {
		uprising = "BE"
	}
	children := "TH"
	if year < 2019 {
		children = ""
	}
	var all []Holiday
	for _, h := range []struct {
		day   time.Time
		name  string
		lands string
	}{
		{fixed(1, 1), "Neujahr", everywhere},
		{fixed(1, 6), "Heilige Drei Könige", "BW BY ST"},
		{fixed(3, 8), "Internationaler Frauentag", women},
		{move(-2), "Karfreitag", everywhere},
		{move(0), "Ostersonntag", "BB"},
		{move(1), "Ostermontag", everywhere},
		{fixed(5, 1), "Tag der Arbeit", everywhere},
		{fixed(5, 8), "Tag der Befreiung", liberation},
		{move(39), "Christi Himmelfahrt", everywhere},
		{move(49), "Pfingstsonntag", "BB"},
		{move(50), "Pfingstmontag", everywhere},
		{move(60), "Fronleichnam", "BW BY HE NW RP SL"},
		{fixed(6, 17), "75. Jahrestag des Aufstandes vom 17. Juni 1953", uprising},
		{fixed(8, 15), "Mariä Himmelfahrt", "SL"},
		{fixed(9, 20), "Weltkindertag", children},
		{fixed(10, 3), "Tag der Deutschen Einheit", everywhere},
		{fixed(10, 31), "Reformationstag", reformation},
		{fixed(11, 1), "Allerheiligen", "BW BY NW RP SL"},
		{penance, "Buß- und Bettag", "SN"},
		{fixed(12, 25), "1. Weihnachtsfeiertag", everywhere},
		{fixed(12, 26), "2. Weihnachtsfeiertag", everywhere},
	} {
		if h.lands == everywhere || land != "" && strings.Contains(h.lands, land) {
			all = append(all, Holiday{h.day, h.name})
		}
	}
	slices.SortFunc(all, func(a, b Holiday) int { return a.Day.Compare(b.Day) })
	return all
}

// IsHoliday reports whether a day, as a wall time, is one of Holidays.
func IsHoliday(land string, day time.Time) bool {
	return slices.ContainsFunc(Holidays(land, day.Year()), func(h Holiday) bool { return h.Day.Equal(midnight(day)) })
}

const everywhere = "*"

// Easter is Easter Sunday of a year, after Gauss in Lichtenberg's form.
func Easter(year int) time.Time {
	k := year / 100
	m := 15 + (3*k+3)/4 - (8*k+13)/25
	a := year % 19
	d := (19*a + m) % 30
	r := (d + a/11) / 29
	og := 21 + d - r
	sz := 7 - (year+year/4+2-(3*k+3)/4)%7
	oe := 7 - (og-sz)%7
	return time.Date(year, 3, og+oe, 0, 0, 0, 0, time.UTC)
}
