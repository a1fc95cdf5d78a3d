package room

import (
	"context"
	"strings"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
)

const digestKind = "room.digest" // send the mails of an evening

// gather has a post wait for the mail of a person's evening.
func gather(tx *store.Tx, h *house.House, person, post int64) error {
	evening := channel.Evening(h.Now())
	if _, err := tx.Exec(`INSERT INTO room_news (person, post, due) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, person, post, evening.Unix()); err != nil {
		return err
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND ref = ?`, digestKind, evening.Unix())
	if err != nil || n > 0 {
		return err
	}
	return h.Tasks.AddAt(tx, digestKind, evening.Unix(), "", evening)
}

// digestJob writes one mail to each person about all that is new in the topics they follow. What somebody may no longer
// read is left out. Each person's rows go before the next mail is written, so that a mail server that fails has nobody
// told twice.
func digestJob(h *house.House) task.Job {
	return task.Job{Kind: digestKind, Run: func(ctx context.Context, evening int64, _ string) error {
		for {
			var to int64
			var all []message
			err := h.DB.Read(ctx, func(tx *store.Tx) error {
				people, err := store.All(tx, store.Value[int64], `SELECT person FROM room_news WHERE due <= ? ORDER BY person LIMIT 1`, evening)
				if err != nil || len(people) == 0 {
					return err
				}
				to = people[0]
				posts, err := store.All(tx, store.Value[int64], `SELECT post FROM room_news WHERE person = ? AND due <= ? ORDER BY post`, to, evening)
				for _, p := range posts {
					m := message{what: ofPost, to: to}
					if err := m.load(tx, h, p); fault.KindOf(err) == fault.NotFound {
						continue
					} else if err != nil {
						return err
					}
					all = append(all, m)
				}
				return err
			})
			if err != nil || to == 0 {
				return err
			}
			if len(all) > 0 && all[0].address != "" && h.Mail.Configured(ctx) {
				if err := h.Mail.Send(ctx, compose(h, all)); err != nil && !mail.Refused(err) {
					return err
				}
			}
			if err := h.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`DELETE FROM room_news WHERE person = ? AND due <= ?`, to, evening)
				return err
			}); err != nil {
				return err
			}
		}
	}}
}

// compose writes one mail about several posts, topic by topic.
func compose(h *house.House, all []message) mail.Message {
	first := all[0]
	m := mail.Message{To: first.address, Name: first.name, Kind: mail.News, Language: first.lang.Code, Subject: first.line()}
	var lines []string
	told := map[string]int{} // topic: where its lines are
	for _, x := range all {
		i, ok := told[x.tag]
		if !ok {
			i = len(lines)
			told[x.tag] = i
			head := x.room
			if x.title != "" {
				head += ": " + x.title
			}
			lines = append(lines, head+"\n"+h.URL(x.path))
		}
		if words := text.Plain(x.body, 200); words != "" {
			lines[i] += "\n– " + words
		}
	}
	lines = append(lines, first.lang.T("Das ist die Zusammenfassung des Tages. Ändern können Sie das hier: %s", h.URL("/konto/wege")))
	m.Text = strings.Join(lines, "\n\n")
	return m
}
