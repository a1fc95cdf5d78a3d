package oparl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// same reports whether two texts are the same JSON.
func same(t testing.TB, a, b []byte) bool {
	t.Helper()
	value := func(b []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Errorf("%v in %.200s", err, b)
		}
		return v
	}
	return reflect.DeepEqual(value(a), value(b))
}

// told is what reading a file gives: each object, or what is wrong, with its line.
func told(text string, lines bool) (all []string) {
	err := Read(strings.NewReader(text), lines, func(line int, o Object, err error) error {
		if err != nil {
			all = append(all, fmt.Sprintf("%d: %v", line, err))
		} else {
			all = append(all, fmt.Sprintf("%d: %s", line, o.JSON(nil)))
		}
		return nil
	})
	if err != nil {
		all = append(all, err.Error())
	}
	return all
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		lines      bool
		want       string // what is told, with | between
	}{
		{"an object", "\n{\"b\":1e9,\"a\":[true,false,null,-0.50]}\n", false, `2: {"b":1e9,"a":[true,false,null,-0.50]}`},
		{"a mark of byte order", "\uFEFF{}", false, `1: {}`},
		{"letters", `{"a":"\u00e4\ud83d\ude00\/\\\"\n\u0001<&>ü"}`, false, `1: {"a":"ä😀/\\\"\n\u0001<&>ü"}`},
		{"half a letter", `{"a":"\ud800x\ud800\u0041"}`, false, `1: {"a":"�x�A"}`},
		{"a list", "[{\"a\":1},\n{\"a\":2}]", false, `1: {"a":1}|2: {"a":2}`},
		{"an empty list", "[]", false, ``},
		{"nothing", "", false, ``},
		{"a page", "{\"links\":{},\"data\":[\n{\"a\":1},{\"a\":2}],\"pagination\":{}}", false, `2: {"a":1}|2: {"a":2}`},
		{"data that is no list", `{"data":1}`, false, `1: {"data":1}`},
		{"one after the other", "{}{} [{}]", false, `1: {}|1: {}|1: {}`},
		{"no object in a list", `[1,{}]`, false, `1: Das ist kein OParl-Objekt.|1: {}`},
		{"a number that is none", `[{"a":01}]`, false, `1: ` + errJSON.Error()},
		{"breaks off", "[{\"a\":1},\n{\"a\"", false, `1: {"a":1}|2: ` + errShort.Error()},
		{"twice", `[{"a":1,"a":2},{}]`, false, `1: „a“ steht in einem Objekt zweimal.|1: {}`},
		{"no UTF-8", "[{\"a\":\"\xff\"},{}]", false, `1: Ein Text ist nicht in UTF-8 geschrieben.|1: {}`},
		{"a table", "id;name\n", false, `1: ` + errJSON.Error()},
		{"a text", `"x"`, false, `1: ` + errJSON.Error()},
		{"a tail", `{} x`, false, `1: {}|1: ` + errJSON.Error()},
		{"lines", "{\"a\":1}\n\n{\"a\":\n{\"a\":3}", true, `1: {"a":1}|3: ` + errShort.Error() + `|4: {"a":3}`},
		{"two in a line", "{}{}\n{}", true, `1: Das ist kein OParl-Objekt.|2: {}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(told(c.text, c.lines), "|"); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// What nobody writes in earnest is refused, and what follows is read.
func TestReadHuge(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 5_000) + "1" + strings.Repeat("]}", 5_000)
	wide := `{"a":[` + strings.Repeat("1,", mostValues) + "1]}"
	digits := `{"a":` + strings.Repeat("9", 5_000) + "}"
	for name, text := range map[string]string{"tief": deep, "groß": wide, "lang": digits} {
		if got := told("["+text+",{}]", false); len(got) != 2 || !strings.Contains(got[0], name) || got[1] != "1: {}" {
			t.Errorf("%s: %.300q", name, got)
		}
	}
	long := `{"a":"` + strings.Repeat("x", mostBytes) + `"}`
	if got := told("["+long+",{}]", false); len(got) != 1 || !strings.Contains(got[0], "größer als 8 MB") {
		t.Errorf("long: %.300q", got)
	}
	if got := told(long+"\n{}", true); len(got) != 2 || !strings.Contains(got[0], "größer als 8 MB") || got[1] != "2: {}" {
		t.Errorf("a long line: %.300q", got)
	}
	if got := told(strings.Repeat("[", 1_000_000), false); len(got) != 1 {
		t.Errorf("only brackets: %.300q", got)
	}
}

// What is read is what the standard library reads, and comes out as it went in.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `[{"id":"https://x.de/1","type":"https://schema.oparl.org/1.1/Paper"}]`, `{"data":[{}],"links":{}}`, `{"a":"\ud83d\ude00\u0000"}`,
		`{"a":-1.5e+3,"b":[[],{}]}`, "{\"a\":\"\xff\"}", `{"a":1,"a":2}`, `[[[[`, `{"a":nul}`, "\uFEFF{}", `{"a" : "b"} {}`, "{\"data\":[{}],\"\xcf\":A}", `[1e99999,{"order":99999999999999999999}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := Parse(b)
		if err != nil {
			return
		}
		out := o.JSON(nil)
		var page struct{ Data any }
		if json.Unmarshal(b, &page) == nil && page.Data != nil { // a page of one
			return
		}
		if !json.Valid(b) && !bytes.HasPrefix(b, []byte("\uFEFF")) || !json.Valid(out) {
			t.Fatalf("%q was read as %q", b, out)
		}
		if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) && !same(t, b, out) {
			t.Fatalf("%q has become %q", b, out)
		}
		for _, typ := range Types() {
			Check(typ, o)
		}
	})
}
