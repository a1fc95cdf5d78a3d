//go:build !race

package demo

// times is how many times of day the town is made at.
const times = 5
