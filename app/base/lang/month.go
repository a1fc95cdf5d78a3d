package lang

import (
	"strconv"
	"time"
)

// Month is "März 2026", as it stands alone.
func (l *Lang) Month(t time.Time) string {
	name := l.cal.months[t.Month()-1]
	if alone, ok := monthsAlone(l.Code); ok { // where a month beside its day has another case
		name = alone[t.Month()-1]
	}
	return name + " " + strconv.Itoa(t.Year())
}

// Weekday is "Montag".
func (l *Lang) Weekday(d time.Weekday) string { return l.cal.weekdays[d] }

func monthsAlone(code string) (names [12]string, ok bool) {
	switch code {
	case "uk":
		return [12]string{"січень", "лютий", "березень", "квітень", "травень", "червень", "липень", "серпень", "вересень", "жовтень", "листопад", "грудень"}, true
	case "ru":
		return [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"}, true
	case "pl":
		return [12]string{"styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień"}, true
	}
	return names, false
}
