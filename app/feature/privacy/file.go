package privacy

import (
	"fmt"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/hold"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A file is what is handed out: a record of the person and of each child, by what keeps it.
type file struct {
	files []files.File // whose content goes along

	House    string           `json:"house"`
	Made     time.Time        `json:"made"`
	Person   map[string]any   `json:"person,omitempty"`
	Children []map[string]any `json:"children,omitempty"`
}

// record gathers what the house knows of one subject.
func (f *feature) record(tx *store.Tx, s house.Subject) (map[string]any, error) {
	all := map[string]any{}
	for _, x := range f.others {
		if x.Export == nil {
			continue
		}
		data, err := x.Export(tx, s)
		if err != nil {
			return nil, fmt.Errorf("export of %s: %w", x.Name, err)
		}
		all[x.Name] = data
	}
	data, err := f.export(tx, s)
	all["base"] = data
	return all, err
}

// export is what base keeps of a subject, and which files are its own.
func (f *feature) export(tx *store.Tx, s house.Subject) (any, error) {
	kept := exportPerson
	if s.Child != 0 {
		kept = exportChild
	}
	m, err := kept(tx, s)
	if err != nil {
		return nil, err
	}
	_, m["files"], err = f.handed(tx, s)
	return m, err
}

// An entry tells of a file.
type entry struct {
	Name string    `json:"name"`
	Type string    `json:"type"`
	Size int64     `json:"size"`
	At   time.Time `json:"at"`
}

// handed are the files of a subject: those whose content goes along, and what is said of them and of others that the person
// has put into the house. A paper goes to whom it is about (house.Feature.Papers), not to who has filed it for them; what a
// person has attached somewhere goes along as long as they see it there (GDPR Art. 15 (4), Art. 20 (4)).
func (f *feature) handed(tx *store.Tx, s house.Subject) (along []files.File, named []entry, err error) {
	say := func(x files.File) { named = append(named, entry{x.Name, x.Type, x.Size, x.At.UTC()}) }
	by := map[string]house.Feature{}
	for _, x := range f.others {
		if by[x.Name] = x; x.Papers == nil {
			continue
		}
		papers, err := x.Papers(tx, s)
		if err != nil {
			return nil, nil, fmt.Errorf("papers of %s: %w", x.Name, err)
		}
		for _, p := range papers {
			along = append(along, p)
			say(p)
		}
	}
	if s.Person == 0 {
		return along, named, nil
	}
	v, err := org.Viewer(tx, s.Person, f.Now())
	if err != nil {
		return nil, nil, err
	}
	put, err := files.Put(tx, s.Person)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range put {
		x := by[p.Owner]
		if x.Papers != nil {
			continue
		}
		say(p)
		var shut error
		if p.Owner != "" && x.Sees != nil {
			shut = x.Sees(tx, v, p)
		}
		switch {
		case shut == nil:
			along = append(along, p)
		case fault.KindOf(shut) == fault.Internal:
			return nil, nil, shut
		}
	}
	return along, named, nil
}

// gather makes the file of a subject.
func (f *feature) gather(tx *store.Tx, s house.Subject) (x file, err error) {
	if x, err = f.begin(tx); err != nil {
		return x, err
	}
	r, err := f.record(tx, s)
	if err != nil {
		return x, err
	}
	if x.files, _, err = f.handed(tx, s); s.Child != 0 {
		x.Children = append(x.Children, r)
	} else {
		x.Person = r
	}
	return x, err
}

// own makes the file that somebody downloads: of the person, and of the children for whom it decides.
func (f *feature) own(tx *store.Tx, id int64) (x file, err error) {
	if x, err = f.gather(tx, house.Subject{Person: id}); err != nil {
		return x, err
	}
	kids, err := wards(tx, id, f.Now())
	if err != nil {
		return x, err
	}
	for _, c := range kids {
		r, err := f.record(tx, house.Subject{Child: c.ID})
		if err != nil {
			return x, err
		}
		x.Children = append(x.Children, r)
	}
	return x, nil
}

func (f *feature) begin(tx *store.Tx) (file, error) {
	root, err := org.Root(tx)
	return file{House: root.Name, Made: f.Now().UTC()}, err
}

// erase has every feature forget a subject, and base last.
func (f *feature) erase(tx *store.Tx, s house.Subject) error {
	for _, x := range f.others {
		if x.Erase == nil {
			continue
		}
		if err := x.Erase(tx, s); err != nil {
			return fmt.Errorf("erasing of %s: %w", x.Name, err)
		}
	}
	return f.eraseBase(tx, s)
}

// eraseBase removes a subject from the tables of base. What still refers to it then keeps a row without a name.
func (f *feature) eraseBase(tx *store.Tx, s house.Subject) error {
	if err := forgetRequests(tx, s, f.Now()); err != nil {
		return err
	}
	if err := retention.Noted(tx, f.Now(), retention.House, 1); err != nil {
		return err
	}
	if err := hold.Forget(tx, s.Person, s.Child); err != nil {
		return err
	}
	if s.Child != 0 {
		if err := leaveDevices(tx, s.Child); err != nil {
			return err
		}
		return person.ForgetChild(tx, s.Child, f.Now())
	}
	if err := web.EndSessions(tx, s.Person, nil); err != nil {
		return err
	}
	if err := files.Forget(tx, s.Person); err != nil {
		return err
	}
	if err := org.Forget(tx, s.Person, f.Now()); err != nil {
		return err
	}
	return person.Forget(tx, s.Person)
}

// leaveDevices signs out those who are responsible for a child: what rests on their devices of it goes with the sign-in.
func leaveDevices(tx *store.Tx, child int64) error {
	people, err := store.All(tx, store.Value[int64], `SELECT person FROM guardian WHERE child = ? ORDER BY id`, child)
	for _, p := range people {
		if err == nil {
			err = web.EndSessions(tx, p, nil)
		}
	}
	return err
}
