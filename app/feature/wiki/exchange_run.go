package wiki

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
)

// What is written in one transaction: others wait as long.
const (
	batchPages = 100
	batchBytes = 1 << 20
)

// Import reads a folder or ZIP into the archive of a unit. It is written page by page, in groups: an import that breaks
// off leaves whole pages, and the same import once more does the rest. Who reads a page, and where it stands, is decided
// when it is made; a later import changes nothing but its words and files.
func Import(ctx context.Context, h *house.House, u org.Unit, s *bundle.Source, w Writer) (Report, error) {
	b, err := bundle.Read(s, key, mostTitle)
	if err != nil {
		return Report{Unit: u.Name, Refused: []Refused{}, Warnings: []string{}}, err
	}
	m := newImporter(h, u, b, w)
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		m.known, err = knownOf(tx, u.ID)
		return err
	})
	if err != nil {
		return m.rep, err
	}
	var group []*incoming
	size := 0
	flush := func() error {
		all := group
		group, size = nil, 0
		if m.Dry || len(all) == 0 {
			return nil
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			if err := m.still(tx); err != nil {
				return err
			}
			for _, x := range all {
				above := int64(0)
				if q, _ := m.parent(x.Page); q != nil {
					above = m.at[q]
				}
				if err := m.write(tx, x, above, h.Now()); err != nil {
					return fmt.Errorf("page %q: %w", x.Path, err)
				}
				m.at[x.Page] = x.id
			}
			return nil
		})
	}
	for _, p := range b.Pages {
		x, err := m.prepare(ctx, p)
		if isFault(err) {
			m.rep.refuse(p, err)
			continue
		}
		if err != nil {
			return m.rep, err
		}
		if err := ctx.Err(); err != nil {
			return m.rep, err
		}
		m.place(x)
		m.rep.count(x)
		group = append(group, x)
		if size += len(x.text.Body); len(group) == batchPages || size > batchBytes {
			if err := flush(); err != nil {
				return m.rep, err
			}
		}
	}
	return m.rep, flush()
}

// still looks anew at what the person may: minutes may lie between two groups.
func (m *importer) still(tx *store.Tx) error {
	if m.Still == nil {
		return nil
	}
	w, err := m.Still(tx)
	m.Board, m.Release, m.rep.Waits = w.Board, w.Release, !w.Release
	return err
}

// place decides how deep a page stands.
func (m *importer) place(x *incoming) {
	if x.id != 0 {
		m.taken[x.id] = true
		m.at[x.Page], m.depth[x.Page] = x.id, m.known.deep(x.id)
		return
	}
	q, deep := m.parent(x.Page)
	if q != x.Parent {
		m.rep.warn("„%s“ steht höher als in der Quelle: Tiefer als %d Ebenen geht es nicht, oder die Seite darüber fehlt.", x.Title, mostDeep)
	}
	m.depth[x.Page] = deep
}

// prepare makes a page ready to be written, and takes its files into the house.
func (m *importer) prepare(ctx context.Context, p *bundle.Page) (*incoming, error) {
	x := &incoming{Page: p, id: m.match(p)}
	var ok bool
	if x.access, ok = m.accessOf(p.Access, m.unit.Kind); !ok {
		m.rep.warn("„%s“: „%s“ sagt nicht, wer die Seite liest. Sie ist nur für das Team.", p.Title, p.Access)
	}
	was := m.known.nodes[x.id]
	switch {
	case was.removed:
		return nil, errInBin
	case !m.Board && (was.access == Board || x.id == 0 && x.access == Board):
		return nil, fault.New(fault.Forbidden, "Diese Seite ist nur für die Leitung. Sie dürfen sie nicht schreiben.")
	}
	if err := m.prepareFiles(ctx, x); err != nil {
		return nil, err
	}
	body, err := m.bundle.Text(p, func(f *bundle.File) string {
		for _, y := range x.files {
			if y.File == f && (y.id != 0 || m.Dry) {
				return fmt.Sprintf("/datei/%d", y.id)
			}
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	for i, f := range x.files {
		x.files[i].below = f.below && !slices.Contains(text.Files(body), f.id)
	}
	x.text = Text{Title: p.Title, Body: body}
	if err := x.text.check(); err != nil {
		return nil, err
	}
	x.hash = textHash(x.text)
	if x.id != 0 {
		err = m.DB.Read(ctx, func(tx *store.Tx) (err error) {
			x.same, err = unchanged(tx, x.id, x.text, x.hash)
			return err
		})
	}
	return x, err
}

// prepareFiles finds the files of a page, and brings those into the house that the page does not have yet.
func (m *importer) prepareFiles(ctx context.Context, x *incoming) error {
	all, err := m.bundle.Files(x.Page)
	if err != nil || len(all) == 0 {
		return err
	}
	var held map[string]int64
	err = m.DB.Read(ctx, func(tx *store.Tx) (err error) {
		held, err = heldBy(tx, x.id)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range all {
		y := incomingFile{File: f, below: slices.Contains(x.Loose, f)}
		if y.hash, err = m.sum(f); err == nil {
			if y.id = held[string(y.hash)]; y.id != 0 {
				y.held = true
			} else if !m.Dry {
				y.id, err = m.bring(ctx, f)
			}
		}
		if isFault(err) {
			m.rep.warn("Datei %s bei „%s“: %s", f.Path, x.Title, fault.Words(err))
			continue
		}
		if err != nil {
			return err
		}
		m.rep.Files++
		x.files = append(x.files, y)
	}
	return nil
}

// bring takes a file into the house; the second page that names it gets a row of its own with the same content.
func (m *importer) bring(ctx context.Context, f *bundle.File) (id int64, err error) {
	if first := m.stored[f]; first != 0 {
		err = m.DB.Write(ctx, func(tx *store.Tx) error {
			id, err = files.Again(tx, first, m.Person, "", 0, m.Now())
			return err
		})
		return id, err
	}
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	x, err := m.Files.Bring(ctx, m.Person, f.Name, r)
	if err = errors.Join(err, r.Close()); err != nil {
		return 0, err
	}
	m.stored[f] = x.ID
	return x.ID, nil
}
