package sms

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const sevenKey = "geheimer-schluessel"

// simulator answers as gateway.seven.io does.
type simulator struct {
	mu     sync.Mutex
	asked  []map[string]any
	answer func(w http.ResponseWriter, n int) // of the n-th SMS, from 1; nil: all are taken
	home   string
}

func (s *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/api/balance" {
		if r.Header.Get("X-Api-Key") != sevenKey {
			fmt.Fprint(w, "900")
			return
		}
		fmt.Fprint(w, "3.218")
		return
	}
	body, _ := io.ReadAll(r.Body)
	var m map[string]any
	if r.Method != http.MethodPost || r.URL.Path != "/api/sms" || r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(body, &m) != nil {
		http.Error(w, "301", http.StatusOK)
		return
	}
	if r.Header.Get("X-Api-Key") != sevenKey {
		fmt.Fprint(w, "900")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, m)
	n := len(s.asked)
	if s.answer != nil {
		s.answer(w, n)
		return
	}
	taken(w, n, m)
}

func taken(w http.ResponseWriter, n int, m map[string]any) {
	fmt.Fprintf(w, `{"success":"100","total_price":0.075,"balance":3.218,"debug":"false","sms_type":"direct","messages":[{"id":"77%d","sender":"Kita",
		"recipient":"491712345678","text":%q,"encoding":"gsm","label":null,"parts":1,"udh":null,"is_binary":false,"price":0.075,"success":true,"error":null,"error_text":null}]}`, n, m["text"])
}

func (s *simulator) got() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// withSeven is an office that sends through a simulator.
func withSeven(t *testing.T, s *simulator) *office {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.home = srv.URL
	o := open(t, settings.SMSDriver, Seven, settings.SMSKey, sevenKey)
	o.seven.base = srv.URL
	return o
}

func (o *office) report(body string) (err error) {
	_ = o.db.Write(o.t.Context(), func(tx *store.Tx) error {
		err = Reported(tx, o.clock(), []byte(body), o.hear)
		return err
	})
	return err
}

func dlr(id, status string) string {
	return fmt.Sprintf(`{"data":{"msg_id":%q,"status":%q,"timestamp":"2026-03-02 07:12:00.000000"},"webhook_event":"dlr","webhook_timestamp":"2026-03-02T07:12:00+01:00"}`, id, status)
}

func mo(sender, text string) string {
	return fmt.Sprintf(`{"data":{"id":"681590","sender":%q,"system":"491771783130","text":%q,"time":"1605878104","message_type":"SMS"},"webhook_event":"sms_mo","webhook_timestamp":"2026-03-02 07:12:44"}`, sender, text)
}

func TestSevenTakesAnSMS(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	if !o.Configured(t.Context()) {
		t.Error("not configured")
	}
	m := letter()
	m.Text = "„Käfer“ bleibt zu – heute"
	if err := o.send(m); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 1 || fmt.Sprint(got[0]) != `map[foreign_id:17-6 from:Kita text:"Käfer" bleibt zu - heute to:+491712345678]` {
		t.Errorf("%v", got)
	}
	if c := o.spent(); c != (Cost{1, 75}) {
		t.Errorf("%+v", c)
	}
	// Steps on the way change nothing; the end is told once.
	for _, status := range []string{"ACCEPTED", "TRANSMITTED", "BUFFERED", "DELIVERED", "DELIVERED", "FAILED"} {
		if err := o.report(dlr("771", status)); err != nil {
			t.Error(status, err)
		}
	}
	if o.heard() != "17-6 delivered" || o.states() != "17-6 delivered 1" {
		t.Errorf("%q, %s", o.heard(), o.states())
	}
}

func TestSevenReports(t *testing.T) {
	for status, want := range map[string]string{
		"NOTDELIVERED": "17-6 failed " + whyAbsent, "EXPIRED": "17-6 failed " + whyExpired, "REJECTED": "17-6 failed " + whyRejected, "FAILED": "17-6 failed " + whyFailed,
	} {
		o := withSeven(t, &simulator{})
		if err := o.send(letter()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := o.report(dlr("771", status)); err != nil {
				t.Fatal(err)
			}
		}
		if o.heard() != want {
			t.Errorf("%s: %q", status, o.heard())
		}
		if err := o.send(letter()); !Refused(err) { // it failed, and is not sent again by itself
			t.Errorf("%s: sent again: %v", status, err)
		}
		if err := o.report(dlr("771", "DELIVERED")); err != nil || !strings.HasSuffix(o.heard(), "17-6 delivered") {
			t.Errorf("%s: arrived after all, and nobody knows: %q, %v", status, o.heard(), err)
		}
	}
}

func TestSevenRefuses(t *testing.T) {
	message := func(code, words string) string {
		return fmt.Sprintf(`{"success":"101","messages":[{"id":null,"success":false,"parts":1,"price":0,"error":%q,"error_text":%q}]}`, code, words)
	}
	for name, c := range map[string]struct {
		status  int
		body    string
		refused bool
		states  string
		words   string
	}{
		"number":             {200, "202", true, "17-6 failed 0", "diese Nummer abgelehnt"},
		"number, as JSON":    {200, `{"success":"202","messages":[]}`, true, "17-6 failed 0", "diese Nummer abgelehnt"},
		"number, as number":  {200, `{"success":202}`, true, "17-6 failed 0", "diese Nummer abgelehnt"},
		"number, in message": {200, message("202", "Recipient +491712345678 is invalid"), true, "17-6 failed 0", "diese Nummer abgelehnt. Antwort des Anbieters: 202 Recipient … is invalid"},
		"too many there":     {200, "403", true, "17-6 failed 0", "zu viele SMS"},
		"text":               {200, "401", true, "17-6 failed 0", "den Text abgelehnt"},
		"sender":             {200, "201", false, "", "Absender"},
		"credit":             {200, "500", false, "", "Guthaben"},
		"address":            {200, "903", false, "", "IP-Adressen"},
		"unknown code":       {200, "777", false, "", "nicht angenommen"},
		"unauthorised":       {401, `{"message":"Unauthorized"}`, false, "", "Schlüssel"},
		"throttled":          {429, "", false, "", "zu viele sind"},
		"moved":              {404, "<html>", false, "", "nicht verstanden"},
		"twice the same":     {200, message("402", "reload lock"), false, "17-6 handed 0", ""},
		"broken":             {500, "Oops", false, "17-6 waiting 1", "nicht versteht"},
		"gateway":            {502, "Bad Gateway", false, "17-6 waiting 1", "nicht versteht"},
		"elsewhere":          {302, "", false, "17-6 waiting 1", "nicht versteht"},
		"no JSON":            {200, "<html>ok</html>", false, "17-6 waiting 1", "nicht versteht"},
		"nothing in it":      {200, `{"success":"100","messages":[]}`, false, "17-6 waiting 1", "nicht versteht"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &simulator{}
			o := withSeven(t, s)
			s.answer = func(w http.ResponseWriter, _ int) {
				w.Header().Set("Location", s.home+"/dieb")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}
			err := o.send(letter())
			if (err == nil) != (c.words == "") || Refused(err) != c.refused || err != nil && !strings.Contains(Words(err), c.words) || strings.Contains(Words(err), "1712345678") {
				t.Errorf("%v, refused %v", err, Refused(err))
			}
			if o.states() != c.states {
				t.Errorf("%q, want %q", o.states(), c.states)
			}
			if n := len(s.got()); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestSevenWrongKey(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	o.set(settings.SMSKey, "falsch")
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "den Schlüssel nicht angenommen") || strings.Contains(Words(err), "falsch") {
		t.Error(err)
	}
	if o.states() != "" || o.spent() != (Cost{}) {
		t.Errorf("%s, %+v", o.states(), o.spent())
	}
}

// A connection that breaks leaves it open whether the SMS goes out: it waits, and then goes again, once.
func TestSevenBreaksOff(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	s.answer = func(w http.ResponseWriter, n int) {
		if n > 1 {
			taken(w, n, map[string]any{"text": "x"})
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "hat die Verbindung beendet") {
		t.Error(err)
	}
	o.wait(patience - time.Second)
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "noch unklar") || len(s.got()) != 1 {
		t.Errorf("%v, %d sent", err, len(s.got()))
	}
	o.wait(time.Second)
	if err := o.send(letter()); err != nil || len(s.got()) != 2 {
		t.Errorf("%v, %d sent", err, len(s.got()))
	}
	if o.states() != "17-6 failed 1, 17-6 handed 1" || o.spent() != (Cost{2, 150}) { // perhaps both are charged
		t.Errorf("%s, %+v", o.states(), o.spent())
	}
	if err := o.send(letter()); err != nil || len(s.got()) != 2 {
		t.Errorf("%v, %d sent", err, len(s.got()))
	}
}

func TestSevenIsAway(t *testing.T) {
	o := withSeven(t, &simulator{})
	o.seven.base = "http://127.0.0.1:1"
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "nimmt keine Verbindung an") {
		t.Error(err)
	}
	if o.states() != "" { // nothing has gone out
		t.Error(o.states())
	}
}

func TestSevenIsSlow(t *testing.T) {
	s := &simulator{}
	o := withSeven(t, s)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	s.answer = func(http.ResponseWriter, int) { <-done }
	o.seven.client.Timeout = 50 * time.Millisecond
	if err := o.send(letter()); err == nil || Refused(err) || !strings.Contains(Words(err), "antwortet nicht") || o.states() != "17-6 waiting 1" {
		t.Errorf("%v, %s", err, o.states())
	}
}

// A report may be faster than the answer: then it has to come again.
func TestReportComesEarly(t *testing.T) {
	o := withSeven(t, &simulator{})
	o.write(func(tx *store.Tx) error {
		_, err := begin(tx, config{limit: 9}, letter(), 1, o.clock())
		return err
	})
	if err := o.report(dlr("771", "DELIVERED")); fault.KindOf(err) != fault.TooMany {
		t.Error(err)
	}
	o.wait(quick)
	if err := o.report(dlr("771", "DELIVERED")); err != nil { // of somebody else who uses the same account
		t.Error(err)
	}
	if o.heard() != "" {
		t.Error(o.heard())
	}
}

func TestWhatSevenPosts(t *testing.T) {
	o := open(t)
	for body, kind := range map[string]fault.Kind{
		"":                        fault.Malformed,
		"null":                    fault.Malformed,
		"[]":                      fault.Malformed,
		"{}":                      fault.Malformed,
		"a=b":                     fault.Malformed,
		`{"x":1`:                  fault.Malformed,
		`{"webhook_event":7}`:     fault.Malformed,
		`{"webhook_event":"dlr"}`: fault.Malformed,
		`{"webhook_event":"dlr","data":{"msg_id":"1"}}`:                           fault.Malformed,
		`{"webhook_event":"dlr","data":{"status":"DELIVERED"}}`:                   fault.Malformed,
		`{"webhook_event":"dlr","data":{"msg_id":"1","status":"DELIVERED"}}`:      fault.Internal, // 0: no fault
		`{"webhook_event":"dlr","data":{"msg_id":77149843739,"status":"FAILED"}}`: fault.Internal,
		`{"webhook_event":"tracking","data":{"status":7}}`:                        fault.Malformed,
		`{"webhook_event":"voice_status","data":{}}`:                              fault.Internal,
		mo("Vodafone", "STOP"): fault.Internal,
	} {
		if err := o.report(body); fault.KindOf(err) != kind || (err == nil) != (kind == fault.Internal) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzParseSeven(f *testing.F) {
	f.Add([]byte(dlr("771", "DELIVERED")))
	f.Add([]byte(mo("491712345678", "STOP")))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, ok, err := parseSeven(body)
		if err != nil && (ok || fault.KindOf(err) != fault.Malformed) {
			t.Errorf("%v", err)
		}
		if ok && e.id == "" && e.number != "" && !e164.MatchString(e.number) {
			t.Errorf("%+v", e)
		}
	})
}
