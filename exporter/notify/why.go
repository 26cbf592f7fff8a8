package notify

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"withings-exporter/exporter/hint"
)

// maxAddress is how long an address may be for Withings, in characters.
const maxAddress = 255

// localNames are the ends of names that only a private network knows.
var localNames = []string{".local", ".lan", ".home", ".internal", ".intranet", ".localdomain", ".home.arpa", ".test", ".localhost"}

// Private reports whether an address is one of a private network, which Withings cannot reach and nobody expects it to: such an
// external URL is for people and Prometheus.
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

// Advice says what to do when Withings refuses the address with status 293. Asked is whether its HEAD request has arrived.
func Advice(external string, asked bool) string {
	faults := Faults(external)
	switch {
	case len(faults) > 0:
		return "Withings wants https, a public name and port 443, but --web.external-url " + strings.Join(faults, " and ")
	case asked:
		return "Withings' HEAD request arrived here, so something in between has changed or delayed the answer, which must be 200: look at the proxy, or run: withings-exporter check"
	}
	return "Withings' HEAD request did not arrive here: see that a firewall, a bot filter or the proxy passes HEAD and POST requests below " +
		Address(external, "") + " on from the Internet; to find out what is in the way, run: withings-exporter check"
}

// unreachable is the error of an address that Withings refuses. Of a private one it is only logged, once a day.
func (k *Keeper) unreachable(err error) error {
	if Private(k.External) {
		k.idle, k.todo = k.Now().Add(patience), nil
		k.Log.Info("no notifications, since --web.external-url is an address of a private network; polling continues as usual", "err", err)
		return nil
	}
	asked := !k.Box.Asked().Before(k.began)
	return hint.Wrap(fmt.Errorf("%s is not accepted by Withings (status 293)%w", Address(k.External, "…"), silent{err}), Advice(k.External, asked))
}

// silent is an error that is recognised by what it is, and adds no words.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }
