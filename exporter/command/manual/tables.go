package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Commands is a Markdown table of the commands and what they do.
func Commands(model *kong.Application) string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	for _, command := range commands(model) {
		row(&b, "`"+synopsis(command)+"`", command.Help)
	}
	return b.String()
}

// Flags is Markdown: a table for each command with flags of its own, and one for each
// group of shared flags.
func Flags(model *kong.Application) string {
	var b strings.Builder
	for _, command := range commands(model) {
		if mine := own(command); len(mine) > 0 {
			table(&b, "`"+command.Name+"`**", mine)
		}
	}
	for _, g := range groups(model) {
		table(&b, g.title+"** (`"+strings.Join(g.commands, "`, `")+"`)", g.flags)
	}
	return strings.TrimPrefix(b.String(), "\n")
}

func table(b *strings.Builder, title string, flags []*kong.Flag) {
	fmt.Fprintf(b, "\n**%s\n\n| flag | environment | default | meaning |\n|---|---|---|---|\n", title)
	for _, flag := range flags {
		environment, value := "", ""
		if len(flag.Envs) > 0 {
			environment = "`" + strings.Join(flag.Envs, "`, `") + "`"
		}
		if flag.Default != "" {
			value = "`" + flag.Default + "`"
		}
		row(b, "`"+written(flag)+"`", environment, value, flag.Help)
	}
}

// row writes cells, escaping bars in them.
func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| ")
		if cell != "" {
			b.WriteString(strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
	}
	b.WriteString("|\n")
}

// Replace puts text between the comments <!-- name --> and <!-- /name --> of a
// Markdown document. The error says which comment is missing.
func Replace(document, name, text string) (string, error) {
	from, to := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	head, rest, found := strings.Cut(document, from)
	if !found {
		return "", fmt.Errorf("find the place of the %s: there is no line %q", name, strings.TrimSpace(from))
	}
	_, tail, found := strings.Cut(rest, to)
	if !found {
		return "", fmt.Errorf("find the end of the %s: there is no line %q below", name, to)
	}
	return head + from + "\n" + text + "\n" + to + tail, nil
}
