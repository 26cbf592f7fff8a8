package grafana

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// content of a file of the repository.
func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestProgramTakesWhatContainersGiveIt lets the real program read the command
// lines of compose.yaml and Dockerfile.
func TestProgramTakesWhatContainersGiveIt(t *testing.T) {
	program := filepath.Join(t.TempDir(), "withings-exporter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "withings-exporter").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	check := regexp.MustCompile(`(?m)^ *CMD (\[.*\])$`).FindStringSubmatch(content(t, "Dockerfile"))
	if check == nil {
		t.Fatal("the Dockerfile has no health check without a shell")
	}
	var health []string
	if err := json.Unmarshal([]byte(check[1]), &health); err != nil {
		t.Fatal(err)
	}
	lines := [][]string{health[1:]}
	for _, variables := range composeVariants {
		s := compose(t, variables).Services["exporter"]
		lines = append(lines, words(s.Command), s.Healthcheck.Test[2:])
	}
	for _, line := range lines {
		// With --help it goes no further than the grammar.
		out, err := exec.CommandContext(t.Context(), program, append(slices.Clone(line), "--help")...).CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("withings-exporter "+line[0])) {
			t.Errorf("%q: %v\n%s", line, err, out)
		}
	}
}

func TestVariablesOfContainersAreThoseOfFlags(t *testing.T) {
	sources, err := filepath.Glob("../exporter/command/*.go")
	if err != nil {
		t.Fatal(err)
	}
	commands, err := filepath.Glob("../exporter/command/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var grammar strings.Builder
	for _, name := range append(append(sources, commands...), "../main.go") {
		grammar.WriteString(content(t, strings.TrimPrefix(name, "../")))
	}
	used := regexp.MustCompile(`WITHINGS_\w+`).FindAllString(content(t, "Dockerfile"), -1)
	for name := range compose(t, nil).Services["exporter"].Environment {
		used = append(used, name)
	}
	if len(used) < 5 {
		t.Fatalf("only %q", used)
	}
	for _, name := range used {
		if !strings.Contains(grammar.String(), `env:"`+name+`"`) {
			t.Errorf("no flag has the variable %s", name)
		}
	}
}

// ignored tells by .dockerignore whether a file stays out of the image's build:
// the last line that names it or a folder above it decides.
func ignored(t *testing.T) func(name string) bool {
	t.Helper()
	type rule struct {
		names *regexp.Regexp
		keeps bool
	}
	var rules []rule
	for line := range strings.Lines(content(t, ".dockerignore")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, keeps := strings.CutPrefix(line, "!")
		quoted := strings.NewReplacer(`\*\*/`, `(.*/)?`, `\*`, `[^/]*`).Replace(regexp.QuoteMeta(pattern))
		rules = append(rules, rule{regexp.MustCompile(`^` + quoted + `(/|$)`), keeps})
	}
	return func(name string) bool {
		out := false
		for _, r := range rules {
			if r.names.MatchString(filepath.ToSlash(name)) {
				out = !r.keeps
			}
		}
		return out
	}
}

func TestImageIsBuiltFromAllItNeedsAndFromNoSecret(t *testing.T) {
	out := ignored(t)
	for _, name := range []string{"withings.yaml", "secret.txt", ".git/config", "grafana/.env", ".env", "state/anna.token.json", "history.om",
		"grafana/compose/prometheus.yml", "exporter/testdata/script/demo.txtar", "exporter/command/demo/demo_test.go"} {
		if !out(name) {
			t.Errorf("%s goes into the build", name)
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles,Standard,Module", "withings-exporter")
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	answer, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"go.mod", "go.sum", ".ci/build"}
	for packages := json.NewDecoder(bytes.NewReader(answer)); ; {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              struct{ Main bool }
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Concat(p.GoFiles, p.EmbedFiles) {
			if name, err = filepath.Rel(root, filepath.Join(p.Dir, name)); err == nil && p.Module.Main {
				needed = append(needed, name)
			}
		}
	}
	if len(needed) < 100 {
		t.Fatalf("the program is built from %d files only", len(needed))
	}
	for _, name := range needed {
		if out(name) {
			t.Errorf("%s is missing in the build of the image", name)
		}
	}
}
