package account

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A fresh proof (Nachweis) is asked for before what leaves the house, lets somebody in or cannot be taken back: the
// route says so (web.Proved). Who has a passkey or an app shows that, all others their password or a code that is
// mailed. A mailbox alone never stands for a passkey that somebody has set up.
//
// The form that was sent is kept in the page that asks, sealed, and goes on with the proof: nothing is typed twice.

const (
	formKept  = 30 * time.Minute // as long as a session of the team lasts without use
	codeLasts = 10 * time.Minute // of a mailed code; it is taken for up to twice as long
)

// Tries and mails for one person.
func proofOf() web.Limit     { return web.Limit{Name: "proof account", N: 5, In: 5 * time.Minute} }
func proofMailOf() web.Limit { return web.Limit{Name: "proof mail", N: 5, In: time.Hour} }

// Proofs are the ways in which somebody can prove now to be the one who has signed in.
type Proofs struct{ Passkey, Code, Password, Mail, Click bool }

// None reports that there are none.
func (p Proofs) None() bool { return p == Proofs{} }

// Two reports whether there is something beside mailbox and password.
func (w Ways) Two() bool { return len(w.Passkeys) > 0 || !w.Second.Since.IsZero() }

// proofs lists what of its ways to sign in a person can use as a proof.
func (f *feature) proofs(ctx context.Context, w Ways) Proofs {
	if f.cards != nil && w.Bare(true) { // in a demonstration anybody can be anybody
		return Proofs{Click: true}
	}
	if w.Two() {
		return Proofs{Passkey: len(w.Passkeys) > 0 && f.keys != nil, Code: !w.Second.Since.IsZero() || w.Second.Left > 0}
	}
	p := Proofs{Password: !w.Password.IsZero() && len(w.Addresses) > 0}
	for _, a := range w.Addresses {
		p.Mail = p.Mail || !a.Verified.IsZero() && f.Mail.Configured(ctx)
	}
	return p
}

// check checks a proof and tells what it was worth.
func (f *feature) check(r *http.Request, v who.Viewer, have Ways, way, typed string) (web.Proof, error) {
	can := f.proofs(r.Context(), have)
	switch {
	case way == "code" && can.Code:
		_, err := f.useCode(r, v.ID, typed)
		return web.Strong, named(err)
	case way == "click" && can.Click:
		return web.Usual, nil
	case way == "password" && can.Password, way == "mailed" && can.Mail:
	default:
		return web.Usual, fault.New(fault.Invalid, "Bitte wählen Sie einen der Wege auf dieser Seite.")
	}
	if err := f.Limits.Take(proofOf(), itoa(v.ID)); err != nil {
		return web.Usual, err
	}
	ok := false
	if way == "mailed" {
		for _, slot := range []int64{f.slot(), f.slot() - 1} {
			ok = ok || same(compact(typed), f.proofCode(v.Session, slot))
		}
	} else {
		var l login
		err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
			l, err = passwordLogin(tx, have.Addresses[0].Mail)
			return err
		})
		if err != nil {
			return web.Usual, err
		}
		if len(typed) > longest {
			typed = ""
		}
		if ok, err = f.hasher.fits(r.Context(), l.Hash, typed); err != nil {
			return web.Usual, err
		}
		ok = ok && l.Person == v.ID
	}
	if !ok {
		if err := f.refused(r, v.ID); err != nil {
			return web.Usual, err
		}
		if way == "mailed" {
			return web.Usual, fault.At(proofSecret, "Dieser Code stimmt nicht, oder er ist zu alt.")
		}
		return web.Usual, fault.At(proofSecret, "Dieses Passwort stimmt nicht.")
	}
	f.Limits.Forget(proofOf(), itoa(v.ID))
	return web.Usual, nil
}

// named puts what is wrong with a code to the field of this page.
func named(err error) error {
	if words, ok := fault.Fields(err)["code"]; ok {
		return fault.At(proofSecret, "%s", words)
	}
	return err
}

// slot counts spans of codeLasts.
func (f *feature) slot() int64 { return f.Now().Unix() / int64(codeLasts/time.Second) }

// proofCode is the code that is mailed to whoever is behind a session: six digits that lie nowhere. A proof gives the
// session another id, so that no code counts twice.
func (f *feature) proofCode(session []byte, slot int64) string {
	n, err := strconv.ParseUint(f.Settings.Mark("account proof code", hex.EncodeToString(session)+" "+strconv.FormatInt(slot, 10)), 16, 64)
	if err != nil {
		panic(err) // a mark is 16 hexadecimal digits
	}
	return fmt.Sprintf("%06d", n%1_000_000)
}

// A codeOrder is what the task "account.code" is told.
type codeOrder struct {
	Session string // hex of its hash
	Slot    int64
}

// mailCode has the code of a session mailed to the verified addresses of its person.
func (f *feature) mailCode(tx *store.Tx, v who.Viewer) error {
	arg, err := json.Marshal(codeOrder{hex.EncodeToString(v.Session), f.slot()})
	if err != nil {
		return err
	}
	return f.Tasks.Add(tx, "account.code", v.ID, string(arg))
}

// sendCode carries "account.code" out.
func (f *feature) sendCode(ctx context.Context, id int64, arg string) error {
	var o codeOrder
	if err := json.Unmarshal([]byte(arg), &o); err != nil {
		return task.Drop(err)
	}
	session, err := hex.DecodeString(o.Session)
	if err != nil {
		return task.Drop(err)
	}
	if f.slot() > o.Slot+1 {
		return task.Drop(fmt.Errorf("nobody waits for this code any more"))
	}
	var to person.Person
	var have []Address
	err = f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if to, err = person.Get(tx, id); err != nil {
			return err
		}
		have, err = addresses(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	l, code := lang.Of(to.Language), f.proofCode(session, o.Slot)
	for _, a := range have {
		if a.Verified.IsZero() {
			continue
		}
		err := f.Mail.Send(ctx, mail.Message{
			To: a.Mail, Name: to.Name(), Subject: l.T("Ihr Code zum Bestätigen"), Kind: mail.SignIn, Language: l.Code, Urgent: true,
			Text: l.T("Guten Tag %s,", to.Name()) + "\n\n" + l.T("mit diesem Code bestätigen Sie, dass Sie es sind:") + "\n\n" + code[:3] + " " + code[3:] + "\n\n" +
				l.T("Er gilt 10 Minuten. Sagen Sie ihn niemandem, auch nicht am Telefon.") + "\n" +
				l.T("Wenn Sie nichts angefordert haben, ist vielleicht jemand anderes an Ihrem Gerät: Melden Sie es in Ihrem Konto ab.") + "\n",
		})
		if err != nil {
			return err
		}
	}
	return nil
}
