// Package demo is the command that serves the people of a simulated Withings: no
// account, no configuration, no network.
package demo

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/transfer"
)

// Options is what the demo's people are like, and where they are kept. To and
// StateDir have no variable: those of these names are about real people.
type Options struct {
	Seed       uint64        `env:"WITHINGS_SEED" default:"1" placeholder:"N" help:"Which people; same seed, same data."`
	Years      int           `env:"WITHINGS_YEARS" default:"5" placeholder:"N" help:"Years of history."`
	People     int           `env:"WITHINGS_PEOPLE" default:"3" placeholder:"N" help:"Number of people, at most 500."`
	Speed      float64       `env:"WITHINGS_SPEED" default:"1" placeholder:"N" help:"60 lets a minute stand for an hour."`
	To         string        `name:"to" placeholder:"WHERE" help:"First import the years: influx, openmetrics=FILE."`
	APIAddress string        `name:"api.listen-address" env:"WITHINGS_API_LISTEN_ADDRESS" default:"localhost:0" placeholder:"ADDR" help:"Of the simulated Withings."`
	StateDir   string        `name:"state.dir" placeholder:"DIR" help:"Keep tokens and readings there."`
	Interval   time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" placeholder:"TIME" help:"How fresh data must be."`
}

// Command has the flags of demo.
type Command struct {
	Options             `embed:""`
	command.WebFlags    `embed:"" group:"Serving:"`
	command.InfluxFlags `embed:"" group:"InfluxDB:"`
	command.LogFlags    `embed:"" group:"Log:"`
}

// Run serves the people of a simulated Withings.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings := command.Settings{Log: c.LogFlags.Logger(p.Err)}
	c.WebFlags.Apply(&settings)
	switch { // a variable alone must not write simulated people into a real database
	case c.To == "influx":
		if err := c.InfluxFlags.Apply(&settings); err != nil {
			return err
		}
	case c.InfluxURL != "":
		settings.Log.Warn("the demo leaves InfluxDB alone without --to influx")
	}
	return serve(ctx, settings, c.Options, p, nil)
}

// serve serves the people of a simulated Withings cloud, who sign in the way
// real ones do. Without a state directory everything it writes is in a
// temporary one, which goes when ctx ends. It says what to open, and
// calls opened, which may be nil, with the addresses.
func serve(ctx context.Context, s command.Settings, o Options, p *command.Program, opened func(addresses []string)) error {
	if err := o.validate(); err != nil {
		return err
	}
	s.StateDir, s.PollInterval = o.StateDir, o.Interval
	s.RedirectURL = "http://localhost:8019/auth/external/callback"
	s.RateLimit = 100_000 // nobody is to wait
	if err := s.Validate(); err != nil {
		return err
	}
	if s.StateDir == "" {
		dir, err := os.MkdirTemp("", "withings-exporter-demo-")
		if err != nil {
			return fmt.Errorf("make a temporary state directory: %w; let TMPDIR name a folder that can be written, or give one with --state.dir", err)
		}
		defer os.RemoveAll(dir)
		s.StateDir = dir
	}
	sim := simulator.New(simulator.Options{Seed: o.Seed, People: o.People, Years: o.Years, Speed: o.Speed,
		Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: simulator.Unlimited}}}) // nobody is to wait
	listener, err := net.Listen("tcp", o.APIAddress)
	if err != nil {
		return fmt.Errorf("listen on %q for the simulated Withings: %w; choose another --api.listen-address", o.APIAddress, err)
	}
	address := "http://" + listener.Addr().String()
	s.Now = sim.Now
	s.APIURL, s.AccountURL = address, address
	s.ClientID, s.ClientSecret = simulator.DefaultClientID, simulator.DefaultClientSecret
	s.PollInterval = o.interval()

	// A function instead of sim itself: the linker keeps every method of a type
	// that becomes an interface value, here all that only tests call.
	api := &http.Server{Handler: http.HandlerFunc(sim.ServeHTTP), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- api.Serve(listener) }()
	defer func() {
		_ = api.Close() // nobody but this process asks it
		<-done
	}()

	for _, person := range sim.People() {
		s.Profiles = append(s.Profiles, person.Name)
	}
	if err := signin.SignIn(ctx, s); err != nil {
		return err
	}
	if o.To != "" {
		if err := transfer.Run(ctx, s, transfer.Options{To: o.To}, p.Out, p.Err); err != nil {
			return err
		}
	}
	again := func() (command.Settings, error) { return s, nil }
	return daemon.Serve(ctx, s, again, func(addresses []string) {
		addresses = openable(addresses)
		fmt.Fprintf(p.Out, "%s, %s: open http://%s/ (metrics: %s; Ctrl-C ends the demo)\n",
			english.Plural(o.People, "person", "people"), english.Plural(o.Years, "year", ""), addresses[0], s.TelemetryPath)
		if opened != nil {
			opened(addresses)
		}
	})
}

// openable puts this machine's name in place of "every address", which nobody
// can open: a container listens on ":10054", and its port is led to localhost.
func openable(addresses []string) []string {
	opened := make([]string, len(addresses))
	for i, address := range addresses {
		opened[i] = address
		if host, port, err := net.SplitHostPort(address); err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
			opened[i] = net.JoinHostPort("localhost", port)
		}
	}
	return opened
}

func (o Options) validate() error {
	switch {
	case o.People < 1 || o.People > 500:
		return command.Usagef("--people %d: give 1 to 500", o.People)
	case o.Years < 1 || o.Years > 50:
		return command.Usagef("--years %d: give 1 to 50", o.Years)
	case !(o.Speed > 0 && o.Speed <= 10_000):
		return command.Usagef("--speed %v: give more than 0 and at most 10000 simulated seconds per second", o.Speed)
	}
	return nil
}

// interval is the time between polls, shortened by the speed.
func (o Options) interval() time.Duration {
	return max(time.Duration(float64(o.Interval)/o.Speed), time.Second)
}
