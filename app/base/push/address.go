package push

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
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

// public reports whether an address is of the public internet. Go's own IsGlobalUnicast lets shared, benchmarking and
// translated addresses through.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	if nat64.Contains(a) { // a house with IPv6 only; what counts is where the translator goes
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is6() && !global6.Contains(a) { // nothing else has been given out
		return false
	}
	return !slices.ContainsFunc(special[:], func(p netip.Prefix) bool { return p.Contains(a) })
}

var (
	global6 = netip.MustParsePrefix("2000::/3")
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: an IPv4 address in the last four bytes

	// special are the addresses of RFC 6890 and its registries at IANA that a push service cannot have.
	special = [...]netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),         // this network
		netip.MustParsePrefix("10.0.0.0/8"),        // private
		netip.MustParsePrefix("100.64.0.0/10"),     // shared between provider and customer (CGNAT)
		netip.MustParsePrefix("127.0.0.0/8"),       // loopback
		netip.MustParsePrefix("169.254.0.0/16"),    // link-local; secrets of many clouds
		netip.MustParsePrefix("172.16.0.0/12"),     // private
		netip.MustParsePrefix("192.0.0.0/24"),      // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),      // documentation
		netip.MustParsePrefix("192.31.196.0/24"),   // AS112
		netip.MustParsePrefix("192.52.193.0/24"),   // AMT
		netip.MustParsePrefix("192.88.99.0/24"),    // 6to4 relays
		netip.MustParsePrefix("192.168.0.0/16"),    // private
		netip.MustParsePrefix("192.175.48.0/24"),   // AS112
		netip.MustParsePrefix("198.18.0.0/15"),     // benchmarking
		netip.MustParsePrefix("198.51.100.0/24"),   // documentation
		netip.MustParsePrefix("203.0.113.0/24"),    // documentation
		netip.MustParsePrefix("224.0.0.0/3"),       // multicast, reserved, broadcast
		netip.MustParsePrefix("2001::/23"),         // protocol assignments, Teredo among them
		netip.MustParsePrefix("2001:db8::/32"),     // documentation
		netip.MustParsePrefix("2002::/16"),         // 6to4: holds any IPv4 address
		netip.MustParsePrefix("2620:4f:8000::/48"), // AS112
		netip.MustParsePrefix("3fff::/20"),         // documentation
		// Outside 2000::/3, and so refused already: ::1, 64:ff9b:1::/48 (local NAT64), 100::/64 (discard), 5f00::/16,
		// fc00::/7 (ULA), fe80::/10 (link-local), ff00::/8 (multicast).
	}
)

const connect = 10 * time.Second

// dialer connects to public addresses only. It looks at the address of the very connection that is about to be made, so
// a name that changes its address between two questions (DNS rebinding) gains nothing. A nil resolver is Go's own.
func dialer(resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Timeout: connect, Resolver: resolver, Control: func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") || to.Port() != 443 || !public(to.Addr()) {
			return fmt.Errorf("%s is no address of a push service", address)
		}
		return nil
	}}
}
