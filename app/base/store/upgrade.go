package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
)

// upgrade brings an older file to the present release: all of it, or nothing of it. The file is copied first; the copy lies
// beside it until DropEarlier.
func (h history) upgrade(ctx context.Context, db *sql.DB, uri, file string, release int) (earlier string, err error) {
	earlier = fmt.Sprintf("%s.release-%d", file, release)
	// A copy that was interrupted is none, and must not stand in the way of a whole one.
	if err := errors.Join(gone(earlier+".part"), copyOf(ctx, uri, earlier+".part"), os.Rename(earlier+".part", earlier)); err != nil {
		return "", fault.New(fault.Invalid, "Vor dem Upgrade muss die Datenbank kopiert werden. Das ging nicht, und es wurde nichts verändert: %v", err)
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	u := upgrader{history: h, release: release, conn: c,
		exec: func(ctx context.Context, q string) error { _, err := c.ExecContext(ctx, q); return err }}
	if err := u.run(ctx); err != nil {
		return "", fmt.Errorf("upgrade from release %d, nothing was changed: %w", release, err)
	}
	return earlier, nil
}

func gone(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// An upgrader brings one database from release to release, on one connection that nobody else uses.
type upgrader struct {
	history
	release int // of the database
	conn    *sql.Conn
	exec    func(context.Context, string) error
}

// run follows https://www.sqlite.org/lang_altertable.html (section 7): tables are made anew and filled while foreign keys
// rest, in one transaction, at the end of which none may point to nothing.
func (u *upgrader) run(ctx context.Context) (err error) {
	// Outside a transaction, since they do nothing within one. The second keeps the other tables' references as they are
	// written when a table is renamed.
	if err := errors.Join(u.exec(ctx, `PRAGMA foreign_keys = OFF`), u.exec(ctx, `PRAGMA legacy_alter_table = ON`)); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		err = errors.Join(err, u.exec(ctx, `PRAGMA legacy_alter_table = OFF`), u.exec(ctx, `PRAGMA foreign_keys = ON`))
	}()
	if err := u.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = u.exec(context.WithoutCancel(ctx), `ROLLBACK`) // it may be over already: SQLite ends it after some errors
		}
	}()
	for n := u.release + 1; n <= u.present; n++ {
		if err := u.to(ctx, n); err != nil {
			return fmt.Errorf("to release %d: %w", n, err)
		}
	}
	broken, err := u.list(ctx, `SELECT DISTINCT "table" || ' -> ' || parent FROM pragma_foreign_key_check`)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return fmt.Errorf("rows point to nothing: %s", strings.Join(broken, ", "))
	}
	if err := u.exec(ctx, `PRAGMA user_version = `+strconv.Itoa(u.present)); err != nil {
		return err
	}
	return u.exec(ctx, `COMMIT`)
}

// to brings the database from the release before to release n.
func (u *upgrader) to(ctx context.Context, n int) error {
	schema, err := u.of(n)
	if err != nil {
		return err
	}
	step, err := u.stepTo(n)
	if err != nil {
		return err
	}
	want, err := declared(ctx, schema)
	if err != nil {
		return err
	}
	have, err := read(ctx, u.conn)
	if err != nil {
		return err
	}
	for _, o := range have { // triggers refuse what a step may have to do, and views hinder the renaming of tables
		if o.kind == "trigger" || o.kind == "view" {
			if err := u.exec(ctx, fmt.Sprintf(`DROP %s "%s"`, o.kind, o.name)); err != nil {
				return err
			}
		}
	}
	if strings.TrimSpace(step) != "" {
		if err := u.exec(ctx, step); err != nil {
			return fmt.Errorf("step.sql: %w", err)
		}
	}
	if have, err = read(ctx, u.conn); err != nil {
		return err
	}
	if err := u.reshape(ctx, have, want, drops(step)); err != nil {
		return err
	}
	if have, err = read(ctx, u.conn); err != nil {
		return err
	}
	if !same(have, want) {
		return errors.New("the shape is not the one that was declared")
	}
	return nil
}

// drops lists the columns whose content ends with a step. It names them in lines of their own: "-- drop table.column".
func drops(step string) (columns []string) {
	for _, m := range dropLine.FindAllStringSubmatch(step, -1) {
		columns = append(columns, m[1])
	}
	return columns
}

var dropLine = regexp.MustCompile(`(?m)^-- drop (\w+\.\w+)$`)

// reshape makes what is declared out of what is there. Tables that stay the same are left alone; no table and no column goes
// unless the step has said so.
func (u *upgrader) reshape(ctx context.Context, have, want []object, drop []string) error {
	find := func(all []object, kind, name string) int {
		return slices.IndexFunc(all, func(o object) bool { return o.kind == kind && o.name == name })
	}
	fresh := map[string]bool{} // tables that are made now
	for _, o := range want {
		if o.kind == "table" {
			i := find(have, "table", o.name)
			fresh[o.name] = i < 0 || have[i].words() != o.words()
		}
	}
	for _, o := range have {
		if o.kind != "index" {
			continue
		}
		if i := find(want, "index", o.name); i >= 0 && want[i].words() == o.words() && !fresh[o.table] {
			continue
		}
		if err := u.exec(ctx, fmt.Sprintf(`DROP INDEX "%s"`, o.name)); err != nil {
			return err
		}
	}
	for _, o := range have {
		if o.kind == "table" && find(want, "table", o.name) < 0 {
			return fmt.Errorf("table %s is not declared any more, and no step has dropped it", o.name)
		}
	}
	for _, o := range want {
		if !fresh[o.name] || o.kind != "table" {
			continue
		}
		var err error
		if find(have, "table", o.name) < 0 {
			err = u.exec(ctx, o.sql)
		} else {
			err = u.rebuild(ctx, o, drop)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", o.name, err)
		}
	}
	there, err := read(ctx, u.conn)
	if err != nil {
		return err
	}
	for _, kind := range []string{"index", "view", "trigger"} {
		for _, o := range want {
			if o.kind == kind && find(there, kind, o.name) < 0 {
				if err := u.exec(ctx, o.sql); err != nil {
					return fmt.Errorf("%s %s: %w", kind, o.name, err)
				}
			}
		}
	}
	return nil
}

// rebuild makes a table anew and fills it from the columns of the same name, in the order of its rows.
func (u *upgrader) rebuild(ctx context.Context, o object, drop []string) error {
	const aside = "upgrade_aside"
	if err := u.exec(ctx, fmt.Sprintf(`ALTER TABLE "%s" RENAME TO %s`, o.name, aside)); err != nil {
		return err
	}
	if err := u.exec(ctx, o.sql); err != nil {
		return err
	}
	const columns = `SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid`
	old, err := u.list(ctx, columns, aside)
	if err != nil {
		return err
	}
	now, err := u.list(ctx, columns, o.name)
	if err != nil {
		return err
	}
	var both []string
	for _, c := range old {
		switch {
		case slices.Contains(now, c):
			both = append(both, `"`+c+`"`)
		case !slices.Contains(drop, o.name+"."+c):
			return fmt.Errorf("column %s is not declared any more, and no step drops it", c)
		}
	}
	q := fmt.Sprintf(`INSERT INTO "%s" (%s) SELECT %[2]s FROM %s`, o.name, strings.Join(both, ", "), aside)
	rowids, err := u.list(ctx, `SELECT '' FROM pragma_table_list WHERE name = ? AND wr = 0`, aside)
	if err != nil {
		return err
	}
	if len(rowids) > 0 {
		q += ` ORDER BY rowid`
	}
	if err := u.exec(ctx, q); err != nil {
		return err
	}
	// A number that was given must never be given again, even if its row has gone.
	if strings.Contains(o.words(), " AUTOINCREMENT") {
		counted := fmt.Sprintf(`coalesce((SELECT seq FROM sqlite_sequence WHERE name = '%s'), 0)`, aside)
		err := errors.Join(u.exec(ctx, `DELETE FROM sqlite_sequence WHERE name = '`+o.name+`'`),
			u.exec(ctx, fmt.Sprintf(`INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %s)`, o.name, counted)))
		if err != nil {
			return err
		}
	}
	return u.exec(ctx, `DROP TABLE `+aside)
}

// list is a column of a query as text.
func (u *upgrader) list(ctx context.Context, q string, args ...any) (all []string, err error) {
	rows, err := u.conn.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// DropEarlier removes the copies that upgrades have made before a time: what was deleted in the house must not stay in them
// for longer than in a backup.
func (db *DB) DropEarlier(before time.Time) error {
	files, err := filepath.Glob(escaped.Replace(db.file) + ".release-*")
	if err != nil {
		return err
	}
	for _, f := range files {
		i, err := os.Stat(f)
		if err != nil {
			return err
		}
		if i.ModTime().Before(before) {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// escaped takes a name literally in filepath.Glob.
var escaped = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `*`, `\*`, `?`, `\?`)
