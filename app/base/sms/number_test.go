package sms

import "testing"

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		typed, want string
		mobile      bool
	}{
		{"0171 23 45 678", "+491712345678", true},
		{"0171/2345678", "+491712345678", true},
		{"0171-2345678", "+491712345678", true},
		{" (0171) 234 56 78 ", "+491712345678", true},
		{"0176 12345678", "+4917612345678", true},
		{"0151 23456789", "+4915123456789", true},
		{"01511 1234567", "+4915111234567", true},
		{"0160 1234567", "+491601234567", true},
		{"0049 171 2345678", "+491712345678", true},
		{"+49 171 2345678", "+491712345678", true},
		{"+49 (0)171/2345678", "+491712345678", true},
		{"(+49) 171 2345678", "+491712345678", true},
		{"0049(0)1712345678", "+491712345678", true},
		{"+49 0171 2345678", "+491712345678", true}, // a common mistake
		{"+49\u00a0171\u00a02345678", "+491712345678", true},
		{"0171–2345678", "+491712345678", true},
		{"0461 85-0", "+49461850", false}, // Flensburg's town hall
		{"030 123456", "+4930123456", false},
		{"0461 1234567", "+494611234567", false},
		{"+45 20 12 34 56", "+4520123456", true}, // Denmark: may be
		{"0045 20123456", "+4520123456", true},
		{"+44 (0)7911 123456", "+447911123456", true},
		{"+380 50 123 45 67", "+380501234567", true},
		{"+43 (0)664 1234567", "+436641234567", true},

		{"", "", false},
		{"+", "", false},
		{"0", "", false},
		{"00", "", false},
		{"110", "", false},
		{"171 2345678", "", false},    // whose country?
		{"491712345678", "", false},   // neither
		{"0171 234567", "", false},    // a digit is missing
		{"0171 234567890", "", false}, // one too many
		{"0151 2345678", "", false},   // 015x has eleven
		{"0161 1234567", "", false},   // is no mobile number, nor any other
		{"0180 5123456", "", false},   // charged to the caller
		{"0171 2345678 (Oma)", "", false},
		{"0171 2345678 oder 0172 2345678", "", false},
		{"0171 2345678, 0172 2345678", "", false},
		{"+0171 2345678", "", false},
		{"++49 171 2345678", "", false},
		{"0171 23+45678", "", false},
		{"+1234567890123456", "", false},
		{"０１７１２３４５６７８", "", false}, // digits, but not ours
		{"+49171234567\x008", "", false},
	} {
		if got := Number(c.typed); got != c.want || Mobile(got) != c.mobile && got != "" {
			t.Errorf("%q: %q, mobile %v", c.typed, got, Mobile(got))
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0171 2345678", "+49 (0)171/2345678", "0045 20123456", "(00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Number(s)
		if n == "" {
			return
		}
		if !e164.MatchString(n) {
			t.Errorf("%q: %q is not E.164", s, n)
		}
		if again := Number(n); again != n {
			t.Errorf("%q: %q, and read again %q", s, n, again)
		}
	})
}

func TestNoNumberIsNotMobile(t *testing.T) {
	if Mobile("") {
		t.Error("an SMS to nobody would arrive")
	}
}

func TestInternational(t *testing.T) {
	for s, want := range map[string]string{"491712345678": "+491712345678", "+491712345678": "+491712345678", "00491712345678": "+491712345678",
		"01712345678": "+491712345678", "Vodafone": "", "": "", "12345": ""} {
		if got := international(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
