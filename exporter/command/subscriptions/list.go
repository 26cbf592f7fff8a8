package subscriptions

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// maxComment is how much of another program's comment is shown, in characters; Withings
// keeps 255.
const maxComment = 60

// list prints a profile's subscriptions by who is sent them, and the categories that serve
// would add.
func (m *manager) list(ctx context.Context, member *profiles.Member) error {
	all, err := subscriptions(ctx, member)
	if err != nil {
		return err
	}
	fmt.Fprintln(m.out, member.State.Profile())
	last := ""
	row := func(heading string, category int) {
		if heading != last {
			words.Paragraph(m.out, "  ", heading+":")
			last = heading
		}
		fmt.Fprintf(m.out, "    %-2d  %s\n", category, notify.About(category))
	}
	for _, sub := range all {
		row(fmt.Sprintf("sent to %s of %s", notify.Shown(sub.Callback), m.whose(sub)), sub.Category)
	}
	missing := m.missing(member, all)
	for _, category := range missing {
		row("missing", category)
	}
	if len(all)+len(missing) == 0 {
		fmt.Fprintln(m.out, "  nothing")
	}
	m.lacks = m.lacks || len(missing) > 0
	return nil
}

// subscriptions are those of a profile by address and category.
func subscriptions(ctx context.Context, member *profiles.Member) ([]withings.Subscription, error) {
	all, err := member.Account.Subscriptions(ctx)
	slices.SortStableFunc(all, func(a, b withings.Subscription) int {
		return cmp.Or(cmp.Compare(a.Callback, b.Callback), cmp.Compare(a.Category, b.Category))
	})
	return all, err
}

// whose says who has a subscription, with the comment of another program.
func (m *manager) whose(sub withings.Subscription) string {
	whose := m.home.Whose(sub)
	if whose == notify.Former && command.OfDemo(sub.Callback) {
		return "the demo, which shows these people, too"
	}
	if whose != notify.Others || sub.Comment == "" {
		return whose.String()
	}
	comment := []rune(redact.Text(sub.Comment))
	return fmt.Sprintf("%s (%q)", whose, string(comment[:min(len(comment), maxComment)]))
}

// missing are the categories that serve wants and Withings does not send it.
func (m *manager) missing(member *profiles.Member, all []withings.Subscription) []int {
	if m.settings.ExternalURL == "" {
		return nil
	}
	choice := member.Choose()
	wanted := notify.Wanted(slices.Concat(choice.Asked, choice.Told))
	return slices.DeleteFunc(wanted, func(category int) bool {
		return exporter.Uncertain(category) || slices.ContainsFunc(all, func(sub withings.Subscription) bool {
			return sub.Category == category && m.home.Whose(sub) == notify.Ours
		})
	})
}

// clear ends all subscriptions of a profile and prints each that has ended.
func (m *manager) clear(ctx context.Context, member *profiles.Member) error {
	name := member.State.Profile()
	all, err := subscriptions(ctx, member)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintf(m.talk, "Withings sends no notifications about %s.\n", name)
		return nil
	}
	fmt.Fprintf(m.talk, "Ending %s of %s, one a second.\n", english.Plural(len(all), "subscription", ""), name)
	return notify.EndThese(ctx, member.Account, all, m.settings.Wait, func(sub withings.Subscription) {
		m.ended++
		fmt.Fprintf(m.out, "ended: %s: %d %s, sent to %s of %s\n", name, sub.Category, notify.About(sub.Category), notify.Shown(sub.Callback), m.whose(sub))
	})
}
