package app_test

import "testing"

// The head sets a tablet up, opens it with a PIN, and locks it.
func walkTablet(t *testing.T, c *city) {
	const pin = "830461"
	head := c.phone(t).as("Leitung")
	head.open("/konto/pin")
	head.send("/konto/pin", "pin", pin)
	head.sees("Ihre PIN gilt ab jetzt")

	head.open("/tablets")
	head.send("/tablets/neu", "name", "Tablet am Eingang")
	head.sees("Er steht nur hier.")
	head.inspect("a code for a tablet", 200)
	code := eval[string](head, `document.querySelector("main .code").innerText`)

	p := c.phone(t)
	p.open("/am-tablet/einrichten")
	p.send("/am-tablet/einrichten", "code", "quatsch")
	p.sees("Dieser Code gilt nicht")
	p.inspect("a wrong code at a tablet", 422)
	p.send("/am-tablet/einrichten", "code", code)
	p.sees("Wer sind Sie?")
	p.inspect("/am-tablet, locked", 200)
	p.tapIn("main .roll", "") // nobody else has a PIN
	p.sees("Sechs Ziffern.")
	p.inspect("the PIN at a tablet", 200)
	p.send("/am-tablet/entsperren", "pin", pin)
	p.sees("Sperren")
	p.inspect("/am-tablet, unlocked", 200)
	p.tap("Sperren")
	p.sees("Wer sind Sie?")

	head.open("/tablets")
	head.tapIn("main li", "Beenden")
	head.sees("beendet")
	p.sees("beendet") // the open page hears of it
	p.inspect("a tablet that has been ended", 200)
}
