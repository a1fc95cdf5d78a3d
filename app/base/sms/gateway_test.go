package sms

import (
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

func TestNothingIsSetUp(t *testing.T) {
	for name, c := range map[string]struct {
		set  []string
		want string
	}{
		"nothing":          {nil, "Es ist kein SMS-Versand eingerichtet."},
		"unknown driver":   {[]string{settings.SMSDriver, "taube"}, "Es ist kein SMS-Versand eingerichtet."},
		"no key":           {[]string{settings.SMSDriver, Seven}, "nicht vollständig"},
		"no host":          {[]string{settings.SMSDriver, SMPP, settings.SMSUser, "kita"}, "nicht vollständig"},
		"in the clear":     {[]string{settings.SMSDriver, SMPP, settings.SMSUser, "kita", settings.SMSHost, "smpp.example", settings.SMSSecurity, "none"}, "Bitte wählen Sie TLS"},
		"also by a number": {[]string{settings.SMSDriver, SMPP, settings.SMSUser, "kita", settings.SMSHost, "192.0.2.7", settings.SMSSecurity, "none"}, "Bitte wählen Sie TLS"},
	} {
		o := open(t, c.set...)
		if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if o.Configured(t.Context()) {
			t.Errorf("%s: configured", name)
		}
	}
}

func TestOtherKeyFile(t *testing.T) {
	o := withSeven(t, &simulator{})
	o.settings = settings.New(make([]byte, 32))
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "lässt sich nicht mehr lesen") {
		t.Error(err)
	}
}

func TestWhatNobodyMaySend(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	for name, spoil := range map[string]func(m *Message){
		"no number":    func(m *Message) { m.To = "" },
		"as typed":     func(m *Message) { m.To = "0171 2345678" },
		"two":          func(m *Message) { m.To += ",+491712345679" },
		"landline":     func(m *Message) { m.To = "+49461850" },
		"no text":      func(m *Message) { m.Text = " \n" },
		"control":      func(m *Message) { m.Text += "\x00" },
		"too long":     func(m *Message) { m.Text = strings.Repeat("і", 67*MaxParts+1) },
		"other ref":    func(m *Message) { m.Ref = "17" },
		"ref of words": func(m *Message) { m.Ref = "17-6%" },
	} {
		m := letter()
		spoil(&m)
		if err := o.send(m); !Refused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.got()) != 0 || o.states() != "" {
		t.Errorf("%v, %s", s.got(), o.states())
	}
}

// The limit is one of the house's day, also when the clock jumps.
func TestLimitOfTheDay(t *testing.T) {
	for name, c := range map[string]struct {
		night string // when the last second of a day has come
		hours int    // of the next day
	}{
		"winter":          {"2026-03-02T22:59:59Z", 24},
		"summer":          {"2026-07-01T21:59:59Z", 24},
		"clock goes on":   {"2026-03-28T22:59:59Z", 23},
		"clock goes back": {"2026-10-24T21:59:59Z", 25},
	} {
		t.Run(name, func(t *testing.T) {
			s := &simulator{}
			o := withSeven(t, s)
			o.set(settings.SMSLimit, "3")
			o.at, _ = time.Parse(time.RFC3339, c.night)
			long := to("+491712345678", "1-2")
			long.Text = strings.Repeat("a", 161) // two
			if err := o.send(to("+491712345678", "1-1")); err != nil {
				t.Fatal(err)
			}
			s.answer = nil
			if err := o.send(to("+491712345679", "1-3")); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a task that is repeated
				if err := o.send(long); !Refused(err) || !Limited(err) || Blocked(err) || Words(err) != "Tagesgrenze erreicht: An einem Tag gehen höchstens 3 SMS hinaus." {
					t.Error(err)
				}
			}
			left := 0
			o.write(func(tx *store.Tx) (err error) {
				left, err = Left(tx, o.clock())
				return err
			})
			if o.spent() != (Cost{2, 150}) || left != 1 || len(s.got()) != 2 {
				t.Errorf("%+v, %d left, %d sent", o.spent(), left, len(s.got()))
			}
			o.wait(time.Second) // midnight
			if o.spent() != (Cost{}) {
				t.Errorf("after midnight: %+v", o.spent())
			}
			if err := o.send(long); err != nil {
				t.Error("after midnight:", err)
			}
			o.wait(time.Duration(c.hours)*time.Hour - time.Second)
			if o.spent() == (Cost{}) {
				t.Error("the day ended early")
			}
			o.wait(time.Second)
			if o.spent() != (Cost{}) {
				t.Error("the day ended late")
			}
		})
	}
}

func TestLimitHoldsWhenManySendAtOnce(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	o.set(settings.SMSLimit, "5")
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			errs[i] = o.Send(t.Context(), to("+4917123456"+string(rune('0'+i%10))+"0", "1-"+string(rune('1'+i%9))+string(rune('0'+i/9))))
		})
	}
	wg.Wait()
	limited := 0
	for _, err := range errs {
		if Limited(err) {
			limited++
		} else if err != nil {
			t.Error(err)
		}
	}
	if limited != 7 || len(s.got()) != 5 || o.spent().SMS != 5 {
		t.Errorf("%d limited, %d sent, %+v", limited, len(s.got()), o.spent())
	}
}

func TestStopp(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	for range 2 {
		if err := o.report(mo("491712345678", "Stopp!")); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{Closure, News, Test} { // nobody may go on writing, whatever for
		m := letter()
		m.Kind = kind
		if err := o.send(m); !Blocked(err) || !Refused(err) || Limited(err) || Words(err) != "SMS gesperrt: Von dieser Nummer kam STOPP." {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := o.send(to("+491712345679", "17-7")); err != nil {
		t.Error("another number:", err)
	}
	if err := o.report(mo("+491712345678", "danke")); err != nil {
		t.Error(err)
	}
	if err := o.send(letter()); !Blocked(err) {
		t.Errorf("any SMS lifts it: %v", err)
	}
	if err := o.report(mo("+491712345678", "START")); err != nil {
		t.Error(err)
	}
	if err := o.send(letter()); err != nil {
		t.Errorf("after START: %v", err)
	}
}

func TestNothingIsSentTwice(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	for range 3 {
		if err := o.send(letter()); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.send(to("+491712345679", "17-6")); err != nil { // the family has given another number
		t.Error(err)
	}
	if len(s.got()) != 2 {
		t.Errorf("%d sent", len(s.got()))
	}
	test := letter()
	test.Ref = ""
	for range 2 { // tests are as many as one wants
		if err := o.send(test); err != nil {
			t.Error(err)
		}
	}
	if len(s.got()) != 4 {
		t.Errorf("%d sent", len(s.got()))
	}
	o.write(func(tx *store.Tx) error {
		last, err := LastTest(tx)
		if last.State != "handed" || last.Number != "+491712345678" {
			t.Errorf("%+v", last)
		}
		return err
	})
}

func TestForget(t *testing.T) {
	o := withSeven(t, &simulator{})
	for _, m := range []Message{to("+491712345678", "17-6"), to("+491712345678", "17-16"), to("+491712345670", "18-6"), to("+491712345671", "18-7")} {
		if err := o.send(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"491712345678", "491712345670"} {
		if err := o.report(mo(n, "STOP")); err != nil {
			t.Fatal(err)
		}
	}
	o.write(func(tx *store.Tx) error {
		of, err := Of(tx, 6)
		if len(of) != 2 || !of[0].Stop || of[1].Number != "+491712345670" || err != nil {
			t.Errorf("%+v, %v", of, err)
		}
		if err := Erase(tx, 6); err != nil {
			return err
		}
		if of, err = Of(tx, 6); len(of) != 0 || err != nil {
			t.Errorf("%+v, %v", of, err)
		}
		if of, err = Of(tx, 16); len(of) != 1 || !of[0].Stop || err != nil { // has the same telephone
			t.Errorf("%+v, %v", of, err)
		}
		stopped, err := Stopped(tx, "+491712345670")
		if stopped {
			t.Error("a number stays that nobody has")
		}
		return err
	})
	if o.spent() != (Cost{4, 300}) {
		t.Errorf("%+v", o.spent())
	}
	o.wait(retention.Usual(retention.SMS).Duration())
	if err := o.keep(t.Context()); err != nil || o.states() == "" {
		t.Errorf("forgot early: %v", err)
	}
	o.wait(time.Hour * 2)
	if err := o.keep(t.Context()); err != nil || o.states() != "" {
		t.Errorf("%v, %s", err, o.states())
	}
}
