package lang

import (
	"fmt"
	"strings"
)

// Size is a number of bytes to read: "1 KB" at least, "1,4 MB".
func (l *Lang) Size(bytes int64) string {
	kb := max(1, (bytes+512)>>10)
	if kb < 1000 {
		return fmt.Sprintf("%d KB", kb)
	}
	s := fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	if l.Code == "en" || l.Code == "ar" {
		return s
	}
	return strings.Replace(s, ".", ",", 1)
}
