package app

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// TestLateApproval: that a meeting has approved minutes is noted only after it has ended, when the next agenda has them already.
// They leave it, and wait for no other; minutes that are not approved stay.
func TestLateApproval(t *testing.T) {
	x := newTerm(t)
	const first, second = "Genehmigung: Protokoll vom 18. März 2026", "Genehmigung: Protokoll vom 15. April 2026"
	one := x.plan("Märzsitzung", "2026-03-18", "Sand")
	x.post(apptest.Chair, one+"/einladen")
	x.at(2026, 3, 18, 19)
	f := x.begin(one, apptest.Dana)
	f.call("Sand")
	f.end()
	minutes := x.minutes(apptest.Chair, one, "Sand", "Er ist hart.")
	two := x.plan("Aprilsitzung", "2026-04-15", "Zaun")
	x.reads(apptest.Chair, two+"/tagesordnung", first)
	x.post(apptest.Chair, two+"/einladen")
	x.at(2026, 4, 15, 19)
	f = x.begin(two, apptest.Dana)
	f.call("Zaun")
	f.end()
	x.minutes(apptest.Chair, two, "Zaun", "Er ist rot.")
	three := x.plan("Maisitzung", "2026-05-20", "Fest")
	x.post(apptest.Chair, three+"/einladen")
	x.reads(apptest.Dana, three, first, second)

	x.post(apptest.Chair, minutes+"/genehmigen", "meeting", strings.TrimPrefix(two, "/sitzung/"))
	x.reads(apptest.Dana, three, second, "Fest", "not", first)
	x.reads(apptest.Dana, two, first) // where it was approved
	four := x.plan("Junisitzung", "2026-06-17", "Eis")
	x.reads(apptest.Chair, four+"/tagesordnung", "Eis", "not", first)
	if n := x.id(`SELECT count(*) FROM meeting_proposal WHERE state = 'open'`); n != 0 {
		t.Errorf("%d proposals wait", n)
	}
}
