package web

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

// notifyFlag gives the address for notifications.
const notifyFlag = "--notify.listen-address"

// notifyPath is where notifications arrive, below the external URL.
const notifyPath = "/notify/"

// Limits of one connection to the address for notifications, which is open to the Internet. Withings sends a hundred bytes in
// one piece, and a proxy in between opens a new connection when it needs one.
const (
	notifyHeaderTimeout = 5 * time.Second
	notifyTimeout       = 10 * time.Second
	notifyIdleTimeout   = 30 * time.Second
	notifyHeaderBytes   = 8 << 10
	// notifyConnections is how many there are at the same time at most; others wait. A scrape is not held up by them.
	notifyConnections = 128
)

// notified has a request answered that is a notification, and reports whether it is one.
func (s *Server) notified(w http.ResponseWriter, r *http.Request) bool {
	if s.opts.Notifications == nil {
		return false
	}
	for _, root := range s.notifyRoots() {
		if strings.HasPrefix(r.URL.Path, root+notifyPath) {
			s.opts.Notifications.ServeHTTP(w, below(root, r))
			return true
		}
	}
	return false
}

// NotifyAddr is the opened address for notifications alone; nil without one, and before Listen.
func (s *Server) NotifyAddr() net.Addr {
	if s.notify == nil {
		return nil
	}
	return s.notify.Addr()
}

// newNotifyServer makes the server of the address for notifications. It logs nothing, since anybody could fill the log.
func (s *Server) newNotifyServer() *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(s.onlyNotifications),
		ReadHeaderTimeout: notifyHeaderTimeout,
		ReadTimeout:       notifyTimeout,
		WriteTimeout:      notifyTimeout,
		IdleTimeout:       notifyIdleTimeout,
		MaxHeaderBytes:    notifyHeaderBytes,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}

// onlyNotifications answers notifications and nothing else.
func (s *Server) onlyNotifications(w http.ResponseWriter, r *http.Request) {
	if s.notified(w, r) {
		return
	}
	if r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusNotFound)
}

// serveNotify runs the server of the address for notifications until it is stopped; nil then.
func (s *Server) serveNotify(srv *http.Server) error {
	s.log.Info("Listening for notifications", "address", s.notify.Addr().String())
	err := srv.Serve(netutil.LimitListener(s.notify, notifyConnections))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", s.notify.Addr(), err)
}
