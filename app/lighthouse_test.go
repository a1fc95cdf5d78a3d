package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// TestLighthouse has Lighthouse judge two pages as a phone of the middle class with a slow line sees them. It measures
// time, so it wants the machine for itself: .ci/test runs it alone.
func TestLighthouse(t *testing.T) {
	if testing.Short() {
		t.Skip("Lighthouse takes a minute")
	}
	chromium := furnished(t)
	cli := filepath.Join(apptest.Root(), "assets/node_modules/lighthouse/cli/index.js")
	if _, err := os.Stat(cli); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Lighthouse is missing: NESTFUNK_DEV=1 go generate ./assets: ", err)
		}
		t.Skip("Lighthouse is missing: ", err)
	}
	c := openCity(t, &looked{})
	for _, page := range []struct{ name, path, cookie string }{
		{"sign-in", "/anmelden", ""},
		{"start page of a parent", "/", c.cookie(t, "Eltern")},
	} {
		t.Run(page.name, func(t *testing.T) {
			r := lighthouse(t, cli, chromium, c.base+page.path, page.cookie)
			if at := r.At; at != c.base+page.path {
				t.Fatalf("it looked at %s", at)
			}
			for _, name := range []string{"accessibility", "best-practices", "seo"} {
				if r.score(name) != 100 {
					t.Errorf("%s: %d of 100%s", name, r.score(name), r.lacks(name))
				}
			}
			if r.score("performance") < 90 {
				t.Logf("performance: %d, once more", r.score("performance"))
				r = lighthouse(t, cli, chromium, c.base+page.path, page.cookie)
			}
			if r.score("performance") < 90 {
				t.Errorf("performance: %d of 100, twice under 90%s", r.score("performance"), r.lacks("performance"))
			}
			t.Logf("performance %d, first paint %s, largest %s, blocked %s", r.score("performance"),
				r.Audits["first-contentful-paint"].Value, r.Audits["largest-contentful-paint"].Value, r.Audits["total-blocking-time"].Value)
		})
	}
}

// cookie signs in with one of the cards of the demonstration.
func (c *city) cookie(t *testing.T, role string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	res, err := client.Get(c.base + "/anmelden")
	if err != nil {
		t.Fatal(err)
	}
	_, body := read(t, res)
	m := regexp.MustCompile(`name="person" value="(\d+)">\s*<span[^>]*>[^<]*</span>\s*<span><b>Als ` + role + ` ansehen`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no card of %s:\n%s", role, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", c.base+"/anmelden/rolle", strings.NewReader(url.Values{"person": {m[1]}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.base)
	if res, err = client.Do(r); err != nil {
		t.Fatal(err)
	}
	read(t, res)
	for _, k := range jar.Cookies(r.URL) {
		if k.Name == "sid" {
			return "sid=" + k.Value
		}
	}
	t.Fatal("the card gives no session")
	return ""
}

// A verdict is what is used of Lighthouse's report.
type verdict struct {
	At         string `json:"finalDisplayedUrl"`
	Categories map[string]struct {
		Score     float64 // 0 to 1
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Title   string
		Score   *float64 // nil: does not apply
		Value   string   `json:"displayValue"`
		Details struct{ Items json.RawMessage }
	}
}

func (v verdict) score(category string) int { return int(v.Categories[category].Score*100 + .5) }

// lacks lists what costs a category its points, a line each.
func (v verdict) lacks(category string) string {
	var b strings.Builder
	for _, ref := range v.Categories[category].AuditRefs {
		if a := v.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 1 {
			fmt.Fprintf(&b, "\n%s: %s %s %.300s", ref.ID, a.Title, a.Value, a.Details.Items)
		}
	}
	return b.String()
}

// lighthouse has a page judged. On a busy machine the browser may fail to record what Lighthouse needs; then there is
// no verdict, and it asks to be run again.
func lighthouse(t *testing.T, cli, chromium, page, cookie string) (v verdict) {
	t.Helper()
	args := []string{cli, page, "--quiet", "--no-enable-error-reporting", "--output=json", "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage"}
	if cookie != "" {
		header, _ := json.Marshal(map[string]string{"Cookie": cookie}) // strings can always be written
		args = append(args, "--extra-headers="+string(header))
	}
	for try := 1; ; try++ {
		out, err := lighthouseSays(t, chromium, args)
		if err == nil {
			err = json.Unmarshal(out, &v)
		}
		if err == nil {
			return v
		}
		if try == 3 {
			t.Fatalf("lighthouse gives no verdict: %v", err)
		}
		t.Logf("lighthouse gives no verdict, once more: %v", err)
	}
}

func lighthouseSays(t *testing.T, chromium string, args []string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+chromium, "TMPDIR="+t.TempDir())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // then it ends its browser
	cmd.WaitDelay = 10 * time.Second
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, errs.Bytes())
	}
	return out, nil
}
