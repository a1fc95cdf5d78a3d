package demo

import (
	"context"

	"nestfunk/app/base/who"
	"nestfunk/app/feature/barrier"
	"nestfunk/app/feature/operation"
)

// barriers are two reports: one that was answered, and one that waits.
func (t *town) barriers() event {
	serve := serving(t.House, barrier.New(t.House, operation.Log).Routes)
	return event{t.ago(9, 20, 40), func(ctx context.Context) error {
		for _, r := range []struct{ page, body string }{
			{"Termine", "Mein Vorleseprogramm sagt bei den Schließtagen nur die Zahl, nicht den Monat."},
			{"Mitteilung zum Laternenfest", "Der Plan vom Hof ist nur ein Bild. Was darauf steht, kann ich nicht vergrößern."},
		} {
			if err := serve(ctx, who.Viewer{}, "/barriere", "page", r.page, "body", r.body); err != nil {
				return err
			}
		}
		return serve(ctx, t.official, "/barriere/1", "answer", "Danke für den Hinweis. Seit heute steht der Monat bei jedem Tag dabei.")
	}}
}
