//go:build linux

package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// A monster is a request that is too much, or none at all.
type monster struct {
	name string
	code []int
	head string // HOST, PARENT and HEAD are put in
	more string // is sent again and again after the head, until there is an answer; "": nothing is
}

// TestLoadHuge: whatever is too large, too deep, too many or without an end is refused within a second, with
// 413, 431 or 400, and the memory of the house stays.
//
//	NESTFUNK_FIGURES=1 go test -count 1 -run '^TestLoadHuge$' -v ./app
func TestLoadHuge(t *testing.T) {
	t.Parallel()
	town := loadedTown(t)
	s := serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	for _, w := range hugely(t, s, town) {
		t.Error(w)
	}
}

func monsters() []monster {
	large, bad, head := []int{413}, []int{400}, []int{431}
	const (
		form   = "Content-Type: application/x-www-form-urlencoded\r\n"
		parts  = "Content-Type: multipart/form-data; boundary=b\r\n"
		file   = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
		field  = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n"
		kb     = 1 << 10
		absent = "POST /abwesenheit HTTP/1.1\r\nHOSTPARENT" + form
		tell   = "POST /mitteilungen/neu HTTP/1.1\r\nHOSTHEAD"
		talk   = "POST /nachrichten/neu HTTP/1.1\r\nHOSTPARENT"
		many   = "Transfer-Encoding: chunked\r\n\r\n"
	)
	x := func(n int) string { return strings.Repeat("x", n) }
	sized := func(head, body string) string {
		return head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
	}
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 32*kb, x(32*kb))
	word := "8000\r\n" + x(32*kb) + "\r\n"
	fields := func(n int, name func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("&" + name(i) + "=1")
		}
		return b.String()[1:]
	}
	manyParts := func(n int) string {
		return strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nparent\r\n", n) + "--b--\r\n"
	}
	return []monster{
		// Heads.
		{"a header of 40 KB", head, "GET / HTTP/1.1\r\nHOSTX-A: " + x(40*kb) + "\r\n\r\n", ""},
		{"a header of a megabyte", head, "GET / HTTP/1.1\r\nHOSTX-A: " + x(1024*kb) + "\r\n\r\n", ""},
		{"a thousand headers", head, "GET / HTTP/1.1\r\nHOST" + strings.Repeat("X-A: "+x(50)+"\r\n", 1_000) + "\r\n", ""},
		{"headers without end", head, "GET / HTTP/1.1\r\nHOST", "X-A: " + x(100) + "\r\n"},
		{"one header without end", head, "GET / HTTP/1.1\r\nHOSTX-A: ", x(8 * kb)},
		{"a cookie of 40 KB", head, "GET / HTTP/1.1\r\nHOSTCookie: sid=" + x(40*kb) + "\r\n\r\n", ""},
		{"ten thousand cookies", head, "GET / HTTP/1.1\r\nHOSTCookie: " + strings.Repeat("a=b; ", 10_000) + "c=d\r\n\r\n", ""},
		{"an address of 40 KB", head, "GET /" + x(40*kb) + " HTTP/1.1\r\nHOST\r\n", ""},
		{"an address without end", head, "GET /", x(8 * kb)},
		{"a query of 40 KB", head, "GET /suche?q=" + x(40*kb) + " HTTP/1.1\r\nHOST\r\n", ""},
		{"a method of 40 KB", head, x(40*kb) + " / HTTP/1.1\r\nHOST\r\n", ""},
		{"a method without end", head, "", x(8 * kb)},
		{"a header without a colon", bad, "GET / HTTP/1.1\r\nHOSTnothing\r\n\r\n", ""},
		{"a header with a NUL", bad, "GET / HTTP/1.1\r\nHOSTX-A: a\x00b\r\n\r\n", ""},
		{"a header with a space before its colon", bad, "GET / HTTP/1.1\r\nHOSTX-A : b\r\n\r\n", ""},
		{"no host", bad, "GET / HTTP/1.1\r\n\r\n", ""},
		{"two hosts", bad, "GET / HTTP/1.1\r\nHOSTHost: other\r\n\r\n", ""},
		{"no HTTP", bad, "Guten Morgen!\r\n\r\n", ""},
		{"TLS", bad, "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + x(165) + "\r\n\r\n", ""},
		// Lengths.
		{"two lengths", bad, absent + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nchild", ""},
		{"a negative length", bad, absent + "Content-Length: -1\r\n\r\n", ""},
		{"a length of words", bad, absent + "Content-Length: viel\r\n\r\n", ""},
		{"a length of 10²⁰", bad, absent + "Content-Length: 100000000000000000000\r\n\r\n", ""},
		{"a form that says a terabyte", large, absent + "Content-Length: 1099511627776\r\n\r\n", ""},
		{"a form of 300 KB", large, sized(absent, "note="+x(300*kb)), ""},
		{"a form of 64 MB", large, absent + "Content-Length: 67108864\r\n\r\n", x(32 * kb)},
		{"files that say 200 MB", large, tell + parts + "Content-Length: 209715200\r\n\r\n", ""},
		{"nobody sends 1 GB", large, "POST /anmelden/passkey HTTP/1.1\r\nHOST" + form + "Content-Length: 1073741824\r\n\r\n", ""},
		// Chunks.
		{"a form without end", large, absent + many + "5\r\nnote=\r\n", word},
		{"a field of several parts without end", []int{413, 422}, // with what was typed so far
			talk + parts + many + fmt.Sprintf("%x\r\n%s\r\n", len(field), field), chunk},
		{"files without end where there are none", large, absent[:len(absent)-len(form)] + parts + many + fmt.Sprintf("%x\r\n%s\r\n", len(file), file), chunk},
		{"a chunk of words", bad, absent + many + "viel\r\nchild=1\r\n", ""},
		{"a chunk of 16 EB", bad, absent + many + "ffffffffffffffff1\r\nchild=1\r\n", ""},
		{"the head of a chunk without end", bad, absent + many + "5;", x(8 * kb)},
		// Forms.
		{"10,000 fields", bad, sized(absent, fields(10_000, func(i int) string { return fmt.Sprint("f", i) })), ""},
		{"30,000 fields", bad, sized(absent, fields(30_000, func(i int) string { return fmt.Sprint("f", i) })), ""},
		{"10,000 times one field", bad, sized(absent, fields(10_000, func(int) string { return "child" })), ""},
		{"the name of a field of 200 KB", bad, sized(absent, x(200*kb)+"=1"), ""},
		{"a field that is not encoded", bad, sized(absent, "child=%zz"), ""},
		{"a field with a NUL", bad, sized(absent, "note=%00"), ""},
		{"10,000 parts", bad, sized(talk+parts, manyParts(10_000)), ""},
		{"a part with a head of 20 MB", bad, talk + parts + many + "5\r\n--b\r\n\r\n", "8006\r\nX-A: \r\n" + x(32*kb-1) + "\r\n"},
		{"parts without a boundary", bad, sized(talk+"Content-Type: multipart/form-data\r\n", "title=a"), ""},
		{"parts of another boundary", bad, sized(talk+parts, "--c\r\n\r\na\r\n--c--\r\n"), ""},
		{"half a part", bad, sized(talk+parts, field+"half"), ""},
		{"JSON that is 100,000 deep", []int{400, 422}, sized("POST /anmelden/passkey HTTP/1.1\r\nHOST"+form, "state=x&credential="+strings.Repeat("%5B", 80_000)), ""},
	}
}

func hugely(t testing.TB, s *server, town *loaded) (wrong []string) {
	c := newClient(t, s.base)
	c.drive(t.Context(), newTally(), 100, 3*time.Second, town.look) // until there is as much garbage as there always is
	c.wait()
	others := neighbours(t, s)
	before := resident(t, s)
	most, slowest := before, time.Duration(0)
	all := monsters()
	for _, m := range all {
		began := time.Now()
		code, err := provoke(s.base, m)
		took := time.Since(began)
		slowest = max(slowest, took)
		is := resident(t, s)
		if is-most > 3<<20 {
			t.Logf("%s: memory +%.0f MB", m.name, (is-most)/(1<<20))
		}
		if most = max(most, is); err != nil || !slices.Contains(m.code, code) {
			wrong = append(wrong, fmt.Sprintf("%s: %d, want %v, after %s (%v)", m.name, code, m.code, took, err))
		}
	}
	busy := others()
	if slowest > time.Second {
		if busy > noisy {
			t.Logf("the slowest answer took %s, but others use %d %% of the machine", slowest, busy)
		} else {
			wrong = append(wrong, fmt.Sprintf("the slowest answer took %s", slowest))
		}
	}
	if most-before > 32<<20 {
		wrong = append(wrong, fmt.Sprintf("memory has grown by %.0f MB", (most-before)/(1<<20)))
	}
	if code, body := s.get("/gesund"); code != http.StatusOK {
		wrong = append(wrong, "afterwards: "+body)
	}
	words := fmt.Sprintf("%d Anfragen, alle in höchstens %.0f ms abgelehnt, Speicher +%.0f MB", len(all), ms(slowest), (most-before)/(1<<20))
	t.Log(words)
	if len(wrong) == 0 {
		apptest.Figure(t, "huge", words)
	}
	return wrong
}

// provoke sends a monster until there is an answer, or ten seconds have gone.
func provoke(base string, m monster) (code int, err error) {
	host := strings.TrimPrefix(base, "http://")
	conn, err := net.Dial("tcp", strings.Replace(host, "localhost", "127.0.0.1", 1))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	session := func(person int64) string {
		return "Sec-Fetch-Site: same-origin\r\nCookie: sid=" + apptest.Cookie(person) + "\r\n"
	}
	text := strings.NewReplacer("HOST", "Host: "+host+"\r\n", "PARENT", session(apptest.Load.Parent(5)), "HEAD", session(apptest.Load.Head(1))).Replace(m.head)
	stop := make(chan bool)
	sent := make(chan bool)
	go func() {
		defer close(sent)
		if _, err := io.WriteString(conn, text); err != nil || m.more == "" {
			return // it may answer before it has read everything
		}
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := io.WriteString(conn, m.more); err != nil {
				return
			}
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	close(stop)
	_ = conn.Close()
	<-sent
	if err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}
