package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"nestfunk/app/base/fault"

	"github.com/klauspost/compress/zstd"
)

// The demonstration as the first release has made it. See doc.go of package app on how a release is frozen.
const firstRelease = "testdata/release-1.db.zst"

// frozen is the house of a release in a folder of its own.
func frozen(t testing.TB) string {
	t.Helper()
	packed, err := os.ReadFile(firstRelease)
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func program(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// content is all that a file holds: the shape, and the rows of each table as text, with the columns given or else all.
func content(t testing.TB, file string, columns map[string][]string) (all map[string][]string, release int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.QueryRow(`PRAGMA user_version`).Scan(&release))
	objects, err := read(t.Context(), db)
	must(err)
	all = map[string][]string{}
	for _, o := range objects {
		all["shape"] = append(all["shape"], o.words())
		if o.kind != "table" {
			continue
		}
		names := columns[o.name]
		if columns != nil && names == nil {
			continue
		}
		if names == nil {
			names = namesOf(t, db, o.name)
		}
		var quoted []string
		for _, n := range names {
			quoted = append(quoted, fmt.Sprintf(`quote("%s")`, n))
		}
		rows, err := db.Query(fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY 1`, strings.Join(quoted, ` || ',' || `), o.name))
		must(err)
		for rows.Next() {
			var s string
			must(rows.Scan(&s))
			all[o.name] = append(all[o.name], s)
		}
		must(rows.Err())
		must(rows.Close())
	}
	slices.Sort(all["shape"])
	return all, release
}

func namesOf(t testing.TB, db *sql.DB, table string) (names []string) {
	t.Helper()
	rows, err := db.Query(`SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		names = append(names, s)
	}
	return names
}

// columnsOf are the columns of each table of a schema.
func columnsOf(t testing.TB, schema string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		t.Fatal(err)
	}
	objects, err := read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, o := range objects {
		if o.kind == "table" {
			all[o.name] = namesOf(t, db, o.name)
		}
	}
	return all
}

func equal(a, b map[string][]string) string {
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			return fmt.Sprintf("%s: %d rows, and %d", name, len(a[name]), len(b[name]))
		}
	}
	return ""
}

// A house of the first release becomes one of this program: each row is there with each column that still exists, the copy
// is the house as it was, and goes when its time has come.
func TestUpgrade(t *testing.T) {
	file := frozen(t)
	schema := program(t)
	old, release := content(t, file, nil)
	if release != 1 {
		t.Fatalf("the house is of release %d", release)
	}
	db, err := Open(t.Context(), file, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	copied, release := content(t, db.Earlier, nil)
	if d := equal(old, copied); d != "" || release != 1 {
		t.Errorf("the copy is of release %d; %s", release, d)
	}
	both, now := map[string][]string{}, columnsOf(t, schema)
	first, err := past(schema).of(1)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for table, columns := range columnsOf(t, first) {
		for _, c := range columns {
			if slices.Contains(now[table], c) {
				both[table] = append(both[table], c)
			}
		}
	}
	was, _ := content(t, db.Earlier, both)
	is, release := content(t, file, both)
	for table := range both {
		rows += len(was[table])
		if !slices.Equal(was[table], is[table]) {
			t.Errorf("%s has other rows now", table)
		}
	}
	if release != Release || rows < 10_000 {
		t.Errorf("release %d, %d rows", release, rows)
	}
	made, err := os.Stat(db.Earlier)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.DropEarlier(made.ModTime()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(db.Earlier); err != nil {
		t.Errorf("the copy went too early: %v", err)
	}
	if err := db.DropEarlier(made.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(db.Earlier); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
	again, err := Open(t.Context(), file, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Earlier != "" {
		t.Error("the second start upgrades again")
	}
}

// What is new in a table can be filled in for each row that is there, in a house that has other rows than the demonstration.
func TestUpgradeFillsColumns(t *testing.T) {
	schema := program(t)
	h := past(schema)
	for n := 2; n <= h.present; n++ {
		before, err := h.of(n - 1)
		if err != nil {
			t.Fatal(err)
		}
		after, err := h.of(n)
		if err != nil {
			t.Fatal(err)
		}
		step, err := h.stepTo(n)
		if err != nil {
			t.Fatal(err)
		}
		was := columnsOf(t, before)
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if _, err := db.Exec(after); err != nil {
			t.Fatal(err)
		}
		for table := range was {
			rows, err := db.Query(`SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 AND "notnull" AND dflt_value IS NULL AND NOT pk`, table)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(was[table], name) && !strings.Contains(step, name) {
					t.Errorf("release %d: %s.%s is NOT NULL without a default, and release/%[1]d/step.sql does not fill it", n, table, name)
				}
			}
		}
	}
}

// watched upgrades a house of the first release and has each statement seen before it runs; an error ends the upgrade.
func watched(t *testing.T, file, schema string, see func(n int) error) (statements int, err error) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+pragmas)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	u := upgrader{history: past(schema), release: 1, conn: c, exec: func(ctx context.Context, q string) error {
		statements++
		if err := see(statements); err != nil {
			return err
		}
		_, err := c.ExecContext(ctx, q)
		return err
	}}
	return statements, u.run(t.Context())
}

// What lies on the disk before each statement is the old house, and after the last one the new: whenever the machine stops,
// nothing is in between.
func TestUpgradeAtEachStatement(t *testing.T) {
	file, schema := frozen(t), program(t)
	was, _ := content(t, file, map[string][]string{"person": {"id", "name"}})
	stopped := filepath.Join(t.TempDir(), "db")
	old := 0
	statements, err := watched(t, file, schema, func(n int) error {
		for _, end := range []string{"", "-wal"} { // as after a power cut: the log is all that a start has
			b, err := os.ReadFile(file + end)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			if err := os.WriteFile(stopped+end, b, 0o600); err != nil {
				return err
			}
		}
		is, release := content(t, stopped, map[string][]string{"person": {"id", "name"}})
		if err := gone(stopped + "-shm"); err != nil {
			return err
		}
		if release == 1 {
			if old++; equal(was, is) != "" {
				t.Errorf("before statement %d: %s", n, equal(was, is))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if statements < 100 || old < statements-2 || old == statements { // the last two put the connection back
		t.Errorf("%d of %d statements found the old house", old, statements)
	}
}

// An upgrade that fails leaves the house as it was, and the next one brings it over.
func TestUpgradeAllOrNothing(t *testing.T) {
	file, schema := frozen(t), program(t)
	was, _ := content(t, file, nil)
	broken := errors.New("broken")
	for at := 1; ; at += 60 {
		_, err := watched(t, file, schema, func(n int) error {
			if n == at {
				return broken
			}
			return nil
		})
		if err == nil {
			break
		}
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if is, release := content(t, file, nil); release != 1 || equal(was, is) != "" {
			t.Fatalf("failed at statement %d: release %d, %s", at, release, equal(was, is))
		}
	}
	if _, release := content(t, file, map[string][]string{}); release != Release {
		t.Errorf("release %d", release)
	}
}

// killedUpgrade is what the child process of TestUpgradeKill does; planted has it forget the transaction.
const killedUpgrade, planted = "NESTFUNK_UPGRADE", "NESTFUNK_UPGRADE_PLANTED"

// The process is killed while it brings a house over: then it is the old house or the new one. The harness is shown an
// upgrade without a transaction, and has to notice it.
func TestUpgradeKill(t *testing.T) {
	schema := program(t)
	if file := os.Getenv(killedUpgrade); file != "" {
		upgradeToBeKilled(t, file, schema)
		return
	}
	model, err := os.ReadFile(frozen(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "db")
	fresh := func() {
		t.Helper()
		for _, end := range []string{"-wal", "-shm"} {
			if err := gone(file + end); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(file, model, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fresh()
	old, _ := content(t, file, nil)
	run := func(life time.Duration, env ...string) (took time.Duration) {
		t.Helper()
		c := exec.Command(os.Args[0], "-test.run", "^TestUpgradeKill$")
		c.Env = append(append(os.Environ(), killedUpgrade+"="+file), env...)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		ready, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer ready.Close()
		begin := time.Now()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if life > 0 {
			timer := time.AfterFunc(life, func() { _ = c.Process.Kill() })
			defer timer.Stop()
		}
		if err := c.Wait(); err != nil && life == 0 {
			t.Fatalf("%v: %s", err, out.String())
		}
		return time.Since(begin)
	}
	between := func() string {
		t.Helper()
		is, release := content(t, file, nil)
		if release == 1 {
			return equal(old, is)
		}
		want, err := declared(t.Context(), schema)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != len(is["shape"]) || len(is["person"]) != len(old["person"]) {
			return "it calls itself new, and is not"
		}
		return ""
	}
	whole := run(0)
	trials := few(8)
	if testing.Short() {
		trials = 3
	}
	chance := rand.New(rand.NewPCG(7, 0))
	for i := range trials {
		fresh()
		run(time.Duration(float64(whole) * (0.1 + 0.9*chance.Float64())))
		if d := between(); d != "" {
			t.Fatalf("trial %d: neither the old house nor the new one: %s", i, d)
		}
		db, err := Open(t.Context(), file, schema)
		if err != nil {
			t.Fatalf("trial %d: the next start: %v", i, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; ; i++ {
		fresh()
		run(time.Duration(float64(whole)*(0.3+0.7*chance.Float64())), planted+"=1")
		if between() != "" {
			break
		}
		if i == 40 {
			t.Fatal("an upgrade without a transaction is not noticed")
		}
	}
}

func upgradeToBeKilled(t *testing.T, file, schema string) {
	if os.Getenv(planted) == "" {
		db, err := Open(t.Context(), file, schema)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	db, err := sql.Open("sqlite", "file:"+file+pragmas)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u := upgrader{history: past(schema), release: 1, conn: c, exec: func(ctx context.Context, q string) error {
		if q == `BEGIN IMMEDIATE` || q == `COMMIT` {
			return nil
		}
		_, err := c.ExecContext(ctx, q)
		return err
	}}
	if err := u.run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A step says what a copy of equal columns cannot, and what shall go; what it forgets is refused. Each begins at exactly
// the shape of the release before.
func TestSteps(t *testing.T) {
	const one = `CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, colour TEXT) STRICT;
		CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id), no INTEGER NOT NULL, PRIMARY KEY (thing, no)) STRICT, WITHOUT ROWID;
		CREATE TABLE waste (id INTEGER PRIMARY KEY) STRICT;
		CREATE VIEW named AS SELECT name FROM thing;
		CREATE TRIGGER fixed BEFORE UPDATE ON thing BEGIN SELECT raise(ABORT, 'fixed'); END;`
	const two = `CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL CHECK (title <> ''), colour TEXT, size INTEGER NOT NULL DEFAULT 3) STRICT;
		CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id), no INTEGER NOT NULL, PRIMARY KEY (thing, no)) STRICT, WITHOUT ROWID;
		CREATE VIEW named AS SELECT title FROM thing;
		CREATE TRIGGER fixed BEFORE UPDATE ON thing BEGIN SELECT raise(ABORT, 'fixed'); END;`
	const three = `CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL CHECK (title <> ''), size TEXT NOT NULL) STRICT;
		CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id), no INTEGER NOT NULL, PRIMARY KEY (thing, no)) STRICT, WITHOUT ROWID;
		CREATE INDEX thing_by_title ON thing (title);`
	const toTwo = "ALTER TABLE thing RENAME COLUMN name TO title;\nUPDATE thing SET title = 'ohne' WHERE title = '';\nDROP TABLE waste;"
	const toThree = "-- drop thing.colour\n"
	const rows = `INSERT INTO thing VALUES (1, 'Ball', 'rot'), (2, '', 'blau'), (7, 'weg', NULL); INSERT INTO part VALUES (2, 1), (2, 2), (1, 1); DELETE FROM thing WHERE id = 7;`
	for name, c := range map[string]struct {
		two, three string
		want       string // "": the rows; else the reason
	}{
		"as it should be":            {toTwo, toThree, ""},
		"a column is forgotten":      {toTwo, "", "column colour is not declared any more"},
		"a table is forgotten":       {strings.ReplaceAll(toTwo, "DROP TABLE waste;", ""), toThree, "table waste is not declared any more"},
		"a value is not allowed":     {strings.ReplaceAll(toTwo, "UPDATE", "SELECT 1; -- UPDATE"), toThree, "CHECK constraint failed"},
		"a step that is no SQL":      {"Huhu;", toThree, "step.sql"},
		"a row is left without root": {toTwo + "DELETE FROM thing WHERE id = 2;", toThree, "part -> thing"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"release/1/schema.sql": {Data: []byte(one)}, "release/2/schema.sql": {Data: []byte(two)},
				"release/2/step.sql": {Data: []byte(c.two)}, "release/3/step.sql": {Data: []byte(c.three)}}
			file := filepath.Join(t.TempDir(), "db")
			db, err := sql.Open("sqlite", "file:"+file+pragmas)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(one + rows + `PRAGMA user_version = 1;`); err != nil {
				t.Fatal(err)
			}
			before, _ := content(t, file, nil)
			_, err = history{files, 3, three}.open(t.Context(), db, "file:"+file+pragmas, file)
			after, release := content(t, file, nil)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				if release != 1 || equal(before, after) != "" {
					t.Errorf("release %d; %s", release, equal(before, after))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"1,'Ball','3'", "2,'ohne','3'"}; release != 3 || !slices.Equal(after["thing"], want) || len(after["part"]) != 3 {
				t.Errorf("release %d: %q, %q", release, after["thing"], after["part"])
			}
			res, err := db.Exec(`INSERT INTO thing (title, size) VALUES ('neu', '1')`)
			if err != nil {
				t.Fatal(err)
			}
			if id, _ := res.LastInsertId(); id != 8 {
				t.Errorf("the next number is %d; 7 had been given", id)
			}
			if _, err := db.Exec(`INSERT INTO part VALUES (99, 1)`); err == nil {
				t.Error("foreign keys rest after the upgrade")
			}
		})
	}
}

// What is no house of a release is refused in a sentence, and left as it is.
func TestOpenRefuses(t *testing.T) {
	schema := program(t)
	for name, c := range map[string]struct {
		change string
		want   string
	}{
		"newer":                  {`PRAGMA user_version = 99`, "neueren Version"},
		"changed by hand":        {`CREATE TABLE extra (id INTEGER PRIMARY KEY)`, "von Hand verändert"},
		"older, changed by hand": {`DROP INDEX unit_by_parent`, "von Hand verändert"},
		"before the first":       {`PRAGMA user_version = 0`, "von Hand verändert"},
		"another program's":      {`PRAGMA user_version = -3`, "von Hand verändert"},
	} {
		t.Run(name, func(t *testing.T) {
			file := frozen(t)
			db, err := sql.Open("sqlite", "file:"+file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(c.change); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			before, release := content(t, file, nil)
			opened, err := Open(t.Context(), file, schema)
			if err == nil {
				opened.Close()
				t.Fatal("it was opened")
			}
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			after, now := content(t, file, nil)
			if d := equal(before, after); d != "" || now != release {
				t.Errorf("release %d, was %d; %s", now, release, d)
			}
			if copies, _ := filepath.Glob(file + ".release-*"); len(copies) > 0 {
				t.Errorf("left behind: %q", copies)
			}
		})
	}
	t.Run("no copy", func(t *testing.T) {
		file := frozen(t)
		if err := os.MkdirAll(file+".release-1.part/x", 0o700); err != nil { // stands in the way
			t.Fatal(err)
		}
		if db, err := Open(t.Context(), file, schema); err == nil {
			db.Close()
			t.Error("upgraded without a copy")
		}
		if _, release := content(t, file, nil); release != 1 {
			t.Errorf("release %d", release)
		}
	})
}
