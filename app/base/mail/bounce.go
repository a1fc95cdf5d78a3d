package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
)

// A Bounce is a mail that came back.
type Bounce struct {
	MessageID string // of the mail that was sent, without brackets
	Ref       string // of its Message; as the report claims it, until Fetch has checked the mark
	Recipient string
	Status    string // RFC 3463, such as 5.1.1; "": not told
	Final     bool   // given up; otherwise the other server still tries
	Why       string // German, for the page of those who could not be reached

	mark string
}

// ParseBounce reads a delivery report (RFC 3464) or one of the older kinds that name their recipient in
// X-Failed-Recipients. It reports false for every other mail, holiday replies among them.
func ParseBounce(raw []byte) (Bounce, bool) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Bounce{}, false
	}
	var r report
	kind, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	failed := m.Header.Get("X-Failed-Recipients")
	switch {
	case kind == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status"):
		r.parts(m.Body, params["boundary"])
	case failed != "":
		r.status = textproto.MIMEHeader{"Final-Recipient": {failed}, "Action": {"failed"}}
		body, _ := io.ReadAll(m.Body) // as much as is there
		r.original = firstID(body)
	}
	if r.status == nil {
		return Bounce{}, false
	}
	b := Bounce{
		Status:    status.FindString(r.status.Get("Status")),
		Recipient: address(r.status.Get("Original-Recipient")),
		Final:     strings.EqualFold(strings.TrimSpace(r.status.Get("Action")), "failed"),
	}
	if b.Recipient == "" {
		b.Recipient = address(r.status.Get("Final-Recipient"))
	}
	diagnosis := r.status.Get("Diagnostic-Code")
	if b.Status == "" || strings.HasSuffix(b.Status, ".0.0") { // many reports are exact only in the words of the other server
		if s := status.FindString(diagnosis); s != "" {
			b.Status = s
		}
	}
	ids := []string{r.ref, r.original, m.Header.Get("In-Reply-To")}
	ids = append(ids, strings.Fields(m.Header.Get("References"))...)
	for _, id := range ids {
		id = strings.Trim(strings.TrimSpace(id), "<>")
		if b.MessageID == "" {
			b.MessageID = id
		}
		local, _, _ := strings.Cut(id, "@")
		if ref, mark, ok := strings.Cut(local, "."); ok && refs.MatchString(ref) && marks.MatchString(mark) {
			b.Ref, b.mark = ref, mark
			break
		}
	}
	b.Why = why(b.Status)
	return b, b.MessageID != "" || b.Recipient != ""
}

var (
	status = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	marks  = regexp.MustCompile(`^[0-9a-f]{16}$`)
	idLine = regexp.MustCompile(`(?im)^[> \t]*Message-ID:\s*(<[^<>\s]{3,250}>)`)
)

// report is what the parts of a delivery report say.
type report struct {
	status        textproto.MIMEHeader // of the first recipient; our mails have only one
	original, ref string               // from the head of the mail that came back
}

const manyParts = 20 // no server writes more; an attacker might

func (r *report) parts(body io.Reader, boundary string) {
	if boundary == "" {
		return
	}
	mr := multipart.NewReader(body, boundary)
	for range manyParts {
		p, err := mr.NextRawPart()
		if err != nil {
			return // what was read so far may be enough: some servers cut the report off
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		var text io.Reader = p
		switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
		case "base64":
			text = base64.NewDecoder(base64.StdEncoding, p)
		case "quoted-printable":
			text = quotedprintable.NewReader(p)
		}
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			r.deliveryStatus(text)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers":
			h, _ := textproto.NewReader(bufio.NewReader(text)).ReadMIMEHeader()
			r.original, r.ref = h.Get("Message-Id"), h.Get(refHeader)
		}
	}
}

// deliveryStatus reads a block about the report and one for each recipient.
func (r *report) deliveryStatus(text io.Reader) {
	lines := textproto.NewReader(bufio.NewReader(text))
	for range manyParts {
		h, err := lines.ReadMIMEHeader()
		if r.status == nil && h.Get("Action") != "" {
			r.status = h
			return
		}
		if err != nil {
			return
		}
	}
}

func firstID(body []byte) string {
	if m := idLine.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// address takes the address out of "rfc822; anna@example.org".
func address(field string) string {
	if _, after, ok := strings.Cut(field, ";"); ok {
		field = after
	}
	field = strings.Trim(strings.TrimSpace(field), "<>")
	if !Valid(field) {
		return ""
	}
	return field
}

// why puts a status of RFC 3463 into words.
func why(status string) string {
	class, detail, _ := strings.Cut(status, ".")
	switch {
	case status == "":
		return "Die Mail kam zurück."
	case class == "4" && detail != "4.7": // 4.4.7: the time is up
		return "Die Mail konnte noch nicht zugestellt werden (" + status + ")."
	}
	switch detail {
	case "1.1", "1.3", "1.6", "1.10":
		return "Diese Mailadresse gibt es nicht (mehr)."
	case "1.2", "4.4", "1.8":
		return "Den Mailserver dieser Adresse gibt es nicht (mehr)."
	case "2.1":
		return "Das Postfach ist gesperrt oder stillgelegt."
	case "2.2":
		return "Das Postfach ist voll."
	case "4.1", "4.2", "4.7":
		return "Der Mailserver dieser Adresse war mehrere Tage nicht zu erreichen."
	}
	if strings.HasPrefix(detail, "7.") {
		return "Der Mailserver dieser Adresse hat die Mail aus Sicherheitsgründen abgelehnt (" + status + ")."
	}
	return "Die Mail kam zurück (" + status + ")."
}
