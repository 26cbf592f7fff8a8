package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"withings-exporter/exporter/hint"
)

// Limits of one connection. A scrape over a slow line may take a while to write;
// Prometheus keeps an idle connection for five minutes, so ours stays a little
// longer and never closes under a scrape that has just been sent.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 5*time.Minute + 30*time.Second
	maxHeaderBytes    = 64 << 10
)

// stopTimeout is how long requests under way may take to finish once the
// server is told to stop. net/http keeps an idle HTTP/2 connection open for the
// first second of that.
const stopTimeout = 2 * time.Second

// Server serves the exporter's pages on one or more addresses. It is used once:
// New, Listen, Serve.
type Server struct {
	opts     Options
	external *url.URL // nil when not configured
	prefix   string   // Options.RoutePrefix, cleaned
	handler  http.Handler
	log      *slog.Logger

	listeners    []net.Listener
	loopbackOnly bool         // all of them are, apart from Unix sockets
	notify       net.Listener // for notifications alone; nil without Options.NotifyAddress
	stopTimeout  time.Duration

	wantsCertificate bool // as Alive has found out
}

// New checks the options and prepares the handlers. Its errors name the flag to fix.
func New(opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	external, err := External(opts.ExternalURL)
	if err != nil {
		return nil, err
	}
	prefix, err := CleanPrefix(opts.RoutePrefix)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, external: external, prefix: prefix, log: opts.Log, stopTimeout: stopTimeout}
	routes, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = withHeaders(s.ownHosts(s.dispatch(routes)))
	if opts.OnlyNotifications {
		s.handler = withHeaders(s.ownHosts(http.HandlerFunc(s.onlyNotifications)))
	}
	return s, nil
}

// Handler returns everything the server answers, without TLS and basic auth.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen opens every address, or none. Its error names the address and
// what to do. Serve must follow, with an ended context if need be, to release them.
func (s *Server) Listen() error {
	opened, err := s.open()
	if err != nil {
		return err
	}
	if s.opts.NotifyAddress != "" {
		l, err := listen(s.opts.NotifyAddress, notifyFlag, opened)
		if err != nil {
			closeAll(opened)
			return err
		}
		s.notify = l
	}
	s.listeners, s.loopbackOnly = opened, allLoopback(opened)
	return nil
}

// Try opens what Listen does, and releases it at once.
func (s *Server) Try() error {
	err := s.Listen()
	s.release()
	return err
}

// open opens the addresses of the pages, or takes what systemd has opened.
func (s *Server) open() ([]net.Listener, error) {
	switch {
	case s.opts.OnlyNotifications && s.opts.NotifyAddress != "":
		return nil, nil
	case s.opts.SystemdSocket:
		return passed()
	}
	var opened []net.Listener
	for _, address := range s.opts.ListenAddresses {
		l, err := listen(address, "--web.listen-address", opened)
		if err != nil {
			closeAll(opened)
			return nil, err
		}
		opened = append(opened, l)
	}
	return opened, nil
}

// listen opens the address that a flag gives, beside others.
func listen(address, flag string, others []net.Listener) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	advice := listenAdvice(err, flag)
	if wrapped := (*net.OpError)(nil); errors.As(err, &wrapped) {
		for _, l := range others {
			if errors.Is(err, syscall.EADDRINUSE) && overlap(wrapped.Addr, l.Addr()) {
				advice = "leave it out: this program listens on " + l.Addr().String() + " already"
			}
		}
		err = wrapped.Err // the address is told already
	}
	return nil, hint.Wrap(fmt.Errorf("listen on %q: %w", address, err), advice)
}

// overlap reports whether who listens on one address keeps others from the other.
func overlap(a, b net.Addr) bool {
	one, is := a.(*net.TCPAddr)
	other, also := b.(*net.TCPAddr)
	everywhere := func(ip net.IP) bool { return len(ip) == 0 || ip.IsUnspecified() }
	return is && also && one.Port == other.Port && (one.IP.Equal(other.IP) || everywhere(one.IP) || everywhere(other.IP))
}

// listenAdvice says what a person can do about an address that cannot be opened.
func listenAdvice(err error, flag string) string {
	var syntax *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "stop the program that uses it (another withings-exporter?), or choose another port with " + flag
	case errors.Is(err, syscall.EACCES):
		return "choose a port above 1023 with " + flag + "; lower ones need privileges"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files (ulimit -n, LimitNOFILE= of systemd)"
	case errors.As(err, &syntax):
		return "give " + flag + " as host:port, such as localhost:10054 or :10054"
	default:
		return "give " + flag + " an address of this machine, such as localhost:10054 or :10054"
	}
}

// Addrs returns the opened addresses in the order of Options.ListenAddresses.
// It is empty before Listen. That for notifications alone is not among them.
func (s *Server) Addrs() []net.Addr {
	addrs := make([]net.Addr, len(s.listeners))
	for i, l := range s.listeners {
		addrs[i] = l.Addr()
	}
	return addrs
}

// Serve answers requests on every opened address until ctx ends or one address
// fails, then gives requests under way two seconds to finish and cuts off what is
// left. It returns nil when it was ctx that ended it. Everything it started
// has ended when it returns, except handlers that ignore their request's context.
func (s *Server) Serve(ctx context.Context) error {
	if len(s.listeners) == 0 && s.notify == nil {
		return errors.New("serve: no address is open; call Listen first")
	}
	var servers []*http.Server
	ended := make(chan error, len(s.listeners)+1)
	for _, l := range s.listeners {
		srv := s.newHTTPServer()
		servers = append(servers, srv)
		go func() { ended <- s.serveOne(srv, l) }()
	}
	if s.notify != nil {
		srv := s.newNotifyServer()
		servers = append(servers, srv)
		go func() { ended <- s.serveNotify(srv) }()
	}

	running := len(servers)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
		running--
	}
	s.stop(ctx, servers)
	for ; running > 0; running-- {
		failed = errors.Join(failed, <-ended)
	}
	return failed
}

// newHTTPServer makes the server of one listener. Each has its own because
// exporter-toolkit puts its handler and certificates into the server it is
// given: with one server for all, listeners would race for those fields and
// check passwords more than once.
func (s *Server) newHTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// serveOne runs one server on one listener until it is stopped; nil then.
func (s *Server) serveOne(srv *http.Server, l net.Listener) error {
	flags := &toolkit.FlagConfig{WebConfigFile: &s.opts.ConfigFile}
	err := toolkit.ServeMultiple([]net.Listener{l}, srv, flags, s.log)
	if err == nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", l.Addr(), err)
}

// stop ends all servers at the same time and waits for them. ctx has usually
// ended already; only its values are used.
func (s *Server) stop(ctx context.Context, servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.stopTimeout)
	defer cancel()
	var wait sync.WaitGroup
	for _, srv := range servers {
		wait.Go(func() {
			if srv.Shutdown(ctx) == nil {
				return
			}
			s.log.Warn("connections still open at shutdown were closed", "waited", s.stopTimeout)
			_ = srv.Close() // closes what Shutdown left; its listener error is old news
		})
	}
	wait.Wait()
	s.release()
}

// release closes the addresses.
func (s *Server) release() {
	closeAll(s.listeners)
	if s.notify != nil {
		_ = s.notify.Close()
	}
}

// closeAll releases the addresses. A listener its server has closed already
// says so, which is no news.
func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}
