package transfer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNextAreCommandsForThisMachine(t *testing.T) {
	for _, c := range []struct {
		name, file       string
		promtool, debian bool
		has, lacks       []string
	}{
		{"any system", "history.om", true, false, []string{" history.om blocks\n  mv blocks/* data\n", "data is its --storage.tsdb.path"}, []string{"sudo", "not on the PATH"}},
		{
			"Debian", "/srv/a.om", true, true,
			[]string{" /srv/a.om blocks\n  sudo chown -R prometheus: blocks/*\n  sudo mv blocks/* /var/lib/prometheus/metrics2\n"}, []string{"not on the PATH", " data\n"},
		},
		{"a container", "/data/history.om", false, false, []string{"not on the PATH", "docker compose -f grafana/compose.yaml up -d"}, nil},
		{"odd names", "-it's.om", true, false, []string{` './-it'\''s.om' blocks`}, nil},
	} {
		got := nextCommands(c.file, c.promtool, c.debian)
		for _, part := range append(c.has, "  promtool tsdb create-blocks-from openmetrics --max-block-duration=744h \\\n    ", "retention.time") {
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
