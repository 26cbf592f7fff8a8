package command

import (
	"net/http"
	"net/url"
	"strings"
)

// External is the address of --web.external-url with its host as browsers, Prometheus and Withings send it: bücher.example is
// xn--bcher-kva.example. An address that has no such form is returned as it is, for others to say what is wrong.
func External(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = strings.ToLower(u.Host)
	var sent strings.Builder // net/http translates the host of what it sends, and has the tables
	if (&http.Request{URL: u}).Write(&sent) != nil {
		return address
	}
	_, rest, _ := strings.Cut(sent.String(), "\r\nHost: ")
	host, _, _ := strings.Cut(rest, "\r\n")
	if host == u.Host || !strings.Contains(host, "xn--") {
		return address
	}
	u.Host = host
	return u.String()
}
