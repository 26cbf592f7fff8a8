package transfer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/words"
)

// debianStorage is the storage path of Debian's package prometheus.
const debianStorage = "/var/lib/prometheus/metrics2"

// next is what the commands after an import to a file depend on.
type next struct {
	file      string
	fetch     string // copies it to where the person is; "" if it is there
	simulated bool   // its people are the demo's
	promtool  bool   // it was found
	debian    bool   // Prometheus is installed as Debian's package
}

// nextOf looks around on this machine.
func nextOf(file string, simulated bool) next {
	_, missing := exec.LookPath("promtool")
	_, elsewhere := os.Stat(debianStorage)
	fetch := shell.Fetch(file)
	if fetch != "" {
		file = filepath.Base(file)
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	return next{file: shell.Quote(file), fetch: fetch, simulated: simulated, promtool: missing == nil, debian: elsewhere == nil}
}

// String says how the file gets into a Prometheus on this machine: into the one that is
// there, or that of simulated people into one of its own.
func (n next) String() string {
	var told strings.Builder
	say := func(text string) { words.Paragraph(&told, "", text) }
	blocks := "blocks"
	if n.simulated {
		blocks = "demo-data"
		say("Next, for a Prometheus of its own, while this is serving:")
	} else {
		say("Next, for Prometheus. First its --storage.tsdb.retention.time must cover the years, or it deletes them within a minute.")
	}
	if !n.promtool {
		say("(promtool is part of Prometheus and is not on the PATH here. With grafana/compose.yaml, " +
			"`docker compose -f grafana/compose.yaml up -d` does all of this.)")
	}
	if n.fetch != "" {
		fmt.Fprintf(&told, "  %s\n", n.fetch)
	}
	fmt.Fprintf(&told, "  promtool tsdb create-blocks-from openmetrics --max-block-duration=744h \\\n    %s %s\n", n.file, blocks)
	switch {
	case n.simulated:
		fmt.Fprintf(&told, "  prometheus --config.file=prometheus.yml --storage.tsdb.path=%s \\\n    --storage.tsdb.retention.time=100y\n", blocks)
	case n.debian:
		fmt.Fprintf(&told, "  sudo chown -R prometheus: %s/*\n  sudo mv %[1]s/* %s\n", blocks, debianStorage)
		say("That is the storage path of Debian's package; with another --storage.tsdb.path, move them there instead. Prometheus need not be restarted, and shows them within two minutes.")
	default:
		fmt.Fprintf(&told, "  mv %s/* data\n", blocks)
		say("where data is its --storage.tsdb.path. Prometheus need not be restarted, and shows them within two minutes.")
	}
	return told.String()
}
