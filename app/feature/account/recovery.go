package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

// Somebody of the team who has lost passkey, app and printed codes is let in again by two (Wiederherstellung): one of
// those who answer for all of their places asks, another one allows it, and neither is the person. Everything by which
// the person could come in then ends but the addresses, and a letter is printed. The person is told of both steps
// everywhere, and can stop the first. Neither of the two has come within a week, so that one cannot have made up the
// other. Where there is only one operator, it takes the console.
const recoverFor = 48 * time.Hour

// A Recovery is a request that waits for a second person.
type Recovery struct {
	ID      int64
	Person  int64
	Name    string
	Author  int64 // 0: ehemals im Haus
	By      string
	Asked   time.Time
	Expires time.Time
}

func (r *Recovery) fields() []any {
	return []any{&r.ID, &r.Person, &r.Name, &r.Author, &r.By, (*store.Time)(&r.Asked), (*store.Time)(&r.Expires)}
}

// recoveries lists the requests that wait, of whom the viewer answers for; of one only, unless that is 0.
func (f *feature) recoveries(tx *store.Tx, v who.Viewer, id int64) ([]Recovery, error) {
	all, err := store.All(tx, (*Recovery).fields, `
		WITH place (person, unit) AS (
			SELECT person, unit FROM membership WHERE state IN ('accepted', 'confirmed', 'suspended') AND until > ?2
			UNION ALL
			SELECT g.person, s.unit FROM guardian g JOIN child_stay s ON s.child = g.child
			WHERE g.state IN ('accepted', 'confirmed', 'suspended') AND g.until > ?2 AND s.until > ?2)
		SELECT r.id, r.person, trim(p.given || ' ' || p.family), coalesce(r.author, 0), coalesce(trim(a.given || ' ' || a.family), 'ehemals im Haus'), r.asked, r.expires
		FROM account_recovery r JOIN person p ON p.id = r.person LEFT JOIN person a ON a.id = r.author
		WHERE r.ended IS NULL AND r.expires > ?2 AND ?3 IN (0, r.id) AND r.person <> ?1
			AND EXISTS (SELECT 1 FROM place x WHERE x.person = p.id)
			AND NOT EXISTS (SELECT 1 FROM place x WHERE x.person = p.id AND NOT EXISTS (
				SELECT 1 FROM unit_up u JOIN holding h ON h.unit = u.above
				WHERE u.unit = x.unit AND h.person = ?1 AND (?4 & (1 << h.role)) <> 0 AND h.since <= ?2 AND h.until > ?2))
		ORDER BY r.asked, r.id`, v.ID, f.Now().Unix(), id, int64(who.Clerks))
	if err != nil {
		return nil, err
	}
	return covered(tx, v, all, func(r Recovery) int64 { return r.Person }, f.Now())
}

// covered leaves those people of whose every place and role the viewer answers.
func covered[T any](tx *store.Tx, v who.Viewer, all []T, id func(T) int64, now time.Time) (mine []T, err error) {
	for _, x := range all {
		ok, err := covers(tx, v.ID, id(x), who.Clerks, now)
		if err != nil {
			return nil, err
		}
		if ok {
			mine = append(mine, x)
		}
	}
	return mine, nil
}

// A Locked person has a second factor and may have lost it.
type Locked struct {
	ID   int64
	Name string
}

// findable lists whom the viewer may ask to let in again: people of the team with a second factor, of whose every place
// the viewer answers for; whose name contains words, or, if id is not 0, that one.
func (f *feature) findable(tx *store.Tx, v who.Viewer, id int64, words string) ([]Locked, error) {
	all, err := store.All(tx, func(l *Locked) []any { return []any{&l.ID, &l.Name} }, `
		WITH place (person, unit) AS (
			SELECT person, unit FROM membership WHERE state IN ('accepted', 'confirmed', 'suspended') AND until > ?2
			UNION ALL
			SELECT g.person, s.unit FROM guardian g JOIN child_stay s ON s.child = g.child
			WHERE g.state IN ('accepted', 'confirmed', 'suspended') AND g.until > ?2 AND s.until > ?2)
		SELECT p.id, trim(p.given || ' ' || p.family) FROM person p
		WHERE p.id <> ?1 AND ?3 IN (0, p.id) AND instr(lower(p.given || ' ' || p.family), lower(?4)) > 0
			AND (EXISTS (SELECT 1 FROM account_totp t WHERE t.person = p.id) OR EXISTS (SELECT 1 FROM account_passkey k WHERE k.person = p.id))
			AND EXISTS (SELECT 1 FROM membership m WHERE m.person = p.id AND m.state = 'confirmed' AND (?5 & (1 << m.role)) <> 0 AND m.since <= ?2 AND m.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM place x WHERE x.person = p.id AND NOT EXISTS (
				SELECT 1 FROM unit_up u JOIN holding h ON h.unit = u.above
				WHERE u.unit = x.unit AND h.person = ?1 AND (?6 & (1 << h.role)) <> 0 AND h.since <= ?2 AND h.until > ?2))
		ORDER BY p.family, p.given, p.id LIMIT 50`, v.ID, f.Now().Unix(), id, words, int64(who.Guarded), int64(who.Clerks))
	if err != nil {
		return nil, err
	}
	return covered(tx, v, all, func(l Locked) int64 { return l.ID }, f.Now())
}

// askRecovery is the first step.
func (f *feature) askRecovery(tx *store.Tx, v who.Viewer, id int64) (Locked, error) {
	if id == 0 {
		return Locked{}, fault.Gone()
	}
	all, err := f.findable(tx, v, id, "")
	if err == nil && len(all) == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return Locked{}, err
	}
	now := f.Now()
	if err := audit.Seasoned(tx, v.ID, who.Clerks, now); err != nil {
		return Locked{}, err
	}
	n, err := tx.Exec(`
		INSERT INTO account_recovery (person, author, asked, expires)
		SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM account_recovery WHERE person = ?1 AND ended IS NULL AND expires > ?3)`,
		id, v.ID, now.Unix(), now.Add(recoverFor).Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Für diese Person wartet schon ein Antrag.")
	}
	if err != nil {
		return Locked{}, err
	}
	if err := f.tellRecovery(tx, id, "asked"); err != nil {
		return Locked{}, err
	}
	return all[0], f.log(tx, now, v.ID, "recovery.asked", id)
}

// allowRecovery is the second step. It returns the letter, and the unit that it is for.
func (f *feature) allowRecovery(tx *store.Tx, v who.Viewer, id int64) ([]letter, int64, error) {
	if id == 0 {
		return nil, 0, fault.Gone()
	}
	all, err := f.recoveries(tx, v, id)
	if err == nil && len(all) == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return nil, 0, err
	}
	r, now := all[0], f.Now()
	if r.Author == v.ID {
		return nil, 0, fault.New(fault.Conflict, "Diesen Antrag haben Sie gestellt. Erlauben muss ihn jemand anderes.")
	}
	if err := audit.Seasoned(tx, v.ID, who.Clerks, now); err != nil {
		return nil, 0, err
	}
	if _, err := tx.Exec(`UPDATE account_recovery SET ended = ?, allowed = ? WHERE id = ?`, now.Unix(), v.ID, r.ID); err != nil {
		return nil, 0, err
	}
	if err := shut(tx, r.Person); err != nil {
		return nil, 0, err
	}
	if err := f.ended(tx, r.Person); err != nil {
		return nil, 0, err
	}
	if err := endLetters(tx, r.Person, now); err != nil { // whoever has asked may hold one
		return nil, 0, err
	}
	f.tell(tx, r.Person)
	m, err := store.One(tx, func(m *[2]int64) []any { return []any{&m[0], &m[1]} }, `
		SELECT id, unit FROM membership WHERE person = ? AND state = 'confirmed' AND (? & (1 << role)) <> 0 AND since <= ?3 AND until > ?3 ORDER BY id LIMIT 1`,
		r.Person, int64(who.Guarded), now.Unix())
	if err != nil {
		return nil, 0, err
	}
	u, err := f.unit(tx, v, m[1])
	if err != nil {
		return nil, 0, err
	}
	letters, err := write(tx, f.House, v, u, nil, []int64{m[0]})
	if err != nil {
		return nil, 0, err
	}
	if err := f.tellRecovery(tx, r.Person, "allowed"); err != nil {
		return nil, 0, err
	}
	return letters, u.ID, f.log(tx, now, v.ID, "recovery.allowed", r.Person)
}

// stopRecovery ends what waits for a person.
func (f *feature) stopRecovery(tx *store.Tx, by, person int64) error {
	n, err := tx.Exec(`UPDATE account_recovery SET ended = ?1 WHERE person = ?2 AND ended IS NULL AND expires > ?1`, f.Now().Unix(), person)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return err
	}
	return f.log(tx, f.Now(), by, "recovery.stopped", person)
}

// recovering is the request that waits for a person itself; the zero one where there is none.
func recovering(tx *store.Tx, id int64, now time.Time) (r Recovery, err error) {
	all, err := store.All(tx, (*Recovery).fields, `
		SELECT r.id, r.person, '', coalesce(r.author, 0), coalesce(trim(a.given || ' ' || a.family), 'ehemals im Haus'), r.asked, r.expires
		FROM account_recovery r LEFT JOIN person a ON a.id = r.author WHERE r.person = ?1 AND r.ended IS NULL AND r.expires > ?2`, id, now.Unix())
	if len(all) > 0 {
		r = all[0]
	}
	return r, err
}

func (f *feature) tellRecovery(tx *store.Tx, person int64, what string) error {
	arg, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return f.Tasks.Add(tx, "account.recovery", person, string(arg))
}

// sendRecovery carries "account.recovery" out: a mail to each address that the house knows, and a notice on devices.
func (f *feature) sendRecovery(ctx context.Context, id int64, arg string) error {
	var what string
	if err := json.Unmarshal([]byte(arg), &what); err != nil {
		return task.Drop(err)
	}
	var to person.Person
	var mails []string
	var devices bool
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if to, err = person.Get(tx, id); err != nil {
			return err
		}
		if mails, err = store.All(tx, store.Value[string], `
			SELECT mail FROM account_mail WHERE person = ?1 AND verified > 0
			UNION SELECT lower(mail) FROM membership WHERE person = ?1 AND mail <> '' AND state <> 'ended'
			UNION SELECT lower(mail) FROM guardian WHERE person = ?1 AND mail <> '' AND state <> 'ended'`, id); err != nil {
			return err
		}
		devices, err = store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM push_subscription WHERE person = ?)`, id)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	told := recoveryWords(what, lang.Of(to.Language))
	if f.Mail.Configured(ctx) {
		for _, m := range mails {
			err := f.Mail.Send(ctx, mail.Message{To: m, Name: to.Name(), Subject: told.title, Kind: mail.SignIn, Language: told.lang.Code, Urgent: true,
				Text: fmt.Sprintf("%s\n\n%s\n%s\n", told.lang.T("Guten Tag %s,", to.Name()), told.text, f.URL("/konto"))})
			if err != nil {
				return err
			}
		}
	}
	if !devices {
		return nil
	}
	return notice.Send(ctx, f.House, id, func(*store.Tx, who.Viewer, *lang.Lang) (notice.Notice, error) {
		return notice.Notice{Title: told.title, Path: "/konto", Tag: "recovery"}, nil
	})
}

// recoveryTold is what somebody is told of what others do to their access.
type recoveryTold struct {
	title, text string
	lang        *lang.Lang
}

// recoveryWords are German for the team; a letter may have opened a family's access, and is told of in the person's language.
func recoveryWords(what string, l *lang.Lang) recoveryTold {
	switch what {
	case "letter":
		return recoveryTold{l.T("Ihr Zugang wurde mit einem Brief geöffnet"),
			l.T("Jemand hat einen neuen Brief Ihrer Einrichtung benutzt und ist damit in Ihrem Zugang angemeldet.") + "\n\n" +
				l.T("Waren Sie das? Dann müssen Sie nichts tun. Wenn nicht: Melden Sie in Ihrem Konto alle anderen Geräte ab, und sagen Sie sofort Ihrer Einrichtung Bescheid.") + "\n", l}
	case "allowed":
		return recoveryTold{"Ihr Zugang wurde wiederhergestellt",
			"Zwei Personen haben Ihren Passkey und Ihre Codes entfernt. Alle Ihre Geräte sind abgemeldet. Sie bekommen einen Brief mit einem neuen Code.\n\n" +
				"Haben Sie nicht darum gebeten, sagen Sie bitte sofort dem Betrieb Ihres Hauses Bescheid.\n", lang.Of("de")}
	}
	return recoveryTold{"Jemand möchte Ihren Zugang wiederherstellen",
		"Für Ihren Zugang wurde beantragt, Passkey und Codes zu entfernen und Ihnen einen neuen Brief zu geben. Eine zweite Person muss das noch erlauben.\n\n" +
			"Haben Sie selbst darum gebeten, brauchen Sie nichts zu tun.\nWenn nicht, melden Sie sich bitte an und halten Sie es in Ihrem Konto an:\n", lang.Of("de")}
}

// eraseRecovery forgets what was asked for a person, and that the person asked for others.
func eraseRecovery(tx *store.Tx, s house.Subject) error {
	if _, err := tx.Exec(`DELETE FROM account_recovery WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE account_recovery SET author = NULL WHERE author = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE account_recovery SET allowed = NULL WHERE allowed = ?`, s.Person)
	return err
}
