package wiki

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// downloading reads every page of an archive.
func downloading() web.Limit { return web.Limit{Name: "wiki.export", N: 30, In: time.Hour} }

// A parcel is the archive of a unit on its way out, as far as its reader may see it.
type parcel struct {
	*house.House
	v      who.Viewer
	unit   org.Unit
	pages  []packed                  // in the order of the tree
	paths  map[int64]string          // of pages
	files  map[int64]string          // of files
	offers map[int64]int64           // the revision that each template offers
	titles map[string]int64          // keys that links have named, and the page that they mean; 0: none
	sets   map[int64]map[string]bool // levels of the viewer in archives
}

type packed struct {
	id    int64
	path  string
	order int // among its siblings, from 1
	files []files.File
}

// download writes an archive as ZIP, in the form that an import reads: what readers see, for its writers with the
// templates as they are offered, and of files what these pages have.
func (f *feature) download(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := &parcel{House: f.House, v: v, paths: map[int64]string{}, files: map[int64]string{}, titles: map[string]int64{}, sets: map[int64]map[string]bool{}}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		var set map[string]bool
		if p.unit, set, err = archive(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.sets[id] = set
		nodes, err := tree(tx, id, v, set)
		if err != nil {
			return err
		}
		if p.offers, err = offersOf(tx, id); err != nil {
			return err
		}
		for i, n := range nodes {
			nodes[i].Hidden = n.Hidden && !(n.Write && p.offers[n.ID] != 0)
		}
		return p.name(tx, grow(released(nodes)), "", map[string]bool{})
	})
	if err != nil {
		return err
	}
	if len(p.pages) == 0 {
		return fault.New(fault.NotFound, "In diesem Wissensspeicher steht nichts, das Sie herunterladen könnten.")
	}
	if err := f.Limits.Take(downloading(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	name := "Wissensspeicher " + p.unit.Name + " " + house.Local(f.Now()).Format(time.DateOnly) + ".zip"
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	z := zip.NewWriter(w)
	if err := p.write(r.Context(), z); err != nil {
		if r.Context().Err() != nil {
			return nil // whoever asked has gone
		}
		// The answer has begun: it says itself that it is not whole.
		slog.Error("export broke off", "unit", id, "err", err)
		if to, err := z.Create("UNVOLLSTÄNDIG.txt"); err == nil {
			_, _ = io.WriteString(to, "Beim Packen ist ein Fehler aufgetreten. Es fehlt etwas. Bitte sagen Sie dem Betrieb Bescheid.\n")
		}
	}
	_ = z.Close() // nobody is left to tell
	return nil
}

// released leaves out pages of which readers see nothing yet; what stands below them moves up.
func released(nodes []Node) []Node {
	above := map[int64]int64{}
	for _, n := range nodes {
		if n.Hidden {
			above[n.ID] = n.Parent
		}
	}
	var all []Node
	for _, n := range nodes {
		if n.Hidden {
			continue
		}
		for range mostDeep {
			up, hidden := above[n.Parent]
			if !hidden {
				break
			}
			n.Parent = up
		}
		all = append(all, n)
	}
	return all
}

// name gives pages and files their paths: "Ordner.md" for a page, "Ordner/" for what stands below it and its files.
func (p *parcel) name(tx *store.Tx, nodes []*Node, dir string, taken map[string]bool) error {
	for i, n := range nodes {
		name := bundle.Name(n.Title, taken)
		x := packed{id: n.ID, path: path.Join(dir, name), order: i + 1}
		p.paths[n.ID] = x.path + ".md"
		in := map[string]bool{strings.ToLower(name): true} // "Ordner/Ordner.md" would be the page of the folder
		var err error
		if x.files, err = shownFiles(tx, n.ID, p.offers[n.ID]); err != nil {
			return err
		}
		for _, f := range x.files {
			p.files[f.ID] = path.Join(x.path, bundle.FileName(f.Name, in))
		}
		p.pages = append(p.pages, x)
		if err := p.name(tx, n.Kids, x.path, in); err != nil {
			return err
		}
	}
	return nil
}

func (p *parcel) write(ctx context.Context, z *zip.Writer) error {
	for _, x := range p.pages {
		var head bundle.Head
		var body string
		err := p.DB.Read(ctx, func(tx *store.Tx) error {
			page, err := get(tx, x.id, p.v, p.Now())
			if err != nil {
				return err
			}
			rev, err := revision(tx, cmp.Or(page.Shown, p.offers[x.id]))
			if err != nil {
				return err
			}
			head = bundle.Head{Title: rev.Title, UID: page.UID, Access: string(page.Access), Review: page.Review, Purpose: page.Purpose, Order: x.order, Template: page.Template, Changed: page.Changed}
			body, err = p.links(tx, x, rev.Body)
			return err
		})
		if fault.KindOf(err) == fault.NotFound {
			continue // removed, or closed to this reader, since the list was made
		}
		if err != nil {
			return err
		}
		to, err := z.CreateHeader(&zip.FileHeader{Name: p.paths[x.id], Method: zip.Deflate, Modified: house.Local(head.Changed)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(to, head.String()+body+"\n"); err != nil {
			return err
		}
		for _, f := range x.files {
			if err := p.file(z, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *parcel) file(z *zip.Writer, f files.File) error {
	from, err := p.Files.Open(f)
	if err != nil {
		return err
	}
	defer from.Close()
	method := zip.Store // pictures and PDFs are packed already
	if f.Type == files.Plain || f.Type == files.HTML {
		method = zip.Deflate
	}
	to, err := z.CreateHeader(&zip.FileHeader{Name: p.files[f.ID], Method: method, Modified: house.Local(f.At)})
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}

// links makes the links of a page lead to the files of the ZIP. What is not in it keeps its link by title.
func (p *parcel) links(tx *store.Tx, x packed, body string) (_ string, err error) {
	dir := path.Dir(x.path)
	out := bundle.Rewrite(body, func(target, label string) (string, bool) {
		title, section, _ := strings.Cut(target, "#")
		title = strings.TrimSpace(title)
		k := key(title)
		id, ok := p.titles[k]
		if !ok {
			found, ferr := named(tx, k, p.unit.ID, p.v, p.Now(), p.sets)
			err = errors.Join(err, ferr)
			id, p.titles[k] = found, found
		}
		to, ok := p.paths[id]
		if !ok {
			return "", false
		}
		if label == "" {
			label = strings.Replace(target, "#", ", ", 1)
		}
		return bundle.Link(label, relative(dir, to), section), true
	}, func(dest string) (string, bool) {
		dest, section, _ := strings.Cut(dest, "#")
		to := ""
		if id, ok := strings.CutPrefix(dest, "/datei/"); ok {
			to = p.files[number(id)]
		} else if id, ok := strings.CutPrefix(dest, "/seite/"); ok {
			id, _, _ = strings.Cut(id, "-")
			to = p.paths[number(id)]
		}
		if to == "" {
			return "", false
		}
		if to = bundle.Dest(relative(dir, to)); section != "" {
			to += "#" + section
		}
		return to, true
	})
	return out, err
}

// relative is a path as seen from a folder.
func relative(dir, to string) string {
	if dir == "." {
		return to
	}
	from, parts := strings.Split(dir, "/"), strings.Split(to, "/")
	same := 0
	for same < len(from) && same < len(parts)-1 && from[same] == parts[same] {
		same++
	}
	return strings.Repeat("../", len(from)-same) + strings.Join(parts[same:], "/")
}
