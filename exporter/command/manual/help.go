package manual

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// Help returns a help printer whose output ends in an example: the tag of the chosen
// command, or the first text for the program. The second text is below the flags of a
// command that has a configuration file.
func Help(first, elsewhere string) kong.HelpPrinter {
	return func(options kong.HelpOptions, ctx *kong.Context) error {
		if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
			return err
		}
		command := ctx.Selected()
		if command == nil {
			_, err := fmt.Fprint(ctx.Stdout, "\n"+first)
			return err
		}
		if slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "config.file" }) {
			fmt.Fprint(ctx.Stdout, "\n"+elsewhere)
		}
		if text := example(ctx.Model, command); text != "" {
			fmt.Fprintf(ctx.Stdout, "\nExample:\n  %s\n", text)
		}
		return nil
	}
}
