package notify

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path"
	"strings"

	"withings-exporter/exporter/redact"
)

// Prefix is how the path of every address for notifications begins.
const Prefix = "/notify/"

const (
	// secretBytes is how many random bytes a secret has.
	secretBytes = 32
	// secretLength is how many characters it has, which are letters, digits, - and _.
	secretLength = 43
)

// Secret is the last part of the address to which Withings sends a profile's notifications. It shows in no log and no text that
// package fmt writes.
type Secret string

// newSecret makes a secret that nobody can guess.
func newSecret() Secret {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // it never fails: without random numbers the program ends
	return Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// valid reports whether it can be one that newSecret has made.
func (s Secret) valid() bool {
	b, err := base64.RawURLEncoding.DecodeString(string(s))
	return err == nil && len(b) == secretBytes
}

// Format writes [redact.Hidden] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redact.Hidden) }

// LogValue is [redact.Hidden].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redact.Hidden) }

// Path is the path of the address with a secret.
func Path(s Secret) string { return Prefix + string(s) }

// Address is the whole address with a secret, below the exporter's external URL.
func Address(external string, s Secret) string { return plain(external) + Path(s) }

// has reports whether an address ends in the secret.
func (s Secret) has(address string) bool {
	return s != "" && strings.HasSuffix(plain(address), Path(s))
}

// plain is an address in the one spelling that is compared: Withings may list it in another than it was given. Host and scheme
// have lower case, the usual port is left out, and the path has no slash at its end nor two in a row.
func plain(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return strings.TrimRight(address, "/")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if port := u.Port(); port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host + strings.TrimRight(path.Clean("/"+u.EscapedPath()), "/")
}
