package apptest

import (
	"archive/zip"
	"bytes"
	"io"
)

// Zip is a ZIP of some files: path, content, path, content.
func Zip(all ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b) // into memory: nothing fails
	for i := 0; i+1 < len(all); i += 2 {
		w, _ := z.Create(all[i])
		_, _ = io.WriteString(w, all[i+1])
	}
	_ = z.Close()
	return b.Bytes()
}
