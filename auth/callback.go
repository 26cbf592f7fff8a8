package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"withings-exporter/exporter/hint"
)

const (
	// callbackHeader is how long a browser may take to send its request, and
	// callbackBytes the largest one read.
	callbackHeader = 10 * time.Second
	callbackBytes  = 32 << 10
	// callbackEnd is how long pages may take to be delivered at the end.
	callbackEnd = time.Second
)

// Callback is the listener to which the browser returns from Withings' page.
type Callback struct {
	login    *Login
	path     string
	log      *slog.Logger
	listener net.Listener
	server   *http.Server
	served   chan error   // what ended the server
	arrived  chan arrival // the first answer that belongs to this sign-in

	once    sync.Once
	settled chan struct{} // closed when outcome is known
	outcome page          // to be read after settled only
}

// arrival is what the browser returned with.
type arrival struct {
	code string
	err  error // why there is no code
}

// Listen starts to listen for the browser: on the address given, such as
// "localhost:8019", or else where the redirect URL points. The caller must Close it. A
// nil log is silent.
func (l *Login) Listen(ctx context.Context, given string, log *slog.Logger) (*Callback, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	address, path, err := listenAddress(l.app.RedirectURL, given)
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, listenError(address, given, err)
	}
	c := &Callback{
		login: l, path: path, log: log, listener: listener,
		served: make(chan error, 1), arrived: make(chan arrival, 1), settled: make(chan struct{}),
	}
	c.server = &http.Server{
		Handler: c, ReadHeaderTimeout: callbackHeader, MaxHeaderBytes: callbackBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

// Addr is the address it listens on.
func (c *Callback) Addr() net.Addr { return c.listener.Addr() }

// Wait returns when the person has returned from Withings' page: with the token, once
// accept has accepted and stored it, or with an error that says what to do. The page in
// the browser shows the same outcome. Answers with a wrong state are rejected, and the
// waiting goes on. The limit is the time for the person.
func (c *Callback) Wait(ctx context.Context, limit time.Duration, accept func(context.Context, Token) error) (Token, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-c.arrived:
		t, err := c.login.finish(ctx, got, accept)
		c.settle(c.login.outcomePage(t, err))
		return t, err
	case <-timer.C:
		return Token{}, c.login.late(limit)
	case <-ctx.Done():
		return Token{}, fmt.Errorf("wait for the browser: %w", ctx.Err())
	case err := <-c.served:
		c.served <- err // Close reads it too
		return Token{}, hint.Wrap(fmt.Errorf("wait for the browser on %s: %w", c.Addr(), err), "authorise again")
	}
}

// finish turns what the browser returned with into a token that accept accepts.
func (l *Login) finish(ctx context.Context, got arrival, accept func(context.Context, Token) error) (Token, error) {
	if got.err != nil {
		return Token{}, got.err
	}
	t, err := l.app.Exchange(ctx, got.code)
	if err == nil {
		err = accept(ctx, t)
	}
	return t, err
}

// late is the error when nobody returns in time.
func (l *Login) late(limit time.Duration) error {
	return hint.Wrap(fmt.Errorf("profile %q: no answer from Withings' page within %s; nothing was changed", l.profile, limit),
		fmt.Sprintf("authorise again, and if the page showed an error, check the client id and that %s is registered there as callback URL", l.app.RedirectURL))
}

// settle passes the outcome to the pages that wait for it, once.
func (c *Callback) settle(p page) {
	c.once.Do(func() {
		c.outcome = p
		close(c.settled)
	})
}

// Close ends the waiting. Pages are still delivered.
func (c *Callback) Close() error {
	c.settle(c.login.endedPage())
	ctx, cancel := context.WithTimeout(context.Background(), callbackEnd)
	defer cancel()
	err := c.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		// A browser keeps spare connections that it never uses.
		err = c.server.Close()
	}
	if end := <-c.served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// ServeHTTP answers the browser. Only a GET of the redirect URL's path with
// the right state counts; the first of them decides, and all later ones are
// shown what came of it.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The connection is not needed again, and would only keep Close waiting.
	w.Header().Set("Connection", "close")
	switch {
	case r.URL.Path != c.path:
		c.login.elsewherePage().write(w)
	case r.Method == http.MethodHead:
		// Withings checks the address like this when it is registered.
		w.WriteHeader(http.StatusOK)
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = io.WriteString(w, "only GET is supported here\n") // nothing depends on it
	case r.URL.RawQuery == "":
		c.login.idlePage().write(w)
	default:
		c.answer(w, r)
	}
}

// answer takes what the browser returned with, and shows the outcome.
func (c *Callback) answer(w http.ResponseWriter, r *http.Request) {
	code, err := c.login.read(r.URL.Query())
	if errors.Is(err, ErrWrongState) {
		c.log.Warn("ignored a callback with the wrong state; still waiting for the right one",
			"profile", c.login.profile, "from", r.RemoteAddr)
		c.login.strayPage().write(w)
		return
	}
	select {
	case c.arrived <- arrival{code, err}:
	default: // there was an answer before
	}
	select {
	case <-c.settled:
		c.outcome.write(w)
	case <-r.Context().Done():
	}
}
