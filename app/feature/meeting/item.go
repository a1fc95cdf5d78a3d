package meeting

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Kinds of items that the house knows. What others propose has a kind of theirs.
const (
	Opening  = "opening"
	Quorum   = "quorum"
	Agenda   = "agenda"   // Genehmigung der Tagesordnung
	Approval = "approval" // Genehmigung des Protokolls; what minutes are to be approved stands below it
	Tasks    = "tasks"    // Stand der Aufgaben: what is open stands below it by itself
	Other    = "other"    // Verschiedenes
	Minutes  = "minutes"  // minutes to be approved; ref is their id
)

// owner is what files belong to: "meeting", with the id of an item.
const owner = "meeting"

const (
	maxItems = 100
	maxFiles = 10 // of one item
)

// An Item is a Tagesordnungspunkt.
type Item struct {
	ID      int64
	UID     string
	Meeting int64
	Number  string // "3", or "3.1" for one below it
	Depth   int    // 1: below another
	Title   string
	Body    string // Markdown
	Public  bool   // false: for members only
	Kind    string // "": any
	Ref     int64  // what the kind knows; 0: nothing
	Length  int    // minutes that it should take; 0: not told
	Reached time.Time
	Created time.Time
	Changed time.Time
}

func (i *Item) fields() []any {
	return []any{&i.ID, &i.UID, &i.Meeting, &i.Depth, &i.Title, &i.Body, &i.Public, &i.Kind, &i.Ref, &i.Length,
		(*store.Time)(&i.Reached), (*store.Time)(&i.Created), (*store.Time)(&i.Changed)}
}

// items are all of a meeting, in their order and with their numbers.
func items(tx *store.Tx, meeting int64) ([]Item, error) {
	all, err := store.All(tx, (*Item).fields, `
		SELECT id, uid, meeting, depth, title, body, public, kind, ref, length, reached, created, changed
		FROM meeting_item WHERE meeting = ? AND deleted IS NULL ORDER BY rank, id`, meeting)
	main, sub := 0, 0
	for i := range all {
		if all[i].Depth == 0 || main == 0 {
			main, sub = main+1, 0
			all[i].Depth, all[i].Number = 0, fmt.Sprint(main)
		} else {
			sub++
			all[i].Number = fmt.Sprintf("%d.%d", main, sub)
		}
	}
	return all, err
}

// Items are the items of a meeting that the viewer may see, in their order. Whoever is no member reads those that are
// public; the numbers stay those of the whole agenda.
func Items(tx *store.Tx, meeting int64, v who.Viewer, now time.Time) ([]Item, error) {
	m, err := Get(tx, meeting, v, now)
	if err != nil {
		return nil, err
	}
	return ItemsOf(tx, m)
}

// ItemsOf are the items of a meeting as it is seen.
func ItemsOf(tx *store.Tx, m Meeting) ([]Item, error) {
	all, err := items(tx, m.ID)
	if err != nil || m.Sits() {
		return all, err
	}
	var open []Item
	for _, i := range all {
		if i.Public {
			open = append(open, i)
		}
	}
	return open, nil
}

// usual gives a meeting the usual agenda.
func usual(tx *store.Tx, meeting int64, now time.Time) error {
	for rank, i := range []Item{
		{Title: "Begrüßung", Kind: Opening, Public: true},
		{Title: "Feststellung der Beschlussfähigkeit", Kind: Quorum, Public: true},
		{Title: "Genehmigung der Tagesordnung", Kind: Agenda, Public: true},
		{Title: "Genehmigung des Protokolls", Kind: Approval, Public: true},
		{Title: "Stand der Aufgaben", Kind: Tasks},
		{Title: "Verschiedenes", Kind: Other, Public: true},
	} {
		if _, err := insertItem(tx, meeting, rank, i, now); err != nil {
			return err
		}
	}
	return nil
}

func insertItem(tx *store.Tx, meeting int64, rank int, i Item, now time.Time) (int64, error) {
	return store.One(tx, store.Value[int64], `
		INSERT INTO meeting_item (uid, meeting, rank, depth, title, body, public, kind, ref, length, created, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, ?11) RETURNING id`,
		newUID(), meeting, rank, i.Depth, i.Title, i.Body, i.Public, i.Kind, i.Ref, i.Length, now.Unix())
}

// check says what is wrong with what is typed of an item.
func (i Item) check() error {
	var f fault.Form
	checkTitle(&f, i.Title)
	if utf8.RuneCountInString(i.Body) > maxBody {
		f.Add("body", "Der Text kann höchstens %d Zeichen haben.", maxBody)
	}
	if i.Length < 0 || i.Length > 600 {
		f.Add("length", "Bitte geben Sie die Dauer in Minuten an, von 1 bis 600.")
	}
	return f.Err()
}

func checkTitle(f *fault.Form, title string) {
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		f.Add("title", "Bitte schreiben Sie, worum es geht.")
	case n > maxTitle:
		f.Add("title", "Der Titel kann höchstens %d Zeichen haben.", maxTitle)
	case strings.ContainsAny(title, "\n\r"):
		f.Add("title", "Der Titel muss in einer Zeile stehen.")
	}
}

// place is where a new item goes: below the one of its kind's own, or before "Verschiedenes", or at the end.
func place(all []Item, kind string) (rank, depth int) {
	rank = len(all)
	for n, i := range all {
		switch {
		case kind == Minutes && i.Kind == Approval:
			for n++; n < len(all) && all[n].Depth == 1; n++ {
			}
			return n, 1
		case i.Kind == Other:
			rank = n
		}
	}
	return rank, 0
}

// addItem puts an item onto the agenda of a meeting, where its kind belongs.
func addItem(tx *store.Tx, h *house.House, m Meeting, i Item) (int64, error) {
	if err := m.open(); err != nil {
		return 0, err
	}
	if err := i.check(); err != nil {
		return 0, err
	}
	all, err := items(tx, m.ID)
	if err != nil {
		return 0, err
	}
	if len(all) >= maxItems {
		return 0, fault.New(fault.Conflict, "Eine Tagesordnung kann höchstens %d Punkte haben.", maxItems)
	}
	rank, depth := place(all, i.Kind)
	if depth > 0 {
		i.Depth = depth
	}
	id, err := insertItem(tx, m.ID, rank, i, h.Now())
	if err != nil {
		return 0, err
	}
	order := make([]int64, 0, len(all)+1)
	for _, x := range all[:rank] {
		order = append(order, x.ID)
	}
	order = append(order, id)
	for _, x := range all[rank:] {
		order = append(order, x.ID)
	}
	if err := reorder(tx, order); err != nil {
		return 0, err
	}
	return id, news(tx, h, m.ID, m.Unit)
}

// reorder gives items their ranks.
func reorder(tx *store.Tx, order []int64) error {
	_, err := tx.Exec(`UPDATE meeting_item SET rank = j.key FROM json_each(?) j WHERE meeting_item.id = j.value`, store.List(order))
	return err
}

// item is one of a meeting's, with its number; NotFound where it is none.
func item(tx *store.Tx, m Meeting, id int64) (Item, error) {
	all, err := ItemsOf(tx, m)
	for _, i := range all {
		if i.ID == id {
			return i, nil
		}
	}
	if err == nil {
		err = fault.Gone()
	}
	return Item{}, err
}

// itemAt is an item that the viewer may see, with its meeting.
func itemAt(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Item, Meeting, error) {
	meeting, err := store.One(tx, store.Value[int64], `SELECT meeting FROM meeting_item WHERE id = ? AND deleted IS NULL`, id)
	if err != nil {
		return Item{}, Meeting{}, err
	}
	m, err := Get(tx, meeting, v, now)
	if err != nil {
		return Item{}, m, err
	}
	i, err := item(tx, m, id)
	return i, m, err
}

// editItem changes what is typed of an item, and gives it more files.
func editItem(tx *store.Tx, h *house.House, v who.Viewer, m Meeting, old, i Item, enclosed []int64) error {
	if err := m.open(); err != nil {
		return err
	}
	if err := i.check(); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting_item SET title = ?, body = ?, public = ?, length = ?, changed = ? WHERE id = ?`,
		i.Title, i.Body, i.Public, i.Length, h.Now().Unix(), old.ID); err != nil {
		return err
	}
	if err := enclose(tx, v, old.ID, enclosed); err != nil {
		return err
	}
	return news(tx, h, m.ID, m.Unit)
}

// enclose gives an item these files: those that it has stay where they are named, and new ones are the viewer's own.
func enclose(tx *store.Tx, v who.Viewer, id int64, ids []int64) error {
	if len(ids) > maxFiles {
		return files.TooMany(maxFiles)
	}
	have, err := files.Of(tx, owner, id)
	if err != nil {
		return err
	}
	keep := map[int64]bool{}
	for _, x := range ids {
		keep[x] = true
	}
	for _, x := range have {
		if !keep[x.ID] {
			if err := files.Remove(tx, owner, id, x.ID); err != nil {
				return err
			}
		}
	}
	drafts, err := files.Drafts(tx, v.ID, ids)
	if err != nil {
		return err
	}
	var more []int64
	for _, x := range drafts {
		more = append(more, x.ID)
	}
	return files.Attach(tx, v.ID, more, owner, id)
}

// Ways to move an item.
const (
	up   = "hoch"
	down = "runter"
	in   = "einruecken"
	out  = "ausruecken"
)

// moveItem puts an item one place up or down, or below the one before it, or on its own.
func moveItem(tx *store.Tx, h *house.House, m Meeting, id int64, way string) error {
	if err := m.open(); err != nil {
		return err
	}
	all, err := items(tx, m.ID)
	if err != nil {
		return err
	}
	at := -1
	var order []int64
	for n, i := range all {
		order = append(order, i.ID)
		if i.ID == id {
			at = n
		}
	}
	switch {
	case at < 0:
		return fault.Gone()
	case way == up && at > 0:
		order[at], order[at-1] = order[at-1], order[at]
	case way == down && at < len(order)-1:
		order[at], order[at+1] = order[at+1], order[at]
	case way == in && at > 0, way == out:
		if _, err := tx.Exec(`UPDATE meeting_item SET depth = ? WHERE id = ?`, way == in, id); err != nil {
			return err
		}
	}
	if err := reorder(tx, order); err != nil {
		return err
	}
	return news(tx, h, m.ID, m.Unit)
}

// sortItems gives the items of a meeting the order that they were dragged into. Those that it does not name follow.
func sortItems(tx *store.Tx, h *house.House, m Meeting, wish []int64) error {
	if err := m.open(); err != nil {
		return err
	}
	all, err := items(tx, m.ID)
	if err != nil {
		return err
	}
	left := map[int64]bool{}
	for _, i := range all {
		left[i.ID] = true
	}
	var order []int64
	for _, id := range wish {
		if left[id] {
			order = append(order, id)
			delete(left, id)
		}
	}
	for _, i := range all {
		if left[i.ID] {
			order = append(order, i.ID)
		}
	}
	if err := reorder(tx, order); err != nil {
		return err
	}
	return news(tx, h, m.ID, m.Unit)
}

// removeItem takes an item off. What was proposed waits again; what others may have read leaves a row, for OParl.
func removeItem(tx *store.Tx, h *house.House, m Meeting, id int64) error {
	if err := m.open(); err != nil {
		return err
	}
	if _, err := item(tx, m, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting_proposal SET state = 'open', item = NULL, decided = NULL WHERE item = ? AND state = 'taken'`, id); err != nil {
		return err
	}
	if err := enclose(tx, who.Viewer{}, id, nil); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting_item SET deleted = ?1, changed = ?1, title = 'gelöscht', body = '' WHERE id = ?2`, h.Now().Unix(), id); err != nil {
		return err
	}
	if err := news(tx, h, m.ID, m.Unit); err != nil || !m.Invited.IsZero() {
		return err
	}
	_, err := tx.Exec(`DELETE FROM meeting_item WHERE id = ?`, id) // nobody has read it
	return err
}
