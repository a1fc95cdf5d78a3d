package bundle

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// front takes the front matter off a text: what stands between two lines "---" (or "+++" of Hugo), or a JSON object.
// Names come in small letters. A value is what stands on its line; lists and what is indented are passed over, but for
// the lines of a folded text.
func front(s string) (values map[string]string, body string) {
	values = map[string]string{}
	fence, sep := "---", ":"
	switch {
	case strings.HasPrefix(s, "{"):
		return frontJSON(s)
	case strings.HasPrefix(s, "+++\n"):
		fence, sep = "+++", "="
	case !strings.HasPrefix(s, "---\n"):
		return values, s
	}
	rest, last := s[4:], ""
	for {
		line, after, more := strings.Cut(rest, "\n")
		trimmed := strings.TrimRight(line, " \t")
		if trimmed == fence || trimmed == "..." && fence == "---" {
			return values, after
		}
		if !more {
			return map[string]string{}, s // never closed: a line across the page
		}
		rest = after
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if last != "" { // a folded text
				values[last] = strings.TrimSpace(values[last] + " " + strings.TrimSpace(line))
			}
			continue
		}
		name, value, ok := strings.Cut(trimmed, sep)
		name, last = strings.ToLower(strings.TrimSpace(name)), ""
		if !ok || name == "" || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "- ") {
			continue
		}
		value = strings.TrimSpace(value)
		if value == ">" || value == "|" || value == ">-" || value == "|-" {
			value, last = "", name
		}
		values[name] = unquote(value)
	}
}

func frontJSON(s string) (map[string]string, string) {
	values, d := map[string]string{}, json.NewDecoder(strings.NewReader(s))
	var all map[string]any
	if err := d.Decode(&all); err != nil {
		return values, s
	}
	for name, v := range all {
		switch v := v.(type) {
		case string:
			values[strings.ToLower(name)] = v
		case float64, bool:
			values[strings.ToLower(name)] = fmt.Sprint(v)
		}
	}
	return values, s[d.InputOffset():]
}

// unquote is a value without its quotation marks or the comment behind it.
func unquote(v string) string {
	switch {
	case strings.HasPrefix(v, `"`):
		if q, err := strconv.QuotedPrefix(v); err == nil {
			if s, err := strconv.Unquote(q); err == nil {
				return s
			}
		}
	case strings.HasPrefix(v, "'"):
		if i := strings.LastIndex(v, "'"); i > 0 {
			return strings.ReplaceAll(v[1:i], "''", "'")
		}
	}
	v, _, _ = strings.Cut(v, " #")
	return strings.TrimSpace(v)
}

// first is the first of some names that has a value.
func first(values map[string]string, names ...string) string {
	for _, n := range names {
		if v := values[n]; v != "" {
			return v
		}
	}
	return ""
}

func yes(v string) bool {
	switch strings.ToLower(v) {
	case "true", "yes", "on", "ja", "wahr", "1":
		return true
	}
	return false
}

var (
	reUID     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	rePurpose = regexp.MustCompile(`^[a-z]{1,20}$`)
	reDay     = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
)

// head fills a page with its front matter.
func (p *Page) head(values map[string]string) {
	p.Title = first(values, "title", "titel")
	p.UID = strings.ToLower(values["uid"])
	if p.own = reUID.MatchString(p.UID); !p.own {
		p.UID = ""
	}
	p.Access = strings.ToLower(first(values, "access", "zugriff", "leser"))
	if p.Access == "" && yes(first(values, "public", "öffentlich", "oeffentlich")) {
		p.Access = "public"
	}
	if day := reDay.FindString(first(values, "review", "wiedervorlage")); day != "" {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			p.Review = day
		}
	}
	if v := values["purpose"]; rePurpose.MatchString(v) {
		p.Purpose = v
	}
	p.Template = yes(first(values, "template", "vorlage"))
	p.Draft = yes(first(values, "draft", "entwurf"))
	p.weight = first(values, "order", "reihenfolge", "weight", "gewicht", "sidebar_position", "nav_order", "position", "number", "nummer")
}

// String is the head as front matter, with the lines that end it.
func (h Head) String() string {
	var b strings.Builder
	b.WriteString("---\n")
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	line("title", strconv.Quote(h.Title))
	line("uid", h.UID)
	line("access", h.Access)
	line("order", strconv.Itoa(h.Order))
	line("review", h.Review)
	line("purpose", h.Purpose)
	if h.Template {
		line("template", "true")
	}
	line("changed", h.Changed.UTC().Format(time.RFC3339))
	b.WriteString("---\n\n")
	return b.String()
}
