package account

import (
	"net/http"

	"nestfunk/app/base/web"
)

// A browser in which an address has signed in before is known for it (OWASP: device cookies). Its tries are counted for
// themselves: so a stranger who uses up the tries of an address keeps nobody out who has been here before, and still has
// no more of them. The mark tells that and nothing else, and goes when somebody signs out.
const (
	knownCookie = "known"
	knownFor    = 180 * 24 * 3600 // seconds, as long as any session
	forKnown    = "account.known"
)

func (f *feature) known(r *http.Request, mail string) bool {
	return f.Settings.Marked(forKnown, mail, f.cookieValue(r, knownCookie))
}

// know remembers that an address has signed in here; not on a device that others use, too.
func (f *feature) know(w http.ResponseWriter, r *http.Request, mail string) {
	if mail != "" && !f.Sessions.Shared(r) {
		f.cookie(w, knownCookie, f.Settings.Mark(forKnown, mail), knownFor)
	}
}

// take counts a try for an address; of a browser that is known for it, for that alone.
func (f *feature) take(r *http.Request, of, from web.Limit, mail string) error {
	if f.known(r, mail) {
		return f.Limits.Take(of, mail+" known")
	}
	if err := f.Limits.Take(from, web.Prefix(r)); err != nil {
		return err
	}
	return f.Limits.Take(of, mail)
}

// forget takes back the tries for an address after one that was right: of this browser only, if it is known.
func (f *feature) forget(r *http.Request, of web.Limit, mail string) {
	if f.known(r, mail) {
		mail += " known"
	}
	f.Limits.Forget(of, mail)
}
