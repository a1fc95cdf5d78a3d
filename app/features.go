package app

import (
	"context"
	"fmt"
	"html/template"
	"path/filepath"
	"slices"
	"time"

	kept "nestfunk/app/base/backup"
	"nestfunk/app/base/house"
	"nestfunk/app/base/push"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/demo"
	"nestfunk/app/feature/absence"
	"nestfunk/app/feature/account"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/audit"
	"nestfunk/app/feature/backup"
	"nestfunk/app/feature/barrier"
	"nestfunk/app/feature/bulletin"
	"nestfunk/app/feature/calendar"
	"nestfunk/app/feature/catalogue"
	"nestfunk/app/feature/checkup"
	"nestfunk/app/feature/committee"
	"nestfunk/app/feature/consent"
	"nestfunk/app/feature/device"
	"nestfunk/app/feature/file"
	"nestfunk/app/feature/handbook"
	"nestfunk/app/feature/home"
	"nestfunk/app/feature/incident"
	"nestfunk/app/feature/intake"
	"nestfunk/app/feature/list"
	"nestfunk/app/feature/message"
	"nestfunk/app/feature/oparl"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/paper"
	"nestfunk/app/feature/privacy"
	"nestfunk/app/feature/reachability"
	"nestfunk/app/feature/registry"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/search"
	"nestfunk/app/feature/slip"
	"nestfunk/app/feature/tablet"
	"nestfunk/app/feature/wiki"
	"nestfunk/app/feature/youth"
)

// Features are all features of a house, without what only a demonstration has.
func Features(h *house.House) []house.Feature { return features(h, nil) }

// features are all features of the house, in the order of the main menu. Cards are for the demonstration only; nil: none.
func features(h *house.House, cards func(*store.Tx) ([]account.Card, error)) []house.Feature {
	var all []house.Feature
	dates := func(tx *store.Tx, v who.Viewer, from, to time.Time) (list []house.Date, err error) {
		for _, f := range all {
			if f.Dates == nil {
				continue
			}
			more, err := f.Dates(tx, v, from, to)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
		return list, nil
	}
	rooms := hall(h)
	away := absence.New(h, absence.Wires{Log: operation.Log, Care: announcement.Absent(h), Shut: calendar.Shut(h), Dates: dates, Tell: func(tx *store.Tx, n absence.Notice) (bool, error) {
		return message.Report(tx, h, n.By, message.Matter{About: fmt.Sprintf("absence %d", n.Absence), Child: n.Child, Unit: n.Group, Title: n.Title, Body: n.Body})
	}})
	cal := calendar.New(h, dates, operation.Log)
	slips, asks := slip.New(h, func(tx *store.Tx, id int64, v who.Viewer) (slip.Announcement, error) {
		a, err := announcement.See(tx, h, id, v)
		return slip.Announcement{Title: a.Title, UnitName: a.UnitName, Expires: a.Expires, Meant: a.Meant}, err
	}, func(tx *store.Tx, id int64, v who.Viewer) error { return announcement.Answered(tx, h, id, v) })
	boards, start := councils(h, &all)
	book, notice := catalogue.New(h, catalogue.Wires{Log: operation.Log, Sweeps: sweeps()})
	consents := consent.New(h, consent.Wires{Log: operation.Log, Others: agreements})
	safe, state := backup.New(h, backup.Wires{Log: operation.Log, Warn: operation.Warn(h), Deleted: deletions})
	all = []house.Feature{
		announcement.New(h, announcement.Wires{Above: above(append([]house.Part{away.Start, consents.Start}, start...)...), Beside: cal.Beside, Extras: []announcement.Extra{announcement.Extra(asks)},
			Begun: calendar.Announced(h), Planned: calendar.Planned}),
		away,
		message.New(h, operation.Log),
		cal,
		reachability.New(h, func(tx *store.Tx, v who.Viewer, now time.Time) (time.Time, bool, error) {
			last, err := announcement.LastDrill(tx, v)
			return last, announcement.DrillDue(last, now), err
		}),
		list.New(h),
		slips,
		registry.New(h, operation.Log, allowed),
		consents,
		wiki.New(h, operation.Log, operation.Seeds(), room.Passed(h.Now)),
		room.New(h, operation.Log, room.Pages{
			Rules:   func(tx *store.Tx) (template.HTML, error) { return wiki.Written(h.Now)(tx, wiki.Netiquette) },
			Titles:  wiki.Titles(h.Now),
			Writers: wiki.Writers,
		}, youth.Dismissing(h, rooms)),
		youth.New(h, operation.Log, rooms),
		intake.New(h, operation.Log),
		account.New(h, cards, operation.Log, calendar.Unsubscribe),
		tablet.New(h, shared(h)),
		operation.New(h, operation.Wires{Bounced: announcement.Bounced(h.Now), Texted: announcement.Texted(h.Now), Written: wiki.Written(h.Now), Notice: operation.Notice(notice),
			Answered: message.Answered(h), Backup: func(tx *store.Tx) (operation.Backup, error) {
				s, err := state(tx)
				return operation.Backup{Words: s.Words(), Good: s.Set && !s.Late && s.Why == "" && s.Left == ""}, err
			}, Outbound: func() (out []house.Outbound) {
				for _, f := range all {
					out = append(out, f.Outbound...)
				}
				return out
			}, Due: map[retention.Class]retention.Due{retention.List: list.Due, retention.Slip: slip.Due, retention.Bulletin: bulletin.Due, retention.Announcement: announcement.Due}}),
		safe,
		audit.New(h, audit.Wires{Log: operation.Log, Warn: operation.Warn(h), Words: operation.Words, Actions: operation.Actions}),
		book,
		incident.New(h, operation.Log),
		paper.New(h, paper.Wires{Backup: func(tx *store.Tx) (string, bool, error) {
			s, err := state(tx)
			return s.Words(), s.Set && !s.Late && s.Why == "", err
		}}),
		checkup.New(h, checkedBy(h, state)),
		barrier.New(h, operation.Log),
		device.New(h, notifications(h), ahead),
		handbook.New(),
		search.New(h),
		home.New(),
	}
	all = slices.Insert(all, 4, boards...)
	all = append(all, oparl.New(h, operation.Log, all))
	all = append(all, file.New(h, all))
	// Who is forgotten is forgotten by all others first: what is still referred to then keeps a row without a name.
	return append(all, privacy.New(h, operation.Log, all))
}

// sweeps are what is over by its own time, whenever that was.
func sweeps() []catalogue.Sweep {
	return []catalogue.Sweep{
		func(tx *store.Tx, now time.Time) (retention.Class, int, error) {
			n, err := web.Sweep(tx, now)
			return retention.Session, n, err
		},
		func(tx *store.Tx, now time.Time) (retention.Class, int, error) {
			n, err := account.Sweep(tx, now)
			return retention.Minutes, n, err
		},
		func(tx *store.Tx, now time.Time) (retention.Class, int, error) {
			n, err := account.SweepRecoveries(tx, now)
			return retention.Record, n, err
		},
		func(tx *store.Tx, now time.Time) (retention.Class, int, error) {
			n, err := sms.Sweep(tx, now)
			return retention.SMS, n, err
		},
		func(tx *store.Tx, now time.Time) (retention.Class, int, error) {
			n, err := privacy.Sweep(tx, now)
			return retention.Backup, n, err
		},
	}
}

// checkedBy is what a checkup needs to know of the others.
func checkedBy(h *house.House, state func(*store.Tx) (backup.State, error)) checkup.Wires {
	return checkup.Wires{Log: operation.Log, Warn: operation.Warn(h), Folder: filepath.Dir(h.Scratch), Backup: func(tx *store.Tx) (checkup.Backup, error) {
		s, err := state(tx)
		return checkup.Backup{Words: s.Words(), Good: s.Set && !s.Late && s.Why == "", Last: s.Last}, err
	}, Lost: func(tx *store.Tx) (checkup.Lost, error) { return lost(tx, h) }}
}

// lost is what the house's key file does not open and somebody has to see to; the rest the house makes anew.
func lost(tx *store.Tx, h *house.House) (x checkup.Lost, err error) {
	all, err := h.Settings.Lost(tx)
	if err != nil {
		return x, err
	}
	x.Names = operation.Secrets(all)
	names, people, err := account.Lost(tx, h.Settings)
	x.Names, x.People = append(x.Names, names...), people
	return x, err
}

// shared is what a tablet of a group needs of others.
func shared(h *house.House) tablet.Wires {
	today, tap := absence.Today(h), absence.Tap(h)
	hash, fits := account.Hasher()
	return tablet.Wires{Log: operation.Log, Hash: hash, Fits: fits, QR: account.QR,
		Today: func(tx *store.Tx, group int64) (all []tablet.Child, err error) {
			lines, err := today(tx, group)
			for _, l := range lines {
				c := tablet.Child{ID: l.Child, Name: l.Name(), State: l.State(), Last: l.Last, Since: l.Came}
				if !l.Left.IsZero() {
					c.Since = l.Left
				}
				for _, x := range l.Contacts {
					if x.Phone != "" {
						c.Contacts = append(c.Contacts, tablet.Contact{Name: x.Name, Phone: x.Phone})
					}
				}
				all = append(all, c)
			}
			return all, err
		},
		Tap: func(tx *store.Tx, v who.Viewer, group int64, t tablet.Tap) error {
			return tap(tx, v, group, absence.Deed{UID: t.UID, Child: t.Child, Kind: t.Kind, Instead: t.Instead, Device: t.Device})
		}}
}

// above puts parts of the start page below each other.
func above(parts ...house.Part) house.Part {
	return func(tx *store.Tx, p web.Page) (all template.HTML, _ error) {
		for _, part := range parts {
			more, err := part(tx, p)
			if err != nil {
				return "", err
			}
			all += more
		}
		return all, nil
	}
}

// hall is what young people find behind their door.
func hall(h *house.House) youth.Rooms {
	seen := func(r room.Room) youth.Room {
		return youth.Room{ID: r.ID, Name: r.Name, Hours: r.Hours, Youth: r.Youth, Moderates: r.Moderates}
	}
	return youth.Rooms{
		See: func(tx *store.Tx, id int64, v who.Viewer) (youth.Room, error) {
			r, err := room.Get(tx, id, v, h.Now())
			return seen(r), err
		},
		Mine: func(tx *store.Tx, v who.Viewer) (all []youth.Room, err error) {
			list, err := room.List(tx, v, h.Now())
			for _, l := range list {
				all = append(all, seen(l.Room))
			}
			return all, err
		},
		Team:   func(tx *store.Tx, id int64) ([]string, error) { return room.Team(tx, id, h.Now()) },
		Leave:  func(tx *store.Tx, id, person int64, words bool) error { return room.Leave(tx, h, id, person, words) },
		Forget: room.Erase,
	}
}

// allowed is what may be done with a child, as its family has said.
func allowed(tx *store.Tx, child int64, now time.Time) (all []registry.Use, _ error) {
	for _, u := range []struct{ kind, words string }{
		{consent.Inside, "Fotos in der Einrichtung"}, {consent.Outside, "Fotos nach außen"}, {consent.Outing, "Name auf Listen für Ausflüge"},
	} {
		ok, err := consent.Holds(tx, u.kind, child, now)
		if err != nil {
			return nil, err
		}
		all = append(all, registry.Use{Words: u.words, May: ok})
	}
	return all, nil
}

// agreements are what somebody has agreed to on other pages. What young people and the team have settled is not among it:
// custodians learn nothing of it here.
func agreements(tx *store.Tx, v who.Viewer, now time.Time) (all []consent.Elsewhere, _ error) {
	councils, err := bulletin.Councils(tx, v.ID, now)
	if err != nil {
		return nil, err
	}
	for _, c := range councils {
		all = append(all, consent.Elsewhere{What: "Rundbriefe", Title: c.Name, Yes: c.Agreed(), Path: "/rundbriefe"})
	}
	asked, err := committee.Asked(tx, v.ID)
	for _, u := range asked {
		all = append(all, consent.Elsewhere{What: "Kontakt für die Nachfolge", Title: u.Name, Yes: true, Path: fmt.Sprintf("/gremium/%d", u.ID)})
	}
	return all, err
}

// deletions are who was forgotten, for the backups.
func deletions(tx *store.Tx) (all []kept.Deletion, err error) {
	list, err := privacy.Deletions(tx)
	for _, d := range list {
		all = append(all, kept.Deletion(d))
	}
	return all, err
}

// notifications are what a device needs of those who send them.
func notifications(h *house.House) device.Push {
	shown := announcement.Shown(h.Now)
	return device.Push{
		Key: h.Push.PublicKey,
		Subscribe: func(tx *store.Tx, v who.Viewer, s device.Subscription) error {
			sub, err := h.Push.Parse(s.Endpoint, s.Key, s.Secret)
			if err != nil {
				return err
			}
			return push.Subscribe(tx, v.ID, v.Session, sub, h.Now())
		},
		Unsubscribe: func(tx *store.Tx, v who.Viewer, endpoint string) error { return push.Unsubscribe(tx, v.ID, endpoint) },
		Shown:       func(tx *store.Tx, v who.Viewer, ref string) error { return shown(tx, v.ID, ref) },
	}
}

// ahead are the pages that a device fetches while it can.
func ahead(tx *store.Tx, v who.Viewer, now time.Time) (all []string, _ error) {
	for _, of := range []device.Ahead{announcement.Ahead, absence.Ahead, message.Ahead, calendar.Ahead} {
		more, err := of(tx, v, now)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// town makes the features of a demonstration, and its people where there are none yet.
func town(ctx context.Context, h *house.House, dir *folder) ([]house.Feature, error) {
	post := demo.NewPost(h.Now)
	h.Mail = post
	h.SMS = demo.Phones{Post: post}
	if _, done := dir.demo(); !done {
		if err := demo.Fill(ctx, h, post, Features); err != nil {
			return nil, err
		}
		if err := dir.demoIsDone(); err != nil {
			return nil, err
		}
	}
	return append(features(h, demo.Cards), demo.New(h, post)), nil
}

// banner is the warning that those who announce read on every page.
func banner(tx *store.Tx, h *house.House, v who.Viewer) string {
	if h.Demo || !v.May(who.Leaders|who.Of(who.Admin)) {
		return ""
	}
	return operation.Banner(tx, h.Settings)
}
