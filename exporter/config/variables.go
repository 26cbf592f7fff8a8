package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"
)

// UnknownVariables returns a line for the log for each variable of the environment that looks like one of the program's
// and is not: one that begins with the prefix of Variable and that no flag of any command has, or one that a flag would have if its
// prefix were spelt right, with the nearest name. What is of one run of one command counts for that command only. It is not an
// error, since an environment is shared: Kubernetes sets variables for every Service, and a Service may be called withings.
func UnknownVariables(app *kong.Application, command string, environ []string) []string {
	prefix := Variable("")
	known := variables(app.Node, command)
	var lines []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, prefix)
		switch {
		case !ours && nearlyOurs(name, known):
			_, rest, _ = strings.Cut(name, "_")
			lines = append(lines, "unknown variable "+show(name)+"; did you mean "+prefix+strings.ToUpper(rest)+"?")
		case ours && !slices.Contains(known, rest) && !linked(rest, value):
			lines = append(lines, "unknown variable "+show(name)+"; "+likeVariable(rest, known))
		}
	}
	slices.Sort(lines)
	return lines
}

// nearlyOurs reports whether a variable has the name of a known one after a prefix that is misspelt, or in small letters.
func nearlyOurs(name string, known []string) bool {
	const slips = 2
	begin, rest, _ := strings.Cut(strings.ToUpper(name), "_")
	return slices.Contains(known, rest) && distance(begin+"_", Variable("")) <= slips
}

// likeVariable is advice on a variable that no flag has, by its name without the prefix. Some write the whole name of the program
// as its prefix.
func likeVariable(rest string, known []string) string {
	for _, word := range []string{rest, strings.TrimPrefix(rest, "EXPORTER_")} {
		if slices.Contains(known, word) {
			return "did you mean " + Variable(word) + "?"
		}
		key, value, _ := strings.Cut(keyHabit(habitual(word)), ": ")
		if variable := Variable(key); slices.Contains(known, strings.TrimPrefix(variable, Variable(""))) {
			if value != "" {
				variable += "=" + value
			}
			return "did you mean " + variable + "?"
		}
	}
	if near := Nearest(rest, known); near != "" {
		return "did you mean " + Variable("") + near + "?"
	}
	return "remove it, or see --help for the names of flags"
}

// habitual is the flag of another program whose variable has a name without the prefix; "" if none is a habit.
func habitual(word string) string {
	for flag := range flagHabits {
		if name, long := strings.CutPrefix(flag, "--"); long && Variable(name) == Variable(word) {
			return name
		}
	}
	return ""
}

// linked reports whether a variable, without its prefix, is one that Kubernetes, or links between containers, set for a Service whose
// name begins with withings. For the port of a Service they give the address of it; a number alone is meant for the exporter.
func linked(rest, value string) bool {
	return links().MatchString(rest) || strings.HasSuffix("_"+rest, "_PORT") && strings.Contains(value, "://")
}

// links matches the names of these whose value may be anything.
var links = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
})

// variables are those of a command's flags and of all below it, without the prefix; of flags of one run, those of the named command.
func variables(n *kong.Node, command string) []string {
	var names []string
	for _, flag := range n.Flags {
		if Once(flag) && n.Name != command {
			continue
		}
		for _, env := range flag.Envs {
			names = append(names, strings.TrimPrefix(env, Variable("")))
		}
	}
	for _, child := range n.Children {
		names = append(names, variables(child, command)...)
	}
	return names
}
