package web

import (
	"sync"
	"time"
	_ "time/tzdata" // the binary must not depend on the machine's files
)

// Zone is the time zone of the house.
var Zone = sync.OnceValue(func() *time.Location {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) // it is embedded
	}
	return z
})

func local(t time.Time) time.Time { return t.In(Zone()) }
