package wiki

import (
	"encoding/json"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A draft is what somebody is typing, kept by the house so that it is there on another device, too.
type draft struct {
	Text
	Base int64 // the revision it began from
	At   time.Time
}

func (d *draft) fields() []any { return []any{&d.Title, &d.Body, &d.Base, (*store.Time)(&d.At)} }

// draftOf finds somebody's draft of a page; false: there is none.
func draftOf(tx *store.Tx, person, page int64) (draft, bool, error) {
	d, err := store.One(tx, (*draft).fields, `SELECT title, body, base, at FROM wiki_draft WHERE person = ? AND page = ?`, person, page)
	if fault.KindOf(err) == fault.NotFound {
		return d, false, nil
	}
	return d, err == nil, err
}

func dropDraft(tx *store.Tx, person, page int64) error {
	_, err := tx.Exec(`DELETE FROM wiki_draft WHERE person = ? AND page = ?`, person, page)
	return err
}

// keep saves a draft while somebody types; the script asks for it.
func (f *feature) keep(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "title", "body", "base")
	if err != nil {
		return err
	}
	if len(form.Raw("body")) > mostBody || len(form.Raw("title")) > 4*mostTitle {
		return fault.New(fault.Invalid, "Diese Seite ist zu lang. Bitte teilen Sie sie in mehrere Seiten auf.")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := written(tx, id, v, f.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO wiki_draft (person, page, base, title, body, at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (person, page) DO UPDATE SET base = excluded.base, title = excluded.title, body = excluded.body, at = excluded.at`,
			v.ID, id, form.ID("base"), form.Raw("title"), form.Raw("body"), f.Now().Unix())
		if err != nil {
			return err
		}
		return files.Renew(tx, v.ID, text.Files(form.Raw("body")), f.Now())
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forgo drops a draft.
func (f *feature) forgo(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := written(tx, id, v, f.Now()); err != nil {
			return err
		}
		return dropDraft(tx, v.ID, id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id)+"/bearbeiten")
}

// render answers a text as the editor takes it, when somebody comes back from Markdown.
func (f *feature) render(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	form, err := web.ReadForm(r, "body")
	if err != nil {
		return err
	}
	if len(form.Raw("body")) > mostBody {
		return fault.New(fault.Invalid, "Diese Seite ist zu lang. Bitte teilen Sie sie in mehrere Seiten auf.")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte("<!doctype html><title>Text</title><main>" + text.Editor(form.Raw("body")) + "</main>"))
	return err
}

// titles answers the titles that begin with or hold what was typed behind [[, for a list to choose from: JSON.
func (f *feature) titles(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	q := web.Form{Values: r.URL.Query()}
	all := []string{}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		found, err := store.All(tx, store.Value[string], `
			WITH lv AS MATERIALIZED (SELECT DISTINCT unit, level FROM wiki_right WHERE person = ?1 AND since <= ?2 AND until > ?2)
			SELECT r.title FROM wiki_page p JOIN wiki_revision r ON r.id = coalesce(p.shown, p.latest) LEFT JOIN unit_up a ON a.unit = ?3 AND a.above = p.unit
			WHERE p.removed IS NULL AND instr(r.key, ?4) > 0
			AND ((p.unit, CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv
				OR p.shown IS NOT NULL AND (p.access IN ('house', 'public') OR (p.unit, p.access) IN lv))
			GROUP BY r.title ORDER BY min(coalesce(a.depth, 99)), min(instr(r.key, ?4)), r.title LIMIT 8`,
			v.ID, f.Now().Unix(), q.ID("archiv"), key(q.Get("q")))
		if len(found) > 0 {
			all = found
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(all)
}
