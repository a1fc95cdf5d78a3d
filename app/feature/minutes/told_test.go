package minutes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// TestOverdue: who owes minutes is reminded, once a week.
func TestOverdue(t *testing.T) {
	s := newTown(t)
	s.begun()
	s.over(april)
	s.Clock.Add(14 * 24 * time.Hour) // the last day
	s.night()
	if n := len(s.House.Post.Sent()); n != 0 {
		t.Errorf("reminded on the last day: %d", n)
	}
	s.Clock.Add(24 * time.Hour)
	s.night()
	s.night()
	mails := s.House.Post.Sent()
	if len(mails) != 1 || mails[0].To != "vera@example.org" || !strings.Contains(mails[0].Subject, "überfällig") || !strings.Contains(mails[0].Text, "16. März 2026") {
		t.Errorf("reminded: %v", mails)
	}
	s.must(vera, "/protokoll/1/fuehrung", "keeper", "8")
	s.Clock.Add(again)
	s.night()
	if mails := s.House.Post.Sent(); len(mails) != 2 || mails[1].To != "dana@example.org" {
		t.Errorf("who keeps them: %v", mails)
	}
	for person, sees := range map[int64]bool{vera: true, dana: true, cem: true, ada: false} {
		if got := strings.Contains(s.council(person), "Überfällig: Protokoll vom 2. März 2026"); got != sees {
			t.Errorf("%d sees on the committee's page that they are overdue: %v\n%s", person, got, s.council(person))
		}
	}
	if page := said(s.Get(vera, "/protokoll/1").Body); !strings.Contains(page, "Entwurf, überfällig") {
		t.Errorf("the page: %s", page)
	}
	left := s.legacy(cem)
	if len(left) != 1 || left[0].Kind != "missing" || left[0].Title != "Protokoll vom 2. März 2026" || left[0].Note != "ist noch nicht versandt" || left[0].Due.IsZero() {
		t.Errorf("a board leaves %+v", left)
	}
	s.must(vera, "/protokoll/1/versenden")
	s.night()
	if n := len(s.House.Post.Sent()); n != 5 { // three members were told that they were sent
		t.Errorf("after they were sent: %d mails", n)
	}
	s.must(dana, "/protokoll/1/einwand", "item", "0", "body", "Nein.")
	if left := s.legacy(cem); len(left) != 1 || left[0].Note != "ist noch nicht genehmigt; Einwände ohne Antwort: 1" {
		t.Errorf("a board leaves %+v", left)
	}
	s.read(func(tx *store.Tx) error {
		if _, err := s.feature.Legacy(tx, who.Viewer{ID: ada}, apptest.Council); err == nil {
			t.Error("a mother reads what a board leaves")
		}
		return nil
	})
}

func (s *town) legacy(person int64) (all []house.Legacy) {
	s.t.Helper()
	s.read(func(tx *store.Tx) (err error) {
		all, err = s.feature.Legacy(tx, who.Viewer{ID: person}, apptest.Council)
		return err
	})
	return all
}

// page is a page that somebody looks at, for parts of it.
func (s *town) page(tx *store.Tx, person int64) (web.Page, error) {
	v, err := org.Viewer(tx, person, s.Now())
	return web.Page{Viewer: v, Lang: "de", Now: s.Now()}, err
}

// council is the part of the page of a committee, as somebody reads it.
func (s *town) council(person int64) (html string) {
	s.t.Helper()
	s.read(func(tx *store.Tx) error {
		p, err := s.page(tx, person)
		if err != nil {
			return err
		}
		u, level, err := committee.Must(tx, p.Viewer, apptest.Council, committee.Open, s.Now())
		if err != nil {
			return err
		}
		part, err := s.feature.Council(tx, p, house.Council{Unit: u, Rules: committee.Usual(u.ID), Level: level})
		html = said(string(part))
		return err
	})
	return html
}

// panel is the part of the page of a meeting.
func (s *town) panel(person, meeting int64) (html string) {
	s.t.Helper()
	make := Panel(s.House.House, s.wires())
	s.read(func(tx *store.Tx) error {
		p, err := s.page(tx, person)
		if err != nil {
			return err
		}
		part, err := make(tx, p, meeting)
		html = string(part)
		return err
	})
	return html
}

// TestPanel: the page of a meeting leads to its minutes, and lets the board note what it has approved.
func TestPanel(t *testing.T) {
	s := newTown(t)
	if got := s.panel(vera, april); !strings.Contains(got, "Protokoll beginnen") {
		t.Errorf("the chair: %s", got)
	}
	for _, person := range []int64{dana, ada, fritz} {
		if got := s.panel(person, april); got != "" {
			t.Errorf("%d before there are any: %s", person, got)
		}
	}
	if got := s.panel(vera, may); got != "" {
		t.Errorf("before it begins: %s", got)
	}
	s.sent()
	if got := s.panel(dana, april); !strings.Contains(got, "/protokoll/1") || strings.Contains(got, "schreiben") {
		t.Errorf("a member: %s", got)
	}
	if got := s.panel(ada, april); got != "" {
		t.Errorf("a mother: %s", got)
	}
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	if got := s.panel(vera, may); !strings.Contains(got, "In dieser Sitzung genehmigt") || !strings.Contains(got, `action="/protokoll/1/genehmigen"`) {
		t.Errorf("the next meeting: %s", got)
	}
	if got := s.panel(dana, may); strings.Contains(got, "genehmigen") {
		t.Errorf("a member approves: %s", got)
	}
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
	if got := s.panel(ada, april); !strings.Contains(got, "/protokoll/1") {
		t.Errorf("a mother, once they are approved: %s", got)
	}
	if got := s.council(ada); !strings.Contains(got, "2. März 2026") {
		t.Errorf("the committee's page: %s", got)
	}
}

// TestFound: all around find what is public once it is approved, members find all, and nobody the same twice.
func TestFound(t *testing.T) {
	s := newTown(t)
	src := source(s.Now)
	find := func(person int64, all ...string) (refs []int64) {
		s.read(func(tx *store.Tx) error {
			v, err := org.Viewer(tx, max(person, 1), s.Now())
			if person == 0 {
				v, err = who.Viewer{}, nil
			}
			if err != nil {
				return err
			}
			seen, err := src.Seen(tx, v, []int64{2, 3, 4, 99})
			if err != nil {
				return err
			}
			docs, err := src.Docs(tx, seen)
			for _, d := range docs {
				if !slices.ContainsFunc(all, func(w string) bool { return !strings.Contains(d.Title+d.Body, w) }) {
					refs = append(refs, d.Ref)
				}
			}
			return err
		})
		return refs
	}
	s.begun()
	if got := find(vera); len(got) != 0 {
		t.Errorf("a draft is found: %v", got)
	}
	s.over(april)
	s.must(vera, "/protokoll/1/versenden")
	if got := fmt.Sprint(find(dana, "Hüpfburg", "Quaste"), find(ada), find(fritz), find(0)); got != "[2] [] [] []" {
		t.Errorf("sent: %s", got)
	}
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
	if got := fmt.Sprint(find(dana, "Hüpfburg"), find(dana, "Quaste"), find(ada, "Hüpfburg"), find(ada, "Quaste"), find(fritz, "Hüpfburg"), find(fritz, "Quaste"), find(0)); got != "[3] [2] [3] [] [3] [] []" {
		t.Errorf("approved: %s", got)
	}
	s.read(func(tx *store.Tx) error {
		for person, want := range map[int64]string{dana: "[3] [3]", ada: "[3] []", rosa: "[] []"} {
			v, err := org.Viewer(tx, person, s.Now())
			if err != nil {
				return err
			}
			title, err := src.Look(tx, v, []string{"protokoll", "März"}, 9)
			if err != nil {
				return err
			}
			body, err := src.Look(tx, v, []string{"Quaste"}, 9)
			if got := fmt.Sprint(title, body); got != want || err != nil {
				t.Errorf("without an index, %d finds %s: %v", person, got, err)
			}
		}
		all, err := src.All(tx, 2, 9)
		if fmt.Sprint(all) != "[3]" || err != nil {
			t.Errorf("all above 2: %v, %v", all, err)
		}
		return err
	})
	if err := s.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	for person, want := range map[int64]int{dana: 1, ada: 0} {
		var v who.Viewer
		s.read(func(tx *store.Tx) (err error) {
			v, err = org.Viewer(tx, person, s.Now())
			return err
		})
		found, err := s.Search.Search(t.Context(), v, search.Ask{Query: search.Parse("ungehalten"), N: 10})
		if err != nil || len(found.Hits) != want {
			t.Errorf("%d finds %v: %v", person, found.Hits, err)
		}
	}
}

// TestForget: who is forgotten is no longer named as an author, and approved minutes stay as they were.
func TestForget(t *testing.T) {
	s := newTown(t)
	s.sent()
	s.must(dana, "/protokoll/1/einwand", "item", "7", "body", "Der Tag fehlt.")
	s.must(bert, "/protokoll/1/antwort", "objection", "1", "answer", "refused", "reason", "Er steht da.")
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.must(bert, "/protokoll/1/genehmigen", "meeting", "42")
	s.must(bert, "/protokoll/1/berichtigung", "item", "7", "body", "Es war doch der 5. Juni.")
	before := s.Get(dana, "/protokoll/1/text").Body
	s.read(func(tx *store.Tx) error {
		data, err := s.feature.Export(tx, house.Subject{Person: bert})
		if got := fmt.Sprintf("%+v", data); err != nil || !strings.Contains(got, "Er steht da.") || !strings.Contains(got, "doch der 5. Juni") {
			t.Errorf("the export of Bert: %s, %v", got, err)
		}
		data, err = s.feature.Export(tx, house.Subject{Person: dana})
		if got := fmt.Sprintf("%+v", data); err != nil || !strings.Contains(got, "Der Tag fehlt.") || strings.Contains(got, "Quaste") {
			t.Errorf("the export of Dana: %s, %v", got, err)
		}
		return nil
	})
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		for _, p := range []int64{bert, dana, vera} {
			if err := s.feature.Erase(tx, house.Subject{Person: p}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page := said(s.Get(cem, "/protokoll/1").Body)
	for _, want := range []string{"Einwand von ehemals im Haus", "ehemals im Haus ): Es war doch der 5. Juni.", "Bert Demir Stellvertretung"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q: %s", want, page)
		}
	}
	if got := s.Get(cem, "/protokoll/1/text").Body; got != before || strings.Contains(page, "Prüfsumme stimmt nicht") {
		t.Errorf("the minutes have changed: %s", got)
	}
}
