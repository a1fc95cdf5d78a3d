package backup

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Former is a target to which backups went and go no more. What lies there nobody thins out: unless somebody deletes it, who
// was forgotten in the house stays there for longer than any rule says.
type Former struct {
	Target string
	By     time.Time // from then on its newest snapshot is older than one may be
	Over   bool
}

// former lists them, but for those that somebody has said to be empty. The runs of the last twelve months tell of them.
func (f *feature) former(tx *store.Tx) (all []Former, err error) {
	target, err := f.Settings.Get(tx, settings.BackupTarget)
	if err != nil {
		return nil, err
	}
	empty, err := f.empty(tx)
	if err != nil {
		return nil, err
	}
	type row struct {
		target string
		last   time.Time
	}
	rows, err := store.All(tx, func(r *row) []any { return []any{&r.target, (*store.Time)(&r.last)} }, `
		SELECT target, max(began) FROM backup_run WHERE failure = '' AND ended IS NOT NULL AND target <> ? GROUP BY target ORDER BY 2 DESC`, target)
	for _, r := range rows {
		if by := r.last.Add(backup.Longest); empty[r.target] < r.last.Unix() {
			all = append(all, Former{r.target, house.Local(by), by.Before(f.Now())})
		}
	}
	return all, err
}

// empty is when somebody said that nothing lies at a target any more.
func (f *feature) empty(tx *store.Tx) (map[string]int64, error) {
	at := map[string]int64{}
	s, err := f.Settings.Get(tx, settings.BackupEmptied)
	if err == nil && s != "" {
		err = json.Unmarshal([]byte(s), &at)
	}
	return at, err
}

// emptied notes that nothing lies at a former target any more.
func (f *feature) emptied(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "target")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		all, err := f.former(tx)
		if err != nil {
			return err
		}
		at, err := f.empty(tx)
		if err != nil {
			return err
		}
		found := false
		for _, x := range all {
			found = found || x.Target == form.Get("target")
		}
		if !found {
			return fault.Gone()
		}
		at[form.Get("target")] = f.Now().Unix()
		b, err := json.Marshal(at)
		if err != nil {
			return err
		}
		if err := f.Settings.Set(tx, settings.BackupEmptied, string(b)); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "backup.emptied", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sicherung", "Vermerkt.")
}

// left says where backups lie that are older than they may be; "": nowhere.
func left(all []Former) string {
	for _, x := range all {
		if x.Over {
			return fmt.Sprintf("Am früheren Ziel %s liegen Sicherungen, die älter sind als erlaubt.", x.Target)
		}
	}
	return ""
}
