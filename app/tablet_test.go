package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/who"
)

// A browser keeps cookies.
type browser struct {
	f   *full
	jar []*http.Cookie
}

func (b *browser) ask(method, path string, fields ...string) *httptest.ResponseRecorder {
	b.f.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(method, apptest.Base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range b.jar {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.f.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.jar = slices.DeleteFunc(b.jar, func(x *http.Cookie) bool { return x.Name == c.Name })
		if c.MaxAge >= 0 {
			b.jar = append(b.jar, c)
		}
	}
	return w
}

// sees reports what a page shows.
func (b *browser) sees(path string, words ...string) (all []bool) {
	b.f.t.Helper()
	body := b.ask("GET", path).Body.String()
	for _, w := range words {
		all = append(all, strings.Contains(body, w))
	}
	return all
}

func (b *browser) must(code int, method, path string, fields ...string) *httptest.ResponseRecorder {
	b.f.t.Helper()
	w := b.ask(method, path, fields...)
	if w.Code != code {
		b.f.t.Fatalf("%s %s: %d, want %d\n%s", method, path, w.Code, code, w.Body)
	}
	return w
}

// as is the browser of somebody who has just signed in.
func (f *full) as(person int64) *browser { return &browser{f, []*http.Cookie{f.cookie(person)}} }

const stefansPIN = "408215"

var tabletCode = regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`)

// tablet is a device of the Käfer, at which Stefan has a PIN.
func (f *full) tablet() *browser {
	f.t.Helper()
	code := tabletCode.FindString(f.as(apptest.Hanna).must(200, "POST", "/tablets/neu", "group", fmt.Sprint(apptest.Kaefer), "name", "Tablet am Eingang").Body.String())
	f.as(apptest.Stefan).must(303, "POST", "/konto/pin", "pin", stefansPIN)
	b := &browser{f: f}
	if to := b.must(303, "POST", "/am-tablet/einrichten", "code", strings.ToLower(code)).Header().Get("Location"); to != "/am-tablet" {
		f.t.Fatalf("set up, and then to %s", to)
	}
	return b
}

func (b *browser) unlock(pin string) *httptest.ResponseRecorder {
	b.f.t.Helper()
	return b.ask("POST", "/am-tablet/entsperren", "person", fmt.Sprint(apptest.Stefan), "pin", pin)
}

func (f *full) deeds() int64 { return f.number(`SELECT count(*) FROM absence_deed`) }

// Stefan works with the list of his group at the tablet.
func TestTablet(t *testing.T) {
	f := newHouse(t)
	b := f.tablet()
	if got := b.sees("/am-tablet", "Stefan", "Mila", "0461"); !slices.Equal(got, []bool{true, false, false}) {
		t.Errorf("locked, it shows %v", got)
	}
	b.must(422, "POST", "/am-tablet/entsperren", "person", fmt.Sprint(apptest.Stefan), "pin", "111111")
	b.must(404, "POST", "/am-tablet/entsperren", "person", fmt.Sprint(apptest.Rosa), "pin", stefansPIN)
	if n := b.must(303, "POST", "/am-tablet", "child", "1", "kind", "came", "uid", ""); n.Code != 303 || f.deeds() != 0 {
		t.Error("a locked tablet takes a tap")
	}
	if w := b.unlock(stefansPIN); w.Code != 303 {
		t.Fatalf("the PIN: %d\n%s", w.Code, w.Body)
	}
	if got := b.sees("/am-tablet", "Stefan", "Mila Demir", "0461 111", "Can", "Dora", "Mutter", "krank"); !slices.Equal(got, []bool{true, true, true, false, false, false, false}) {
		t.Errorf("open, it shows %v", got)
	}
	b.must(303, "POST", "/am-tablet", "child", "1", "kind", "came", "uid", "")
	b.must(404, "POST", "/am-tablet", "child", "3", "kind", "came", "uid", "") // of the Bären
	if f.number(`SELECT count(*) FROM absence_deed WHERE child = 1 AND person = 5 AND device = 'Tablet am Eingang'`) != 1 || f.deeds() != 1 {
		t.Error("the deed does not carry person and device")
	}
	if got := f.as(apptest.Hanna).sees("/anwesenheit/1", "Stefan Fachkraft", "am Tablet Tablet am Eingang"); !slices.Equal(got, []bool{true, true}) {
		t.Errorf("the history of the day: %v", got)
	}

	// It locks by itself; a page that looks again is nobody.
	f.Clock.Add(time.Minute)
	b.must(200, "GET", "/am-tablet?ruhe")
	f.Clock.Add(time.Minute)
	if got := b.sees("/am-tablet?ruhe", "Mila", "Wer sind Sie"); !slices.Equal(got, []bool{false, true}) {
		t.Errorf("after two minutes it shows %v", got)
	}
	b.unlock(stefansPIN)
	b.must(303, "POST", "/am-tablet/sperren")
	if b.sees("/am-tablet", "Mila")[0] {
		t.Error("locked by hand, it shows children")
	}

	// Who no longer works with the group is out at once.
	b.unlock(stefansPIN)
	f.sql(`UPDATE membership SET state = 'suspended' WHERE person = 5`)
	if got := b.sees("/am-tablet", "Mila", "Stefan"); !slices.Equal(got, []bool{false, false}) {
		t.Errorf("to a suspended colleague it shows %v", got)
	}
}

func TestTabletCode(t *testing.T) {
	f := newHouse(t)
	hanna := f.as(apptest.Hanna)
	for _, c := range []struct {
		by          int64
		group, name string
		code        int
	}{
		{apptest.Hanna, "9", "x", 404}, // of another facility
		{apptest.Hanna, "4", "x", 404}, // no group
		{apptest.Hanna, "5", "", 422},
		{apptest.Hanna, "5", strings.Repeat("ä", 61), 422},
		{apptest.Stefan, "5", "x", 403},
		{apptest.Rosa, "5", "x", 404},
	} {
		f.as(c.by).must(c.code, "POST", "/tablets/neu", "group", c.group, "name", c.name)
	}
	page := hanna.must(200, "POST", "/tablets/neu", "group", "5", "name", "x").Body.String()
	code := tabletCode.FindString(page)
	if !strings.Contains(page, `class="qr"`) || f.number(`SELECT count(*) FROM tablet WHERE code = ?`, code) != 0 {
		t.Error("no picture, or the code lies in the database as it is")
	}
	b := &browser{f: f}
	b.must(422, "POST", "/am-tablet/einrichten", "code", "AAAA-BBBB-CCCC")
	hanna.must(422, "POST", "/am-tablet/einrichten", "code", code) // somebody is signed in there
	b.must(303, "POST", "/am-tablet/einrichten", "code", code)
	(&browser{f: f}).must(422, "POST", "/am-tablet/einrichten", "code", code)
	code = tabletCode.FindString(hanna.must(200, "POST", "/tablets/neu", "group", "5", "name", "y").Body.String())
	f.Clock.Add(10 * time.Minute)
	(&browser{f: f}).must(422, "POST", "/am-tablet/einrichten", "code", code)
	c := &browser{f: f}
	for range 10 {
		c.ask("POST", "/am-tablet/einrichten", "code", "AAAA-BBBB-CCCC")
	}
	if w := c.ask("POST", "/am-tablet/einrichten", "code", code); !strings.Contains(w.Body.String(), "zu viele Versuche") {
		t.Errorf("guessing has no end: %d", w.Code)
	}
}

// Five wrong PINs, and only the own device helps.
func TestTabletPIN(t *testing.T) {
	f := newHouse(t)
	b, stefan := f.tablet(), f.as(apptest.Stefan)
	for _, pin := range []string{"", "12345", "1234567", "12345a", "000000", "123456", "987654", "123123", "121212"} {
		stefan.must(422, "POST", "/konto/pin", "pin", pin)
	}
	if n := f.number(`SELECT count(*) FROM tablet_pin WHERE hash LIKE '$argon2id$%' AND instr(hash, ?) = 0`, stefansPIN); n != 1 {
		t.Error("the PIN is not kept as it should be")
	}
	for range 4 {
		b.unlock("408216")
	}
	b.must(303, "POST", "/am-tablet/entsperren", "person", "5", "pin", stefansPIN) // the fifth try is right
	b.must(303, "POST", "/am-tablet/sperren")
	for range 5 {
		b.unlock("408216")
	}
	if w := b.unlock(stefansPIN); w.Code != 422 || !strings.Contains(w.Body.String(), "eigenen Gerät") {
		t.Errorf("the right one after five wrong ones: %d", w.Code)
	}
	b.must(200, "GET", "/am-tablet?person=5")
	stefan.must(303, "POST", "/konto/pin", "pin", "730164")
	if w := b.unlock("730164"); w.Code != 303 {
		t.Errorf("a new PIN: %d", w.Code)
	}
	if f.number(`SELECT count(*) FROM audit WHERE action = 'tablet.refused' AND person = 5`) != 9 {
		t.Error("wrong PINs are not in the record")
	}
}

// A tablet comes nowhere but to its own page: not locked, not open, and not beside a session that was smuggled in.
func TestTabletReachesNothingElse(t *testing.T) {
	f := newHouse(t)
	f.story()
	b := f.tablet()
	smuggled := &browser{f, append(slices.Clone(b.jar), f.cookie(apptest.Arno))}
	n := 0
	for _, x := range []struct {
		name string
		b    *browser
	}{{"locked", b}, {"open", b}, {"open, beside a session", smuggled}} {
		if x.name == "open" { // and so it stays: the clock stands still
			b.must(303, "POST", "/am-tablet/entsperren", "person", "5", "pin", stefansPIN)
		}
		for _, rt := range f.routes {
			if rt.Right.Has(who.Tablet) {
				continue
			}
			for _, id := range f.ids(rt)[:1] {
				path := regexp.MustCompile(`:\w+`).ReplaceAllLiteralString(rt.Path, id)
				before := f.DB.Changes()
				w := (&browser{f, slices.Clone(x.b.jar)}).ask(rt.Method, path)
				if n++; w.Code != http.StatusNotFound || f.DB.Changes() != before || strings.Contains(w.Body.String(), "Mila") {
					t.Errorf("%s, %s %s: %d, %d rows", x.name, rt.Method, path, w.Code, f.DB.Changes()-before)
				}
			}
		}
	}
	if n < 900 {
		t.Errorf("only %d requests", n)
	}
	t.Logf("%d requests", n)
}

// hearer is somebody who hears a stream.
type hearer struct {
	*httptest.ResponseRecorder
	words chan string
}

func (w hearer) Write(b []byte) (int, error) {
	w.words <- string(b)
	return len(b), nil
}

// The head ends a tablet: its open page hears it at once and its browser forgets at the next contact.
func TestTabletIsEnded(t *testing.T) {
	f := newHouse(t)
	b := f.tablet()
	b.unlock(stefansPIN)
	r := httptest.NewRequest("GET", apptest.Base+"/strom", nil)
	for _, c := range b.jar {
		r.AddCookie(c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	heard, over := make(chan string, 9), make(chan bool)
	go func() {
		f.handler.ServeHTTP(hearer{httptest.NewRecorder(), heard}, r.WithContext(ctx))
		close(over)
	}()
	<-heard // it has begun
	f.as(apptest.Rosa).must(404, "POST", "/tablet/1/beenden")
	f.as(apptest.Stefan).must(403, "POST", "/tablet/1/beenden")
	f.as(apptest.Hanna).must(303, "POST", "/tablet/1/beenden")
	select {
	case <-over:
	case <-ctx.Done():
		t.Fatal("the open page hears nothing")
	}
	last := ""
	for len(heard) > 0 {
		last = <-heard
	}
	if !strings.Contains(last, "event: change") {
		t.Errorf("it hears %q", last)
	}
	b.must(303, "POST", "/am-tablet", "child", "1", "kind", "came", "uid", "")
	if f.deeds() != 0 {
		t.Error("an ended tablet takes a tap")
	}
	look := httptest.NewRequest("GET", apptest.Base+"/am-tablet", nil) // by its open page, which then comes itself
	look.Header.Set("X-Live", "1")
	for _, c := range b.jar {
		look.AddCookie(c)
	}
	looked := httptest.NewRecorder()
	if f.handler.ServeHTTP(looked, look); looked.Code != 404 || looked.Header().Get("Clear-Site-Data") != "" {
		t.Errorf("an open page finds: %d %v", looked.Code, looked.Header())
	}
	jar := slices.Clone(b.jar)
	w := b.must(200, "GET", "/am-tablet")
	if w.Header().Get("Clear-Site-Data") == "" || strings.Contains(w.Body.String(), "Stefan") || strings.Contains(w.Body.String(), "Mila") || len(b.jar) != 0 {
		t.Errorf("it keeps something: %v\n%s", b.jar, w.Body)
	}
	if w := (&browser{f, jar}).unlock(stefansPIN); w.Header().Get("Clear-Site-Data") == "" {
		t.Errorf("with the old cookie: %d", w.Code)
	}
	if got := f.as(apptest.Hanna).sees("/tablets", "Tablet am Eingang", "beendet"); !slices.Equal(got, []bool{true, true}) {
		t.Errorf("the list of devices: %v", got)
	}
}
