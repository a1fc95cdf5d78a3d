// Package store keeps the database: one SQLite file, many readers, one writer.
//
// It knows no table. Each package writes its own SQL, as one literal per
// statement, so that a test can prepare every statement against schema.sql.
// It owns modernc.org/sqlite.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"nestfunk/app/base/fault"

	"modernc.org/sqlite"
)

// Forever is the open end of a term.
const Forever int64 = 1<<63 - 1

const pragmas = "?_pragma=busy_timeout(5000)" + // first: the next one may have to wait
	"&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)" + // NORMAL lost acknowledged writes in simulated power cuts
	"&_pragma=foreign_keys(ON)" +
	"&_pragma=secure_delete(ON)" + // what is deleted is overwritten: it must not be found in the file afterwards
	"&_pragma=temp_store(MEMORY)" +
	"&_pragma=mmap_size(0)" +
	"&_dqs=0"

// A DB is an open database of the declared shape.
type DB struct {
	Earlier         string // copy of the file as it was before Open brought it to the declared shape; "": it had it already
	file, uri       string // uri:, with what holds for each connection
	readers, writer *sql.DB
	idle            chan *conn // of readers
	jobs            chan *job
	stopped         chan struct{}
	changes         atomic.Int64
	tables          tables
	trust           trust
	sums            *sums // of the writer; nil: there are none
	damage          damage
}

// Open opens the file and creates it if need be. A file that an older release has made is brought to the declared shape,
// after a copy of it; one that a newer release has made is refused, as is one of a shape that was never released.
func Open(ctx context.Context, file, schema string) (*DB, error) {
	return open(ctx, file, schema, pragmas)
}

// OpenLoose is Open for a demonstration: a power cut may take its last changes, and it is filled in half the time.
func OpenLoose(ctx context.Context, file, schema string) (*DB, error) {
	return open(ctx, file, schema, strings.Replace(pragmas, "synchronous(FULL)", "synchronous(NORMAL)", 1))
}

func open(ctx context.Context, file, schema, pragmas string) (*DB, error) {
	sqlite.OFDLocking(true) // closing another handle of the file must not strip our locks
	damaged, err := inspect(file)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	uri := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(file) + pragmas
	w, err := sql.Open("sqlite", uri+"&_pragma=cache_size(-64000)&_pragma=journal_size_limit(67108864)&_pragma=wal_autocheckpoint(0)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	earlier, err := past(schema).open(ctx, w, uri, file)
	if err != nil {
		return nil, errors.Join(unopened(file, err), w.Close())
	}
	r, err := sql.Open("sqlite", uri+"&_pragma=cache_size(-16000)&_pragma=query_only(ON)")
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	n := max(4, 2*runtime.NumCPU())
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	db := &DB{Earlier: earlier, file: file, uri: uri, readers: r, writer: w, idle: make(chan *conn, n), jobs: make(chan *job, 512), stopped: make(chan struct{}),
		trust: trust{lost: make(chan struct{})}, damage: damage{words: damaged}}
	if err := db.settle(ctx, file); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), r.Close(), w.Close())
	}
	for range n {
		c, err := connect(ctx, r)
		if err != nil {
			return nil, errors.Join(err, r.Close(), w.Close())
		}
		db.idle <- c
	}
	c, err := connect(ctx, w)
	if err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	go db.write(c)
	return db, nil
}

// unopened tells a person that a file is no database, where that is the reason why it does not open.
func unopened(file string, err error) error {
	why := ""
	switch s := err.Error(); {
	case fault.KindOf(err) != fault.Internal:
	case strings.Contains(s, "file is not a database"), strings.Contains(s, "disk image is malformed"):
		why = "ist keine Datenbank oder beschädigt. Bitte holen Sie mit nestfunk restore die letzte Sicherung in einen neuen Ordner."
	case strings.Contains(s, "unable to open database file"):
		why = "lässt sich nicht öffnen. Bitte sehen Sie nach, ob dort eine Datei liegt und wem sie gehört."
	}
	if why != "" {
		return fmt.Errorf("%w (%w)", fault.New(fault.Invalid, "%s %s", file, why), err)
	}
	return fmt.Errorf("open %s: %w", file, err)
}

// Close waits for the writes that were queued. No Write may follow.
func (db *DB) Close() error {
	close(db.jobs)
	<-db.stopped
	var errs []error
	for range cap(db.idle) {
		errs = append(errs, (<-db.idle).close())
	}
	return errors.Join(append(errs, db.readers.Close(), db.close())...)
}

// Changes counts the rows that Write has changed since Open.
func (db *DB) Changes() int64 { return db.changes.Load() }

// conn is a connection with its prepared statements.
type conn struct {
	c     *sql.Conn
	stmts map[string]stmt
}

type stmt struct {
	*sql.Stmt
	table string // that it changes; "": none
}

func connect(ctx context.Context, pool *sql.DB) (*conn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c, map[string]stmt{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

func (c *conn) prepare(query string) (stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	p, err := c.c.PrepareContext(context.Background(), query)
	s := stmt{p, written(query)}
	if err == nil {
		c.stmts[query] = s
	}
	return s, err
}

func (c *conn) exec(query string) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	_, err = s.Exec()
	return err
}

// A Tx is one transaction. It is valid only inside the function it was given to.
type Tx struct {
	c       *conn
	ctx     context.Context // of whoever asked
	after   []func()
	n       int64    // rows changed
	changed []string // tables changed
	dead    error    // why SQLite has given up the transaction
	began   int64    // groups committed before it began; only of a Read
}

// Context carries what is known of the request behind the transaction, such as who.Address. It ends nothing: once begun, a
// transaction comes to its end.
func (tx *Tx) Context() context.Context { return tx.ctx }

// After has f run once the transaction is durable, and never if it is not.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// on prepares a statement and notes what it changes.
func (tx *Tx) on(query string) (stmt, error) {
	if tx.dead != nil { // whatever ran now would be a transaction of its own
		return stmt{}, tx.dead
	}
	s, err := tx.c.prepare(query)
	if err == nil && s.table != "" && !slices.Contains(tx.changed, s.table) {
		tx.changed = append(tx.changed, s.table)
	}
	return s, err
}

// Read runs f on one consistent state of the database.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	var c *conn
	select {
	case c = <-db.idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.idle <- c }()
	began := db.tables.now()
	if err := c.exec(`BEGIN`); err != nil {
		return err
	}
	defer c.exec(`ROLLBACK`) // it has changed nothing
	return f(&Tx{c: c, ctx: context.WithoutCancel(ctx), began: began})
}

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	s, err := tx.on(query)
	if err != nil {
		return 0, err
	}
	res, err := s.Exec(args...)
	if err != nil {
		return 0, tx.heed(err)
	}
	n, err := res.RowsAffected()
	tx.n += n
	return n, err
}

// All returns the rows of a query; fields names a row's places in the order
// of the columns.
func All[T any](tx *Tx, fields func(*T) []any, query string, args ...any) ([]T, error) {
	s, err := tx.on(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return nil, tx.heed(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var t T
		if err := rows.Scan(fields(&t)...); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, tx.heed(rows.Err())
}

// One is All for exactly one row; without a row it returns a NotFound fault.
func One[T any](tx *Tx, fields func(*T) []any, query string, args ...any) (T, error) {
	var t T
	s, err := tx.on(query)
	if err != nil {
		return t, err
	}
	err = s.QueryRow(args...).Scan(fields(&t)...)
	if errors.Is(err, sql.ErrNoRows) {
		return t, fault.Gone()
	}
	return t, tx.heed(err)
}

// Value is the fields function of a single column.
func Value[T any](v *T) []any { return []any{v} }
