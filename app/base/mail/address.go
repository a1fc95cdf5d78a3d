package mail

import (
	"net/mail"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Plain is an address as servers and tables want it: a domain with umlauts becomes ASCII (RFC 5891), kita-größe.de
// xn--kita-gre-wya3u.de. What stands before the @ stays: for umlauts there, few servers would take a mail (RFC 6531).
// Ok is false where it is no address that can be written to. That is stricter than the standard: what nobody has but
// attackers (quotes, comments, blanks) is refused.
func Plain(address string) (plain string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 1000 {
		return "", false
	}
	local, domain := address[:at], strings.ToLower(address[at+1:])
	if !ascii(domain) {
		var err error
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", false
		}
	}
	plain = local + "@" + domain
	a, err := mail.ParseAddress(plain)
	if err != nil || a.Name != "" || a.Address != plain || len(plain) > 254 || len(local) > 64 || !hostname(domain) || !strings.Contains(domain, ".") ||
		strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]@`, r) }) {
		return "", false
	}
	return plain, true
}

// Shown is an address as people write it, with the umlauts of its domain.
func Shown(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	shown, err := idna.Display.ToUnicode(domain)
	if err != nil || shown == domain {
		return address
	}
	if back, ok := Plain(local + "@" + shown); !ok || back != address {
		return address // it would be written to somebody else
	}
	return local + "@" + shown
}

// Valid reports whether an address can be written to.
func Valid(address string) bool {
	_, ok := Plain(address)
	return ok
}

// Host reports whether s can be the name or the number of a server.
func Host(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || hostname(s)
}

func hostname(s string) bool {
	return s != "" && len(s) <= 253 && s[0] != '.' && s[0] != '-' && !strings.Contains(s, "..") && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }
