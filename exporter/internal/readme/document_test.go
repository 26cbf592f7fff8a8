package readme

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// last is the page after whose commands a person is gone.
const last = docs + "/forget.md"

// root is where the README lies.
const root = "../../.."

// docs is the folder of the pages behind the README.
const docs = "exporter/docs"

// inOrder are the pages in which commands build on those of earlier pages. The others
// follow, by name.
var inOrder = []string{"README.md", docs + "/authorisation.md", docs + "/influxdb.md", docs + "/boards.md", docs + "/notifications.md",
	docs + "/containers.md", docs + "/history.md"}

// pages returns the README and every page of docs.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, docs, "*.md"))
	if err != nil || len(found) < 10 {
		t.Fatalf("%d pages in %s: %v", len(found), docs, err)
	}
	all := slices.Clone(inOrder)
	for _, file := range found {
		if page := docs + "/" + filepath.Base(file); page != last && !slices.Contains(all, page) {
			all = append(all, page)
		}
	}
	return append(all, last)
}

// block is a fenced block of a page.
type block struct {
	page     string
	language string // "sh", "yaml", "" when none is named
	text     string
	line     int // of its fence, from 1
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// blocks returns the fenced blocks of a page.
func blocks(t *testing.T, page string) (found []block) {
	t.Helper()
	var open *block
	for i, line := range strings.Split(read(t, page), "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch fence, is := strings.CutPrefix(line[indent:], "```"); {
		case is && open == nil:
			open = &block{page: page, language: fence, line: i + 1}
		case is:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s: the block has no end", open)
	}
	return found
}

// commands returns the lines of a block; continued lines are joined.
func (b block) commands() []string {
	text := continued.ReplaceAllString(b.text, " ")
	var commands []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			commands = append(commands, line)
		}
	}
	return commands
}

func read(t *testing.T, path string) string {
	t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	continued = regexp.MustCompile(`[ \t]*\\\n[ \t]*`)
	link      = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fenced    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// TestNoLinkIsBroken follows the links of every page to files and headings of this
// repository.
func TestNoLinkIsBroken(t *testing.T) {
	for _, page := range append(pages(t), "CHANGELOG.md", "CONTRIBUTING.md", "exporter/METRICS.md", "exporter/COVERAGE.md", "exporter/ARCHITECTURE.md",
		"exporter/PERFORMANCE.md", "exporter/archive/LAYOUTS.md", "grafana/README.md") {
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor != "" && !anchors(read(t, file))[anchor] {
				t.Errorf("%s links to %s, where no heading has that name", page, m[1])
			}
		}
	}
}

// anchors returns the names of headings in links.
func anchors(markdown string) map[string]bool {
	names := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(markdown, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				return r
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			}
			return -1
		}, m[1])
		names[name] = true
	}
	return names
}
