package web

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"withings-exporter/exporter/words"
)

// text writes the page for terminals, in lines that fit, except for commands and
// addresses, which must stay in one piece.
func (v *view) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "withings-exporter %s, up %s\n", v.Version, v.Uptime)
	words.Paragraph(&b, "", v.Summary)
	for _, t := range v.Trouble {
		t.writeText(&b)
	}
	if v.MoreTrouble != "" {
		words.Paragraph(&b, "", v.MoreTrouble)
	}
	for _, note := range v.Notes {
		words.Paragraph(&b, "", "Note: "+note)
	}
	if v.Empty {
		b.WriteString("\nNobody has signed in yet. Choose a name for the first person, such as Anna: it\n" +
			"becomes the profile label of that person's metrics. Sign in once with it; this\n" +
			"page shows the person within seconds:\n" +
			"    " + v.SignIn + "\n" +
			"To look around first, run a demo with three simulated people. It needs no\naccount:\n" +
			"    " + v.Demo + "\n")
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
	if v.Part != "" {
		fmt.Fprintf(&b, "These are %s; more at ?from=%d and so on.\n", v.Part, mostRows)
	}
	b.WriteByte('\n')
	if v.Asked != "" {
		words.Paragraph(&b, "", v.Asked)
	}
	for _, l := range v.Links {
		fmt.Fprintf(&b, "%-12s %s\n", l.Text, l.What)
	}
	return b.String()
}

// writeText writes what is wrong and what to do.
func (t *trouble) writeText(b *strings.Builder) {
	names := make([]string, len(t.Who))
	for i, who := range t.Who {
		names[i] = who.Name
	}
	text := "Problem: "
	if len(names) > 0 {
		text += strings.Join(names, ", ") + t.Others + ": "
	}
	text += t.Text
	if t.Since.Words != "" {
		text += " (began " + t.Since.Words + ")"
	}
	words.Paragraph(b, "", strings.TrimSpace(text+" "+t.Do+" "+t.Next.Words))
}

// writeText writes one profile in full.
func (c *card) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "%s [%s]\n", c.Name, c.Pill)
	headline := c.Headline
	if c.Since.Words != "" {
		headline += " (began " + c.Since.Words + ")"
	}
	if headline != "" {
		words.Paragraph(b, "  ", headline)
	}
	if c.Bare {
		words.Paragraph(b, "  ", "Nothing has been read yet.")
	}
	if c.Do != "" {
		words.Paragraph(b, "  ", "What to do: "+c.Do)
	}
	if c.Command != "" {
		fmt.Fprintf(b, "      %s\n", c.Command)
	}
	for _, note := range c.Notes {
		words.Paragraph(b, "  ", "Note: "+note)
	}
	for _, r := range c.Readings {
		line := fmt.Sprintf("  %-16s %-14s %s", r.Label, strings.TrimSpace(r.Value+" "+r.Unit), r.When.Words)
		if r.Chart != nil {
			line = fmt.Sprintf("%-51s 30 days: %s", line, r.Chart.Range)
		}
		fmt.Fprintln(b, line)
	}
	for _, f := range c.Facts {
		f.writeText(b)
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
			fmt.Fprintf(b, "  %-16s %-18s %-18s %8s\n", s.Name, last, s.Newest.Words, s.Readings)
		}
		if s.Failing {
			words.Paragraph(b, "      ", strings.TrimSuffix(strings.TrimSpace("failing "+s.Since.Words)+": "+s.Err, ": "))
		} else if s.Note != "" {
			words.Paragraph(b, "      ", s.Note)
		}
	}
	if c.Barred != "" {
		words.Paragraph(b, "  ", "Not allowed: "+c.Barred)
	}
}

// writeText writes one line of a card: what it is called stands in the column of the readings' names, or on a line of its own
// if that is too narrow for it.
func (f *fact) writeText(b *strings.Builder) {
	const column = 16
	label, indent := fmt.Sprintf("  %-*s ", column, f.Label), strings.Repeat(" ", 2+column+1)
	if utf8.RuneCountInString(f.Label) > column {
		fmt.Fprintf(b, "  %s\n", f.Label)
		label = indent
	}
	words.Wrap(b, label, indent, f.When.Words)
}
