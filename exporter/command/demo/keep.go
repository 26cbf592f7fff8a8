package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

// mostKept is more bytes than what people have allowed takes.
const mostKept = 16 << 20

// recall gives a simulated Withings what people allowed in an earlier demo with this state directory, and returns
// the file that has it.
func recall(sim *simulator.Cloud, stateDir string) (path string, err error) {
	dir, err := statedir.Open(stateDir)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir.Path(), "simulator.json")
	data, err := statedir.Read(path, mostKept)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err == nil {
		err = sim.Restore(data)
	}
	if err != nil {
		return "", hint.Wrap(fmt.Errorf("load %s: %w", path, err), "delete it, and sign in again")
	}
	return path, nil
}

// keeper writes down what people have allowed.
type keeper struct {
	sim  *simulator.Cloud
	path string // "" if nothing is kept
	log  *slog.Logger

	mu sync.Mutex // held while it writes: the newest must be the last
}

// ServeHTTP answers for the simulated Withings. A sign-in, a renewal or a withdrawal is kept before it is answered, so that it
// is known even after a demo that was killed.
func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.sim.ServeHTTP(w, r)
	if r.URL.Path == "/v2/oauth2" {
		k.remember()
	}
}

// remember writes it down now.
func (k *keeper) remember() {
	if k.path == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	data, err := k.sim.Kept()
	if err == nil {
		err = statedir.Write(k.path, data)
	}
	if err != nil {
		k.log.Warn("sign-ins not kept", "err", err)
	}
}
