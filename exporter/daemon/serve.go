package daemon

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/web"
)

// Serve polls every profile and serves the metrics until ctx ends, then stops in
// order: polls, states, server. Again reads the configuration for /-/reload and
// SIGHUP; opened, if not nil, is called with the addresses of the pages.
func Serve(ctx context.Context, s command.Settings, again func() (command.Settings, error), opened func(addresses []string)) error {
	s.Log = relayed(s.Log)
	registry := prometheus.NewRegistry()
	registry.MustRegister(versioncollector.NewCollector("withings_exporter"))
	set, err := profiles.Open(s, registry)
	if err != nil {
		return err
	}
	if err := set.Load(s); err != nil {
		return err
	}
	set.Reloaded(nil, s.Now())
	others := prom.Others{Registry: registry, Changes: set.Counted}
	if !s.NoProcess {
		others.Process = prom.NewProcess(time.Now)
	}
	r := &reloader{set: set, again: again, settings: s, manager: systemd.FromEnvironment(s.Log)}
	began := s.Now()
	options := s.Web() // ready as soon as it answers: the state is loaded
	options.SystemdSocket = s.SystemdSocket
	options.Metrics = prom.Handler(prom.NewGatherer(set.Shown, others, s.Now), s.Log)
	options.Status = func() web.Status { return Page(set, began, s.Now()) }
	options.ECG = newViewer(set, s.Now).draw
	options.Reload = func(context.Context) (string, error) { return r.reload(ctx) }
	options.Log, options.Version = s.Log, version.Version
	if s.Callbacks() != "" {
		options.Notifications = set.Receiver
	}
	server, err := web.New(options)
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
	err = r.run(ctx, server)
	if err == nil {
		s.Log.Info("stopped")
	}
	return err
}

// releaseTime is how long the end waits for a disk to take back that this process serves; the system does it otherwise.
const releaseTime = 200 * time.Millisecond

// hold says in the state directory that this process serves from it, until the returned function ends ctx by stop.
func (r *reloader) hold(ctx context.Context, stop func()) (release func()) {
	r.mu.Lock()
	log := r.settings.Log
	r.mu.Unlock()
	released := make(chan struct{})
	go func() { // ends with ctx, or with the process if the disk hangs
		defer close(released)
		r.set.HoldServing(ctx, log)
	}()
	return func() {
		stop()
		select {
		case <-released:
		case <-time.After(releaseTime):
		}
	}
}

// startTime is how long a start takes at most, with the first scrape.
const startTime = 5 * time.Second

// beSmall has a process that idles between polls for years be small rather than fast. It is called when the start is over: what
// that allocates fits into the smallest heap that is ever collected by default, and collecting it again and again took a third of the time.
// The rest is given back now, which Go would do in the course of many minutes.
func beSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(30)
	}
	debug.FreeOSMemory()
}

// reloader owns the pollers and restarts them with every configuration.
type reloader struct {
	set   *profiles.Set
	again func() (command.Settings, error)

	manager *systemd.Manager // who is told how the program is

	mu       sync.Mutex // one reload at a time; guards what follows
	settings command.Settings
	webFault string // what makes the web configuration unusable; "" for nothing
}

// run serves until ctx ends. The server stays until the last state is saved, so
// that a scrape during the stop is still answered.
func (r *reloader) run(ctx context.Context, server *web.Server) error {
	hangups := r.settings.Hangups
	if hangups == nil {
		hangups = command.Hangups()
	}
	defer signal.Stop(hangups)
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(serving) }()

	polling, stopPolling := context.WithCancel(ctx)
	defer r.hold(polling, stopPolling)()
	r.mu.Lock()
	r.set.Start(polling, r.settings)
	log := r.settings.Log
	r.tellStart()
	r.mu.Unlock()
	r.manager.Ready(r.condition())
	beat, still := r.heart()
	defer still()
	look := time.NewTicker(lookForTokens)
	defer look.Stop()
	started := time.NewTimer(startTime)
	defer started.Stop()
	for {
		select {
		case <-started.C:
			beSmall()
		case <-look.C:
			r.welcome(polling)
			r.renewSecrets(polling)
			r.lookAtWeb()
		case <-beat:
			r.alive(polling, server)
		case <-hangups:
			_, _ = r.reload(polling) // the log has the error
			r.lookAtWeb()
		case err := <-failed:
			stopPolling()
			r.halt()
			return err
		case <-ctx.Done():
			r.manager.Stopping()
			ended := r.halt()
			stopServing()
			err := <-failed
			if ended {
				r.saveTold(log)
			}
			return err
		}
	}
}

// StopTime is how long polling and saving may take to stop after a signal; a renewal
// of a token is the longest part, with two seconds. The server then gets one second
// for open connections: five in all are what a person waits for, and less than any
// system allows before it kills.
const StopTime = 3 * time.Second

// halt ends polling, and reports whether it has ended in time.
func (r *reloader) halt() bool {
	ctx, cancel := context.WithTimeout(context.Background(), StopTime)
	defer cancel()
	err := r.set.HaltWithin(ctx)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.settings.Log.Error("polling not stopped in time", "err", err)
	}
	return ctx.Err() == nil
}

// saveTime is how long saving the last bed events may take.
const saveTime = time.Second

// saveTold saves the bed events that have arrived during the stop.
func (r *reloader) saveTold(log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), saveTime)
	defer cancel()
	r.set.SaveTold(ctx, log)
}

// lookForTokens is how often the state directory is searched for newly authorised
// profiles, and the files of secrets are read again.
const lookForTokens = 5 * time.Second

// welcome begins to serve newly authorised profiles.
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

// renewSecrets restarts with the secrets of files that have changed, whatever else of the configuration has: a corrected token
// or a rotated secret needs nobody to tell the program.
func (r *reloader) renewSecrets(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, changed, err := r.settings.SecretsAgain()
	if r.set.SecretsRead(err) {
		r.settings.Log.Warn("a secret cannot be read again, keeping the old one", "err", err)
	}
	if len(changed) == 0 {
		return
	}
	r.settings.Log.Info("a secret has changed and is used from now on", "files", strings.Join(changed, " "))
	if err := r.restart(ctx, next); err != nil {
		r.settings.Log.Error("changed secret not used, keeping the old one", "err", err)
	}
}

// lookAtWeb logs once what makes the web configuration unusable: it is read again for every connection, so that nobody can open
// the page that would tell.
func (r *reloader) lookAtWeb() {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.webFault
	r.webFault = ""
	if err := web.CheckConfig(r.settings.WebConfigFile); err != nil {
		r.webFault = err.Error()
	}
	switch {
	case r.webFault == was:
	case r.webFault != "":
		r.settings.Log.Error("nobody can open the page or /metrics until the web configuration is corrected", "err", r.webFault)
	default:
		r.settings.Log.Info("the web configuration can be used again")
	}
}

// tellStart logs how many people are read from now on. The mutex must be held.
func (r *reloader) tellStart() {
	if n := len(r.set.List()); n > 0 {
		r.settings.Log.Info("reading from Withings", "profiles", n, "poll-interval", r.settings.PollInterval)
		return
	}
	r.settings.Log.Warn("nobody has signed in yet; this program goes on and notices when somebody does", "run", shell.Auth("PROFILE"))
}

// reload reads the configuration again and restarts with it, and logs how that went. If it is wrong, the old
// one stays in use. The note says which changes need a restart of the program, and who cannot be read with a new client id.
func (r *reloader) reload(ctx context.Context) (note string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manager.Reloading()
	defer func() {
		r.set.Reloaded(err, r.settings.Now())
		r.manager.Ready(r.condition())
		if err != nil {
			r.settings.Log.Error("configuration not reloaded, keeping the old one", "err", err)
		} else {
			r.settings.Log.Info("configuration reloaded")
		}
	}()
	s, err := r.again()
	if err != nil {
		return "", err
	}
	if _, err := r.set.NewCloud(s); err != nil {
		return "", err
	}
	s, waiting := r.settings.Reload(s)
	var notes []string
	if len(waiting) > 0 {
		notes = append(notes, "these changes wait for a restart: "+strings.Join(waiting, ", "))
		s.Log.Warn("changed settings wait for a restart", "settings", strings.Join(waiting, " "))
	}
	if err := r.restart(ctx, s); err != nil {
		return "", err
	}
	if note := r.set.OtherApplication(); note != "" {
		notes = append(notes, note) // the log has it of each profile
	}
	return strings.Join(notes, "\n"), nil
}

// restart stops the pollers, loads the profiles of the settings and starts again. The
// mutex must be held.
func (r *reloader) restart(ctx context.Context, s command.Settings) error {
	if err := r.set.HaltWithin(ctx); ctx.Err() != nil {
		return nil // the program stops
	} else if err != nil {
		s.Log.Error("token not saved", "err", err)
	}
	back := follow(r.settings.Log, s.Log)
	s.Log = r.settings.Log // which many have
	err := r.set.Load(s)
	if err == nil {
		r.settings = s
	} else {
		back()
	}
	if ctx.Err() == nil {
		r.set.Start(ctx, r.settings)
	}
	if err != nil {
		return err
	}
	r.tellStart()
	return nil
}
