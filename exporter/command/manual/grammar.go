package manual

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// longestShown is the length up to which a default is shown in the help of a flag.
const longestShown = 16

// Meaning is the help of a flag or an argument, with its default if that is short. It
// is a kong.HelpValueFormatter.
func Meaning(v *kong.Value) string {
	if v.Flag != nil && v.Name == "help" {
		return "Print this help."
	}
	if v.Flag == nil || v.Default == "" || len(v.Default) > longestShown {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " (" + v.Default + ")."
}

// commands are those that are not hidden.
func commands(model *kong.Application) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(model.Children), func(n *kong.Node) bool { return n.Hidden })
}

// flags are those of a command that are not hidden, without kong's own -h.
func flags(command *kong.Node) []*kong.Flag {
	return slices.DeleteFunc(slices.Clone(command.Flags), func(f *kong.Flag) bool {
		return f.Hidden || f.Name == "help"
	})
}

// own are the flags that belong to one command alone.
func own(command *kong.Node) []*kong.Flag {
	return slices.DeleteFunc(flags(command), func(f *kong.Flag) bool { return f.Group != nil })
}

// group is flags that several commands share.
type group struct {
	title    string
	flags    []*kong.Flag
	commands []string // that have them
}

// groups are the groups of flags in the order in which the commands have them.
func groups(model *kong.Application) []*group {
	var all []*group
	for _, command := range commands(model) {
		for _, flag := range flags(command) {
			if flag.Group != nil {
				all = add(all, command.Name, flag)
			}
		}
	}
	return all
}

// title is that of the group of a flag.
func title(flag *kong.Flag) string { return strings.TrimSuffix(flag.Group.Title, ":") }

// add puts a flag of a command into its group.
func add(all []*group, command string, flag *kong.Flag) []*group {
	i := slices.IndexFunc(all, func(g *group) bool { return g.title == title(flag) })
	if i < 0 {
		i, all = len(all), append(all, &group{title: title(flag)})
	}
	g := all[i]
	if !slices.Contains(g.commands, command) {
		g.commands = append(g.commands, command)
	}
	if !slices.ContainsFunc(g.flags, func(f *kong.Flag) bool { return f.Name == flag.Name }) {
		g.flags = append(g.flags, flag)
	}
	return all
}

// synopsis is a command as it is typed, without its flags: auth [PROFILE].
func synopsis(command *kong.Node) string {
	words := []string{command.Name}
	for _, arg := range command.Positional {
		word := arg.Name
		if arg.IsCumulative() {
			word += "..."
		}
		if !arg.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// placeholder is the name for the value of a flag; "" if it takes none.
func placeholder(flag *kong.Flag) string {
	if flag.IsBool() || flag.IsCounter() {
		return ""
	}
	return flag.FormatPlaceHolder()
}

// written is a flag as it is typed: --units=UNITS.
func written(flag *kong.Flag) string {
	if value := placeholder(flag); value != "" {
		return "--" + flag.Name + "=" + value
	}
	return "--" + flag.Name
}

// example is how a command is used, "" when the grammar does not say.
func example(model *kong.Application, command *kong.Node) string {
	if command == nil || command.Tag == nil || !command.Tag.Has("example") {
		return ""
	}
	return strings.TrimSpace(model.Name + " " + command.Tag.Get("example"))
}
