package privacy

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// send hands over a ZIP, to be kept and not to be shown: the data for programs, the same to be read, and the files. It is
// written as it goes out, and lies nowhere. A content that is gone is left out; its name stands in the data.
func (f *feature) send(w http.ResponseWriter, x file) error {
	data, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return err
	}
	page, err := x.page(data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="nestfunk-%s.zip"`, x.Made.Format(time.DateOnly)))
	z := zip.NewWriter(w)
	err = errors.Join(put(z, "daten.json", strings.NewReader(string(data))), put(z, "lesen.html", strings.NewReader(page)))
	for _, y := range x.files {
		if err != nil {
			break
		}
		err = f.attach(z, fmt.Sprintf("dateien/%d %s", y.ID, strings.NewReplacer("/", "_", "\\", "_").Replace(y.Name)), y.Hash)
	}
	if err = errors.Join(err, z.Close()); err != nil { // the answer has begun: a broken ZIP tells that something is missing
		slog.Error("a file of somebody's data broke off", "error", err)
	}
	return nil
}

func put(z *zip.Writer, name string, content io.Reader) error {
	w, err := z.Create(name)
	if err == nil {
		_, err = io.Copy(w, content)
	}
	return err
}

func (f *feature) attach(z *zip.Writer, name string, hash []byte) error {
	c, err := f.Files.Content(hash)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.Close()
	return put(z, name, c)
}

// titles are the German names of those who keep something.
func titles(name string) string {
	if s, ok := map[string]string{"base": "Stammdaten", "account": "Anmeldung", "operation": "Was Sie im Haus geändert haben", "reachability": "Erreichbarkeit", "device": "Geräte",
		"meeting": "Sitzungen", "search": "Suche", "intake": "Einlesen"}[name]; ok {
		return s
	}
	if s := kinds(name); s != kinds("") {
		return s
	}
	return name
}

// A part is a piece of the page that is to be read: a heading with lines, or with parts.
type part struct {
	Title string
	Lines []string
	Parts []part
}

// page is a whole page of HTML that needs nothing else, made of the data as the program's part has them.
func (x file) page(data []byte) (string, error) {
	var all struct {
		Person   map[string]any
		Children []map[string]any
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return "", err
	}
	var parts []part
	if all.Person != nil {
		parts = append(parts, part{Title: "Person", Parts: records(all.Person)})
	}
	for _, c := range all.Children {
		title := "Kind"
		if base, ok := c["base"].(map[string]any); ok {
			title = strings.TrimSpace(fmt.Sprint("Kind: ", base["given"], " ", base["family"]))
		}
		parts = append(parts, part{Title: title, Parts: records(c)})
	}
	var b strings.Builder
	err := template.Must(template.New("page").Parse(reading)).Execute(&b, struct {
		House, Made string
		Parts       []part
	}{x.House, x.Made.Format("2.1.2006, 15:04"), parts})
	return b.String(), err
}

const reading = `{{define "parts"}}{{range .}}<section><h2>{{.Title}}</h2>{{with .Lines}}<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{end}}{{template "parts" .Parts}}</section>{{end}}{{end -}}
<!doctype html>
<html lang="de"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Auskunft von {{.House}}</title></head>
<body><h1>Auskunft von {{.House}}</h1><p>Stand {{.Made}} UTC. Dieselben Angaben stehen in daten.json; was hochgeladen wurde, liegt im Ordner dateien. Namen anderer stehen nicht darin.</p>
{{template "parts" .Parts}}</body></html>
`

// records are the parts of a record, without what is empty.
func records(all map[string]any) (parts []part) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := part{Title: titles(name)}
		p.add("", all[name])
		if len(p.Lines)+len(p.Parts) > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// add puts a value of the data into a part: names of what belongs together become lines, lists one line each.
func (p *part) add(name string, v any) {
	label := func(s string) string {
		if name == "" {
			return s
		}
		return name + ": " + s
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			p.add(k, v[k])
		}
	case []any:
		sub := part{Title: name}
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				var one []string
				for _, k := range slices.Sorted(maps.Keys(m)) {
					if s := plain(m[k]); s != "" {
						one = append(one, k+": "+s)
					}
				}
				sub.Lines = append(sub.Lines, strings.Join(one, ", "))
			} else if s := plain(e); s != "" {
				sub.Lines = append(sub.Lines, s)
			}
		}
		if len(sub.Lines) > 0 && name != "" {
			p.Parts = append(p.Parts, sub)
		} else {
			p.Lines = append(p.Lines, sub.Lines...)
		}
	default:
		if s := plain(v); s != "" {
			p.Lines = append(p.Lines, label(s))
		}
	}
}

// plain is a single value in words; "" for none.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "ja", false: "nein"}[v]
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	}
	b, _ := json.Marshal(v) // it came out of JSON
	return string(b)
}
