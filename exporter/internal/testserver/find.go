package testserver

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program is a server that tests need.
type program struct {
	name   string
	folder string // where it may lie in the cache of .ci/servers
	gets   string // the command that gets it
	says   string // how what it says of its version begins, "" where its name is enough
}

var (
	influxd    = program{name: "influxd", folder: "influxdb-1.8.10", gets: ".ci/servers", says: "1."}
	influxd2   = program{name: "influxd", folder: "influxdb-2.7.12", gets: ".ci/servers", says: "2."}
	victoria   = program{name: "victoria-metrics", folder: "victoria-metrics-1.150.0", gets: ".ci/servers"}
	prometheus = program{name: "prometheus", folder: "prometheus-debian/usr/bin", gets: "apt-get install prometheus"}
	promtool   = program{name: "promtool", folder: "prometheus-debian/usr/bin", gets: "apt-get install prometheus"}
)

// Promtool returns the path of promtool.
func Promtool(t testing.TB) string {
	t.Helper()
	return promtool.find(t)
}

// find returns the path of the program.
func (p program) find(t testing.TB) string {
	t.Helper()
	folders := filepath.SplitList(os.Getenv("PATH"))
	if cache, err := cacheDir(); err == nil {
		folders = append(folders, filepath.Join(cache, p.folder))
	}
	for _, folder := range folders {
		if !filepath.IsAbs(folder) { // as exec.LookPath, which does not run what lies around
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, p.name)); err == nil && p.is(path) {
			return path
		}
	}
	what := p.name
	if p.says != "" {
		what += " " + p.says + "x"
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; get it with: %s", what, p.gets)
	}
	t.Skipf("%s is missing; get it with: %s", what, p.gets)
	return ""
}

// versions remembers what programs say of their versions, by path.
var versions sync.Map

// is tells whether a file is the program: two that are both called influxd are told
// apart by what they say of their version.
func (p program) is(path string) bool {
	if p.says == "" {
		return true
	}
	said, known := versions.Load(path)
	if !known {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		output, _ := exec.CommandContext(ctx, path, "version").Output() // what cannot say it is another one
		said = string(output)
		versions.Store(path, said)
	}
	_, version, _ := strings.Cut(said.(string), "InfluxDB ")
	return strings.HasPrefix(strings.TrimPrefix(version, "v"), p.says)
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
