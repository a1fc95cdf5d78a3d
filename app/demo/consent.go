package demo

import (
	"context"
	"fmt"

	"nestfunk/app/base/who"
	"nestfunk/app/feature/consent"
	"nestfunk/app/feature/operation"
)

// consents are what the first Kita asks its families: pictures in the house, and for its website. Most have answered; the
// family of the card has not yet said anything to the second.
func (t *town) consents() event {
	k := t.kitas[0]
	serve := serving(t.House, consent.New(t.House, consent.Wires{Log: operation.Log}).Routes)
	return event{t.ago(15, 10, 20), func(ctx context.Context) error {
		for i, p := range []struct{ kind, title, words, both string }{
			{consent.Inside, "Fotos in der Kita", "Wir hängen Bilder von Ihrem Kind in der Gruppe und im Flur auf und kleben sie in sein Ich-Buch. Sie bleiben im Haus. Am Ende des Kita-Jahres nehmen wir sie ab und geben sie Ihnen mit.", ""},
			{consent.Outside, "Fotos für unsere Website", "Wir zeigen Bilder von Festen auf unserer Website. Dort kann sie jeder Mensch auf der Welt sehen und speichern. Namen stehen nie dabei.", "1"},
		} {
			err := serve(ctx, k.head, "/einwilligungen/neu", "uid", fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "unit", fmt.Sprint(k.id), "kind", p.kind, "title", p.title,
				"words", p.words, "about", "child", "both", p.both, "alone", "16")
			if err != nil {
				return err
			}
			for n, c := range k.children() {
				if len(c.parents) == 0 || i == 1 && c.family == parent.family || (n+i)%6 == 5 {
					continue
				}
				yes := "1"
				if (n+2*i)%9 == 4 {
					yes = "0"
				}
				if err := serve(ctx, who.Viewer{ID: c.parents[0]}, "/einwilligungen", "purpose", fmt.Sprint(i+1), "version", "1", "child", fmt.Sprint(c.id), "yes", yes); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}
