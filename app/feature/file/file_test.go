package file

import (
	"bytes"
	"image"
	"image/png"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// site is a house in which Ada may see what is attached to 7 of the feature "wiki".
func site(t *testing.T) (*apptest.House, *apptest.Site) {
	h := apptest.New(t)
	wiki := house.Feature{Name: "wiki", Sees: func(_ *store.Tx, v who.Viewer, x files.File) error {
		if v.ID == apptest.Ada && x.Ref == 7 {
			return nil
		}
		return fault.Gone()
	}}
	return h, h.Serve(t, New(h.House, []house.Feature{wiki, {Name: "mute"}}))
}

// put puts a file into the house as Hanna, and attaches it if owner is not empty.
func put(t *testing.T, h *apptest.House, name string, content []byte, owner string) files.File {
	t.Helper()
	x, err := h.Files.Receive(t.Context(), apptest.Hanna, name, bytes.NewReader(content))
	if err == nil && owner != "" {
		err = h.DB.Write(t.Context(), func(tx *store.Tx) error { return files.Attach(tx, apptest.Hanna, []int64{x.ID}, owner, 7) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 600, 400))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is handed out can do nothing in our name, and goes to those only who may see what it is attached to.
func TestHandedOut(t *testing.T) {
	h, s := site(t)
	for _, c := range []struct {
		name      string
		content   []byte
		how, kind string
		policy    string
	}{
		{"Käfer „1“.png", drawing(t), `inline; filename*=utf-8''K%C3%A4fer%20%E2%80%9E1%E2%80%9C.png`, "image/png", "sandbox; default-src 'none'"},
		{"seite.html", []byte("<html><script>alert(1)</script>"), "attachment; filename=seite.html", "application/octet-stream", "sandbox; default-src 'none'"},
		{"bild.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "attachment; filename=bild.svg", "application/octet-stream", "sandbox; default-src 'none'"},
		{"programm.pdf", []byte("MZ\x00\x01\x02"), "attachment; filename=programm.pdf", "application/octet-stream", "sandbox; default-src 'none'"},
		{"a\r\nSet-Cookie: x=1; \"b\".txt", []byte("geheimer Inhalt"), `attachment; filename="aSet-Cookie: x=1; \"b\".txt"`, "text/plain; charset=utf-8", "sandbox; default-src 'none'"},
		{"plan.pdf", []byte("%PDF-1.4 x"), "inline; filename=plan.pdf", "application/pdf", "default-src 'none'"},
	} {
		x := put(t, h, c.name, c.content, "wiki")
		path := "/datei/" + itoa(x.ID)
		a := s.Get(apptest.Ada, path)
		if a.Code != 200 || a.Header.Get("Content-Disposition") != c.how || a.Header.Get("Content-Type") != c.kind ||
			!strings.HasPrefix(a.Header.Get("Content-Security-Policy"), c.policy) || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
			a.Header.Get("Cache-Control") != "private, no-cache" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v", c.name, a.Code, a.Header)
		}
		if !x.Picture() && a.Body != string(c.content) {
			t.Errorf("%s has become %q", c.name, a.Body)
		}
		for _, p := range []int64{apptest.Hanna, apptest.Cem, apptest.Arno, apptest.Invited} { // also who put it there
			for _, path := range []string{path, path + "/klein"} {
				if a := s.Get(p, path); a.Code != 404 && a.Code != 403 || strings.Contains(a.Body, string(c.content)) {
					t.Errorf("%s of person %d: %d", path, p, a.Code)
				}
			}
		}
		if a := s.Get(apptest.Nobody, path); a.Code != 303 || !strings.HasPrefix(a.To, "/anmelden") {
			t.Errorf("%s of nobody: %d", path, a.Code)
		}
		if a := s.Get(apptest.Ada, path+"/klein"); (a.Code == 200) != x.Picture() || a.Code == 200 && a.Header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s/klein: %d %v", path, a.Code, a.Header)
		}
	}
}

// A film is asked for in parts, and what a browser has already is not sent again.
func TestParts(t *testing.T) {
	h, s := site(t)
	x := put(t, h, "film.bin", []byte("\x00123456789"), "wiki")
	get := func(name, value string) apptest.Answer {
		r := httptest.NewRequest("GET", apptest.Base+"/datei/"+itoa(x.ID), nil)
		r.Header.Set(name, value)
		r.Header.Set("Accept-Encoding", "gzip, zstd")
		return s.Do(apptest.Ada, r)
	}
	if a := get("Range", "bytes=2-4"); a.Code != 206 || a.Body != "234" || a.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("a part: %d %q %v", a.Code, a.Body, a.Header)
	}
	if a := get("Range", "bytes=20-"); a.Code != 416 {
		t.Errorf("beyond the end: %d", a.Code)
	}
	tag := get("Accept", "*/*").Header.Get("ETag")
	if a := get("If-None-Match", tag); tag == "" || a.Code != 304 || a.Body != "" {
		t.Errorf("the same again: %d, ETag %q", a.Code, tag)
	}
}

// What is attached to nothing yet, or to what nobody answers for, is not shown to others.
func TestUnattached(t *testing.T) {
	h, s := site(t)
	mine, lost := put(t, h, "a.txt", []byte("x"), ""), put(t, h, "b.txt", []byte("y"), "mute")
	if a := s.Get(apptest.Hanna, "/datei/"+itoa(mine.ID)); a.Code != 200 {
		t.Errorf("one's own: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, "/datei/"+itoa(mine.ID)); a.Code != 404 {
		t.Errorf("of somebody else: %d", a.Code)
	}
	for _, p := range []int64{apptest.Hanna, apptest.Ada} {
		if a := s.Get(p, "/datei/"+itoa(lost.ID)); a.Code != 404 {
			t.Errorf("of a feature that does not answer: %d", a.Code)
		}
	}
}

// After a restore without the files people read what is wrong.
func TestContentMissing(t *testing.T) {
	h, s := site(t)
	x := put(t, h, "a.txt", []byte("x"), "wiki")
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE file SET hash = zeroblob(32) WHERE id = ?`, x.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Ada, "/datei/"+itoa(x.ID)); a.Code != 404 || !a.Has("fehlt auf dem Server") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// What stands on a public page is handed out to everybody, and may be kept by whoever passes it on.
func TestPublic(t *testing.T) {
	h := apptest.New(t)
	open := house.Feature{Name: "wiki", Sees: func(*store.Tx, who.Viewer, files.File) error { return nil }}
	s := h.Serve(t, New(h.House, []house.Feature{open}))
	x, draft := put(t, h, "a.png", drawing(t), "wiki"), put(t, h, "b.txt", []byte("b"), "")
	for _, path := range []string{"/datei/" + itoa(x.ID), "/datei/" + itoa(x.ID) + "/klein"} {
		for person, cache := range map[int64]string{apptest.Nobody: "public", apptest.Ada: "private", apptest.Invited: "private"} {
			if a := s.Get(person, path); a.Code != 200 || !strings.HasPrefix(a.Header.Get("Cache-Control"), cache) {
				t.Errorf("%s of %d: %d %s", path, person, a.Code, a.Header.Get("Cache-Control"))
			}
		}
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error { // whoever has put it there is forgotten
		_, err := tx.Exec(`UPDATE file SET person = NULL WHERE id = ?`, draft.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Nobody, "/datei/"+itoa(draft.ID)); a.Code != 303 {
		t.Errorf("nobody sees a draft of nobody: %d", a.Code)
	}
}
