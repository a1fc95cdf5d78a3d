package bulletin

import (
	"fmt"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const tellKind = "bulletin.tell" // tell one person what became of a report; ref: the person, arg: what and its number

// What a person is told, and of what the number is.
const (
	toJudge    = "report"  // somebody has reported a bulletin; of the report
	toReporter = "outcome" // what the person reported was looked at; of the bulletin
	toCouncil  = "measure" // something was restricted, or allowed again; of the measure
)

// tell has people told, outside their quiet hours.
func tell(tx *store.Tx, h *house.House, what string, ref int64, people ...int64) error {
	for _, p := range people {
		if err := notice.Plan(tx, h, tellKind, p, what, ref); err != nil {
			return err
		}
	}
	return nil
}

func tellJob(h *house.House) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, ref int64) (notice.Notice, error) {
		switch what {
		case toJudge:
			return ofReport(tx, h, v, ref)
		case toReporter:
			b, _, err := get(tx, ref, v, h.Now())
			return notice.Notice{Title: l.T("Ihre Meldung ist bearbeitet: %s", b.Title), Path: fmt.Sprintf("/rundbrief/%d", ref), From: b.UnitName, Tag: fmt.Sprintf("rbo%d", ref)}, err
		}
		return ofMeasure(tx, h, v, ref)
	})
}

// ofReport is what somebody is told who looks at reports; nothing if somebody else has.
func ofReport(tx *store.Tx, h *house.House, v who.Viewer, id int64) (n notice.Notice, err error) {
	r, err := store.One(tx, (*Report).fields, `
		SELECT r.id, r.bulletin, b.title, u.name, r.ground, r.words, r.at, r.decided
		FROM bulletin_report r JOIN bulletin b ON b.id = r.bulletin JOIN unit u ON u.id = b.unit WHERE r.id = ?`, id)
	if err != nil || !r.Decided.IsZero() {
		return n, err
	}
	b, err := plain(tx, r.Bulletin, v.ID)
	if err != nil {
		return n, err
	}
	if ok, err := org.Manages(tx, v.ID, b.Unit, Judges, h.Now()); err != nil || !ok {
		return n, err
	}
	return notice.Notice{Title: "Ein Rundbrief wurde gemeldet", Body: r.GroundWords(), Path: fmt.Sprintf("/rundbrief/%d/massnahme", r.Bulletin), From: r.UnitName, Tag: fmt.Sprintf("rbr%d", id)}, nil
}

// ofMeasure is what those are told who lead a council.
func ofMeasure(tx *store.Tx, h *house.House, v who.Viewer, id int64) (n notice.Notice, err error) {
	m, err := store.One(tx, (*Measure).fields, `
		SELECT m.id, m.unit, m.bulletin, coalesce(b.title, ''), m.kind, m.ground, m.reason, '', m.at
		FROM bulletin_measure m LEFT JOIN bulletin b ON b.id = m.bulletin WHERE m.id = ?`, id)
	if err != nil {
		return n, err
	}
	u, _, err := committee.Must(tx, v, m.Unit, committee.Leading, h.Now())
	return notice.Notice{Title: "Rundbriefe: " + m.Deed(), Body: m.Title, Lines: []string{m.Reason}, Path: "/rundbriefe", From: u.Name, Tag: fmt.Sprintf("rbm%d", id)}, err
}
