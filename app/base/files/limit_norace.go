//go:build !race

package files

const roomy = false
