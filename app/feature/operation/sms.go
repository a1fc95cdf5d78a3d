package operation

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

const usualLimit = "300" // SMS a day, until the operator sets another

var (
	// What phones show as a sender: at most 11 characters, and a letter among them, or they take it for a number.
	senderName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 .&-]{0,10}$`)
	letter     = regexp.MustCompile(`[A-Za-z]`)
	centsTyped = regexp.MustCompile(`^([0-9]{1,3})(?:[,.]([0-9]))?$`)
)

// smsServer is what the form asks, checked.
type smsServer struct{ driver, key, host, port, security, user, password, from, price, limit string }

// readSMS checks the fields of the chosen provider. hasKey: a key is stored; keep: a password is stored for host.
func readSMS(form web.Form, host string, hasKey, keep bool) (smsServer, error) {
	s := smsServer{driver: form.Get("driver"), from: form.Get("from"), price: form.Get("price"), limit: form.Get("limit")}
	var wrong fault.Form
	switch s.driver {
	case "":
		return smsServer{}, nil
	case sms.Seven:
		s.key = form.Get("key")
		if !plain(s.key) || len(s.key) > 200 || s.key == "" && !hasKey {
			wrong.Add("key", "Bitte geben Sie den API-Schlüssel ein. Sie finden ihn bei seven.io unter „Entwickler“.")
		}
	case sms.SMPP:
		readSMPP(form, &wrong, &s, host, keep)
	default:
		wrong.Add("driver", "Bitte wählen Sie einen Anbieter.")
	}
	if number := sms.Number(s.from); number != "" {
		s.from = number
	} else if s.from != "" && (!senderName.MatchString(s.from) || !letter.MatchString(s.from)) {
		wrong.Add("from", "Bitte geben Sie einen Namen mit höchstens 11 Zeichen ohne Umlaute ein, oder eine Telefonnummer.")
	}
	if m := centsTyped.FindStringSubmatch(s.price); m == nil {
		wrong.Add("price", "Bitte geben Sie den Preis in Cent ein, zum Beispiel 7,5.")
	} else {
		whole, _ := strconv.Atoi(m[1]) // both are digits
		tenth, _ := strconv.Atoi("0" + m[2])
		s.price = strconv.Itoa(10*whole + tenth)
	}
	if n, err := strconv.Atoi(s.limit); err != nil || n < 1 || n > 1_000_000 {
		wrong.Add("limit", "Bitte geben Sie eine Zahl ab 1 ein.")
	}
	return s, wrong.Err()
}

func readSMPP(form web.Form, wrong *fault.Form, s *smsServer, host string, keep bool) {
	s.host, s.port, s.security, s.user, s.password = form.Get("host"), form.Get("port"), form.Get("security"), form.Get("user"), form.Raw("password")
	if !mail.Host(s.host) {
		wrong.Add("host", "Bitte geben Sie einen Servernamen wie smpp.beispiel.de ein, ohne http:// und ohne Leerzeichen.")
	}
	if n, err := strconv.Atoi(s.port); s.port != "" && (err != nil || n < 1 || n > 65535) {
		wrong.Add("port", "Bitte geben Sie eine Zahl zwischen 1 und 65535 ein oder lassen Sie das Feld leer.")
	}
	switch {
	case s.security != "tls" && s.security != "none":
		wrong.Add("security", "Bitte wählen Sie eine Verschlüsselung.")
	case s.security == "none" && !sms.Near(s.host):
		wrong.Add("security", "Ohne Verschlüsselung geht es nur auf demselben Rechner oder mit einer Adresse in einem privaten Netz, etwa hinter einem VPN.")
	}
	if s.user == "" || !plain(s.user) || len(s.user) > 15 { // SMPP 3.4, 5.2.1
		wrong.Add("user", "Bitte geben Sie den Benutzernamen (system_id) mit höchstens 15 Zeichen ein.")
	}
	switch {
	case !plain(s.password) || len(s.password) > 60:
		wrong.Add("password", "Dieses Passwort enthält Zeichen, die SMPP nicht kennt, oder ist zu lang.")
	case s.password == "" && !keep:
		wrong.Add("password", "Bitte geben Sie das Passwort ein.")
	case s.password == "" && !strings.EqualFold(s.host, host): // a stored password goes to no other server
		wrong.Add("password", "Bitte geben Sie das Passwort neu ein, weil sich der Server geändert hat.")
	}
}

// setSMS stores the provider; what belongs to another one, or to none, is removed. The address for reports stays, since
// they come for days.
func (f *feature) setSMS(tx *store.Tx, form web.Form) error {
	host, err := f.Settings.Get(tx, settings.SMSHost)
	if err != nil {
		return err
	}
	hasKey, err := f.stored(tx, settings.SMSKey)
	if err != nil {
		return err
	}
	keep, err := f.stored(tx, settings.SMSPassword)
	if err != nil {
		return err
	}
	s, err := readSMS(form, host, hasKey, keep)
	if err != nil {
		return err
	}
	if err := put(tx, f.Settings, map[string]string{settings.SMSDriver: s.driver, settings.SMSHost: s.host, settings.SMSPort: s.port,
		settings.SMSSecurity: s.security, settings.SMSUser: s.user, settings.SMSFrom: s.from, settings.SMSPrice: s.price,
		settings.SMSLimit: s.limit}); err != nil {
		return err
	}
	if s.key != "" || s.driver != sms.Seven {
		if err := f.Settings.SetSecret(tx, settings.SMSKey, s.key); err != nil {
			return err
		}
	}
	if s.password != "" || s.driver != sms.SMPP {
		if err := f.Settings.SetSecret(tx, settings.SMSPassword, s.password); err != nil {
			return err
		}
	}
	token, err := f.Settings.Secret(tx, settings.SMSToken)
	if err != nil || token != "" || s.driver != sms.Seven {
		return err
	}
	return f.Settings.SetSecret(tx, settings.SMSToken, rand.Text())
}

// cents writes tenths of a cent as the form takes them: "75" is "7,5".
func cents(tenths string) string {
	n, err := strconv.Atoi(tenths)
	if err != nil {
		return ""
	}
	if n%10 == 0 {
		return strconv.Itoa(n / 10)
	}
	return fmt.Sprintf("%d,%d", n/10, n%10)
}
