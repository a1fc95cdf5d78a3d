package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends through the server of the settings, which are read anew for every mail.
type SMTP struct {
	DB       *store.DB
	Settings *settings.Settings
	Base     *url.URL // of the house; its host stands in every Message-ID
	Now      func() time.Time
	RootCAs  *x509.CertPool // nil: the machine's; only tests set it

	pool pool
	sent atomic.Int64 // mails
}

var _ Sender = (*SMTP)(nil)

// Configured reports whether there is a server to hand mails to.
func (s *SMTP) Configured(ctx context.Context) bool {
	o, err := s.load(ctx)
	return err == nil && o.ready()
}

func (s *SMTP) load(ctx context.Context) (o outgoing, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		o, err = loadOutgoing(tx, s.Settings)
		return err
	})
	return o, err
}

// Send hands over one mail. Once the server has it, no trouble afterwards counts: a second try would be a second mail.
// For the same reason the end of ctx does not interrupt a mail that is on its way; that takes 20 seconds at most.
func (s *SMTP) Send(ctx context.Context, m Message) (err error) {
	defer func() {
		if err == nil {
			s.sent.Add(1)
		}
	}()
	if err := m.check(); err != nil {
		return err
	}
	o, err := s.load(ctx)
	if err != nil {
		return fmt.Errorf("read mail settings: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	msg, err := s.compose(o, m)
	if err != nil {
		return err
	}
	for l := s.pool.take(o.server); l != nil; l = s.pool.take(o.server) {
		err := l.send(msg)
		if !broken(err) {
			return s.after(l, o, msg, err)
		}
		l.drop() // it was closed while it waited, and nothing has been sent
	}
	l, err := s.dial(ctx, o.server)
	if err != nil {
		return err
	}
	return s.after(l, o, msg, l.send(msg))
}

// Sent counts the mails that were handed over since the house was opened.
func (s *SMTP) Sent() int64 { return s.sent.Load() }

// Check signs in at the server, and sends nothing.
func (s *SMTP) Check(ctx context.Context) error {
	o, err := s.load(ctx)
	if err != nil {
		return fmt.Errorf("read mail settings: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	l, err := s.dial(ctx, o.server)
	if err != nil {
		return err
	}
	l.quit()
	return nil
}

// after keeps a connection that is still good, and explains what went wrong.
func (s *SMTP) after(l *line, o outgoing, msg *gomail.Msg, err error) error {
	if err == nil || answered(err) {
		s.pool.put(l)
	} else {
		l.drop()
	}
	if err == nil || msg.IsDelivered() {
		return nil
	}
	return undelivered(o.server, err)
}

// dial opens a line and signs in.
func (s *SMTP) dial(ctx context.Context, v server) (*line, error) {
	var conn net.Conn
	opts := []gomail.Option{
		gomail.WithPort(v.port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(v.tls(s.RootCAs)), gomail.WithTLSPolicy(gomail.NoTLS),
		gomail.WithHELO(s.Base.Hostname()), // not the machine's own name
		gomail.WithoutSMTPUTF8(),           // no address needs it, and some relays stumble over it
		gomail.WithDialContextFunc(func(ctx context.Context, _, _ string) (_ net.Conn, err error) {
			conn, err = v.dial(ctx, s.RootCAs)
			return conn, err
		}),
	}
	if v.security == "starttls" {
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if v.user != "" {
		plain, loginAuth := gomail.SMTPAuthPlain, gomail.SMTPAuthLogin
		if v.security == "none" {
			plain, loginAuth = gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc
		}
		opts = append(opts, gomail.WithUsername(v.user), gomail.WithPassword(v.password),
			gomail.WithOpportunisticSMTPAuth(plain, loginAuth, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5))
	}
	c, err := gomail.NewClient(v.host, opts...)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection to the mail server: %w", err)
	}
	client, err := c.DialToSMTPClientWithContext(ctx)
	switch {
	case err == nil:
		return &line{server: v, client: c, smtp: client}, nil
	case conn != nil:
		_ = conn.Close() // go-mail leaves it open
	}
	if strings.Contains(err.Error(), "SMTP AUTH") {
		return nil, refusedLogin(v, err)
	}
	return nil, unreachable(v, err)
}

// broken reports that a line that waited is closed; nothing was sent over it.
func broken(err error) bool {
	f, ok := errors.AsType[*gomail.SendError](err)
	return ok && f.Reason == gomail.ErrConnCheck
}

// answered reports that the server refused in proper form, and the line can be used again.
func answered(err error) bool {
	f, ok := errors.AsType[*gomail.SendError](err)
	return ok && f.ErrorCode() != 0 && f.ErrorCode() != 421 && (f.Reason == gomail.ErrSMTPMailFrom || f.Reason == gomail.ErrSMTPRcptTo)
}

// undelivered explains why a server did not take a mail.
func undelivered(v server, err error) error {
	f, ok := errors.AsType[*gomail.SendError](err)
	if !ok || f.ErrorCode() == 0 {
		return unreachable(v, err)
	}
	return refusal(v, f.Reason, f.ErrorCode(), reply(err), err)
}

func refusal(v server, reason gomail.SendErrReason, code int, reply string, err error) error {
	f := &failure{step: content, reply: reply, cause: err}
	// "Relay access denied" and "authentication required" speak of us, not of the recipient: every mail would be lost.
	ours := code == 421 || code == 530 || strings.Contains(strings.ToLower(reply), "relay") || strings.Contains(strings.ToLower(reply), "authenti")
	switch {
	case reason == gomail.ErrSMTPMailFrom:
		f.step, f.words = sender, fmt.Sprintf("%s lässt die Absenderadresse nicht zu.", v.host)
	case ours:
		f.step, f.words = setup, fmt.Sprintf("%s nimmt von diesem Zugang keine Mails an. Bitte prüfen Sie Benutzername, Passwort und Port.", v.host)
	case reason == gomail.ErrSMTPRcptTo && code >= 500:
		f.step, f.final, f.words = recipient, true, "Der Mailserver hat diese Empfängeradresse abgelehnt."
	case reason == gomail.ErrSMTPRcptTo:
		f.step, f.words = recipient, "Der Mailserver nimmt für diese Adresse gerade nichts an."
	case code >= 500:
		f.final, f.words = true, "Der Mailserver hat die Mail abgelehnt."
	default:
		f.words = "Der Mailserver nimmt die Mail gerade nicht an."
	}
	return f
}

// reply finds the server's words in go-mail's error, which keeps them as text only.
func reply(err error) string {
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		return said(e)
	}
	m := replies.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	code, words := m[1], m[2]
	if quoted, err := strconv.QuotedPrefix(words); err == nil { // net/textproto quotes since Go 1.26
		words, _ = strconv.Unquote(quoted)
	}
	words, _, _ = strings.Cut(words, ", affected ")
	return clean(code + " " + words)
}

var (
	replies = regexp.MustCompile(`\b([45]\d\d)[ -](.*)`)
	refs    = regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`)
)

// compose writes the mail. It fetches nothing from anywhere when it is read: no pictures, no counting links.
func (s *SMTP) compose(o outgoing, m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from, ok := Plain(o.from)
	reply, also := Plain(o.reply)
	if !ok || !also && o.reply != "" {
		return nil, &failure{step: setup, words: "Die Absender- oder Antwortadresse in den Einstellungen ist nicht gültig."}
	}
	msg.FromMailAddress(&mail.Address{Name: oneLine(o.house), Address: from})
	if m.Reply != "" {
		reply, _ = Plain(m.Reply) // checked before
	}
	if reply != "" {
		msg.ReplyToMailAddress(&mail.Address{Address: reply})
	}
	to, _ := Plain(m.To) // checked before
	msg.AddToMailAddress(&mail.Address{Name: m.Name, Address: to})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.Now())
	// A mail that has to be tried again keeps its id, so that a mailbox that got it twice can show it once.
	id := rand.Text()
	if m.Ref != "" {
		id = m.Ref + "." + s.Settings.Mark(markPurpose, m.Ref)
		msg.SetGenHeader(refHeader, id)
	}
	msg.SetMessageIDWithValue(id + "@" + s.Base.Hostname())
	if m.Language == "" {
		m.Language = "de"
	}
	msg.SetGenHeader("Content-Language", m.Language)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")           // RFC 3834: no holiday replies
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply") // the same for Exchange, which does not know it
	if m.Urgent {
		msg.SetImportance(gomail.ImportanceHigh)
	}
	if m.Unsubscribe != "" && m.Kind != Closure {
		msg.SetListUnsubscribe(m.Unsubscribe)
		if strings.HasPrefix(m.Unsubscribe, "https:") {
			msg.SetListUnsubscribePost()
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	if m.Calendar.Method != "" {
		// Most programs read the alternative and offer to answer; those that do not show a file that can be opened.
		msg.AddAlternativeString(gomail.ContentType("text/calendar; method="+m.Calendar.Method), string(m.Calendar.File))
		if err := msg.AttachReader("termin.ics", bytes.NewReader(m.Calendar.File), gomail.WithFileContentType("application/ics")); err != nil {
			return nil, fmt.Errorf("attach a calendar: %w", err)
		}
	}
	return msg, nil
}

// What ties a returned mail to its Ref: stands in the Message-ID, and beside it because some relays write ids of their own.
const (
	refHeader   = "X-Nestfunk-Ref"
	markPurpose = "mail ref"
)

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
