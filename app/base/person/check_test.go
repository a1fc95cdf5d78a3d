package person

import "testing"

// What an import lets in can be written to; a domain with umlauts can.
func TestCheckMail(t *testing.T) {
	for typed, ok := range map[string]bool{"": true, "ada@example.org": true, "ada@kita-größe.de": true, "ada@KITA-GRÖßE.de": true,
		"müller@kita-größe.de": false, "ada": false, "ada@example": false, `"a b"@example.org`: false, "Ada <ada@example.org>": false} {
		if why := CheckMail(typed); (why == "") != ok {
			t.Errorf("%q: %q", typed, why)
		}
	}
}
