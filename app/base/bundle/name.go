package bundle

import (
	"path"
	"strconv"
	"strings"

	"nestfunk/app/base/text"
)

const longName = 60 // characters: twelve in each other fit a path of Windows more often than not

// Name makes a file name without an ending of a title: one that every system takes, and that is none of those taken in
// its folder, whose names are kept in small letters.
func Name(title string, taken map[string]bool) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/\|?*%`, r) || text.Unreadable(r) || r == '\n' || r == '\t' {
			return '-'
		}
		return r
	}, text.Clean(title))
	if r := []rune(name); len(r) > longName {
		name = string(r[:longName])
	}
	name = strings.TrimLeft(strings.TrimRight(name, ". "), ". ")
	stem, _, _ := strings.Cut(name, ".") // CON.md is as bad as CON
	switch low := strings.ToLower(stem); {
	case name == "":
		name = "Seite"
	case low == "con" || low == "prn" || low == "aux" || low == "nul" || len(low) == 4 && (low[:3] == "com" || low[:3] == "lpt") && low[3] >= '0' && low[3] <= '9',
		low == "index" || low == "_index" || low == "readme" || low == "start" || hidden(name): // would mean a folder, or nothing
		name = "_" + name
	}
	whole := name
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = whole + " " + strconv.Itoa(n)
	}
	taken[strings.ToLower(name)] = true
	return name
}

// Rewrite gives links of the house the form that other programs read: title and path give what stands for [[target|label]]
// and for the destination of a link or picture, false keeps it.
func Rewrite(markdown string, title func(target, label string) (string, bool), dest func(dest string) (string, bool)) string {
	put := func(mark string) func(label, to string) (string, bool) {
		return func(label, to string) (string, bool) {
			d, ok := dest(to)
			if !ok {
				return "", false
			}
			return mark + "[" + label + "](" + d + ")", true
		}
	}
	return rewriteLinks(markdown, rewriter{put(""), put("!"), func(target, label string, embed bool) (string, bool) {
		if embed {
			return "", false
		}
		return title(target, label)
	}})
}

// Link is a link to another file of a bundle.
func Link(label, to, section string) string {
	if section != "" {
		section = "#" + Dest(anchor(section))
	}
	return "[" + escapeLabel(label) + "](" + Dest(to) + section + ")"
}

// FileName is Name for a file, whose ending stays.
func FileName(name string, taken map[string]bool) string {
	ext := path.Ext(name)
	if len(ext) > 10 || strings.ContainsAny(ext, " <>:\"|?*%\\") {
		ext = ""
	}
	stems := map[string]bool{} // the names taken that end so
	for t := range taken {
		if s, ok := strings.CutSuffix(t, strings.ToLower(ext)); ok {
			stems[s] = true
		}
	}
	whole := Name(strings.TrimSuffix(name, ext), stems) + ext
	taken[strings.ToLower(whole)] = true
	return whole
}
