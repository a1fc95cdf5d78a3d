//go:build race

package files

const roomy = true // the race detector reserves terabytes of addresses: they cannot be limited
