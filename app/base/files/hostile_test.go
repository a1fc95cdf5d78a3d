package files_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
)

// canary stands in everything that must not come out of the house in a form that a browser runs, or in a photo at all.
const canary = "alert(1)"

// scripts are what hostile files carry along.
var scripts = []string{
	"<script>" + canary + "</script>", "<!doctype html><script>" + canary + "</script>", `<svg xmlns="http://www.w3.org/2000/svg" onload="` + canary + `"/>`,
	`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>` + canary + "</script></html>", "=1/*;" + canary + "//*/", "<?php system($_GET[0]); /* " + canary + " */ ?>",
}

// drawn is a small picture in one of the three forms.
func drawn(t testing.TB, kind string) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.White, color.RGBA{200, 30, 30, 255}})
	for i := range 300 {
		m.Pix[i] = 1
	}
	var b bytes.Buffer
	var err error
	switch kind {
	case files.JPEG:
		err = jpeg.Encode(&b, m, nil)
	case files.PNG:
		err = png.Encode(&b, m)
	case files.GIF:
		err = gif.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment puts a part into a JPEG, behind its first bytes.
func segment(photo []byte, marker byte, data string) []byte {
	part := append([]byte{0xff, marker}, binary.BigEndian.AppendUint16(nil, uint16(len(data)+2))...)
	return append(append(append([]byte{}, photo[:2]...), append(part, data...)...), photo[2:]...)
}

// chunk puts a part into a PNG, behind its header.
func chunk(picture []byte, name, data string) []byte {
	part := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	part = append(append(part, name...), data...)
	part = binary.BigEndian.AppendUint32(part, crc32.ChecksumIEEE([]byte(name+data)))
	return append(append(append([]byte{}, picture[:33]...), part...), picture[33:]...)
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// hostile are files that somebody made to do harm to whoever looks at them, each with the name under which it comes.
func hostile(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	add := func(name string, content ...string) {
		if all[name] != nil {
			t.Errorf("%s twice", name)
		}
		all[name] = []byte(strings.Join(content, ""))
	}
	jpg, pic, anim := string(drawn(t, files.JPEG)), string(drawn(t, files.PNG)), string(drawn(t, files.GIF))
	const gps = "GPSLatitude 54.7937 " + canary
	for i, s := range scripts {
		add(fmt.Sprintf("behind%d.jpg", i), jpg, s)
		add(fmt.Sprintf("behind%d.png", i), pic, s)
		add(fmt.Sprintf("behind%d.gif", i), anim, s)
		add(fmt.Sprintf("comment%d.jpg", i), string(segment([]byte(jpg), 0xfe, s)))
		add(fmt.Sprintf("text%d.png", i), string(chunk([]byte(pic), "tEXt", "Comment\x00"+s)))
		add(fmt.Sprintf("bare%d.jpg", i), s)
		add(fmt.Sprintf("bare%d.pdf", i), "%PDF-1.4\n", s)
		add(fmt.Sprintf("magic%d.gif", i), "GIF89a", s)
	}
	for name, data := range map[string]string{"exif": "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00" + gps, "xmp": "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta exif:" + gps + "/>",
		"extended": "http://ns.adobe.com/xmp/extension/\x00" + gps} {
		add(name+".jpg", string(segment([]byte(jpg), 0xe1, data)))
	}
	add("iptc.jpg", string(segment([]byte(jpg), 0xed, "Photoshop 3.0\x008BIM"+gps)))
	add("icc.jpg", string(segment([]byte(jpg), 0xe2, "ICC_PROFILE\x00\x01\x01"+gps)))
	add("mpf.jpg", string(segment([]byte(jpg), 0xe2, "MPF\x00"+gps)))
	add("unknown.jpg", string(segment([]byte(jpg), 0xef, gps)))
	for _, name := range []string{"eXIf", "iTXt", "zTXt", "iCCP", "prVt"} {
		add(name+".png", string(chunk([]byte(pic), name, gps)))
	}
	add("two.jpg", jpg, string(segment([]byte(jpg), 0xe1, "Exif\x00\x00"+gps)))
	add("archive.png", pic, string(office(t, "x.html", scripts[0], "y", canary)))
	add("film.jpg", jpg, "\x00\x00\x00\x18ftypmp42", gps) // a photo that moves
	add("drawing.svg", `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, scripts[2])
	add("drawing.xml", " \n<!-- -->", scripts[2])
	add("wide.html", utf16le(scripts[1]))
	add("page.txt", "Guten Tag\n", scripts[0])
	add("bom.html", "\xef\xbb\xbf", scripts[1])
	add("seven.html", "+ADw-script+AD4-"+canary)
	add("page.mhtml", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n", scripts[0])
	add("page.hta", "<hta:application>", scripts[0])
	add("sheet.xslt", `<?xml-stylesheet type="text/xsl" href="#"?>`, scripts[0])
	add("code.js", canary)
	add("program.exe", "MZ\x90\x00", canary)
	add("program", "\x7fELF\x02\x01", canary)
	add("link.url", "[InternetShortcut]\nURL=javascript:", canary)
	add("script.pdf", string(onePage("", "BT ET")), "\n/OpenAction << /S /JavaScript /JS (app."+canary+") >>")
	add("launch.pdf", string(pdfOf("/Kids [3 0 R] /Count 1 /OpenAction << /S /Launch /F (cmd.exe) >>", "", canary)))
	add("page.pdf", scripts[1], string(onePage("", "BT ET")))
	add("macro.docm", string(office(t, "word/document.xml", "<w:t>"+canary+"</w:t>", "word/vbaProject.bin", "Auto_Open")))
	add("entity.docx", string(office(t, "word/document.xml", `<!DOCTYPE x [<!ENTITY a "`+strings.Repeat("b", 1000)+`"><!ENTITY c "&a;&a;&a;&a;&a;">]><w:t>&c;`+canary+`</w:t>`)))
	add("up.zip", string(office(t, "../../../etc/cron.d/x", canary)))
	inner := office(t, "x", strings.Repeat("0", 10<<20))
	for range 3 {
		inner = office(t, "a.zip", string(inner), "b.zip", string(inner))
	}
	add("nested.zip", string(inner))
	return all
}

// TestHostileFiles: of files made to do harm, nothing is handed out as something that a browser runs, and of photos
// nothing but their pixels is kept.
func TestHostileFiles(t *testing.T) {
	h, f, _ := house(t)
	all := hostile(t)
	if len(all) < 80 {
		t.Errorf("only %d files", len(all))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	kinds, people, n := map[string]int{}, []int64{apptest.Hanna, apptest.Rosa, apptest.Stefan}, 0
	for name, content := range all {
		n++
		x, err := f.Receive(t.Context(), people[n%len(people)], name, bytes.NewReader(content))
		if fault.KindOf(err) == fault.Invalid {
			kinds["refused"]++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		kinds[x.Served()]++
		switch x.Served() {
		case files.JPEG, files.PNG:
			for _, open := range []func(files.File) (*os.File, error){f.Open, f.OpenThumb} {
				b := bytesOf(t, open, x)
				if bytes.Contains(b, []byte(canary)) || bytes.Contains(b, []byte("GPS")) || bytes.Contains(b, []byte("script")) {
					t.Errorf("%s keeps more than its pixels", name)
				}
				if _, _, err := image.Decode(bytes.NewReader(b)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		case files.PDF, "text/plain; charset=utf-8", files.Other, files.DOCX: // to be saved; a PDF is shown by the browser's own viewer, in a sandbox
		default:
			t.Errorf("%s is handed out as %s", name, x.Served())
		}
		if x.Inline() && !x.Picture() && x.Type != files.PDF {
			t.Errorf("%s is shown in the page", name)
		}
		if x.Picture() != (x.Served() == files.JPEG || x.Served() == files.PNG) {
			t.Errorf("%s is a picture: %v, but handed out as %s", name, x.Picture(), x.Served())
		}
	}
	h.Work(t)
	runtime.ReadMemStats(&after)
	if mb := (after.Sys - before.Sys) >> 20; after.Sys > before.Sys && mb > 256 {
		t.Errorf("the house has grown by %d MB", mb)
	}
	t.Logf("%d files: %v", len(all), kinds)
	if kinds[files.JPEG] < 20 || kinds[files.PNG] < 15 || kinds["refused"] < 6 {
		t.Errorf("the pictures of this test do not come in: %v", kinds)
	}
}

func bytesOf(t *testing.T, open func(files.File) (*os.File, error), x files.File) []byte {
	t.Helper()
	file, err := open(x)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
