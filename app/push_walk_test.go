package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// A push is shown whatever it is, and a tap on it opens the page that it is about: of this house only.
func walkPush(t *testing.T, c *city) {
	p := c.phone(t).as("Eltern")
	p.keeps()
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: p.base,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	}); err != nil {
		t.Fatal(err)
	}
	var id serviceworker.RegistrationID
	found := chromedp.Events(p.ctx, serviceworker.WorkerRegistrationUpdated)
	if _, err := chromedp.Call(p.ctx, serviceworker.Enable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	for e, err := range found {
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(e.Registrations, func(r *serviceworker.Registration) bool { return strings.HasPrefix(r.ScopeURL, p.base+"/") }); i >= 0 {
			id = e.Registrations[i].RegistrationID
			break
		}
	}
	deliver := func(data string) {
		t.Helper()
		if _, err := chromedp.Call(p.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: p.base, RegistrationID: id, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	// Whoever asks the browser for its notifications while one is being put up makes it forget that one. So the worker is
	// asked what it has put up.
	worker := p.worker()
	if _, err := chromedp.Run(worker, chromedp.Evaluate[bool](`(show => {
		self.shown = [];
		registration.showNotification = async (title, options) => { await show(title, options); shown.push({ title, ...options }); };
		return true;
	})(registration.showNotification.bind(registration))`)); err != nil {
		t.Fatal(err)
	}
	shows := func(title string) (n notification) {
		t.Helper()
		ctx, cancel := context.WithTimeout(worker, patience)
		defer cancel()
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		for {
			all, err := chromedp.Run(ctx, chromedp.Evaluate[[]notification](`shown`))
			if i := slices.IndexFunc(all, func(n notification) bool { return n.Title == title }); err == nil && i >= 0 {
				return all[i]
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%q is not shown, but %v (%v)", title, all, err)
			case <-tick.C:
			}
		}
	}
	tap := func(title string) {
		t.Helper()
		yes, err := chromedp.Run(worker, chromedp.Evaluate[bool](`registration.getNotifications().then(all => {
			const notification = all.find(n => n.title === `+quoted(title)+`);
			return !!notification && dispatchEvent(new NotificationEvent("notificationclick", { notification }));
		})`, chromedp.EvalAwaitPromise))
		if err != nil || !yes {
			t.Fatalf("there is no notification %q to tap on: %v", title, err)
		}
	}

	deliver(`{"web_push":8030,"notification":{"title":"Kita zu","body":"Bitte bestätigen","navigate":"` + p.base + `/mitteilungen?ref=x","lang":"de","tag":"m1"},"app_badge":"3"}`)
	want := notification{Title: "Kita zu", Body: "Bitte bestätigen", Lang: "de", Tag: "m1", Data: p.base + "/mitteilungen?ref=x"}
	if n := shows("Kita zu"); n != want {
		t.Errorf("%+v, want %+v", n, want)
	}
	tap("Kita zu")
	p.until(`location.pathname + location.search === "/mitteilungen?ref=x"`)

	deliver("kein JSON")
	shows("Nestfunk")
	deliver(`{"web_push":8030,"notification":{"title":"Fremd","navigate":"https://example.org/"}}`)
	shows("Fremd")
	tap("Fremd")
	p.until(`location.href === ` + quoted(p.base+"/"))
}

// A notification as the worker puts it up.
type notification struct{ Title, Body, Lang, Tag, Data string }

// worker is the service worker of the phone, to ask it something.
func (p *phone) worker() context.Context {
	p.t.Helper()
	all, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, x := range all {
		if x.Type == "service_worker" && strings.HasPrefix(x.URL, p.base+"/") && x.BrowserContextID == chromedp.FromContext(p.ctx).BrowserContextID {
			ctx, end := chromedp.NewContext(p.ctx, chromedp.WithTargetID(x.TargetID))
			p.t.Cleanup(end)
			return ctx
		}
	}
	p.t.Fatal("no worker")
	return nil
}
