package packages

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAScriptThatIsAskedForHelpDoesNothingElse, such as naming what it makes "-h", or beginning with an hour of work.
func TestAScriptThatIsAskedForHelpDoesNothingElse(t *testing.T) {
	folder, err := filepath.Abs("../../../.ci")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"build", "chart", "sbom", "release", "install-test", "run", "servers"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		about, _, _ := strings.Cut(strings.SplitN(string(text), "\n", 3)[1], ",")
		for _, flag := range []string{"-h", "--help"} {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(folder, filepath.Join(dir, "ci")); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			script := exec.CommandContext(t.Context(), filepath.Join("ci", name), flag) // as from the folder of a clone
			script.Dir, script.Stderr, script.Env = dir, &said, append(os.Environ(), "PATH=/usr/bin:/bin")
			run := script.Run()
			ended, _ := errors.AsType[*exec.ExitError](run)
			if ended == nil || ended.ExitCode() != 2 || !strings.HasPrefix(said.String(), strings.TrimPrefix(about, "# ")) || strings.Contains(said.String(), "#") {
				t.Errorf(".ci/%s %s: %v, and it says\n%s", name, flag, run, &said)
			}
			if made, err := os.ReadDir(dir); err != nil || len(made) != 1 {
				t.Errorf(".ci/%s %s has made %v, %v", name, flag, made, err)
			}
		}
	}
}
