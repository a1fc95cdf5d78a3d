package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"
)

// copyPages are copied at a time; between two such steps whoever waits may end the copy.
const copyPages = 2000

// Copy writes one consistent state of the database into a new file while others go on reading and writing, with SQLite's
// backup API, and looks whether the copy is whole.
func (db *DB) Copy(ctx context.Context, file string) (err error) {
	return copyOf(ctx, db.uri, file) // with a connection of its own: readers are there for those who wait
}

func copyOf(ctx context.Context, uri, file string) (err error) {
	pool, err := sql.Open("sqlite", uri+"&_pragma=query_only(ON)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	c, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	// One transaction around all steps: else each write of others would have the copy begin again.
	if _, err := c.ExecContext(ctx, `BEGIN`); err != nil {
		return err
	}
	defer func() { _, e := c.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`); err = errors.Join(err, e) }()
	if err := c.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(new(int)); err != nil {
		return err
	}
	err = c.Raw(func(raw any) error {
		b, err := raw.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		}).NewBackup(file)
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(copyPages)
			}
		}
		return errors.Join(err, b.Finish())
	})
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return Check(ctx, file)
}

// Check looks whether a file that nobody has open is a whole database. It finds what is broken in its build, not a letter
// that has become another: whoever needs that compares checksums.
func Check(ctx context.Context, file string) (err error) {
	db, err := quiet(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var says string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&says); err != nil {
		return fmt.Errorf("check %s: %w", file, err)
	}
	if says != "ok" {
		return fmt.Errorf("check %s: %s", file, says)
	}
	return nil
}

// quiet opens a file that nobody writes, and leaves nothing beside it.
func quiet(file string) (*sql.DB, error) {
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: "mode=ro&immutable=1"}).String())
}

// Blobs reads a column of blobs of a table from a file that nobody has open, each once.
func Blobs(ctx context.Context, file, table, column string) (all [][]byte, err error) {
	db, err := quiet(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT DISTINCT "`+column+`" FROM "`+table+`" ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}
