package wiki

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	renderKind  = "wiki.render" // render what another version of the program has rendered; the argument is after which page
	renderChunk = 100           // pages that one task renders: the house may stop at any time
)

// body is what readers see of a page, with the links that lead where v may go.
func body(tx *store.Tx, p Page, v who.Viewer, now time.Time) (template.HTML, error) {
	html := template.HTML(p.html)
	if p.renderer != text.ArchiveVersion || p.Shown == 0 { // made by another version of the program, and renderJob has not come by yet
		r, err := revision(tx, cmp.Or(p.Shown, p.Latest))
		if err != nil {
			return "", err
		}
		html = text.Archive(r.Body)
	}
	return linked(tx, html, p, v, now)
}

// linked resolves the titles in HTML of a page, and gives its pictures their size.
func linked(tx *store.Tx, html template.HTML, p Page, v who.Viewer, now time.Time) (_ template.HTML, err error) {
	known, sets := map[string]int64{}, map[int64]map[string]bool{p.Unit: p.set}
	out := text.Resolve(html, func(title string) (string, bool) {
		k := key(title)
		id, ok := known[k]
		if !ok {
			found, ferr := named(tx, k, p.Unit, v, now, sets)
			if ferr != nil {
				err = ferr
			}
			id, known[k] = found, found
		}
		return seite(id), id != 0
	})
	if err != nil {
		return "", err
	}
	return pictured(tx, out)
}

// renderJob renders pages anew whose HTML another version of the program has made. Until it comes by, body renders them
// for each reader.
func renderJob(h *house.House) task.Job {
	type old struct {
		page, revision int64
		body           string
	}
	return task.Job{Kind: renderKind, Run: func(ctx context.Context, _ int64, arg string) error {
		after, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		var all []old
		err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			all, err = store.All(tx, func(o *old) []any { return []any{&o.page, &o.revision, &o.body} }, `
				SELECT p.id, r.id, r.body FROM wiki_page p JOIN wiki_revision r ON r.id = p.shown
				WHERE p.id > ? AND p.renderer <> ? ORDER BY p.id LIMIT ?`, after, text.ArchiveVersion, renderChunk)
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		for i, o := range all {
			all[i].body = string(text.Archive(o.body)) // outside of the transaction: nobody else waits
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			for _, o := range all {
				// Somebody may have saved meanwhile.
				if _, err := tx.Exec(`UPDATE wiki_page SET html = ?, renderer = ? WHERE id = ? AND shown = ?`, o.body, text.ArchiveVersion, o.page, o.revision); err != nil {
					return fmt.Errorf("render page %d: %w", o.page, err)
				}
			}
			return h.Tasks.Add(tx, renderKind, 0, strconv.FormatInt(all[len(all)-1].page, 10))
		})
	}}
}
