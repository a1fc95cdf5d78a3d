package app

import (
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
)

// ownFiles are left to the house of what its process may open: database, index, files and mail, while everybody connects.
const ownFiles = 256

// A crowd are the connections of a server. Above half of what the process may open, a connection that has its answer is
// closed rather than kept for the next; above all of it, new ones are closed at once. So whoever opens thousands and sends
// nothing keeps others out for the five seconds in which a request has to begin, and never has the house without files.
type crowd struct {
	most int64
	open atomic.Int64
}

func newCrowd(files int64) *crowd { return &crowd{most: max(files-ownFiles, files/2)} }

// state is told what becomes of each connection.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	n := c.open.Load()
	switch s {
	case http.StateNew:
		if n = c.open.Add(1); n > c.most {
			if n == c.most+1 {
				slog.Warn("more connections than the process may open", "most", c.most)
			}
			_ = conn.Close() // the server finds it closed
		}
	case http.StateIdle:
		if n > c.most/2 {
			_ = conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	}
}
