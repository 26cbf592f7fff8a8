package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"withings-exporter/exporter/hint"
)

// Options says what a [Server] serves and where.
type Options struct {
	// ListenAddresses are host:port pairs; at least one. Port 0 lets the
	// system pick one, which [Server.Addrs] then tells.
	ListenAddresses []string
	// SystemdSocket has what systemd opened for the program be served instead of ListenAddresses.
	SystemdSocket bool
	// ConfigFile names a file in exporter-toolkit's format with certificates
	// and basic-auth users. Empty means plain HTTP for everybody.
	ConfigFile string
	// TelemetryPath is where Metrics answers; empty means /metrics. At / the
	// metrics take the place of the status page.
	TelemetryPath string
	// RoutePrefix is the path below which everything is answered, and nothing elsewhere; "/" is the
	// root. Empty: the root, and the path of ExternalURL as well.
	RoutePrefix string
	// ExternalURL is the address by which people and Prometheus reach the exporter,
	// if it is not the listen address. It may have a path.
	ExternalURL string
	// NotifyAddress is a host:port pair of its own for Notifications, without TLS and
	// passwords, where nothing else answers; empty means that they are on every address.
	NotifyAddress string

	// Metrics answers scrapes. Required.
	Metrics http.Handler
	// MaxScrapes is how many requests Metrics answers at the same time; others get 503. 0 is any number.
	MaxScrapes int
	// Status returns what the page shows. It is called for every view of the
	// page, possibly at the same time, and must answer from memory. Required.
	Status func() Status
	// ECG draws a recording of a profile, which may be "" if there is only one, by the
	// number of its signal, as an SVG. It may ask Withings, so it must bound what it does.
	// A *[Problem] is shown as it is; other errors are logged. Nil: no ECGs are drawn.
	ECG func(ctx context.Context, profile string, signal int64) ([]byte, error)
	// Reload reads the configuration again, and logs how that went. Its note, which may be empty, and its error are sent to the
	// caller, so neither may hold secrets. Nil: /-/reload does not exist.
	Reload func(context.Context) (note string, err error)
	// Notifications answers everything below /notify/. Nil: it does not exist.
	Notifications http.Handler
	// OnlyNotifications has nothing else be answered, and with a NotifyAddress no other
	// address be opened.
	OnlyNotifications bool
	// Ready reports whether the exporter has loaded its state. Nil means always.
	Ready func() bool

	// Log receives the server's messages. Nil discards them.
	Log *slog.Logger
	// Version is shown on the page.
	Version string
}

// withDefaults fills in defaults and rejects what cannot work.
func (o Options) withDefaults() (Options, error) {
	if o.Metrics == nil || o.Status == nil {
		return o, errors.New("the web server needs a metrics handler and a status function")
	}
	if len(o.ListenAddresses) == 0 && !o.SystemdSocket {
		return o, hint.Wrap(errors.New("no address to listen on"), "give one with --web.listen-address")
	}
	if o.TelemetryPath == "" {
		o.TelemetryPath = "/metrics"
	}
	if err := checkTelemetryPath(o.TelemetryPath); err != nil {
		return o, err
	}
	if o.MaxScrapes < 0 {
		return o, hint.Wrap(fmt.Errorf("--web.max-requests %d is negative", o.MaxScrapes), "give how many scrapes are answered at the same time, or 0 for any number")
	}
	if err := CheckConfig(o.ConfigFile); err != nil {
		return o, err
	}
	if o.Ready == nil {
		o.Ready = func() bool { return true }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// checkTelemetryPath refuses a path that could never be requested.
func checkTelemetryPath(p string) error {
	if !strings.HasPrefix(p, "/") {
		return hint.Wrap(fmt.Errorf("--web.telemetry-path %q does not begin with a slash", p), "write /"+p)
	}
	if strings.ContainsAny(p, "?#% ") {
		return hint.Wrap(fmt.Errorf("--web.telemetry-path %q has a query, spaces or escapes", p), "give a path alone, such as /metrics")
	}
	return nil
}

// anExternal is advice about an external address.
const anExternal = "give one such as https://home.example/withings"

// External returns the cleaned external address, nil for an empty one.
// Its path is empty or begins with one slash and does not end in one.
func External(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	// The parser's own message repeats the input, which may hold a password.
	u, err := url.Parse(raw)
	if err != nil {
		return nil, hint.Wrap(errors.New("--web.external-url is not an address"), anExternal)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, hint.Wrap(fmt.Errorf("--web.external-url %q does not begin with http:// or https:// and a host", u.Redacted()), anExternal)
	}
	if u.User != nil || u.RawQuery != "" || strings.ContainsAny(raw, "?#") {
		return nil, hint.Wrap(fmt.Errorf("--web.external-url %q has a user, a query or a fragment", u.Redacted()), anExternal)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, hint.Wrap(fmt.Errorf("--web.external-url %q has a port outside 1 to 65535", u.Redacted()), anExternal)
		}
	}
	u.RawPath = ""
	u.Path = strings.TrimSuffix(path.Clean("/"+u.Path), "/")
	return u, nil
}
