package minutes

import (
	"bytes"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/web"
)

func sample() Content {
	at := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	return Content{Record: Record{Unit: 10, Committee: "Elternbeirat", Title: "Sitzung", Place: "Turnraum\n1. Stock", Starts: at, Began: at.Add(time.Minute), Ended: at.Add(2 * time.Hour), Public: true,
		Invited: at.AddDate(0, 0, -8), InTime: true, Chair: "Vera", Keeper: "Dana", Attendance: []Presence{{Name: "Vera", Office: "Vorsitz", For: "Bert", Votes: true, From: at, Until: at.Add(time.Hour)}},
		Guests: []string{"Hanna"}, Excused: []string{"Cem"}, Missing: []string{"Ada"}, Votes: 5, Present: 3, Quorate: true,
		Items: []Item{{ID: 3, Number: "1", Title: "Fest", Public: true, Motions: []Motion{{Title: "Burg", Wording: "Wir mieten\neine Burg.", By: []string{"Vera", "Dana"}, Outcome: "angenommen",
			Vote: &Vote{Secret: true, Paper: true, Yes: 1, No: 2, Abstain: 3, Invalid: 4, Present: 10, Quorate: true, Names: []string{"Vera: ja"}}}}, Tasks: []Task{{Title: "Grill", Owner: "Cem", Due: "2026-04-01"}}},
			{ID: 4, Number: "2", Title: "Geheim"}}},
		Texts: map[int64]string{0: "Begrüßung", 3: "Ein Fest.\nPunkt: 2 Geheim", 4: "Nur wir."}}
}

// TestCanonicalHasAll changes each value of the content, one at a time: each must change the canonical text.
func TestCanonicalHasAll(t *testing.T) {
	s := Seal{UID: "u", Revision: 1, Approved: time.Unix(1e9, 0), Place: "Danach"}
	base, n := canonical(sample(), s), 0
	// each visits every value that can be set, counts it, and changes the one with a number.
	var walk func(v reflect.Value, change int, at *int)
	walk = func(v reflect.Value, change int, at *int) {
		if tm, ok := v.Interface().(time.Time); ok {
			if *at++; *at == change {
				v.Set(reflect.ValueOf(tm.Add(time.Second)))
			}
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), change, at)
			}
		case reflect.Pointer:
			walk(v.Elem(), change, at)
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), change, at)
			}
		case reflect.Map:
			for _, item := range []int64{0, 3, 4} {
				if *at++; *at == change {
					v.SetMapIndex(reflect.ValueOf(item), reflect.ValueOf("anders"))
				}
			}
		default:
			if *at++; *at != change {
				return
			}
			switch v.Kind() {
			case reflect.String:
				v.SetString(v.String() + "!")
			case reflect.Bool:
				v.SetBool(!v.Bool())
			default:
				v.SetInt(v.Int() + 1)
			}
		}
	}
	c := sample()
	walk(reflect.ValueOf(&c).Elem(), 0, &n)
	if n < 50 {
		t.Fatalf("only %d values", n)
	}
	for i := 1; i <= n; i++ {
		c, at := sample(), 0
		walk(reflect.ValueOf(&c).Elem(), i, &at)
		if reflect.DeepEqual(c, sample()) {
			t.Fatalf("value %d was not changed", i)
		}
		if canonical(c, s) == base {
			t.Errorf("value %d is not in the canonical text: %+v", i, c)
		}
	}
	for _, other := range []Seal{{UID: "v", Revision: 1, Approved: s.Approved, Place: "Danach"}, {UID: "u", Revision: 2, Approved: s.Approved, Place: "Danach"},
		{UID: "u", Revision: 1, Approved: s.Approved.Add(time.Second), Place: "Danach"}, {UID: "u", Revision: 1, Approved: s.Approved, Place: "Davor"}} {
		if canonical(sample(), other) == base {
			t.Errorf("%+v has the same text", other)
		}
	}
}

// TestPublic: the public version has nothing of what is not.
func TestPublic(t *testing.T) {
	text := canonical(sample().public(), Seal{})
	for _, secret := range []string{"Nur wir.", "Cem\n", "Hanna", "Fehlt", "Vera: ja"} {
		if strings.Contains(text, secret) && secret != "Cem\n" || secret == "Cem\n" && strings.Contains(text, "Entschuldigt") {
			t.Errorf("the public version says %q:\n%s", secret, text)
		}
	}
	if v := sample(); len(v.public().Record.Items[0].Motions[0].Vote.Names) != 0 || len(v.Record.Items[0].Motions[0].Vote.Names) != 1 {
		t.Error("the public version takes names out of the whole one")
	}
	if strings.Contains(strings.ReplaceAll(text, "| Punkt: 2 Geheim", ""), "Geheim\n") || !strings.Contains(text, "Punkt: 2 Nichtöffentlicher Punkt") || !strings.Contains(text, "Ein Fest.") {
		t.Errorf("the public version:\n%s", text)
	}
}

// FuzzRead: what is read from the database is what would be written, to the byte, or it is refused; and one other byte
// anywhere is either refused or another text.
func FuzzRead(f *testing.F) {
	b, err := sample().bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b), 0, byte('x'))
	f.Add(string(b), 77, byte(' '))
	f.Add(`{"record":{"unit":1,"committee":"","title":"","starts":"2026-03-02T18:00:00Z"}}`, 12, byte('2'))
	f.Add(`{"record":{"unit":1,"committee":"","title":"","starts":"2026-03-02T19:00:00+01:00"},"texts":{"0":"\u003c"}}`, 60, byte('0'))
	f.Add(`{"texts":{"00":"x"}}`, 3, byte('"'))
	f.Fuzz(func(t *testing.T, stored string, at int, other byte) {
		c, err := read(stored)
		if err != nil {
			return
		}
		if b, err := c.bytes(); err != nil || string(b) != stored {
			t.Fatalf("read, and written otherwise: %s", b)
		}
		if at < 0 || at >= len(stored) || stored[at] == other {
			return
		}
		changed := []byte(stored)
		changed[at] = other
		d, err := read(string(changed))
		if err == nil && bytes.Equal(seal(c, Seal{}), seal(d, Seal{})) {
			t.Errorf("byte %d of %s may be %q", at, stored, other)
		}
	})
}

// FuzzSheet: whatever a form holds is read without harm, and an unknown base never passes for one that is known.
func FuzzSheet(f *testing.F) {
	f.Add("body-7=x&base-7=3-0123456789ab&pen=1&form=f&no=2")
	f.Add("body-0=&base-0=0-&pen=-1&no=x")
	f.Add("body-07=x&base-7=99999999999999999999-000000000000")
	f.Add("body-9223372036854775808=x")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		form := web.Form{Values: url.Values{}}
		for _, name := range sheetFields(values) {
			if v, ok := values[name]; ok {
				form.Values[name] = v
			}
		}
		_, changes := readSheet(form)
		for i, c := range changes {
			if c.Item < 0 || c.Base < -1 || c.Mark != "" && len(c.Mark) != 12 || i > 0 && changes[i-1].Item >= c.Item {
				t.Errorf("%q: %+v", query, changes)
			}
		}
	})
}

func TestBase(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
	}{{Text{Version: 7, Body: "x"}.Base(), 7}, {Text{}.Base(), 0}, {"", -1}, {"7", -1}, {"-1-0123456789ab", -1}, {"7-short", -1}} {
		if got, _ := readBase(c.in); got != c.want {
			t.Errorf("%q: %d, want %d", c.in, got, c.want)
		}
	}
}

func TestDays(t *testing.T) {
	summer := time.Date(2026, 3, 20, 21, 0, 0, 0, time.UTC) // 22:00 in Berlin; the clocks change on the 29th
	if got := days(summer, 14).UTC(); got != time.Date(2026, 4, 3, 22, 0, 0, 0, time.UTC) {
		t.Errorf("14 days after %v: %v", summer, got)
	}
}
