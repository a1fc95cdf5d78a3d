package app

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// unsaid are the references that no export tells of, with the reason.
var unsaid = map[string]string{
	"account_link.person": "a secret of ten minutes; the address stands with the account",
}

// lacking finds references whose rows make no difference to what their feature exports of a subject: take them away, and
// the export is still the same. Nothing is kept of that.
func (f *full) lacking(refs []reference, ids map[string]int64) (wrong []string, err error) {
	owner := sections(apptest.Schema())
	back := errors.New("back")
	for _, r := range refs {
		name := path.Base(owner[r.table])
		var from []house.Feature // what base keeps several tell of
		for _, x := range f.features {
			if x.Export != nil && (x.Name == name || strings.HasPrefix(owner[r.table], "base/")) {
				from = append(from, x)
			}
		}
		s := house.Subject{Person: ids[r.to]}
		if r.to == "child" {
			s = house.Subject{Child: ids[r.to]}
		}
		err := f.DB.Write(f.t.Context(), func(tx *store.Tx) error {
			told := func() (string, error) {
				var all []any
				for _, x := range from {
					data, err := x.Export(tx, s)
					if err != nil {
						return "", err
					}
					all = append(all, data)
				}
				b, err := json.Marshal(all)
				return string(b), err
			}
			before, err := told()
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
				return err
			}
			triggers, err := store.All(tx, store.Value[string], `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?`, r.table)
			if err != nil {
				return err
			}
			for _, name := range triggers { // what must never be deleted is only looked at
				if _, err := tx.Exec(`DROP TRIGGER ` + name); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(fmt.Sprintf(`DELETE FROM %s WHERE %s = ?`, r.table, r.column), s.Person+s.Child); err != nil {
				return fmt.Errorf("%v: %w", r, err)
			}
			after, err := told()
			if _, known := unsaid[r.String()]; err == nil && before == after && !known {
				wrong = append(wrong, fmt.Sprintf("the export of %s does not tell of %v", name, r))
			}
			return errors.Join(back, err)
		})
		if err = withoutBack(err, back); err != nil {
			return nil, err
		}
	}
	return wrong, nil
}

// withoutBack is an error without the one that has the database take everything back.
func withoutBack(err, back error) error {
	if err != nil && errors.Is(err, back) && err.Error() == back.Error() {
		return nil
	}
	return err
}

// TestNobodyElseIsExported: what a mother takes along names nobody but herself and the children for whom she decides, also
// where the other parent and the team have left something with the same child.
func TestNobodyElseIsExported(t *testing.T) {
	h := newHouse(t)
	h.story()
	for _, q := range []string{
		`INSERT INTO message_conversation (id, uid, kind, unit, child, title, offered, at, latest) VALUES (91, 'g91', 'family', 5, 1, 'Geheim von Bert', 0, 0, 91)`,
		`INSERT INTO message_party (conversation, unit, person, at) VALUES (91, NULL, 11, 0), (91, 5, NULL, 0)`,
		`INSERT INTO message (id, uid, conversation, author, side, auto, body, html, renderer, at) VALUES (91, 'n91', 91, 11, NULL, 0, 'Die Mutter soll das nicht lesen', '', 1, 0)`,
		`UPDATE slip_answer SET signed = 'Bert Demir-Geheim' WHERE person = 11 AND child = 1`,
		`INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead) VALUES ('d1', 1, '2026-03-02', 'left', 0, 0, 5, 'Oma Berta', '')`,
		`UPDATE absence_event SET person = 11 WHERE absence IN (SELECT id FROM absence WHERE child = 1)`,
		`INSERT INTO consent_purpose (id, uid, unit, kind, title, about, both, alone, version, least, created) VALUES (71, 'z71', 4, 'inside', 'Fotos', 'child', 1, 16, 1, 1, 0)`,
		`INSERT INTO consent_text (purpose, version, words, author, at) VALUES (71, 1, 'So.', 4, 0)`,
		`INSERT INTO consent (purpose, version, child, giver, yes, channel, clerk, at, until) VALUES (71, 1, 1, 11, 1, 'paper', 5, 0, 99999999999), (71, 1, 1, 6, 1, 'page', NULL, 0, 99999999999)`,
		`INSERT INTO person_before (child, field, before, at, author) VALUES (1, 'given', 'Milla', 0, 4)`,
		`INSERT INTO hold (kind, child, reason, setter, since) VALUES ('keep', 1, 'Bert und Hanna streiten', 3, 0)`,
		`INSERT INTO privacy_request (kind, child, origin, asker, words, at, state) VALUES ('child', 1, 'guardian', 11, 'Bert will das so', 0, 'open')`,
		`INSERT INTO announcement_call (announcement, child, caller, reached, at) VALUES (2, 1, 5, 1, 0)`,
	} {
		h.sql(q)
	}
	var b strings.Builder
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for _, f := range h.features {
			for _, s := range []house.Subject{{Person: apptest.Ada}, {Child: apptest.Mila}, {Child: apptest.Emil}} {
				if f.Export == nil {
					continue
				}
				data, err := f.Export(tx, s)
				if err == nil {
					err = json.NewEncoder(&b).Encode(data)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", f.Name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := b.String()
	for _, w := range []string{"Ada", "Mila", "Emil", "Fotos", "Milla"} {
		if !strings.Contains(all, w) {
			t.Errorf("the export lacks %q", w)
		}
	}
	for _, w := range []string{"Bert", "0461 112", "Stefan", "Hanna", "Rosa", "Arno", "Cem", "Yildiz", "Dana", "Dora", "Geheim", "soll das nicht lesen", "Oma", "streiten", "will das so"} {
		if i := strings.Index(all, w); i >= 0 {
			t.Errorf("the export tells of %q: … %s …", w, all[max(0, i-80):min(len(all), i+80)])
		}
	}
}

// TestPapersAreHandedOver: what a father has signed on paper for his child, and a teacher has filed, he is handed with his
// data; nobody else is, neither the teacher nor with the record of the child. What that has signed alone goes with its record.
func TestPapersAreHandedOver(t *testing.T) {
	h := newHouse(t)
	h.done(apptest.Hanna, "/einwilligungen/neu", "uid", "0195f5a0-0000-7000-8000-000000000071", "unit", fmt.Sprint(apptest.Sonne), "kind", "inside", "title", "Fotos", "words", "So.", "about", "child", "alone", "14")
	h.sql(`UPDATE child SET born = '2010-03-02' WHERE id = ?`, apptest.Emil)
	h.sql(`UPDATE child_stay SET unit = ? WHERE child = ?`, apptest.Kaefer, apptest.Emil)
	file := func(child, giver int64, words string) {
		x, err := h.Files.Receive(t.Context(), apptest.Stefan, words+".txt", strings.NewReader(words))
		if err != nil {
			t.Fatal(err)
		}
		h.done(apptest.Stefan, "/einwilligung/1/papier", "child", fmt.Sprint(child), "giver", fmt.Sprint(giver), "yes", "1", "day", "2026-03-01", "group", fmt.Sprint(apptest.Kaefer), "file", fmt.Sprint(x.ID))
	}
	file(apptest.Mila, apptest.Bert, "Unterschrift von Bert")
	file(apptest.Emil, 0, "Unterschrift von Emil")
	if _, err := h.Files.Receive(t.Context(), apptest.Stefan, "Entwurf.txt", strings.NewReader("Entwurf von Stefan")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		person    int64
		path      string
		has, lack []string
	}{
		{apptest.Bert, "/konto/daten", []string{"Unterschrift von Bert"}, []string{"Unterschrift von Emil", "Entwurf"}},
		{apptest.Stefan, "/konto/daten", []string{"Entwurf von Stefan"}, []string{"Unterschrift"}},
		{apptest.Ada, "/konto/daten", nil, []string{"Unterschrift von Bert", "Entwurf"}},
		{apptest.Arno, fmt.Sprintf("/kind/%d/auskunft", apptest.Mila), []string{"Mila"}, []string{"Unterschrift", "Entwurf"}},
		{apptest.Arno, fmt.Sprintf("/kind/%d/auskunft", apptest.Emil), []string{"Unterschrift von Emil"}, []string{"Unterschrift von Bert", "Entwurf"}},
	} {
		all := h.zipped(c.person, c.path)
		for _, w := range c.has {
			if !strings.Contains(all, w) {
				t.Errorf("%s as %d lacks %q:\n%s", c.path, c.person, w, all)
			}
		}
		for _, w := range c.lack {
			if strings.Contains(all, w) {
				t.Errorf("%s as %d has %q", c.path, c.person, w)
			}
		}
	}
}

// zipped is all that stands in a ZIP that somebody asks for by a form, names of files included.
func (f *full) zipped(person int64, path string) string {
	f.t.Helper()
	w := f.do(person, f.form(person, path))
	z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		f.t.Fatalf("%s as %d: %d %v %s", path, person, w.Code, err, said(w.Body.String()))
	}
	var all strings.Builder
	for _, x := range z.File {
		r, err := x.Open()
		if err != nil {
			f.t.Fatal(err)
		}
		fmt.Fprintf(&all, "== %s\n", x.Name)
		if _, err := io.Copy(&all, r); err != nil {
			f.t.Fatal(err)
		}
	}
	return all.String()
}
