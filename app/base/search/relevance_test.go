package search_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/base/search"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const texts = "../../../../shared/data/03-text/" // beside the repository; not part of it

// measures of a list of hits, when one document is right.
type measures struct{ ndcg, mrr, first, n float64 }

func (m *measures) add(rank int) { // from 0; -1: not among ten
	m.n++
	if rank < 0 {
		return
	}
	m.ndcg += 1 / math.Log2(float64(rank)+2)
	m.mrr += 1 / float64(rank+1)
	if rank == 0 {
		m.first++
	}
}

// TestXQuAD asks the German half of XQuAD (CC BY-SA 4.0, Google DeepMind): questions as people ask them, each with its
// paragraph.
func TestXQuAD(t *testing.T) {
	var docs []search.Doc
	ref := map[string]int64{}
	lines(t, "xquad-de/docs.jsonl", func(line []byte) error {
		var d struct{ ID, Title, Text string }
		err := json.Unmarshal(line, &d)
		ref[d.ID] = int64(len(docs) + 1)
		docs = append(docs, search.Doc{Title: d.Title, Body: d.Text})
		return err
	})
	x, _ := index(t, docs...)
	right := map[string]int64{}
	lines(t, "xquad-de/qrels.tsv", func(line []byte) error {
		f := strings.Fields(string(line))
		right[f[0]] = ref[f[1]]
		return nil
	})
	var m measures
	lines(t, "xquad-de/queries.jsonl", func(line []byte) error {
		var q struct{ ID, Text string }
		err := json.Unmarshal(line, &q)
		m.add(slices.Index(refs(ask(t, x, who.Viewer{}, q.Text)), right[q.ID]))
		return err
	})
	t.Logf("%d questions: nDCG@10 %.3f, MRR %.3f, P@1 %.3f", int(m.n), m.ndcg/m.n, m.mrr/m.n, m.first/m.n)
	if m.n != 612 || m.ndcg/m.n < 0.92 {
		t.Errorf("%d questions, nDCG@10 %.3f: worse than before", int(m.n), m.ndcg/m.n)
	}
}

func lines(t *testing.T, name string, f func([]byte) error) {
	t.Helper()
	file, err := os.Open(texts + name)
	if err != nil {
		t.Skipf("../shared/data is not here: %s was not read", name)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if err := f(in.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestPages asks for laws and statutes with the words of testdata/queries.tsv, which was written by reading them: compounds
// and their parts, other forms, umlauts, slips of the finger, names.
func TestPages(t *testing.T) {
	var docs []search.Doc
	ref := map[string]int64{}
	for _, folder := range []string{"satzungen-bad-boll", "gesetze"} {
		names, err := filepath.Glob(texts + folder + "/*.md")
		if err != nil || len(names) == 0 {
			t.Skipf("../shared/data is not here: %s was not read", folder)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			body, title := string(b), ""
			if head, rest, ok := strings.Cut(strings.TrimPrefix(body, "---\n"), "\n---\n"); ok {
				body = rest
				_, title, _ = strings.Cut(head, "titel: ")
			}
			if title == "" {
				_, title, _ = strings.Cut(body, "# ")
			}
			title, _, _ = strings.Cut(title, "\n")
			ref[strings.TrimSuffix(filepath.Base(name), ".md")] = int64(len(docs) + 1)
			docs = append(docs, search.Doc{Title: title, Body: text.Plain(body, 0)})
		}
	}
	x, _ := index(t, docs...)
	b, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var kind string
	var m measures
	found, bad := 0, map[string]int{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if word, ok := strings.CutPrefix(line, "# "); ok {
			kind = word
			continue
		}
		query, page, _ := strings.Cut(line, "\t")
		if ref[page] == 0 {
			t.Fatalf("there is no page %q", page)
		}
		rank := slices.Index(refs(ask(t, x, who.Viewer{}, query)), ref[page])
		m.add(rank)
		if rank >= 0 && rank < 5 {
			found++
			continue
		}
		bad[kind]++
		t.Logf("%s: %q does not find %s (place %d)", kind, query, page, rank+1)
	}
	t.Logf("%d queries: %d among the first five (%.1f %%), P@1 %.3f, MRR %.3f, nDCG@10 %.3f", int(m.n), found, 100*float64(found)/m.n, m.first/m.n, m.mrr/m.n, m.ndcg/m.n)
	if m.n < 150 || float64(found) < 0.95*m.n {
		t.Errorf("%d of %d queries find their page among the first five; missed: %v", found, int(m.n), bad)
	}
}
