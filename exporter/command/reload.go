package command

import (
	"cmp"
	"fmt"
	"net"
	"runtime"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/web"
)

// ReadAgain is the command that makes a serve with these settings read its configuration again. Process is its number; 0 if that is
// not known, or it is one of another machine. The first process is that of a container: outside, its number is another program's.
func (s Settings) ReadAgain(process int) string {
	switch {
	case s.SystemdSocket || shell.IsService():
		return shell.ReloadUnit()
	case process > 1 && runtime.GOOS != "windows": // whatever its address is, and who has a password there
		return fmt.Sprintf("kill -HUP %d", process)
	}
	page := s.ownPage()
	curl := "curl"
	if strings.HasPrefix(page, "https:") {
		curl += " -k" // the certificate is hardly for this name, and it stays on this machine
	}
	if user := web.FirstUser(s.WebConfigFile); user != "" {
		curl += " -u " + shell.Quote(user)
	}
	return curl + " -X POST " + shell.Quote(page+"/-/reload")
}

// Page is the address of the status page, without a slash at its end, as somebody on this machine can open it who listens on address.
func (s Settings) Page(address string) string {
	// A mistake in them keeps serve from starting, which says what it is.
	prefix, _ := web.CleanPrefix(s.RoutePrefix)
	scheme, _ := web.Scheme(s.WebConfigFile)
	return cmp.Or(scheme, "http") + "://" + Openable(address) + prefix
}

// Home is where people open the exporter in a browser, without a slash at its end: at its external URL, or else as somebody on this
// machine can.
func (s Settings) Home() (string, error) {
	external, err := web.External(s.ExternalURL)
	if err != nil {
		return "", Usage(err)
	}
	if external != nil {
		return external.String(), nil
	}
	return s.ownPage(), nil
}

// ownPage is Page for the first address whose port is known, or else for the one by default.
func (s Settings) ownPage() string {
	for _, address := range s.ListenAddresses {
		if place(address) != "" && !s.SystemdSocket {
			return s.Page(address)
		}
	}
	return s.Page(DefaultAddress)
}

// Served is where a path is served for who listens on address, for the log: an address to open or, of a socket in the file system, its path.
func (s Settings) Served(address, path string) string {
	if strings.HasPrefix(address, "/") || strings.HasPrefix(address, "@") {
		prefix, _ := web.CleanPrefix(s.RoutePrefix)
		return prefix + path + " on the socket " + address
	}
	return s.Page(address) + path
}

// DefaultAddress is where serve listens unless told otherwise.
const DefaultAddress = "localhost:10054"

// Openable is an address to listen on as somebody on this machine can open it: an unspecified host is localhost. A
// container listens on ":10054", and its port is published there.
func Openable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}
