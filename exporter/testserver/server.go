package testserver

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// server is a program with an address. It can be stopped and started again with the
// same address and the same data.
type server struct {
	URL string // base address without a slash at its end

	t       testing.TB
	path    string // of the program
	log     string
	address string // host and port
	args    func(address string) []string
	ready   string   // a path answered with 2xx once the server is ready
	process *process // nil while stopped

	client        *http.Client
	authorization string // header of every request, "" for none

	// CAFile is a PEM file with the certificate of a server that was started with
	// TLS, "" for others.
	CAFile string
}

// Option changes how a server is started.
type Option func(*options)

type options struct {
	tls       bool
	retention time.Duration // 0: forever
}

// TLS makes a server use TLS, with a certificate that only clients with its CAFile
// trust.
func TLS() Option { return func(o *options) { o.tls = true } }

// Retention is how long a server keeps data: at least an hour, or a day for
// VictoriaMetrics. Without it everything is kept.
func Retention(d time.Duration) Option { return func(o *options) { o.retention = d } }

// chosen applies options.
func chosen(all []Option) options {
	var o options
	for _, change := range all {
		change(&o)
	}
	return o
}

// certified creates a certificate if TLS was chosen.
func (o options) certified(t testing.TB) (certificate, key string) {
	t.Helper()
	if !o.tls {
		return "", ""
	}
	return Certificate(t)
}

// launch finds a program and starts it on a free port, until the test ends. It uses
// TLS if there is a file with its certificate.
func launch(t testing.TB, program *testrun.Need, ready, certificate string, args func(address string) []string) *server {
	t.Helper()
	s := &server{t: t, path: program.Path(t), log: filepath.Join(t.TempDir(), "log"), args: args, ready: ready, client: client}
	scheme := "http://"
	if certificate != "" {
		s.CAFile, s.client, scheme = certificate, trusting(t, certificate), "https://"
	}
	t.Cleanup(s.end)
	const attempts = 5 // a free port may be taken by the time it is used
	for i := 1; ; i++ {
		s.address = testrun.FreeAddress(t)
		s.URL = scheme + s.address
		err := s.start()
		if err == nil {
			return s
		}
		if !errors.Is(err, errEnded) || i == attempts {
			t.Fatal(err)
		}
	}
}

// Start starts a server that was stopped, and returns when it is ready.
func (s *server) Start() {
	s.t.Helper()
	if s.process != nil {
		s.t.Fatalf("%s is already running", s.path)
	}
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

// Stop stops the server as a restart would.
func (s *server) Stop() {
	if s.process != nil {
		s.process.stop()
		s.process = nil
	}
}

// Kill ends the server with SIGKILL, like a power cut.
func (s *server) Kill() {
	if s.process != nil {
		s.process.kill()
		s.process = nil
	}
}

func (s *server) start() error {
	running, err := startProcess(s.log, s.path, s.args(s.address)...)
	if err != nil {
		return err
	}
	err = running.await(func() error {
		answer, err := s.get(s.ready)
		if err != nil {
			return err
		}
		return answer.Close()
	})
	if err != nil {
		return fmt.Errorf("start %s: %w", s.path, err)
	}
	s.process = running
	return nil
}

// end stops the server at the end of the test, when its data is no longer needed.
func (s *server) end() {
	s.Kill()
	if s.t.Failed() {
		s.t.Logf("the log of %s ends in:\n%s", filepath.Base(s.path), tail(s.log))
	}
}
