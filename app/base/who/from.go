package who

import (
	"context"
	"net/netip"
)

// Console is the address of whoever works on the machine itself.
const Console = "Konsole"

type addressKey struct{}

// From notes where a request comes from: an IP address, or Console.
func From(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// Address is where a request comes from; "": from the house itself, or nobody's business.
func Address(ctx context.Context) string {
	a, _ := ctx.Value(addressKey{}).(string)
	return a
}

// Network shortens an IP address to /24 or /48, which one household or office shares; "" where there is none. Console stays.
func Network(address string) string {
	if address == Console {
		return Console
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
