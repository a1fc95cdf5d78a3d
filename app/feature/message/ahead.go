package message

import (
	"fmt"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// How far back, and how many, a device fetches before there is no connection.
const (
	aheadFor  = 30 * 24 * time.Hour
	aheadMost = 20
)

// Ahead lists the pages that a viewer may want to read without a connection: the list, and each conversation in which
// something was written in the last 30 days, the latest first. What stands behind "#" is another whenever the page is.
func Ahead(tx *store.Tx, v who.Viewer, now time.Time) ([]string, error) {
	all, err := rows(tx, v, now, 1<<60, 1<<60, aheadMost)
	if err != nil {
		return nil, err
	}
	list := "/nachrichten#" + v.Lang
	var paths []string
	for _, r := range all {
		mark := fmt.Sprintf("-%d-%d-%d-%d", r.Latest, r.Unread, r.Taker, r.Closed.Unix())
		list += mark
		if now.Sub(r.At) < aheadFor {
			paths = append(paths, fmt.Sprintf("/gespraech/%d#%s%s", r.ID, v.Lang, mark))
		}
	}
	return append([]string{list}, paths...), nil
}
