package lang

import "testing"

func TestSize(t *testing.T) {
	for _, c := range []struct {
		code  string
		bytes int64
		want  string
	}{
		{"de", 0, "1 KB"}, {"de", 1, "1 KB"}, {"de", 2000, "2 KB"}, {"de", 999 << 10, "999 KB"}, {"de", 1000 << 10, "1,0 MB"},
		{"de", 25 << 20, "25,0 MB"}, {"en", 3 << 19, "1.5 MB"}, {"tr", 3 << 19, "1,5 MB"}, {"ar", 3 << 19, "1.5 MB"},
	} {
		if got := Of(c.code).Size(c.bytes); got != c.want {
			t.Errorf("%d bytes in %s: %q, want %q", c.bytes, c.code, got, c.want)
		}
	}
}
