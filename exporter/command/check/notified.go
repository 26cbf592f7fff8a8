package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/withings"
)

// notifications is how lines name what this file checks.
const notifications = "notifications"

const (
	// trialRequests is how many requests to Withings a trial takes, beside a list for
	// each profile.
	trialRequests = 2
	// mostLooked is how many addresses of other subscriptions are looked at.
	mostLooked = 5
)

// notified checks whether Withings' notifications get here.
type notified struct {
	settings command.Settings
	set      *profiles.Set
	people   []*subscriber
}

// subscriber is a profile and its subscriptions. Its account is its own, since that of
// the profile is in use.
type subscriber struct {
	member  *profiles.Member
	account *withings.Account
	file    notify.File
	known   []withings.Subscription
	wanted  []int
}

// checkNotifications has Withings ask the address for notifications, and looks at the
// other addresses that it sends them to.
func checkNotifications(ctx context.Context, set *profiles.Set, s command.Settings) []verdict {
	n := &notified{settings: s, set: set}
	lines := n.list(ctx)
	if len(lines) > 0 && !slices.ContainsFunc(lines, func(l verdict) bool { return l.cause == "" }) { // the same for everybody
		first := lines[0]
		first.what, first.about = notifications, ""
		return []verdict{first}
	}
	if len(n.people) == 0 {
		return append(lines, note(notifications, "not tried, since no profile can be asked for its subscriptions"))
	}
	trial := &notify.Trial{External: s.Callbacks(), Secret: n.people[0].file.Provisional(), Behind: n.behind(), Pause: s.Wait, Password: s.AsksPassword(), Client: s.Own}
	stop, err := n.open(trial)
	defer stop()
	lines = append(lines, n.try(ctx, trial, err)...)
	return append(lines, n.strays(ctx)...)
}

// list asks for everybody's subscriptions. Who is not authorised has a line already.
func (n *notified) list(ctx context.Context) (lines []verdict) {
	for _, m := range n.set.List() {
		if m.Ready(ctx) != nil {
			continue
		}
		name, choice := m.State.Profile(), m.Choose()
		p := &subscriber{
			member: m, account: n.set.Cloud.Client.Account(name, m.Source), file: notify.File{Dir: n.set.Dir, Profile: name, Now: n.settings.Now},
			wanted: notify.Wanted(slices.Concat(choice.Asked, choice.Told)),
		}
		var err error
		p.known, err = p.account.Subscriptions(ctx)
		if err != nil && errors.Is(m.Ready(ctx), exporter.ErrNotAuthorized) { // which asking has shown
			continue
		}
		if err != nil {
			lines = append(lines, failing(ctx, title(m), n.set.Budget, err).of("subscriptions to notifications"))
			continue
		}
		n.people = append(n.people, p)
	}
	return lines
}

// try has Withings ask the address of one profile: what is in the way of one is in the
// way of all. If the addresses of serve could not be opened, serve may be running.
func (n *notified) try(ctx context.Context, trial *notify.Trial, opened error) []verdict {
	person := n.people[0]
	none := "" // why there are none, where none are meant
	if !n.settings.Announced() {
		none = notify.Unfit(trial.External, trial.Password)
	}
	if errors.Is(opened, syscall.EADDRINUSE) {
		if none == "" && n.beginning(ctx) {
			return []verdict{note(notifications, "not tried: serve has just started, and has no address for them before it has asked Withings; run check again in a minute")}
		}
		if person, opened = n.served(ctx); opened == nil {
			trial.Served, trial.Secret = true, person.file.Peek()
		}
	}
	if opened != nil {
		if none != "" {
			return []verdict{linksOnly(none)}
		}
		return []verdict{bad(notifications, told(ctx, n.set.Budget, opened))}
	}
	trial.Account, trial.Known, trial.Wanted = person.account, person.known, person.wanted
	err := trial.Run(ctx)
	reached := good(notifications, fmt.Sprintf("Withings reached %s (HEAD answered 200)", notify.Address(trial.External, "…")))
	var left *notify.Leftover
	var links *notify.LinksOnly
	switch {
	case err == nil:
		return []verdict{reached}
	case errors.As(err, &left):
		return []verdict{reached, note(notifications, err.Error()+"; to end it, run: "+shell.ClearNotifications(person.member.State.Profile()))}
	case errors.As(err, &links) && !n.settings.Announced():
		return []verdict{linksOnly(links.Why)}
	}
	return []verdict{bad(notifications, told(ctx, n.set.Budget, err))}
}

// linksOnly says that there are no notifications and that nothing is wrong.
func linksOnly(why string) verdict {
	return note(notifications, "none, since --web.external-url "+why+
		"; links work all the same, and polling continues as usual (notifications need a public name with https, port 443 and no password)")
}

// behind is the address to which a proxy has to lead.
func (n *notified) behind() string {
	for _, address := range append([]string{n.settings.NotifyAddress}, n.settings.ListenAddresses...) {
		if address != "" {
			return address
		}
	}
	return ""
}

// open answers at the addresses of serve until it is stopped, for notifications alone.
func (n *notified) open(trial http.Handler) (stop func(), err error) {
	options := n.settings.Web()
	options.Notifications, options.OnlyNotifications = trial, true
	server, err := web.New(options)
	if err == nil {
		err = server.Listen()
	}
	if err != nil {
		return func() {}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(ctx) }) // if it fails, nothing arrives
	return func() {
		cancel()
		serving.Wait()
	}, nil
}

// beginning reports whether a serve runs that takes notifications, and has made no address yet.
func (n *notified) beginning(ctx context.Context) bool {
	if slices.ContainsFunc(n.people, func(p *subscriber) bool { return p.file.Peek() != "" }) {
		return false
	}
	server, err := n.set.Serving(ctx)
	return err == nil && server != nil && server.Notified
}

// served finds a profile whose address is answered by what listens at the addresses of
// serve.
func (n *notified) served(ctx context.Context) (*subscriber, error) {
	config := n.settings.WebConfigFile
	if n.settings.NotifyAddress != "" {
		config = "" // that address has neither TLS nor passwords
	}
	asker, err := newSelfAsker(config)
	if err != nil {
		return nil, err
	}
	defer asker.client.CloseIdleConnections()
	for _, p := range n.people {
		secret := p.file.Peek()
		if secret == "" {
			continue
		}
		answer, _, err := asker.ask(ctx, http.MethodHead, n.behind(), notify.Path(secret))
		switch {
		case err != nil:
			return nil, fmt.Errorf("what listens at %s does not answer: %w", n.behind(), err)
		case answer.StatusCode == http.StatusUnauthorized:
			err = hint.Wrap(fmt.Errorf("serve asks for a password at %s, also Withings", n.behind()), "open an address without one for notifications with --notify.listen-address")
		}
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode == http.StatusOK {
			return p, err
		}
	}
	return nil, hint.Wrap(fmt.Errorf("the program that listens at %s does not take notifications of %s", n.behind(),
		english.OxfordWordSeries(n.names(), "or")), "if it is serve, restart it with --web.external-url; it has an address for each profile once it has asked Withings")
}

// names are those of the people.
func (n *notified) names() []string {
	var all []string
	for _, p := range n.people {
		all = append(all, fmt.Sprintf("%q", p.member.State.Profile()))
	}
	return all
}

// strays notes subscriptions at addresses that do not answer: of a host from which the
// exporter has moved, or of another program.
func (n *notified) strays(ctx context.Context) (lines []verdict) {
	home := notify.Home{External: n.settings.Callbacks()}
	for _, p := range n.people {
		home.Secrets = append(home.Secrets, p.file.Peek())
	}
	found := n.look(ctx, home)
	for _, p := range n.people {
		count := map[string]int{} // by address
		for _, sub := range p.known {
			count[sub.Callback]++
		}
		for _, sub := range p.known {
			if count[sub.Callback] == 0 || found[sub.Callback] == "" {
				continue
			}
			lines = append(lines, note(title(p.member), fmt.Sprintf("%s to notifications at %s, which does not take them (%s); to end all of this profile, run: %s",
				english.Plural(count[sub.Callback], "subscription", ""), notify.Shown(sub.Callback), found[sub.Callback], shell.ClearNotifications(p.member.State.Profile()))))
			count[sub.Callback] = 0
		}
	}
	return lines
}

// look asks the first few addresses that are neither ours nor the demo's, and returns what came back
// instead of the right answer.
func (n *notified) look(ctx context.Context, home notify.Home) map[string]string {
	var addresses []string
	for _, p := range n.people {
		for _, sub := range p.known {
			if home.Whose(sub) != notify.Ours && !command.OfDemo(sub.Callback) && !slices.Contains(addresses, sub.Callback) && len(addresses) < mostLooked {
				addresses = append(addresses, sub.Callback)
			}
		}
	}
	texts := make([]string, len(addresses))
	var asking sync.WaitGroup
	for i, address := range addresses {
		asking.Go(func() { texts[i] = notify.Unanswered(ctx, n.settings.Own, address) })
	}
	asking.Wait()
	found := map[string]string{}
	for i, address := range addresses {
		found[address] = texts[i]
	}
	return found
}
