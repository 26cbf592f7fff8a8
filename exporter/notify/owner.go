package notify

import (
	"net/url"
	"slices"
	"strings"

	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/withings"
)

// Whose says who has a subscription.
type Whose int

// Those who can have one.
const (
	Others Whose = iota // another program that uses the same Withings application
	Former              // this exporter at an address that it had before, or an exporter elsewhere
	Ours                // this exporter
)

// String is how people are told.
func (w Whose) String() string {
	return [...]string{"another program", "this exporter, at another address", "this exporter"}[w]
}

// Home is where this exporter takes notifications.
type Home struct {
	External string   // the address by which Withings reaches it; "" if that is not known
	Secrets  []Secret // those of its profiles
}

// Whose says who has a subscription.
func (h Home) Whose(s withings.Subscription) Whose {
	below := h.External != "" && strings.HasPrefix(plain(s.Callback), Address(h.External, ""))
	secret := slices.ContainsFunc(h.Secrets, func(secret Secret) bool { return secret.has(s.Callback) })
	switch {
	case secret && (below || h.External == ""):
		return Ours
	case secret, below, s.Comment == withings.Comment:
		return Former
	}
	return Others
}

// Shown is an address without what may be secret in it: its path, but for the beginning of one that is an exporter's.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return redact.Hidden
	}
	shown, path := u.Scheme+"://"+u.Host, u.EscapedPath()
	if i := strings.LastIndex(path, Prefix); i >= 0 && len(path)-i == len(Prefix)+secretLength {
		shown += path[:i] + strings.TrimSuffix(Prefix, "/")
	}
	return redact.Text(shown) + "/…"
}
