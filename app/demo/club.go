package demo

import (
	"context"
	"fmt"

	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/youth"
)

// Entrance is the code with which one comes into the youth room of the demonstration.
const Entrance = "MEER2026"

// club makes a youth club, and lets young people come in with a code and write.
func (t *town) club(ctx context.Context) error {
	var unit int64
	var team who.Viewer
	t.clock.set(t.ago(25, 10, 0))
	if err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		carrier, err := org.Add(tx, org.Unit{Parent: t.city, Kind: org.Carrier, Name: "Jugendring Süd"}, t.Now())
		if err != nil {
			return err
		}
		if unit, err = org.Add(tx, org.Unit{Parent: carrier, Kind: org.Facility, Name: "Jugendtreff Süd"}, t.Now()); err != nil {
			return err
		}
		if _, err = t.appoint(tx, t.crowd.adult("de", true), unit, who.Head); err != nil {
			return err
		}
		if team, err = t.appoint(tx, worker, unit, who.Staff); err != nil {
			return err
		}
		team, err = org.Viewer(tx, team.ID, t.Now()) // with what he holds
		return err
	}); err != nil {
		return err
	}
	c := chat{by: team, plan: room.Plan{Unit: unit, Youth: true, Review: true, Consent: true, Name: "Jugendtreff Süd", Hours: "Mo bis Fr 14 bis 20 Uhr, Sa 15 bis 22 Uhr",
		About: "Was im Treff los ist, und was euch beschäftigt."}}
	c.said = []said{{by: team.ID, at: t.ago(14, 15, 0), title: "Willkommen", pinned: true,
		body: "Hier könnt ihr schreiben, auch wenn der Treff gerade zu ist. Wir lesen alles, bevor andere es sehen, und antworten, wenn wir da sind.\n\nIhr wollt lieber allein mit uns reden? Kommt vorbei, die Tür zum Büro ist offen."}}
	in, err := t.open(ctx, c)
	if err != nil {
		return err
	}
	young, err := t.join(ctx, in, team, "Falke", "Möwe 7", "sternchen", "Blitz")
	if err != nil {
		return err
	}
	falcon, gull, star, flash := young[0], young[1], young[2], young[3]
	c.said = append(c.said,
		said{by: falcon, at: t.ago(6, 15, 40), title: "Tischtennis am Freitag", body: "Wer macht mit? Letztes Mal waren wir nur zu sechst."},
		said{by: gull, at: t.ago(6, 16, 5), body: "Ich! Und ich bring noch jemanden mit."},
		said{by: star, at: t.ago(6, 17, 30), body: "geht das auch ohne eigenen Schläger?"},
		said{by: team.ID, at: t.ago(6, 18, 10), helped: true, react: map[int64]string{star: "thanks", gull: "agree"}, body: "Schläger haben wir genug. Um 17 Uhr geht es los, und wir machen zwei Gruppen, damit niemand lange wartet."},
		said{by: flash, at: t.ago(3, 16, 20), title: "Bewerbungen", body: "Ich hab jetzt 40 geschrieben und nur Absagen. Langsam hab ich keine Lust mehr. Kann da mal jemand draufschauen?"},
		said{by: team.ID, at: t.ago(3, 16, 45), react: map[int64]string{flash: "thanks"}, body: "Klar. Bring sie am Mittwoch mit, wir setzen uns zusammen hin. 40 zu schreiben und dranzubleiben, das muss man erst mal schaffen."},
		said{by: gull, at: t.ago(2, 19, 15), react: map[int64]string{flash: "helps"}, body: "Bei mir hat es auch ewig gedauert. Nicht aufgeben!"},
		said{by: star, at: t.ago(1, 18, 50), title: "Samstags länger auf?", waits: true, body: "Können wir am Samstag mal bis 23 Uhr bleiben? Wir räumen auch auf."},
	)
	return t.talk(ctx, in, c)
}

// join lets young people in, of whom the team notes what it has to.
func (t *town) join(ctx context.Context, in int64, team who.Viewer, aliases ...string) (all []int64, err error) {
	t.clock.set(t.ago(7, 15, 30))
	if err := t.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := t.welcome(tx, in, team.ID); err != nil {
			return err
		}
		if err := youth.PostCode(tx, in, team, Entrance, 200, 30, t.Now()); err != nil {
			return err
		}
		door := youth.Rooms{Team: func(tx *store.Tx, id int64) ([]string, error) { return room.Team(tx, id, t.Now()) }}
		for _, a := range aliases {
			id, _, _, err := youth.Join(tx, door, who.Viewer{}, youth.Entry{Code: Entrance, Alias: a, Language: lang.Du}, t.Now())
			if err != nil {
				return fmt.Errorf("%s: %w", a, err)
			}
			all = append(all, id)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for i, id := range all {
		age := youth.Over
		if i == 2 {
			age = youth.Under
		}
		if err := t.DB.Write(ctx, func(tx *store.Tx) error { return youth.NoteAge(tx, in, id, age, age == youth.Under, team, t.Now()) }); err != nil {
			return nil, err
		}
	}
	return all, nil
}
