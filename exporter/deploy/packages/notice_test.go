package packages

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// systems are those that the program is released for: what is linked differs.
var systems = []string{"linux/amd64", "linux/arm64", "linux/arm", "darwin/amd64", "darwin/arm64", "windows/amd64"}

// The packages that the program is linked from: the folder, and the module or "" for
// those of Go.
const listed = "{{.Dir}}\t{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{.Main}}{{else}}\t\t\tfalse{{end}}"

// legal is how files are called that must go along with a program.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|copyright)([-._].*)?$`)

// TestNoticeIsTrue compares NOTICE with the licences of what is really linked, on all
// systems; with -update it is written.
func TestNoticeIsTrue(t *testing.T) {
	whose, err := licences()
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../../NOTICE"
	want := notice(whose)
	got, err := os.ReadFile(file)
	switch {
	case err == nil && string(got) == want:
	case *testrun.Update:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("NOTICE is not what the linked modules say (%v); write it: go test ./exporter/deploy/packages -run Notice -update", err)
	}
}

// licences returns every text that must go along, and whose it is.
func licences() (map[string][]string, error) {
	whose := map[string][]string{}
	read := map[string]bool{}
	for _, system := range systems {
		goos, arch, _ := strings.Cut(system, "/")
		list := exec.Command("go", "list", "-deps", "-f", listed, "../../..")
		list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+arch)
		output, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", system, err)
		}
		for line := range strings.Lines(string(output)) {
			f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if len(f) != 5 || f[4] == "true" {
				continue
			}
			folder, root, name := f[0], f[3], strings.TrimSpace(f[1]+" "+f[2])
			if root == "" { // of Go itself: one licence for all of it
				root, name = goRoot(folder), "the Go standard library"
				folder = root
			}
			if read[folder] {
				continue
			}
			read[folder] = true
			if err := collect(whose, name, folder, root); err != nil {
				return nil, err
			}
		}
	}
	return whose, nil
}

// goRoot is the folder of Go, of which a package is in src.
func goRoot(folder string) string {
	root, _, _ := strings.Cut(filepath.ToSlash(folder), "/src/")
	return filepath.FromSlash(root)
}

// collect reads the legal files of a folder and of those above it, up to the root of
// the module.
func collect(whose map[string][]string, name, folder, root string) error {
	found := 0
	for at := folder; ; at = filepath.Dir(at) {
		entries, err := os.ReadDir(at)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !legal.MatchString(e.Name()) || !e.Type().IsRegular() || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(at, e.Name()))
			if err != nil {
				return err
			}
			key := tidy(string(text))
			who := name
			if inside, err := filepath.Rel(root, at); err == nil && inside != "." {
				who += ", in " + filepath.ToSlash(inside)
			}
			if !slices.Contains(whose[key], who) {
				whose[key] = append(whose[key], who)
			}
			found++
		}
		if at == root {
			break
		}
		if len(at) <= len(root) {
			return fmt.Errorf("%s is not below %s", folder, root)
		}
	}
	if found == 0 {
		return fmt.Errorf("%s has no licence in %s: %w", name, root, fs.ErrNotExist)
	}
	return nil
}

// tidy makes texts that differ in line ends and blank lines at their ends one.
func tidy(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

const rule = "================================================================================"

// notice is the file: every text once, under the names of those whose it is.
func notice(whose map[string][]string) string {
	var b strings.Builder
	b.WriteString("withings-exporter is licensed under the Apache License, Version 2.0: see LICENSE.\n\n" +
		"The program is linked from the following software of others, whose licences and\nnotices follow. " +
		"The list is generated from what is linked on any system:\n\n")
	var all []string
	for text, who := range whose {
		slices.Sort(who)
		for _, name := range who {
			name, _, _ = strings.Cut(name, ", in ")
			all = append(all, name)
		}
		whose[text] = who
	}
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		fmt.Fprintf(&b, "    %s\n", name)
	}
	texts := slices.SortedFunc(maps.Keys(whose), func(x, y string) int {
		return strings.Compare(strings.Join(whose[x], "\n")+x, strings.Join(whose[y], "\n")+y)
	})
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n%s\n", rule, strings.Join(whose[text], "\n"), rule, text)
	}
	return b.String()
}

func TestALicenceIsFoundInTheFolderAndAbove(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "internal", "copied")
	for file, text := range map[string]string{
		"LICENSE.txt": "A\r\n\r\n", "NOTICE": "B", "license.go": "package no", "internal/copied/COPYING": "C ", "other": "D", "internal/README": "E",
	} {
		path := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(inner, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whose := map[string][]string{}
	if err := collect(whose, "m v1", inner, root); err != nil {
		t.Fatal(err)
	}
	if err := collect(whose, "n v2", root, root); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"A": {"m v1", "n v2"}, "B": {"m v1", "n v2"}, "C": {"m v1, in internal/copied"}}
	if !maps.EqualFunc(whose, want, slices.Equal) {
		t.Errorf("found is %q, want %q", whose, want)
	}
	bare := t.TempDir()
	if err := collect(whose, "bare v1", bare, bare); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a module without a licence gives %v", err)
	}
}
