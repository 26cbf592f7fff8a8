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
func (v view) text() string {
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
		fmt.Fprintf(&b, "%s %s newest %s\n", pad(c.Name, 40), pad(c.Pill, 11), c.Newest.Words)
	}
	b.WriteByte('\n')
	for _, l := range v.Links {
		fmt.Fprintf(&b, "%s %s\n", pad(l.Text, 12), l.What)
	}
	return b.String()
}

// writeText writes one profile in full.
func (c card) writeText(b *strings.Builder) {
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
	for _, r := range c.Readings {
		fmt.Fprintf(b, "  %s %s %s\n", pad(r.Label, 16), pad(strings.TrimSpace(r.Value+" "+r.Unit), 14), r.When.Words)
	}
	for _, f := range c.Facts {
		fmt.Fprintf(b, "  %s %s\n", pad(f.Label, 16), f.When.Words)
	}
	if len(c.Services) > 0 {
		fmt.Fprintf(b, "  %s %s %s %s\n", pad("Service", 16), pad("last success", 18), pad("newest reading", 18), "readings")
	}
	for _, s := range c.Services {
		last := s.Last.Words
		if s.Waiting {
			last = "not yet"
		}
		fmt.Fprintf(b, "  %s %s %s %8d\n", pad(s.Name, 16), pad(last, 18), pad(s.Newest.Words, 18), s.Readings)
		if s.Err != "" {
			writeWrapped(b, 6, strings.TrimSpace("failing "+s.Since.Words)+": "+s.Err)
		}
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

// pad fills s with blanks up to the given number of characters.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
