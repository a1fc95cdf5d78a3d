package announcement

import (
	"fmt"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// How far back, and how many, a device fetches before there is no connection.
const (
	aheadFor  = 30 * 24 * time.Hour
	aheadMost = 40
)

// Ahead lists the pages that a viewer may want to read without a connection: the start page, the list, and each
// announcement of the last 30 days, the newest first. What stands behind "#" is another whenever the page is.
func Ahead(tx *store.Tx, v who.Viewer, now time.Time) ([]string, error) {
	if !v.May(who.Member) {
		return nil, nil
	}
	all, err := feed(tx, v, now, endOfTime, 1<<62, aheadMost)
	if err != nil {
		return nil, err
	}
	paths := []string{"/", "/mitteilungen"}
	for _, a := range all {
		if now.Sub(a.Published) > aheadFor {
			continue
		}
		mark := fmt.Sprintf("%s-%d-%d", v.Lang, a.Replaced, a.Confirmed.Unix())
		paths = append(paths, fmt.Sprintf("/mitteilung/%d#%s", a.ID, mark))
		if a.Closure == 0 || a.Replaced != 0 {
			continue
		}
		c, err := closureOf(tx, a.Closure)
		if err != nil {
			return nil, err
		}
		if mayName(tx, c, v, now) == nil { // the page of the team names children of other families, and is not kept
			continue
		}
		paths = append(paths, fmt.Sprintf("/schliessung/%d#%s-%d", c.ID, mark, c.Version))
	}
	return paths, nil
}
