package operation

import (
	"maps"
	"slices"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/store"
)

// An entry of the log: what somebody changed.
type entry struct {
	At     time.Time
	Name   string // ""; the console, or somebody who has left
	Action string
	Ref    int64 // an id that the action knows; 0: none
}

func (e *entry) fields() []any {
	return []any{(*store.Time)(&e.At), &e.Name, &e.Action, &e.Ref}
}

// Words says what was done.
func (e entry) Words() string { return Words(e.Action) }

// Words is the German of an action; one that nobody has put into words stays as it is.
func Words(action string) string {
	if words, ok := actions()[action]; ok {
		return words
	}
	return action
}

// Actions are all words that the record has.
func Actions() []string { return slices.Sorted(maps.Keys(actions())) }

func actions() map[string]string {
	return map[string]string{
		"barrier.reported":     "Barriere gemeldet",
		"barrier.answered":     "Gemeldete Barriere beantwortet",
		"ladder.changed":       "Stufen der Benachrichtigung geändert",
		"ballot.opened":        "Abstimmung eröffnet",
		"ballot.closed":        "Abstimmung geschlossen",
		"ballot.extended":      "Abstimmung verlängert",
		"ballot.withdrawn":     "Abstimmung zurückgezogen",
		"ballot.paper":         "Stimmzettel auf Papier ausgegeben",
		"mail.changed":         "Mailserver geändert",
		"mail.tested":          "Testmail gesendet",
		"bounce.changed":       "Postfach für Rückläufer geändert",
		"backup.changed":       "Sicherung eingerichtet",
		"backup.emptied":       "Früheres Ziel der Sicherung geleert",
		"backup.started":       "Sicherung von Hand begonnen",
		"backup.key":           "Sicherungsschlüssel angelegt",
		"backup.keyless":       "Sicherungsschlüssel entfernt",
		"sms.changed":          "SMS-Versand geändert",
		"sms.tested":           "Test-SMS gesendet",
		"second.grace":         "Frist für den zweiten Faktor gesetzt",
		"metrics.changed":      "Token für Messwerte geändert",
		"house.founded":        "Haus eröffnet",
		"database.damaged":     "Schaden an der Datenbank gefunden",
		"clock.believed":       "Datum des Rechners bestätigt",
		"database.mended":      "Schaden an der Datenbank als erledigt abgehakt",
		"house.changed":        "Angaben zum Haus geändert",
		"law.changed":          "Angaben zum Datenschutz geändert",
		"unit.added":           "Einheit angelegt",
		"unit.changed":         "Einheit berichtigt",
		"unit.moved":           "Einheit verschoben",
		"unit.merged":          "Träger zusammengelegt",
		"unit.ended":           "Einheit beendet",
		"unit.reopened":        "Einheit wieder geöffnet",
		"membership.added":     "Rolle vergeben",
		"membership.changed":   "Rolle berichtigt",
		"membership.confirmed": "Rolle freigegeben",
		"membership.suspended": "Rolle gesperrt",
		"membership.ended":     "Rolle beendet",
		"child.added":          "Kind aufgenommen",
		"child.changed":        "Kind berichtigt",
		"child.moved":          "Kind in eine andere Gruppe verlegt",
		"child.left":           "Kind abgemeldet",
		"child.exported":       "Auskunft über ein Kind erteilt",
		"child.erased":         "Kind gelöscht",
		"guardian.added":       "Sorgeberechtigte eingetragen",
		"guardian.changed":     "Sorgeberechtigte berichtigt",
		"guardian.invited":     "Sorgeberechtigte wieder eingeladen",
		"guardian.confirmed":   "Sorgeberechtigte freigegeben",
		"guardian.suspended":   "Sorgeberechtigte gesperrt",
		"guardian.ended":       "Sorgeberechtigte beendet",
		"incident.opened":      "Datenschutz-Vorfall eröffnet",
		"incident.changed":     "Angaben zu einem Vorfall geändert",
		"incident.reported":    "Vorfall der Aufsicht gemeldet",
		"incident.waived":      "Entschieden, einen Vorfall nicht zu melden",
		"incident.told":        "Betroffene eines Vorfalls benachrichtigt",
		"incident.exported":    "Liste der Betroffenen mitgenommen",
		"incident.closed":      "Vorfall abgeschlossen",
		"consent.asked":        "Einwilligung angelegt",
		"consent.reworded":     "Text einer Einwilligung geändert",
		"consent.ended":        "Einwilligung beendet",
		"consent.given":        "Eingewilligt",
		"consent.refused":      "Nicht eingewilligt oder zurückgenommen",
		"consent.entered":      "Einwilligung vom Papier eingetragen",
		"erasure.asked":        "Löschung verlangt",
		"erasure.withdrawn":    "Verlangen nach Löschung zurückgezogen",
		"erasure.checked":      "Löschung geprüft und vorgelegt",
		"erasure.confirmed":    "Löschung freigegeben",
		"erasure.refused":      "Löschung abgelehnt",
		"hold.set":             "Löschsperre gesetzt",
		"hold.lifted":          "Löschsperre aufgehoben",
		"limit.set":            "Verarbeitung eingeschränkt",
		"limit.lifted":         "Einschränkung aufgehoben",
		"person.exported":      "Auskunft über eine Person erteilt",
		"person.erased":        "Person gelöscht",
		"absence.ruled":        "Abwesenheit eingerichtet",
		"archive.changed":      "Wissensspeicher eingestellt",
		"page.added":           "Seite angelegt",
		"page.changed":         "Seite geändert",
		"page.moved":           "Seite verschoben",
		"page.opened":          "Leserkreis einer Seite geändert",
		"page.released":        "Fassung einer Seite freigegeben",
		"page.removed":         "Seite in den Papierkorb gelegt",
		"page.file.removed":    "Datei einer Seite endgültig entfernt",
		"page.recovered":       "Seite aus dem Papierkorb geholt",
		"page.obliged":         "Festgelegt, wer eine Seite lesen muss",
		"page.reminded":        "Ans Lesen einer Seite erinnert",
		"page.planned":         "Prüfung einer Seite eingestellt",
		"page.reviewed":        "Seite geprüft",
		"page.offered":         "Seite als Vorlage angeboten oder zurückgenommen",
		"page.relocated":       "Seite in einen anderen Wissensspeicher verschoben",
		"page.returned":        "Fassung einer Seite zurückgegeben",
		"calendar.imported":    "Kalender eingelesen",
		"calendar.land":        "Land für Feiertage gewählt",
		"calendar.vacations":   "Schulferien eingelesen",
		"meeting.made":         "Sitzung geplant",
		"meeting.invited":      "Zu einer Sitzung eingeladen",
		"meeting.cancelled":    "Sitzung abgesagt",
		"meeting.removed":      "Sitzung gelöscht",
		"meeting.began":        "Sitzung begonnen",
		"meeting.ended":        "Sitzung beendet",
		"meeting.resumed":      "Sitzung nach dem Ende fortgesetzt",
		"proposal.decided":     "Über einen Vorschlag zur Tagesordnung entschieden",
		"closing.published":    "Schließtage veröffentlicht",
		"committee.rules":      "Geschäftsordnung eines Gremiums geändert",
		"committee.elected":    "Wahl in einem Gremium eingetragen",
		"committee.corrected":  "Wahl in einem Gremium berichtigt",
		"committee.withdrawn":  "Wahl in einem Gremium zurückgenommen",
		"message.rule":         "Festgelegt, wie Familien einem Team schreiben",
		"message.changed":      "Nachrichten eingerichtet",
		"room.opened":          "Raum geöffnet",
		"room.changed":         "Raum eingestellt",
		"room.closed":          "Raum geschlossen",
		"room.reopened":        "Raum wieder geöffnet",
		"youth.code":           "Code für einen Jugendraum ausgegeben",
		"youth.consent":        "Alter und Einwilligung in einem Jugendraum vermerkt",
		"youth.dismissed":      "Zugang zu einem Jugendraum beendet",
		"resolution.entered":   "Beschluss nachgetragen",
		"resolution.arranged":  "Geltung oder Leserkreis eines Beschlusses geändert",
		"resolution.ended":     "Beschluss als ersetzt oder aufgehoben vermerkt",
		"resolution.removed":   "Nachgetragenen Beschluss gestrichen",
		"circular.asked":       "Umlaufbeschluss begonnen",
		"circular.stopped":     "Umlaufbeschluss widersprochen",
		"circular.withdrawn":   "Umlaufbeschluss zurückgezogen",
		"task.added":           "Aufgabe angelegt",
		"task.changed":         "Aufgabe geändert",
		"task.done":            "Aufgabe erledigt",
		"task.dropped":         "Aufgabe fallen gelassen",
		"task.reopened":        "Aufgabe wieder geöffnet",
		"minutes.begun":        "Protokoll begonnen",
		"minutes.sent":         "Protokoll versandt",
		"minutes.revised":      "Berichtigte Fassung eines Protokolls versandt",
		"minutes.objected":     "Einwand gegen ein Protokoll",
		"minutes.answered":     "Einwand gegen ein Protokoll beantwortet",
		"minutes.approved":     "Protokoll genehmigt",
		"minutes.noted":        "Berichtigung neben ein Protokoll gestellt",
		"minutes.broken":       "Prüfsumme eines Protokolls stimmt nicht mehr",
		"bulletin.sent":        "Rundbrief gesendet",
		"bulletin.judged":      "Über einen gemeldeten Rundbrief entschieden",
		"handover.begun":       "Übergabe begonnen",
		"handover.signed":      "Übergabe unterschrieben",
		"handover.dropped":     "Übergabe abgebrochen",
		"handover.packed":      "Übergabe als ZIP mitgenommen",
		"import.facilities":    "Liste der Einrichtungen eingelesen",
		"import.families":      "Liste der Familien eingelesen",
		"import.pages":         "Seiten eingelesen",
		"import.oparl":         "Ratsinformationen eingelesen",
		"oparl.removed":        "Eingelesene Ratsinformationen entfernt",
		"provider.saved":       "Anbieter von Anmeldungen eingerichtet",
		"provider.removed":     "Anbieter von Anmeldungen entfernt",
		"identity.linked":      "Konto an anderer Stelle verbunden",
		"identity.removed":     "Konto an anderer Stelle getrennt",
		"letter.printed":       "Brief mit Code gedruckt",
		"letter.used":          "Brief eingelöst",
		"letter.joined":        "Brief zum eigenen Zugang hinzugefügt",
		"letter.refused":       "Falscher Code eines Briefes",
		"address.added":        "E-Mail-Adresse zum Anmelden bestätigt",
		"address.removed":      "E-Mail-Adresse zum Anmelden entfernt",
		"password.set":         "Passwort gesetzt",
		"password.removed":     "Passwort entfernt",
		"passkey.added":        "Passkey hinzugefügt",
		"passkey.removed":      "Passkey entfernt",
		"second.added":         "Codes aus einer App eingerichtet",
		"second.removed":       "Codes aus einer App entfernt",
		"second.codes":         "Codes für den Notfall gemacht",
		"device.ended":         "Andere Geräte abgemeldet",
		"session.began":        "Angemeldet",
		"session.refused":      "Anmeldung misslungen",
		"session.ended":        "Abgemeldet",
		"tablet.added":         "Code für ein Gruppentablet gemacht",
		"tablet.enrolled":      "Gruppentablet eingerichtet",
		"tablet.revoked":       "Gruppentablet beendet",
		"tablet.pin":           "PIN für Gruppentablets gesetzt",
		"tablet.unlocked":      "Gruppentablet mit PIN geöffnet",
		"tablet.refused":       "Falsche PIN an einem Gruppentablet",
		"recovery.asked":       "Wiederherstellung eines Zugangs beantragt",
		"recovery.allowed":     "Wiederherstellung eines Zugangs erlaubt",
		"recovery.stopped":     "Wiederherstellung eines Zugangs angehalten",
		"session.proved":       "Mit einem Nachweis bestätigt",
		"account.exported":     "Eigene Daten mitgenommen",
		"audit.exported":       "Protokollierung mitgenommen",
		"audit.checked":        "Protokollierung von Hand geprüft",
		"audit.broken":         "Fehler in der Protokollierung gefunden",
	}
}

// Log notes that a person did something; 0 is the console, or the house itself.
func Log(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
	return audit.Add(tx, audit.Entry{At: at, Person: person, Action: action, Ref: ref})
}

// entries are the latest of the log; of one person alone unless that is 0. One carrier does not read what happens at
// another, so only whoever runs the whole house sees all.
func entries(tx *store.Tx, person int64) ([]entry, error) {
	return store.All(tx, (*entry).fields, `
		SELECT l.at, coalesce(trim(p.given || ' ' || p.family), ''), l.action, l.ref
		FROM audit l LEFT JOIN person p ON p.id = l.person WHERE (?1 = 0 OR l.person = ?1) AND l.action NOT LIKE 'session.%' ORDER BY l.at DESC, l.id DESC LIMIT 20`, person)
}
