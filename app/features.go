package app

import (
	"context"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/demo"
	"nestfunk/app/feature/account"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/device"
	"nestfunk/app/feature/handbook"
	"nestfunk/app/feature/home"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/registry"
)

// features are all features of the house, in the order of the main menu, and what is to be done once it is open.
// Cards are for the demonstration only; nil: none.
func features(h *house.House, cards func(*store.Tx) ([]account.Card, error)) (all []house.Feature, begin func(context.Context) error) {
	announcements, begin := announcement.New(h)
	return []house.Feature{
		announcements,
		registry.New(h),
		account.New(h, cards),
		operation.New(h, announcement.Bounced),
		device.New(h, device.Push{}, announcement.Ahead),
		handbook.New(),
		home.New(),
	}, begin
}

// town makes the features of a demonstration, and its people where there are none yet.
func town(ctx context.Context, h *house.House, dir *folder) (all []house.Feature, begin func(context.Context) error, err error) {
	post := demo.NewPost(h.Now)
	h.Mail = post
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
