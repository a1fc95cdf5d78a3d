//go:build !race

package text_test

// hostileSize is that of a hostile text, in bytes: as long as a page may be.
const hostileSize = 400_000
