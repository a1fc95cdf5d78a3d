package privacy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A file is what is handed out: a record of the person and of each child, by what keeps it.
type file struct {
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
	data, err := export(tx, s)
	all["base"] = data
	return all, err
}

// gather makes the file of a subject.
func (f *feature) gather(tx *store.Tx, s house.Subject) (x file, err error) {
	if x, err = f.begin(tx); err != nil {
		return x, err
	}
	r, err := f.record(tx, s)
	if s.Child != 0 {
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

// send hands the file over, to be kept and not to be shown.
func (x file) send(w http.ResponseWriter) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(x); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="nestfunk-%s.json"`, x.Made.Format(time.DateOnly)))
	_, err := w.Write(b.Bytes())
	return err
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
	if s.Child != 0 {
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
