package app

import (
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

func TestSQL(t *testing.T) {
	wrong, n := statements(code(), apptest.Schema())
	tell(t, wrong)
	if n < 100 {
		t.Errorf("only %d statements were found", n)
	}
	t.Logf("%d statements", n)
}

// statements checks that every statement is one literal, that schema.sql can run it, and that it changes only tables
// of its own package's section. What it changes is asked of SQLite itself.
func statements(tree []source, schema string) (wrong []string, n int) {
	db, err := sql.Open("sqlite", "file::memory:?_dqs=0")
	if err != nil {
		return []string{err.Error()}, 0
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		return []string{"schema.sql: " + err.Error()}, 0
	}
	owner := sections(schema)
	for _, s := range tree {
		if s.test || s.dir == "app/base/store" {
			continue
		}
		ast.Inspect(s.syntax, func(x ast.Node) bool {
			call, ok := x.(*ast.CallExpr)
			if !ok {
				return true
			}
			arg := 2
			switch f := callee(call.Fun); {
			case f == "store.All" || f == "store.One":
			case strings.HasSuffix(f, ".Exec"):
				arg = 0
			default:
				return true
			}
			at := s.at(call)
			if len(call.Args) <= arg {
				wrong = append(wrong, at+": where is the SQL?")
				return true
			}
			query, ok := literal(call.Args[arg])
			if !ok {
				wrong = append(wrong, at+": the SQL is not one literal")
				return true
			}
			n++
			tables, err := written(db, query)
			if err == nil && workedOut(db, query) {
				err = errors.New("works out who holds what for everybody in the house: ask for a person or a unit")
			}
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s: %v", at, err))
			}
			for _, table := range tables {
				if table != "sqlite_sequence" && "app/"+owner[table] != s.dir { // SQLite counts there what AUTOINCREMENT has given out
					wrong = append(wrong, fmt.Sprintf("%s: changes %s, which belongs to %s", at, table, owner[table]))
				}
			}
			return true
		})
	}
	return wrong, n
}

// workedOut reports whether a statement works out the view holding for everybody. In a city that takes a third of a second,
// and nothing in the small town of a test.
func workedOut(db *sql.DB, query string) (all bool) {
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, 40)...)
	if err != nil {
		return false // told by written
	}
	defer rows.Close()
	within := map[int]string{} // the view that a step is a part of, by the step's number
	for rows.Next() {
		var id, above, unused int
		var step string
		if rows.Scan(&id, &above, &unused, &step) != nil {
			return false
		}
		within[id] = within[above]
		for _, begin := range []string{"CO-ROUTINE ", "MATERIALIZE "} {
			if view, ok := strings.CutPrefix(step, begin); ok {
				within[id] = view
			}
		}
		all = all || within[id] == "holding" && slices.Contains([]string{"SCAN m", "SCAN g", "SCAN s"}, step) // as the view calls its tables
	}
	return all
}

// written are the tables that a statement opens for writing.
func written(db *sql.DB, query string) (tables []string, err error) {
	args := make([]any, 40) // more than any statement has
	rows, err := db.Query("EXPLAIN "+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	roots := []int{}
	for rows.Next() {
		var addr, p1, p2, p3, p5 int
		var op string
		var p4, comment any
		if err := rows.Scan(&addr, &op, &p1, &p2, &p3, &p4, &p5, &comment); err != nil {
			return nil, err
		}
		switch {
		case op == "OpenWrite" && p3 == 0:
			roots = append(roots, p2)
		case op == "Clear" && p2 == 0:
			roots = append(roots, p1)
		case slices.Contains([]string{"ParseSchema", "CreateBtree", "Destroy", "DropTable"}, op):
			return nil, fmt.Errorf("changes the schema: %s", query)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, r := range roots {
		var table string
		if err := db.QueryRow(`SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?`, r).Scan(&table); err != nil {
			return nil, err
		}
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	return tables, rows.Close()
}

var (
	heading = regexp.MustCompile(`^-- ((?:base|feature)/\w+) -+$`)
	creates = regexp.MustCompile(`^CREATE TABLE (\w+)`)
)

// sections are the owners of the tables: the headings of schema.sql.
func sections(schema string) map[string]string {
	owner, section := map[string]string{}, "nobody"
	for line := range strings.SplitSeq(schema, "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
		}
		if m := creates.FindStringSubmatch(line); m != nil {
			owner[m[1]] = section
		}
	}
	return owner
}

// TestFolderName: the name of a data folder may hold what means something in the address of a file.
func TestFolderName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Kita #1 50%20 ?", "nestfunk.db")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), file, apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(file); err != nil || i.Size() == 0 {
		t.Errorf("the database is somewhere else: %v", err)
	}
}

func TestSQLRulesBite(t *testing.T) {
	const schema = `
-- base/org ----
CREATE TABLE unit (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX unit_by_name ON unit (name);
-- feature/wiki ----
CREATE TABLE wiki_page (id INTEGER PRIMARY KEY, unit INTEGER NOT NULL);
CREATE TABLE wiki_word (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE membership (person INTEGER, unit INTEGER);
CREATE INDEX membership_by_unit ON membership (unit);
CREATE INDEX wiki_page_by_unit ON wiki_page (unit);
CREATE VIEW holding (person, unit) AS SELECT m.person, m.unit FROM membership m UNION ALL SELECT g.id, g.unit FROM wiki_page g;
`
	for _, c := range []struct{ name, body, want string }{
		{"read", "store.All(tx, f, `SELECT id FROM wiki_page WHERE unit = ?`, 1)", ""},
		{"join", "store.One(tx, f, `SELECT u.name FROM wiki_page p JOIN unit u ON u.id = p.unit`)", ""},
		{"own", "tx.Exec(`UPDATE wiki_page SET unit = ?1 WHERE id = ?2`)", ""},
		{"two literals", "tx.Exec(`SELECT id `+`FROM wiki_page`)", "not one literal"},
		{"variable", "tx.Exec(q)", "not one literal"},
		{"instance", "store.All[int](tx, f, q)", "not one literal"},
		{"no such column", "store.One(tx, f, `SELECT nam FROM unit`)", "no such column"},
		{"no such table", "tx.Exec(`DELETE FROM units`)", "no such table"},
		{"a string in double quotes", "tx.Exec(`SELECT \"x\" FROM unit`)", "no such column"},
		{"foreign update", "tx.Exec(`UPDATE unit SET name = ''`)", "changes unit, which belongs to base/org"},
		{"foreign insert", "store.One(tx, f, `INSERT INTO unit (name) VALUES (?) RETURNING id`)", "changes unit"},
		{"foreign delete", "tx.Exec(`DELETE FROM unit`)", "changes unit"},
		{"behind a WITH", "tx.Exec(`WITH x AS (SELECT 1) INSERT INTO unit (name) SELECT 'a' FROM x`)", "changes unit"},
		{"without rowid", "tx.Exec(`DELETE FROM wiki_word`)", ""},
		{"of one unit", "store.One(tx, f, `SELECT count(*) FROM holding WHERE unit = ?`)", ""},
		{"of everybody", "store.One(tx, f, `SELECT count(*) FROM unit u JOIN holding h ON h.unit = u.id WHERE u.name = ?`)", "for everybody"},
		{"schema", "tx.Exec(`DROP TABLE wiki_word`)", "changes the schema"},
	} {
		wrong, _ := statements(parseOne("app/feature/wiki/x.go", "package wiki\nfunc f() {"+c.body+"}"), schema)
		bites(t, c.name, wrong, c.want)
	}
}
