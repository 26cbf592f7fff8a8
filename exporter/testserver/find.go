package testserver

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is a server that tests need.
type program struct {
	name   string
	folder string // where it may lie in the cache of .ci/servers
	gets   string // the command that gets it
}

var (
	influxd    = program{"influxd", "influxdb-1.8.10", ".ci/servers"}
	victoria   = program{"victoria-metrics", "victoria-metrics-1.150.0", ".ci/servers"}
	prometheus = program{"prometheus", "prometheus-debian/usr/bin", "apt-get install prometheus"}
	promtool   = program{"promtool", "prometheus-debian/usr/bin", "apt-get install prometheus"}
)

// Promtool returns the path of promtool.
func Promtool(t testing.TB) string {
	t.Helper()
	return promtool.find(t)
}

// find returns the path of the program.
func (p program) find(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath(p.name); err == nil {
		return path
	}
	if cache, err := cacheDir(); err == nil {
		if path, err := exec.LookPath(filepath.Join(cache, p.folder, p.name)); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; get it with: %s", p.name, p.gets)
	}
	t.Skipf("%s is missing; get it with: %s", p.name, p.gets)
	return ""
}

// cacheDir is where .ci/servers keeps what it has built.
func cacheDir() (string, error) {
	if dir := os.Getenv("SERVERS_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	const name = "withings-exporter-servers"
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, name), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".cache", name), err
}
