// Package demo is the command that serves simulated people: no account, no
// configuration, no network.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/transfer"
	"withings-exporter/exporter/web"
)

// Options are the flags of demo alone. To and StateDir have no variable: the
// variables of these names are about real people.
type Options struct {
	Seed       uint64        `env:"WITHINGS_SEED" default:"1" placeholder:"N" help:"Same seed, same people."`
	Years      int           `env:"WITHINGS_YEARS" default:"5" placeholder:"N" help:"Years of history."`
	People     int           `env:"WITHINGS_PEOPLE" default:"3" placeholder:"N" help:"Number of people, at most 500."`
	Speed      float64       `env:"WITHINGS_SPEED" default:"1" placeholder:"N" help:"60 makes an hour pass in a minute."`
	To         string        `name:"to" placeholder:"WHERE" help:"Import the history first: influx, openmetrics=FILE."`
	APIAddress string        `name:"api.listen-address" env:"WITHINGS_API_LISTEN_ADDRESS" placeholder:"ADDR" help:"Where to practise auth with the simulated Withings."`
	StateDir   string        `name:"state.dir" placeholder:"DIR" help:"Keep tokens and readings in this folder."`
	Interval   time.Duration `name:"poll-interval" env:"WITHINGS_POLL_INTERVAL" default:"5m" placeholder:"TIME" help:"Time between polls of a profile."`
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
	settings := command.Settings{Log: p.Logger(&c.LogFlags)}
	c.WebFlags.Apply(&settings)
	switch { // a variable alone must not write simulated people into a real database
	case c.To == "influx":
		if err := c.InfluxFlags.Apply(&settings); err != nil {
			return err
		}
	case c.InfluxURL != "":
		settings.Log.Warn("the demo writes to InfluxDB only with --to=influx")
	}
	return serve(ctx, settings, c.Options, p, nil)
}

// serve serves the people of a simulated Withings, who sign in the way real ones do.
// Without a state directory it uses a temporary one and removes it at the end. It
// says what to open and calls opened, which may be nil, with the addresses.
func serve(ctx context.Context, s command.Settings, o Options, p *command.Program, opened func(addresses []string)) error {
	if err := o.validate(); err != nil {
		return err
	}
	s.StateDir, s.PollInterval = o.StateDir, o.Interval
	s.RedirectURL = "http://localhost:8019/auth/external/callback"
	s.RateLimit = 100_000 // nobody should wait
	if err := s.Validate(); err != nil {
		return err
	}
	prefix, err := web.CleanPrefix(s.RoutePrefix)
	if err != nil {
		return command.Usage(err)
	}
	if s.StateDir == "" {
		dir, err := os.MkdirTemp("", "withings-exporter-demo-")
		if err != nil {
			return hint.Wrap(fmt.Errorf("create a temporary state directory: %w", err), "set TMPDIR to a writable folder, or give one with --state.dir")
		}
		defer os.RemoveAll(dir)
		s.StateDir = dir
	}
	keep := o.StateDir != ""
	toExporter := newLine()
	defer toExporter.CloseIdleConnections()
	sim := simulator.New(simulator.Options{Seed: o.Seed, People: o.People, Years: o.Years, Speed: o.Speed, Stories: true, Home: home(),
		Callbacks: &http.Client{Transport: toExporter},
		Switches: simulator.Switches{
			Limiter:       simulator.Limiter{Limit: simulator.Unlimited}, // nobody should wait
			Notifications: simulator.Notifications{Recall: true},
		}})
	keeping := &keeper{sim: sim, log: s.Log}
	if keep {
		if keeping.path, err = recall(sim, s.StateDir); err != nil {
			return err
		}
		defer keeping.remember() // with what is no longer valid left out
	}
	listener, err := net.Listen("tcp", cmp.Or(o.APIAddress, "localhost:0"))
	if err != nil {
		return hint.Wrap(fmt.Errorf("start the simulated Withings: %w", err), "choose another --api.listen-address")
	}
	address := "http://" + listener.Addr().String()
	s.Now = sim.Now
	s.APIURL, s.AccountURL = address, address
	s.ClientID, s.ClientSecret = simulator.DefaultClientID, simulator.DefaultClientSecret
	s.PollInterval = o.interval()
	s.PollAnyway = o.Speed > 1 // days pass in an hour of this machine
	s.CallbackURL, s.Pause = callback(s), func(ctx context.Context, _ time.Duration) error { return ctx.Err() }

	// Not sim itself: the linker keeps every method of a type that becomes an
	// interface value, here all that only tests call.
	api := &http.Server{Handler: keeping, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- api.Serve(listener) }()
	defer func() {
		_ = api.Close() // nobody but this process asks it
		<-done
	}()

	playing, stop := context.WithCancel(ctx)
	played := make(chan struct{})
	go func() {
		defer close(played)
		sim.Play(playing)
	}()
	defer func() {
		stop()
		<-played
	}()

	for _, person := range sim.People() {
		s.Profiles = append(s.Profiles, person.Name)
	}
	if err := signin.SignIn(ctx, s); err != nil {
		return err
	}
	if o.To != "" {
		if err := transfer.Run(ctx, s, transfer.Options{To: o.To, Simulated: true}, p.Out, p.Err); err != nil {
			return err
		}
	}
	again := func() (command.Settings, error) { return s, nil }
	return daemon.Serve(ctx, s, again, func(addresses []string) {
		addresses = slices.Clone(addresses)
		for i := range addresses {
			addresses[i] = command.Openable(addresses[i])
		}
		toExporter.open(command.Openable(cmp.Or(s.NotifyAddress, addresses[0])))
		own := s.Page(addresses[0]) + "/"
		fmt.Fprintf(p.Out, "%s, %s of history: open %s\nMetrics are at %s. Press Ctrl-C to stop.\n",
			english.Plural(o.People, "person", "people"), english.Plural(o.Years, "year", ""), own, prefix+s.TelemetryPath)
		if o.APIAddress != "" {
			api := command.Openable(listener.Addr().String())
			fmt.Fprint(p.Out, practice(api, own, practiceAddress(append(addresses, api, s.NotifyAddress)), s.Profiles[0], keep))
		}
		if opened != nil {
			opened(addresses)
		}
	})
}

// callback is where the exporter of the demo wants notifications. It gets none when its pages
// need a password or a certificate, unless they have an address of their own.
func callback(s command.Settings) string {
	if s.WebConfigFile != "" && s.NotifyAddress == "" {
		return ""
	}
	return command.DemoAddress
}

func (o Options) validate() error {
	switch {
	case o.People < 1 || o.People > 500:
		return command.Usagef("give 1 to 500", "--people %d is out of range", o.People)
	case o.Years < 1 || o.Years > 50:
		return command.Usagef("give 1 to 50", "--years %d is out of range", o.Years)
	case !(o.Speed > 0 && o.Speed <= 10_000):
		return command.Usagef("give more than 0 and at most 10000 simulated seconds per second", "--speed %v is out of range", o.Speed)
	case o.APIAddress != "":
		_, _, err := command.ListenAddress("api.listen-address", o.APIAddress)
		return err
	}
	return nil
}

// interval is the time between polls, shortened by the speed.
func (o Options) interval() time.Duration {
	return max(time.Duration(float64(o.Interval)/o.Speed), time.Second)
}
