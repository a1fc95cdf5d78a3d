package sms

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// SevenHost is the server of seven.io.
const SevenHost = "gateway.seven.io"

// seven hands SMS to seven.io: https://docs.seven.io/en/rest-api/endpoints/sms
type seven struct {
	base   string // only tests set another
	client *http.Client
}

func newSeven() *seven {
	return &seven{"https://" + SevenHost, &http.Client{Timeout: timeout, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true, TLSHandshakeTimeout: timeout, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}} // the key goes to no other address
}

type sevenAnswer struct {
	Success  any // "100"; the documentation shows it as text
	Messages []struct {
		ID        any // text or number
		Success   bool
		Error     any    // a code, or null
		ErrorText string `json:"error_text"`
		Parts     int
		Price     float64 // in euros
	}
}

func (d *seven) submit(ctx context.Context, c config, m Message) (accepted, error) {
	text, _ := simplify(m.Text)
	body, err := json.Marshal(struct {
		To   string `json:"to"`
		Text string `json:"text"`
		From string `json:"from,omitempty"`
		Ref  string `json:"foreign_id,omitempty"`
	}{m.To, text, c.from, m.Ref})
	if err != nil {
		return accepted{}, fmt.Errorf("write the SMS: %w", err)
	}
	var sent atomic.Bool // anything of it
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+"/api/sms", bytes.NewReader(body))
	if err != nil {
		return accepted{}, fmt.Errorf("write the SMS: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Api-Key", c.key)
	res, err := d.client.Do(r)
	if err != nil {
		f := unreachable(SevenHost, err)
		if sent.Load() {
			f.step = unknown
		}
		return accepted{}, f
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		f := unreachable(SevenHost, err)
		f.step = unknown
		return accepted{}, f
	}
	return readSeven(res.StatusCode, answer, m)
}

// check asks for the balance, which needs the key and costs nothing.
func (d *seven) check(ctx context.Context, c config) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/api/balance", nil)
	if err != nil {
		return fmt.Errorf("ask for the balance: %w", err)
	}
	r.Header.Set("X-Api-Key", c.key)
	res, err := d.client.Do(r)
	if err != nil {
		return unreachable(SevenHost, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	switch code := strings.TrimSpace(string(answer)); {
	case err != nil:
		return unreachable(SevenHost, err)
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden || code == "900":
		return sevenRefusal("900", "")
	case res.StatusCode != http.StatusOK:
		return &failure{words: "seven.io hat etwas geantwortet, das dieses Programm nicht versteht.", reply: clean(fmt.Sprint(res.StatusCode, " ", code))}
	}
	return nil
}

// readSeven makes sense of an answer. seven.io answers 200 to most of what it refuses, with a code as text or as JSON.
func readSeven(status int, text []byte, m Message) (accepted, error) {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return accepted{}, sevenRefusal("900", "")
	case status == http.StatusTooManyRequests:
		return accepted{}, &failure{words: "seven.io nimmt gerade keine SMS an, weil es zu viele sind."}
	case status >= 400 && status < 500:
		return accepted{}, &failure{words: "seven.io hat die Anfrage nicht verstanden.", reply: clean(fmt.Sprint(status, " ", string(text)))}
	}
	unclear := &failure{step: unknown, words: "seven.io hat etwas geantwortet, das dieses Programm nicht versteht.", reply: clean(fmt.Sprint(status, " ", string(text)))}
	if status != http.StatusOK {
		return accepted{}, unclear
	}
	if code := strings.TrimSpace(string(text)); len(code) <= 3 && code != "100" {
		return accepted{}, sevenRefusal(code, "")
	}
	var a sevenAnswer
	if err := decode(text, &a); err != nil {
		return accepted{}, unclear
	}
	code := said(a.Success)
	if code != "100" && code != "101" {
		return accepted{}, sevenRefusal(code, "")
	}
	if len(a.Messages) != 1 {
		return accepted{}, unclear
	}
	if x := a.Messages[0]; !x.Success {
		if said(x.Error) == "402" { // the same text went to the same number within three minutes: they have it
			return accepted{}, nil
		}
		return accepted{}, sevenRefusal(said(x.Error), x.ErrorText)
	}
	x := a.Messages[0]
	parts := x.Parts
	if parts <= 0 {
		parts = Parts(m.Text)
	}
	return accepted{said(x.ID), parts, int(math.Round(x.Price * 1000))}, nil
}

// decode reads JSON and keeps long numbers exact.
func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

// said is a JSON value that is text in one answer and a number in another; "" for null.
func said(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// sevenRefusal explains a code. What speaks of us and not of this SMS is tried again: every other would be lost as well.
func sevenRefusal(code, words string) error {
	f := &failure{reply: clean(strings.TrimSpace(code + " " + words))}
	switch code {
	case "201":
		f.words = "seven.io lässt diesen Absender nicht zu. Bitte prüfen Sie ihn in den Einstellungen."
	case "202":
		f.step, f.words = refused, "Der SMS-Anbieter hat diese Nummer abgelehnt."
	case "305", "401":
		f.step, f.words = refused, "Der SMS-Anbieter hat den Text abgelehnt."
	case "403":
		f.step, f.words = refused, "Diese Nummer hat heute schon zu viele SMS bekommen."
	case "500":
		f.words = "Das Guthaben bei seven.io ist aufgebraucht."
	case "900", "902":
		f.words = "seven.io hat den Schlüssel nicht angenommen. Bitte prüfen Sie ihn in den Einstellungen."
	case "903":
		f.words = "seven.io nimmt von diesem Rechner nichts an. Bitte prüfen Sie dort die erlaubten IP-Adressen."
	default:
		f.words = "seven.io hat die SMS nicht angenommen."
	}
	return f
}

// Expected reports whether a token of an address is the one that seven.io was given.
func Expected(tx *store.Tx, s *settings.Settings, token string) (bool, error) {
	want, err := s.Secret(tx, settings.SMSToken)
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(token)) == 1, err
}

// Reported notes what seven.io posts as JSON: https://docs.seven.io/en/rest-api/webhooks. It comes again after a TooMany
// fault, and gives up after a Malformed one. told may be nil.
func Reported(tx *store.Tx, now time.Time, body []byte, told Told) error {
	e, ok, err := parseSeven(body)
	if err != nil || !ok {
		return err
	}
	return e.take(tx, now, told)
}

// parseSeven reads one webhook; false: it is about something else than SMS.
func parseSeven(body []byte) (e event, ok bool, err error) {
	var w struct {
		Event string `json:"webhook_event"`
		Data  struct {
			ID     any    `json:"msg_id"`
			Status string `json:"status"`
			Sender string `json:"sender"`
			Text   string `json:"text"`
		} `json:"data"`
	}
	if err := decode(body, &w); err != nil || w.Event == "" {
		return e, false, fault.New(fault.Malformed, "Das ist keine Meldung von seven.io.")
	}
	switch w.Event {
	case "sms_mo":
		return event{number: international(w.Data.Sender), text: w.Data.Text}, true, nil
	case "dlr":
	default:
		return e, false, nil
	}
	e.id = said(w.Data.ID)
	if e.id == "" || w.Data.Status == "" {
		return e, false, fault.New(fault.Malformed, "Diese Meldung nennt keine SMS.")
	}
	e.state, e.why = sevenState(w.Data.Status)
	return e, true, nil
}

func sevenState(status string) (state, why string) {
	switch strings.ToUpper(status) {
	case "DELIVERED":
		return "delivered", ""
	case "NOTDELIVERED":
		return "failed", whyAbsent
	case "EXPIRED":
		return "failed", whyExpired
	case "REJECTED":
		return "failed", whyRejected
	case "FAILED":
		return "failed", whyFailed
	}
	return "", "" // TRANSMITTED, ACCEPTED, BUFFERED: a step on the way
}
