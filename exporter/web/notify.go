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

// notifies reports whether the pages' addresses take what is sent to a path as a notification.
func (s *Server) notifies(path string) bool {
	return s.opts.Notifications != nil && s.opts.NotifyAddress == "" && strings.HasPrefix(path, notifyPath)
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

// onlyNotifications answers notifications, as sent or below the external URL's path, and nothing else.
func (s *Server) onlyNotifications(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if s.external != nil && strings.HasPrefix(path, s.external.Path+notifyPath) {
		path = path[len(s.external.Path):]
	}
	if s.opts.Notifications == nil || !strings.HasPrefix(path, notifyPath) {
		if r.ContentLength != 0 {
			w.Header().Set("Connection", "close")
		}
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	stripped, address := *r, *r.URL
	address.Path, address.RawPath = path, ""
	stripped.URL = &address
	s.opts.Notifications.ServeHTTP(w, &stripped)
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
