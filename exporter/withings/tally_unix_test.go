//go:build unix

package withings

import (
	"bytes"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestANamedPipeInPlaceOfTheTallyStopsNobody(t *testing.T) {
	for _, name := range []string{"rate", "rate.lock"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			b := NewBudget(100, time.Now, newTally(filepath.Join(dir, "rate"), &log))
			for range 3 {
				if err := b.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			b.CoolOff()
			if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, filepath.Join(dir, name)) ||
				!strings.Contains(got, "named pipe; move it away") {
				t.Errorf("the log says %q, want one warning that names the pipe", got)
			}
		})
	}
}
