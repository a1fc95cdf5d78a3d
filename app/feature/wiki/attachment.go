package wiki

import (
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const (
	owner    = "wiki" // of the files that belong to a page; they stay as long as it does, since older revisions show them
	maxFiles = 50     // below one page
)

// sees is what feature/file asks: whoever reads a page has the files that it shows, and who writes it has all.
func (f *feature) sees(tx *store.Tx, v who.Viewer, x files.File) error {
	p, err := get(tx, x.Ref, v, f.Now())
	if err != nil || p.Write {
		return err
	}
	r, err := revision(tx, p.Shown)
	if err != nil {
		return err
	}
	ids, err := filesOf(tx, r.ID, r.Body)
	if err == nil && !slices.Contains(ids, x.ID) {
		err = fault.Gone()
	}
	return err
}

// filesOf are the files that a revision shows: those that its text names and those below it.
func filesOf(tx *store.Tx, revision int64, body string) ([]int64, error) {
	below, err := store.All(tx, store.Value[int64], `SELECT file FROM wiki_file WHERE revision = ?`, revision)
	return append(text.Files(body), below...), err
}

// shownFiles are the files of what readers see of a page, or of the revision that it offers as a template; 0: it is none.
func shownFiles(tx *store.Tx, page, offer int64) ([]files.File, error) {
	all, err := files.Of(tx, owner, page)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	type shown struct {
		id   int64
		body string
	}
	r, err := store.One(tx, func(r *shown) []any { return []any{&r.id, &r.body} }, `
		SELECT r.id, r.body FROM wiki_page p JOIN wiki_revision r ON r.id = coalesce(p.shown, ?2) WHERE p.id = ?1`, page, offer)
	if err != nil {
		return nil, err
	}
	ids, err := filesOf(tx, r.id, r.body)
	return slices.DeleteFunc(all, func(x files.File) bool { return !slices.Contains(ids, x.ID) }), err
}

// enclosed lists the files that stand below a revision.
func enclosed(tx *store.Tx, page, revision int64) ([]files.File, error) {
	all, err := files.Of(tx, owner, page)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids, err := store.All(tx, store.Value[int64], `SELECT file FROM wiki_file WHERE revision = ?`, revision)
	return slices.DeleteFunc(all, func(x files.File) bool { return !slices.Contains(ids, x.ID) }), err
}

// enclose has these files, and no others, stand below a revision. Those that are not the page's own are left out.
func enclose(tx *store.Tx, page, revision int64, ids []int64) error {
	if _, err := tx.Exec(`DELETE FROM wiki_file WHERE revision = ?`, revision); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO wiki_file (revision, file)
		SELECT ?1, f.id FROM file f WHERE f.id IN (SELECT value FROM json_each(?2)) AND f.owner = 'wiki' AND f.ref = ?3`, revision, store.List(ids), page)
	return err
}

// numbers are the ids of files.
func numbers(all []files.File) (ids []int64) {
	for _, x := range all {
		ids = append(ids, x.ID)
	}
	return ids
}

// adopt gives a page what its new text names and what its form has: files that the viewer has put into the house. was is
// the text before: what that already named is not asked for again.
func adopt(tx *store.Tx, v who.Viewer, page int64, was, body string, enclosed []int64) error {
	if len(enclosed) > maxFiles {
		return files.TooMany(maxFiles)
	}
	named := text.Files(body)
	drafts, err := files.Drafts(tx, v.ID, append(slices.Clone(named), enclosed...))
	if err != nil {
		return err
	}
	if err := files.Attach(tx, v.ID, numbers(drafts), owner, page); err != nil {
		return err
	}
	old := text.Files(was)
	for _, id := range named {
		if slices.Contains(old, id) {
			continue
		}
		if x, err := files.Get(tx, id); fault.KindOf(err) == fault.NotFound || err == nil && x.Owner == "" {
			return fault.At("body", "Eines der Bilder ist nicht mehr da; was nicht gespeichert wird, wird nur einen Tag aufgehoben. Bitte fügen Sie es noch einmal ein.")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// combined are the files of somebody who has saved after somebody else: what both have added, without what either has
// taken away.
func combined(base, mine, theirs []int64) (all []int64) {
	for _, id := range theirs {
		if slices.Contains(mine, id) || !slices.Contains(base, id) {
			all = append(all, id)
		}
	}
	for _, id := range mine {
		if !slices.Contains(base, id) && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// sameFiles reports whether two lists hold the same, in whatever order.
func sameFiles(a, b []int64) bool {
	return !slices.ContainsFunc(a, func(id int64) bool { return !slices.Contains(b, id) }) &&
		!slices.ContainsFunc(b, func(id int64) bool { return !slices.Contains(a, id) })
}

// readForm reads a form with files.
func (f *feature) readForm(r *http.Request, v who.Viewer, known ...string) (web.Form, error) {
	return f.Files.Form(r, v.ID, maxFiles, known...)
}

// setFiles writes files into a form.
func setFiles(form *web.Form, ids []int64) {
	var all []string
	for _, id := range ids {
		all = append(all, strconv.FormatInt(id, 10))
	}
	form.Set("file", all...)
}

// offered are the files that the form of a page shows: those that it names of the page, and the viewer's own. page 0: a
// new one.
func offered(tx *store.Tx, v who.Viewer, page int64, form web.Form) ([]files.File, error) {
	ids := form.IDs("file")
	all, err := files.Of(tx, owner, page)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(x files.File) bool { return !slices.Contains(ids, x.ID) })
	drafts, err := files.Drafts(tx, v.ID, ids)
	return append(all, drafts...), err
}

// taken is the answer to upload.
type taken struct {
	ID    int64  `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Image bool   `json:"image,omitempty"`
	Wrong string `json:"wrong,omitempty"` // in words; "": it is in the house
}

// upload takes what is dropped into the editor, before its page is saved: JSON.
func (f *feature) upload(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var a taken
	_, err := web.ReadFiles(r, func(_, name string, content io.Reader) error {
		x, err := f.Files.Receive(r.Context(), v.ID, name, content)
		a = taken{ID: x.ID, Name: x.Name, Image: x.Picture()}
		return err
	})
	status := http.StatusOK
	switch {
	case web.Again(err):
		a, status = taken{Wrong: fault.Words(err)}, http.StatusUnprocessableEntity
	case err != nil:
		return err
	case a.ID == 0:
		a, status = taken{Wrong: "Es ist keine Datei angekommen."}, http.StatusUnprocessableEntity
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(a)
}

// pictured gives the pictures in HTML of an archive their size. Who may see them is asked when they are fetched.
func pictured(tx *store.Tx, html template.HTML) (template.HTML, error) {
	ids := text.Pictures(html)
	if len(ids) == 0 {
		return html, nil
	}
	type size struct {
		id            int64
		width, height int
	}
	all, err := store.All(tx, func(s *size) []any { return []any{&s.id, &s.width, &s.height} }, `
		SELECT id, width, height FROM file WHERE id IN (SELECT value FROM json_each(?)) AND owner <> '' AND width > 0`, store.List(ids))
	return text.Sized(html, func(id int64) (int, int, bool) {
		i := slices.IndexFunc(all, func(s size) bool { return s.id == id })
		if i < 0 {
			return 0, 0, false
		}
		return all[i].width, all[i].height, true
	}), err
}
