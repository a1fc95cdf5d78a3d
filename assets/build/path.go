package main

import (
	"log"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var rePath = regexp.MustCompile(`[a-zA-Z]|-?(?:\d*\.\d+|\d+)`)

// path reads the commands of a path that icons use: M, h, v, a, c, s, S and z.
func path(d string) (lines [][]point) {
	words := rePath.FindAllString(d, -1)
	var at, bend point // bend: the last control point of a curve
	var line []point
	next := func() float64 {
		if len(words) == 0 {
			log.Fatalf("icons/icon.svg: the path %q ends too early", d)
		}
		n, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			log.Fatalf("icons/icon.svg: %q in the path %q is no number", words[0], d)
		}
		words = words[1:]
		return n
	}
	end := func() {
		if len(line) > 0 {
			lines, line = append(lines, line), nil
		}
	}
	to := func(p point) { at = p; line = append(line, p) }
	curve := func(a, b, c point) {
		from := at
		for i := 1; i <= steps; i++ {
			t := float64(i) / steps
			u := 1 - t
			to(point{u*u*u*from.x + 3*u*u*t*a.x + 3*u*t*t*b.x + t*t*t*c.x, u*u*u*from.y + 3*u*u*t*a.y + 3*u*t*t*b.y + t*t*t*c.y})
		}
		bend = b
	}
	command := ""
	for len(words) > 0 {
		if words[0][0] >= 'A' {
			command, words = words[0], words[1:]
		}
		by := point{}
		if command == strings.ToLower(command) {
			by = at
		}
		pair := func() point { x := next(); return point{by.x + x, by.y + next()} }
		mirrored := point{2*at.x - bend.x, 2*at.y - bend.y}
		switch command {
		case "M":
			end()
			to(pair())
		case "h":
			to(point{at.x + next(), at.y})
		case "v":
			to(point{at.x, at.y + next()})
		case "c":
			a, b := pair(), pair()
			curve(a, b, pair())
		case "s", "S":
			b := pair()
			curve(mirrored, b, pair())
		case "a":
			rx, _, _, large, sweep := next(), next(), next(), next(), next()
			arc(at, pair(), rx, large == 1, sweep == 1, to)
		case "z":
			end()
		default:
			log.Fatalf("icons/icon.svg: the command %q of a path", command)
		}
	}
	end()
	return lines
}

// arc goes along a circle from one point to another.
func arc(from, end point, r float64, large, sweep bool, to func(point)) {
	dx, dy := end.x-from.x, end.y-from.y
	half := math.Hypot(dx, dy) / 2
	r = max(r, half)
	h := math.Sqrt(r*r-half*half) / (2 * half)
	if large == sweep {
		h = -h
	}
	c := point{(from.x+end.x)/2 - dy*h, (from.y+end.y)/2 + dx*h}
	first, last := math.Atan2(from.y-c.y, from.x-c.x), math.Atan2(end.y-c.y, end.x-c.x)
	if sweep && last < first {
		last += 2 * math.Pi
	}
	if !sweep && last > first {
		last -= 2 * math.Pi
	}
	for i := 1; i <= steps; i++ {
		sin, cos := math.Sincos(first + (last-first)*float64(i)/steps)
		to(point{c.x + r*cos, c.y + r*sin})
	}
}
