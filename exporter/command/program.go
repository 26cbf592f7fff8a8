package command

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

// DemoAddress is the address that the exporter of the demo gives as its own for notifications.
// No network knows it: only the simulated Withings finds it.
const DemoAddress = "http://demo.invalid"

// OfDemo reports whether an address for notifications is of the exporter of the demo, which shows its people whoever else does.
func OfDemo(callback string) bool { return strings.HasPrefix(callback, DemoAddress+"/") }

// Program is what a command is run with.
type Program struct {
	Now      func() time.Time
	In       io.Reader
	Out, Err io.Writer // for results, and for everything else

	Warnings []string                 // about the configuration file and the environment, for the log
	Again    func() (Settings, error) // reads command line, environment and file again, for serve
	Hangups  chan os.Signal           // has what came since the start; nil: serve listens itself

	// Web are the flags with which a serve of this configuration file is reached; nil is those by default.
	Web func(configFile string) *WebFlags
}

// Logger is the log of the flags, with the warnings about the configuration in it.
func (p *Program) Logger(f *LogFlags) *slog.Logger {
	log := f.Logger(p.Err)
	for _, warning := range p.Warnings {
		log.Warn("configuration", "err", warning)
	}
	return log
}
