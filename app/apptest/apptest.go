// Package apptest gives a test a house of its own: a fresh database with a
// small town in it, a clock that stands still, and a browser for each person.
package apptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// The town: a city with an office, two carriers, two facilities, three groups
// and a committee.
const (
	City       = 1
	Office     = 2
	CarrierA   = 3
	Sonne      = 4 // Kita Sonnenblume of CarrierA
	Kaefer     = 5 // groups of Sonne
	Baeren     = 6
	CarrierB   = 7
	Regenbogen = 8 // Kita Regenbogen of CarrierB
	Froesche   = 9
	Council    = 10 // Elternbeirat of Sonne
)

// The people.
const (
	Nobody  = 0
	Arno    = 1  // admin of the city
	Olga    = 2  // office
	Max     = 3  // manager of CarrierA
	Hanna   = 4  // head of Sonne
	Stefan  = 5  // staff of Kaefer
	Ada     = 6  // mother of Mila (Kaefer) and Emil (Froesche)
	Cem     = 7  // father of Can (Baeren)
	Dana    = 8  // delegate of Sonne, mother of Dora (Baeren)
	Greta   = 9  // manager of CarrierB
	Rosa    = 10 // head of Regenbogen
	Bert    = 11 // father of Mila, too
	Invited = 12 // staff of Sonne, not yet confirmed
	Former  = 13 // was head of Sonne
	Locked  = 14 // suspended staff of Kaefer
	Silent  = 15 // father of Can, not to be informed
	Auditor = 16
	Chair   = 17 // chair of Council
)

// The children.
const (
	Mila = 1
	Emil = 2
	Can  = 3
	Dora = 4
)

// Start is the time in every test when it begins: a Monday, 7:12 in Berlin.
var Start = time.Date(2026, 3, 2, 6, 12, 0, 0, time.UTC)

const town = `
INSERT INTO unit (id, uid, parent, kind, name, city, source, since) VALUES
	(1, 'u1', NULL, 'city', 'Stadt Musterhausen', 'Musterhausen', NULL, 0),
	(2, 'u2', 1, 'office', 'Jugendamt', '', NULL, 0),
	(3, 'u3', 1, 'carrier', 'Träger A', '', NULL, 0),
	(4, 'u4', 3, 'facility', 'Kita Sonnenblume', 'Musterhausen', 'sonne', 0),
	(5, 'u5', 4, 'group', 'Käfer', '', NULL, 0),
	(6, 'u6', 4, 'group', 'Bären', '', NULL, 0),
	(7, 'u7', 1, 'carrier', 'Träger B', '', NULL, 0),
	(8, 'u8', 7, 'facility', 'Kita Regenbogen', 'Musterhausen', 'regen', 0),
	(9, 'u9', 8, 'group', 'Frösche', '', NULL, 0),
	(10, 'u10', 4, 'committee', 'Elternbeirat Sonnenblume', '', NULL, 0);
WITH RECURSIVE up (unit, above, depth) AS (
	SELECT id, id, 0 FROM unit UNION ALL
	SELECT up.unit, u.parent, depth + 1 FROM up JOIN unit u ON u.id = up.above WHERE u.parent IS NOT NULL)
INSERT INTO unit_up (unit, above, depth) SELECT unit, above, depth FROM up;
INSERT INTO setting (name, value) VALUES ('second.asked', '4102444800'), ('second.until', '4102444800'); -- nobody needs a second factor before 2100
INSERT INTO person (id, uid, given, family, language) VALUES
	(1, 'p1', 'Arno', 'Betrieb', 'de'), (2, 'p2', 'Olga', 'Amt', 'de'), (3, 'p3', 'Max', 'Träger', 'de'), (4, 'p4', 'Hanna', 'Leitung', 'de'),
	(5, 'p5', 'Stefan', 'Fachkraft', 'de'), (6, 'p6', 'Ada', 'Demir', 'de'), (7, 'p7', 'Cem', 'Yildiz', 'tr'), (8, 'p8', 'Dana', 'Beirat', 'de'),
	(9, 'p9', 'Greta', 'Andersen', 'de'), (10, 'p10', 'Rosa', 'Regen', 'de'), (11, 'p11', 'Bert', 'Demir', 'de'), (12, 'p12', 'Ina', 'Neu', 'de'),
	(13, 'p13', 'Fritz', 'Früher', 'de'), (14, 'p14', 'Lutz', 'Gesperrt', 'de'), (15, 'p15', 'Stan', 'Still', 'de'),
	(16, 'p16', 'Doris', 'Datenschutz', 'de'), (17, 'p17', 'Vera', 'Vorsitz', 'de');
INSERT INTO membership (person, unit, role, office, state, mail, phone, since, until) VALUES
	(1, 1, 1, '', 'confirmed', 'arno@example.org', '', 0, 9223372036854775807), (2, 2, 2, '', 'confirmed', '', '', 0, 9223372036854775807),
	(3, 3, 3, '', 'confirmed', '', '', 0, 9223372036854775807), (4, 4, 4, '', 'confirmed', 'hanna@example.org', '', 0, 9223372036854775807),
	(5, 5, 5, '', 'confirmed', '', '', 0, 9223372036854775807), (8, 4, 7, '', 'confirmed', '', '', 0, 9223372036854775807),
	(9, 7, 3, '', 'confirmed', '', '', 0, 9223372036854775807), (10, 8, 4, '', 'confirmed', '', '', 0, 9223372036854775807),
	(12, 4, 5, '', 'invited', '', '', 0, 9223372036854775807), (13, 4, 4, '', 'ended', '', '', 0, 100),
	(14, 5, 5, '', 'suspended', '', '', 0, 9223372036854775807), (16, 1, 10, '', 'confirmed', '', '', 0, 9223372036854775807),
	(17, 10, 8, 'chair', 'confirmed', '', '', 0, 9223372036854775807);
INSERT INTO child (id, uid, facility, given, family, born) VALUES
	(1, 'c1', 4, 'Mila', 'Demir', '2022-05-01'), (2, 'c2', 8, 'Emil', 'Demir', '2023-06-02'),
	(3, 'c3', 4, 'Can', 'Yildiz', '2021-07-03'), (4, 'c4', 4, 'Dora', 'Beirat', '2021-08-04');
INSERT INTO child_stay (child, since, unit) VALUES (1, 0, 5), (2, 0, 9), (3, 0, 6), (4, 0, 6);
INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since) VALUES
	(1, 6, 'Mutter', 1, 1, 1, 'confirmed', 'ada@example.org', '0461 111', 'de', 0), (1, 11, 'Vater', 2, 1, 1, 'confirmed', '', '0461 112', 'de', 0),
	(2, 6, 'Mutter', 1, 1, 1, 'confirmed', 'ada@example.org', '0461 111', 'de', 0), (3, 7, 'Vater', 1, 1, 1, 'confirmed', 'cem@example.org', '0461 113', 'tr', 0),
	(3, 15, 'Vater', 2, 0, 0, 'confirmed', 'still@example.org', '', 'de', 0), (4, 8, 'Mutter', 1, 1, 1, 'confirmed', '', '0461 114', 'de', 0);
`

// Root is the top folder of the module.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Schema is schema.sql.
var Schema = sync.OnceValue(func() string {
	b, err := os.ReadFile(filepath.Join(Root(), "schema.sql"))
	if err != nil {
		panic(err)
	}
	return string(b)
})

// model is a house as a file, made once per test binary and then copied.
var model = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "house")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "db")
	ctx := context.Background()
	db, err := store.Open(ctx, file, Schema())
	if err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		for _, q := range strings.Split(town, ";\n") {
			if strings.TrimSpace(q) == "" {
				continue
			}
			if _, err := tx.Exec(q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	})
	if err == nil {
		err = inside(db).Push.Prepare(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // moves the log into the file
		return nil, err
	}
	return os.ReadFile(file)
})

// DB is a house's database with the town in it.
func DB(t testing.TB) *store.DB {
	t.Helper()
	b, err := model()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, b)
}

func open(t testing.TB, b []byte) *store.DB {
	t.Helper()
	file := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), file, Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A Clock stands still until a test moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Add moves the clock on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A Post is a mail server that keeps what it is given.
type Post struct {
	mu     sync.Mutex
	Off    bool  // not configured
	Err    error // of every send
	refuse func(mail.Message) error
	sent   []mail.Message
}

// Send implements mail.Sender.
func (p *Post) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Err != nil {
		return p.Err
	}
	if p.refuse != nil {
		if err := p.refuse(m); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, m)
	return nil
}

// Configured implements mail.Sender.
func (p *Post) Configured(context.Context) bool { return !p.Off }

// Fail has every send fail with err from now on; nil: none.
func (p *Post) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Err = err
}

// Refuse asks f before each mail from now on; nil: all are taken.
func (p *Post) Refuse(f func(mail.Message) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = f
}

// Sent are the mails so far.
func (p *Post) Sent() []mail.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]mail.Message(nil), p.sent...)
}

// Phones are a provider of SMS that keeps what it is given.
type Phones struct {
	mu     sync.Mutex
	Off    bool // not configured
	refuse func(sms.Message) error
	sent   []sms.Message
}

// Send implements sms.Sender.
func (p *Phones) Send(_ context.Context, m sms.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		if err := p.refuse(m); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, m)
	return nil
}

// Configured implements sms.Sender.
func (p *Phones) Configured(context.Context) bool { return !p.Off }

// Refuse asks f before each SMS from now on, such as for sms.NumberBlocked(); nil: all are taken.
func (p *Phones) Refuse(f func(sms.Message) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = f
}

// Sent are the SMS so far.
func (p *Phones) Sent() []sms.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]sms.Message(nil), p.sent...)
}

// Base is the address of every test house.
const Base = "http://localhost:8080"

// A House is a house with the handles that a test needs.
type House struct {
	*house.House
	Clock  *Clock
	Post   *Post
	Phones *Phones
}

// New is a house to make features in.
func New(t testing.TB) *House {
	t.Helper()
	return In(t, t.TempDir())
}

// In is a house that keeps its files in a folder.
func In(t testing.TB, dir string) *House {
	t.Helper()
	return inside(DB(t)).keeps(t, dir)
}

// Again is a house as another one was when its database was copied (store.DB.Copy); it shares the folder of files.
func Again(t testing.TB, copied []byte, dir string, at time.Time) *House {
	t.Helper()
	h := inside(open(t, copied)).keeps(t, dir)
	h.Clock.at = at
	return h
}

func (h *House) keeps(t testing.TB, dir string) *House {
	t.Helper()
	h.Files = files.New(h.DB, h.Tasks, h.Settings, h.Limits, h.Now, dir)
	h.Scratch = filepath.Join(t.TempDir(), "scratch")
	h.Files.Child = func(_ context.Context, do, arg string, in *os.File, out io.Writer) error {
		return files.Work(do, arg, in, out) // in this process: a test is not the program
	}
	return h
}

func inside(db *store.DB) *House {
	c, p, phones := &Clock{at: Start}, &Post{}, &Phones{}
	base, _ := url.Parse(Base)
	s := settings.New(make([]byte, 32))
	nobody := push.New(db, s, base, c.Now)
	nobody.Dial = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("this test has no PushService")
	}
	entries, _ := catalogue.Parse(Schema())
	return &House{Clock: c, Post: p, Phones: phones, House: &house.House{
		DB: db, Now: c.Now, Base: base, Live: live.New(), Tasks: task.New(db, c.Now),
		Settings: s, Mail: p, SMS: phones, Push: nobody,
		Sessions: &web.Sessions{DB: db, Now: c.Now}, Limits: &web.Limits{Now: c.Now}, Search: search.New(db, ""), Catalogue: entries, Version: "test",
	}}
}

// Work carries out every task that is due.
func (h *House) Work(t testing.TB) {
	t.Helper()
	for {
		n, err := h.Tasks.Once(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// A Site is a set of routes to make requests to.
type Site struct {
	t       testing.TB
	h       http.Handler
	Cookies map[int64][]*http.Cookie // of each person's browser
	mu      sync.Mutex               // of Cookies: several may ask at once
}

type key struct{}

// Serve makes a site of features. Whoever asks is signed in, without a cookie.
func (h *House) Serve(t testing.TB, features ...house.Feature) *Site {
	t.Helper()
	s := &web.Site{Now: h.Now, Base: h.Base, Mark: h.Live.Mark,
		Frame: func(*http.Request, who.Viewer) (web.Frame, error) { return web.Frame{House: "Stadt Musterhausen"}, nil },
		Viewer: func(r *http.Request) (v who.Viewer, err error) {
			for _, f := range features {
				if f.Viewer != nil {
					if v, ok, err := f.Viewer(r); ok || err != nil {
						return v, err
					}
				}
			}
			id, _ := r.Context().Value(key{}).(int64)
			if id == Nobody { // perhaps signed in by a cookie
				in, err := h.Sessions.Of(r)
				if err != nil || in.Person == 0 {
					return v, err
				}
				return look(r, h, features, in)
			}
			err = h.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
				v, err = org.Viewer(tx, id, h.Now())
				return err
			})
			v.Fresh = h.Now().Unix()
			return v, err
		}}
	for _, f := range features {
		s.Routes = append(s.Routes, f.Routes...)
		if f.Confirm != nil {
			s.Confirm = f.Confirm
		}
		for _, j := range f.Jobs {
			h.Tasks.Handle(j)
		}
		h.Search.Add(f.Search...)
	}
	return &Site{t: t, h: s.Handler(), Cookies: map[int64][]*http.Cookie{}}
}

// look is the person of a session, as the app finds it.
func look(r *http.Request, h *House, features []house.Feature, in web.Session) (v who.Viewer, err error) {
	err = h.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if v, err = org.Viewer(tx, in.Person, h.Now()); err != nil {
			return err
		}
		for _, f := range features {
			if f.Half != nil {
				v.Half, err = f.Half(tx, v, in.Strong)
			}
		}
		return err
	})
	v.Session, v.Fresh, v.Shared = in.ID, in.Fresh.Unix(), in.Shared
	return v, err
}

// An Answer is what came back.
type Answer struct {
	Code   int
	To     string // where a redirect leads
	Body   string
	Header http.Header
}

// Has reports whether the page shows the words.
func (a Answer) Has(words string) bool { return strings.Contains(a.Body, words) }

// Get asks for a page as a person.
func (s *Site) Get(person int64, path string) Answer {
	s.t.Helper()
	return s.do(person, httptest.NewRequest("GET", Base+path, nil))
}

// Post sends a form as a person; fields are name, value, name, value.
func (s *Site) Post(person int64, path string, fields ...string) Answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", Base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(person, r)
}

// Upload sends a form with a file as a person.
func (s *Site) Upload(person int64, path, field, file string, content []byte, fields ...string) Answer {
	s.t.Helper()
	return s.do(person, Upload(path, field, file, content, fields...))
}

// Upload is a form with a file, as a browser of the house sends it.
func Upload(path, field, file string, content []byte, fields ...string) *http.Request {
	var b bytes.Buffer
	m := multipart.NewWriter(&b) // into memory: nothing fails
	for i := 0; i+1 < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	w, _ := m.CreateFormFile(field, file)
	_, _ = w.Write(content)
	_ = m.Close()
	r := httptest.NewRequest("POST", Base+path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// Do sends any request as a person.
func (s *Site) Do(person int64, r *http.Request) Answer {
	s.t.Helper()
	return s.do(person, r)
}

func (s *Site) do(person int64, r *http.Request) Answer {
	s.t.Helper()
	s.mu.Lock()
	for _, c := range s.Cookies[person] {
		r.AddCookie(c)
	}
	s.mu.Unlock()
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, person)))
	res := w.Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range res.Cookies() {
		jar := s.Cookies[person][:0:0]
		for _, old := range s.Cookies[person] {
			if old.Name != c.Name {
				jar = append(jar, old)
			}
		}
		if c.MaxAge >= 0 {
			jar = append(jar, c)
		}
		s.Cookies[person] = jar
	}
	return Answer{w.Code, w.Header().Get("Location"), w.Body.String(), w.Header()}
}
