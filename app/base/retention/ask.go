package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A Due says in German what the next night lets go of if it lets go of what has been untouched since before, as in "3 Listen";
// "" for nothing.
type Due func(tx *store.Tx, before, now time.Time) (string, error)

// Counted is what a Due says: one for 1, else many, which has a %d; "" for 0.
func Counted(n int, one, many string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return one
	}
	return fmt.Sprintf(many, n)
}

// An Ask asks whoever shortens periods whether they know what goes at once because of it.
// The zero Ask asks nothing.
type Ask struct{ spans, gone []string }

// Add adds a period that is to be another one. What is kept for longer is not asked about, nor what no due is known of.
func (a *Ask) Add(tx *store.Tx, now time.Time, name string, from, to Span, due Due) error {
	if due == nil || !to.Before(now).After(from.Before(now)) {
		return nil
	}
	gone, err := due(tx, to.Before(now.AddDate(0, 0, 1)), now) // the night comes within a day
	if err == nil && gone != "" {
		a.spans, a.gone = append(a.spans, name+" "+to.Words()), append(a.gone, gone)
	}
	return err
}

// Answered is nil if there is nothing to ask, or the field "sure" says that these periods are meant; else it is a fault of that
// field, and the form has there what its box has to say (template "sure").
func (a *Ask) Answered(form *web.Form) error {
	want := strings.Join(a.spans, ", ")
	if want == "" || want == form.Get("sure") {
		return nil
	}
	form.Set("sure", want)
	all := slices.Clone(a.gone)
	if n := len(all); n > 1 {
		all = append(all[:n-2], all[n-2]+" und "+all[n-1])
	}
	return fault.At("sure", "In der nächsten Nacht löscht das Haus dann "+strings.Join(all, ", ")+". Das kommt nicht zurück.")
}
