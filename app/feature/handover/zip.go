package handover

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strconv"
	"time"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// index is uebergabe.json: all that the ZIP holds, for a program.
type index struct {
	Committee  string       `json:"gremium"`
	UID        string       `json:"uid"`
	At         time.Time    `json:"stand"`
	Changes    string       `json:"wechsel,omitempty"` // day
	Items      []indexed    `json:"punkte"`
	Signatures []signedFile `json:"unterschriften,omitempty"`
}

type indexed struct {
	Kind      string     `json:"art"`
	Ref       string     `json:"kennung"`
	Title     string     `json:"titel"`
	Note      string     `json:"hinweis,omitempty"`
	Due       string     `json:"tag,omitempty"`
	Path      string     `json:"adresse,omitempty"` // in the house
	Words     string     `json:"vomVorstand,omitempty"`
	Given     *time.Time `json:"abgehakt,omitempty"`
	Taken     *time.Time `json:"angenommen,omitempty"`
	Questions []string   `json:"rueckfragen,omitempty"`
	Text      string     `json:"text,omitempty"`    // file in the ZIP
	Files     []string   `json:"dateien,omitempty"` // likewise
}

type signedFile struct {
	Side   string    `json:"vorstand"`
	At     time.Time `json:"am"`
	SHA256 string    `json:"sha256"`
	Text   string    `json:"text"` // file in the ZIP, whose SHA-256 that is
}

// A parcel is an estate on its way out: where in the ZIP its texts and files are.
type parcel struct {
	estate
	texts map[string]string // by the ref of the thing
	files map[int64]string
	list  []packed
}

type packed struct {
	files.File
	path string
}

// pack names the files of an estate.
func pack(e estate) *parcel {
	p := &parcel{estate: e, texts: map[string]string{}, files: map[int64]string{}}
	taken := map[string]bool{}
	for _, g := range e.Groups {
		for _, x := range g.Items {
			if x.Content.Body == "" && len(x.Content.Files) == 0 {
				continue
			}
			name := bundle.Name(x.Title, taken)
			if x.Content.Body != "" {
				p.texts[x.Ref] = path.Join("Texte", name+".md")
			}
			in := map[string]bool{}
			for _, f := range x.Content.Files {
				if p.files[f.ID] == "" {
					p.files[f.ID] = path.Join("Texte", name, bundle.FileName(f.Name, in))
					p.list = append(p.list, packed{f, p.files[f.ID]})
				}
			}
		}
	}
	return p
}

// index describes what is in the ZIP.
func (p *parcel) index() index {
	x := index{Committee: p.Unit.Name, UID: p.Unit.UID, At: p.At.UTC(), Items: []indexed{}}
	moment := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	for _, g := range p.Groups {
		for _, i := range g.Items {
			line := indexed{Kind: i.Kind, Ref: i.Ref, Title: i.Title, Note: i.Note, Path: i.Path, Words: i.Words, Given: moment(i.Given), Taken: moment(i.Taken), Text: p.texts[i.Ref]}
			if !i.Due.IsZero() {
				line.Due = house.Local(i.Due).Format(time.DateOnly)
			}
			for _, q := range i.Questions {
				line.Questions = append(line.Questions, string(q.Side)+": "+q.Words)
			}
			for _, f := range i.Content.Files {
				line.Files = append(line.Files, p.files[f.ID])
			}
			x.Items = append(x.Items, line)
		}
	}
	if p.Record == nil {
		return x
	}
	x.Changes = house.Local(p.Record.Changes).Format(time.DateOnly)
	for _, s := range p.Record.Signatures {
		x.Signatures = append(x.Signatures, signedFile{s.Side.Word(), s.At.UTC(), s.Hex(), s.file()})
	}
	return x
}

// file is the name of what was signed, in the ZIP.
func (s Signature) file() string {
	return map[Side]string{Leaving: "Unterschrift-abgebend.txt", Coming: "Unterschrift-kommend.txt"}[s.Side]
}

// write writes the ZIP. files opens the content of a file.
func (p *parcel) write(z *zip.Writer, open func(files.File) (io.ReadCloser, error)) error {
	put := func(name string, at time.Time, words string) error {
		to, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: house.Local(at)})
		if err == nil {
			_, err = io.WriteString(to, words)
		}
		return err
	}
	if err := put("Uebergabe.md", p.At, p.Markdown(p.texts)); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p.index(), "", "\t")
	if err != nil {
		return err
	}
	if err := put("uebergabe.json", p.At, string(b)+"\n"); err != nil {
		return err
	}
	if p.Record != nil {
		for _, s := range p.Record.Signatures {
			if err := put(s.file(), s.At, s.Text); err != nil {
				return err
			}
		}
	}
	for _, g := range p.Groups {
		for _, x := range g.Items {
			if x.Content.Body == "" {
				continue
			}
			body := bundle.Rewrite(x.Content.Body, func(string, string) (string, bool) { return "", false }, func(dest string) (string, bool) {
				var id int64
				if _, err := fmt.Sscanf(dest, "/datei/%d", &id); err != nil || p.files[id] == "" {
					return "", false
				}
				return bundle.Dest(p.files[id][len("Texte/"):]), true
			})
			if err := put(p.texts[x.Ref], p.At, bundle.Head{Title: x.Title, Changed: p.At}.String()+body+"\n"); err != nil {
				return err
			}
		}
	}
	for _, f := range p.list {
		if err := p.copy(z, f, open); err != nil {
			return err
		}
	}
	return nil
}

func (p *parcel) copy(z *zip.Writer, f packed, open func(files.File) (io.ReadCloser, error)) error {
	from, err := open(f.File)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := z.CreateHeader(&zip.FileHeader{Name: f.path, Method: zip.Store, Modified: house.Local(f.At)}) // pictures and PDFs are packed already
	if err == nil {
		_, err = io.Copy(to, from)
	}
	return err
}

// send hands an estate out, to whoever has proved just now who it is: it is all that a committee has.
func (f feature) send(w http.ResponseWriter, r *http.Request, v who.Viewer, of func(*http.Request, who.Viewer) (estate, error)) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	e, err := of(r, v)
	if err != nil {
		return err
	}
	if err := f.Limits.Take(binding(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	ref := e.Unit.ID
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.Log(tx, f.Now(), v.ID, "handover.packed", ref) }); err != nil {
		return err
	}
	name := "Übergabe " + e.Unit.Name + " " + house.Local(e.At).Format(time.DateOnly) + ".zip"
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	z := zip.NewWriter(w)
	err = pack(e).write(z, func(x files.File) (io.ReadCloser, error) { return f.Files.Open(x) })
	if err != nil && r.Context().Err() == nil {
		// The answer has begun: it says itself that it is not whole.
		slog.Error("handover broke off", "unit", e.Unit.ID, "err", err)
		if to, err := z.Create("UNVOLLSTÄNDIG.txt"); err == nil {
			_, _ = io.WriteString(to, "Beim Packen ist ein Fehler aufgetreten. Es fehlt etwas. Bitte sagen Sie dem Betrieb Bescheid.\n")
		}
	}
	_ = z.Close() // nobody is left to tell
	return nil
}

// zip is for those who lead the committee: the coming board reads the record, and nothing behind it before its term.
func (f feature) zip(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.send(w, r, v, func(r *http.Request, v who.Viewer) (estate, error) {
		e, err := f.recorded(r, v)
		if err != nil {
			return e, err
		}
		return e, f.DB.Read(r.Context(), func(tx *store.Tx) error {
			s, err := seatOf(tx, v, e.Unit.ID, e.Record.Changes, f.Now())
			if err == nil && !s.Leaving && f.Now().Before(e.Record.Changes) {
				err = fault.Gone()
			}
			return err
		})
	})
}

func (f feature) readyZIP(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.send(w, r, v, f.standing)
}
