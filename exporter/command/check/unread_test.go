package check

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/statedir"
)

func TestStateFileThatCannotBeReadFailsAndIsLeftAlone(t *testing.T) {
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		dir, err := statedir.Open(w.Settings.StateDir)
		w.Try(err)
		path := dir.File("Anna", "state")
		w.Try(os.Symlink(path, path)) // which nobody can open, not even root
		var out bytes.Buffer
		err = Check(w.T.Context(), w.Settings, &out, io.Discard)
		stage.Says(w.T, "error", fmt.Sprint(err), "1 check failed")
		stage.Says(w.T, "output", out.String(), `FAIL profile "Anna": the saved readings cannot be loaded: read `, `ok profile "Ben": `)
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
			w.T.Errorf("the file was renamed: %v", err)
		}
	})
}
