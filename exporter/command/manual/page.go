package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Section is a part of the man page that is not in the grammar.
type Section struct {
	Title string
	Text  string // paragraphs; lines that begin with a space are not filled
}

// Page writes the man page of section 1, in roff with the macros of man(7): first what
// the grammar says, then the sections, with the version at the foot.
func Page(w io.Writer, model *kong.Application, version string, sections ...Section) error {
	p := &page{model: model}
	p.printf(".TH %s 1 \"\" %s \"User Commands\"\n.nh\n.ad l\n", strings.ToUpper(hyphens(model.Name)), quoted(model.Name+" "+version))
	p.printf(".SH NAME\n%s \\- %s\n", hyphens(model.Name), text(strings.TrimSuffix(model.Help, ".")))
	p.printf(".SH SYNOPSIS\n.B %s\n[\\fIcommand\\fR] [\\fIflags\\fR]\n", hyphens(model.Name))
	p.commands()
	for _, g := range groups(model) {
		p.printf(".SH %s\nFlags of %s.\n", strings.ToUpper(text(g.title+" flags")), listed(g.commands))
		p.flags(g.flags)
	}
	for _, section := range sections {
		p.section(section)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// page is a man page in the making.
type page struct {
	strings.Builder
	model *kong.Application
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// commands describes each command with its own flags.
func (p *page) commands() {
	p.printf(".SH COMMANDS\n")
	for _, command := range commands(p.model) {
		p.printf(".SS %s\n%s\n", quoted(synopsis(command)), text(command.Help))
		for _, arg := range command.Positional {
			p.printf(".TP\n\\fI%s\\fR\n%s\n", hyphens(arg.Name), text(arg.Help))
		}
		p.flags(own(command))
		if typed := example(p.model, command); typed != "" {
			p.printf(".PP\nExample:\n.PP\n.nf\n\\fB%s\\fR\n.fi\n", hyphens(typed))
		}
	}
}

func (p *page) flags(flags []*kong.Flag) {
	for _, flag := range flags {
		p.printf(".TP\n\\fB\\-\\-%s\\fR", hyphens(flag.Name))
		if value := placeholder(flag); value != "" {
			p.printf("=\\fI%s\\fR", hyphens(value))
		}
		p.printf("\n%s\n", text(flag.Help))
		if flag.Default != "" {
			p.printf("Default: %s.\n", hyphens(flag.Default))
		}
	}
}

// section writes paragraphs, and lines that are not filled.
func (p *page) section(s Section) {
	p.printf(".SH %s\n", strings.ToUpper(text(s.Title)))
	for i, part := range strings.Split(strings.TrimSpace(s.Text), "\n\n") {
		if i > 0 {
			p.printf(".PP\n")
		}
		for words := range strings.SplitSeq(part, "\n") {
			if strings.HasPrefix(words, " ") {
				p.literal(words)
				continue
			}
			p.printf("%s\n", text(words))
		}
	}
}

// literal writes a line that is not to be filled or broken.
func (p *page) literal(typed string) {
	p.printf(".RS 4\n.nf\n%s\n.fi\n.RE\n", hyphens(typed))
}

// text makes a text one line of roff that is no request. Flags in it keep the
// hyphens that are typed.
func text(s string) string { return strings.ReplaceAll(line(s), "--", `\-\-`) }

// hyphens is text to be typed: its hyphens are the ASCII ones.
func hyphens(s string) string { return strings.ReplaceAll(line(s), "-", `\-`) }

func line(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), `\`, `\e`)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// quoted is an argument of a macro.
func quoted(s string) string { return `"` + strings.ReplaceAll(hyphens(s), `"`, `\(dq`) + `"` }

// listed is names as people list them.
func listed(names []string) string {
	marked := make([]string, len(names))
	for i, name := range names {
		marked[i] = `\fB` + hyphens(name) + `\fR`
	}
	if len(marked) < 2 {
		return strings.Join(marked, "")
	}
	return strings.Join(marked[:len(marked)-1], ", ") + " and " + marked[len(marked)-1]
}
