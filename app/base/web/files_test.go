package web

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"nestfunk/app/base/fault"
)

const boundary = "grenze"

// multi is the body of a form: parts are head and content in turn.
func multi(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; " + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

const (
	plan  = "name=\"upload\"; filename=\"Plan.txt\"\r\nContent-Type: text/plain"
	empty = "name=\"camera\"; filename=\"\"\r\nContent-Type: application/octet-stream"
)

// Files are read as they come; what is refused or breaks off takes along no more than it must.
func TestReadFiles(t *testing.T) {
	refuse := fault.New(fault.Invalid, "zu groß")
	broken := errors.New("the disk is broken")
	for _, c := range []struct {
		name, body string
		take       error // of the first file
		kind       fault.Kind
		err        error // instead of a kind
		title      string
		files      string
	}{
		{"words and files", multi(`name="title"`, "Ausflug\r\nam See", plan, "Bus", empty, "", plan, "Zug"), nil, -1, nil, "Ausflug\nam See", "Plan.txt=Bus Plan.txt=Zug "},
		{"refused", multi(plan, "Bus", `name="title"`, "Ausflug", plan, "Zug"), refuse, fault.Invalid, nil, "Ausflug", "Plan.txt=Zug "},
		{"our own fault", multi(plan, "Bus", `name="title"`, "Ausflug"), broken, 0, broken, "", ""},
		{"cut off in a file", strings.TrimSuffix(multi(`name="title"`, "Ausflug", plan, "Bus"), "\r\n--grenze--\r\n"), nil, fault.Malformed, nil, "Ausflug", ""},
		{"cut off in a word", "--grenze\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nAus", nil, fault.Malformed, nil, "", ""},
		{"no form at all", "Guten Tag", nil, fault.Malformed, nil, "", ""},
		{"a field that nobody knows", multi(`name="author"`, "7"), nil, fault.Malformed, nil, "", ""},
		{"a zero", multi(`name="title"`, "a\x00b"), nil, fault.Malformed, nil, "", ""},
		{"too many words", multi(`name="title"`, strings.Repeat("x", wordsLimit+1)), nil, fault.TooLarge, nil, "", ""},
		{"a head that is too long", multi("name=\"title\"\r\nX-A: "+strings.Repeat("x", headLimit), "a"), nil, fault.Malformed, nil, "", ""},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
		files, first := "", true
		form, err := ReadFiles(r, func(field, name string, content io.Reader) error {
			if first {
				first = false
				if c.take != nil {
					return c.take
				}
			}
			b, err := io.ReadAll(content)
			if err == nil {
				files += name + "=" + string(b) + " "
			}
			if field != "upload" {
				t.Errorf("%s: a file of %q", c.name, field)
			}
			return err
		}, "title")
		switch {
		case c.err != nil && !errors.Is(err, c.err), c.err == nil && c.kind == -1 && err != nil, c.err == nil && c.kind > 0 && fault.KindOf(err) != c.kind:
			t.Errorf("%s: %v", c.name, err)
		}
		if form.Raw("title") != c.title || files != c.files {
			t.Errorf("%s: title %q, files %q", c.name, form.Raw("title"), files)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("title=Ausflug"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if form, err := ReadFiles(r, nil, "title"); err != nil || form.Get("title") != "Ausflug" {
		t.Errorf("without files: %v %v", form, err)
	}
}

// FuzzReadFiles: whatever is sent, the form is read, or the answer is a fault.
func FuzzReadFiles(f *testing.F) {
	f.Add([]byte(multi(`name="title"`, "Ausflug", plan, "Bus", empty, "")))
	f.Add([]byte("--grenze\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nAus"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
		_, err := ReadFiles(r, func(_, name string, content io.Reader) error {
			if name == "" {
				t.Error("a file without a name")
			}
			_, err := io.Copy(io.Discard, content)
			return err
		}, "title")
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Error(err)
		}
	})
}
