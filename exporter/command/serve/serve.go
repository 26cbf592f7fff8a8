// Package serve is the command that polls every profile and serves the metrics;
// package daemon does the work.
package serve

import (
	"context"

	"github.com/prometheus/common/version"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/daemon"
)

// Command has the flags of serve.
type Command struct {
	command.ServingFlags `embed:""`
}

// Run serves until it is told to stop.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.ServingFlags.Settings(p)
	if err != nil {
		return err
	}
	settings.Log.Info("starting", "version", version.Version, "revision", version.GetRevision(), "state", settings.StateDir,
		"config", settings.FileRead())
	return daemon.Serve(ctx, settings, p.Again, func(addresses []string) {
		settings.Log.Info("serving", "page", settings.Served(addresses[0], "/"), "metrics", settings.Served(addresses[0], settings.TelemetryPath))
	})
}
