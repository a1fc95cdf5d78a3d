package demo

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/wiki"
	"nestfunk/assets/demo"
)

// archives has the town's people write down what they know: the city, the first Kita and its council.
func (t *town) archives(ctx context.Context) error {
	t.clock.set(t.ago(17, 15, 0))
	k := t.kitas[0]
	for _, a := range []struct {
		name string
		unit int64
		by   int64
	}{{"stadt", t.city, t.official.ID}, {"kita", k.id, k.head.ID}, {"elternbeirat", t.council, t.delegate}} {
		if err := t.archive(ctx, a.name, a.unit, a.by); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		for purpose, s := range map[string]wiki.Text{
			"imprint":       {Title: "Impressum", Body: "**Vorführung.** Dieses Haus gibt es nicht.\n\n" + demo.Source},
			wiki.Netiquette: {Title: "Netiquette", Body: courtesy},
		} {
			if _, _, err := wiki.Add(tx, t.official, wiki.Draft{Unit: t.city, Access: wiki.Public, Purpose: purpose, Text: s}, t.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

const courtesy = `So gehen wir in diesem Haus miteinander um.

- Wir schreiben so, wie wir auch sprechen würden, wenn die anderen im Raum wären.
- Wir nennen keine Namen von Kindern und zeigen keine Bilder, auf denen man sie erkennt.
- Wer sich ärgert, schläft eine Nacht darüber.

> [!tipp]
> Eine kurze Nachfrage klärt mehr als eine lange Nachricht.

## Wenn etwas schiefgeht

Wenden Sie sich an die Leitung Ihrer Einrichtung. Sie hilft oder weiß, wer helfen kann.`

// archive reads a folder of pages in, as somebody would who has them on a stick.
func (t *town) archive(ctx context.Context, name string, unit, by int64) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(demo.Archive(name)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	s, err := bundle.Zip(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return err
	}
	var u org.Unit
	if err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = org.Get(tx, unit)
		return err
	}); err != nil {
		return err
	}
	rep, err := wiki.Import(ctx, t.House, u, s, wiki.Writer{Person: by, Board: true, Release: true})
	if err == nil && (len(rep.Refused) > 0 || len(rep.Warnings) > 0) {
		err = fmt.Errorf("refused %v, warned %q", rep.Refused, rep.Warnings)
	}
	return err
}
