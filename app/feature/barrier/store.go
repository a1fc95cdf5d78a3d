package barrier

import (
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

// A Report is what somebody could not use.
type Report struct {
	ID       int64
	Person   int64  // who was signed in; 0: nobody, or ehemals im Haus
	Name     string // ""
	Page     string // as they put it; "": not said
	Body     string
	Mail     string // where an answer goes; "": nowhere
	Lang     string // BCP 47, of the page on which it was written
	Created  time.Time
	Answer   string
	Answered time.Time // zero: not yet
	Answerer string    // name; "": nobody, or ehemals im Haus
}

// Short is how a report begins.
func (r Report) Short() string {
	line, _, more := strings.Cut(r.Body, "\n")
	if letters := []rune(line); len(letters) > 90 {
		return string(letters[:90]) + "…"
	}
	if more {
		line += " …"
	}
	return line
}

// Due is when it must have been answered.
func (r Report) Due() time.Time { return r.Created.AddDate(0, 0, month) }

// Late reports whether it should have been answered.
func (r Report) Late(now time.Time) bool { return r.Answered.IsZero() && now.After(r.Due()) }

// Left says how long there is until a report must be answered.
func (r Report) Left(now time.Time) string {
	if r.Late(now) {
		return "überfällig"
	}
	n := int(r.Due().Sub(now) / day)
	switch n {
	case 0:
		return "noch weniger als 1 Tag"
	case 1:
		return "noch 1 Tag"
	}
	return fmt.Sprintf("noch %d Tage", n)
}

func (r *Report) fields() []any {
	return []any{&r.ID, store.Null(&r.Person), &r.Name, &r.Page, &r.Body, &r.Mail, &r.Lang, (*store.Time)(&r.Created), &r.Answer, (*store.Time)(&r.Answered), &r.Answerer}
}

// add keeps a report, once for each uid, and returns its number.
func add(tx *store.Tx, uid string, r Report) (id int64, first bool, err error) {
	var form fault.Form
	if r.Body == "" {
		form.Add("body", "Bitte beschreiben Sie, was nicht ging.")
	}
	for name, s := range map[string]string{"body": r.Body, "page": r.Page} {
		if len([]rune(s)) > most {
			form.Add(name, "Bitte kürzen Sie den Text auf höchstens 4.000 Zeichen.")
		}
	}
	if r.Mail != "" && !mail.Valid(r.Mail) {
		form.Add("mail", "Diese Mailadresse ist nicht gültig.")
	}
	if err := form.Err(); err != nil {
		return 0, false, err
	}
	there, err := store.All(tx, store.Value[int64], `SELECT id FROM barrier_report WHERE uid = ?`, uid)
	if err != nil || len(there) > 0 {
		return append(there, 0)[0], false, err
	}
	id, err = store.One(tx, store.Value[int64], `
		INSERT INTO barrier_report (uid, person, page, body, mail, lang, created) VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?) RETURNING id`,
		uid, r.Person, r.Page, r.Body, r.Mail, r.Lang, r.Created.Unix())
	return id, true, err
}

// list returns reports, those that wait first, the oldest of them first.
func list(tx *store.Tx, skip int) ([]Report, error) {
	return store.All(tx, (*Report).fields, `
		SELECT r.id, r.person, coalesce(trim(p.given || ' ' || p.family), ''), r.page, r.body, r.mail, r.lang, r.created, r.answer, r.answered, coalesce(trim(a.given || ' ' || a.family), '')
		FROM barrier_report r LEFT JOIN person p ON p.id = r.person LEFT JOIN person a ON a.id = r.answerer
		ORDER BY r.answered IS NOT NULL, iif(r.answered IS NULL, r.created, -r.answered), r.id LIMIT ? OFFSET ?`, page+1, skip)
}

// by returns the reports of a person, the newest first.
func by(tx *store.Tx, person int64) ([]Report, error) {
	return store.All(tx, (*Report).fields, `
		SELECT r.id, r.person, '', r.page, r.body, r.mail, r.lang, r.created, r.answer, r.answered, ''
		FROM barrier_report r WHERE r.person = ? ORDER BY r.id DESC LIMIT ?`, person, page)
}

// get returns a report; a NotFound fault where there is none.
func get(tx *store.Tx, id int64) (Report, error) {
	return store.One(tx, (*Report).fields, `
		SELECT r.id, r.person, coalesce(trim(p.given || ' ' || p.family), ''), r.page, r.body, r.mail, r.lang, r.created, r.answer, r.answered, coalesce(trim(a.given || ' ' || a.family), '')
		FROM barrier_report r LEFT JOIN person p ON p.id = r.person LEFT JOIN person a ON a.id = r.answerer WHERE r.id = ?`, id)
}

// waiting counts the reports that nobody has answered.
func waiting(tx *store.Tx) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM barrier_report WHERE answered IS NULL`)
}

// answered keeps an answer. Another one that was given meanwhile stays.
func answered(tx *store.Tx, id, person int64, words string, now time.Time) error {
	if words == "" {
		return fault.At("answer", "Bitte schreiben Sie eine Antwort.")
	}
	if len([]rune(words)) > most {
		return fault.At("answer", "Bitte kürzen Sie den Text auf höchstens 4.000 Zeichen.")
	}
	r, err := get(tx, id)
	if err != nil {
		return err
	}
	if !r.Answered.IsZero() {
		return fault.New(fault.Conflict, "Diese Meldung hat inzwischen jemand beantwortet.")
	}
	_, err = tx.Exec(`UPDATE barrier_report SET answer = ?, answered = ?, answerer = ? WHERE id = ?`, words, now.Unix(), person, id)
	return err
}

// forget removes what was answered long enough ago, but for whom a legal hold covers.
func forget(tx *store.Tx, now time.Time) error {
	n, err := tx.Exec(`DELETE FROM barrier_report WHERE answered < ?1
		AND NOT EXISTS (SELECT 1 FROM held_person x WHERE x.until > ?2 AND x.person IN (barrier_report.person, answerer))`,
		retention.Usual(retention.Record).Before(now).Unix(), now.Unix())
	if err != nil {
		return err
	}
	return retention.Noted(tx, now, retention.Record, int(n))
}
