package oparl

import (
	"crypto/rand"
	"os"
	"sync"
	"time"

	"nestfunk/app/base/fault"
)

// What is kept of uploads between preview and import.
const (
	uploadLife  = 30 * time.Minute
	mostUploads = 10 // of all people together; the oldest goes first
	mostOwn     = 2  // of one person, so that nobody takes the places of others
)

// An uploaded file between its preview and its import. It lies in the folder of the house, which empties that at a start.
type uploaded struct {
	person int64
	name   string // as the browser called it
	file   *os.File
	rep    Report
	at     time.Time
}

// uploads are ready to use when zero.
type uploads struct {
	mu  sync.Mutex
	all map[string]*uploaded
}

// discardFile closes and removes a file that nobody needs any more. The next start removes what this cannot.
func discardFile(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// put keeps one and returns its name.
func (us *uploads) put(u *uploaded, now time.Time) string {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.all == nil {
		us.all = map[string]*uploaded{}
	}
	for token, o := range us.all {
		if now.Sub(o.at) >= uploadLife {
			us.drop(token)
		}
	}
	if oldest, n := us.oldest(u.person); n >= mostOwn {
		us.drop(oldest)
	}
	if oldest, n := us.oldest(0); n >= mostUploads {
		us.drop(oldest)
	}
	u.at = now
	token := rand.Text()
	us.all[token] = u
	return token
}

// oldest finds the oldest of a person, and counts all of theirs; 0: of all people.
func (us *uploads) oldest(person int64) (token string, n int) {
	for t, u := range us.all {
		if person != 0 && u.person != person {
			continue
		}
		if n++; token == "" || u.at.Before(us.all[token].at) {
			token = t
		}
	}
	return token, n
}

func (us *uploads) drop(token string) {
	discardFile(us.all[token].file)
	delete(us.all, token)
}

// get finds one of a person.
func (us *uploads) get(token string, person int64, now time.Time) (*uploaded, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	return us.find(token, person, now)
}

// take is get, and nobody else gets it afterwards: the file is the caller's.
func (us *uploads) take(token string, person int64, now time.Time) (*uploaded, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u, err := us.find(token, person, now)
	if err == nil {
		delete(us.all, token)
	}
	return u, err
}

func (us *uploads) find(token string, person int64, now time.Time) (*uploaded, error) {
	u := us.all[token]
	if u == nil || u.person != person || now.Sub(u.at) >= uploadLife {
		return nil, fault.New(fault.NotFound, "Diese Vorschau gibt es nicht mehr; sie wird nur eine halbe Stunde aufgehoben. Bitte laden Sie die Datei noch einmal hoch.")
	}
	return u, nil
}
