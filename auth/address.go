package auth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"

	"withings-exporter/exporter/hint"
)

// listenAddress is where to wait for the browser: on the address given, or else where
// the redirect URL points; the path is always that of the redirect URL.
func listenAddress(redirect, given string) (address, path string, err error) {
	u, err := url.Parse(redirect)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		// Not quoted: a mistyped address may hold anything.
		return "", "", hint.Wrap(errors.New("--redirect-url is not an address"),
			"write it as it is registered with Withings, for example http://localhost:8019/auth/external/callback")
	}
	path = u.Path
	if path == "" {
		path = "/"
	}
	if given != "" {
		return given, path, nil
	}
	if u.Scheme != "http" || !isLoopback(u.Hostname()) {
		return "", "", hint.Wrap(fmt.Errorf("--redirect-url points to %s://%s, not to this machine", u.Scheme, u.Host),
			"set --listen to the address that the proxy forwards it to, or use --paste")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port), path, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// listenError says which flag helps with an address that cannot be listened on.
func listenError(address, given string, err error) error {
	var advice string
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && given != "":
		advice = "stop the program that uses the port (perhaps another auth), choose another port with --listen, or use --paste"
	case errors.Is(err, syscall.EADDRINUSE):
		advice = "stop the program that uses the port (perhaps another auth), or use --paste; for another port, change the callback URL at Withings and --redirect-url"
	case errors.Is(err, syscall.EACCES):
		advice = "ports below 1024 need administrator rights: use --paste, or change the callback URL at Withings and --redirect-url"
	case given != "":
		advice = "check --listen (like localhost:8019, or :8019 in a container), or use --paste"
	default:
		advice = "check --redirect-url, choose another address with --listen, or use --paste"
	}
	// The message has the address already.
	if wrapped := (*net.OpError)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return hint.Wrap(fmt.Errorf("listen for the browser on %q: %w", address, err), advice)
}
