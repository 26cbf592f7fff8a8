// Package backfill is the command that imports the whole history of profiles;
// package transfer does it.
package backfill

import (
	"context"
	"os"
	"runtime/debug"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/transfer"
)

// memory is how much of Go's memory a backfill aims to stay below, in bytes; with
// the program itself it is resident in less than 40 MB.
const memory = 26 << 20

// Command has the flags of backfill.
type Command struct {
	transfer.Options     `embed:""`
	command.HistoryFlags `embed:""`
}

// Run imports histories. It works hard for minutes, so that collecting garbage by
// room instead of by growth halves what it costs.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(memory)
	}
	settings, err := c.HistoryFlags.Settings(p)
	if err != nil {
		return err
	}
	return transfer.Run(ctx, settings, c.Options, p.Out, p.Err)
}
