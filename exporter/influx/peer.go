package influx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
)

const (
	// requestTime is the limit for one request, from dialling to the last byte
	// of the answer.
	requestTime = 15 * time.Second
	// maxAnswer is how much of an answer is read, in bytes. Errors have under 1 KB,
	// those of InfluxDB Cloud, which name up to 100 lines, under 32 KB.
	maxAnswer = 64 << 10
)

// transport is an HTTP client with limits on every step.
func transport() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	t.MaxIdleConnsPerHost = 4
	t.MaxResponseHeaderBytes = maxAnswer
	return &http.Client{Transport: t, Timeout: requestTime}
}

// bounded makes a client that reads no more than maxAnswer of an answer and follows
// no redirect, so that the token goes nowhere else.
func bounded(c *http.Client) *http.Client {
	next := c.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	limited := *c
	limited.Transport = capped{next}
	limited.CheckRedirect = reach.FirstAnswer
	return &limited
}

// capped cuts the bodies of answers at maxAnswer.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = cut{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// cut is the beginning of a body.
type cut struct {
	io.Reader
	io.Closer
}

// reply is what a server answered to one request.
type reply struct {
	status int
	header http.Header
	body   []byte // its first maxAnswer bytes
}

// page reports whether the answer is a web page, as of a sign-in or a proxy.
func (r reply) page() bool {
	return strings.Contains(r.header.Get("Content-Type"), "html") || strings.HasPrefix(strings.TrimSpace(string(r.body)), "<")
}

// answer is the status of a reply in words, such as 404 Not Found.
func (r reply) answer() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)))
}

// ask sends one request through the official client and returns the answer, whatever
// its status. It is a GET if it has no body. An error means that there was no answer.
func (w *Writer) ask(ctx context.Context, path string, query url.Values, body io.Reader, header ...string) (reply, error) {
	at := w.base.JoinPath(path)
	at.RawQuery = query.Encode()
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return reply{}, err
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := w.service.DoHTTPRequestWithResponse(request, nil)
	if err != nil {
		return reply{}, err
	}
	w.heard.Store(time.Now().UnixNano())
	defer answer.Body.Close()
	got := reply{status: answer.StatusCode, header: answer.Header}
	// If the body breaks off, its beginning will do: the status counts.
	got.body, _ = io.ReadAll(answer.Body)
	return got, ctx.Err()
}

// silence is how long nothing may be heard of a server before it is asked whether it is there.
const silence = time.Minute

// Alive asks the server whether it is there, if it has answered nothing lately: between two writes nobody would notice that it is
// gone. Only a connection that cannot be made is an error. What is answered does not count: servers, and proxies before them, differ
// in that. Of a new writer that has had nothing to write, it is tried once whether the server takes a point: its token may be new.
func (w *Writer) Alive(ctx context.Context) error {
	if w.proven.Load() == 0 && w.probed.CompareAndSwap(false, true) {
		return w.Probe(ctx)
	}
	heard, now := w.heard.Load(), time.Now().UnixNano()
	if age := now - heard; age >= 0 && age < int64(silence) || !w.heard.CompareAndSwap(heard, now) {
		return nil
	}
	_, err := w.ask(ctx, "ping", nil, nil)
	if dial, is := errors.AsType[*net.OpError](err); is && dial.Op == "dial" && ctx.Err() == nil {
		return w.unreachable(err)
	}
	return nil
}

// Resolve moves what people write into --influx.url (user and password, organisation,
// bucket) to the other options, where these are empty.
func Resolve(o Options) (Options, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return o, hint.Wrap(errors.New("--influx.url is not a valid address"), "give one such as http://localhost:8086")
	}
	for _, end := range []string{"/api/v2/write", "/api/v2", "/write"} {
		if strings.HasSuffix(strings.TrimRight(base.Path, "/"), end) {
			return o, hint.Wrap(fmt.Errorf("--influx.url ends in %s, which is added to it", end), addressAlone+"8086")
		}
	}
	query := base.Query()
	for _, part := range []struct {
		key   string
		value *string
	}{{"org", &o.Org}, {"bucket", &o.Bucket}} {
		inside := query.Get(part.key)
		if inside != "" && *part.value != "" && inside != *part.value {
			return o, hint.Wrap(fmt.Errorf("--influx.url has %s=%s, but --influx.%s is %s", part.key, inside, part.key, *part.value), "remove one of the two")
		}
		if *part.value == "" {
			*part.value = inside
		}
		query.Del(part.key)
	}
	for key := range query {
		return o, hint.Wrap(fmt.Errorf("--influx.url has the unknown parameter %q", key), addressAlone+"8086")
	}
	if user := base.User; user != nil && o.Token == "" {
		password, _ := user.Password()
		o.Token = user.Username() + ":" + password
	}
	if o.Bucket == "" {
		return o, hint.Wrap(errors.New("--influx.url is given, but --influx.bucket is not"),
			"give the bucket too: its name in InfluxDB 2 and 3, database/autogen for InfluxDB 1.8, any word for VictoriaMetrics")
	}
	base.User, base.RawQuery, base.ForceQuery, base.Fragment = nil, "", false, ""
	o.URL = strings.TrimRight(base.String(), "/")
	return o, nil
}

// slow reports whether a request ended because its time was over.
func slow(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
