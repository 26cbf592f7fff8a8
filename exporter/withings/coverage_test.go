package withings

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// place is where Withings has fields: a heading in testdata/reference.
type place struct {
	section, name, title string
	service              exporter.Service // whose rows have the fields for keys, if any
	answers              exporter.Service // in whose answers the fields are, if any
	path                 []string         // and where there
	fields               []field
}

// field is a line in testdata/reference.
type field struct {
	key, says    string
	undocumented bool
	kind, why    string // "" for one with a row of the catalogue
}

// What becomes of a field without a row of its own.
const (
	isUsed   = "used"     // it is in a label, a time or an id, or decides what is read
	isLeft   = "left out" // it makes no difference
	isOurs   = "composed" // it is not Withings' at all, but has a row
	coverage = "../COVERAGE.md"
)

var heading = regexp.MustCompile(`^# (\S+) (\S+)(?: =(\w+))?(?: @(\w+)\.([\w.*]+))?: (.+)$`)

// documented reads testdata/reference.
func documented(t testing.TB) []place {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "reference", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, file := range files {
		part, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	var all []place
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		if h := heading.FindStringSubmatch(line); h != nil {
			all = append(all, place{section: h[1], name: h[2], service: exporter.Service(h[3]), answers: exporter.Service(h[4]),
				path: strings.Split(h[5], "."), title: h[6]})
			continue
		}
		parts := strings.SplitN(line, " | ", 3)
		if len(all) == 0 || len(parts) < 2 {
			t.Fatalf("testdata/reference has %q, which is neither a heading nor a field", line)
		}
		f := field{key: strings.TrimSuffix(parts[0], "?"), says: parts[1], undocumented: strings.HasSuffix(parts[0], "?")}
		if len(parts) == 3 {
			var ok bool
			if f.kind, f.why, ok = strings.Cut(parts[2], ": "); !ok || f.kind != isUsed && f.kind != isLeft && f.kind != isOurs {
				t.Fatalf("testdata/reference has %q, which does not say whether it is used or left out", line)
			}
		}
		here := &all[len(all)-1]
		here.fields = append(here.fields, f)
	}
	return all
}

// placeOf finds a heading.
func placeOf(t testing.TB, section, name string) place {
	t.Helper()
	for _, p := range documented(t) {
		if p.section == section && p.name == name {
			return p
		}
	}
	t.Fatalf("testdata/reference has no %s %s", section, name)
	return place{}
}

// TestEveryDocumentedFieldIsInOrLeftOutForAReason compares the reference with the
// catalogue.
func TestEveryDocumentedFieldIsInOrLeftOutForAReason(t *testing.T) {
	named := map[*exporter.Metric]bool{}
	for _, p := range documented(t) {
		if p.service.Row().Name != p.service {
			t.Errorf("%s %s: there is no service %s", p.section, p.name, p.service)
		}
		seen := map[string]bool{}
		for _, f := range p.fields {
			where := fmt.Sprintf("%s %s: %s", p.section, p.name, f.key)
			if seen[f.key] {
				t.Errorf("%s is there twice", where)
			}
			seen[f.key] = true
			m := exporter.ByOrigin(p.service, f.key)
			named[m] = true
			switch {
			case m == nil && f.kind == "":
				t.Errorf("%s has neither a row of the catalogue nor a reason to be left out", where)
			case m == nil && f.kind == isOurs:
				t.Errorf("%s is said to be composed, and has no row of the catalogue", where)
			case m != nil && (f.kind == isUsed || f.kind == isLeft):
				t.Errorf("%s has the row %s, and is said to be %s: %s", where, m.Name, f.kind, f.why)
			case m != nil && f.kind != isOurs && f.undocumented != tellsItIsUndocumented(m):
				t.Errorf("%s is documented: %v; the row %s says otherwise: %s", where, !f.undocumented, m.Name, m.Help)
			}
			if m != nil && m.Frame == isData(p) {
				t.Errorf("%s is a data field: %v; the row %s says otherwise", where, isData(p), m.Name)
			}
			for _, problem := range misquoted(f.why) {
				t.Errorf("%s: %s", where, problem)
			}
		}
	}
	for _, m := range exporter.Catalog() {
		if !named[m] {
			t.Errorf("%s has %s %s, which is not in testdata/reference", m.Name, m.Service, m.Key)
		}
	}
}

// isData reports whether the fields of a place are data, which a request may name,
// rather than part of the row around them.
func isData(p place) bool {
	return endpoints[p.service] != nil && p.answers == "" && p.name != "answer" && p.section != "own"
}

// tellsItIsUndocumented reports whether a row says that Withings does not document
// its field.
func tellsItIsUndocumented(m *exporter.Metric) bool {
	return m.Undocumented || strings.Contains(m.Help, "not documented")
}

var quoted = regexp.MustCompile("`" + exporter.Prefix + `(\w+)(?:\{(\w+)(?:="(\w*)")?\})?` + "`")

// misquoted lists what is said of metrics that does not exist.
func misquoted(text string) []string {
	var all []string
	for _, q := range quoted.FindAllStringSubmatch(text, -1) {
		labels, states := []string(nil), []string(nil)
		if m := exporter.ByName(q[1]); m != nil {
			labels, states = m.Labels, m.States
		} else if own := ownMetric(q[1]); own != nil {
			labels = own.Labels
		} else {
			all = append(all, "there is no metric "+q[1])
			continue
		}
		has := func(list []string, word string) bool {
			return strings.Contains(" "+strings.Join(list, " ")+" ", " "+word+" ")
		}
		if q[2] != "" && !has(labels, q[2]) {
			all = append(all, q[1]+" has no label "+q[2])
		}
		if q[2] == "state" && q[3] != "" && !has(states, q[3]) {
			all = append(all, q[1]+" has no state "+q[3])
		}
	}
	return all
}

func ownMetric(name string) *exporter.OwnMetric {
	for _, m := range exporter.Own() {
		if m.Name == name {
			return &m
		}
	}
	return nil
}

const coverageIntro = `# What of Withings' data is here

Written by ` + "`go test ./exporter/withings -run Coverage -update`" + `; do not edit it by hand. It has every field, documented or seen, of
the calls with which Withings' API tells something (sections 3 to 7 of its description), and what becomes of it. A field is a metric
([METRICS.md](METRICS.md) explains them), it is used for something else, such as a label, a time or the decision what to read, or it is
left out for a reason. Parameters of requests are not listed. "Not documented" means that Withings sends or accepts it without saying so.

`

// TestCoveragePageIsWhatTheReferenceAndTheCatalogueSay keeps the page from lagging
// behind.
func TestCoveragePageIsWhatTheReferenceAndTheCatalogueSay(t *testing.T) {
	want := coveragePage(documented(t))
	if *testrun.Update {
		if err := os.WriteFile(coverage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(coverage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what testdata/reference and the catalogue say; run: go test ./exporter/withings -run Coverage -update", coverage)
	}
}

// coveragePage is the page: first what is left out, then everything in the order of
// the reference.
func coveragePage(places []place) []byte {
	var page, left, all bytes.Buffer
	metrics, used, out := 0, 0, 0
	for _, p := range places {
		if p.section == "own" {
			continue
		}
		fmt.Fprintf(&all, "\n### %s (%s)\n\n| Field | What it is | Here |\n|---|---|---|\n", p.title, p.section)
		for _, f := range p.fields {
			says := f.says
			if f.undocumented {
				says += "; not documented"
			}
			here := f.why
			switch m := exporter.ByOrigin(p.service, f.key); {
			case m != nil:
				metrics++
				here = "`" + m.FullName() + "`"
			case f.kind == isUsed:
				used++
			default:
				out++
				here = "**left out:** " + f.why
				fmt.Fprintf(&left, "| %s | `%s` | %s | %s |\n", p.title, f.key, says, f.why)
			}
			fmt.Fprintf(&all, "| `%s` | %s | %s |\n", f.key, says, here)
		}
	}
	page.WriteString(coverageIntro)
	fmt.Fprintf(&page, "Of %d fields and values, %d are metrics of their own, %d are used for something else, and %d are left out.\n",
		metrics+used+out, metrics, used, out)
	page.WriteString("\n## What is left out, and why\n\n| Where | Field | What it is | Why |\n|---|---|---|---|\n")
	page.Write(left.Bytes())
	page.WriteString("\n## Everything\n")
	page.Write(all.Bytes())
	return page.Bytes()
}
