package command

import (
	"cmp"
	"net"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/web"
)

// Reload is the command that makes a serve with these flags read its configuration again.
func (f *WebFlags) Reload() string {
	if f.WebSystemdSocket || shell.IsService() {
		return "sudo systemctl reload withings-exporter"
	}
	address := DefaultAddress
	if len(f.WebListenAddress) > 0 {
		address = Openable(f.WebListenAddress[0])
	}
	// A mistake in them keeps serve from starting, which says what it is.
	prefix, _ := web.CleanPrefix(f.WebRoutePrefix)
	scheme, _ := web.Scheme(f.WebConfigFile)
	curl := "curl"
	if scheme == "https" {
		curl += " -k" // the certificate is hardly for this name, and it stays on this machine
	}
	if user := web.FirstUser(f.WebConfigFile); user != "" {
		curl += " -u " + shell.Quote(user)
	}
	return curl + " -X POST " + shell.Quote(cmp.Or(scheme, "http")+"://"+address+prefix+"/-/reload")
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
