// Package file (Datei) hands out what people have put into the house. Who may see a file follows from what it is
// attached to: the feature that attached it is asked (house.Feature.Sees). Nothing that is handed out can act in the
// name of the house: pictures were made anew, a PDF is shown by the browser itself, and all else is saved.
package file

import (
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type feature struct {
	*house.House
	sees map[string]func(tx *store.Tx, v who.Viewer, x files.File) error // by the name of the feature
	of   map[string]search.Source                                        // what files are attached to, by the same name
}

// New makes the feature. Others are those that attach files.
func New(h *house.House, others []house.Feature) house.Feature {
	f := feature{h, map[string]func(tx *store.Tx, v who.Viewer, x files.File) error{}, map[string]search.Source{}}
	for _, o := range others {
		if o.Sees != nil {
			f.sees[o.Name] = o.Sees
		}
		for _, s := range o.Search {
			if s.Kind == o.Name {
				f.of[o.Name] = s
			}
		}
	}
	return house.Feature{
		Name: "file",
		Routes: []web.Route{
			web.Raw("/datei/:id", who.Anyone, f.whole),
			web.Raw("/datei/:id/klein", who.Anyone, f.thumb),
		},
		Jobs:   h.Files.Jobs(),
		Begin:  h.Files.Begin,
		Search: []search.Source{f.source()},
	}
}

// find is a file that the viewer may see, who perhaps is not signed in: one's own that is attached to nothing yet, or what the owner shows.
func (f feature) find(tx *store.Tx, v who.Viewer, id int64) (files.File, error) {
	x, err := files.Get(tx, id)
	if err != nil {
		return x, err
	}
	if x.Owner == "" {
		if v.ID == 0 || x.Person != v.ID {
			return x, fault.Gone()
		}
		return x, nil
	}
	sees, ok := f.sees[x.Owner]
	if !ok {
		return x, fault.Gone()
	}
	return x, sees(tx, v, x)
}
