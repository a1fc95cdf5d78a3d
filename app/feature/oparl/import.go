package oparl

import (
	"context"
	"errors"
	"path"
	"strings"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// What is written in one transaction: others wait as long.
const (
	batchPieces = 300
	batchBytes  = 1 << 20
)

// Options say how files are to be read in.
type Options struct {
	SkipBad bool // take what is right, and leave the rest
	Dry     bool // only find out what would happen

	// Still says before each group of objects whether the person may still write them; nil: nothing can change.
	Still func(*store.Tx) error
}

// importer is one import.
type importer struct {
	*house.House
	Options
	files   *bundle.Source
	rep     Report
	whole   map[string][32]byte // objects by themselves: what they say
	counted map[string]bool     // all objects
	targets map[string]bool     // addresses that links lead to
	bodies  bodies
	ids     map[string]int64 // of bodies, once they are there
	city    int64            // below which committees are put; 0: not asked yet
}

// Import reads files of objects in. First all of them are looked at, so that one that cannot be taken changes nothing
// unless the options say otherwise; then they are written in groups. An import that breaks off leaves whole objects, and
// the same import once more does the rest.
func Import(ctx context.Context, h *house.House, files *bundle.Source, o Options) (Report, error) {
	m := &importer{House: h, Options: o, files: files, whole: map[string][32]byte{}, counted: map[string]bool{}, targets: map[string]bool{}, ids: map[string]int64{},
		rep: Report{Refused: []Refused{}, Types: map[oparl.Type]int{}, Notes: append([]string{}, files.Notes...)}}
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		m.bodies, err = knownBodies(tx)
		return err
	})
	if err != nil {
		return m.rep, err
	}
	if err := m.look(ctx); err != nil {
		return m.rep, err
	}
	if !m.SkipBad && !m.Dry {
		if err := m.rep.verdict(); err != nil {
			return m.rep, err
		}
	}
	if err := m.bring(ctx); err != nil {
		return m.rep, err
	}
	return m.rep, h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		m.rep.Elsewhere, err = m.elsewhere(tx)
		return err
	})
}

// each reads all objects of all files. Each is given with where it stands, or with why it cannot be read.
func (m *importer) each(take func(at Refused, o oparl.Object, err error) error) error {
	n := 0
	for _, e := range m.files.Entries {
		ext := strings.ToLower(path.Ext(e.Path))
		lines := ext == ".jsonl" || ext == ".ndjson"
		if !lines && ext != ".json" {
			continue
		}
		n++
		r, err := e.Open()
		if err != nil {
			return err
		}
		err = oparl.Read(r, lines, func(line int, o oparl.Object, err error) error {
			return take(Refused{File: e.Path, Line: line, ID: o.Text("id")}, o, err)
		})
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	if n == 0 {
		return fault.New(fault.Invalid, "Hier ist keine Datei, deren Name auf .json oder .jsonl endet.")
	}
	return nil
}

// look checks all objects, and notes who they are.
func (m *importer) look(ctx context.Context) error {
	unlike := 0
	err := m.each(func(at Refused, o oparl.Object, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var p piece
		var notes []string
		if err == nil {
			p, notes, err = dissect(o)
		}
		if before, twice := m.whole[p.source]; err == nil && twice && before != p.hash {
			err = fault.New(fault.Invalid, "Dieses Objekt kommt zweimal vor und ist nicht beide Male gleich.")
		}
		if err != nil {
			at.Why = fault.Words(err)
			m.rep.refuse(at)
			return nil
		}
		m.whole[p.source] = p.hash
		if unlike += len(notes); len(notes) > 0 && len(m.rep.Notes) < mostTold {
			at.Why = strings.Join(notes, " ")
			m.rep.note("%s: %s", at.At(), at.Why)
		}
		m.meet(p)
		return nil
	})
	if unlike > 0 && err == nil {
		m.rep.note("Was nicht dem Standard entspricht, bleibt erhalten; in der Schnittstelle steht es unter einem Namen, der mit „nestfunk:“ beginnt.")
	}
	return err
}

// meet notes an object and what is within it.
func (m *importer) meet(p piece) {
	m.bodies.add(p)
	for _, l := range p.links {
		m.targets[l.target] = true
	}
	for _, in := range p.within {
		m.meet(in)
	}
}

// bring writes what look has found right, or finds out what that would do.
func (m *importer) bring(ctx context.Context) error {
	var group []piece
	pieces, size := 0, 0
	done := map[string]bool{}
	flush := func() error {
		all := group
		group, pieces, size = nil, 0, 0
		if len(all) == 0 {
			return nil
		}
		if m.Dry {
			return m.DB.Read(ctx, func(tx *store.Tx) error {
				for _, p := range all {
					if err := m.compare(tx, p, 0); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return m.DB.Write(ctx, func(tx *store.Tx) error {
			if m.Still != nil {
				if err := m.Still(tx); err != nil {
					return err
				}
			}
			for _, p := range all {
				if err := m.top(tx, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := m.each(func(_ Refused, o oparl.Object, err error) error {
		if err != nil || done[o.Text("id")] {
			return nil // told by look, or the same once more
		}
		p, _, err := dissect(o)
		if hash, ok := m.whole[p.source]; err != nil || !ok || hash != p.hash {
			return nil
		}
		done[p.source] = true
		group, pieces, size = append(group, p), pieces+p.count(), size+len(p.json)
		if pieces >= batchPieces || size >= batchBytes {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

func (p piece) count() int {
	n := 1
	for _, in := range p.within {
		n += in.count()
	}
	return n
}

// An outcome is what becomes of an object.
type outcome int

const (
	isNew outcome = iota
	isChanged
	isSame
	isOthers // it belongs to another object, or stands by itself: here it is only shown
)

func (m *importer) counts(p piece, o outcome) {
	if o == isOthers || m.counted[p.source] {
		return
	}
	m.counted[p.source] = true
	m.rep.Types[p.typ]++
	switch o {
	case isNew:
		m.rep.New++
	case isChanged:
		m.rep.Changed++
	default:
		m.rep.Same++
	}
}

// becomes says what a piece would do to the row that is there.
func (r row) becomes(p piece, parent int64) outcome {
	switch {
	case r.id == 0 || r.json == "" && !r.deleted: // or a body that was only named
		return isNew
	case parent != 0 && r.parent != parent && !r.deleted:
		return isOthers
	case r.deleted != p.deleted || string(r.hash) != string(p.hash[:]):
		return isChanged
	}
	return isSame
}

// compare finds out what put would do.
func (m *importer) compare(tx *store.Tx, p piece, parent int64) error {
	r, err := rowOf(tx, p.source)
	if err != nil {
		return err
	}
	m.counts(p, r.becomes(p, parent))
	id := r.id
	if id == 0 {
		id = -1 // what is within something new belongs to nothing that is there
	}
	for _, in := range p.within {
		if err := m.compare(tx, in, id); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere counts the addresses that lead to nothing in the house.
func (m *importer) elsewhere(tx *store.Tx) (n int, err error) {
	var some []string
	count := func() error {
		k, err := store.One(tx, store.Value[int], `
			SELECT count(*) FROM json_each(?) j WHERE NOT EXISTS (SELECT 1 FROM oparl_object o WHERE o.source = j.value)`, store.List(some))
		n, some = n+k, some[:0]
		return err
	}
	for target := range m.targets {
		if m.counted[target] {
			continue
		}
		if _, ok := m.whole[target]; ok {
			continue
		}
		if some = append(some, target); len(some) == 1000 {
			if err := count(); err != nil {
				return n, err
			}
		}
	}
	return n, count()
}

// cityOf is the unit below which committees of councils are put. An empty house gets a city.
func (m *importer) cityOf(tx *store.Tx) (int64, error) {
	if m.city != 0 {
		return m.city, nil
	}
	name, err := m.Settings.Get(tx, settings.HouseName)
	if err != nil {
		return 0, err
	}
	m.city, err = root(tx, name, m.Now())
	return m.city, err
}
