package testrun

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Need is something that not every machine has, and that some tests cannot do without.
type Need struct {
	What string // such as InfluxDB 1.8
	How  string // how to get it

	// One of these finds out whether it is there. A program is found by its name in
	// PATH, or in a folder of the cache of .ci/servers, and where several are called
	// the same, by how the version begins that it tells.
	program, folder, version string
	has                      func() bool

	nowhere bool // a gate need not have it
}

// Program is the need of a program that is found in PATH.
func Program(name, how string) *Need { return &Need{What: name, How: how, program: name} }

// What tests need.
var (
	Influx1     = &Need{What: "InfluxDB 1.8", How: servers, program: "influxd", folder: "influxdb-1.8.10", version: "1."}
	Influx2     = &Need{What: "InfluxDB 2.7", How: servers, program: "influxd", folder: "influxdb-2.7.12", version: "2."}
	Victoria    = &Need{What: "VictoriaMetrics", How: servers, program: "victoria-metrics", folder: "victoria-metrics-1.150.0"}
	Jsonnet     = &Need{What: "jsonnet", How: servers, program: "jsonnet", folder: "jsonnet-0.22.0"}
	Helm        = &Need{What: "helm", How: servers, program: "helm", folder: "helm-3.22.0"}
	Kubeconform = &Need{What: "kubeconform", How: servers, program: "kubeconform", folder: "kubeconform-0.8.0"}
	Prometheus  = Program("prometheus", "apt-get install prometheus")
	Promtool    = Program("promtool", "apt-get install prometheus")
	Chromium    = Program("chromium", "apt-get install chromium")
	Axe         = &Need{What: "axe-core", How: "apt-get install npm && " + servers, program: "axe.min.js", folder: "axe-core-4.14.1"}
	Groff       = Program("groff", "apt-get install groff-base")
	Nginx       = Program("nginx", "apt-get install nginx-light")
	SSH         = Program("ssh", "apt-get install openssh-client")
	SSHD        = Program("sshd", "apt-get install openssh-server")
	Shell       = Program("sh", "use a Unix system")

	// Schemas are those of the objects of Kubernetes and of the Prometheus operator.
	Schemas = &Need{
		What: "the schemas of Kubernetes", How: servers,
		has: func() bool { return SchemasFolder() != "" },
	}

	Unix  = &Need{What: "a Unix system", How: "use another system", has: func() bool { return runtime.GOOS != "windows" }}
	Linux = &Need{What: "Linux", How: "use another system", has: func() bool { return runtime.GOOS == "linux" }}
	Root  = &Need{
		What: "root's right to be another user", How: "run the tests as root", nowhere: true,
		has: func() bool { return os.Geteuid() == 0 },
	}
	Mounts = &Need{
		What: "the right to mount a disk", How: "run the tests as root, in a container with the capability SYS_ADMIN", nowhere: true,
		has: sync.OnceValue(mounts),
	}
	Grafana = &Need{
		What: "a Grafana whose data sources have five years of the demo", How: "set GRAFANA_URL to its address", nowhere: true,
		has: func() bool { return os.Getenv("GRAFANA_URL") != "" },
	}
)

const servers = ".ci/servers"

// Of skips the test, or fails it where CI is "true", unless what it needs is there;
// what a gate need not have is never a reason to fail.
func (n *Need) Of(t testing.TB) {
	t.Helper()
	if n.Lacks(t.Name()) {
		n.end(t)
	}
}

// Path returns the path of the program, after doing what Of does.
func (n *Need) Path(t testing.TB) string {
	t.Helper()
	n.Of(t)
	return n.find()
}

// Lacks tells whether a test of the package under test lacks it, and keeps that for the
// list of what is skipped.
func (n *Need) Lacks(test string) bool {
	has := n.has != nil && n.has() || n.program != "" && n.find() != ""
	keep(test, n.What, n.lack(), !has)
	return !has
}

func (n *Need) end(t testing.TB) {
	t.Helper()
	if os.Getenv("CI") == "true" && !n.nowhere {
		t.Fatal(n.lack())
	}
	t.Skip(n.lack())
}

func (n *Need) lack() string { return n.What + " is missing (to get it: " + n.How + ")" }

// find returns the path of the program, "" where it is not there.
func (n *Need) find() string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	if cache, err := cacheDir(); err == nil && n.folder != "" {
		folders = append(folders, filepath.Join(cache, n.folder))
	}
	for _, folder := range folders {
		if !filepath.IsAbs(folder) { // as exec.LookPath, which does not run what lies around
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, n.program)); err == nil && n.is(path) {
			return path
		}
	}
	return ""
}

// versions remembers what programs say of their versions, by path.
var versions sync.Map

// is tells whether a file is the program and not another one of that name.
func (n *Need) is(path string) bool {
	if n.version == "" {
		return true
	}
	said, known := versions.Load(path)
	if !known {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		output, _ := exec.CommandContext(ctx, path, "version").Output() // what cannot say it is another one
		said = string(output)
		versions.Store(path, said)
	}
	_, version, _ := strings.Cut(said.(string), "InfluxDB ")
	return strings.HasPrefix(strings.TrimPrefix(version, "v"), n.version)
}

// SchemasFolder is where .ci/servers has put swagger.json of Kubernetes and the
// definitions of the Prometheus operator; "" if it has not.
func SchemasFolder() string {
	cache, err := cacheDir()
	if err != nil {
		return ""
	}
	folder := filepath.Join(cache, "kubernetes-schemas-1.37.2")
	if _, err := os.Stat(filepath.Join(folder, "swagger.json")); err != nil {
		return ""
	}
	return folder
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
