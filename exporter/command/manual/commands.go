package manual

import (
	"io"

	"github.com/alecthomas/kong"
	"github.com/prometheus/common/version"

	"withings-exporter/exporter/command"
)

// CompletionCommand prints the completion script for a shell.
type CompletionCommand struct {
	Shell string `arg:"" name:"SHELL" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script for a shell.
func (c *CompletionCommand) Run(p *command.Program) error {
	script, err := Script(c.Shell)
	if err != nil {
		return command.Usage(err)
	}
	_, err = io.WriteString(p.Out, script)
	return err
}

// CompleteCommand is what those scripts run.
type CompleteCommand struct {
	Asked []string `arg:"" help:"The shell, and the command line as it has it."`
}

// Run answers a shell.
func (c *CompleteCommand) Run(k *kong.Context, p *command.Program, people Names) error {
	return Reply(p.Out, c.Asked[0], c.Asked[1:], func(words []string) Answer {
		return Complete(k.Model, words, people)
	})
}

// PageCommand prints the man page.
type PageCommand struct{}

// Run prints the man page.
func (PageCommand) Run(k *kong.Context, p *command.Program) error {
	return Page(p.Out, k.Model, version.Version, Handbook()...)
}
