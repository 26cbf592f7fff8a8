package transfer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNextAreCommandsForThisMachine(t *testing.T) {
	for _, c := range []struct {
		name       string
		next       next
		has, lacks []string
	}{
		{"any system", next{file: "history.om", promtool: true},
			[]string{" history.om blocks\n  mv blocks/* data\n", "data is its --storage.tsdb.path", "First its --storage.tsdb.retention.time"}, []string{"sudo", "not on the PATH"}},
		{"Debian", next{file: "/srv/a.om", promtool: true, debian: true},
			[]string{" /srv/a.om blocks\n  sudo chown -R prometheus: blocks/*\n  sudo mv blocks/* /var/lib/prometheus/metrics2\n"}, []string{"not on the PATH", " data\n"}},
		{"a service", next{file: "a.om", fetch: "sudo install /srv/a.om .", promtool: true},
			[]string{"  sudo install /srv/a.om .\n  promtool", " a.om blocks\n  mv blocks/* data\n"}, nil},
		{"a container", next{file: "/data/history.om"}, []string{"not on the PATH", "docker compose -f grafana/compose.yaml up -d"}, nil},
		{"the demo on Debian", next{file: "demo.om", promtool: true, debian: true, simulated: true},
			[]string{" demo.om demo-data\n", "--storage.tsdb.path=demo-data \\\n    --storage.tsdb.retention.time=100y\n"}, []string{"sudo", "/var/lib", "blocks/*"}},
		{"odd names", nextOf("-it's.om", false), []string{` './-it'\''s.om' blocks`}, nil},
	} {
		got := c.next.String()
		for _, part := range append(c.has, "  promtool tsdb create-blocks-from openmetrics --max-block-duration=744h \\\n    ") {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q is missing in\n%s", c.name, part, got)
			}
		}
		for _, part := range c.lacks {
			if strings.Contains(got, part) {
				t.Errorf("%s: it has %q:\n%s", c.name, part, got)
			}
		}
		for line := range strings.Lines(got) {
			if utf8.RuneCountInString(line) > 81 {
				t.Errorf("%s: too wide a line: %s", c.name, line)
			}
		}
	}
}
