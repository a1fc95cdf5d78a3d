//go:build race

package demo

// times is how many times of day the town is made at. The race detector makes SQLite twenty times slower.
const times = 1
