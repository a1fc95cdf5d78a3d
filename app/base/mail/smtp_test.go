package mail

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/settings"

	gomail "github.com/wneessen/go-mail"
)

func TestWhatAMailSays(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in, settings.MailReply, "leitung@example.org"))
	m := letter()
	m.Urgent = true
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(in.got()[0]))
	if err != nil {
		t.Fatal(err)
	}
	mark := s.Settings.Mark(markPurpose, "17-6")
	for name, want := range map[string]string{
		"From":                  "=?utf-8?q?Kitas_in_M=C3=BCsterhausen?= <kita@example.org>",
		"To":                    `"Ada Demir" <ada@example.org>`,
		"Reply-To":              "<leitung@example.org>",
		"Subject":               "=?UTF-8?q?K=C3=A4fer_bleibt_heute_zu?=",
		"Message-Id":            "<17-6." + mark + "@kita.example>",
		"Date":                  "Mon, 02 Mar 2026 06:12:00 +0000",
		"Content-Language":      "tr",
		"Auto-Submitted":        "auto-generated",
		"List-Unsubscribe":      "<https://kita.example/abmelden?t=x>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Importance":            "high",
	} {
		if g := got.Header.Get(name); g != want {
			t.Errorf("%s: %q, want %q", name, g, want)
		}
	}
	raw := in.got()[0]
	for _, s := range []string{"multipart/alternative", "text/plain", "text/html", "Content-Transfer-Encoding: quoted-printable"} {
		if !strings.Contains(raw, s) {
			t.Errorf("no %s in\n%s", s, raw)
		}
	}
	for _, s := range []string{"<img", "User-Agent", "X-Mailer", "Precedence"} {
		if strings.Contains(raw, s) {
			t.Errorf("%s in\n%s", s, raw)
		}
	}
	said := in.told(0)
	if !strings.Contains(said, "EHLO kita.example") || !strings.Contains(said, "MAIL FROM:<kita@example.org> BODY=8BITMIME\n") {
		t.Error("said:", said)
	}
}

func TestClosureCannotBeUnsubscribed(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	m := letter()
	m.Kind = Closure
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(in.got()[0], "Unsubscribe") {
		t.Error(in.got()[0])
	}
}

// A mail that is tried again must be recognisable as the same one; two without a ref must not.
func TestMessageID(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	var ids []string
	for _, ref := range []string{"17-6", "17-6", "", ""} {
		m := letter()
		m.Ref = ref
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range in.got() {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-Id"))
	}
	if ids[0] != ids[1] || ids[2] == ids[3] || ids[0] == ids[2] {
		t.Error(ids)
	}
}

func TestNothingIsInjected(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	for name, spoil := range map[string]func(m *Message, evil string){
		"to":          func(m *Message, e string) { m.To += e },
		"to before":   func(m *Message, e string) { m.To = e + m.To },
		"name":        func(m *Message, e string) { m.Name += e },
		"subject":     func(m *Message, e string) { m.Subject += e },
		"ref":         func(m *Message, e string) { m.Ref += e },
		"unsubscribe": func(m *Message, e string) { m.Unsubscribe += e },
		"language":    func(m *Message, e string) { m.Language += e },
	} {
		for _, evil := range []string{"\r\nBcc: mallory@example.org", "\nBcc: mallory@example.org", "\rBcc: x", "\x00", "\r\n.\r\nQUIT", "\x7f", "\u0085x"} {
			t.Run(name, func(t *testing.T) {
				m := letter()
				spoil(&m, evil)
				if err := s.Send(t.Context(), m); err == nil || !Refused(err) {
					t.Errorf("%q: %v", evil, err)
				}
			})
		}
	}
	for _, to := range []string{"", "ada", "ada@", "@example.org", "ada@localhost", "Ada <ada@example.org>", "ada@example.org, mallory@example.org", `"a b"@example.org`,
		"ada@example.org> SIZE=1", "ada@exa mple.org", "ada@[127.0.0.1]", "ada@-x.org", "ada@x..org", "müller@kita.de", "a(b)@example.org", strings.Repeat("a", 65) + "@example.org"} {
		m := letter()
		m.To = to
		if err := s.Send(t.Context(), m); !Refused(err) {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, u := range []string{"javascript:alert(1)", "https://", "https://a/>,<mailto:x@y.z", "abmelden"} {
		m := letter()
		m.Unsubscribe = u
		if err := s.Send(t.Context(), m); !Refused(err) {
			t.Errorf("unsubscribe %q: %v", u, err)
		}
	}
	if n := in.connections(); n != 0 {
		t.Errorf("%d connections for mails that nobody may send", n)
	}
	// Words of people that only look dangerous arrive as they are.
	m := letter()
	m.Name, m.Subject, m.Text = `Ada "Bcc: x" <y>`, "Bcc: x; <b>", "Anfang\n.\nQUIT\n..\nEnde"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(in.got()[0]))
	if err != nil || got.Header.Get("Bcc") != "" || got.Header.Get("Subject") != m.Subject {
		t.Errorf("%v, %v", got.Header, err)
	}
	if to, err := got.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != m.Name {
		t.Errorf("%v, %v", to, err)
	}
}

func TestTLS(t *testing.T) {
	good, roots := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	old, oldRoots := certificate(t, "127.0.0.1", time.Now().Add(-time.Hour))
	other, otherRoots := certificate(t, "mail.example.org", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		sink     *sink
		security string
		want     string // "": it goes through
	}{
		"starttls":           {&sink{startTLS: true, tls: good, auth: true}, "starttls", ""},
		"tls":                {&sink{tls: good, auth: true}, "tls", ""},
		"no starttls":        {&sink{auth: true}, "starttls", "bietet kein STARTTLS an"},
		"no tls":             {&sink{auth: true}, "tls", "spricht kein TLS von Anfang an"},
		"unknown authority":  {&sink{tls: good, auth: true}, "tls", "traut dieser Rechner nicht"},
		"expired":            {&sink{tls: old, auth: true}, "tls", "abgelaufen"},
		"other name":         {&sink{tls: other, auth: true}, "tls", "Das Zertifikat gehört nicht zu 127.0.0.1"},
		"starttls, expired":  {&sink{startTLS: true, tls: old, auth: true}, "starttls", "abgelaufen"},
		"nobody can sign in": {&sink{tls: good}, "tls", "bietet keine Anmeldung an"},
	} {
		t.Run(name, func(t *testing.T) {
			in := serve(t, c.sink)
			s := office(t, through(in, settings.MailSecurity, c.security, settings.MailUser, "kita", settings.MailPassword, "geheim"))
			switch in.tls {
			case old:
				s.RootCAs = oldRoots
			case other:
				s.RootCAs = otherRoots
			default:
				s.RootCAs = roots
			}
			if name == "unknown authority" {
				s.RootCAs = oldRoots
			}
			err := s.Send(t.Context(), letter())
			if c.want == "" {
				if err != nil || len(in.got()) != 1 {
					t.Fatal(err)
				}
				if said := in.told(0); !strings.Contains(said, "AUTH PLAIN AGtpdGEAZ2VoZWlt") {
					t.Error(said)
				}
				return
			}
			if err == nil || Refused(err) || !strings.Contains(Words(err), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if said := in.told(0); strings.Contains(said, "AUTH") || strings.Contains(said, "RCPT") {
				t.Errorf("told a server that is not trusted: %s", said)
			}
		})
	}
}

func TestWhatGoesWrong(t *testing.T) {
	answer := func(prefix, reply string) func(string) string {
		return func(command string) string {
			if strings.HasPrefix(command, prefix) {
				return reply
			}
			return ""
		}
	}
	for name, c := range map[string]struct {
		answer  func(string) string
		refused bool
		want    string
	}{
		"no such user":          {answer("RCPT", "550 5.1.1 <ada@example.org>: Recipient address rejected"), true, "Empfängeradresse abgelehnt. Antwort des Servers: 550 5.1.1 … Recipient"},
		"mailbox full":          {answer("RCPT", "552 5.2.2 full"), true, "Empfängeradresse abgelehnt"},
		"greylisted":            {answer("RCPT", "450 4.7.1 later"), false, "gerade nichts an"},
		"relay":                 {answer("RCPT", "554 5.7.1 Relay access denied"), false, "von diesem Zugang keine Mails"},
		"must sign in":          {answer("RCPT", "530 5.7.0 Authentication required"), false, "von diesem Zugang keine Mails"},
		"sender":                {answer("MAIL", "553 5.7.1 Sender address rejected: not owned by user"), false, "Absenderadresse nicht zu"},
		"spam":                  {answer(".", "554 5.7.1 spam"), true, "hat die Mail abgelehnt"},
		"busy":                  {answer(".", "451 4.3.0 later"), false, "gerade nicht an"},
		"data refused":          {answer("DATA", "554 5.5.1 no valid recipients"), true, "hat die Mail abgelehnt"},
		"hangs up":              {answer("RCPT", "421 4.3.2 shutting down"), false, "keine Mails an"},
		"wrong password":        {answer("AUTH", "535 5.7.8 authentication failed"), false, "Benutzername oder Passwort nicht angenommen. Antwort des Servers: 535"},
		"too many logins":       {answer("AUTH", "454 4.7.0 later"), false, "gerade keine Anmeldung"},
		"reset fails afterward": {answer("RSET", "421 4.3.2 bye"), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := serve(t, &sink{auth: true, answer: c.answer})
			s := office(t, through(in, settings.MailUser, "kita", settings.MailPassword, "geheim"))
			err := s.Send(t.Context(), letter())
			if c.want == "" {
				if err != nil || len(in.got()) != 1 {
					t.Errorf("a mail that was taken would be sent again: %v", err)
				}
				return
			}
			if err == nil || Refused(err) != c.refused || !strings.Contains(Words(err), c.want) {
				t.Errorf("%v (refused %v), want %s", err, Refused(err), c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "ada@") || strings.Contains(err.Error(), "geheim")) {
				t.Errorf("the outbox would keep %s", err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in := &sink{ln: ln}
	ln.Close()
	for name, c := range map[string]struct {
		values map[string]string
		want   string
	}{
		"not set up":       {nil, "kein Mailserver eingerichtet"},
		"refused":          {through(in), "nimmt keine Verbindung an"},
		"no such name":     {through(in, settings.MailHost, "mail.invalid", settings.MailSecurity, "tls"), "mail.invalid"},
		"in the clear":     {through(in, settings.MailHost, "mail.example.org"), "Ohne Verschlüsselung"},
		"unknown security": {through(in, settings.MailHost, "mail.example.org", settings.MailSecurity, "viel"), "Ohne Verschlüsselung"},
		"broken sender":    {through(in, settings.MailFrom, "kita"), "nicht gültig"},
	} {
		t.Run(name, func(t *testing.T) {
			s := office(t, c.values)
			if err := s.Send(t.Context(), letter()); err == nil || Refused(err) || !strings.Contains(Words(err), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	s := office(t, through(in, settings.MailUser, "kita", settings.MailPassword, "geheim"))
	if !s.Configured(t.Context()) {
		t.Error("is set up")
	}
	s.Settings = settings.New([]byte(strings.Repeat("x", 32)))
	if err := s.Send(t.Context(), letter()); err == nil || !strings.Contains(Words(err), "Schlüsseldatei") || s.Configured(t.Context()) {
		t.Errorf("with another key: %v", err)
	}
}

func TestLinesAreReused(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	send := func(n int) {
		t.Helper()
		for range n {
			if err := s.Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(perLine)
	if n := in.connections(); n != 1 {
		t.Errorf("%d connections for %d mails", n, perLine)
	}
	send(1)
	if n := in.connections(); n != 2 {
		t.Errorf("%d connections for %d mails", n, perLine+1)
	}
	in.hangUp() // between two mails
	send(1)
	if n := len(in.got()); n != perLine+2 {
		t.Errorf("%d mails arrived", n)
	}
	set(t, s, map[string]string{settings.MailUser: "neu"}) // another sign-in, another line
	if err := s.Send(t.Context(), letter()); err == nil {
		t.Error("a line was used with settings that no longer hold")
	}
}

func TestARefusalKeepsTheLine(t *testing.T) {
	in := serve(t, &sink{answer: func(c string) string {
		if strings.HasPrefix(c, "RCPT TO:<cem@") {
			return "550 5.1.1 no"
		}
		return ""
	}})
	s := office(t, through(in))
	for _, to := range []string{"ada@example.org", "cem@example.org", "dana@example.org"} {
		m := letter()
		m.To = to
		if err := s.Send(t.Context(), m); (err != nil) != (to == "cem@example.org") {
			t.Errorf("%s: %v", to, err)
		}
	}
	if in.connections() != 1 || len(in.got()) != 2 {
		t.Errorf("%d connections, %d mails", in.connections(), len(in.got()))
	}
}

func TestFourAtATime(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if err := s.Send(t.Context(), letter()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := len(in.got()); n != 200 || in.connections() > 4 {
		t.Errorf("%d mails over %d connections", n, in.connections())
	}
}

func TestRefusalReadsTheReply(t *testing.T) {
	for _, c := range []struct {
		reason gomail.SendErrReason
		code   int
		reply  string
		final  bool
	}{
		{gomail.ErrSMTPRcptTo, 550, "550 5.1.1 unknown", true},
		{gomail.ErrSMTPRcptTo, 550, "550 5.7.1 relaying denied", false},
		{gomail.ErrSMTPRcptTo, 550, "550 not authenticated", false},
		{gomail.ErrSMTPRcptTo, 421, "421 bye", false},
		{gomail.ErrSMTPDataClose, 552, "552 too large", true},
		{gomail.ErrSMTPMailFrom, 550, "550 5.1.1 who are you", false},
	} {
		if err := refusal(server{host: "mail.example.org"}, c.reason, c.code, c.reply, errors.New("x")); Refused(err) != c.final {
			t.Errorf("%v: refused %v", err, Refused(err))
		}
	}
}

// A server that greylists takes the second try, and the mail arrives once. One that thinks about every answer is waited for.
func TestGreylistingAndSlowAnswers(t *testing.T) {
	tries, thinking := 0, make(chan bool)
	in := serve(t, &sink{answer: func(command string) string {
		if !strings.HasPrefix(command, "RCPT") {
			return ""
		}
		if tries++; tries == 1 {
			return "450 4.2.0 Greylisted, try again in five minutes"
		}
		thinking <- true // the answer comes when the test has seen that nothing came before it
		<-thinking
		return ""
	}})
	s := office(t, through(in))
	if err := s.Send(t.Context(), letter()); err == nil || Refused(err) {
		t.Fatalf("the first try: %v", err)
	}
	sent := make(chan error)
	go func() { sent <- s.Send(t.Context(), letter()) }()
	<-thinking
	if n := len(in.got()); n != 0 {
		t.Fatalf("%d mails before the server said yes", n)
	}
	thinking <- true
	if err := <-sent; err != nil || len(in.got()) != 1 {
		t.Errorf("the second try: %v, %d mails", err, len(in.got()))
	}
}

// TestInvitation: an invitation is another form of the text, which programs answer, and a file for those that do not
// (RFC 6047, 2.4). A calendar that is none of these is not sent.
func TestInvitation(t *testing.T) {
	in := serve(t, &sink{})
	s := office(t, through(in))
	m := letter()
	m.HTML = ""
	m.Calendar = Calendar{Method: "REQUEST", File: []byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Käfer\r\nEND:VCALENDAR\r\n")}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(in.got()[0]))
	if err != nil {
		t.Fatal(err)
	}
	type part struct{ kind, body string }
	var parts []part
	var read func(kind string, r io.Reader)
	read = func(kind string, r io.Reader) {
		media, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatalf("%q: %v", kind, err)
		}
		if !strings.HasPrefix(media, "multipart/") {
			b, _ := io.ReadAll(r)
			parts = append(parts, part{media + " " + params["method"], string(b)})
			return
		}
		for all := multipart.NewReader(r, params["boundary"]); ; {
			p, err := all.NextPart() // undoes quoted-printable
			if err != nil {
				return
			}
			var body io.Reader = p
			if p.Header.Get("Content-Transfer-Encoding") == "base64" {
				body = base64.NewDecoder(base64.StdEncoding, p)
			}
			read(p.Header.Get("Content-Type"), body)
		}
	}
	read(got.Header.Get("Content-Type"), got.Body)
	if len(parts) != 3 || parts[0].kind != "text/plain " || parts[1].kind != "text/calendar REQUEST" || parts[2].kind != "application/ics " ||
		!strings.Contains(parts[1].body, "SUMMARY:Käfer\r\n") || parts[2].body != string(m.Calendar.File) {
		t.Errorf("%q", parts)
	}
	for _, wrong := range []Calendar{{Method: "REQUEST"}, {File: m.Calendar.File}, {Method: "REQUEST\r\nX: y", File: m.Calendar.File}, {Method: "REPLY", File: m.Calendar.File}} {
		m.Calendar = wrong
		if err := s.Send(t.Context(), m); err == nil || !Refused(err) {
			t.Errorf("%q: %v", wrong.Method, err)
		}
	}
}
