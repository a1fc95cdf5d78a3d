package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"github.com/gorilla/sessions"
)

// How long any browser stays signed in: so long without a visit, and in all. See also termOf.
const (
	sessionIdle  = 30 * 24 * time.Hour
	sessionLife  = 180 * 24 * time.Hour
	sessionCount = 10 // for one person; the oldest ends

	sharedLife = 12 * time.Hour // on a device that others use, too, and no longer than the browser is open
)

// Sessions keeps the sessions in the database. It implements gorilla's
// sessions.Store; a session's Values hold nothing but "person" (int64), for a new
// one also the "proof" (Proof) and, where that was earlier, when it was "proved"
// (int64), and of a saved one the "id", since all else stands in the table.
type Sessions struct {
	DB     *store.DB
	Now    func() time.Time
	Secure bool // the house is reached over https

	seen seenTimes
}

// Sweep removes sessions that are over, and returns how many: none while an incident has records frozen.
func Sweep(tx *store.Tx, now time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM session WHERE expires <= ? AND NOT EXISTS (SELECT 1 FROM frozen)`, now.Unix())
	return int(n), err
}

// A Session is one signed-in browser.
type Session struct {
	ID      []byte // hash
	Person  int64
	Device  string
	Created time.Time
	Seen    time.Time
	Fresh   time.Time // the last proof of identity
	Shared  bool      // others use the device, too
	Strong  bool      // a second factor has been shown
}

func (s *Session) fields() []any {
	return []any{&s.ID, &s.Person, &s.Device, (*store.Time)(&s.Created), (*store.Time)(&s.Seen), (*store.Time)(&s.Fresh), &s.Shared, &s.Strong}
}

// Cookie is the name of the session's cookie. Browsers refuse the __Host-
// prefix without https, which a house on plain loopback does not have.
func (s *Sessions) Cookie() string {
	if s.Secure {
		return "__Host-sid"
	}
	return "sid"
}

var _ sessions.Store = (*Sessions)(nil)

// Get returns the session of a request, as gorilla wants it.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New returns the session of a request; IsNew tells that there is none.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(s, name)
	g.Options = &sessions.Options{Path: "/", MaxAge: int(sessionLife / time.Second), Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	g.IsNew = true
	in, err := s.Of(r)
	if err == nil && in.Person != 0 {
		g.IsNew = false
		g.Values["person"] = in.Person
	}
	return g, err
}

// Save begins a session for Values["person"], or ends the present one if
// Options.MaxAge is negative. A sign-in always gets a new id.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	old := cookieHash(r, g.Name())
	if g.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(g.Name(), "", g.Options))
		return s.DB.Write(r.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM session WHERE id = ?`, old)
			return err
		})
	}
	person, _ := g.Values["person"].(int64)
	if person == 0 {
		return fmt.Errorf("save a session of nobody")
	}
	value, hash := newID()
	now := s.Now()
	fresh := now.Unix()
	if at, ok := g.Values["proved"].(int64); ok {
		fresh = at
	}
	if g.Values["proof"] == Stale {
		fresh = 0
	}
	life, shared := sessionLife, s.Shared(r)
	if shared {
		life, g.Options.MaxAge = sharedLife, 0
	}
	err := s.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`DELETE FROM session WHERE id = ? OR expires <= ? AND NOT EXISTS (SELECT 1 FROM frozen)`, old, now.Unix()); err != nil {
			return err
		}
		if _, err := tx.Exec(`
			INSERT INTO session (id, person, device, created, seen, expires, fresh, shared, strong) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			hash, person, device(r.UserAgent()), now.Unix(), hour(now), now.Add(life).Unix(), fresh, shared, g.Values["proof"] == Strong); err != nil {
			return err
		}
		_, err := tx.Exec(`
			DELETE FROM session WHERE id IN (
				SELECT id FROM session WHERE person = ? ORDER BY created DESC, id = ? DESC LIMIT -1 OFFSET ?)`, person, hash, sessionCount)
		return err
	})
	if err != nil {
		return err
	}
	s.use(hash, now)
	g.Values["id"] = hash
	http.SetCookie(w, sessions.NewCookie(g.Name(), value, g.Options))
	return nil
}

// newID is a value for a cookie, and its hash for the table.
func newID() (value string, id []byte) {
	token := make([]byte, 32)
	_, _ = rand.Read(token) // never fails
	value = base64.RawURLEncoding.EncodeToString(token)
	hash := sha256.Sum256([]byte(value))
	return value, hash[:]
}

// A Proof is how somebody has shown who it is.
type Proof int

const (
	Usual  Proof = iota // with one factor
	Strong              // with a second factor, too
	Stale               // with less than the person has set up: it opens the house, and no change that wants a proof
)

// SignIn begins a session for a person in the browser of r; by none is Usual.
func (s *Sessions) SignIn(w http.ResponseWriter, r *http.Request, person int64, by ...Proof) error {
	g, err := s.Get(r, s.Cookie())
	if err != nil {
		return err
	}
	g.Values["person"], g.Values["proof"] = person, Usual
	if len(by) > 0 {
		g.Values["proof"] = by[0]
	}
	return g.Save(r, w)
}

// SignInBy begins a session for a person whom somebody else has let in, and who has proved it there at a moment; zero:
// nobody knows when. It returns the session's id.
func (s *Sessions) SignInBy(w http.ResponseWriter, r *http.Request, person int64, proved time.Time, by Proof) ([]byte, error) {
	g, err := s.Get(r, s.Cookie())
	if err != nil {
		return nil, err
	}
	g.Values["person"], g.Values["proved"], g.Values["proof"] = person, max(0, proved.Unix()), by
	if err := g.Save(r, w); err != nil {
		return nil, err
	}
	id, _ := g.Values["id"].([]byte)
	return id, nil
}

// Renew gives the session of r a new id, since its person has proved once more who it is. It lasts no longer for that,
// and what hangs on it stays. It returns the new hash.
func (s *Sessions) Renew(w http.ResponseWriter, r *http.Request, by Proof) ([]byte, error) {
	type row struct {
		shared  bool
		expires int64
	}
	value, id := newID()
	now, old := s.Now(), s.Hash(r)
	var x row
	err := s.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		x, err = store.One(tx, func(x *row) []any { return []any{&x.shared, &x.expires} }, `
			UPDATE session SET id = ?1, fresh = ?2, strong = max(strong, ?3) WHERE id = ?4 AND expires > ?2 RETURNING shared, expires`,
			id, now.Unix(), by == Strong, old)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.use(id, now)
	c := &http.Cookie{Name: s.Cookie(), Value: value, Path: "/", Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if !x.shared {
		c.MaxAge = int(x.expires - now.Unix())
	}
	http.SetCookie(w, c)
	return id, nil
}

// SignOut ends the session of r and has the browser forget the house.
func (s *Sessions) SignOut(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Get(r, s.Cookie())
	if err != nil {
		return err
	}
	g.Options.MaxAge = -1
	w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	return g.Save(r, w)
}

// Of is the session of a request; Person is 0 where there is none.
func (s *Sessions) Of(r *http.Request) (Session, error) {
	hash := cookieHash(r, s.Cookie())
	if hash == nil {
		return Session{}, nil
	}
	now := s.Now()
	var in Session
	err := s.DB.Read(context.WithoutCancel(r.Context()), func(tx *store.Tx) (err error) {
		in, err = OpenSession(tx, hash, now)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return Session{}, nil
	}
	return in, err
}

// Hash is the hash of the request's session id; nil without one.
func (s *Sessions) Hash(r *http.Request) []byte { return cookieHash(r, s.Cookie()) }

// OpenSession finds a session that has not ended. It notes nothing: that is
// what Touch and Flush are for, since reading never writes.
func OpenSession(tx *store.Tx, hash []byte, now time.Time) (Session, error) {
	return store.One(tx, (*Session).fields, `
		SELECT id, person, device, created, seen, fresh, shared, strong FROM session
		WHERE id = ? AND expires > ? AND seen > ?`, hash, now.Unix(), now.Add(-sessionIdle).Unix())
}

// SessionsOf lists a person's sessions, the latest first.
func SessionsOf(tx *store.Tx, person int64, now time.Time) ([]Session, error) {
	return store.All(tx, (*Session).fields, `
		SELECT id, person, device, created, seen, fresh, shared, strong FROM session
		WHERE person = ? AND expires > ? AND seen > ? ORDER BY seen DESC, created DESC`, person, now.Unix(), now.Add(-sessionIdle).Unix())
}

// Shared reports whether the person at this browser has said that others use the device, too.
func (s *Sessions) Shared(r *http.Request) bool {
	c, err := r.Cookie(s.sharedCookie())
	return err == nil && c.Value == "1"
}

// SetShared remembers for the next sign-in whether others use the device, too; a session that there is is changed.
func (s *Sessions) SetShared(w http.ResponseWriter, r *http.Request, shared bool) error {
	c := &http.Cookie{Name: s.sharedCookie(), Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure}
	if !shared {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	hash := s.Hash(r)
	if hash == nil {
		return nil
	}
	now := s.Now()
	return s.DB.Write(r.Context(), func(tx *store.Tx) error {
		if shared { // it also ends sooner
			_, err := tx.Exec(`UPDATE session SET shared = 1, expires = min(expires, ?) WHERE id = ?`, now.Add(sharedLife).Unix(), hash)
			return err
		}
		_, err := tx.Exec(`UPDATE session SET shared = 0 WHERE id = ?`, hash)
		return err
	})
}

func (s *Sessions) sharedCookie() string {
	if s.Secure {
		return "__Host-shared"
	}
	return "shared"
}

// EndSessions ends all sessions of a person but one; keep may be nil.
func EndSessions(tx *store.Tx, person int64, keep []byte) error {
	_, err := tx.Exec(`DELETE FROM session WHERE person = ? AND id IS NOT ?`, person, keep)
	return err
}

// EndSession ends one session of a person.
func EndSession(tx *store.Tx, person int64, id []byte) error {
	_, err := tx.Exec(`DELETE FROM session WHERE person = ? AND id = ?`, person, id)
	return err
}

func cookieHash(r *http.Request, name string) []byte {
	c, err := r.Cookie(name)
	if err != nil || len(c.Value) != 43 {
		return nil
	}
	h := sha256.Sum256([]byte(c.Value))
	return h[:]
}

func hour(t time.Time) int64 { return t.Truncate(time.Hour).Unix() }

// device names a browser in words a person recognises.
func device(agent string) string {
	what := "Browser"
	for _, b := range [][2]string{{"Edg", "Edge"}, {"Firefox", "Firefox"}, {"SamsungBrowser", "Samsung Internet"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			what = b[1]
			break
		}
	}
	for _, o := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, o[0]) {
			return what + " auf " + o[1]
		}
	}
	return what
}
