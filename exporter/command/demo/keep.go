package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

// mostKept is more bytes than what people have allowed takes.
const mostKept = 16 << 20

// recall gives a simulated Withings what people allowed before an earlier demo with this state directory ended, and returns
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

// remember writes down what people have allowed.
func remember(sim *simulator.Cloud, path string) error {
	data, err := sim.Kept()
	if err != nil {
		return err
	}
	return statedir.Write(path, data)
}
