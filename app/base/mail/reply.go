package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Reply is a mail that somebody has written into the mailbox, perhaps as an answer to one of ours.
type Reply struct {
	ID    string   // its Message-ID, without brackets; "": it has none
	From  string   // address of who says to have written it, in lower case; "": none that is valid
	To    []string // addresses that it went to, as far as it tells
	Auto  bool     // no person has written it: a holiday reply, a list, a report (RFC 3834)
	Text  string   // what was written, without what it quotes; "": nothing that can be read
	Files bool     // it brings files along
}

const mostDepth = 5 // parts in parts: a mail program writes three

// ParseReply reads a mail; false: it is none.
func ParseReply(raw []byte) (r Reply, ok bool) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return r, false
	}
	r.ID = strings.Trim(strings.TrimSpace(m.Header.Get("Message-Id")), "<>")
	if from, err := m.Header.AddressList("From"); err == nil && len(from) == 1 && Valid(from[0].Address) {
		r.From = strings.ToLower(from[0].Address)
	}
	for _, h := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"} {
		for _, line := range m.Header[h] {
			if all, err := mail.ParseAddressList(line); err == nil {
				for _, a := range all {
					r.To = append(r.To, a.Address)
				}
			}
		}
	}
	r.Auto = auto(m.Header)
	words := map[string]string{}
	r.part(m.Header.Get, m.Body, 0, words)
	if strings.TrimSpace(words["text/plain"]) == "" {
		words["text/plain"] = plain(words["text/html"])
	}
	r.Text = Written(words["text/plain"])
	return r, true
}

// auto reports whether a mail was sent by a program.
func auto(h mail.Header) bool {
	if a := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted"))); a != "" && a != "no" {
		return true
	}
	for _, name := range []string{"List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Failed-Recipients", "Feedback-Id"} {
		if h.Get(name) != "" && name != "X-Auto-Response-Suppress" {
			return true
		}
	}
	if p := strings.ToLower(h.Get("Precedence")); p == "bulk" || p == "junk" || p == "list" || p == "auto_reply" {
		return true
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == "multipart/report" || strings.TrimSpace(h.Get("Return-Path")) == "<>"
}

// part reads one part of a mail and those in it: the first of each kind of text is what was written.
func (r *Reply) part(header func(string) string, body io.Reader, depth int, words map[string]string) {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		mr := multipart.NewReader(body, params["boundary"])
		for range manyParts {
			p, err := mr.NextRawPart()
			if err != nil || depth == mostDepth {
				return // what was read so far may be enough
			}
			r.part(p.Header.Get, p, depth+1, words)
		}
		return
	}
	if how, _, _ := mime.ParseMediaType(header("Content-Disposition")); how == "attachment" || !strings.HasPrefix(kind, "text/") {
		r.Files = true
		return
	}
	if kind != "text/plain" && kind != "text/html" || words[kind] != "" {
		return
	}
	switch strings.ToLower(strings.TrimSpace(header("Content-Transfer-Encoding"))) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	b, _ := io.ReadAll(body) // as much as is there
	words[kind] = decoded(b, params["charset"])
}

// decoded is text of a charset; of one that is not known what is no UTF-8 is read as Windows-1252, which mail programs here
// write.
func decoded(b []byte, charset string) string {
	if c := strings.ToLower(charset); c != "iso-8859-15" && utf8.Valid(b) {
		return string(b)
	} else if c == "iso-8859-15" {
		b, _ = charmap.ISO8859_15.NewDecoder().Bytes(b) // every byte is a letter of it
		return string(b)
	}
	b, _ = charmap.Windows1252.NewDecoder().Bytes(b)
	return string(b)
}

// Above is the line of a mail above which one is to answer: whatever a program makes of what it quotes, it stands there.
const Above = "-----#-----"

var (
	original  = regexp.MustCompile(`(?i)^[-_*\s]*(Ursprüngliche Nachricht|Original Message|Originalnachricht|Weitergeleitete Nachricht|Forwarded message|Oryginalna wiadomość|Orijinal Mesaj)[-_*\s:]*$`)
	underline = regexp.MustCompile(`^_{10,}\s*$`)
	headFrom  = regexp.MustCompile(`^\*?(Von|From|Kimden|От|Від|Od|من)\s?:\*?\s`)
	headDate  = regexp.MustCompile(`^\*?(Gesendet|Datum|Sent|Date|Gönderildi|Tarih|Отправлено|Дата|Надіслано|Wysłane|Data|Betreff|Subject)\s?:\*?\s`)
	wrote     = regexp.MustCompile(`(?i)(schrieb|wrote|yazdı|писал|пишет|пише|napisał|كتب)[^\n]{0,200}:\s*$`)
)

// Written is what a person has written in an answer: without the mail that it quotes and without a signature. What stands
// between quoted lines counts where nothing stands above them.
func Written(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := len(lines)
	for i, line := range lines {
		if strings.Contains(line, Above) || line == "-- " || original.MatchString(line) || underline.MatchString(line) ||
			headFrom.MatchString(line) && i+1 < len(lines) && anyLine(lines[i+1:min(i+5, len(lines))], headDate) {
			end = i
			break
		}
	}
	for end > 0 && end < len(lines) && headFrom.MatchString(lines[end]) && headDate.MatchString(lines[end-1]) {
		end-- // GMX and WEB.DE write the date first
	}
	lines = lines[:end]
	if n := len(lines); n > 0 && end < len(strings.Split(text, "\n")) {
		lines = without(lines)
	}
	first := -1
	for i, line := range lines {
		if strings.HasPrefix(line, ">") {
			first = i
			break
		}
	}
	if first >= 0 {
		if above := strings.TrimSpace(strings.Join(without(lines[:first]), "\n")); above != "" {
			return above
		}
	}
	var own []string
	for _, line := range lines {
		if !strings.HasPrefix(line, ">") {
			own = append(own, line)
		}
	}
	if first >= 0 {
		own = without(own[:min(first, len(own))], own[min(first, len(own)):]...)
	}
	return strings.TrimSpace(strings.Join(own, "\n"))
}

// without drops the line that introduces a quotation from the end of some lines, also where it is broken into several, and
// adds others.
func without(lines []string, more ...string) []string {
	n := len(lines)
	for n > 0 && strings.TrimSpace(lines[n-1]) == "" {
		n--
	}
	for from := n - 1; from >= 0 && from >= n-3 && strings.TrimSpace(lines[from]) != ""; from-- {
		if wrote.MatchString(strings.Join(lines[from:n], " ")) {
			for from > 0 && n-from < 3 && strings.TrimSpace(lines[from-1]) != "" && begins.MatchString(lines[from-1]) {
				from--
			}
			return append(lines[:from:from], more...)
		}
	}
	return append(lines[:len(lines):len(lines)], more...)
}

var begins = regexp.MustCompile(`^(Am|On|W dniu|Dnia) `)

func anyLine(lines []string, is *regexp.Regexp) bool {
	for _, line := range lines {
		if is.MatchString(line) {
			return true
		}
	}
	return false
}
