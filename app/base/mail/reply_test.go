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
		"GMX":                 {"Ja\n\nGesendet: Montag, 2. März 2026 um 08:12 Uhr\nVon: Kita <x@kita.example>\nAn: Ada\nBetreff: Neue Nachricht\n\nText", "Ja"},
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

// As mail programs write an answer in HTML.
func TestPlain(t *testing.T) {
	for name, c := range map[string][2]string{
		"Gmail":       {`<div dir="ltr">Danke!<br><br>Wir kommen <b>gern</b>.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Am Mo., 2. März 2026 um 08:12 Uhr schrieb Kita &lt;<a href="mailto:x@kita.example">x@kita.example</a>&gt;:<br></div><blockquote class="gmail_quote" style="margin:0">-----#-----<br>Lesen</blockquote></div>`, "Danke!\n\nWir kommen gern."},
		"Outlook":     {`<html><head><style>p {margin: 0}</style></head><body><div>Passt.</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>Von:</b> Kita</div><div>Text</div></body></html>`, "Passt."},
		"old Outlook": {`<p class="MsoNormal">Passt.<o:p></o:p></p><div style="border-top:solid"><p class="MsoNormal"><b>Von:</b> Kita &lt;x@kita.example&gt; <br><b>Gesendet:</b> Montag, 2. März<br><b>An:</b> Ada</p></div><p>Text</p>`, "Passt."},
		"Apple Mail":  {`<html><body>Am Haken.<br><div dir="ltr"><br><blockquote type="cite">Am 02.03.2026 um 08:12 schrieb Kita:<br></blockquote></div><blockquote type="cite"><div>Text</div></blockquote></body></html>`, "Am Haken."},
		"Thunderbird": {`<p>Ja.</p><p>Gern.</p><div class="moz-cite-prefix">Am 02.03.26 um 08:12 schrieb Kita:<br></div><blockquote type="cite">Text</blockquote><pre class="moz-signature">-- ` + "\n" + `Ada</pre>`, "Ja.\n\nGern."},
		"GMX":         {`<div>Ja.</div><div name="quote"><div><b>Gesendet:</b> Montag<br><b>Von:</b> Kita</div>Text</div>`, "Ja."},
		"a list":      {`Wir bringen:<ul><li>Kuchen<li>Saft</ul>mit&nbsp;Gruß`, "Wir bringen:\n- Kuchen\n- Saft\nmit Gruß"},
		"a table":     {"<table><tr><td>Mo</td><td>ja</td></tr>\n<tr><td>Di</td><td>nein</td></tr></table>", "Mo ja\nDi nein"},
		"a trap":      {`Hallo<script>alert(1)</script><title>x</title><img src="https://spion.example/1.gif" alt="x"> &lt;b&gt;`, "Hallo <b>"},
		"never ended": {`<blockquote><blockquote>a`, ""},
		"no HTML":     {"a < b", "a < b"},
		"empty":       {"", ""},
	} {
		if got := Written(plain(c[0])); got != c[1] {
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
		"a text file":           {head + "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\nContent-Disposition: attachment\n\nliste\n--a--", Reply{Files: true}},
		"HTML only":             {head + "Content-Type: text/html\n\n<p>Hallo", Reply{Text: "Hallo"}},
		"HTML, coded":           {head + "Content-Type: text/html; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable\n\n<p>Gr=FC=DFe &amp; =80</p>", Reply{Text: "Grüße & €"}},
		"HTML to an empty text": {head + "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: text/html\n\n<p>Hallo\n--b--", Reply{Text: "Hallo"}},
		"holiday":               {head + "Auto-Submitted: auto-replied\n\nIch bin im Urlaub", Reply{Auto: true, Text: "Ich bin im Urlaub"}},
		"not automatic":         {head + "Auto-Submitted: no\n\nHallo", Reply{Text: "Hallo"}},
		"a list":                {head + "List-Id: <x.example>\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
		"bulk":                  {head + "Precedence: bulk\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
		"no return path":        {head + "Return-Path: <>\n\nHallo", Reply{Auto: true, Text: "Hallo"}},
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
		f.Add(raw("From: a@example.org\nContent-Type: text/html\n\n<p>Ja<br>--<blockquote><li>" + s))
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
