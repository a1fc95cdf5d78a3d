package front

import (
	"net/http"
	"net/netip"
	"strings"
)

// Handler has a request say in RemoteAddr who really asks, and takes away what others say about that: proxies that were
// named are believed, nobody else is.
func (p *Plan) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			http.Error(w, "Woher diese Anfrage kommt, ist nicht zu erkennen.", http.StatusBadRequest)
			return
		}
		from := peer.Addr().Unmap().WithZone("")
		path := r.URL.Path
		if p.proxies != nil && !p.named(from) && (!from.IsLoopback() || path != "/gesund" && path != "/metrics") {
			http.Error(w, "Dieses Haus ist nur über seinen Proxy zu erreichen.", http.StatusForbidden)
			return
		}
		said := r.Header.Values("X-Forwarded-For")
		hidden := drop(r.Header)
		switch {
		case p.named(from):
			from = p.client(from, said)
		case hidden && from.IsLoopback(): // a program that passes on for somebody else does not speak for this machine
			from = netip.IPv4Unspecified()
		}
		r.RemoteAddr = netip.AddrPortFrom(from, peer.Port()).String()
		next.ServeHTTP(w, r)
	})
}

func (p *Plan) named(a netip.Addr) bool {
	for _, n := range p.proxies {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// client is the right-most address of X-Forwarded-For that is none of the proxies: what stands left of it, anybody may
// have written. What cannot be read is believed up to there.
func (p *Plan) client(peer netip.Addr, said []string) netip.Addr {
	all := strings.Split(strings.Join(said, ","), ",")
	for i := len(all) - 1; i >= 0; i-- {
		word := strings.TrimSpace(all[i])
		a, err := netip.ParseAddr(word)
		if ap, e := netip.ParseAddrPort(word); err != nil && e == nil {
			a, err = ap.Addr(), nil
		}
		if err != nil {
			return peer
		}
		if peer = a.Unmap().WithZone(""); !p.named(peer) {
			return peer
		}
	}
	return peer
}

// drop removes every header in which somebody says for whom a request is, also in the spelling with underscores, which
// some programs take for the same. It reports whether there was one.
func drop(h http.Header) (found bool) {
	for name := range h {
		switch plain := strings.ReplaceAll(strings.ToLower(name), "_", "-"); {
		case strings.HasPrefix(plain, "x-forwarded"), plain == "forwarded", plain == "x-real-ip", plain == "x-client-ip",
			plain == "x-cluster-client-ip", plain == "true-client-ip", plain == "cf-connecting-ip", plain == "x-original-url", plain == "x-rewrite-url":
			h.Del(name)
			delete(h, name) // as it is written, where that is not how Del spells it
			found = true
		}
	}
	return found
}
