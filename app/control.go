package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
)

// The socket carries HTTP: POST /import/facilities?with=skip-bad with the file, POST /link with the address. Whoever may
// open it owns the data folder, and may do everything the console may.
const socket = "control.sock"

// reply is what the house answers a command.
type reply struct {
	Result json.RawMessage `json:",omitempty"`
	Failed string          `json:",omitempty"` // one sentence; Result may tell more
	Kind   fault.Kind      `json:",omitempty"`
}

// control opens the socket; the function that it returns closes it.
func (a *App) control() (stop func(), err error) {
	name, done, err := socketName(a.dir.dir)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) { // of a process that was killed: the lock is ours
		return nil, fmt.Errorf("remove the old socket: %w", err)
	}
	ln, err := net.Listen("unix", name)
	if err != nil {
		return nil, fmt.Errorf("listen at the socket of the data folder: %w", err)
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false) // the name may not hold any more
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{command}", a.answer)
	mux.HandleFunc("POST /{command}/{kind}", a.answer)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(ln) }() // it ends with stop
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Shutdown(ctx) // a command that still runs fails with a clear word of its own
		_ = srv.Close()
		_ = os.Remove(a.dir.file(socket)) // the next start removes it as well
	}, nil
}

func (a *App) answer(w http.ResponseWriter, r *http.Request) {
	c := command{name: r.PathValue("command"), kind: r.PathValue("kind"), with: slices.Sorted(strings.SplitSeq(r.URL.Query().Get("with"), " "))}
	if c.kind == "pages" || c.kind == "oparl" {
		_ = json.NewEncoder(w).Encode(a.obeyPages(r.Context(), c, r.Body)) // as below
		return
	}
	var err error
	if c.input, err = io.ReadAll(http.MaxBytesReader(w, r.Body, fileLimit)); err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a.obey(r.Context(), c)) // whoever asked has gone
}

// ask has the process that serves a folder carry out a command.
func ask(ctx context.Context, dir string, c command) (reply, error) {
	name, done, err := socketName(dir)
	if err != nil {
		return reply{}, err
	}
	defer done()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", name)
	}}}
	at := url.URL{Scheme: "http", Host: "house", Path: "/" + c.name, RawQuery: url.Values{"with": {strings.Join(c.with, " ")}}.Encode()}
	if c.kind != "" {
		at.Path += "/" + c.kind
	}
	var body io.Reader = bytes.NewReader(c.input)
	if c.pages != nil {
		r, w := io.Pipe()
		defer r.Close()                                       // whoever packs stops when nobody reads any more
		go func() { _ = w.CloseWithError(c.pages.Pack(w)) }() // always nil
		body = r
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), body)
	if err != nil {
		return reply{}, err
	}
	res, err := client.Do(req)
	if fault.KindOf(err) != fault.Internal { // what was to be packed cannot be read
		return reply{}, err
	}
	if err != nil {
		return reply{}, fault.New(fault.Conflict, "Mit dem Datenordner %s läuft schon ein Nestfunk, das aber nicht antwortet. Vielleicht startet oder endet es gerade.", dir)
	}
	defer res.Body.Close()
	var p reply
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		return reply{}, fault.New(fault.Conflict, "Das Nestfunk, das mit dem Datenordner %s läuft, hat nicht zu Ende geantwortet. Vielleicht ist es eine andere Version.", dir)
	}
	return p, nil
}

// socketName is a name of the folder's socket that fits into a socket address (108 bytes on Linux, 104 elsewhere);
// it holds until done is called.
func socketName(dir string) (name string, done func(), err error) {
	name = filepath.Join(dir, socket)
	if len(name) < 100 {
		return name, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fault.New(fault.Invalid, "Der Name des Datenordners %s ist zu lang.", dir)
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), socket), func() { _ = d.Close() }, nil // it was only read
}
