package store

import "encoding/json"

// List is how a statement takes several values: as JSON, for json_each. None are an empty list.
func List[T ~int64 | ~string](all []T) string {
	if len(all) == 0 {
		return "[]" // null would be a list of one
	}
	b, _ := json.Marshal(all) // numbers and strings always can be
	return string(b)
}
