package stage

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Build builds the binary as it is shipped.
func Build(b *testing.B) string {
	program := filepath.Join(b.TempDir(), "withings-exporter")
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "withings-exporter")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return program
}
