package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// maxAddress is how long an address may be for Withings, in characters.
const maxAddress = 255

// localNames are the ends of names that only a private network knows.
var localNames = []string{".local", ".lan", ".home", ".internal", ".intranet", ".localdomain", ".home.arpa", ".test", ".localhost"}

// asksPassword goes on after "--web.external-url".
const asksPassword = "asks for a password"

// LinksOnly is the error of an external URL of which Withings can make no use. Mostly it is given for people and Prometheus, and then
// nothing is wrong: see command.Settings.Announced.
type LinksOnly struct {
	Why string // goes on after "--web.external-url"
	error
}

// Unwrap is what is in the way.
func (l *LinksOnly) Unwrap() error { return l.error }

// Unfit is why Withings can make no use of an external URL, as words that go on after "--web.external-url"; "" if it may. Password is
// whether everybody is asked for one there.
func Unfit(external string, password bool) string {
	switch {
	case Private(external):
		return "is an address of a private network"
	case password:
		return asksPassword
	}
	return strings.Join(Faults(external), " and ")
}

// Private reports whether an address is one of a private network, which Withings cannot reach and nobody expects it to.
func Private(external string) bool {
	u, err := url.Parse(external)
	if err != nil {
		return false
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ip, err := netip.ParseAddr(name); err == nil {
		ip = ip.Unmap()
		return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	return !strings.Contains(name, ".") || slices.ContainsFunc(localNames, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Faults says what is wrong with an external URL by Withings' rules for addresses, as sentences that go on after "it"; none if
// nothing is. Applications in development may be allowed more.
func Faults(external string) []string {
	u, err := url.Parse(external)
	if err != nil {
		return []string{"is not an address"}
	}
	var all []string
	add := func(wrong bool, text string) {
		if wrong {
			all = append(all, text)
		}
	}
	_, noIP := netip.ParseAddr(u.Hostname())
	port := u.Port()
	add(u.Scheme != "https", "does not begin with https://")
	add(noIP == nil, "has a number instead of a name")
	add(noIP != nil && Private(external), "has a name that only a private network knows")
	add(port != "" && port != "443" && port != "80", "has port "+port+" instead of 443")
	add(len(Address(external, ""))+secretLength > maxAddress, fmt.Sprintf("is too long: with the secret it has more than %d characters", maxAddress))
	return all
}

// Advice says what to do when Withings refuses the address with status 293. Password is whether everybody is asked for one there,
// and asked whether Withings' HEAD request has arrived.
func Advice(external string, password, asked bool) string {
	faults := Faults(external)
	switch {
	case len(faults) > 0:
		return "Withings wants https, a public name and port 443, but --web.external-url " + strings.Join(faults, " and ")
	case password:
		return "serve asks for a password there (--web.config.file), which Withings has not: take notifications at an address without one, with --notify.listen-address"
	case asked:
		return "Withings' HEAD request arrived here, so something in between has changed or delayed the answer, which must be 200: look at the proxy, or " + shell.Run("check")
	}
	return "Withings' HEAD request did not arrive here: see that a firewall, a bot filter or the proxy passes HEAD and POST requests below " +
		Address(external, "") + " on from the Internet; to find out what is in the way, " + shell.Run("check")
}

// unreachable is the error of an address that Withings refuses. Of one that is for links it is only logged, once a day.
func (k *Keeper) unreachable(ctx context.Context, err error) error {
	asked := !k.Box.Asked().Before(k.began)
	if why := k.unfit(ctx, asked); why != "" && !k.Meant {
		k.Box.expect(false)
		k.idle, k.todo = k.Now().Add(patience), nil
		k.Log.Info("no notifications, since --web.external-url "+why+"; polling continues as usual", "err", err)
		return nil
	}
	return hint.Wrap(fmt.Errorf("%s is not accepted by Withings (status 293)%w", Address(k.External, "…"), silent{err}), Advice(k.External, k.Password, asked))
}

// unfit is why Withings can make no use of the address. Whether somebody in front asks for a password is only seen by asking.
func (k *Keeper) unfit(ctx context.Context, asked bool) string {
	if why := Unfit(k.External, k.Password); why != "" || asked || k.Meant {
		return why
	}
	answer, err := knock(ctx, k.Client, http.MethodHead, k.address)
	if err != nil {
		return "" // as behind a router that leads nothing back
	}
	return answer.closed()
}

// silent is an error that is recognised by what it is, and adds no words.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }
