package manual

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Paths says which paths can complete a command line.
type Paths string

// The kinds of paths.
const (
	NoPaths Paths = "values"
	Files   Paths = "files"
	Folders Paths = "folders"
)

// Value is a word that can complete a command line, and what it means.
type Value struct{ Word, Help string }

// Answer is what can complete a command line.
type Answer struct {
	Before string  // the part of the last word before a value, such as --units=
	Values []Value // in the order of the grammar
	Paths  Paths   // which paths can follow Before, too
}

// Names gives the names of people, for a program with the flags typed so far,
// such as --state.dir=DIR.
type Names func(flags []string) []string

// Complete says what the last of some words may become. The words are those after the
// name of the program; the last is being typed and may be empty. Values are not
// filtered by what was typed of them, which each shell does in its own way.
func Complete(model *kong.Application, words []string, names Names) Answer {
	if len(words) == 0 {
		words = []string{""}
	}
	t := &typed{model: model, command: model.Node}
	for _, word := range words[:len(words)-1] {
		t.read(word)
	}
	last := words[len(words)-1]
	name, value, valued := strings.Cut(last, "=")
	switch {
	case t.waiting != nil:
		return t.value(t.waiting.Value, "", last, names)
	case t.ended:
		return t.argument(last, names)
	case strings.HasPrefix(last, "-") && valued:
		if flag := t.flag(name); flag != nil {
			return t.value(flag.Value, name+"=", value, names)
		}
		return Answer{Paths: NoPaths}
	case strings.HasPrefix(last, "-"):
		return t.flags()
	case t.command.Type == kong.ApplicationNode:
		return t.commands()
	}
	return t.argument(last, names)
}

// typed is what was understood of the words before the last.
type typed struct {
	model     *kong.Application
	command   *kong.Node
	waiting   *kong.Flag // a flag whose value comes next
	given     []string   // flags with values, as --name=value
	seen      []*kong.Flag
	arguments []string
	ended     bool // by --, after which nothing is a flag
}

// read understands the next word.
func (t *typed) read(word string) {
	name, _, valued := strings.Cut(word, "=")
	switch {
	case t.waiting != nil:
		t.given = append(t.given, "--"+t.waiting.Name+"="+word)
		t.waiting = nil
	case word == "--" && !t.ended:
		t.ended = true
	case strings.HasPrefix(word, "-") && !t.ended:
		flag := t.flag(name)
		if flag == nil {
			return
		}
		t.seen = append(t.seen, flag)
		switch {
		case valued:
			t.given = append(t.given, word)
		case placeholder(flag) != "":
			t.waiting = flag
		}
	case t.command.Type == kong.ApplicationNode:
		for _, command := range commands(t.model) {
			if command.Name == word {
				t.command = command
			}
		}
	default:
		t.arguments = append(t.arguments, word)
	}
}

// usable are the flags that may be given: those of the program, and those of the
// command or of the default one.
func (t *typed) usable() []*kong.Flag {
	all := slices.Clone(t.model.Flags)
	switch {
	case t.command.Type != kong.ApplicationNode:
		all = slices.Concat(t.command.Flags, all)
	case t.model.DefaultCmd != nil:
		all = slices.Concat(all, t.model.DefaultCmd.Flags)
	}
	return slices.DeleteFunc(all, func(f *kong.Flag) bool { return f.Hidden })
}

func (t *typed) flag(name string) *kong.Flag {
	for _, flag := range t.usable() {
		if "--"+flag.Name == name {
			return flag
		}
	}
	return nil
}

// flags are those that are not given yet, or can be given again.
func (t *typed) flags() Answer {
	answer := Answer{Paths: NoPaths}
	for _, flag := range t.usable() {
		if flag.IsCumulative() || !slices.Contains(t.seen, flag) {
			answer.Values = append(answer.Values, Value{"--" + flag.Name, Meaning(flag.Value)})
		}
	}
	return answer
}

func (t *typed) commands() Answer {
	answer := Answer{Paths: NoPaths}
	for _, command := range commands(t.model) {
		answer.Values = append(answer.Values, Value{command.Name, command.Help})
	}
	return answer
}

// argument completes an argument of the command.
func (t *typed) argument(last string, names Names) Answer {
	if t.command.Type == kong.ApplicationNode {
		return Answer{Paths: NoPaths}
	}
	for i, arg := range t.command.Positional {
		if i < len(t.arguments) && !arg.IsCumulative() {
			continue
		}
		answer := t.value(arg, "", last, names)
		answer.Values = slices.DeleteFunc(answer.Values, func(v Value) bool { return slices.Contains(t.arguments, v.Word) })
		return answer
	}
	return Answer{Paths: NoPaths}
}

// value completes a value that begins after the given part of the last word.
func (t *typed) value(v *kong.Value, before, begun string, names Names) Answer {
	answer := Answer{Before: before, Paths: NoPaths}
	if v.Enum != "" {
		for _, word := range v.EnumSlice() {
			answer.Values = append(answer.Values, Value{Word: word})
		}
		return answer
	}
	switch kind(v) {
	case "FILE", "FILE.zip":
		answer.Paths = Files
	case "DIR":
		answer.Paths = Folders
	case "WHERE":
		answer.where(begun)
	case "NAME", "PROFILE":
		answer.people(v, begun, names(t.given))
	}
	return answer
}

// kind is the placeholder of a value.
func kind(v *kong.Value) string {
	if v.Flag != nil {
		return v.Flag.PlaceHolder
	}
	return v.Name
}

// where completes a target of a history, and the file behind it.
func (a *Answer) where(begun string) {
	const file = "openmetrics="
	if strings.HasPrefix(begun, file) {
		a.Before, a.Paths = a.Before+file, Files
		return
	}
	a.Values = []Value{{"influx", "the InfluxDB that is configured"}, {file, "a file for Prometheus or VictoriaMetrics"}}
}

// people completes a name; in a list it is the one after the last comma.
func (a *Answer) people(v *kong.Value, begun string, names []string) {
	var before []string
	if i := strings.LastIndex(begun, ","); v.Flag != nil && v.IsCumulative() && i >= 0 {
		a.Before += begun[:i+1]
		before = strings.Split(begun[:i], ",")
	}
	for _, name := range names {
		if !slices.Contains(before, name) {
			a.Values = append(a.Values, Value{Word: name})
		}
	}
}
