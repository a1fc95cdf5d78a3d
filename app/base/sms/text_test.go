package sms

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/linxGnu/gosmpp/data"
)

func TestParts(t *testing.T) {
	x := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, c := range map[string]struct {
		text string
		want int
		ucs2 bool
	}{
		"nothing":              {"", 1, false},
		"160":                  {x("a", 160), 1, false},
		"161":                  {x("a", 161), 2, false},
		"two full":             {x("a", 306), 2, false},
		"three":                {x("a", 307), 3, false},
		"umlauts":              {x("äöüß", 40), 1, false},
		"capitals":             {x("ÄÖÜ", 53) + "É", 1, false},
		"euro is two":          {x("€", 80), 1, false},
		"one euro too many":    {x("€", 81), 2, false},
		"euro is not cut":      {x("a", 152) + "€" + x("a", 10), 2, false}, // 164: the sign begins the second part
		"euros fill a part":    {x("€", 153), 3, false},                    // 76 in a part, since none is cut
		"brackets":             {x("[]", 40), 1, false},
		"newline":              {x("a\n", 80), 1, false},
		"newline of Windows":   {x("a\r\n", 80), 1, false},
		"quotes become plain":  {"„" + x("a", 156) + "“ –", 1, false},
		"dots become three":    {x("a", 158) + "…", 2, false},
		"ukrainian":            {x("і", 70), 1, true},
		"ukrainian, longer":    {x("і", 71), 2, true},
		"ukrainian, two":       {x("і", 134), 2, true},
		"ukrainian, three":     {x("і", 135), 3, true},
		"turkish needs it":     {"ş" + x("a", 69), 1, true},
		"arabic":               {x("ع", 67), 1, true},
		"smiley is two":        {x("😀", 35), 1, true},
		"smiley, one more":     {x("😀", 36), 2, true},
		"smiley is not cut":    {x("і", 66) + "😀" + x("і", 10), 2, true},
		"backtick":             {"`", 1, true},
		"greek capitals":       {"ΔΦΓΛΩΠΨΣΘΞ", 1, false},
		"escape itself":        {"\x1b", 1, true},
		"quotes stay in ucs-2": {"„і“", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := encode(c.text)
			if len(e.parts) != c.want || e.ucs2 != c.ucs2 || Parts(c.text) != c.want {
				t.Errorf("%d parts, ucs2 %v", len(e.parts), e.ucs2)
			}
		})
	}
}

func FuzzEncode(f *testing.F) {
	for _, s := range []string{"Kita bleibt heute zu: https://kita.example/b/x_1", "€uro", "закрито", "😀", "„a“", "ş\r\n"} {
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		if !utf8.ValidString(s) || n < 0 || n > 40 {
			return
		}
		s = strings.Repeat(s, n)
		e := encode(s)
		one, many, read := 160, 153, data.GSM7BIT
		if e.ucs2 {
			one, many, read = 140, 134, data.UCS2
		}
		if len(e.parts) == 1 {
			many = one
		}
		for _, p := range e.parts {
			if len(p) > many {
				t.Fatalf("a part of %d", len(p))
			}
			if _, err := read.Decode(p); err != nil {
				t.Fatalf("a part cannot be read: %v", err) // a character was cut in two
			}
		}
		want, _ := simplify(s)
		got, err := read.Decode(bytes.Join(e.parts, nil))
		if err != nil || got != want {
			t.Errorf("%q came out as %q, %v", want, got, err)
		}
	})
}

func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		persons, price int
		text, want     string
	}{
		{52, 70, "Kita zu", "52 SMS, etwa 3,64 €"},
		{52, 75, "Kita zu", "52 SMS, etwa 3,90 €"},
		{1, 75, "Kita zu", "1 SMS, etwa 0,08 €"},
		{26, 70, strings.Repeat("a", 161), "52 SMS, etwa 3,64 €"},
		{0, 70, "Kita zu", "0 SMS"},
		{20_000, 75, "Kita zu", "20000 SMS, etwa 1500,00 €"},
		{52, 0, "Kita zu", "52 SMS"}, // no price is set
	} {
		cost := Estimate(c.persons, c.text, c.price)
		if got := cost.Words(); got != c.want {
			t.Errorf("%d to %d: %q, want %q", c.price, c.persons, got, c.want)
		}
	}
}

func TestCommand(t *testing.T) {
	for text, want := range map[string]string{
		"STOP": "stop", "Stopp": "stop", " stop. ": "stop", "Ende": "stop", "STOPP bitte": "stop", "\"stop\"": "stop", "stop!!!": "stop", "Abmelden": "stop",
		"START": "start", "start bitte": "start",
		"": "", "…": "", "bitte nicht stoppen": "", "Stoppelfeld": "", "Danke": "", "Wer ist da?": "", "startet ihr?": "",
	} {
		if got := command(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
