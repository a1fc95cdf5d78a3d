package app

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// berlin is a house that has read the largest of the real lists.
func berlin(t testing.TB) *full {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(apptest.Root(), "../shared/data/01-kitas/berlin2023/facilities.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("../shared/data is not here: the list of Berlin was not read")
	}
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	err = form.WriteField("add_city", "1")
	if err == nil {
		w, werr := form.CreateFormFile("file", "berlin.csv")
		_, _ = w.Write(list) // into memory
		err = errors.Join(werr, form.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", apptest.Base+"/einheiten/einlesen", &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	h.done(apptest.Arno, h.do(apptest.Arno, r).Header().Get("Location"))
	return h
}

func (f *full) get(person int64, path string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.do(person, httptest.NewRequest("GET", apptest.Base+path, nil))
}

// The list of Berlin is the largest: its pages have to be as quick as any.
func TestBigCity(t *testing.T) {
	h := berlin(t)
	page := h.get(apptest.Arno, "/einheiten").Body.String()
	for words, want := range map[string]bool{"Träger: K": true, "Kindergärten NordOst": true, "81 Einrichtungen": true, "Kita F.A.I.R.play": false} {
		if strings.Contains(page, words) != want {
			t.Errorf("the tree shows carriers with counts and no facility: %q %v", words, !want)
		}
	}
	if a := h.get(apptest.Arno, "/einheiten?q=F.A.I.R"); !strings.Contains(a.Body.String(), "Kita F.A.I.R.play") {
		t.Errorf("search: %s", said(a.Body.String()))
	}
	if a := h.get(apptest.Arno, "/einheiten?q=kita"); !strings.Contains(a.Body.String(), "Gezeigt werden die ersten 100") {
		t.Error("a search that finds thousands")
	}
	before, _, _ := strings.Cut(page, ">Kindergärten NordOst<")
	link, _, _ := strings.Cut(before[strings.LastIndex(before, `href="`)+len(`href="`):], `"`)
	if a := h.get(apptest.Arno, link); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "/einheit/") {
		t.Errorf("the carrier %s: %d", link, a.Code)
	}
	if a := h.get(apptest.Hanna, link); a.Code != http.StatusNotFound {
		t.Errorf("the carrier %s as a stranger: %d", link, a.Code)
	}
}

func BenchmarkTreeOfBerlin(b *testing.B) {
	h := berlin(b)
	cookie := h.cookie(apptest.Arno)
	for b.Loop() {
		r := httptest.NewRequest("GET", apptest.Base+"/einheiten", nil)
		r.AddCookie(cookie)
		h.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
