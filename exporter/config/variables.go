package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"
)

// UnknownVariables returns a line for the log for each variable of the environment that looks like one of the program's
// and is not: one that begins with the prefix of Variable and that no flag of any command has, with the nearest name. It is
// not an error, since an environment is shared: Kubernetes sets variables for every Service, and a Service may be called withings.
func UnknownVariables(app *kong.Application, environ []string) []string {
	prefix := Variable("")
	known := variables(app.Node)
	var lines []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, prefix)
		if !ours || slices.Contains(known, rest) || linked().MatchString(rest) {
			continue
		}
		advice := "remove it, or see --help for the names of flags"
		if near := Nearest(rest, known); near != "" {
			advice = "did you mean " + prefix + near + "?"
		}
		lines = append(lines, "unknown variable "+show(name)+"; "+advice)
	}
	slices.Sort(lines)
	return lines
}

// linked matches the rest of the name of a variable that Kubernetes, or links between containers, set for a Service whose
// name begins with withings.
var linked = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
})

// variables are those of a command's flags and of all below it, without the prefix.
func variables(n *kong.Node) []string {
	var names []string
	for _, flag := range n.Flags {
		for _, env := range flag.Envs {
			names = append(names, strings.TrimPrefix(env, Variable("")))
		}
	}
	for _, child := range n.Children {
		names = append(names, variables(child)...)
	}
	return names
}
