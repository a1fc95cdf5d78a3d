package store

import (
	"fmt"
	"time"
)

// Time reads a column of Unix seconds; NULL is the zero time.
type Time time.Time

// Scan is called by database/sql.
func (t *Time) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t = Time{}
	case int64:
		*t = Time(time.Unix(v, 0))
	default:
		return fmt.Errorf("store: %T is no time", v)
	}
	return nil
}

// Seconds is the value of a nullable column of Unix seconds: nil for the zero time.
func Seconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// Null reads a nullable column into v; NULL leaves the zero value.
func Null[T any](v *T) any { return &null[T]{v} }

type null[T any] struct{ v *T }

func (n *null[T]) Scan(v any) error {
	if v == nil {
		var zero T
		*n.v = zero
		return nil
	}
	t, ok := v.(T)
	if !ok {
		return fmt.Errorf("store: %T is no %T", v, t)
	}
	*n.v = t
	return nil
}
