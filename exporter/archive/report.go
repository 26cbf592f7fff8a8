package archive

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/words"
)

// Report says what was read of an archive and what was not. It holds names and
// counts, and no value of anybody.
type Report struct {
	Files    []FileReport             // that were read, in the order of the archive
	Ignored  []IgnoredFile            // that were not
	Records  map[exporter.Service]int // handed over
	Readings int                      // in them
}

// FileReport is what was read of one file. Rows is the sum of Taken and of all
// of Skipped.
type FileReport struct {
	Name    string         // without its folders
	Layout  string         // what it was taken for, "" when it was refused before
	Rows    int            // with something in them, the header not counted
	Taken   int            // rows that became a record, or a part of a day
	Skipped map[string]int // rows left out, by reason
	Left    map[string]int // single values left out, by reason
	Notes   map[string]int // rows taken with an assumption, by what it is
	Unknown []string       // headers, fields and types that were not understood
	Refused string         // why reading ended before its end, "" when it did not
}

// IgnoredFile is a file that was not read.
type IgnoredFile struct {
	Name string
	Why  string
}

// What is noted of rows that were taken.
const (
	noteTwice  = "local time that occurred twice; the first is assumed"
	noteMinute = "time without seconds"
)

func (f *FileReport) skip(why string)  { tally(&f.Skipped, why) }
func (f *FileReport) leave(why string) { tally(&f.Left, why) }
func (f *FileReport) note(what string) { tally(&f.Notes, what) }

func tally(counts *map[string]int, key string) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[key]++
}

// maxUnknown is how many names of one file are kept.
const maxUnknown = 50

// unknown notes a name once.
func (f *FileReport) unknown(name string) {
	name = printable(name)
	if len(f.Unknown) < maxUnknown && !slices.Contains(f.Unknown, name) {
		f.Unknown = append(f.Unknown, name)
	}
}

func (r *Report) count(b exporter.Batch) {
	if r.Records == nil {
		r.Records = map[exporter.Service]int{}
	}
	r.Records[b.Service] += len(b.Records)
	for i := range b.Records {
		r.Readings += len(b.Records[i].Readings)
	}
}

// maxListed is how many files are listed by name on one line.
const maxListed = 5

// Contents lists the files of the archive on one line.
func (r Report) Contents() string {
	var names []string
	for i := range r.Files {
		names = append(names, r.Files[i].Name)
	}
	for _, f := range r.Ignored {
		names = append(names, f.Name)
	}
	if names == nil {
		return "it has no files"
	}
	list := strings.Join(names[:min(len(names), maxListed)], ", ")
	if more := len(names) - maxListed; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("it has %s: %s", english.Plural(len(names), "file", ""), list)
}

// String is the report for people, in lines of at most 80 columns.
func (r Report) String() string {
	var b strings.Builder
	for i := range r.Files {
		r.Files[i].write(&b)
	}
	r.writeIgnored(&b)
	line(&b, "", fmt.Sprintf("%s in %s", english.Plural(r.Readings, "reading", ""), r.totals()))
	return b.String()
}

// WriteTo writes the report for people.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}

// totals lists the records by service.
func (r Report) totals() string {
	var parts []string
	all := 0
	for _, s := range exporter.Services() {
		if n := r.Records[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", s, n))
			all += n
		}
	}
	if parts == nil {
		return "0 records"
	}
	return english.Plural(all, "record", "") + ": " + strings.Join(parts, ", ")
}

func (f *FileReport) write(b *strings.Builder) {
	line(b, "", fmt.Sprintf("%s: %d of %s", f.Name, f.Taken, english.Plural(f.Rows, "row", "")))
	if f.Refused != "" {
		line(b, "  ", "reading stopped early: "+f.Refused)
	}
	for _, group := range []struct {
		noun   string
		counts map[string]int
		what   string
	}{
		{noun: "row", counts: f.Skipped, what: "skipped"},
		{noun: "value", counts: f.Left, what: "skipped"},
		{noun: "row", counts: f.Notes, what: "imprecise"},
	} {
		for _, why := range slices.Sorted(maps.Keys(group.counts)) {
			line(b, "  ", fmt.Sprintf("%s %s: %s", english.Plural(group.counts[why], group.noun, ""), group.what, why))
		}
	}
	for _, name := range f.Unknown {
		line(b, "  ", "unknown: "+name)
	}
}

// writeIgnored writes the files that were not read, those of one reason together.
func (r Report) writeIgnored(b *strings.Builder) {
	names := map[string][]string{}
	for _, f := range r.Ignored {
		names[f.Why] = append(names[f.Why], f.Name)
	}
	for _, why := range slices.Sorted(maps.Keys(names)) {
		list := names[why]
		more := ""
		if len(list) > 1 {
			more = fmt.Sprintf(" and %d more", len(list)-1)
		}
		line(b, "", fmt.Sprintf("not read: %s%s (%s)", list[0], more, why))
	}
}

// line writes a line, broken where it is too long; the rest is indented.
func line(b *strings.Builder, indent, text string) { words.Wrap(b, indent, indent+"  ", text) }
