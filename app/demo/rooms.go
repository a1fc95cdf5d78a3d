package demo

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/wiki"
)

// A said is a post; the first one of a topic has a title.
type said struct {
	by          int64
	title, body string
}

// rules is the netiquette of the town, as rooms have it accepted.
func (t *town) rules(tx *store.Tx) (template.HTML, error) { return wiki.Written(t.Now)(tx, wiki.Netiquette) }

// rooms has the town's people talk: the heads of all Kitas, the parents of the first, and the older ones of its Hort.
func (t *town) rooms(ctx context.Context) error {
	k := t.kitas[0]
	mother, err := t.named(ctx, parent)
	if err != nil {
		return err
	}
	for i, r := range []struct {
		by   who.Viewer
		plan room.Plan
		said []said
	}{
		{t.official, room.Plan{Unit: t.city, Units: []int64{t.city}, Roles: who.Of(who.Head, who.Manager), Name: "Leitungen aller Kitas", Keep: 730,
			About: "Fragen, die sich überall stellen, über alle Träger hinweg."}, []said{
			{k.head.ID, "Vertretung in den Ferien", "Zwei von uns sind gleichzeitig weg. Wie regelt ihr die Vertretung, ohne Gruppen zu schließen?"},
			{t.kitas[1].head.ID, "", "Wir haben mit zwei Nachbarkitas einen gemeinsamen Plan:\n\n- bis zum 1. Februar trägt jede Kita ihre Lücken ein\n- wer Luft hat, leiht eine Kraft für höchstens drei Tage\n- die Eltern erfahren es eine Woche vorher"},
			{t.kitas[2].head.ID, "", "Das würden wir gern übernehmen. Wer führt den Plan?"},
			{t.official.ID, "Fortbildung Kinderschutz im Januar", "Es sind noch Plätze frei. Die Anmeldung läuft wie immer über das Amt."},
		}},
		{k.head, room.Plan{Unit: k.id, Units: []int64{k.id}, Roles: who.Of(who.Parent), Name: "Eltern der " + k.name, Keep: 365,
			About: "Zum Beispiel: Fahrgemeinschaften, Flohmarkt, Tipps."}, []said{
			{mother, "Fahrradhelm zu verschenken", "Größe 48, kaum getragen. Wer mag ihn haben?"},
			{t.delegate, "", "Sehr gern! Ich hole ihn morgen beim Abholen."},
			{k.head.ID, "Laternenumzug: wer hilft?", "Wir brauchen noch vier Erwachsene, die vorn und hinten mitgehen."},
		}},
		{k.head, room.Plan{Unit: k.id, Youth: true, Review: true, Consent: true, Name: "Treff der Großen", Hours: "Mo–Fr 14–17 Uhr"}, []said{
			{k.head.ID, "Willkommen", "Hier könnt ihr schreiben, was ihr wollt. Wir lesen alles, bevor andere es sehen."},
		}},
	} {
		t.clock.set(t.ago(9-2*i, 14, 10))
		if err := t.talk(ctx, r.by, r.plan, r.said); err != nil {
			return fmt.Errorf("%s: %w", r.plan.Name, err)
		}
	}
	return nil
}

// named finds somebody of the cards.
func (t *town) named(ctx context.Context, h human) (id int64, err error) {
	err = t.DB.Read(ctx, func(tx *store.Tx) error {
		id, err = store.One(tx, store.Value[int64], `SELECT id FROM person WHERE given = ? AND family = ?`, h.given, h.family)
		return err
	})
	return id, err
}

// talk opens a room, and lets some come in and write, a quarter of an hour after each other.
func (t *town) talk(ctx context.Context, by who.Viewer, p room.Plan, all []said) error {
	var in, topic int64
	if err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		in, err = room.Open(tx, t.House, by, p)
		return err
	}); err != nil {
		return err
	}
	for i, s := range all {
		t.clock.set(t.Now().Add(15 * time.Minute))
		err := t.DB.Write(ctx, func(tx *store.Tx) error {
			v, err := org.Viewer(tx, s.by, t.Now())
			if err != nil {
				return err
			}
			html, err := t.rules(tx)
			if err != nil {
				return err
			}
			if err := room.Accept(tx, in, v, string(html), t.Now()); err != nil {
				return err
			}
			r, err := room.Get(tx, in, v, t.Now())
			if err != nil {
				return err
			}
			d := room.Draft{UID: fmt.Sprintf("vorfuehrung-%d-%d", in, i), Title: s.title, Body: s.body}
			if s.title != "" {
				topic, _, err = room.Begin(tx, t.House, r, v, d)
				return err
			}
			_, err = room.Write(tx, t.House, room.Topic{ID: topic, Room: in}, r, v, d)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
