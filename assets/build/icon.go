package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// An icon is icons/icon.svg: the little of SVG that it is drawn with.
type icon struct {
	Box    string  `xml:"viewBox,attr"`
	Shapes []shape `xml:",any"`
}

type shape struct {
	XMLName xml.Name
	Width   float64 `xml:"width,attr"`
	Height  float64 `xml:"height,attr"`
	CX      float64 `xml:"cx,attr"`
	CY      float64 `xml:"cy,attr"`
	R       float64 `xml:"r,attr"`
	RX      float64 `xml:"rx,attr"`
	D       string  `xml:"d,attr"`
	Fill    string  `xml:"fill,attr"`
	Stroke  string  `xml:"stroke,attr"`
	Opacity float64 `xml:"stroke-opacity,attr"` // 0: not given, which means opaque
	Line    float64 `xml:"stroke-width,attr"`
}

// Icons of an app that is put on a home screen.
const (
	plain  = iota // as it is drawn, with round corners
	filled        // Android cuts its own shape, iOS rounds the corners: colour to the edge, the drawing within the inner 80 %
	mono          // for a status bar: only what is drawn counts, not its colours
)

// appIcons draws icons/icon.svg as the files that home screens want.
func appIcons(files map[string]string) {
	src := must1(os.ReadFile("icons/icon.svg"))
	var i icon
	must(xml.Unmarshal(src, &i))
	for _, p := range []struct {
		name string
		size int
		kind int
	}{
		{"icon-192", 192, plain}, {"icon-512", 512, plain}, {"mask-192", 192, filled}, {"mask-512", 512, filled},
		{"touch-180", 180, filled}, {"badge-96", 96, mono},
	} {
		files[p.name+".png"] = put(p.name, ".png", i.png(p.size, p.kind))
	}
	files["mask.svg"] = put("mask", ".svg", i.mask(string(src)))
}

// side is the width of the view box, which is a square.
func (i icon) side() float64 {
	f := strings.Fields(i.Box)
	if len(f) != 4 || f[2] != f[3] {
		log.Fatalf("icons/icon.svg: the viewBox %q is no square", i.Box)
	}
	return must1(strconv.ParseFloat(f[2], 64))
}

// mask is the icon as SVG with colour to the edge.
func (i icon) mask(src string) []byte {
	open, rest, _ := strings.Cut(src, ">")
	rect, rest, _ := strings.Cut(rest, ">")
	if !strings.HasPrefix(rect, "<rect") {
		log.Fatal("icons/icon.svg: the first shape is not the ground")
	}
	n, s := i.side(), i.Shapes[0]
	return fmt.Appendf(nil, `%s><rect width="%g" height="%g" fill="%s"/><g transform="translate(%g %g) scale(.8)">%s</g></svg>`,
		open, n, n, s.Fill, n/10, n/10, strings.TrimSuffix(strings.TrimSpace(rest), "</svg>"))
}

func (i icon) png(size, kind int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	n := i.side()
	scale, shift := float64(size)/n, 0.0
	if kind == filled {
		scale, shift = scale*.8, float64(size)*.1
	}
	for at, s := range i.Shapes {
		p := pen{z: vector.NewRasterizer(size, size), scale: scale, shift: shift}
		ground := at == 0
		switch {
		case ground && kind == mono:
			continue
		case ground && kind == filled:
			p.scale, p.shift, s.RX = float64(size)/n, 0, 0
		}
		for _, line := range s.lines() {
			if s.Stroke == "" {
				p.polygon(line)
			} else {
				p.stroke(line, s.Line)
			}
		}
		p.paint(img, s.colour(kind))
	}
	var b bytes.Buffer
	must(png.Encode(&b, img))
	return b.Bytes()
}

// colour is what a shape is painted with.
func (s shape) colour(kind int) color.NRGBA {
	c := s.Fill
	if s.Stroke != "" {
		c = s.Stroke
	}
	if len(c) == 4 {
		c = "#" + strings.Repeat(c[1:2], 2) + strings.Repeat(c[2:3], 2) + strings.Repeat(c[3:], 2)
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(c, "#"), 16, 24)
	if err != nil {
		log.Fatalf("icons/icon.svg: the colour %q", c)
	}
	a := 255.0
	if s.Opacity != 0 {
		a *= s.Opacity
	}
	if kind == mono {
		weave := s.Stroke != "" && s.Opacity == 0 // on the nest: cut out of it
		return color.NRGBA{255, 255, 255, map[bool]uint8{true: 0, false: 255}[weave]}
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), uint8(a)}
}

type point struct{ x, y float64 }

// lines are the outlines of a shape, curves as short lines.
func (s shape) lines() [][]point {
	switch s.XMLName.Local {
	case "rect":
		if s.RX == 0 {
			return [][]point{{{0, 0}, {s.Width, 0}, {s.Width, s.Height}, {0, s.Height}}}
		}
		return path(fmt.Sprintf("M%g 0h%ga%g %g 0 0 1 %g %gv%ga%g %g 0 0 1 %g %gh%ga%g %g 0 0 1 %g %gv%ga%g %g 0 0 1 %g %gz",
			s.RX, s.Width-2*s.RX, s.RX, s.RX, s.RX, s.RX, s.Height-2*s.RX, s.RX, s.RX, -s.RX, s.RX,
			2*s.RX-s.Width, s.RX, s.RX, -s.RX, -s.RX, 2*s.RX-s.Height, s.RX, s.RX, s.RX, -s.RX))
	case "circle":
		return [][]point{round(point{s.CX, s.CY}, s.R)}
	case "path":
		return path(s.D)
	}
	log.Fatalf("icons/icon.svg: <%s> cannot be drawn", s.XMLName.Local)
	return nil
}

const steps = 48 // of a curve

func round(c point, r float64) (line []point) {
	for i := range steps {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / steps)
		line = append(line, point{c.x + r*cos, c.y + r*sin})
	}
	return line
}

// A pen fills polygons; all of them are turned the same way, so that what overlaps is one shape.
type pen struct {
	z            *vector.Rasterizer
	scale, shift float64
}

func (p pen) polygon(line []point) {
	area := 0.0
	for i, a := range line {
		b := line[(i+1)%len(line)]
		area += a.x*b.y - b.x*a.y
	}
	for i := range line {
		at := line[i]
		if area < 0 {
			at = line[len(line)-1-i]
		}
		x, y := float32(at.x*p.scale+p.shift), float32(at.y*p.scale+p.shift)
		if i == 0 {
			p.z.MoveTo(x, y)
		} else {
			p.z.LineTo(x, y)
		}
	}
	p.z.ClosePath()
}

// stroke draws a line with round ends.
func (p pen) stroke(line []point, width float64) {
	for i, a := range line {
		p.polygon(round(a, width/2))
		if i == 0 {
			continue
		}
		b := line[i-1]
		d := math.Hypot(a.x-b.x, a.y-b.y)
		if d == 0 {
			continue
		}
		x, y := (a.y-b.y)/d*width/2, (b.x-a.x)/d*width/2
		p.polygon([]point{{a.x + x, a.y + y}, {b.x + x, b.y + y}, {b.x - x, b.y - y}, {a.x - x, a.y - y}})
	}
}

// paint lays a colour over the image; one without any alpha takes away what is there.
func (p pen) paint(img *image.NRGBA, c color.NRGBA) {
	mask := image.NewAlpha(img.Bounds())
	p.z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	for i, m := range mask.Pix {
		px := img.Pix[4*i : 4*i+4]
		if c.A == 0 {
			px[3] = uint8(int(px[3]) * (255 - int(m)) / 255)
			continue
		}
		over := float64(m) / 255 * float64(c.A) / 255
		under := float64(px[3]) / 255 * (1 - over)
		if over+under == 0 {
			continue
		}
		for j, v := range []uint8{c.R, c.G, c.B} {
			px[j] = uint8(math.Round((float64(v)*over + float64(px[j])*under) / (over + under)))
		}
		px[3] = uint8(math.Round(255 * (over + under)))
	}
}
