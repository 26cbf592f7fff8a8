package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/dustin/go-humanize/english"
)

// MostLines is how long the help of a command may be: as many lines as a terminal shows that
// fills the screen of a small laptop (768 pixels).
const MostLines = 40

// HelpAll is a flag that prints help with all flags of a command. The usual help leaves out
// those with the tag rare, unless the tag shows of the command names them, and the groups that
// the tag hides of the command names.
type HelpAll bool

// helpAll is the name of the flag.
const helpAll = "help-all"

// IgnoreDefault keeps kong from setting the flag to its default.
func (HelpAll) IgnoreDefault() {}

// BeforeReset is called by kong if the flag is given. It prints and ends the program. Without
// a command, the help is that of the default one.
func (HelpAll) BeforeReset(ctx *kong.Context) error {
	if usual := ctx.Model.DefaultCmd; usual != nil && ctx.Selected() == nil {
		_, err := ctx.Kong.Parse([]string{usual.Name, "--" + helpAll})
		return err
	}
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	ctx.Exit(0)
	return nil
}

// Help returns a help printer whose output ends in an example: the tag of the chosen
// command, or the first text for the program. The second text is below the flags of a
// command that has a configuration file.
func Help(first, elsewhere string) kong.HelpPrinter {
	return func(options kong.HelpOptions, ctx *kong.Context) error {
		command := ctx.Selected()
		if command == nil {
			if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
				return err
			}
			_, err := fmt.Fprint(ctx.Stdout, "\n"+first)
			return err
		}
		var rare []*kong.Flag
		if !slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == helpAll }) {
			rare = rarely(command)
		}
		hide(rare, true)
		err := kong.DefaultHelpPrinter(options, ctx)
		hide(rare, false)
		if err != nil {
			return err
		}
		var notes []string
		if len(rare) > 0 {
			notes = append(notes, fmt.Sprintf("%s by: %s %s --%s\n", english.PluralWord(len(rare), "One more flag is listed", fmt.Sprintf("%d more flags are listed", len(rare))), ctx.Model.Name, command.Name, helpAll))
		}
		if slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "config.file" }) {
			notes = append(notes, elsewhere)
		}
		if len(notes) > 0 {
			fmt.Fprint(ctx.Stdout, "\n"+strings.Join(notes, ""))
		}
		if text := example(ctx.Model, command); text != "" {
			fmt.Fprintf(ctx.Stdout, "\nExample:\n  %s\n", text)
		}
		return nil
	}
}

// rarely are the flags of a command that its usual help leaves out.
func rarely(command *kong.Node) []*kong.Flag {
	shows, hides := tagged(command, "shows"), tagged(command, "hides")
	return slices.DeleteFunc(flags(command), func(f *kong.Flag) bool {
		hidden := f.Group != nil && slices.Contains(hides, title(f))
		return !hidden && (!f.Tag.Has("rare") || slices.Contains(shows, f.Name))
	})
}

// tagged are the names in a tag of a command.
func tagged(command *kong.Node, tag string) []string {
	if command.Tag == nil {
		return nil
	}
	return strings.Split(command.Tag.Get(tag), ",")
}

// hide leaves flags out of what kong prints, or no longer does.
func hide(flags []*kong.Flag, hidden bool) {
	for _, f := range flags {
		f.Hidden = hidden
	}
}
