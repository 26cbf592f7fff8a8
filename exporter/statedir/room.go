package statedir

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"withings-exporter/exporter/hint"
)

// leastRoom is what a new token file takes at most, in bytes.
const leastRoom = 16 << 10

// Room tries whether the files of profiles can be written now, each of which is written again when it changes: there must be
// room for one more of the size of the largest.
func (d *Dir) Room() error {
	size := int64(leastRoom)
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return hint.Wrap(fmt.Errorf("read the state directory: %w", err), cmp.Or(Hint(err), "check that the folder can be read"))
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), ".json") {
			size = max(size, info.Size())
		}
	}
	if err := staged(filepath.Join(d.path, "probe"), int(min(size, maxNamed))); err != nil {
		return hint.Wrap(fmt.Errorf("no file can be written in %q: %w", d.path, cause(err)), Hint(err))
	}
	return nil
}
