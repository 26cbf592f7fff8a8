package config

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"withings-exporter/exporter/hint"
)

// likeThis is advice on a flag whose address looks unlike others.
var likeThis = map[string]string{
	"redirect-url": "write it as it is registered at Withings, such as http://localhost:8019/auth/external/callback",
	"api.url":      "leave it out, or write it like https://wbsapi.withings.net",
	"account.url":  "leave it out, or write it like https://account.withings.com",

	"grafana.url":    "write it like http://localhost:3000",
	"prometheus.url": "write it like http://localhost:9090",
	"exporter.url":   "write it like http://localhost:10054",
}

// URL checks that the value of a flag is an absolute http or https address and returns it without slashes at the end.
// The error shows the value only when it can hold neither a password nor a token.
func URL(flag, value string) (string, error) {
	value = strings.TrimSpace(value)
	fail := func(problem string) (string, error) {
		if !strings.ContainsAny(value, "@?#") {
			problem = strconv.Quote(value) + " " + problem
		}
		return "", hint.Wrap(fmt.Errorf("--%s: %s", flag, problem), cmp.Or(likeThis[flag], "write it like https://host.example:8086"))
	}
	u, err := url.Parse(value)
	switch {
	case value == "":
		return fail("is empty")
	case err != nil: // its text quotes the value
		return fail("is not an address")
	case u.Scheme != "http" && u.Scheme != "https":
		return fail("does not start with http:// or https://")
	case u.Hostname() == "":
		return fail("has no host")
	case u.Fragment != "" || strings.HasSuffix(value, "#"):
		return fail("has a part after #")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fail("has a port outside 1 to 65535")
		}
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u.String(), nil
}
