package channel

import (
	"testing"
	"time"

	"nestfunk/app/base/web"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"call:30 sms:15 mail:0 push:0": "push:0 mail:0 sms:15 call:30",
		"push:20160":                   "push:20160",
	} {
		l, err := Parse(in)
		if err != nil || l.String() != want {
			t.Errorf("%q: %q, %v, want %q", in, l, err, want)
		}
	}
	for _, in := range []string{"push", "push:", "push:-1", "push:x", "push:1.5", "fax:1", "app:0", "push:0 push:1", "push:20161",
		"push:307445734562", "push:9223372036854775807", "push:99999999999999999999"} {
		if l, err := Parse(in); err == nil {
			t.Errorf("%q is read as %q", in, l)
		}
	}
}

// What is written down can be read again, whatever was read.
func FuzzParse(f *testing.F) {
	f.Add("push:0 mail:0 sms:15 call:30")
	f.Add("push:307445734562")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(l.String())
		if err != nil || again.String() != l.String() {
			t.Errorf("%q: %q, and then %q, %v", s, l, again, err)
		}
	})
}

func TestOnce(t *testing.T) {
	for in, want := range map[string]string{
		"push:0 mail:10 sms:15 remind:20 call:30": "push:0 mail:0",
		"mail:0 sms:0 call:0":                     "mail:0 sms:0",
		"call:30":                                 "",
	} {
		l, err := Parse(in)
		if err != nil || l.Once().String() != want {
			t.Errorf("%q: %q, %v, want %q", in, l.Once(), err, want)
		}
	}
}

func TestQuiet(t *testing.T) {
	night, noon := Wish{QuietFrom: 20 * 60, QuietUntil: 7 * 60}, Wish{QuietFrom: 12 * 60, QuietUntil: 14 * 60}
	tests := map[string]struct {
		wish     Wish
		at, want string
	}{
		"before the night":        {night, "2026-03-02 19:59", "2026-03-02 19:59"},
		"the night begins":        {night, "2026-03-02 20:00", "2026-03-03 07:00"},
		"after midnight":          {night, "2026-03-03 00:00", "2026-03-03 07:00"},
		"the night ends":          {night, "2026-03-03 07:00", "2026-03-03 07:00"},
		"the last of a year":      {night, "2026-12-31 23:59", "2027-01-01 07:00"},
		"a night of eleven hours": {night, "2026-03-28 20:00", "2026-03-29 07:00"},
		"a night of twelve hours": {night, "2026-10-24 20:00", "2026-10-25 07:00"},
		"at noon":                 {noon, "2026-03-02 13:59", "2026-03-02 14:00"},
		"no quiet hours":          {Wish{}, "2026-03-02 00:00", "2026-03-02 00:00"},
		"until midnight":          {Wish{QuietFrom: 22 * 60}, "2026-03-02 23:00", "2026-03-03 00:00"},
		"until an hour left out":  {Wish{QuietFrom: 22 * 60, QuietUntil: 150}, "2026-03-28 23:00", "2026-03-29 03:30"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.ParseInLocation("2006-01-02 15:04", test.at, web.Zone())
			if err != nil {
				t.Fatal(err)
			}
			if got := test.wish.Quiet(at).In(web.Zone()).Format("2006-01-02 15:04"); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
