package consent

import (
	"html/template"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// A Purpose is what a unit asks to agree to.
type Purpose struct {
	ID       int64
	Unit     int64
	UnitName string
	Kind     string
	Title    string
	About    string // child or person
	Both     bool
	Alone    int
	Version  int
	Least    int
	Words    string // of the version that is asked for now
	Created  time.Time
	ended    int64 // 0: not
}

// HTML is the text.
func (p Purpose) HTML() template.HTML { return text.Page(p.Words) }

// Ended reports whether nobody is asked any more.
func (p Purpose) Ended() bool { return p.ended != 0 }

// Adult reports whether it is about the guardians themselves.
func (p Purpose) Adult() bool { return p.About == "person" }

func (p *Purpose) fields() []any {
	return []any{&p.ID, &p.Unit, &p.UnitName, &p.Kind, &p.Title, &p.About, &p.Both, &p.Alone, &p.Version, &p.Least, &p.Words, (*store.Time)(&p.Created), &p.ended}
}

func getPurpose(tx *store.Tx, id int64) (Purpose, error) {
	return store.One(tx, (*Purpose).fields, `
		SELECT p.id, p.unit, u.name, p.kind, p.title, p.about, p.both, p.alone, p.version, p.least, t.words, p.created, coalesce(p.ended, 0)
		FROM consent_purpose p JOIN unit u ON u.id = p.unit JOIN consent_text t ON t.purpose = p.id AND t.version = p.version WHERE p.id = ?`, id)
}

// purposesFor are those that are asked for whoever is in a group.
func purposesFor(tx *store.Tx, group int64) ([]Purpose, error) {
	return store.All(tx, (*Purpose).fields, `
		SELECT p.id, p.unit, u.name, p.kind, p.title, p.about, p.both, p.alone, p.version, p.least, t.words, p.created, 0
		FROM unit_up x JOIN consent_purpose p ON p.unit = x.above JOIN unit u ON u.id = p.unit JOIN consent_text t ON t.purpose = p.id AND t.version = p.version
		WHERE x.unit = ? AND p.ended IS NULL ORDER BY p.id`, group)
}

// purposesOf are those that the viewer looks after, or whose answers it may read: of the units it reaches with these roles.
func purposesOf(tx *store.Tx, v who.Viewer, roles who.Right, now time.Time) ([]Purpose, error) {
	units, err := org.Tops(tx, v.ID, roles, now)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, u := range units {
		ids = append(ids, u.ID)
	}
	return store.All(tx, (*Purpose).fields, `
		SELECT p.id, p.unit, u.name, p.kind, p.title, p.about, p.both, p.alone, p.version, p.least, t.words, p.created, coalesce(p.ended, 0)
		FROM consent_purpose p JOIN unit u ON u.id = p.unit JOIN consent_text t ON t.purpose = p.id AND t.version = p.version
		WHERE EXISTS (SELECT 1 FROM unit_up x JOIN json_each(?1) j ON j.value = x.above WHERE x.unit = p.unit)
			OR EXISTS (SELECT 1 FROM json_each(?1) j JOIN unit_up x ON x.unit = j.value WHERE x.above = p.unit)
		ORDER BY p.ended IS NOT NULL, u.name, p.id`, store.List(ids))
}

// addPurpose makes one; the same form sent twice makes one.
func addPurpose(tx *store.Tx, uid string, p Purpose, author int64, now time.Time) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM consent_purpose WHERE uid = ?`, uid)
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return id, err
	}
	id, err = store.One(tx, store.Value[int64], `
		INSERT INTO consent_purpose (uid, unit, kind, title, about, both, alone, version, least, created) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, ?) RETURNING id`,
		uid, p.Unit, p.Kind, p.Title, p.About, p.Both, p.Alone, now.Unix())
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO consent_text (purpose, version, words, author, at) VALUES (?, 1, ?, ?, ?)`, id, p.Words, author, now.Unix())
	return id, err
}

// reword gives a purpose a new version of its text; again: whoever has answered an earlier one is asked anew.
func reword(tx *store.Tx, p Purpose, words string, again bool, author int64, now time.Time) error {
	if _, err := tx.Exec(`INSERT INTO consent_text (purpose, version, words, author, at) VALUES (?, ?, ?, ?, ?)`, p.ID, p.Version+1, words, author, now.Unix()); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE consent_purpose SET version = version + 1, least = CASE WHEN ?2 THEN version + 1 ELSE least END WHERE id = ?1`, p.ID, again)
	return err
}

// versionAt is the version of a purpose's text that was there at a time; the first one also before it.
func versionAt(tx *store.Tx, purpose int64, at time.Time) (int, error) {
	return store.One(tx, store.Value[int], `SELECT coalesce(max(version), 1) FROM consent_text WHERE purpose = ? AND at < ?`, purpose, at.Unix())
}

func endPurpose(tx *store.Tx, id int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE consent_purpose SET ended = ? WHERE id = ? AND ended IS NULL`, now.Unix(), id)
	return err
}

// An answer is what somebody has said.
type answer struct {
	ID        int64
	Child     int64 // 0: for the giver
	Giver     int64 // 0: the young person
	Name      string
	Yes       bool
	Channel   string
	Version   int
	At, Until time.Time
}

// Last is the last moment at which it counts.
func (a answer) Last() time.Time { return a.Until.Add(-time.Second) }

// Paper reports whether it was signed on paper.
func (a answer) Paper() bool { return a.Channel == "paper" }

func (a *answer) fields() []any {
	return []any{&a.ID, &a.Child, &a.Giver, &a.Name, &a.Yes, &a.Channel, &a.Version, (*store.Time)(&a.At), (*store.Time)(&a.Until)}
}

// answers are those that count now: for a child (giver 0), or of an adult for itself (child 0).
func answers(tx *store.Tx, p Purpose, child, giver int64, now time.Time) ([]answer, error) {
	return store.All(tx, (*answer).fields, `
		SELECT c.id, coalesce(c.child, 0), coalesce(c.giver, 0), coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = c.giver), ''),
			c.yes, c.channel, c.version, c.at, c.until
		FROM consent c WHERE c.purpose = ?1 AND c.withdrawn IS NULL AND c.until > ?2 AND c.version >= ?3
			AND (?4 <> 0 AND c.child = ?4 OR ?4 = 0 AND c.child IS NULL AND c.giver = ?5) ORDER BY c.id`, p.ID, now.Unix(), p.Least, child, giver)
}

// deciders are the guardians who decide for a child now.
func deciders(tx *store.Tx, child int64, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT person FROM guardian WHERE child = ?1 AND state = 'confirmed' AND decides = 1 AND since <= ?2 AND until > ?2 ORDER BY rank, id`, child, now.Unix())
}

// A Standing is how it stands with a purpose for a child, or for an adult.
type Standing struct {
	Purpose Purpose
	Child   person.Child // zero: for the adult
	State   State
	Answers []answer
	Own     answer  // the viewer's; zero: none
	Missing []int64 // who has not signed yet, where one has
}

// stands works it out for a child.
func stands(tx *store.Tx, p Purpose, c person.Child, now time.Time) (s Standing, err error) {
	s.Purpose, s.Child = p, c
	if s.Answers, err = answers(tx, p, c.ID, 0, now); err != nil {
		return s, err
	}
	all, err := deciders(tx, c.ID, now)
	if err != nil {
		return s, err
	}
	var votes []vote
	for _, a := range s.Answers {
		votes = append(votes, vote{a.Giver, a.Yes})
	}
	s.State = settle(votes, all, p.Both, grown(c.Born, p.Alone, now))
	if s.State == Half {
		for _, d := range all {
			if !has(s.Answers, d) {
				s.Missing = append(s.Missing, d)
			}
		}
	}
	return s, nil
}

// standsFor is stands for an adult.
func standsFor(tx *store.Tx, p Purpose, id int64, now time.Time) (s Standing, err error) {
	s.Purpose, s.State = p, Open
	if s.Answers, err = answers(tx, p, 0, id, now); err != nil || len(s.Answers) == 0 {
		return s, err
	}
	s.Own = s.Answers[len(s.Answers)-1]
	if s.State = Refused; s.Own.Yes {
		s.State = Given
	}
	return s, nil
}

func has(all []answer, giver int64) bool {
	for _, a := range all {
		if a.Giver == giver {
			return true
		}
	}
	return false
}

// say keeps what somebody says. What the same person has said before about it is withdrawn; where it has said something
// since, as with a paper that is entered later, that holds, and this is a Conflict. Of one day the page counts, since a paper
// has no hour.
func say(tx *store.Tx, p Purpose, a answer, clerk int64, now time.Time) (int64, error) {
	since, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM consent WHERE purpose = ?1 AND child IS nullif(?2, 0) AND giver IS nullif(?3, 0) AND at > ?4`, p.ID, a.Child, a.Giver, a.At.Unix())
	if err == nil && since > 0 {
		err = fault.New(fault.Conflict, "Dazu gibt es schon eine neuere Antwort. Sie gilt.")
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`
		UPDATE consent SET withdrawn = ?1 WHERE purpose = ?2 AND child IS nullif(?3, 0) AND giver IS nullif(?4, 0) AND withdrawn IS NULL`,
		now.Unix(), p.ID, a.Child, a.Giver); err != nil {
		return 0, err
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO consent (purpose, version, child, giver, yes, channel, clerk, at, until) VALUES (?, ?, nullif(?, 0), nullif(?, 0), ?, ?, nullif(?, 0), ?, ?) RETURNING id`,
		p.ID, a.Version, a.Child, a.Giver, a.Yes, a.Channel, clerk, a.At.Unix(), a.Until.Unix())
}

// Holds is the one question of other features: whether all that is asked for a kind of use holds for a child now. Where
// nobody asks for it, it does not.
func Holds(tx *store.Tx, kind string, child int64, now time.Time) (bool, error) {
	c, err := person.GetChild(tx, child, now)
	if err != nil || c.Group == 0 {
		return false, err
	}
	all, err := purposesFor(tx, c.Group)
	held := false
	for _, p := range all {
		if p.Kind != kind || p.Adult() {
			continue
		}
		s, err := stands(tx, p, c, now)
		if err != nil || s.State != Given {
			return false, err
		}
		held = true
	}
	return held, err
}
