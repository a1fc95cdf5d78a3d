package announcement
import ("testing";"context";"syscall";"time";"database/sql";"fmt";"os";"nestfunk/app/apptest"; _ "modernc.org/sqlite")
func cpuNow() time.Duration { var u syscall.Rusage; syscall.Getrusage(syscall.RUSAGE_SELF,&u); return time.Duration(u.Utime.Nano()+u.Stime.Nano()) }
func TestZZ(t *testing.T) {
	if os.Getenv("ZZ")=="" { t.Skip() }
	file := apptest.Town(t, apptest.Full)
	db, _ := sql.Open("sqlite","file:"+file+"?_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)"); db.SetMaxOpenConns(1)
	db.Exec("CREATE INDEX guardian_by_child ON guardian (child, state, informed, person)")
	now := apptest.Start.Unix()
	_ = context.Background
	run := func(name, q string, args ...any) {
		r, err := db.Query("EXPLAIN QUERY PLAN "+q, args...)
		if err != nil { t.Fatal(name, err) }
		for r.Next() { var a,b,c int; var s string; r.Scan(&a,&b,&c,&s); fmt.Println("   ", s) }
		r.Close()
		for range 3 {
		c := cpuNow(); w := time.Now()
		r, err := db.Query(q, args...); if err != nil { t.Fatal(err) }
		n := 0; var last []any
		for r.Next() { n++; if n==1 { cols,_ := r.Columns(); last = make([]any,len(cols)); p := make([]any,len(cols)); for i := range p { p[i]=&last[i] }; r.Scan(p...)} }
		if r.Err()!=nil { t.Fatal(r.Err()) }
		fmt.Println(name, "rows", n, "cpu", cpuNow()-c, "wall", time.Since(w), last)
		}
	}
	mine := `mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4)`
	for _, c := range []struct{n string; id, v int64}{{"city", apptest.Full.Told(), apptest.Full.Clerk()},{"head", apptest.Full.Closed(), apptest.Full.Head(0)},{"head of city", apptest.Full.Told(), apptest.Full.Head(0)}} {
	args := []any{c.id, c.v, 60, now}
	run(c.n+" group by child", `WITH `+mine+`,
		one AS (
			SELECT a.unit, max(r.person IS NOT NULL) OR EXISTS (SELECT 1 FROM announcement_call k WHERE k.announcement = ?1 AND k.child = a.child AND k.reached = 1) AS reached, max(coalesce(d.state IN ('handed', 'delivered'), 0)) AS delivered,
				max(coalesce(d.state = 'waiting', 0)) AS waiting, max(g.person IS NOT NULL) AS somebody
			FROM announcement_asked a
			LEFT JOIN guardian g ON g.child = a.child AND g.informed = 1 AND g.state = 'confirmed'
			LEFT JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = g.person
			LEFT JOIN announcement_delivery d ON d.announcement = ?1 AND d.person = g.person AND r.person IS NULL
			WHERE a.announcement = ?1 AND a.gone IS NULL AND a.unit IN (SELECT unit FROM mine)
			GROUP BY a.child)
		SELECT unit, count(*), sum(reached), sum(NOT reached AND delivered), sum(NOT reached AND NOT delivered AND NOT waiting AND somebody),
			sum(NOT reached AND NOT delivered AND waiting), sum(NOT reached AND NOT somebody) FROM one GROUP BY unit`, args...)
	run(c.n+" exists", `WITH `+mine+`
		SELECT a.unit, CASE WHEN EXISTS (SELECT 1 FROM guardian g CROSS JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = g.person WHERE g.child = a.child AND g.state = 'confirmed' AND g.informed = 1) THEN 1
			WHEN EXISTS (SELECT 1 FROM announcement_call k WHERE k.announcement = ?1 AND k.child = a.child AND k.reached = 1) THEN 1
			ELSE (SELECT coalesce(min(CASE d.state WHEN 'handed' THEN 2 WHEN 'delivered' THEN 2 WHEN 'waiting' THEN 3 ELSE 4 END), 5) FROM guardian g LEFT JOIN announcement_delivery d ON d.announcement = ?1 AND d.person = g.person WHERE g.child = a.child AND g.state = 'confirmed' AND g.informed = 1) END AS state, count(*)
		FROM announcement_asked a WHERE a.announcement = ?1 AND a.gone IS NULL AND a.unit IN (SELECT unit FROM mine) GROUP BY 1, 2`, args...)
	run(c.n+" unmaterialized scan only", `WITH `+mine+` SELECT count(*) FROM announcement_asked a WHERE a.announcement = ?1 AND a.gone IS NULL AND a.unit IN (SELECT unit FROM mine)`, args...)
	run(c.n+" receipts first", `WITH `+mine+`, hit AS MATERIALIZED (SELECT DISTINCT g.child FROM announcement_receipt r CROSS JOIN guardian g ON g.person = r.person WHERE r.announcement = ?1 AND g.state = 'confirmed' AND g.informed = 1)
		SELECT a.unit, a.child IN hit, count(*) FROM announcement_asked a WHERE a.announcement = ?1 AND a.gone IS NULL AND a.unit IN (SELECT unit FROM mine) GROUP BY 1,2`, args...)
	}
}
