//go:build !race

package wiki

// megabytes is the size of what is far too long.
const megabytes = 10
