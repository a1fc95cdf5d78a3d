package mail

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	iphone = "Am Haken.\n\nVon meinem iPhone gesendet\n\n> Am 02.03.2026 um 08:12 schrieb Kita <x@kita.example>:\n> \n> -----#-----\n> Bitte schreiben\n"
	gmail  = "Danke!\n\nAm Mo., 2. März 2026 um 08:12 Uhr schrieb Kita Sonnenblume <\nantwort+1-2@kita.example>:\n\n> -----#-----\n> Lesen\n"
	look   = "Passt.\n\n________________________________\nVon: Kita <x@kita.example>\nGesendet: Montag, 2. März\nAn: Ada\nBetreff: Neue Nachricht\n\nText"
	german = "Passt.\n\n-----Ursprüngliche Nachricht-----\nVon: Kita\nText"
	heads  = "Ja\n\nVon: Kita <x@kita.example>\nDatum: Montag, 2. März 2026\nAn: Ada\n\nText"
	inline = "Am Montag schrieb Kita:\n> Wann?\nUm drei.\n> Wo?\nDort.\n"
	turk   = "Tamam\n\nKita, 2 Mar 2026 Pzt tarihinde şunu yazdı:\n\n> x"
)

func TestWritten(t *testing.T) {
	for name, c := range map[string][2]string{
		"nothing quoted":      {"Hallo\n\nGruß\nAda", "Hallo\n\nGruß\nAda"},
		"a line of the house": {"Oben\n\n-----#-----\nUnten", "Oben"},
		"iPhone":              {iphone, "Am Haken.\n\nVon meinem iPhone gesendet"},
		"broken line":         {gmail, "Danke!"},
		"Outlook":             {look, "Passt."},
		"old Outlook":         {german, "Passt."},
		"heads":               {heads, "Ja"},
		"between the lines":   {inline, "Um drei.\nDort."},
		"Turkish":             {turk, "Tamam"},
		"signature":           {"Hallo\n-- \nAda Demir\nFirma", "Hallo"},
		"only quoted":         {"> a\n> b\n", ""},
		"CRLF":                {"Hallo\r\n\r\n> a\r\n", "Hallo"},
		"from: in a sentence": {"Von: dem weiß ich nichts", "Von: dem weiß ich nichts"},
		"empty":               {"", ""},
	} {
		if got := Written(c[0]); got != c[1] {
			t.Errorf("%s: %q, want %q", name, got, c[1])
		}
	}
}

func raw(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestParseReply(t *testing.T) {
	const head = "From: Ada Demir <Ada@Example.org>\nTo: Kita <antwort+1-2@kita.example>\nMessage-ID: <1@phone>\n"
	for name, c := range map[string]struct {
		raw  string
		want Reply
	}{
		"plain":     {head + "\nHallo", Reply{Text: "Hallo"}},
		"latin":     {head + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe", Reply{Text: "Grüße"}},
		"windows":   {head + "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: base64\n\ngDUs\n", Reply{Text: "€5,"}},
		"euro":      {head + "Content-Type: text/plain; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\n5 =A4", Reply{Text: "5 €"}},
		"two kinds": {head + "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nHallo\n--b\nContent-Type: text/html\n\n<p>Hallo\n--b--", Reply{Text: "Hallo"}},
		"a photo": {head + "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nSo sieht es aus\n--b--\n--a\nContent-Type: image/jpeg\n\nxxx\n--a--",
			Reply{Text: "So sieht es aus", Files: true}},
		"a text file":    {head + "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\nContent-Disposition: attachment\n\nliste\n--a--", Reply{Files: true}},
		"HTML only":      {head + "Content-Type: text/html\n\n<p>Hallo", Reply{}},
		"holiday":        {head + "Auto-Submitted: auto-replied\n\nIch bin im Urlaub", Reply{Auto: true, Text: "Ich bin im Urlaub"}},
		"not automatic":  {head + "Auto-Submitted: no\n\nHallo", Reply{Text: "Hallo"}},
		"a list":         {head + "List-Id: <x.example>\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
		"bulk":           {head + "Precedence: bulk\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
		"no return path": {head + "Return-Path: <>\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
	} {
		c.want.ID, c.want.From = "1@phone", "ada@example.org"
		got, ok := ParseReply(raw(c.raw))
		if len(got.To) != 1 || got.To[0] != "antwort+1-2@kita.example" {
			t.Errorf("%s: to %q", name, got.To)
		}
		if got.To = nil; !ok || got.ID != c.want.ID || got.From != c.want.From || got.Auto != c.want.Auto || got.Text != c.want.Text || got.Files != c.want.Files {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, ok := ParseReply(raw("From: a@example.org, b@example.org\nTo: x@example.org\n\nHallo")); !ok || got.From != "" {
		t.Errorf("of two people: %+v", got)
	}
	if _, ok := ParseReply([]byte("no mail")); ok {
		t.Error("what is no mail is read as one")
	}
}

func FuzzParseReply(f *testing.F) {
	for _, s := range []string{iphone, gmail, look, german, heads, inline, turk} {
		f.Add(raw("From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n" + s + "\n--a--"))
		f.Add(raw("From: a@example.org\nTo: b@example.org\nContent-Type: text/plain; charset=latin1\n\n" + s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := ParseReply(b)
		if !ok {
			return
		}
		if !utf8.ValidString(r.Text) && utf8.Valid(b) {
			t.Errorf("%q is no text", r.Text)
		}
		if strings.TrimSpace(r.Text) != r.Text || strings.Contains(r.Text, Above) {
			t.Errorf("%q keeps what it quotes", r.Text)
		}
		if r.From != "" && !Valid(r.From) {
			t.Errorf("from %q", r.From)
		}
	})
}
