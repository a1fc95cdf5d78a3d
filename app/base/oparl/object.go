package oparl

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/web"
)

// A Field is one property of an object. Its value is nil, bool, string, json.Number, int, Object, []Object, []string or
// []any of these; what was read has neither int, []Object nor []string.
type Field struct {
	Name  string
	Value any
}

// An Object is a JSON object whose properties have an order.
type Object []Field

// Get is the value of a property; nil where there is none.
func (o Object) Get(name string) any {
	for _, f := range o {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Text is the value of a property that is a string; "" for all others.
func (o Object) Text(name string) string {
	s, _ := o.Get(name).(string)
	return s
}

// Has reports whether there is such a property.
func (o Object) Has(name string) bool {
	for _, f := range o {
		if f.Name == name {
			return true
		}
	}
	return false
}

// Deleted reports whether the object is no longer published.
func (o Object) Deleted() bool { return o.Get("deleted") == true }

// Add adds a property, unless there is nothing to say: "", an empty list or nil, which OParl does not want to be told.
func (o *Object) Add(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case []Object:
		if len(v) == 0 {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	}
	*o = append(*o, Field{name, value})
}

// Put gives a property another value, in its place, or adds it.
func (o *Object) Put(name string, value any) {
	for i := range *o {
		if (*o)[i].Name == name {
			(*o)[i].Value = value
			return
		}
	}
	*o = append(*o, Field{name, value})
}

// Moment is a time as OParl writes it, in the house's zone; "" for the zero time.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(web.Zone()).Format("2006-01-02T15:04:05-07:00")
}

// Day is a day as OParl writes it, in the house's zone; "" for the zero time.
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(web.Zone()).Format(time.DateOnly)
}

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) { return o.JSON(nil), nil }

// JSON appends the object as JSON, without what HTML would have to be kept from.
func (o Object) JSON(b []byte) []byte {
	b = append(b, '{')
	for i, f := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(b, f.Name), ':')
		b = appendValue(b, f.Value)
	}
	return append(b, '}')
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return quote(b, v)
	case json.Number:
		return append(b, v...)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case Object:
		return v.JSON(b)
	case []Object:
		return appendList(b, v, func(b []byte, o Object) []byte { return o.JSON(b) })
	case []string:
		return appendList(b, v, quote)
	case []any:
		return appendList(b, v, appendValue)
	}
	return append(b, "null"...)
}

func appendList[T any](b []byte, all []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

// quote is a string after RFC 8259. What is no UTF-8 becomes U+FFFD.
func quote(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
