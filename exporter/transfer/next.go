package transfer

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/words"
)

// debianStorage is the storage path of Debian's package prometheus.
const debianStorage = "/var/lib/prometheus/metrics2"

// intoPrometheus says how a file gets into a Prometheus on this machine.
func intoPrometheus(file string) string {
	_, missing := exec.LookPath("promtool")
	_, elsewhere := os.Stat(debianStorage)
	return nextCommands(file, missing == nil, elsewhere == nil)
}

// nextCommands is what to type next, depending on whether promtool was found, and
// Debian's package.
func nextCommands(file string, promtool, debian bool) string {
	var told strings.Builder
	words.Paragraph(&told, "", "Next, for Prometheus. First its --storage.tsdb.retention.time must cover the years, or it deletes them within a minute.")
	if !promtool {
		words.Paragraph(&told, "", "(promtool is part of Prometheus and is not on the PATH here. "+
			"With grafana/compose.yaml, `docker compose -f grafana/compose.yaml up -d` does all of this.)")
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	fmt.Fprintf(&told, "  promtool tsdb create-blocks-from openmetrics --max-block-duration=744h \\\n    %s blocks\n", shell.Quote(file))
	if debian {
		fmt.Fprintf(&told, "  sudo chown -R prometheus: blocks/*\n  sudo mv blocks/* %s\n", debianStorage)
		words.Paragraph(&told, "", "That is the storage path of Debian's package. Prometheus need not be restarted, and shows them within two minutes.")
	} else {
		fmt.Fprint(&told, "  mv blocks/* data\n")
		words.Paragraph(&told, "", "where data is its --storage.tsdb.path. Prometheus need not be restarted, and shows them within two minutes.")
	}
	return told.String()
}
