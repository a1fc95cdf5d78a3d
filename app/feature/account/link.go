package account

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A link signs one person in, once.
type link struct {
	Person  int64
	Mail    string // which redeeming proves to be read; "": none
	Browser []byte // hash of the cookie of the browser that asked; nil: any
	Expires time.Time
	wrong   int  // codes typed in another browser that were not the one
	proved  bool // redeeming adds no address to those of the person
}

func (l *link) fields() []any {
	return []any{&l.Person, &l.Mail, &l.Browser, (*store.Time)(&l.Expires), &l.wrong, &l.proved}
}

// codeTries is how many wrong codes end a link.
const codeTries = 5

// errElsewhere marks the answer to a link that a browser may redeem only with the code that the one which asked shows.
var errElsewhere = errors.New("another browser asked")

// code is what the browser that asked for links shows, so that a link can be used where the mail is read: six digits.
// It follows from the browser's mark, so that it is the same for unknown addresses and lies nowhere.
func (f *feature) code(browser []byte) string {
	n, err := strconv.ParseUint(f.Settings.Mark("account link code", hex.EncodeToString(browser)), 16, 64)
	if err != nil {
		panic(err) // a mark is 16 hexadecimal digits
	}
	return fmt.Sprintf("%06d", n%1_000_000)
}

// newLink stores a link and returns its token, which is nowhere else.
func newLink(tx *store.Tx, l link, now time.Time) (string, error) {
	if _, err := tx.Exec(`DELETE FROM account_link WHERE expires <= ?`, now.Unix()); err != nil {
		return "", err
	}
	token := secret(16)
	_, err := tx.Exec(`INSERT INTO account_link (hash, person, mail, browser, expires) VALUES (?, ?, ?, ?, ?)`,
		hash(token), l.Person, l.Mail, l.Browser, l.Expires.Unix())
	return token, err
}

// openLink finds a link that can be redeemed in a browser; with errElsewhere one that can be with a code only.
func openLink(tx *store.Tx, token string, browser []byte, now time.Time) (link, error) {
	l, err := store.One(tx, (*link).fields, `
		SELECT l.person, l.mail, l.browser, l.expires, l.wrong, l.mail = '' OR m.mail IS NOT NULL
		FROM account_link l LEFT JOIN account_mail m ON m.mail = l.mail AND m.person = l.person AND m.verified > 0
		WHERE l.hash = ? AND l.expires > ?`, hash(token), now.Unix())
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return l, errLinkGone()
	case err != nil || l.Browser == nil || string(l.Browser) == string(browser):
		return l, err
	case !l.proved: // whose address somebody wants to add reads the mail, and must not be led into their account
		return l, fault.New(fault.Forbidden, "Dieser Link gehört zu einem anderen Browser. Bitte öffnen Sie ihn dort, wo Sie ihn angefordert haben, oder fordern Sie hier einen neuen an.")
	}
	return l, errElsewhere
}

func errLinkGone() error {
	return fault.New(fault.NotFound, "Dieser Link gilt nicht mehr. Bitte fordern Sie auf der Seite „Anmelden“ einen neuen an.")
}

// redeemLink uses a link up.
func redeemLink(tx *store.Tx, token string, l link, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM account_link WHERE hash = ?`, hash(token)); err != nil {
		return err
	}
	if l.Mail == "" {
		return nil
	}
	return verify(tx, l.Person, l.Mail, now)
}

// missLink counts a wrong code; the last try ends the link.
func missLink(tx *store.Tx, token string) error {
	if _, err := tx.Exec(`UPDATE account_link SET wrong = wrong + 1 WHERE hash = ?`, hash(token)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM account_link WHERE hash = ? AND wrong >= ?`, hash(token), codeTries)
	return err
}

// An order is what the task "account.link" is told. The token is made when the mail is written, so that the database
// holds nothing with which somebody could sign in.
type order struct {
	Mail    string
	Browser string // hex of the hash
	Next    string `json:",omitempty"` // where to go afterwards
	Asked   int64
}

// orderLink has a link sent: to whoever owns the address if person is 0, else to the person, to prove the address.
// Known or unknown makes no difference here: that is found out when nobody waits.
func (f *feature) orderLink(tx *store.Tx, person int64, o order) error {
	o.Asked = f.Now().Unix()
	arg, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return f.Tasks.Add(tx, "account.link", person, string(arg))
}

// sendLink carries "account.link" out.
func (f *feature) sendLink(ctx context.Context, id int64, arg string) error {
	var o order
	if err := json.Unmarshal([]byte(arg), &o); err != nil {
		return task.Drop(err)
	}
	if f.Now().Sub(time.Unix(o.Asked, 0)) > mailFor {
		return task.Drop(fmt.Errorf("nobody waits for this link any more"))
	}
	browser, err := hex.DecodeString(o.Browser)
	if err != nil {
		return task.Drop(err)
	}
	proof := id != 0
	var to person.Person
	var token, house string
	err = f.DB.Write(ctx, func(tx *store.Tx) error {
		if !proof {
			if id, err = owner(tx, o.Mail); err != nil || id == 0 {
				return err
			}
		}
		if to, err = person.Get(tx, id); err != nil {
			return err
		}
		if house, err = f.Settings.Get(tx, settings.HouseName); err != nil {
			return err
		}
		token, err = newLink(tx, link{Person: id, Mail: o.Mail, Browser: browser, Expires: f.Now().Add(mailFor)}, f.Now())
		return err
	})
	if err != nil || token == "" {
		return err
	}
	if house == "" {
		house = "Nestfunk"
	}
	l := lang.Of(to.Language)
	at := f.URL("/l/" + token)
	if o.Next != "" && o.Next != "/" {
		at += "?weiter=" + url.QueryEscape(o.Next)
	}
	subject, why := l.T("Ihr Link zum Anmelden"), l.T("mit diesem Link melden Sie sich an:")
	where := l.T("Er gilt 10 Minuten und einmal. In einem anderen Browser fragt er nach dem Code, der dort steht, wo Sie ihn angefordert haben.") + "\n" +
		l.T("Geben Sie diesen Link niemandem weiter.")
	if proof {
		subject, why = l.T("Bitte bestätigen Sie Ihre E-Mail-Adresse"), l.T("mit diesem Link bestätigen Sie Ihre E-Mail-Adresse:")
		where = l.T("Er gilt 10 Minuten, einmal, und nur in dem Browser, in dem Sie ihn angefordert haben.")
	}
	return f.Mail.Send(ctx, mail.Message{
		To: o.Mail, Name: to.Name(), Subject: subject, Kind: mail.SignIn, Language: l.Code, Urgent: true,
		Text: l.T("Guten Tag %s,", to.Name()) + "\n\n" + why + "\n\n" + at + "\n\n" +
			where + "\n" +
			l.T("Wenn Sie nichts angefordert haben, brauchen Sie nichts zu tun.") + "\n\n" +
			l.T("Diese Nachricht kommt von %s.", house) + "\n",
	})
}

// ConsoleLink makes a link for whoever sits at the console: once, for 60 minutes, in any browser. In a house where no
// operator can sign in, an unknown address becomes the operator's.
func ConsoleLink(tx *store.Tx, h *house.House, mail string) (string, error) {
	mail, err := address("mail", mail)
	if err != nil {
		return "", fault.New(fault.Invalid, "%s", fault.Fields(err)["mail"])
	}
	if err := ask(tx, h.Settings); err != nil {
		return "", err
	}
	id, err := owner(tx, mail)
	if err != nil {
		return "", err
	}
	if id == 0 {
		open, err := operated(tx, h)
		if err != nil {
			return "", err
		}
		if open {
			return "", fault.New(fault.NotFound, "Niemand meldet sich mit %s an. Ein Link geht nur an eine Adresse, die im Konto bestätigt ist.", mail)
		}
		if id, err = operator(tx, h); err != nil {
			return "", err
		}
		if err := verify(tx, id, mail, h.Now()); err != nil { // the console's word is enough
			return "", err
		}
	}
	return consoleLink(tx, h, id)
}

// FirstLink makes a link for the first operator; ok is false where one can sign in already. In a new house it leads to the
// questions that have to be answered first.
func FirstLink(tx *store.Tx, h *house.House) (at string, ok bool, err error) {
	if err := ask(tx, h.Settings); err != nil {
		return "", false, err
	}
	fresh, err := Unanswered(tx, h.Settings)
	if err != nil {
		return "", false, err
	}
	if open, err := operated(tx, h); err != nil || open && !fresh {
		return "", false, err
	}
	id, err := operator(tx, h)
	if err != nil {
		return "", false, err
	}
	at, err = consoleLink(tx, h, id)
	return at, err == nil, err
}

func consoleLink(tx *store.Tx, h *house.House, id int64) (string, error) {
	token, err := newLink(tx, link{Person: id, Expires: h.Now().Add(consoleFor)}, h.Now())
	return h.URL("/l/" + token), err
}

// operated reports whether somebody with the role of operator could sign in, or is signed in: with nothing but a second
// factor one comes no more in than with nothing, once the sign-in has ended.
func operated(tx *store.Tx, h *house.House) (bool, error) {
	now := h.Now()
	type one struct {
		person int64
		way    bool
	}
	all, err := store.All(tx, func(o *one) []any { return []any{&o.person, &o.way} }, `
		SELECT h.person, EXISTS (SELECT 1 FROM account_mail WHERE person = h.person) OR EXISTS (SELECT 1 FROM account_passkey WHERE person = h.person)
		FROM unit u JOIN holding h ON h.unit = u.id
		WHERE u.parent IS NULL AND h.role = 1 AND h.since <= ?1 AND h.until > ?1`, now.Unix())
	for _, o := range all {
		if o.way {
			return true, nil
		}
		sessions, err := web.SessionsOf(tx, o.person, now)
		if err != nil || slices.ContainsFunc(sessions, func(in web.Session) bool { return !h.Sessions.Over(in, who.Of(who.Admin)) }) {
			return err == nil, err
		}
	}
	return false, err
}

// unnamed is how a house is called until its first operator has named it.
const unnamed = "Meine Stadt"

// operator is the first operator of the house; there may be one whom a first link was made for and who never came.
func operator(tx *store.Tx, h *house.House) (int64, error) {
	now := h.Now()
	root, err := org.Root(tx)
	if fault.KindOf(err) == fault.NotFound {
		name, err := h.Settings.Get(tx, settings.HouseName)
		if err != nil {
			return 0, err
		}
		if name == "" {
			name = unnamed
		}
		if root.ID, err = org.Add(tx, org.Unit{Kind: org.City, Name: name}, now); err != nil {
			return 0, err
		}
	} else if err != nil {
		return 0, err
	}
	members, err := org.Members(tx, root.ID)
	if err != nil {
		return 0, err
	}
	for _, m := range members {
		if m.Role == who.Admin && m.State == org.Confirmed && !m.Ended(now) && !m.Since.After(now) {
			return m.Person, nil
		}
	}
	id, err := person.Add(tx, person.Person{Given: "Betrieb"})
	if err != nil {
		return 0, err
	}
	_, err = org.Appoint(tx, org.Membership{Person: id, Unit: root.ID, Role: who.Admin, State: org.Confirmed, Since: now})
	return id, err
}
