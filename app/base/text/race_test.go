//go:build race

package text_test

// hostileSize is that of a hostile text, in bytes. The race detector makes everything ten times slower and larger.
const hostileSize = 80_000
