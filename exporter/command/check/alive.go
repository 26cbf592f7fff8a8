package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/web"
)

// aliveTime is how long a serve may take to say that it is alive.
const aliveTime = 4 * time.Second

// alive asks the running serve whether it is alive, and writes one line if so. It
// needs neither application nor token, and reads only the web configuration. A serve
// that wants a password is alive; its certificate is not verified, since it is on this
// machine.
func alive(ctx context.Context, f command.WebFlags, out io.Writer) error {
	prefix, err := web.CleanPrefix(f.WebRoutePrefix)
	if err != nil {
		return command.Usage(err)
	}
	asker, err := newSelfAsker(f.WebConfigFile)
	if err != nil {
		return err
	}
	defer asker.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	var alive []string
	for _, address := range f.WebListenAddress {
		at, err := asker.alive(ctx, address, prefix)
		if err != nil {
			return err
		}
		alive = append(alive, at)
	}
	if len(alive) == 0 {
		return command.Usagef("give the --web.listen-address of serve", "there is no address to ask")
	}
	_, err = fmt.Fprintf(out, "ok    alive: %s\n", strings.Join(alive, ", "))
	return err
}

// selfAsker asks a serve on this machine.
type selfAsker struct {
	scheme     string
	configFile string
	client     *http.Client
}

// newSelfAsker reads from the web configuration whether serve uses TLS.
func newSelfAsker(configFile string) (*selfAsker, error) {
	scheme, err := web.Scheme(configFile)
	if err != nil {
		return nil, command.Usage(hint.Wrap(err, "give the --web.config.file of serve"))
	}
	return &selfAsker{scheme: scheme, configFile: configFile, client: &http.Client{
		Transport: &http.Transport{ // no proxy: it stays on this machine
			DialContext:       (&net.Dialer{Timeout: aliveTime}).DialContext,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // it stays on this machine
			DisableKeepAlives: true,
		},
		CheckRedirect: reach.FirstAnswer,
	}}, nil
}

// loopback lists where to ask a serve that listens on an address: one that
// listens everywhere is asked on loopback, be it by IPv4 or IPv6.
func loopback(address string) ([]string, error) {
	host, port, err := command.ListenAddress("web.listen-address", address)
	if err != nil {
		return nil, err
	}
	if port == "0" {
		return nil, command.Usagef("give the port that serve logs when it starts", "--web.listen-address %q lets the system choose the port", address)
	}
	hosts := []string{host}
	switch ip := net.ParseIP(strings.Split(host, "%")[0]); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() == nil:
		hosts = []string{"127.0.0.1", "::1"}
	case ip != nil && ip.IsUnspecified():
		hosts = []string{"127.0.0.1"}
	}
	for i := range hosts {
		hosts[i] = net.JoinHostPort(hosts[i], port)
	}
	return hosts, nil
}

// alive asks one listen address and returns the page that answered.
func (a *selfAsker) alive(ctx context.Context, address, prefix string) (string, error) {
	resp, at, err := a.ask(ctx, http.MethodGet, address, prefix+"/-/healthy")
	switch {
	case web.WantsCertificate(err):
		return at, nil
	case web.TurnedAway(err):
		return "", a.noHandshake(at, err)
	case errors.Is(err, command.ErrUsage):
		return "", err
	case errors.Is(err, context.Canceled):
		return "", err
	case err != nil:
		return "", hint.Wrap(fmt.Errorf("cannot reach serve at %s: %w", at, err), "start serve, or see its log; if it listens on another address, give its --web.listen-address")
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // of no interest
	_ = resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusUnauthorized:
		return at, nil
	}
	return "", hint.Wrap(fmt.Errorf("serve at %s answered with the unexpected HTTP status %d", at, resp.StatusCode),
		"see whether another program listens there, or give the --web.listen-address, --web.route-prefix and --web.config.file of serve")
}

// noHandshake is the error for a serve that takes no TLS connection, with what is wrong with its web configuration if that can be seen.
func (a *selfAsker) noHandshake(at string, err error) error {
	if wrong := web.CheckConfig(a.configFile); wrong != nil {
		err = wrong // which says more than the alert of TLS
	}
	err = fmt.Errorf("serve at %s takes no TLS connection: %w", at, err)
	if hint.Of(err) != "" {
		return err
	}
	return hint.Wrap(err, "see the log of serve, and check the certificate and the key of its --web.config.file")
}

// ask asks an address for a path; at is the address that was asked last. The
// caller closes the body.
func (a *selfAsker) ask(ctx context.Context, method, address, path string) (resp *http.Response, at string, err error) {
	places, err := loopback(address)
	if err != nil {
		return nil, "", err
	}
	for i, place := range places {
		var failed error
		where := a.scheme + "://" + place + path
		if resp, failed = a.askOne(ctx, method, where); failed == nil || web.TurnedAway(failed) {
			return resp, where, failed
		}
		if i == 0 { // without IPv6 the second error is of no use
			at, err = where, failed
		}
	}
	return nil, at, err
}

func (a *selfAsker) askOne(ctx context.Context, method, where string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, where, nil)
	if err != nil {
		return nil, hint.Wrap(err, "check --web.listen-address")
	}
	resp, err := a.client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer within %s", aliveTime)
	case err != nil:
		return nil, reach.Bare(err)
	}
	return resp, nil
}
