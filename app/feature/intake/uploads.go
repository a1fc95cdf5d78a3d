package intake

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"nestfunk/app/base/fault"
)

const (
	uploadLife  = 30 * time.Minute
	mostUploads = 20
	mostBytes   = 96 << 20 // of all uploads together
)

// An upload is a file between its preview and its import. It is kept in memory
// only: the names in it belong to nobody's disk before somebody has said yes.
type upload struct {
	person   int64
	families bool
	name     string
	file     []byte
	addCity  bool
	rep      Report
	at       time.Time
}

// uploads are ready to use when zero.
type uploads struct {
	mu  sync.Mutex
	all map[string]*upload
}

// put keeps an upload and returns its name. The oldest have to go when there are too many.
func (us *uploads) put(u *upload, now time.Time) string {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.all == nil {
		us.all = map[string]*upload{}
	}
	u.at = now
	for {
		oldest, bytes := "", len(u.file)
		for token, o := range us.all {
			if now.Sub(o.at) >= uploadLife {
				delete(us.all, token)
				continue
			}
			bytes += len(o.file)
			if oldest == "" || o.at.Before(us.all[oldest].at) {
				oldest = token
			}
		}
		if oldest == "" || len(us.all) < mostUploads && bytes <= mostBytes {
			break
		}
		delete(us.all, oldest)
	}
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	token := base64.RawURLEncoding.EncodeToString(b)
	us.all[token] = u
	return token
}

// get finds an upload of a person.
func (us *uploads) get(token string, person int64, now time.Time) (*upload, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u := us.all[token]
	if u == nil || u.person != person || now.Sub(u.at) >= uploadLife {
		return nil, fault.New(fault.NotFound, "Diese Vorschau gibt es nicht mehr; sie wird nur eine halbe Stunde aufgehoben. Es wurde nichts geändert. Bitte laden Sie die Datei noch einmal hoch.")
	}
	return u, nil
}

func (us *uploads) drop(token string) {
	us.mu.Lock()
	defer us.mu.Unlock()
	delete(us.all, token)
}
