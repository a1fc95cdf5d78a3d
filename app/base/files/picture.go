package files

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strconv"

	"golang.org/x/image/webp"
)

// mostPixels are those of a picture that is decoded: the 48 million of a telephone fit, and take 200 MB at four bytes each.
const mostPixels = 50_000_000

// remake writes a picture anew: upright, no larger than edge, and without anything that was not seen in it, such as
// where it was taken. What is opaque becomes a JPEG, unless it was drawn (PNG, GIF) and stays small.
func remake(in *os.File, edge string, out io.Writer) error {
	most, err := strconv.Atoi(edge)
	if err != nil || most < 1 {
		return fmt.Errorf("no such edge: %q", edge)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	conf, kind, err := measure(in)
	if err != nil {
		return err
	}
	if conf.Width < 1 || conf.Height < 1 {
		return ErrBroken
	}
	if int64(conf.Width)*int64(conf.Height) > mostPixels {
		return ErrPixels
	}
	turn := 1
	if kind == JPEG {
		if turn, err = orientation(in); err != nil {
			return err
		}
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	src, err := decode(bufio.NewReader(in), kind)
	if err != nil {
		return errors.Join(ErrBroken, err)
	}
	img := upright(shrink(src, most), turn)
	if kind == JPEG || kind == WebP && img.Opaque() {
		return jpeg.Encode(out, img, &jpeg.Options{Quality: 85})
	}
	if img.Opaque() && img.Rect.Dx()*img.Rect.Dy() > 1_000_000 { // a photo that somebody saved as PNG
		return jpeg.Encode(out, img, &jpeg.Options{Quality: 90})
	}
	return png.Encode(out, img)
}

// measure reads no more than the head of a picture.
func measure(in *os.File) (image.Config, string, error) {
	kind, err := kindOf(in, 0)
	if err != nil {
		return image.Config{}, "", err
	}
	var conf image.Config
	r := bufio.NewReader(in)
	switch kind {
	case JPEG:
		conf, err = jpeg.DecodeConfig(r)
	case PNG:
		conf, err = png.DecodeConfig(r)
	case GIF:
		conf, err = gif.DecodeConfig(r)
	case WebP:
		conf, err = webp.DecodeConfig(r)
	default:
		return conf, kind, ErrBroken
	}
	if err != nil {
		err = errors.Join(ErrBroken, err)
	}
	return conf, kind, err
}

func decode(r io.Reader, kind string) (image.Image, error) {
	switch kind {
	case JPEG:
		return jpeg.Decode(r)
	case PNG:
		return png.Decode(r)
	case GIF:
		return gif.Decode(r) // the first of its pictures
	}
	return webp.Decode(r)
}

// shrink makes a picture whose longer side has edge pixels at the most. Each of its pixels is the mean of those that
// it stands for. Only a line of the source is converted at a time.
func shrink(src image.Image, edge int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	long := max(w, h)
	if long <= edge {
		dst := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(dst, dst.Rect, src, b.Min, draw.Src)
		return dst
	}
	dw, dh := max(1, w*edge/long), max(1, h*edge/long)
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	line := image.NewRGBA(image.Rect(0, 0, w, 1))
	sums := make([]uint64, 4*dw)
	counts := make([]uint64, dw)
	for x := range w {
		counts[x*dw/w]++
	}
	row, rows := 0, uint64(0)
	flush := func() {
		for x := range dw {
			n := counts[x] * rows
			for c := range 4 {
				dst.Pix[row*dst.Stride+4*x+c] = uint8((sums[4*x+c] + n/2) / n)
			}
		}
		clear(sums)
		rows = 0
	}
	for y := range h {
		if to := y * dh / h; to != row {
			flush()
			row = to
		}
		draw.Draw(line, line.Rect, src, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		for x := range w {
			at := 4 * (x * dw / w)
			for c := range 4 {
				sums[at+c] += uint64(line.Pix[4*x+c])
			}
		}
		rows++
	}
	flush()
	return dst
}

// upright turns a picture as its camera was held: 1 to 8, as Exif 2.3 counts (tag 0x0112).
func upright(src *image.RGBA, turn int) *image.RGBA {
	if turn < 2 || turn > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if turn >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch turn {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			dst.SetRGBA(dx, dy, src.At(x, y).(color.RGBA))
		}
	}
	return dst
}
