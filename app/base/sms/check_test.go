package sms

import (
	"strings"
	"testing"

	"nestfunk/app/base/settings"
)

// The self-test finds a wrong key or password without an SMS to anybody.
func TestCheck(t *testing.T) {
	sim := &simulator{}
	o := withSeven(t, sim)
	if err := o.Check(t.Context()); err != nil {
		t.Errorf("seven.io: %v", err)
	}
	o.set(settings.SMSKey, "falsch")
	if err := o.Check(t.Context()); !strings.Contains(Words(err), "seven.io") {
		t.Errorf("seven.io with a wrong key: %v", err)
	}
	if n := len(sim.got()); n != 0 {
		t.Errorf("%d SMS", n)
	}
	c := newCenter(t, nil)
	o = withCenter(t, c)
	if err := o.Check(t.Context()); err != nil {
		t.Errorf("SMPP: %v", err)
	}
	o.set(settings.SMSPassword, "falsch")
	if err := o.Check(t.Context()); !strings.Contains(Words(err), "Passwort") {
		t.Errorf("SMPP with a wrong password: %v", err)
	}
	if n := len(c.submitted()); n != 0 {
		t.Errorf("%d SMS over SMPP", n)
	}
}
