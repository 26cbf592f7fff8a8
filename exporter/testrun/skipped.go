package testrun

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What is skipped is kept in the user's cache, a file each, for as long as the test
// lacks something: the go command does not run a test again whose result it knows.

// place is where the package under test lies.
type place struct {
	root    string // the folder of the module
	name    string // the folder of the package, as seen from there
	skipped string // the folder with what is skipped
}

// here is known from the start: a test may change folder and environment.
var here = func() (p place) {
	folder, err := os.Getwd()
	if err != nil {
		return p
	}
	for p.root = folder; ; p.root = filepath.Dir(p.root) {
		if _, err := os.Stat(filepath.Join(p.root, "go.mod")); err == nil {
			break
		}
		if p.root == filepath.Dir(p.root) {
			return p
		}
	}
	p.name, _ = filepath.Rel(p.root, folder)
	if cache, err := os.UserCacheDir(); err == nil {
		p.skipped = filepath.Join(cache, "withings-exporter-skipped", digest(p.root))
	}
	return p
}()

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// keep writes down that a test lacks something, or strikes it out. A list that is
// incomplete is no reason to fail.
func keep(test, what, reason string, lacks bool) {
	if here.skipped == "" {
		return
	}
	file := filepath.Join(here.skipped, digest(here.name+"\n"+test+"\n"+what))
	if !lacks {
		_ = os.Remove(file)
		return
	}
	_ = os.MkdirAll(here.skipped, 0o700)
	_ = os.WriteFile(file, []byte(here.name+"\n"+test+"\n"+reason), 0o600)
}

// Skipped lists the tests that lacked something when they last ran, by what it was.
func Skipped() (string, error) {
	kept, err := filepath.Glob(filepath.Join(here.skipped, "*"))
	if err != nil {
		return "", err
	}
	tests := map[string][]string{} // by reason
	for _, file := range kept {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		folder, rest, _ := strings.Cut(string(text), "\n")
		test, reason, _ := strings.Cut(rest, "\n")
		if !exists(folder, test) {
			_ = os.Remove(file)
			continue
		}
		tests[reason] = append(tests[reason], folder+": "+test)
	}
	var text strings.Builder
	for _, reason := range slices.Sorted(maps.Keys(tests)) {
		slices.Sort(tests[reason])
		fmt.Fprintf(&text, "skipped: %s:\n\t%s\n", reason, strings.Join(tests[reason], "\n\t"))
	}
	if len(tests) == 0 {
		return "skipped: no test\n", nil
	}
	return text.String(), nil
}

// exists tells whether a package still has a test.
func exists(folder, test string) bool {
	test, _, _ = strings.Cut(test, "/")
	files, _ := filepath.Glob(filepath.Join(here.root, folder, "*_test.go"))
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+test+"(")
	})
}
