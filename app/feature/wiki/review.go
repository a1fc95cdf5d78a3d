package wiki

import (
	"context"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

const reviewKind = "wiki.review" // look which pages are to be reviewed, each morning

// today is the day in the house's zone.
func today(now time.Time) string { return house.Local(now).Format(time.DateOnly) }

// Due reports whether somebody should look whether the page still holds.
func (p Page) Due(now time.Time) bool {
	return p.Review != "" && p.Review <= today(now) && p.Removed.IsZero()
}

// reviewEvery are the months between two reviews that one may choose; 0: once.
func reviewEvery() []int { return []int{0, 6, 12, 24} }

// A plan says when a page is reviewed.
type plan struct {
	Owner int64 // 0: nobody in particular
	Every int   // months; 0: once
	Day   string
}

// check fills in the first day and says what is wrong.
func (r *plan) check(writers []Person, now time.Time) error {
	var f fault.Form
	if r.Owner != 0 && !slices.ContainsFunc(writers, func(p Person) bool { return p.ID == r.Owner }) {
		f.Add("owner", "Zuständig sein kann nur, wer hier schreiben darf.")
	}
	if !slices.Contains(reviewEvery(), r.Every) {
		f.Add("every", "Bitte wählen Sie, wie oft die Seite geprüft wird.")
	}
	if r.Day == "" && r.Every > 0 && f.Err() == nil {
		r.Day = house.Local(now).AddDate(0, r.Every, 0).Format(time.DateOnly)
	}
	if r.Day != "" {
		day, err := time.Parse(time.DateOnly, r.Day)
		switch {
		case err != nil || day.Year() > house.Local(now).Year()+20:
			f.Add("review", "Bitte geben Sie einen Tag an, zum Beispiel 31.08.2027.")
		case r.Day < today(now):
			f.Add("review", "Dieser Tag liegt in der Vergangenheit.")
		}
	}
	return f.Err()
}

// setPlan keeps when a page is reviewed, and by whom.
func setPlan(tx *store.Tx, page int64, r plan) error {
	_, err := tx.Exec(`UPDATE wiki_page SET owner = nullif(?, 0), every = ?, review = ?, nudged = 0 WHERE id = ?`, r.Owner, r.Every, r.Day, page)
	return err
}

// holds notes that a page still holds: the next review comes after its time, or there is none.
func holds(tx *store.Tx, page int64, every int, now time.Time) error {
	next := ""
	if every > 0 {
		next = house.Local(now).AddDate(0, every, 0).Format(time.DateOnly)
	}
	_, err := tx.Exec(`UPDATE wiki_page SET checked = ?, review = ?, nudged = 0 WHERE id = ?`, now.Unix(), next, page)
	return err
}

// A Due page should be reviewed.
type Due struct {
	Page  int64
	Title string
	Day   string
	Owner string // "": nobody in particular
}

func (d *Due) fields() []any { return []any{&d.Page, &d.Title, &d.Day, &d.Owner} }

// On is the day since which it is due.
func (d Due) On() string { return germanDay(d.Day) }

// germanDay is 2027-08-31 as people write it; what is no day stays as it is.
func germanDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("02.01.2006")
}

// due lists the pages of an archive that should be reviewed, for those who write there.
func due(tx *store.Tx, unit int64, board bool, now time.Time) ([]Due, error) {
	return store.All(tx, (*Due).fields, `
		SELECT p.id, r.title, p.review, coalesce(trim(n.given || ' ' || n.family), '')
		FROM wiki_page p JOIN wiki_revision r ON r.id = coalesce(p.shown, p.latest) LEFT JOIN person n ON n.id = p.owner
		WHERE p.unit = ?1 AND p.removed IS NULL AND p.review <> '' AND p.review <= ?2 AND (p.access <> 'board' OR ?3)
		ORDER BY p.review, p.id LIMIT 500`, unit, today(now), board)
}

// review tells the owners of pages that are due, the next month again.
func review(h *house.House) func(context.Context) error {
	return func(ctx context.Context) error {
		now := h.Now()
		var ids []int64
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			ids, err = store.All(tx, store.Value[int64], `
				SELECT id FROM wiki_page WHERE review <> '' AND review <= ? AND removed IS NULL AND nudged <= ? ORDER BY id`, today(now), now.AddDate(0, -1, 0).Unix())
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := h.DB.Write(ctx, func(tx *store.Tx) error { return nudge(tx, h, id) }); err != nil {
				return err
			}
		}
		return nil
	}
}

// nudge has the owner of a page told that it is due; whoever leads its archive where there is none, or where the owner
// may no longer write there.
func nudge(tx *store.Tx, h *house.House, id int64) error {
	type page struct {
		unit, owner int64
		kind        org.Kind
		board       bool
	}
	now := h.Now()
	p, err := store.One(tx, func(p *page) []any { return []any{&p.unit, store.Null(&p.owner), &p.kind, &p.board} }, `
		SELECT p.unit, p.owner, u.kind, p.access = 'board' FROM wiki_page p JOIN unit u ON u.id = p.unit
		WHERE p.id = ? AND p.removed IS NULL AND p.review <> '' AND p.review <= ? AND p.nudged <= ?`, id, today(now), now.AddDate(0, -1, 0).Unix())
	if fault.KindOf(err) == fault.NotFound {
		return nil // somebody was quicker
	}
	if err != nil {
		return err
	}
	level := "write"
	if p.board {
		level = "board"
	}
	people, err := with(tx, p.unit, level, now)
	if err != nil {
		return err
	}
	if slices.Contains(ids(people), p.owner) {
		people = []Person{{ID: p.owner}}
	} else if people, err = nearest(tx, p.unit, p.kind, true, 0, now); err != nil {
		return err
	}
	if err := tell(tx, h, id, toReview, ids(people)...); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE wiki_page SET nudged = ? WHERE id = ?`, now.Unix(), id)
	return err
}

// watch has a job run, unless it waits already.
func watch(tx *store.Tx, h *house.House, kind, arg string) error {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND arg = ?`, kind, arg)
	if err != nil || n > 0 {
		return err
	}
	return h.Tasks.Add(tx, kind, 0, arg)
}
