package oparl

import (
	"net/url"
	"slices"
	"strings"

	"nestfunk/app/base/oparl"
)

// bodies know whose an object is that does not say it itself, or says it wrongly: many systems name no body at a meeting.
type bodies struct {
	read  []string // addresses of bodies that were read in, or are about to be
	named []string // of those that are only named by other objects
}

func (b *bodies) add(p piece) {
	all := &b.named
	address := p.stated
	if p.typ == oparl.Body {
		all, address = &b.read, p.source
	}
	if address != "" && !slices.Contains(*all, address) {
		*all = append(*all, address)
	}
}

// of is the address of the body whose an object is: the one that it names; else one whose address begins its own; else the
// only one of the same server; else the server itself. Those that were read in count more than those that are only named.
func (b bodies) of(p piece) string {
	if p.stated != "" && (slices.Contains(b.read, p.stated) || below(p.source, p.stated)) {
		return p.stated
	}
	if address := nearest(b.read, p.source); address != "" {
		return address
	}
	if p.stated != "" {
		return p.stated
	}
	if address := nearest(b.named, p.source); address != "" {
		return address
	}
	u, err := url.Parse(p.source)
	if err != nil {
		return p.source
	}
	return u.Scheme + "://" + u.Host + "/"
}

// nearest is the longest address below which another is, or else the only one of its server; "": there is none.
func nearest(all []string, address string) string {
	best, only, n := "", "", 0
	for _, a := range all {
		if below(address, a) && len(a) > len(best) {
			best = a
		}
		if host(a) == host(address) {
			only = a
			n++
		}
	}
	if best == "" && n == 1 {
		return only
	}
	return best
}

func below(address, above string) bool {
	return strings.HasPrefix(address, strings.TrimSuffix(above, "/")+"/")
}
