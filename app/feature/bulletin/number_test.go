package bulletin

import "testing"

// TestOf: of how many something is told, the house tells neither one to four nor all but one to four.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		n    int
		all  Number
		want string
	}{
		{0, Number{N: 9}, "0 Eltern"}, {1, Number{N: 9}, "weniger als fünf Eltern"}, {4, Number{N: 9}, "weniger als fünf Eltern"}, {5, Number{N: 10}, "5 Eltern"},
		{5, Number{N: 9}, "fast alle Eltern"}, {8, Number{N: 9}, "fast alle Eltern"}, {9, Number{N: 9}, "9 Eltern"},
		{0, Number{Few: true}, "0 Eltern"}, {4, Number{Few: true}, "weniger als fünf Eltern"},
		{15, Number{N: 20, Least: true}, "15 Eltern"}, {16, Number{N: 20, Least: true}, "fast alle Eltern"}, {20, Number{N: 20, Least: true}, "fast alle Eltern"},
		{23, Number{N: 20, Least: true}, "fast alle Eltern"}, {5, Number{Few: true, Least: true}, "weniger als fünf Eltern"},
	} {
		if got := of(c.n, c.all).Words(); got != c.want {
			t.Errorf("%d of %+v: %s, want %s", c.n, c.all, got, c.want)
		}
	}
}
