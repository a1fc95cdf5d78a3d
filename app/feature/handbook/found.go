package handbook

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
	"nestfunk/assets/handbook"
)

// source is what can be found of the handbook, by anybody. A page's id is its place.
func source(pages []handbook.Page) search.Source {
	sum := sha256.New()
	docs := make([]search.Doc, len(pages))
	for i, p := range pages {
		sum.Write([]byte(p.Slug + "\n" + p.Title + "\n" + p.Summary + "\n" + p.Body + "\n"))
		docs[i] = search.Doc{Ref: int64(i + 1), Title: p.Title, Body: p.Summary + " " + text.Plain(p.Body, 0), Path: "/handbuch/" + p.Slug, Public: true}
	}
	return search.Source{
		Kind: "handbook", Label: "Handbuch", Edition: hex.EncodeToString(sum.Sum(nil)),
		All: func(_ *store.Tx, above int64, n int) (ids []int64, err error) {
			for _, d := range docs {
				if d.Ref > above && len(ids) < n {
					ids = append(ids, d.Ref)
				}
			}
			return ids, nil
		},
		Docs: func(_ *store.Tx, ids []int64) (some []search.Doc, err error) {
			for _, id := range ids {
				if id >= 1 && id <= int64(len(docs)) {
					some = append(some, docs[id-1])
				}
			}
			return some, nil
		},
		Seen: func(_ *store.Tx, _ who.Viewer, ids []int64) ([]int64, error) { return ids, nil },
		Look: func(_ *store.Tx, _ who.Viewer, words []string, n int) (ids []int64, err error) {
			for _, d := range docs {
				if has(d, words) && len(ids) < n {
					ids = append(ids, d.Ref)
				}
			}
			return ids, nil
		},
	}
}

func has(d search.Doc, words []string) bool {
	text := strings.ToLower(d.Title + " " + d.Body)
	for _, w := range words {
		if !strings.Contains(text, strings.ToLower(w)) {
			return false
		}
	}
	return true
}
