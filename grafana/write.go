package grafana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

// BoardsDir is where the provisioning files of the repository say that the
// boards are; Write puts its own folder there. Grafana's packages let it read
// that, and root write.
const BoardsDir = "/var/lib/grafana/withings"

// Write puts boards, rules and provisioning files into dir and returns the
// names of the files. Everybody may read them, since Grafana runs as somebody
// else; there are no secrets in them. What was there is replaced.
func Write(dir string, o Options) ([]string, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	boards, err := Boards(o)
	if err != nil {
		return nil, err
	}
	out := writer{dir: dir}
	for _, b := range boards {
		text, err := b.Encode()
		if err != nil {
			return out.names, err
		}
		out.put(path.Join("dashboards", b.Source, b.Name+".json"), text)
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return out.names, fmt.Errorf("find the folder %s: %w", dir, err)
	}
	for _, source := range o.sources() {
		for _, kind := range []string{"dashboards", "datasources"} {
			name := path.Join("provisioning", kind, "withings-"+source+".yaml")
			out.copy(name, func(text []byte) []byte {
				return o.named(source, bytes.ReplaceAll(text, []byte(BoardsDir), []byte(strings.ReplaceAll(whole, "$", "$$"))))
			})
		}
		for _, name := range alertFiles[source] {
			out.copy(name, func(text []byte) []byte { return o.linked(o.quiet(source, text)) })
		}
	}
	return out.names, out.err
}

// alertFiles are the alerts of those who have a data source.
var alertFiles = map[string][]string{
	Prometheus: {"alerts/withings.alerts.yaml", "alerts/withings.health.yaml", "alerts/withings.recording.yaml", "alerts/mixin.libsonnet"},
	InfluxDB: {"provisioning/alerting/withings-influxdb.yaml", "provisioning/alerting/withings-influxdb-devices.yaml",
		"provisioning/alerting/withings-influxdb-health.yaml"},
}

// quiet pauses the alerts that Grafana evaluates, for those who have those of
// Prometheus: one cause is one alert.
func (o Options) quiet(source string, text []byte) []byte {
	if source == InfluxDB && len(o.Others()) == 0 {
		return bytes.ReplaceAll(text, []byte("isPaused: false"), []byte("isPaused: true"))
	}
	return text
}

// homeOfGrafana is where the alerts of the repository say that Grafana is.
const homeOfGrafana = "http://localhost:3000"

// linked has the links in alerts lead to the Grafana of the options.
func (o Options) linked(text []byte) []byte {
	if o.Grafana == "" {
		return text
	}
	address := strings.ReplaceAll(o.Grafana, "'", "%27") // the links are in single quotation marks
	return bytes.ReplaceAll(text, []byte(homeOfGrafana), []byte(address))
}

// Earlier lists the kinds of data sources that were not chosen and of which dir has
// dashboards nevertheless, from an earlier run.
func Earlier(dir string, o Options) []string {
	return slices.DeleteFunc(o.Others(), func(kind string) bool {
		_, err := os.Stat(filepath.Join(dir, "dashboards", kind))
		return err != nil
	})
}

// named puts the server of the options into the file of its data source. The
// password stays in the environment of Grafana.
func (o Options) named(source string, text []byte) []byte {
	server := o.server(source)
	if server.URL == "" {
		return text
	}
	for key, value := range map[string]string{"url": server.URL, "user": server.user(), "dbName": server.Database} {
		line := regexp.MustCompile(`(?m)^(\s+` + key + `:).*$`)
		text = line.ReplaceAllFunc(text, func(old []byte) []byte {
			if value == "" {
				return old
			}
			quoted, err := json.Marshal(strings.ReplaceAll(value, "$", "$$")) // JSON is YAML
			if err != nil {
				return old
			}
			return append(line.ReplaceAll(old, []byte("$1 ")), quoted...)
		})
	}
	return text
}

// writer writes files until one fails.
type writer struct {
	dir   string
	names []string
	err   error
}

// copy writes a file of the program, changed.
func (w *writer) copy(name string, change func([]byte) []byte) {
	text, err := files.ReadFile(name)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("read %s of the program: %w", name, err)
	}
	w.put(name, change(text))
}

func (w *writer) put(name string, text []byte) {
	if w.err != nil {
		return
	}
	name = filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.err = hint.Wrap(fmt.Errorf("create a folder: %w", err), statedir.Space(err, "give another --dir"))
		return
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		w.err = statedir.Elsewhere(err, "the file", name, "give another --dir")
		return
	}
	w.names = append(w.names, name)
}
