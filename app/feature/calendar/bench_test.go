package calendar

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// city is the town of the benchmarks, with dates: forty in each facility, one of them a weekly series of a year, and a
// parent of three.
func city(b *testing.B) (w *town, parent int64) {
	b.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	h := apptest.InTown(b, apptest.Full)
	w = &town{h: h, t: b}
	dates := func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
		return w.f.Dates(tx, v, from, to)
	}
	w.f = New(h.House, dates, func(*store.Tx, time.Time, int64, string, int64) error { return nil })
	w.Site = h.Serve(b, w.f)
	w.write(func(tx *store.Tx) error {
		now := h.Now().Unix()
		for _, q := range []string{`
			WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
			INSERT INTO calendar_date (uid, unit, title, place, link, body, all_day, rule, roles, public, answers, guests, closes, remind, created, changed)
			SELECT 'd' || u.id || '-' || i, u.id, 'Termin ' || i, 'Turnhalle', '', 'Bitte bringen Sie einen Becher mit.', 0, iif(i = 0, 'FREQ=WEEKLY;UNTIL=20270301', ''), 64, 0, 0, 1, 0, 0, ?1, ?1
			FROM unit u, n WHERE u.kind = 'facility'`,
			`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 51)
			INSERT INTO calendar_instance (date, slot, starts, ends)
			SELECT c.id, i, ?1 + (i + c.id % 40 * 9) * 86400, ?1 + (i + c.id % 40 * 9) * 86400 + 3600 FROM calendar_date c, n WHERE i = 0 OR c.rule <> ''`,
			`INSERT INTO calendar_audience (unit, until, date, since, roles)
			SELECT c.unit, max(i.ends), c.id, min(i.starts), 64 FROM calendar_date c JOIN calendar_instance i ON i.date = c.id WHERE ?1 > 0 GROUP BY c.id`} {
			if _, err := tx.Exec(q, now); err != nil {
				return err
			}
		}
		all, err := store.All(tx, store.Value[int64], `
			SELECT person FROM guardian WHERE state = 'confirmed' GROUP BY person HAVING count(*) >= 3 ORDER BY person LIMIT 1`)
		if err != nil || len(all) == 0 {
			b.Fatal("nobody has three children", err)
		}
		parent = all[0]
		return nil
	})
	return w, parent
}

func BenchmarkMonth(b *testing.B) {
	w, parent := city(b)
	n := 0
	for b.Loop() {
		a := w.Get(parent, "/termine?monat=2026-03")
		if a.Code != 200 {
			b.Fatal(a.Code)
		}
		n = len(a.Body)
	}
	b.ReportMetric(float64(n), "B/page")
}

// BenchmarkFeed is one of 2,000 events, and the answer that nothing has changed.
func BenchmarkFeed(b *testing.B) {
	w, parent := city(b)
	w.write(func(tx *store.Tx) error {
		v, err := org.Viewer(tx, parent, w.h.Now())
		if err != nil {
			return err
		}
		group := v.Units(who.Families)[0]
		now := w.h.Now().Unix()
		for _, q := range []string{`
			WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1899)
			INSERT INTO calendar_date (uid, unit, title, place, link, body, all_day, rule, roles, public, answers, guests, closes, remind, created, changed)
			SELECT 'g' || i, ?2, 'Kinderturnen', 'Turnhalle', '', '', 0, '', 64, 0, 0, 1, 0, 0, ?1, ?1 FROM n`,
			`INSERT INTO calendar_instance (date, slot, starts, ends)
			SELECT id, 0, ?1 + id % 300 * 86400, ?1 + id % 300 * 86400 + 3600 FROM calendar_date WHERE unit = ?2 AND title = 'Kinderturnen'`,
			`INSERT INTO calendar_audience (unit, until, date, since, roles)
			SELECT c.unit, max(i.ends), c.id, min(i.starts), 64 FROM calendar_date c JOIN calendar_instance i ON i.date = c.id WHERE ?1 > 0 AND c.unit = ?2 GROUP BY c.id`} {
			if _, err := tx.Exec(q, now, group); err != nil {
				return err
			}
		}
		return nil
	})
	at := w.address(parent)
	for _, c := range []struct {
		name string
		tag  bool
	}{{"whole", false}, {"unchanged", true}} {
		b.Run(c.name, func(b *testing.B) {
			tag := w.Get(apptest.Nobody, at).Header.Get("ETag")
			n := 0
			for b.Loop() {
				r := httptest.NewRequest("GET", apptest.Base+at, nil)
				if c.tag {
					r.Header.Set("If-None-Match", tag)
				}
				a := w.Do(apptest.Nobody, r)
				n = len(a.Body)
			}
			b.ReportMetric(float64(n), "B/feed")
		})
	}
}
