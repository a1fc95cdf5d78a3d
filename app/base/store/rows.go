package store

import "strings"

// Rows counts the rows of every table. It reads them all, so it is for what happens rarely.
func Rows(tx *Tx) (map[string]int, error) {
	names, err := All(tx, Value[string], `
		SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	all := map[string]int{}
	for _, name := range names {
		if all[name], err = One(tx, Value[int], `SELECT count(*) FROM `+name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Referring counts, by table, the rows that refer to any of some rows of other tables, as schema.sql declares it: to holds
// their ids by the name of their table. Tables without such a row are left out.
func Referring(tx *Tx, to map[string][]int64) (map[string]int, error) {
	columns, err := All(tx, func(c *[3]string) []any { return []any{&c[0], &c[1], &c[2]} }, `
		SELECT t.name, k."from", k."table" FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) k WHERE t.schema = 'main' ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	where, args := map[string][]string{}, map[string][]any{}
	for _, c := range columns {
		if ids := to[c[2]]; len(ids) > 0 {
			where[c[0]] = append(where[c[0]], c[1]+" IN (SELECT value FROM json_each(?))")
			args[c[0]] = append(args[c[0]], List(ids))
		}
	}
	all := map[string]int{}
	for table, conditions := range where {
		n, err := One(tx, Value[int], `SELECT count(*) FROM `+table+` WHERE `+strings.Join(conditions, " OR "), args[table]...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all[table] = n
		}
	}
	return all, nil
}
