package notice

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

// Plan has a person told what became of something, outside their quiet hours, by the Job of that kind. What is a word of the
// feature without blanks, id one that it knows.
func Plan(tx *store.Tx, h *house.House, kind string, person int64, what string, id int64) error {
	due, err := At(tx, person, h.Now())
	if err != nil {
		return err
	}
	return h.Tasks.AddAt(tx, kind, person, fmt.Sprintf("%s %d", what, id), due)
}

// A Composer says what a person is told, as Send has it.
type Composer func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (Notice, error)

// Job tells what Plan has planned. What there is to tell is asked when it is told.
func Job(h *house.House, kind string, compose Composer) task.Job {
	return task.Job{Kind: kind, Run: func(ctx context.Context, person int64, arg string) error {
		what, number, _ := strings.Cut(arg, " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return Send(ctx, h, person, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (Notice, error) { return compose(tx, v, l, what, id) })
	}}
}
