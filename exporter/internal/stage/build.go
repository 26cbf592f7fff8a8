package stage

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
)

// Build builds the binary as it is shipped.
func Build(b *testing.B) string { return compiled(b, "withings-exporter") }

// BuildBare builds a server that serves a file from memory: "bare ADDRESS FILE".
func BuildBare(b *testing.B) string {
	return compiled(b, "withings-exporter/exporter/internal/stage/testdata/bare")
}

// built are the programs that were built before, by package: benchmarks come one after the other.
var built = map[string][]byte{}

// compiled builds a package with the flags of a release.
func compiled(b *testing.B, of string) string {
	program := filepath.Join(b.TempDir(), path.Base(of))
	if built[of] == nil {
		command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, of)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		var err error
		if built[of], err = os.ReadFile(program); err != nil {
			b.Fatal(err)
		}
		return program
	}
	if err := os.WriteFile(program, built[of], 0o755); err != nil {
		b.Fatal(err)
	}
	return program
}
