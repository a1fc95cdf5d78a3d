package push

import (
	"net/url"
	"slices"
	"strings"
)

// An endpoint comes from a browser, so anybody who is signed in could have the house send a request wherever they like.
// Only the push services of browsers are written to, by name, and no address that is not of the public internet.

// known reports whether an endpoint is one of a browser's push service. The lists are constants of the program: an
// operator who could add to them could be talked into it.
func known(u *url.URL) bool {
	if u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" || u.Port() != "" && u.Port() != "443" {
		return false
	}
	host := u.Hostname()
	if slices.Contains(services[:], host) {
		return true
	}
	labels := strings.Split(host, ".")
	return slices.ContainsFunc(families[:], func(f string) bool {
		of := strings.Split(f, ".")
		n := len(labels) - len(of)
		return n > 0 && slices.Equal(labels[n:], of) && !slices.ContainsFunc(labels[:n], func(l string) bool { return !label(l) })
	})
}

// label reports whether s can be one part of a name, as browsers write it.
func label(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') })
}

var (
	services = [...]string{
		"fcm.googleapis.com", // Chrome and what is built from it, all over Android; Edge but on Windows
	}
	families = [...]string{ // with one label or more in front
		"push.services.mozilla.com", // Firefox: updates
		"push.apple.com",            // Safari: web; Apple asks to allow the whole family
		"notify.windows.com",        // Edge on Windows: wns2-par02p and many more
	}
)
