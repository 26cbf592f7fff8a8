package check

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/user"
	"strings"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check/bundle"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/withings"
)

// gathering is a bundle in the making.
type gathering struct {
	bundle.Archive
	settings command.Settings
	flags    Flags
	recorder bundle.Recorder
	reads    []bundle.Read
}

// checkAndBundle runs the check and writes the bundle that the flags name. With a
// configuration error, which leaves the settings incomplete, it gathers what it can
// without the check. It returns the error of the check, or says that the bundle
// could not be written.
func checkAndBundle(ctx context.Context, s command.Settings, broken error, f Flags, p *command.Program) error {
	if err := command.MayWrite("--bundle", f.Bundle); err != nil {
		return errors.Join(err, broken)
	}
	if err := bundle.Free(f.Bundle); err != nil {
		return errors.Join(command.Usage(err), broken)
	}
	g := &gathering{settings: s, flags: f}
	g.hide()
	g.Add("program.json", "version, system, clock, container or not", func() (any, error) { return bundle.Running(s.Now()), nil })
	g.Add("configuration.json", "settings with their sources, and keys of the file", func() (any, error) {
		c := bundle.Configured(f.values, &g.Hider)
		return &c, c.ReadFile(f.text("config.file"), &g.Hider)
	})
	files := func() (any, error) { return bundle.Files(s.StateDir, &g.Hider) }
	g.Add("files.json", "state directory: modes, ages of tokens, cursors, metrics", files) // before the check, which renames damaged ones
	var log, report bytes.Buffer
	g.settings.Log = slog.New(slog.NewMultiHandler(s.Log.Handler(),
		slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: g.Attribute})))
	result := g.check(ctx, broken, io.MultiWriter(p.Out, &report), p.Err)
	g.Add("check.txt", "output of check", func() (any, error) {
		if result != nil {
			fmt.Fprintf(&report, "ended with: %v\n", result)
		}
		var text strings.Builder
		for line := range strings.Lines(report.String()) {
			text.WriteString(g.Text(line) + "\n")
		}
		return text.String(), nil
	})
	g.Add("withings.json", "structure of Withings' answers, without values", func() (any, error) {
		return struct {
			Reads   []bundle.Read   `json:"last_thirty_days"`
			Answers []bundle.Answer `json:"answers"`
		}{g.reads, g.recorder.Answers()}, nil
	})
	g.Add("metrics.json", "metrics of a running serve, without people's values", func() (any, error) { return g.metrics(ctx) })
	g.Add("log.txt", "log of the check", func() (any, error) { return log.String(), nil })
	g.Add("README.txt", "what is in this archive and what is not", func() (any, error) { return fmt.Sprintf(readme, g.Contents()), nil })
	_, _ = files() // learns tokens that the check renewed, which are secret too
	if err := g.Save(f.Bundle, s.Now()); err != nil {
		return errors.Join(result, err)
	}
	fmt.Fprintf(p.Err, "\nThe bundle was written to %s:\n%sIt has no secrets, names or measured values, but it has times.\n"+
		"Look through it before you attach it to a report.\n%s", shell.Place(f.Bundle), g.Contents(), shell.Fetching(f.Bundle))
	return result
}

// readme is the README.txt of a bundle.
const readme = `This was written by: withings-exporter check --bundle FILE

%s
It does not contain client id and secret, tokens, codes, passwords, measured
values, names of profiles, numbers of users and devices, or e-mail addresses. A
placeholder such as "profile 1" means the same in every file.

It does contain when something was measured and how often, which metrics a
person has, models of devices, time zones, versions, settings, paths of files,
and addresses of servers without user and password.

Look through it before you send it to anybody. You may change or remove any of
the files; if you do, say so in the report.
`

// hide gives the hider the secrets and names that are known before anything is read.
func (g *gathering) hide() {
	for _, v := range g.flags.values {
		g.Keys = append(g.Keys, v.Name)
	}
	g.Keys = append(g.Keys, "withings", "backfill", "since", "until", "to", "signal", "out", "all", "list", "clear") // of Home Assistant, and of other commands
	g.Secret(g.settings.ClientSecret)
	g.Secret(g.settings.Influx.Token)
	for _, name := range g.settings.Profiles {
		g.Name("profile", name)
	}
	home, _ := os.UserHomeDir() // if unknown, it cannot be in a text either
	host, _ := os.Hostname()
	me, err := user.Current()
	if err != nil {
		me = &user.User{}
	}
	for text, instead := range map[string]string{home: "~", host: "[host]", me.Username: "[user]", me.Name: "[user]"} {
		g.Instead(text, instead)
	}
}

// check runs the check, then asks Withings once more, and records all answers.
func (g *gathering) check(ctx context.Context, broken error, out, talk io.Writer) error {
	if broken != nil {
		return broken
	}
	client := g.settings.HTTP
	if client == nil {
		client = withings.Transport()
	}
	noted := *client
	g.recorder.Next, g.recorder.Now = cmp.Or(client.Transport, http.DefaultTransport), g.settings.Now
	noted.Transport = &g.recorder
	g.settings.HTTP = &noted
	g.recorder.For("the check")
	home, result := check(ctx, g.settings, out, talk)
	if home != nil {
		g.askAll(ctx, home)
	}
	return result
}

// bundleTime is how long Withings is asked once more for a bundle, besides the time that the
// requests wait for the rate limit.
const bundleTime = 50 * time.Second

// askAll asks Withings for the last thirty days of every service, so that the
// answers are recorded; their content is not kept.
func (g *gathering) askAll(ctx context.Context, home *profiles.Set) {
	requests := 0
	for _, m := range home.List() {
		requests += len(m.Choose().Asked)
	}
	outlook, err := home.Budget.Outlook(ctx, requests)
	if err != nil {
		return // it is interrupted
	}
	ctx, cancel := context.WithTimeout(ctx, bundleTime+outlook.Takes)
	defer cancel()
	for _, m := range home.List() {
		read := bundle.Read{Profile: g.Name("profile", m.State.Profile())}
		if err := m.Ready(ctx); err != nil {
			read.Problem = "not authorised, so nothing was asked"
			g.reads = append(g.reads, read)
			continue
		}
		for _, service := range m.Choose().Asked {
			read.Service, read.Records = string(service), 0
			g.recorder.For(read.Profile + ", " + read.Service)
			_, err := m.Fetch.Fetch(ctx, service, exporter.Progress{}, func(b exporter.Batch) { read.Records += len(b.Records) })
			if err != nil {
				read.Problem = g.Text(err.Error())
			}
			g.reads = append(g.reads, read)
			if err != nil {
				break
			}
		}
	}
}

// metrics asks a running serve, if there is one.
func (g *gathering) metrics(ctx context.Context) (any, error) {
	asker, err := newSelfAsker(g.flags.text("web.config.file"))
	if err != nil {
		return nil, err
	}
	defer asker.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	address, _, _ := strings.Cut(g.flags.text("web.listen-address"), ",")
	resp, at, err := asker.ask(ctx, http.MethodGet, address, g.flags.text("web.telemetry-path"))
	switch {
	case errors.Is(err, command.ErrUsage): // which address is not known, so none was asked
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("no serve answers at %s: %w", at, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusUnauthorized {
		return nil, fmt.Errorf("serve answers at %s, but wants a password, which check does not have", at)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("serve answers at %s with HTTP status %d", at, resp.StatusCode)
	}
	return bundle.Metrics(io.LimitReader(resp.Body, 8<<20), &g.Hider)
}
