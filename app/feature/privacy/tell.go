package privacy

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const tellKind = "privacy.tell" // ref is the person, the argument what it is told and a request

// What somebody is told about a request.
const (
	asked = "asked" // it waits for the first of two
	next  = "next"  // it waits for the second
	told  = "told"  // what came of it
)

// tell has a person told, outside their quiet hours.
func (f *feature) tell(tx *store.Tx, person int64, what string, request int64) error {
	if person == 0 {
		return nil
	}
	at, err := notice.At(tx, person, f.Now())
	if err != nil {
		return err
	}
	return f.Tasks.AddAt(tx, tellKind, person, fmt.Sprintf("%s %d", what, request), at)
}

// tellClerks has all told who may look after a request, except for one.
func (f *feature) tellClerks(tx *store.Tx, s house.Subject, what string, request, except int64) error {
	all, err := clerks(tx, s, f.Now())
	for _, p := range all {
		if err == nil && p != except && p != s.Person {
			err = f.tell(tx, p, what, request)
		}
	}
	return err
}

func (f *feature) tellJob() task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, person int64, arg string) error {
		what, number, _ := strings.Cut(arg, " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return notice.Send(ctx, f.House, person, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (notice.Notice, error) {
			return f.compose(tx, v, l, what, id)
		})
	}}
}

// compose names nobody: a lock screen may show it.
func (f *feature) compose(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (n notice.Notice, err error) {
	r, err := getRequest(tx, id)
	if err != nil {
		return n, err
	}
	n = notice.Notice{Path: requestPath(id), Tag: fmt.Sprintf("d%d", id)}
	if n.From, err = f.Settings.Get(tx, settings.HouseName); err != nil {
		return n, err
	}
	switch what {
	case asked, next:
		_, x, err := f.look(tx, v, id)
		if fault.KindOf(err) == fault.Forbidden || err == nil && (!r.Running() || x.Name == "") {
			return notice.Notice{}, nil
		}
		if n.Title = "Eine Löschung wird verlangt"; r.State == isChecked {
			n.Title = "Eine Löschung wartet auf Ihre Freigabe"
		}
		return n, err
	}
	n.Path = "/konto/daten"
	switch r.State {
	case isDone:
		n.Title = l.T("Wie verlangt gelöscht")
	case isRefused:
		n.Title, n.Lines = l.T("Ihr Verlangen nach Löschung wurde abgelehnt"), []string{r.Reason}
	default:
		return notice.Notice{}, nil
	}
	return n, nil
}
