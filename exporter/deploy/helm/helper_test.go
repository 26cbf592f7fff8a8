package helm

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/testrun"
)

// TestMain has files in memory.
func TestMain(m *testing.M) {
	os.Exit(testrun.InMemory(m).Plain("the chart is text, and the programs that read it are not ours or built as they are shipped").Run())
}

const chart = "withings-exporter"

// valuesFiles are those with which the chart is tried.
func valuesFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chart, "ci", "*-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 5 {
		t.Fatalf("only %q", files)
	}
	return files
}

// helm runs Helm, which knows of no cluster and of no person's settings.
func helm(t *testing.T, args ...string) (out, talk string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), testrun.Helm.Path(t), args...)
	home := t.TempDir()
	command.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + filepath.Join(home, "none")}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// rendered remembers what Helm made of the chart, by its arguments.
var rendered sync.Map

// render returns what the chart is with some values, as release "home" in the
// namespace "health".
func render(t *testing.T, args ...string) string {
	t.Helper()
	key := strings.Join(args, " ")
	if text, known := rendered.Load(key); known {
		return text.(string)
	}
	text, talk, err := helm(t, append([]string{"template", "home", chart, "--namespace", "health"}, args...)...)
	if err != nil {
		t.Fatalf("helm template %s: %v\n%s", key, err, talk)
	}
	rendered.Store(key, text)
	return text
}

// with is the arguments for one of the files in ci.
func with(name string) []string {
	return []string{"-f", filepath.Join(chart, "ci", name+"-values.yaml")}
}

// object is one of Kubernetes, as YAML has it.
type object map[string]any

// objects reads documents of YAML.
func objects(t *testing.T, text string) []object {
	t.Helper()
	var all []object
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var o map[string]any
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if o != nil {
			all = append(all, o)
		}
	}
}

// at follows names of keys, and numbers of a list's elements.
func at(o any, path ...any) any {
	for _, step := range path {
		switch here := o.(type) {
		case object:
			o = here[step.(string)]
		case map[string]any:
			o = here[step.(string)]
		case []any:
			if n := step.(int); n < len(here) {
				o = here[n]
				continue
			}
			return nil
		default:
			return nil
		}
	}
	return o
}

// named is what an object is, such as Service/home-withings-exporter.
func (o object) named() string {
	kind, _ := o["kind"].(string)
	name, _ := at(o, "metadata", "name").(string)
	return kind + "/" + name
}

// pick returns the only object of a kind.
func pick(t *testing.T, all []object, kind string) object {
	t.Helper()
	of := slices.DeleteFunc(slices.Clone(all), func(o object) bool { return o["kind"] != kind })
	if len(of) != 1 {
		t.Fatalf("%d objects of kind %s", len(of), kind)
	}
	return of[0]
}

// copyChart copies the chart, with the rules that its links lead to and without the
// dashboards, which take time, so that a test may change it.
func copyChart(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), chart)
	copyFolder(t, chart, to)
	return to
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		source, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		info, err := os.Stat(source) // of what a link leads to
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() && entry.Name() == "dashboards" {
			continue
		}
		if info.IsDir() {
			copyFolder(t, source, target)
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, fs.FileMode(0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// change replaces a text in a file, which must have it.
func change(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(from)) {
		t.Fatalf("%s has no %q", file, from)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte(from), []byte(to)), 0o644); err != nil {
		t.Fatal(err)
	}
}
