package sms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/settings"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

func TestSMPPTakesAnSMS(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	m := letter()
	m.Text = "Käfer: zu [heute] für 5 €"
	if err := o.send(m); err != nil {
		t.Fatal(err)
	}
	got := c.submitted()
	if len(got) != 1 {
		t.Fatalf("%d", len(got))
	}
	p := got[0]
	if p.SourceAddr.Address() != "Kita" || p.SourceAddr.Ton() != data.GSM_TON_ALPHANUMERIC || p.DestAddr.Address() != "491712345678" ||
		p.DestAddr.Ton() != data.GSM_TON_INTERNATIONAL || p.DestAddr.Npi() != data.GSM_NPI_E164 || p.RegisteredDelivery != 1 || p.EsmClass != 0 ||
		p.Message.Encoding().DataCoding() != data.GSM7BITCoding || words(t, got, data.GSM7BIT) != m.Text {
		t.Errorf("%+v", p)
	}
	if o.spent() != (Cost{1, 75}) || o.states() != "17-6 handed 1" {
		t.Errorf("%+v %s", o.spent(), o.states())
	}
}

func TestSMPPSender(t *testing.T) {
	for from, want := range map[string]pdu.Address{
		"":              address(t, data.GSM_TON_UNKNOWN, data.GSM_NPI_UNKNOWN, ""),
		"Kita Sonne":    address(t, data.GSM_TON_ALPHANUMERIC, data.GSM_NPI_UNKNOWN, "Kita Sonne"),
		"+491771783130": address(t, data.GSM_TON_INTERNATIONAL, data.GSM_NPI_E164, "491771783130"),
	} {
		if got, err := sender(from); got != want || err != nil {
			t.Errorf("%q: %+v, %v", from, got, err)
		}
	}
}

func address(t *testing.T, ton, npi byte, a string) pdu.Address {
	t.Helper()
	x, err := pdu.NewAddressWithTonNpiAddr(ton, npi, a)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSMPPLongTexts(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		coding data.Encoding
		parts  int
	}{
		"german":    {strings.Repeat("Käfer [zu] ", 30), data.GSM7BIT, 3},
		"ukrainian": {strings.Repeat("закрито ", 20), data.UCS2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := newCenter(t, nil)
			o := withCenter(t, smsc)
			m := letter()
			m.Text = c.text
			if err := o.send(m); err != nil {
				t.Fatal(err)
			}
			got := smsc.submitted()
			if len(got) != c.parts || words(t, got, c.coding) != c.text || o.spent() != (Cost{c.parts, 75 * c.parts}) {
				t.Errorf("%d parts, %q, %+v", len(got), words(t, got, c.coding), o.spent())
			}
			var refs []byte
			for i, p := range got {
				udh := p.Message.UDH()
				total, n, ref, ok := udh.GetConcatInfo()
				refs = append(refs, ref)
				last := i == c.parts-1
				if !ok || int(total) != c.parts || int(n) != i+1 || refs[0] != ref || p.EsmClass != data.SM_UDH_GSM || (p.RegisteredDelivery == 1) != last {
					t.Errorf("part %d: %d of %d, ref %d, receipt %d", i, n, total, ref, p.RegisteredDelivery)
				}
			}
			if smsc.deliver("491712345678", stat("1003", "DELIVRD"), receipt) != data.ESME_ROK || o.heard() != "17-6 delivered" {
				t.Error(o.heard())
			}
		})
	}
}

func TestSMPPReports(t *testing.T) {
	tlv := func(tag pdu.Tag, b ...byte) func(*pdu.DeliverSM) {
		return func(p *pdu.DeliverSM) { receipt(p); p.RegisterOptionalParam(pdu.Field{Tag: tag, Data: b}) }
	}
	for name, c := range map[string]struct {
		from, text string
		set        func(*pdu.DeliverSM)
		want       string
	}{
		"delivered":           {"491712345678", stat("1001", "DELIVRD"), receipt, "17-6 delivered"},
		"with plus":           {"+491712345678", stat("1001", "DELIVRD"), receipt, "17-6 delivered"},
		"no number":           {"", stat("1001", "DELIVRD"), receipt, "17-6 delivered"},
		"expired":             {"491712345678", stat("1001", "EXPIRED"), receipt, "17-6 failed " + whyExpired},
		"undeliverable":       {"491712345678", stat("1001", "UNDELIV"), receipt, "17-6 failed " + whyAbsent},
		"rejected":            {"491712345678", stat("1001", "REJECTD"), receipt, "17-6 failed " + whyRejected},
		"deleted":             {"491712345678", stat("1001", "DELETED"), receipt, "17-6 failed " + whyFailed},
		"accepted":            {"491712345678", stat("1001", "ACCEPTD"), receipt, ""},
		"en route":            {"491712345678", stat("1001", "ENROUTE"), receipt, ""},
		"unknown":             {"491712345678", stat("1001", "UNKNOWN"), receipt, ""},
		"in hexadecimal":      {"491712345678", stat("3e9", "DELIVRD"), receipt, "17-6 delivered"},
		"in hexadecimal, big": {"491712345678", stat("000003E9", "DELIVRD"), receipt, "17-6 delivered"},
		"of somebody else":    {"491712345678", stat("4711", "DELIVRD"), receipt, ""},
		"of another number":   {"491712345679", stat("1001", "DELIVRD"), receipt, ""},
		"without id":          {"491712345678", "stat:DELIVRD", receipt, ""},
		"without words":       {"491712345678", "", receipt, ""},
		"words of an SMS":     {"491712345678", stat("1001", "DELIVRD"), nil, ""},
		"state beside":        {"491712345678", "id:1001", tlv(pdu.TagMessageStateOption, data.SM_STATE_DELIVERED), "17-6 delivered"},
		"id beside":           {"491712345678", "stat:DELIVRD", tlv(pdu.TagReceiptedMessageID, '1', '0', '0', '1', 0), "17-6 delivered"},
		"as payload":          {"491712345678", "", tlv(pdu.TagMessagePayload, []byte(stat("1001", "DELIVRD"))...), "17-6 delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := newCenter(t, nil)
			o := withCenter(t, smsc)
			if err := o.send(letter()); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if s := smsc.deliver(c.from, c.text, c.set); s != data.ESME_ROK {
					t.Error(s)
				}
			}
			if o.heard() != c.want {
				t.Errorf("%q, want %q", o.heard(), c.want)
			}
		})
	}
}

// STOPP and reports come also when nothing is being sent.
func TestSMPPHearsStopp(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	if err := o.keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	ucs2 := func(p *pdu.DeliverSM) {
		b, _ := data.UCS2.Encode("Стоп, STOP")
		_ = p.Message.SetMessageDataWithEncoding(b[12:], data.UCS2)
	}
	for _, x := range []struct {
		from, text string
		set        func(*pdu.DeliverSM)
	}{{"491712345678", "Stopp", nil}, {"491712345670", "", ucs2}, {"Vodafone", "STOP", nil}, {"491712345671", "Hallo", nil}} {
		if s := c.deliver(x.from, x.text, x.set); s != data.ESME_ROK {
			t.Error(s)
		}
	}
	for number, want := range map[string]bool{"+491712345678": true, "+491712345670": true, "+491712345671": false} {
		if err := o.send(to(number, "17-6")); Blocked(err) != want {
			t.Errorf("%s: %v", number, err)
		}
	}
	o.set(settings.SMSDriver, "") // the operator gives it up
	if err := o.keep(t.Context()); err != nil || c.unbinds != 1 {
		t.Errorf("%v, %d goodbyes", err, c.unbinds)
	}
}

// Run signs in by itself, and says goodbye at the end.
func TestRunKeepsTheLine(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	<-c.came
	if s := c.deliver("491712345678", "STOP", nil); s != data.ESME_ROK {
		t.Error(s)
	}
	stop()
	<-done
	if err := o.send(letter()); !Blocked(err) || c.binds != 1 || c.unbinds != 1 {
		t.Errorf("%v, %d lines, %d goodbyes", err, c.binds, c.unbinds)
	}
}

func TestSMPPComesEarly(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	c.submit = func(int, *pdu.SubmitSM) (data.CommandStatusType, bool) {
		if s := c.deliver("491712345678", stat("1001", "DELIVRD"), receipt); s != data.ESME_RX_T_APPN || o.heard() != "" {
			t.Error("before the answer to the SMS:", s, o.heard())
		}
		return data.ESME_ROK, true
	}
	if err := o.send(letter()); err != nil {
		t.Fatal(err)
	}
	if s := c.deliver("491712345678", stat("1001", "DELIVRD"), receipt); s != data.ESME_ROK || o.heard() != "17-6 delivered" {
		t.Errorf("%v, %q", s, o.heard())
	}
}

func TestSMPPRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		status  data.CommandStatusType
		refused bool
		states  string
		words   string
	}{
		"number":  {data.ESME_RINVDSTADR, true, "17-6 failed 0", "diese Nummer abgelehnt. Antwort des Anbieters: ESME_RINVDSTADR"},
		"text":    {data.ESME_RINVMSGLEN, true, "17-6 failed 0", "den Text abgelehnt"},
		"sender":  {data.ESME_RINVSRCADR, false, "", "Absender"},
		"broken":  {data.ESME_RSYSERR, false, "", "nicht angenommen"},
		"private": {data.CommandStatusType(0x401), false, "", "nicht angenommen"},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := newCenter(t, nil)
			smsc.submit = func(int, *pdu.SubmitSM) (data.CommandStatusType, bool) { return c.status, true }
			o := withCenter(t, smsc)
			if err := o.send(letter()); err == nil || Refused(err) != c.refused || !strings.Contains(Words(err), c.words) || o.states() != c.states || len(smsc.submitted()) != 1 {
				t.Errorf("%v, %s, %d submitted", err, o.states(), len(smsc.submitted()))
			}
		})
	}
}

func TestSMPPIsThrottled(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	c.submit = func(n int, _ *pdu.SubmitSM) (data.CommandStatusType, bool) {
		return map[bool]data.CommandStatusType{true: data.ESME_RTHROTTLED, false: data.ESME_ROK}[n < 3], true
	}
	if err := o.send(letter()); err != nil || len(c.submitted()) != 3 || o.states() != "17-6 handed 1" {
		t.Errorf("%v, %d submitted, %s", err, len(c.submitted()), o.states())
	}
	c.submit = func(int, *pdu.SubmitSM) (data.CommandStatusType, bool) { return data.ESME_RMSGQFUL, true }
	if err := o.send(to("+491712345678", "18-6")); err == nil || Refused(err) || !strings.Contains(Words(err), "zu viele sind") || len(c.submitted()) != 3+tries || o.states() != "17-6 handed 1" {
		t.Errorf("%v, %d submitted, %s", err, len(c.submitted()), o.states())
	}
}

func TestSMPPWrongPassword(t *testing.T) {
	for name, c := range map[string]struct {
		set  []string
		bare bool
		want string
	}{
		"password":       {[]string{settings.SMSPassword, "falsch"}, false, "127.0.0.1 hat Benutzername oder Passwort nicht angenommen. Antwort des Anbieters: ESME_RINVPASWD"},
		"user":           {[]string{settings.SMSUser, "dieb"}, false, "Benutzername oder Passwort nicht angenommen. Antwort des Anbieters: ESME_RINVSYSID"},
		"with head only": {[]string{settings.SMSPassword, "falsch"}, true, "Benutzername oder Passwort nicht angenommen. Antwort des Anbieters: ESME_RINVPASWD"},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := newCenter(t, nil)
			smsc.bare = c.bare
			o := withCenter(t, smsc, c.set...)
			if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), c.want) || strings.Contains(Words(err), "falsch") {
				t.Error(err)
			}
			if o.states() != "" {
				t.Error(o.states())
			}
			o.set(settings.SMSUser, "kita", settings.SMSPassword, smscPassword)
			if err := o.send(letter()); err != nil {
				t.Error("after it was mended:", err)
			}
		})
	}
}

// A line that breaks before the answer leaves it open whether the SMS goes out: it waits, and then goes again, once.
func TestSMPPBreaksOff(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	c.submit = func(n int, _ *pdu.SubmitSM) (data.CommandStatusType, bool) {
		if n == 1 {
			c.hangUp()
		}
		return data.ESME_ROK, n > 1
	}
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "hat die Verbindung beendet") || o.states() != "17-6 waiting 1" {
		t.Errorf("%v, %s", err, o.states())
	}
	if err := o.send(letter()); err == nil || !strings.Contains(Words(err), "noch unklar") || len(c.submitted()) != 1 {
		t.Errorf("%v, %d submitted", err, len(c.submitted()))
	}
	if err := o.send(to("+491712345679", "17-7")); err != nil || c.binds != 2 { // others go over a new line
		t.Errorf("%v, %d lines", err, c.binds)
	}
	o.wait(patience)
	if err := o.send(letter()); err != nil || len(c.submitted()) != 3 || o.states() != "17-6 failed 1, 17-7 handed 1, 17-6 handed 1" {
		t.Errorf("%v, %s", err, o.states())
	}
}

// When the second of three parts is refused, the first has gone out.
func TestSMPPBreaksOffWithinAText(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	c.submit = func(n int, _ *pdu.SubmitSM) (data.CommandStatusType, bool) {
		return map[bool]data.CommandStatusType{true: data.ESME_RSYSERR, false: data.ESME_ROK}[n == 2], true
	}
	m := letter()
	m.Text = strings.Repeat("a", 400)
	if err := o.send(m); err == nil || Refused(err) || o.states() != "17-6 waiting 3" || len(c.submitted()) != 2 {
		t.Errorf("%v, %s, %d submitted", err, o.states(), len(c.submitted()))
	}
}

func TestSMPPDoesNotAnswer(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	o.smpp.timeout = 50 * time.Millisecond
	c.submit = func(int, *pdu.SubmitSM) (data.CommandStatusType, bool) { return 0, false }
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "antwortet nicht") || o.states() != "17-6 waiting 1" {
		t.Errorf("%v, %s", err, o.states())
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes a call and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	o.set(settings.SMSPort, port)
	if err := o.send(to("+491712345678", "18-6")); err == nil || !strings.Contains(Words(err), "antwortet nicht") || strings.Contains(o.states(), "18-6") {
		t.Errorf("%v, %s", err, o.states())
	}
	o.set(settings.SMSPort, "1")
	if err := o.send(to("+491712345678", "18-6")); err == nil || !strings.Contains(Words(err), "nimmt keine Verbindung an") || strings.Contains(o.states(), "18-6") {
		t.Errorf("%v, %s", err, o.states())
	}
}

func TestSMPPOverTLS(t *testing.T) {
	web := httptest.NewTLSServer(http.NotFoundHandler()) // has a certificate for 127.0.0.1
	defer web.Close()
	c := newCenter(t, &tls.Config{Certificates: web.TLS.Certificates})
	o := withCenter(t, c, settings.SMSSecurity, "tls")
	if err := o.send(letter()); err == nil || !strings.Contains(Words(err), "Dem Zertifikat von 127.0.0.1 traut dieser Rechner nicht.") || o.states() != "" {
		t.Errorf("%v, %s", err, o.states())
	}
	o.smpp.roots = x509.NewCertPool()
	o.smpp.roots.AddCert(web.Certificate())
	if err := o.send(letter()); err != nil || len(c.submitted()) != 1 {
		t.Error(err)
	}
	plain := newCenter(t, nil)
	_, port, _ := net.SplitHostPort(plain.ln.Addr().String())
	o.set(settings.SMSPort, port)
	o.smpp.timeout = 200 * time.Millisecond
	if err := o.send(to("+491712345678", "18-6")); err == nil || strings.Contains(o.states(), "18-6") {
		t.Errorf("%v, %s", err, o.states())
	}
}

func TestSMPPManyAtOnce(t *testing.T) {
	c := newCenter(t, nil)
	o := withCenter(t, c)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if err := o.Send(t.Context(), to("+4917123456"+string(rune('0'+i/10))+string(rune('0'+i%10)), "17-6")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if c.binds != 1 || len(c.submitted()) != 40 || o.spent().SMS != 40 {
		t.Errorf("%d lines, %d submitted", c.binds, len(c.submitted()))
	}
}

func FuzzParseReceipt(f *testing.F) {
	f.Add(stat("1001", "DELIVRD"))
	f.Add("ID: x STAT:undeliv")
	f.Fuzz(func(t *testing.T, text string) {
		id, state, why := parseReceipt(text)
		if len(id) > 256 || (state == "failed") != (why != "") || state != "" && state != "failed" && state != "delivered" {
			t.Errorf("%q %q %q", id, state, why)
		}
	})
}
