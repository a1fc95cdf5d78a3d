package app

import (
	"context"

	"nestfunk/app/base/house"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/demo"
	"nestfunk/app/feature/account"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/device"
	"nestfunk/app/feature/handbook"
	"nestfunk/app/feature/home"
	"nestfunk/app/feature/intake"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/privacy"
	"nestfunk/app/feature/registry"
)

// features are all features of the house, in the order of the main menu, and what is to be done once it is open.
// Cards are for the demonstration only; nil: none.
func features(h *house.House, cards func(*store.Tx) ([]account.Card, error)) (all []house.Feature, begin func(context.Context) error) {
	announcements, begin := announcement.New(h)
	all = []house.Feature{
		announcements,
		registry.New(h, operation.Log),
		intake.New(h, operation.Log),
		account.New(h, cards, operation.Log),
		operation.New(h, announcement.Bounced, nil),
		device.New(h, device.Push{
			Key: h.Push.PublicKey,
			Subscribe: func(tx *store.Tx, v who.Viewer, s device.Subscription) error {
				sub, err := h.Push.Parse(s.Endpoint, s.Key, s.Secret)
				if err != nil {
					return err
				}
				return push.Subscribe(tx, v.ID, v.Session, sub, h.Now())
			},
			Unsubscribe: func(tx *store.Tx, v who.Viewer, endpoint string) error { return push.Unsubscribe(tx, v.ID, endpoint) },
			Shown:       func(tx *store.Tx, v who.Viewer, ref string) error { return nil },
		}, announcement.Ahead),
		handbook.New(),
		home.New(),
	}
	// Who is forgotten is forgotten by all others first: what is still referred to then keeps a row without a name.
	return append(all, privacy.New(h, operation.Log, all)), begin
}

// town makes the features of a demonstration, and its people where there are none yet.
func town(ctx context.Context, h *house.House, dir *folder) (all []house.Feature, begin func(context.Context) error, err error) {
	post := demo.NewPost(h.Now)
	h.Mail = post
	h.SMS = demo.Phones{Post: post}
	if _, done := dir.demo(); !done {
		if err := demo.Fill(ctx, h, post); err != nil {
			return nil, nil, err
		}
		if err := dir.demoIsDone(); err != nil {
			return nil, nil, err
		}
	}
	all, begin = features(h, demo.Cards)
	return append(all, demo.New(h, post)), begin, nil
}

// banner is the warning that those who announce read on every page.
func banner(tx *store.Tx, h *house.House, v who.Viewer) string {
	if h.Demo || !v.May(who.Leaders|who.Of(who.Admin)) {
		return ""
	}
	return operation.Banner(tx, h.Settings)
}
