package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"nestfunk/app/base/fault"
)

// Release N is a shape of the database that was delivered. Its folder holds
//
//	schema.sql  the shape, never changed again; the newest release has none, since its shape is the schema.sql of the program
//	step.sql    what brings the rows of release N-1 over, where a copy of the columns with the same name doesn't do that
//
// An older file is brought from release to release, each time to exactly the shape that was delivered, so that the author
// of a step needs to know two of them only. See upgrade.
//
//go:embed release
var releases embed.FS

// A history is the releases up to the present one.
type history struct {
	files   fs.FS  // with the folder release
	present int    // number of the release whose shape is schema
	schema  string // schema.sql
}

// Release is the number of the release whose shape is the program's schema.sql.
const Release = 2

// past are the releases before this program, and the release that it is.
func past(schema string) history { return history{releases, Release, schema} }

// of is the shape of a release.
func (h history) of(release int) (string, error) {
	if release == h.present {
		return h.schema, nil
	}
	b, err := fs.ReadFile(h.files, fmt.Sprintf("release/%d/schema.sql", release))
	return string(b), err
}

// stepTo is what brings rows to a release; "": nothing but to copy them.
func (h history) stepTo(release int) (string, error) {
	b, err := fs.ReadFile(h.files, fmt.Sprintf("release/%d/step.sql", release))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return string(b), err
}

// open makes the present database in an empty file, and brings an older one to it. It returns the name of the copy that it
// has made of an older one.
func (h history) open(ctx context.Context, db *sql.DB, uri, file string) (earlier string, err error) {
	var release int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&release); err != nil {
		return "", err
	}
	if release > h.present {
		return "", fault.New(fault.Invalid, "Die Datenbank stammt von einer neueren Version von Nestfunk (Stand %d, dieses Programm kennt %d). Bitte starten Sie die neuere Version. Zurück führt nur die Kopie von vor dem Upgrade oder eine Sicherung.", release, h.present)
	}
	have, err := read(ctx, db)
	if err != nil {
		return "", err
	}
	if len(have) == 0 {
		// One statement list: either the whole database is there afterwards, or nothing.
		_, err := db.ExecContext(ctx, "BEGIN IMMEDIATE;\n"+h.schema+fmt.Sprintf("\nPRAGMA user_version = %d;\nCOMMIT;", h.present))
		if err != nil {
			_, _ = db.ExecContext(ctx, "ROLLBACK")
		}
		return "", err
	}
	delivered, err := h.of(release)
	if errors.Is(err, fs.ErrNotExist) {
		return "", never(release)
	}
	if err != nil {
		return "", err
	}
	want, err := declared(ctx, delivered)
	if err != nil {
		return "", err
	}
	if !same(have, want) {
		return "", never(release)
	}
	if release == h.present {
		return "", nil
	}
	return h.upgrade(ctx, db, uri, file, release)
}

func never(release int) error {
	return fault.New(fault.Invalid, "Die Datenbank hat eine Form, die es in keiner Version von Nestfunk gab (Stand %d). Sie wurde von Hand verändert oder von einer unfertigen Version gemacht. Es wurde nichts verändert.", release)
}

// An object is a table, an index, a view or a trigger as the database knows it.
type object struct {
	kind, name, table string
	sql               string // its CREATE statement as it was written
}

// words is the statement without comments and blanks.
func (o object) words() string {
	var all []string
	for line := range strings.Lines(o.sql) {
		line, _, _ = strings.Cut(line, "--")
		all = append(all, strings.Fields(line)...)
	}
	return strings.Join(all, " ")
}

// read lists what a database consists of, but for what SQLite adds by itself.
func read(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) (all []object, err error) {
	rows, err := db.QueryContext(ctx, `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.table, &o.sql); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// declared lists what a schema declares.
func declared(ctx context.Context, schema string) ([]object, error) {
	mem, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer mem.Close()
	mem.SetMaxOpenConns(1)
	if _, err := mem.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("schema.sql: %w", err)
	}
	return read(ctx, mem)
}

// same compares two databases, in whatever order they were made.
func same(a, b []object) bool {
	words := func(all []object) (w []string) {
		for _, o := range all {
			w = append(w, o.words())
		}
		slices.Sort(w)
		return w
	}
	return slices.Equal(words(a), words(b))
}
