package daemon

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/web"
)

// Serve polls every profile and serves what is known until ctx ends, then stops
// in order: polls, states, server. The function reads the configuration again
// for /-/reload and SIGHUP; opened, if not nil, is told where the pages are.
func Serve(ctx context.Context, s command.Settings, again func() (command.Settings, error), opened func(addresses []string)) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), versioncollector.NewCollector("withings_exporter"),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	set, err := profiles.Open(s, registry)
	if err != nil {
		return err
	}
	if err := set.Load(s); err != nil {
		return err
	}
	r := &reloader{set: set, again: again, settings: s}
	began := s.Now()
	server, err := web.New(web.Options{ // ready as soon as it answers: the state is loaded
		ListenAddresses: s.ListenAddresses,
		ConfigFile:      s.WebConfigFile,
		TelemetryPath:   s.TelemetryPath,
		ExternalURL:     s.ExternalURL,
		Metrics:         prom.Handler(prom.NewGatherer(set.Shown, registry, s.Now), s.Log),
		Status:          func() web.Status { return Page(set, began, s.Now()) },
		Reload:          func(context.Context) error { return r.reload(ctx) },
		Log:             s.Log,
		Version:         version.Version,
	})
	if err != nil {
		return command.Usage(err)
	}
	if err := server.Listen(); err != nil {
		return err
	}
	if opened != nil {
		addresses := make([]string, 0, len(s.ListenAddresses))
		for _, a := range server.Addrs() {
			addresses = append(addresses, a.String())
		}
		opened(addresses)
	}
	return r.run(ctx, server)
}

// reloader owns the pollers and starts them again with every configuration.
type reloader struct {
	set   *profiles.Set
	again func() (command.Settings, error)

	mu       sync.Mutex // one reload at a time; guards settings
	settings command.Settings
}

// run serves until ctx ends. The server stays until the last state is saved, so
// that a scrape during the stop is still answered.
func (r *reloader) run(ctx context.Context, server *web.Server) error {
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(serving) }()

	hangup := make(chan os.Signal, 1)
	notifyHangup(hangup)
	defer signal.Stop(hangup)

	polling, stopPolling := context.WithCancel(ctx)
	defer stopPolling()
	r.mu.Lock()
	r.set.Start(polling, r.settings)
	r.mu.Unlock()
	look := time.NewTicker(lookForTokens)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			r.welcome(polling)
		case <-hangup:
			r.hear(polling)
		case err := <-failed:
			stopPolling()
			r.halt()
			return err
		case <-ctx.Done():
			r.halt()
			stopServing()
			return <-failed
		}
	}
}

// StopTime is how long polls and saving may take to end after a signal. The
// longest of them is a renewal under way, which gets two seconds. The server gets
// one more for connections that are open: five are what a person waits for, and
// less than any system allows before it kills.
const StopTime = 3 * time.Second

// halt ends polling for good.
func (r *reloader) halt() {
	ctx, cancel := context.WithTimeout(context.Background(), StopTime)
	defer cancel()
	if err := r.set.HaltWithin(ctx); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.settings.Log.Error("not ended in order", "err", err)
	}
}

// lookForTokens is how often the state directory is looked at for profiles that
// have been authorised since.
const lookForTokens = 5 * time.Second

// welcome begins to serve profiles that have been authorised since.
func (r *reloader) welcome(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.set.Newcomers(r.settings) {
		return
	}
	if err := r.restart(ctx, r.settings); err != nil {
		r.settings.Log.Error("newly authorised profiles not served", "err", err)
	}
}

// hear reloads where nobody waits for the outcome but the log.
func (r *reloader) hear(ctx context.Context) {
	if err := r.reload(ctx); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.settings.Log.Error("configuration not read again, the old one stays", "err", err)
	}
}

// reload reads the configuration again and starts over with it. When it is
// wrong, the old one stays in force.
func (r *reloader) reload(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.again()
	if err != nil {
		return err
	}
	if _, err := r.set.NewCloud(s); err != nil {
		return err
	}
	if kept := r.settings.Fixed(s); len(kept) > 0 {
		s.Log.Warn("some settings count from the next start on only", "settings", strings.Join(kept, " "))
	}
	return r.restart(ctx, s)
}

// restart ends the pollers, loads the profiles of the settings and starts over.
// Whoever calls it holds the lock.
func (r *reloader) restart(ctx context.Context, s command.Settings) error {
	began := time.Now()
	if err := r.set.HaltWithin(ctx); ctx.Err() != nil {
		return nil // it ends for good
	} else if err != nil {
		s.Log.Error("token not saved", "err", err)
	}
	err := r.set.Load(s)
	if err == nil {
		r.settings = s
	}
	if ctx.Err() == nil {
		r.set.Start(ctx, r.settings)
	}
	s.Log.Info("profiles loaded", "profiles", len(r.set.List()), "took", time.Since(began).Round(time.Millisecond))
	return err
}
