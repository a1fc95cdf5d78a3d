// Package retention says for how long everything is kept, and notes what went: in one place, so that the page of deletion
// rules, the privacy notice and what is deleted each night cannot contradict each other.
//
// schema.sql names a class for every column. Whatever deletes by age asks Before; nothing else knows a period. What a night
// has deleted it counts with Note.
package retention

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Class is a reason to let something go.
type Class string

// All classes. The words stand in rules.
const (
	Minutes      Class = "minutes"
	Session      Class = "session"
	Work         Class = "work"
	Draft        Class = "draft"
	Week         Class = "week"
	Note         Class = "note"
	Backup       Class = "backup"
	SMS          Class = "sms"
	Youth        Class = "youth"
	List         Class = "list"
	Reason       Class = "reason"
	Record       Class = "record"
	Message      Class = "message"
	Slip         Class = "slip"
	Bulletin     Class = "bulletin"
	Announcement Class = "announcement"
	Consent      Class = "consent"
	Log          Class = "log"
	Roll         Class = "roll"
	Room         Class = "room"
	House        Class = "house"
	Content      Class = "content"
	Council      Class = "council"
)

// A Span is a length of time; one of them is not 0, or all are, where something else than time decides.
type Span struct{ Days, Months, Years int }

// Words is the span in German; "" for none.
func (s Span) Words() string {
	switch {
	case s.Years == 1:
		return "1 Jahr"
	case s.Years > 0:
		return fmt.Sprintf("%d Jahre", s.Years)
	case s.Months == 1:
		return "1 Monat"
	case s.Months > 0:
		return fmt.Sprintf("%d Monate", s.Months)
	case s.Days == 1:
		return "24 Stunden"
	case s.Days > 0:
		return fmt.Sprintf("%d Tage", s.Days)
	}
	return ""
}

// Before is a time that lies a span before t.
func (s Span) Before(t time.Time) time.Time { return t.AddDate(-s.Years, -s.Months, -s.Days) }

// After is a time that lies a span after t.
func (s Span) After(t time.Time) time.Time { return t.AddDate(s.Years, s.Months, s.Days) }

// Duration is a span of days.
func (s Span) Duration() time.Duration { return time.Duration(s.Days) * 24 * time.Hour }

// A Rule is what there is to know of a class, for people.
type Rule struct {
	Class   Class
	Name    string // what is of it
	When    string // when it goes; the span stands at its %s, else before it
	Span    Span   // as the operator has set it, else Usual
	Usual   Span
	Setting string    // which changes Span, in months; "": nobody can for the whole house
	Source  string    // why it is so long
	Where   string    // the name of the page on which it can be changed; "": it cannot
	Path    string    // of that page; "": there is more than one
	Right   who.Right // opens it
}

// Words says when something of the class goes, as in "30 Tage nach dem Tag".
func (r Rule) Words() string {
	if strings.Contains(r.When, "%s") {
		return fmt.Sprintf(r.When, r.Span.Words())
	}
	return strings.TrimSpace(r.Span.Words() + " " + r.When)
}

// rules are all classes, the shortest first.
func rules() []Rule {
	const house, angaben = "/betrieb/haus", "Angaben zum Haus"
	return []Rule{
		{Class: Minutes, Name: "Einmal-Links und halbe Anmeldungen", When: "sobald benutzt oder nach höchstens einer Stunde abgelaufen; was abgelaufen ist, räumt die Nacht weg",
			Source: "Mehr Zeit braucht niemand (Datenminimierung)"},
		{Class: Session, Name: "Anmeldungen", When: "mit dem Abmelden oder nach 30 Tagen ohne Besuch, höchstens %s; beim Team schneller", Usual: Span{Days: 180},
			Source: "Sicherheit der Anmeldung"},
		{Class: Work, Name: "Entwürfe und was noch zu tun ist", When: "sobald gespeichert, erledigt oder zurückgezogen",
			Source: "Mehr Zeit braucht niemand (Datenminimierung)"},
		{Class: Draft, Name: "Dateien, die niemand angehängt hat", When: "nach dem Hochladen", Usual: Span{Days: 1},
			Source: "Mehr Zeit braucht niemand (Datenminimierung)"},
		{Class: Week, Name: "Vollständige Netzadressen im Protokoll", When: "nach der Tat; gekürzt bleiben sie wie das Protokoll", Usual: Span{Days: 7},
			Source: "Angriffe verfolgen; die Frist folgt der Empfehlung für Webserver"},
		{Class: Note, Name: "Bemerkungen zu Abwesenheiten und wer ein Kind abgeholt hat", When: "nach dem Tag", Usual: Span{Days: 30},
			Source: "Danach fragt niemand mehr (Datenminimierung)"},
		{Class: Backup, Name: "Liste gelöschter Nummern", When: "nach der Löschung; keine Sicherung wird so alt", Usual: Span{Days: 60},
			Source: "Damit eine zurückgeholte Sicherung Gelöschtes wieder löscht"},
		{Class: SMS, Name: "Versandte SMS ohne ihren Text", When: "nach dem Versand", Usual: Span{Days: 90},
			Source: "Abrechnung mit dem Anbieter prüfen"},
		{Class: Youth, Name: "Jugendräume: Beiträge, Zugänge, Maßnahmen", When: "nach dem letzten Besuch oder dem Beitrag", Usual: Span{Days: 90},
			Source: "Zusage an die Jugendlichen; § 8 Absatz 3 SGB VIII verlangt Zurückhaltung"},
		{Class: List, Name: "Listen und Einträge", When: "nachdem zuletzt etwas auf der Liste war", Usual: Span{Months: 6}, Setting: settings.ListKeep,
			Source: "Entscheidung des Hauses", Path: house, Where: angaben, Right: who.Of(who.Admin)},
		{Class: Reason, Name: "Grund einer Abwesenheit", When: "nach dem letzten Tag", Usual: Span{Months: 12},
			Source: "Gesundheitsdaten: so kurz, wie ein Jahr zu überblicken ist"},
		{Class: Record, Name: "Protokoll: wer wann was getan hat, ohne Inhalte", When: "nach der Tat", Usual: Span{Months: 12},
			Source: "Nachweis nach einem Vorfall (Sicherheit der Verarbeitung)"},
		{Class: Message, Name: "Gespräche", When: "nach dem Ende des Kita-Jahres (31. Juli) der letzten Nachricht, zwei Wochen vorher angekündigt", Usual: Span{Months: 12}, Setting: settings.MessageKeep,
			Source: "Entscheidung des Hauses", Path: "/betrieb/nachrichten", Where: "Nachrichten einrichten", Right: who.Of(who.Admin)},
		{Class: Slip, Name: "Rückmeldungen und Unterschriften", When: "nach der Frist der Antworten", Usual: Span{Months: 24}, Setting: settings.SlipKeep,
			Source: "Entscheidung des Hauses; wer eine Erlaubnis belegen muss, braucht sie so lange", Path: house, Where: angaben, Right: who.Of(who.Admin)},
		{Class: Bulletin, Name: "Wem ein Rundbrief zugestellt wurde", When: "nach dem Versand", Usual: Span{Months: 24}, Setting: settings.BulletinKeep,
			Source: "Entscheidung des Hauses", Path: house, Where: angaben, Right: who.Of(who.Admin)},
		{Class: Announcement, Name: "Wer eine Mitteilung bekommen, gelesen und bestätigt hat, Anrufe", When: "nach dem Ende der Mitteilung", Usual: Span{Months: 24}, Setting: settings.AnnouncementKeep,
			Source: "Entscheidung des Hauses; so lange lässt sich belegen, dass Familien informiert waren", Path: house, Where: angaben, Right: who.Of(who.Admin)},
		{Class: Consent, Name: "Beendete und widerrufene Einwilligungen", When: "nach ihrem Ende oder dem Widerruf", Usual: Span{Years: 3},
			Source: "Nachweis der Einwilligung; regelmäßige Verjährung (§ 195 BGB)"},
		{Class: Log, Name: "Was gelöscht wurde: Zahlen ohne Namen", When: "nach der Löschung", Usual: Span{Years: 3},
			Source: "Rechenschaft über das Löschen"},
		{Class: Roll, Name: "Tageslisten und Abwesenheiten", When: "nach dem Tag; jede Einrichtung kann weniger festlegen", Usual: Span{Years: 10},
			Source: "Nachweis gegenüber Zuschussgebern; üblich sind bis zu zehn Jahre", Path: "/abwesenheiten", Where: "Abwesenheiten, Regeln der Einrichtung", Right: who.Team},
		{Class: Room, Name: "Themen in Räumen", When: "so viele Tage nach dem letzten Beitrag, wie der Raum es sagt",
			Source: "Entscheidung derer, die den Raum öffnen", Where: "Einstellungen des Raums"},
		{Class: House, Name: "Stammdaten, Zugänge und was jemand für sich eingetragen hat", When: "wenn die Person oder das Kind das Haus verlassen hat und gelöscht wird",
			Source: "So lange besteht der Zweck; danach Recht auf Löschung", Path: "/einheiten", Where: "Stammdaten, Auskunft und Löschen", Right: who.Keepers},
		{Class: Content, Name: "Was für das Haus geschrieben ist: Mitteilungen, Termine, Seiten, Einstellungen", When: "bleibt, bis es jemand ändert oder löscht; der Name geht, wenn die Person gelöscht wird",
			Source: "Gedächtnis des Hauses"},
		{Class: Council, Name: "Akten der Gremien", When: "bleiben; der Name geht, wenn die Person gelöscht wird",
			Source: "Nachweis von Beschlüssen über Amtszeiten hinaus"},
	}
}

// Rules are all classes as the house has them now, the shortest first.
func Rules(tx *store.Tx, s *settings.Settings) ([]Rule, error) {
	all := rules()
	for i := range all {
		span, err := Length(tx, s, all[i].Class)
		if err != nil {
			return nil, err
		}
		all[i].Span = span
	}
	return all, nil
}

// Classes are the names of all.
func Classes() (all []Class) {
	for _, r := range rules() {
		all = append(all, r.Class)
	}
	return all
}

// rule is that of a class.
func rule(c Class) Rule {
	for _, r := range rules() {
		if r.Class == c {
			return r
		}
	}
	panic("no such class: " + string(c))
}

// Usual is the span of a class where the operator has set none. It is fixed for those without a setting.
func Usual(c Class) Span { return rule(c).Usual }

// Length is the span of a class in this house.
func Length(tx *store.Tx, s *settings.Settings, c Class) (Span, error) {
	r := rule(c)
	if r.Setting == "" {
		return r.Usual, nil
	}
	v, err := s.Get(tx, r.Setting)
	if n, e := strconv.Atoi(v); e == nil && n >= 0 {
		return Span{Months: n}, err
	}
	return r.Usual, err
}

// Before is since when something of a class must have been untouched to go now.
func Before(tx *store.Tx, s *settings.Settings, c Class, now time.Time) (time.Time, error) {
	span, err := Length(tx, s, c)
	return span.Before(now), err
}
