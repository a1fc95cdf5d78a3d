// Package operation (Betrieb) is for those who keep the house running: mail server, SMS, name, legal pages, and what does not
// work at the moment. It shows numbers and settings, never what anybody wrote.
//
// What holds for the whole house may be changed only by an administrator of its root. Whoever chooses the mail server
// could read every sign-in link, so the administrator of one carrier must not.
package operation

import (
	"strconv"
	"strings"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// Banner warns whoever announces that a channel will not work; "" if all do that are set up.
func Banner(tx *store.Tx, s *settings.Settings) string {
	ready, err := mail.Ready(tx, s)
	if err != nil {
		return "" // what cannot be read is reported by the page itself
	}
	if !ready {
		return "Es ist kein Mailserver eingerichtet. Mitteilungen erreichen nur, wer die App öffnet."
	}
	all, err := verdicts(tx)
	if err != nil {
		return ""
	}
	var broken []string
	for _, v := range all {
		if v.Words != "" {
			broken = append(broken, v.Name())
		}
	}
	if broken == nil {
		return ""
	}
	return "Der Selbsttest meldet: " + strings.Join(broken, ", ") + " funktioniert gerade nicht. Der Betrieb weiß Bescheid."
}

// job is the German name of a kind of task.
func job(kind string) string {
	if words, ok := map[string]string{"mail": "Mail senden", bouncesKind: "Rückläufer abholen",
		selftestKind: "Selbsttest", "announcement.push": "Nachrichten aufs Handy senden", "announcement.mail": "Mails senden",
		"announcement.sms": "SMS senden", "announcement.digest": "Zusammenfassungen senden",
		"calendar.remind": "An Termine erinnern", "calendar.tell": "Über Termine Bescheid geben",
		"file.read": "Dateien für die Suche lesen", "file.sweep": "Dateien aufräumen",
		"list.keep": "Alte Listen löschen", "slip.keep": "Alte Rückmeldungen löschen",
		"ballot.close": "Abstimmungen schließen", "ballot.key": "Schlüssel für geheime Abstimmungen bereitlegen"}[kind]; ok {
		return words
	}
	return kind
}

// counts are the numbers of the overview.
type counts struct{ Units, Facilities, People, Children, Guardians, NoMail int }

// server is what the two forms for servers ask.
type server struct{ host, port, security, user, password string }

// readServer checks the fields that both forms have. keep: a password is stored for host.
func readServer(form web.Form, wrong *fault.Form, host string, keep bool) server {
	s := server{form.Get("host"), form.Get("port"), form.Get("security"), form.Get("user"), form.Raw("password")}
	if !mail.Host(s.host) {
		wrong.Add("host", "Bitte geben Sie einen Servernamen wie mail.beispiel.de ein, ohne http:// und ohne Leerzeichen.")
	}
	if n, err := strconv.Atoi(s.port); s.port != "" && (err != nil || n < 1 || n > 65535) {
		wrong.Add("port", "Bitte geben Sie eine Zahl zwischen 1 und 65535 ein oder lassen Sie das Feld leer.")
	}
	switch s.security {
	case "tls", "starttls":
	case "none":
		if !mail.Loopback(s.host) {
			wrong.Add("security", "Ohne Verschlüsselung geht es nur, wenn der Server auf demselben Rechner läuft (localhost).")
		}
	default:
		wrong.Add("security", "Bitte wählen Sie eine Verschlüsselung.")
	}
	if strings.ContainsFunc(s.user, unicode.IsControl) || len(s.user) > 200 {
		wrong.Add("user", "Bitte geben Sie den Benutzernamen ohne Sonderzeichen ein.")
	}
	if strings.ContainsFunc(s.password, unicode.IsControl) || len(s.password) > 500 {
		wrong.Add("password", "Dieses Passwort enthält Zeichen, die kein Mailserver annimmt.")
	}
	// A stored password goes to the server it was meant for, and to no other.
	if s.password == "" && s.user != "" && keep && !strings.EqualFold(s.host, host) {
		wrong.Add("password", "Bitte geben Sie das Passwort neu ein, weil sich der Server geändert hat.")
	}
	return s
}

func readAddress(form web.Form, wrong *fault.Form, field string, need bool) string {
	a := form.Get(field)
	if (a != "" || need) && !mail.Valid(a) {
		wrong.Add(field, "Bitte geben Sie eine Mailadresse wie kita@beispiel.de ein.")
	}
	return a
}
