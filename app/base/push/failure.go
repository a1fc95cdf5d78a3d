package push

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A kind is what can be done about a failure.
type kind int

const (
	passing kind = iota // try again
	held                // try again, but not before a certain time
	refused             // this message to this browser will never be taken
	gone                // the browser has no such subscription any more
)

// A failure says in German why a message was not handed over. It names no endpoint, since it is kept in the outbox and
// in logs.
type failure struct {
	kind  kind
	until time.Time // of held
	words string    // complete sentences
	cause error
}

func (f *failure) Error() string { return f.words }
func (f *failure) Unwrap() error { return f.cause }

func is(err error, k kind) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.kind == k
}

// Gone reports whether the subscription has ended; the house has forgotten it already.
func Gone(err error) bool { return is(err, gone) }

// Refused reports whether no further try can help: the subscription has ended, or the message was refused for good. All
// other errors may pass.
func Refused(err error) bool { return is(err, refused) || is(err, gone) }

// Until is the time before which this push service is not asked again; zero where it has not said so.
func Until(err error) time.Time {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.until
	}
	return time.Time{}
}

// Words says in German what made a message fail; "" for any other error, which is internal.
func Words(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.words
	}
	return ""
}

const (
	holdMin     = time.Second
	holdDefault = time.Minute // for a service that wants less, and does not say how long
	holdMax     = 24 * time.Hour
	holdAway    = 15 * time.Second // for a service that cannot be reached at all
)

// answered explains a push service's answer; nil where it has taken the message.
func answered(res *http.Response, host string, now time.Time) error {
	code := res.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	said := fmt.Sprintf(" (%d%s)", code, reason(res.Body))
	after := res.Header.Get("Retry-After")
	switch {
	case code == http.StatusNotFound || code == http.StatusGone:
		return &failure{kind: gone, words: "Dieser Browser möchte keine Push-Mitteilungen mehr" + said + "."}
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable && after != "",
		code == http.StatusNotAcceptable && after != "": // Microsoft's way of saying 429
		return &failure{kind: held, until: wait(after, now), words: "Der Push-Dienst " + host + " nimmt gerade nichts an" + said + "."}
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusMisdirectedRequest, code == http.StatusTooEarly:
		return &failure{kind: passing, words: "Der Push-Dienst " + host + " ist gestört" + said + "."}
	case code >= 300 && code < 400:
		return &failure{kind: refused, words: "Der Push-Dienst " + host + " verweist auf eine andere Adresse. Dorthin wird nichts gesendet" + said + "."}
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return &failure{kind: refused, words: "Der Push-Dienst " + host + " erkennt die Unterschrift des Hauses nicht an" + said + "."}
	case code == http.StatusRequestEntityTooLarge:
		return &failure{kind: refused, words: "Dem Push-Dienst " + host + " ist die Mitteilung zu lang" + said + "."}
	}
	return &failure{kind: refused, words: "Der Push-Dienst " + host + " hat die Mitteilung abgelehnt" + said + "."}
}

// wait reads Retry-After (RFC 9110, 10.2.3). A service cannot silence itself for more than a day.
func wait(after string, now time.Time) time.Time {
	d := holdDefault
	if s, err := strconv.Atoi(after); err == nil {
		d = time.Duration(min(max(s, 0), int(holdMax/time.Second))) * time.Second
	} else if t, err := http.ParseTime(after); err == nil {
		d = t.Sub(now)
	}
	return now.Add(min(max(d, holdMin), holdMax))
}

const reasonMax = 512 // bytes of an answer that are read

// reason is what an answer says, as it may be kept: words only, nothing as long as an endpoint's token.
func reason(body io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(body, reasonMax)) // as much as is there
	words := strings.FieldsFunc(string(b), func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	text := ""
	for _, w := range words {
		if len(w) <= 24 && len(text) < 80 {
			text += " " + w
		}
	}
	return text
}

// unreachable explains why there was no answer.
func unreachable(err error, host string, now time.Time) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // without the endpoint
	}
	f := &failure{kind: passing, words: "Der Push-Dienst " + host + " ist nicht zu erreichen.", cause: err}
	op, isOp := errors.AsType[*net.OpError](err)
	if isOp && op.Op == "dial" || errors.Is(err, context.DeadlineExceeded) {
		// The others need not wait for it, one after the other.
		f.kind, f.until = held, now.Add(holdAway)
	}
	return f
}
