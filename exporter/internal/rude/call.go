package rude

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

// Call is a request that has to be answered.
type Call struct {
	W    http.ResponseWriter
	R    *http.Request
	Peer *Peer

	seen *Request
	body []byte // once it was read
	read bool
}

// largest is how much of the body of a request is read.
const largest = 64 << 20

// Body returns the body of the request, decompressed.
func (c *Call) Body() ([]byte, error) {
	if c.read {
		return c.body, nil
	}
	from := io.Reader(c.R.Body)
	if c.R.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, fmt.Errorf("decompress the request: %w", err)
		}
		from = unpacked
	}
	text, err := io.ReadAll(io.LimitReader(from, largest))
	if err != nil {
		return nil, err
	}
	c.body, c.read = text, true
	return text, nil
}

// Over is closed when the client has disconnected.
func (c *Call) Over() <-chan struct{} { return c.R.Context().Done() }

// Wait waits for some time. It returns false if the client disconnected or the test
// ended before.
func (c *Call) Wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.Over():
	case <-c.Peer.over:
	}
	return false
}

// Say answers with a status and a text.
func (c *Call) Say(status int, kind, text string) {
	if kind != "" {
		c.W.Header().Set("Content-Type", kind)
	}
	c.W.WriteHeader(status)
	_, _ = io.WriteString(c.W, text) // the client may have disconnected
}

// flush sends everything written so far.
func (c *Call) flush() { _ = http.NewResponseController(c.W).Flush() }

// raw takes over the connection.
func (c *Call) raw() net.Conn {
	conn, _, err := http.NewResponseController(c.W).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn
}

// cut breaks the connection.
func (c *Call) cut() {
	c.flush()
	panic(http.ErrAbortHandler)
}

// silently runs a behaviour without sending its answer.
func (c *Call) silently(b Behaviour) *httptest.ResponseRecorder {
	aside := *c
	kept := httptest.NewRecorder()
	aside.W = kept
	if c.read {
		aside.R = c.R.Clone(c.R.Context())
		aside.R.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	b(&aside)
	return kept
}
