package message

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// The address to which one answers a mail about a message is antwort+TOKEN@…: conversation, person and day until which it
// is taken, signed by the house. It counts only from an address of that person, so that a mail that was passed on opens
// nothing, and what it says goes through the same rules as what is written on the page.

const (
	replyLife    = 30 * 24 * time.Hour
	replyPurpose = "message reply"
)

// refusals limits what the house answers to one address: two machines must not write to each other for ever.
func refusals() web.Limit { return web.Limit{Name: "message reply", N: 3, In: 24 * time.Hour} }

// token names a conversation, a person and a day, in letters that survive any mail program.
func token(h *house.House, conversation, person int64, until time.Time) string {
	said := strings.Join([]string{strconv.FormatInt(conversation, 36), strconv.FormatInt(person, 36), strconv.FormatInt(until.Unix()/86400, 36)}, "-")
	return said + "-" + h.Settings.Mark(replyPurpose, said)
}

var tokens = regexp.MustCompile(`^(([0-9a-z]{1,13})-([0-9a-z]{1,13})-([0-9a-z]{1,13}))-([0-9a-f]{16})$`)

// parse reads a token; false: the house has not made it.
func parse(h *house.House, token string) (conversation, person int64, until time.Time, ok bool) {
	m := tokens.FindStringSubmatch(strings.ToLower(token))
	if m == nil || !h.Settings.Marked(replyPurpose, m[1], m[5]) {
		return 0, 0, until, false
	}
	conversation, err1 := strconv.ParseInt(m[2], 36, 64)
	person, err2 := strconv.ParseInt(m[3], 36, 64)
	day, err3 := strconv.ParseInt(m[4], 36, 64)
	return conversation, person, time.Unix((day+1)*86400, 0), err1 == nil && err2 == nil && err3 == nil
}

// replyAddress is where a person answers a conversation by mail; "" where the house reads no mailbox for it.
func replyAddress(tx *store.Tx, h *house.House, conversation, person int64) (string, error) {
	base, err := h.Settings.Get(tx, settings.MessageReply)
	if err != nil || base == "" {
		return "", err
	}
	box, err := h.Settings.Get(tx, settings.BounceHost)
	if err != nil || box == "" {
		return "", err
	}
	local, domain, _ := strings.Cut(base, "@")
	return local + "+" + token(h, conversation, person, h.Now().Add(replyLife)) + "@" + domain, nil
}

// Answered takes what people answer to mails about messages.
func Answered(h *house.House) mail.Answered {
	return func(ctx context.Context, r mail.Reply) (bool, error) {
		var base string
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			base, err = h.Settings.Get(tx, settings.MessageReply)
			return err
		})
		secret, mine := addressed(base, r.To)
		if err != nil || !mine {
			return false, err
		}
		if r.Auto || r.From == "" {
			return true, nil
		}
		err = take(ctx, h, secret, r)
		if _, ok := errors.AsType[refusal](err); !ok && fault.KindOf(err) == fault.Internal && err != nil {
			return true, err
		}
		if err == nil && !r.Files {
			return true, nil
		}
		return true, tellBack(ctx, h, r.From, err)
	}
}

// guarded reports whether somebody needs a second factor to come in, and so to write: a mailbox alone is not enough.
func guarded(v who.Viewer) bool { return v.Held()&who.Guarded != 0 }

// addressed finds the token of the address to which a mail went; false: it went to another.
func addressed(base string, to []string) (token string, ok bool) {
	local, domain, there := strings.Cut(strings.ToLower(base), "@")
	for _, a := range to {
		name, at, _ := strings.Cut(strings.ToLower(a), "@")
		if rest, plus := strings.CutPrefix(name, local+"+"); there && plus && at == domain {
			return rest, true
		}
	}
	return "", false
}

// A refusal is why an answer is not taken, in words that tell nobody anything about a conversation.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	strange refusal = "Die Adresse, an die Sie geantwortet haben, gibt es nicht oder nicht mehr. Bitte schreiben Sie Ihre Nachricht in Nestfunk selbst."
	late    refusal = "Auf diese Mail kann man nur 30 Tage lang antworten. Bitte schreiben Sie Ihre Nachricht in Nestfunk selbst."
	other   refusal = "Ihre Antwort kam von einer anderen Adresse als der, an die wir geschrieben haben. Zum Schutz aller nehmen wir sie nicht an. Bitte schreiben Sie Ihre Nachricht in Nestfunk selbst."
	barred  refusal = "Wer im Team ist, kann nicht per Mail antworten: Wer nur Ihr Postfach kennt, soll nicht in Ihrem Namen schreiben können. Bitte schreiben Sie Ihre Nachricht in Nestfunk selbst."
	empty   refusal = "In Ihrer Antwort stand kein Text, den wir lesen konnten. Bitte schreiben Sie Ihre Nachricht in Nestfunk selbst."
)

// take writes an answer into its conversation.
func take(ctx context.Context, h *house.House, secret string, r mail.Reply) error {
	conversation, person, until, ok := parse(h, secret)
	if !ok {
		return strange
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		known, err := store.One(tx, store.Value[bool], `
			SELECT EXISTS (SELECT 1 FROM account_mail WHERE person = ?1 AND verified > 0 AND lower(mail) = ?2)
				OR EXISTS (SELECT 1 FROM membership WHERE person = ?1 AND state = 'confirmed' AND lower(mail) = ?2)
				OR EXISTS (SELECT 1 FROM guardian WHERE person = ?1 AND state = 'confirmed' AND lower(mail) = ?2)`, person, r.From)
		switch {
		case err != nil:
			return err
		case !known:
			return other
		case !h.Now().Before(until):
			return late
		case r.Text == "":
			return empty
		}
		v, err := org.Viewer(tx, person, h.Now())
		if err != nil {
			return err
		}
		if guarded(v) {
			return barred
		}
		uid := uuid.NewSHA1(uuid.NameSpaceURL, []byte("mid:"+r.ID+" "+secret)).String() // a mail that is read twice says it once
		if id, err := sent(tx, uid, v); id != 0 || err != nil {
			return err
		}
		_, err = Send(tx, h, v, conversation, Draft{UID: uid, Body: escaped(r.Text)})
		return err
	})
}

// escaped keeps the signs of a mail from being read as Markdown, where they would make code or a heading of it.
func escaped(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		line = strings.TrimLeft(line, " \t")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "=") || strings.HasPrefix(line, "~~~") || strings.HasPrefix(line, "```") {
			line = `\` + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// tellBack answers whose answer was not taken, or not all of it: only to the address that it came from, with nothing of what
// is in the house, and not often.
func tellBack(ctx context.Context, h *house.House, to string, why error) error {
	if h.Limits.Take(refusals(), to) != nil || !h.Mail.Configured(ctx) {
		return nil
	}
	words, subject := "Ihre Antwort ist angekommen. Dateien nehmen wir aus Mails nicht an: Bitte fügen Sie sie in Nestfunk selbst an.", "Ihre Antwort ist ohne Dateien angekommen"
	if why != nil {
		words, subject = fault.Words(why), "Ihre Antwort wurde nicht angenommen"
		if r, ok := errors.AsType[refusal](why); ok {
			words = string(r)
		}
		for _, field := range fault.Fields(why) {
			words += " " + field
		}
	}
	err := h.Mail.Send(ctx, mail.Message{To: to, Kind: mail.News, Subject: subject, Text: words + "\n\n" + h.URL("/nachrichten")})
	if mail.Refused(err) {
		return nil
	}
	return err
}
