package bulletin_test

import (
	"html/template"
	"net/http/httptest"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

func (x *letterbox) viewer(person int64) (v who.Viewer) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		v, err = org.Viewer(tx, person, x.Now())
		return err
	}); err != nil {
		x.t.Fatal(err)
	}
	return v
}

// part is what a person reads of a part of the start page.
func (x *letterbox) part(person int64, part house.Part) string {
	x.t.Helper()
	var html template.HTML
	p := web.NewPage(httptest.NewRequest("GET", apptest.Base+"/", nil), x.viewer(person), "")
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		html, err = part(tx, p)
		return err
	}); err != nil {
		x.t.Fatal(err)
	}
	return string(html)
}
