// Package dial connects to addresses that somebody has named: a browser its push service, an operator a mail server, a
// provider of sign-ins or a place for backups. It looks at the address of the very connection that is about to be made,
// so a name that changes its address between two questions (DNS rebinding) gains nothing.
package dial

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Patience is how long a connection may take to come about.
const Patience = 10 * time.Second

// A Rule says whether the house may connect to an address.
type Rule func(to netip.AddrPort) bool

// Internet is the rule for what strangers name: the public internet, and no port but that of https.
func Internet(to netip.AddrPort) bool { return to.Port() == 443 && Public(to.Addr()) }

// Server is the rule for servers that the operator of the house names, which may stand in its own network or on its own
// machine. No server is reached by an address of one line alone, where clouds keep their secrets, or by one of many.
func Server(to netip.AddrPort) bool { return to.Port() != 0 && possible(to.Addr()) }

// Inside is the rule for the public internet, and besides for networks that the operator has named one by one.
func Inside(named []netip.Prefix) Rule {
	named = slices.Clone(named)
	return func(to netip.AddrPort) bool {
		a := to.Addr().Unmap()
		return to.Port() != 0 && (Public(a) || possible(a) && slices.ContainsFunc(named, func(p netip.Prefix) bool { return p.Contains(a) }))
	}
}

// To makes a dialer that connects over TCP, to where the rule allows it. A nil resolver is Go's own.
func To(rule Rule, resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Timeout: Patience, Resolver: resolver, Control: func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") || !rule(to) {
			return refused(address)
		}
		return nil
	}}
}

// refused is an address to which the house does not connect.
type refused string

func (a refused) Error() string {
	return fmt.Sprintf("%s is no address that the house connects to", string(a))
}

// Networks reads what an operator has typed: addresses and networks, apart by spaces, commas or lines. None may be one
// that no server can have.
func Networks(typed string) (all []netip.Prefix, err error) {
	for _, s := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == ';' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network", s)
			}
			a = a.Unmap()
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if p.Addr().Is4In6() || p.Addr().Zone() != "" || p.Bits() < 8 || !possible(p.Addr()) {
			return nil, fmt.Errorf("%q is no network of servers", s)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
