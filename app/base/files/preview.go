package files

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

// A Preview is what somebody uploaded and has not accepted yet, with what the feature knows of it. It lies in the folder of
// the house, which empties that at a start.
type Preview[T any] struct {
	Person int64
	File   *os.File
	Of     T

	at time.Time
}

// Previews are ready to use when zero.
type Previews[T any] struct {
	mu  sync.Mutex
	all map[string]*Preview[T]
}

// Discard closes and removes a file that nobody needs any more. The next start removes what this cannot.
func Discard(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// Put keeps one and returns its name.
func (us *Previews[T]) Put(u *Preview[T], now time.Time) string {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.all == nil {
		us.all = map[string]*Preview[T]{}
	}
	for token, o := range us.all {
		if now.Sub(o.at) >= uploadLife {
			us.drop(token)
		}
	}
	if oldest, n := us.oldest(u.Person); n >= mostOwn {
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
func (us *Previews[T]) oldest(person int64) (token string, n int) {
	for t, u := range us.all {
		if person != 0 && u.Person != person {
			continue
		}
		if n++; token == "" || u.at.Before(us.all[token].at) {
			token = t
		}
	}
	return token, n
}

func (us *Previews[T]) drop(token string) {
	Discard(us.all[token].File)
	delete(us.all, token)
}

// Get finds one of a person.
func (us *Previews[T]) Get(token string, person int64, now time.Time) (*Preview[T], error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	return us.find(token, person, now)
}

// Take is Get, and nobody else gets it afterwards: the file is the caller's.
func (us *Previews[T]) Take(token string, person int64, now time.Time) (*Preview[T], error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u, err := us.find(token, person, now)
	if err == nil {
		delete(us.all, token)
	}
	return u, err
}

func (us *Previews[T]) find(token string, person int64, now time.Time) (*Preview[T], error) {
	u := us.all[token]
	if u == nil || u.Person != person || now.Sub(u.at) >= uploadLife {
		return nil, fault.New(fault.NotFound, "Diese Vorschau gibt es nicht mehr; sie wird nur eine halbe Stunde aufgehoben. Bitte laden Sie die Datei noch einmal hoch.")
	}
	return u, nil
}
