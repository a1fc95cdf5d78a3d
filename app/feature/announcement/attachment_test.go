package announcement

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

func drawing(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 60, 40))
	m.Set(3, 3, color.RGBA{255, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var boxed = regexp.MustCompile(`name="file" value="(\d+)" checked`)

// A head forgets the title: what she has chosen is still there, and goes out with the announcement.
func TestAttachment(t *testing.T) {
	h, s := site(t)
	for _, j := range h.Files.Jobs() {
		h.Tasks.Handle(j)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return h.Settings.Set(tx, settings.MailDetails, "1") }); err != nil {
		t.Fatal(err)
	}
	rest := []string{"unit", "4", "audience", "5", "role", "parent", "body", "Siehe Anhang.", "confirm", "1", "go", "send"}
	a := s.Upload(apptest.Hanna, "/mitteilungen/neu", "upload", "Bild <b>.png", drawing(t), append(rest, "title", "")...)
	box := boxed.FindStringSubmatch(a.Body)
	if a.Code != 422 || box == nil || !a.Has("Bild &lt;b&gt;.png") || !a.Has("Siehe Anhang.") || !a.Has("/datei/"+box[1]+"/klein") {
		t.Fatalf("without a title: %d %s", a.Code, a.Body)
	}
	a = s.Upload(apptest.Hanna, "/mitteilungen/neu", "upload", "Plan.txt", []byte("Laternenumzug am Freitag"), append(rest, "title", "Laternen", "file", box[1])...)
	if a.Code != 303 {
		t.Fatalf("publish: %d %s", a.Code, a.Body)
	}
	h.Work(t)
	page := strings.TrimSuffix(a.To, "/stand")
	for _, path := range []string{"/", "/mitteilungen", page} {
		a := s.Get(apptest.Ada, path)
		if !a.Has(`src="/datei/`+box[1]+`/klein"`) || !a.Has("Bild &lt;b&gt;.png") || !a.Has(">Plan.txt<") || !a.Has("1 KB") {
			t.Errorf("%s of Ada: %s", path, a.Body)
		}
	}
	if a := s.Get(apptest.Cem, "/mitteilungen"); a.Has("Plan.txt") {
		t.Error("Cem's child is in another group, yet he sees the file")
	}
	var text string
	for _, m := range h.Post.Sent() {
		if m.To == "ada@example.org" {
			text = m.Text
		}
	}
	if !strings.Contains(text, "Anhänge:\nBild <b>.png\n"+apptest.Base+"/datei/"+box[1]+"\nPlan.txt\n") {
		t.Errorf("mail: %s", text)
	}
	link := regexp.MustCompile(`/b/[\w-]+`).FindString(text)
	if a := s.Get(apptest.Nobody, link); !a.Has("Plan.txt") || !a.Has("Zum Öffnen melden Sie sich bitte an.") {
		t.Errorf("the link of the mail: %s", a.Body)
	}
}

// What a form brings along must be its author's own, and still there.
func TestAttachmentOfOthers(t *testing.T) {
	h, s := site(t)
	x, err := h.Files.Receive(t.Context(), apptest.Rosa, "Rosas Liste.txt", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{"unit", "4", "audience", "5", "role", "parent", "title", "Laternen", "file", "1", "go", "send"}
	if a := s.Post(apptest.Hanna, "/mitteilungen/neu", fields...); a.Code != 422 || a.Has("Rosas Liste") || !a.Has("nicht mehr da") {
		t.Errorf("a file of somebody else: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Hanna, "/mitteilungen/neu?datei=1"); a.Has("Rosas Liste") {
		t.Errorf("the form shows a file of somebody else: %s", a.Body)
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		all, err := files.Drafts(tx, apptest.Rosa, []int64{x.ID})
		if len(all) != 1 {
			t.Error("Rosa has lost her file")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Hanna, "/mitteilungen"); a.Has("Laternen") {
		t.Error("it was published all the same")
	}
}

// A photo is handed over by the telephone's own app, and a form is there with it.
func TestShare(t *testing.T) {
	_, s := site(t)
	a := s.Upload(apptest.Hanna, "/teilen", "upload", "IMG_1.png", drawing(t))
	if a.Code != 303 || a.To != "/mitteilungen/neu?datei=1" {
		t.Fatalf("share: %d %s %s", a.Code, a.To, a.Body)
	}
	if a := s.Get(apptest.Hanna, a.To); a.Code != 200 || boxed.FindString(a.Body) == "" || !a.Has("IMG_1.png") {
		t.Errorf("form: %d %s", a.Code, a.Body)
	}
	a = s.Upload(apptest.Hanna, "/teilen", "upload", "kaputt.png", drawing(t)[:30])
	if a.Code != 303 {
		t.Fatalf("a broken photo: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, a.To); !a.Has("„kaputt.png“ ist beschädigt") {
		t.Errorf("it is not told: %s", a.Body)
	}
	if a := s.Upload(apptest.Ada, "/teilen", "upload", "IMG_1.png", drawing(t)); a.Code != 403 {
		t.Errorf("Ada: %d", a.Code)
	}
}

// A file that is refused takes neither the others nor the words along.
func TestRefusedAttachment(t *testing.T) {
	_, s := site(t)
	a := s.Upload(apptest.Hanna, "/mitteilungen/neu", "upload", "leer.pdf", nil, "unit", "4", "audience", "5", "role", "parent", "title", "Laternen", "go", "send")
	if a.Code != 422 || !a.Has("„leer.pdf“ ist leer.") || !a.Has(`value="Laternen"`) || !a.Has(`href="#file"`) {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Hanna, "/mitteilungen"); a.Has("Laternen") {
		t.Error("it was published without its file")
	}
}
