package web

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// textWidth is the number of columns the plain-text page keeps to, except for
// commands and addresses, which must stay in one piece.
const textWidth = 80

// text writes the page for terminals.
func (v *view) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "withings-exporter %s, up %s\n", v.Version, v.Uptime)
	writeWrapped(&b, 0, v.Summary)
	for _, note := range v.Notes {
		writeWrapped(&b, 0, "Note: "+note)
	}
	if v.Empty {
		b.WriteString("\nNobody's data is polled yet. Write a name of your choice under profiles in the\n" +
			"configuration file, or give it with --profiles, then authorise it, once:\n" +
			"    withings-exporter auth NAME\n")
	}
	for _, c := range v.Cards {
		b.WriteByte('\n')
		c.writeText(&b)
	}
	if len(v.Rows) > 0 {
		b.WriteByte('\n')
	}
	for _, c := range v.Rows {
		fmt.Fprintf(&b, "%-40s %-11s newest %s\n", c.Name, c.Pill, c.Newest.Words)
	}
	b.WriteByte('\n')
	for _, l := range v.Links {
		fmt.Fprintf(&b, "%-12s %s\n", l.Text, l.What)
	}
	return b.String()
}

// writeText writes one profile in full.
func (c *card) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "%s [%s]\n", c.Name, c.Pill)
	headline := c.Headline
	if c.Since.Words != "" {
		headline += " (began " + c.Since.Words + ")"
	}
	writeWrapped(b, 2, headline)
	if c.Do != "" {
		writeWrapped(b, 2, "What to do: "+c.Do)
	}
	if c.Command != "" {
		fmt.Fprintf(b, "      %s\n", c.Command)
	}
	for _, note := range c.Notes {
		writeWrapped(b, 2, "Note: "+note)
	}
	for _, r := range c.Readings {
		fmt.Fprintf(b, "  %-16s %-14s %s\n", r.Label, strings.TrimSpace(r.Value+" "+r.Unit), r.When.Words)
	}
	for _, f := range c.Facts {
		fmt.Fprintf(b, "  %-16s %s\n", f.Label, f.When.Words)
	}
	if len(c.Services) > 0 {
		fmt.Fprintf(b, "  %-16s %-18s %-18s readings\n", "Service", "last success", "newest reading")
	}
	for _, s := range c.Services {
		last := s.Last.Words
		if s.Waiting {
			last = "not yet"
		}
		if s.Sink {
			fmt.Fprintf(b, "  %-16s %s\n", s.Name, last)
		} else {
			fmt.Fprintf(b, "  %-16s %-18s %-18s %8d\n", s.Name, last, s.Newest.Words, s.Readings)
		}
		if s.Err != "" {
			writeWrapped(b, 6, strings.TrimSpace("failing "+s.Since.Words)+": "+s.Err)
		}
	}
	if c.Barred != "" {
		writeWrapped(b, 2, "Not allowed: "+c.Barred)
	}
}

// writeWrapped writes text in lines that fit the page, each indented; a word
// longer than a line keeps its own.
func writeWrapped(b *strings.Builder, indent int, text string) {
	margin := strings.Repeat(" ", indent)
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && indent+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > textWidth {
			b.WriteString(margin + line + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	b.WriteString(margin + line + "\n")
}
