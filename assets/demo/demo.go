// Package demo holds what the demonstration's town is made of: real facilities and common names. Everybody and
// everything that happens there is invented.
//
// Facilities: OK Lab Flensburg / Stadt Flensburg, CC0 1.0 (2024). Names: after @faker-js/faker, MIT; see NOTICE.txt.
package demo

import (
	"embed"
	"io/fs"
)

//go:embed flensburg.csv
var facilities string

//go:embed names.json
var names string

// Facilities is Flensburg's list of facilities, in the columns of every list of facilities.
func Facilities() []byte { return []byte(facilities) }

// Names is JSON: by language women, men, girls, boys and families, in Latin letters, as a German office would write them.
func Names() []byte { return []byte(names) }

// Source is what an imprint says about the facilities.
const Source = "Einrichtungen: OK Lab Flensburg / Stadt Flensburg, CC0 1.0 (2024). Alle Menschen, Gruppen und Mitteilungen sind erfunden."

//go:embed wissen
var archives embed.FS

// Archive is a folder of pages that the town's people have written: stadt, kita or elternbeirat.
func Archive(name string) fs.FS {
	f, err := fs.Sub(archives, "wissen/"+name)
	if err != nil {
		panic(err) // the name is a valid path
	}
	return f
}
