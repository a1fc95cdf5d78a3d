package channel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// Kinds of what is told, each with a ladder of its own.
const (
	Urgent  = "urgent"  // a closure of today, and what follows it; a drill
	Planned = "planned" // a closure of a later day
	Confirm = "confirm" // an ordinary announcement that has to be confirmed
	News    = "news"    // any other
)

// Remind is the step that tells those outstanding once more, by push and mail.
const Remind = "remind"

// A Step is a channel that is tried some time after publication, with those whose confirmation is still missing.
type Step struct {
	Channel string // Push, Mail, SMS, Remind or Call
	After   time.Duration
}

// A Ladder lists the steps in the order of their time. A channel that is not in it is not used.
type Ladder []Step

const longest = 14 * 24 * time.Hour // after which a step makes no sense

// steps are what a ladder may hold, in the order in which they are shown and, at the same minute, taken.
func steps() []string { return []string{Push, Mail, SMS, Remind, Call} }

// usual is the ladder of a house that has set none.
func usual(kind string) Ladder {
	switch kind {
	case Urgent:
		return Ladder{{Push, 0}, {Mail, 0}, {SMS, 15 * time.Minute}, {Call, 30 * time.Minute}}
	case Planned:
		return Ladder{{Push, 0}, {Mail, 0}, {Remind, 6 * time.Hour}, {Call, 18 * time.Hour}}
	case Confirm:
		return Ladder{{Push, 0}, {Mail, 0}, {Remind, 48 * time.Hour}}
	}
	return Ladder{{Push, 0}, {Mail, 0}}
}

// At is when a channel's turn comes; false where it never does.
func (l Ladder) At(channel string) (time.Duration, bool) {
	i := slices.IndexFunc(l, func(s Step) bool { return s.Channel == channel })
	if i < 0 {
		return 0, false
	}
	return l[i].After, true
}

// Without is the ladder without a channel.
func (l Ladder) Without(channel string) Ladder {
	return slices.DeleteFunc(slices.Clone(l), func(s Step) bool { return s.Channel == channel })
}

// Once is the ladder of what nobody confirms: nobody is outstanding later, so push and mail come at once, whenever their
// turn would have been, and SMS where theirs is at once.
func (l Ladder) Once() (once Ladder) {
	for _, s := range l {
		if s.Channel == Push || s.Channel == Mail || s.Channel == SMS && s.After == 0 {
			once = append(once, Step{s.Channel, 0})
		}
	}
	return once
}

// String is "push:0 mail:0 sms:15 call:30", in minutes.
func (l Ladder) String() string {
	words := make([]string, len(l))
	for i, s := range l {
		words[i] = fmt.Sprintf("%s:%d", s.Channel, s.After/time.Minute)
	}
	return strings.Join(words, " ")
}

// Parse reads what String wrote. Wrong steps are Invalid.
func Parse(s string) (l Ladder, err error) {
	for _, word := range strings.Fields(s) {
		name, minutes, _ := strings.Cut(word, ":")
		n, err := strconv.Atoi(minutes)
		_, twice := l.At(name)
		if err != nil || n < 0 || n > int(longest/time.Minute) || twice || !slices.Contains(steps(), name) {
			return nil, fault.New(fault.Invalid, "Diese Stufe ist nicht möglich: %s", word)
		}
		l = append(l, Step{name, time.Duration(n) * time.Minute})
	}
	slices.SortStableFunc(l, func(a, b Step) int {
		if a.After != b.After {
			return int(a.After/time.Second) - int(b.After/time.Second)
		}
		return slices.Index(steps(), a.Channel) - slices.Index(steps(), b.Channel)
	})
	return l, nil
}

// Load is the ladder of a kind as the house has set it.
func Load(tx *store.Tx, s *settings.Settings, kind string) (Ladder, error) {
	set, err := s.Get(tx, settings.Ladder+kind)
	if err != nil || set == "" {
		return usual(kind), err
	}
	return Parse(set)
}

// Save sets the ladder of a kind.
func Save(tx *store.Tx, s *settings.Settings, kind string, l Ladder) error {
	return s.Set(tx, settings.Ladder+kind, l.String())
}
