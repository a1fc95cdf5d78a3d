package operation

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"nestfunk/app/base/front"
	"nestfunk/app/base/house"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// outbound are the connections that are set here, or at the start of the program.
func (f *feature) outbound() []house.Outbound {
	return []house.Outbound{
		{Title: "Zertifizierungsstelle (ACME)", Off: "Beim Start mit --acme", Dials: "app/base/front",
			Why:   "Um das Zertifikat zu holen und zu erneuern. Die Stelle erfährt den Namen des Hauses und veröffentlicht ihn, wie bei jedem Zertifikat; von Menschen erfährt sie nichts.",
			When:  "beim ersten Start, danach etwa alle zwei Monate",
			State: func(*store.Tx) (string, bool, error) { return f.authority(), f.Issuer != "", nil }},
		{Title: "Mailserver", Where: "/betrieb/mail", Dials: "app/base/mail", When: "wenn eine Mail zu senden ist, und beim Selbsttest",
			Why: "Für Mitteilungen und Links zum Anmelden. Er bekommt Adresse, Betreff und Text jeder Mail.", State: f.serverOf(settings.MailHost, settings.MailPort)},
		{Title: "Postfach für Rückläufer", Where: "/betrieb/mail", Dials: "app/base/mail", When: "alle paar Minuten",
			Why: "Um zu bemerken, welche Mail nicht ankam, und um Antworten zu lesen.", State: f.serverOf(settings.BounceHost, settings.BouncePort)},
		{Title: "Push-Dienste der Browser", Off: "Wer sie will, schaltet sie am eigenen Gerät ein und aus", Dials: "app/base/push", When: "wenn jemand sie eingeschaltet hat und eine Mitteilung kommt",
			Why: "Für Nachrichten aufs Handy. Google, Apple, Mozilla oder Microsoft erfahren, dass ein Gerät eine Nachricht bekommt; ihr Inhalt ist verschlüsselt.",
			State: func(tx *store.Tx) (string, bool, error) {
				hosts, err := push.Hosts(tx)
				return strings.Join(hosts, ", "), len(hosts) > 0, err
			}},
		{Title: "SMS", Where: "/betrieb/sms", Dials: "app/base/sms", When: "wenn eine SMS zu senden ist, und beim Selbsttest; mit SMPP ständig",
			Why: "Für Schließungen, die sonst jemanden nicht erreichen. Der Anbieter bekommt Telefonnummer und Text.", State: f.gateway},
	}
}

// authority is whom --acme asks.
func (f *feature) authority() string {
	u, err := url.Parse(f.Issuer)
	if err != nil || f.Issuer == "" {
		return ""
	}
	if f.Issuer == front.LetsEncrypt { // where a name is tried again after a failure
		return u.Host + ", acme-staging-v02.api.letsencrypt.org"
	}
	return u.Host
}

// serverOf is the address in two settings.
func (f *feature) serverOf(host, port string) func(*store.Tx) (string, bool, error) {
	return func(tx *store.Tx) (string, bool, error) {
		now, err := pick(tx, f.Settings, host, port)
		if err != nil || now[host] == "" {
			return "", false, err
		}
		if now[port] == "" {
			return now[host], true, nil
		}
		return net.JoinHostPort(now[host], now[port]), true, nil
	}
}

func (f *feature) gateway(tx *store.Tx) (string, bool, error) {
	now, err := pick(tx, f.Settings, settings.SMSDriver, settings.SMSHost, settings.SMSPort)
	switch {
	case err != nil || now[settings.SMSDriver] == "":
		return "", false, err
	case now[settings.SMSDriver] == sms.Seven:
		return sms.SevenHost, true, nil
	}
	return net.JoinHostPort(now[settings.SMSHost], now[settings.SMSPort]), true, nil
}

// A line is a connection as the page shows it.
type line struct {
	house.Outbound
	To string
	On bool
}

type outboundPage struct {
	web.Page
	Lines []line
}

// connections lists every connection that the house makes or could make.
func (f *feature) connections(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := outboundPage{Page: f.page(r, v, "Verbindungen nach außen")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		for _, o := range f.out() {
			to, on, err := o.State(tx)
			if err != nil {
				return err
			}
			p.Lines = append(p.Lines, line{o, to, on && !f.Demo})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "outbound.html", p)
}
