// Package backfill is the command that imports the whole history of profiles;
// package transfer does the work.
package backfill

import (
	"context"
	"os"
	"runtime/debug"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/transfer"
)

// memory is the limit in bytes that Go's memory aims at during a backfill; with the
// program itself less than 40 MB are resident.
const memory = 26 << 20

// Command has the flags of backfill.
type Command struct {
	transfer.Options     `embed:""`
	command.HistoryFlags `embed:""`
}

// Run imports histories. It is busy for minutes; collecting garbage by a limit instead
// of by growth halves its cost.
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
