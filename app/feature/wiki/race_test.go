//go:build race

package wiki

// megabytes is the size of what is far too long. The race detector makes everything ten times slower and larger.
const megabytes = 2
