package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"withings-exporter/exporter/redact"
)

// Explain says why a server could not be reached and what to do about it; the hint
// may be empty. Neither contains the address, and both are safe to show: they do
// not contain the secrets of the call, even if net/http quotes a server that
// repeated them.
func Explain(err error, secrets ...string) (what, hint string) {
	err = Bare(err)
	for _, explain := range []func(error) (string, string){certificate, scheme, proxy, lookup, timeout, system} {
		if what, hint = explain(err); what != "" {
			return redact.Text(what, secrets...), hint
		}
	}
	return redact.Text(err.Error(), secrets...), ""
}

// Error is a failure to reach a peer. It wraps the error of the network.
type Error struct {
	text, hint string
	cause      error
}

// Failed returns the error for a peer such as "Withings" that could not be reached.
// The hint names the flag that has its address, such as "--api.url"; without a flag
// it says "the address". The rest is the text of [Explain].
func Failed(peer, flag string, err error, secrets ...string) *Error {
	what, hint := Explain(err, secrets...)
	if flag != "" {
		hint = strings.ReplaceAll(hint, "the address", flag)
	}
	return &Error{text: fmt.Sprintf("cannot reach %s: %s", peer, what), hint: hint, cause: err}
}

// Error is one line: "cannot reach Withings: connection refused; check …".
func (e *Error) Error() string {
	if e.hint == "" {
		return e.text
	}
	return e.text + "; " + e.hint
}

// Hint is what to do about it; it may be empty.
func (e *Error) Hint() string { return e.hint }

// Unwrap is the error of the network.
func (e *Error) Unwrap() error { return e.cause }

// Bare removes the address from an error of net/http, and that of a redirect. The
// result may still quote the server.
func Bare(err error) error {
	var told *Error
	for {
		at, ok := err.(*url.Error)
		switch {
		case ok:
		case errors.As(err, &told): // has no address any more
			return err
		case !errors.As(err, &at):
			return err
		}
		if at.Op == "parse" { // its text may quote a password
			return errAddress
		}
		err = at.Err
	}
}

var errAddress = errors.New("the address is not valid")

// certificate explains why the certificate of a server is not trusted.
func certificate(err error) (what, hint string) {
	var (
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		hostname x509.HostnameError
		roots    x509.SystemRootsError
	)
	switch {
	case errors.As(err, &hostname):
		return "its certificate is for another name: " + hostname.Error(), "use a name from the certificate in the address"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet (" + invalid.Detail + ")",
			"renew the certificate of the server, and check the clock of this machine"
	case errors.As(err, &invalid):
		return "its certificate is not valid: " + invalid.Error(), "replace the certificate of the server"
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that this machine does not trust",
			"if it is your own, or that of a proxy in between, set SSL_CERT_FILE to a PEM file with its certificate"
	case errors.As(err, &roots):
		return "this machine has no list of trusted authorities", "install ca-certificates, or set SSL_CERT_FILE to a PEM file"
	}
	return "", ""
}

// scheme explains that one side speaks TLS and the other does not.
func scheme(err error) (what, hint string) {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "it does not speak TLS at this port", "use http:// in the address, or the port where it does"
	case errors.As(err, &alert):
		return "it ended the TLS handshake: " + alert.Error(), "check which certificates and TLS versions the server wants"
	case strings.Contains(err.Error(), "malformed HTTP response"):
		return "its answer is not HTTP", "use https:// in the address if the server speaks TLS, and check the port"
	}
	return "", ""
}

// proxy explains failures of the proxy that the environment names.
func proxy(err error) (what, hint string) {
	const advice = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
	var refused *ProxyError
	var op *net.OpError
	switch {
	case errors.As(err, &refused):
		return refused.Error(), advice
	case errors.As(err, &op) && op.Op == "proxyconnect":
		what, _ := Explain(op.Err)
		return "the proxy cannot be reached: " + what, advice
	}
	return "", ""
}

// lookup explains that a name has no address.
func lookup(err error) (what, hint string) {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return "", ""
	case dns.IsNotFound:
		return "no such host: " + dns.Name, "check the name in the address, and the DNS of this machine"
	case dns.IsTimeout:
		return "the name server does not answer for " + dns.Name, "check the network and the DNS of this machine"
	}
	return "the name server cannot tell the address of " + dns.Name + ": " + dns.Err, "check the network and the DNS of this machine"
}

// timeout explains that nothing came in time.
func timeout(err error) (what, hint string) {
	var slow net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		return "no answer in time", "check the network, and any firewall or proxy in between"
	}
	return "", ""
}

// streamError has the fields of the error that net/http returns for an HTTP/2
// stream. That error converts to any type with these fields in errors.As.
type streamError struct {
	StreamID, Code uint32
	Cause          error
}

func (streamError) Error() string { return "HTTP/2 stream broken off" }

// system explains errors of the operating system.
func system(err error) (what, hint string) {
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
	switch {
	case is(syscall.ECONNREFUSED):
		return "connection refused", "check whether the server runs, and host and port of the address"
	case is(syscall.EMFILE, syscall.ENFILE):
		return "too many open files", "raise the limit of this process (ulimit -n, LimitNOFILE=)"
	case is(syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN):
		return "no route to it", "check the network of this machine"
	case is(syscall.EACCES, syscall.EPERM):
		return "this machine forbids the connection", "check its firewall and what confines the service"
	case is(io.ErrUnexpectedEOF), errors.As(err, new(streamError)):
		return "its answer breaks off", "check any proxy in between"
	case is(syscall.ECONNRESET, syscall.EPIPE, io.EOF):
		return "it closed the connection without an answer", "check any proxy in between, and whether the address wants https://"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok { // its own text repeats socket addresses
		if call, ok := errors.AsType[*os.SyscallError](op.Err); ok {
			return call.Err.Error(), ""
		}
		return op.Err.Error(), ""
	}
	return "", ""
}
