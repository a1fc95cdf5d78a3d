// Package catalogue holds the translations, one JSON file a language. The key is the German sentence as the templates
// use it; de.json lists all of them. A plural entry is an object of CLDR forms.
package catalogue

import "embed"

// Files is read by app/base/lang.
//
//go:embed *.json
var Files embed.FS
