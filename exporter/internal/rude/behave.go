package rude

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Enough is how many bytes an endless answer sends before it stalls, so that a client
// without a limit neither fills the memory nor finishes.
const Enough = 64 << 20

// Hang reads the request and never answers.
func Hang(c *Call) {
	_, _ = io.Copy(io.Discard, c.R.Body)
	c.wait()
}

// HangUnread does not even read the request.
func HangUnread(c *Call) {
	select { // without reading, a disconnected client is not noticed
	case <-c.Peer.over:
	case <-c.R.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// wait waits until the client disconnects or the test ends.
func (c *Call) wait() {
	select {
	case <-c.Over():
	case <-c.Peer.over:
	}
	panic(http.ErrAbortHandler)
}

// Slam closes the connection without an answer.
func Slam(c *Call) { c.raw().Close() }

// Reset resets the connection, like a crashed server.
func Reset(c *Call) {
	conn := c.raw()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// Say answers with a status and a text.
func Say(status int, kind, text string) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.Say(status, kind, text)
	}
}

// Status answers with a status alone.
func Status(status int) Behaviour { return Say(status, "", "") }

// Hole answers everything with 204 and stores nothing.
func Hole(c *Call) { Status(http.StatusNoContent)(c) }

// Login is a login page with status 200.
func Login(c *Call) { Write("proxy: a login page").Give(c) }

// Redirect redirects the client, with any of 301, 302, 303, 307 and 308.
func Redirect(status int, location string) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		http.Redirect(c.W, c.R, location, status)
	}
}

// RetryAfter asks the client to come back later, usually with 429 or 503. The time is
// the value of the header: seconds, a date, or nonsense.
func RetryAfter(status int, after string) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.W.Header().Set("Retry-After", after)
		c.Say(status, jsonText, json2("too many requests", "the rate limit is exceeded"))
	}
}

// Times uses one behaviour for the first n requests, and then another.
func Times(n int, first, then Behaviour) Behaviour {
	var asked atomic.Int64
	return func(c *Call) {
		if asked.Add(1) <= int64(n) {
			first(c)
			return
		}
		then(c)
	}
}

// Lost runs a behaviour, but the connection breaks before the answer.
func Lost(b Behaviour) Behaviour {
	return func(c *Call) {
		c.silently(b)
		c.cut()
	}
}

// Without is polite to writes without a line of a measurement, and uses another
// behaviour for the rest.
func Without(measurement string, polite, otherwise Behaviour) Behaviour {
	return func(c *Call) {
		lines, err := c.Lines()
		for _, line := range lines {
			if line.Measurement == measurement {
				err = http.ErrNotSupported
			}
		}
		if err != nil {
			otherwise(c)
			return
		}
		polite(c)
	}
}

// TooLargeAbove answers 413 to bodies of more than some bytes on the wire, and uses
// another behaviour for the rest.
func TooLargeAbove(limit int64, then Behaviour) Behaviour {
	return func(c *Call) {
		wire, err := io.ReadAll(io.LimitReader(c.R.Body, limit+1))
		if err != nil || int64(len(wire)) > limit || c.R.ContentLength > limit {
			Write("proxy: the body is too large").Give(c)
			return
		}
		c.R.Body = io.NopCloser(bytes.NewReader(wire))
		then(c)
	}
}

// SlowRead reads the request at some bytes per second, once a second, and then uses
// another behaviour: a slow connection.
func SlowRead(perSecond int64, then Behaviour) Behaviour {
	return func(c *Call) {
		var wire bytes.Buffer
		for {
			n, err := io.CopyN(&wire, c.R.Body, perSecond)
			if err == io.EOF {
				break
			}
			if err != nil { // the rest will not arrive, and a part is not stored
				panic(http.ErrAbortHandler)
			}
			if n > 0 && !c.Wait(time.Second) {
				panic(http.ErrAbortHandler)
			}
		}
		c.R.Body = io.NopCloser(&wire)
		then(c)
	}
}

// After waits and then uses another behaviour.
func After(d time.Duration, then Behaviour) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		if !c.Wait(d) {
			panic(http.ErrAbortHandler)
		}
		then(c)
	}
}

// Drip sends an answer a byte at a time.
func Drip(status int, text string, every time.Duration) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.W.WriteHeader(status)
		for i := range len(text) {
			c.flush()
			if !c.Wait(every) {
				panic(http.ErrAbortHandler)
			}
			if _, err := io.WriteString(c.W, text[i:i+1]); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
	}
}

// Truncated announces more bytes than it sends.
func Truncated(status int, text string) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.W.Header().Set("Content-Length", strconv.Itoa(len(text)+1000))
		c.Say(status, jsonText, text)
		c.cut()
	}
}

// EndlessBody sends an answer with an endless body.
func EndlessBody(status int) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.W.Header().Set("Content-Type", jsonText)
		c.W.WriteHeader(status)
		pour(c.W, `{"code":"invalid","message":"`)
		c.flush()
		c.wait()
	}
}

// EndlessHeader sends one endless header.
func EndlessHeader(c *Call) {
	_, _ = c.Body()
	conn := c.raw()
	defer conn.Close()
	defer c.Peer.closeAtTheEnd(conn)()
	pour(&countedConn{conn, c}, "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nX-Influxdb-Error: ")
	_, _ = conn.Read(make([]byte, 1)) // until the client disconnects
}

// EndlessHeaders sends headers without end.
func EndlessHeaders(c *Call) {
	_, _ = c.Body()
	conn := c.raw()
	defer conn.Close()
	defer c.Peer.closeAtTheEnd(conn)()
	to := &countedConn{conn, c}
	if _, err := io.WriteString(to, "HTTP/1.1 400 Bad Request\r\n"); err != nil {
		return
	}
	for sent, i := 0, 0; sent < Enough; i++ {
		n, err := fmt.Fprintf(to, "X-Header-%d: %s\r\n", i, strings.Repeat("a", 1000))
		if err != nil {
			return
		}
		sent += n
	}
	_, _ = conn.Read(make([]byte, 1))
}

// pour writes a beginning and then the letter a, until the other side disconnects or
// Enough was sent.
func pour(to io.Writer, begin string) {
	if _, err := io.WriteString(to, begin); err != nil {
		return
	}
	letters := bytes.Repeat([]byte("a"), 64<<10)
	for sent := 0; sent < Enough; sent += len(letters) {
		if _, err := to.Write(letters); err != nil {
			return
		}
	}
}

// countedConn counts bytes that are sent without the HTTP server.
type countedConn struct {
	net.Conn
	c *Call
}

func (t *countedConn) Write(text []byte) (int, error) {
	n, err := t.Conn.Write(text)
	t.c.Peer.note(func() { t.c.seen.Sent += int64(n) })
	return n, err
}

// closeAtTheEnd closes a hijacked connection when the test ends. The returned function
// cancels that.
func (p *Peer) closeAtTheEnd(conn net.Conn) func() {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-p.over:
			conn.Close()
		case <-done:
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// GzipBomb sends an answer that is small on the wire and decompresses to many bytes.
func GzipBomb(status int, size int64) Behaviour {
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	const piece = 1 << 20
	_, _ = z.Write(bytes.Repeat([]byte("a"), piece))
	_ = z.Close()
	return func(c *Call) {
		_, _ = c.Body()
		c.W.Header().Set("Content-Type", jsonText)
		c.W.Header().Set("Content-Encoding", "gzip")
		c.W.WriteHeader(status)
		for unpacked := int64(0); unpacked < size; unpacked += piece {
			if _, err := c.W.Write(packed.Bytes()); err != nil {
				return
			}
		}
	}
}

// Echo repeats the Authorization header in its answer, in every encoding that a
// server or proxy could use.
func Echo(status int) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.Say(status, jsonText, json2("unauthorized", "unauthorized access: "+strings.Join(writings(c.R.Header.Get("Authorization")), " and ")))
	}
}

// EchoPlain repeats it unchanged on a page.
func EchoPlain(status int) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		c.Say(status, htmlText, "<pre>Authorization: "+c.R.Header.Get("Authorization")+"\n</pre>")
	}
}

// EchoHeader repeats it in headers, including the one that InfluxDB uses for errors.
func EchoHeader(status int) Behaviour {
	return func(c *Call) {
		_, _ = c.Body()
		all := strings.Join(writings(c.R.Header.Get("Authorization")), " and ")
		for _, name := range []string{"X-Influxdb-Error", "X-Influx-Error", "X-Request-Authorization"} {
			c.W.Header().Set(name, "unauthorized: "+all)
		}
		c.W.Header().Set("Location", "/signin?token="+url.QueryEscape(c.R.Header.Get("Authorization")))
		c.Say(status, "", "")
	}
}

// writings returns the encodings in which a header can be repeated.
func writings(header string) []string {
	_, secret, _ := strings.Cut(header, " ")
	return []string{
		header, secret, url.QueryEscape(secret), url.PathEscape(secret), quoted(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte(header)),
	}
}
