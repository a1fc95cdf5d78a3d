package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"

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
	const shown = `navigator.serviceWorker.ready.then(r => r.getNotifications())`
	deliver(`{"web_push":8030,"notification":{"title":"Kita zu","body":"Bitte bestätigen","navigate":"` + p.base + `/mitteilungen?ref=x","lang":"de","tag":"m1"},"app_badge":"3"}`)
	p.awaits(shown + `.then(n => n.length === 1 && n[0].title === "Kita zu" && n[0].body === "Bitte bestätigen" && n[0].tag === "m1" && n[0].lang === "de")`)

	worker := p.worker()
	tap := func(title string) {
		t.Helper()
		yes, err := chromedp.Run(worker, chromedp.Evaluate[bool](`registration.getNotifications().then(all => {
			const notification = all.find(n => n.title === `+quoted(title)+`);
			return !!notification && dispatchEvent(new NotificationEvent("notificationclick", { notification }));
		})`, chromedp.EvalAwaitPromise))
		if err != nil || !yes {
			t.Fatalf("there is no notification %q: %v", title, err)
		}
	}
	tap("Kita zu")
	p.until(`location.pathname + location.search === "/mitteilungen?ref=x"`)

	deliver("kein JSON")
	p.awaits(shown + `.then(n => n.some(x => x.title === "Nestfunk"))`)
	deliver(`{"web_push":8030,"notification":{"title":"Fremd","navigate":"https://example.org/"}}`)
	p.awaits(shown + `.then(n => n.some(x => x.title === "Fremd"))`)
	tap("Fremd")
	p.until(`location.href === ` + quoted(p.base+"/"))
}

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
