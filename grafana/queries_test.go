package grafana

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// variable is one of Grafana's; a pattern may end in $, and label_replace writes $1.
var variable = regexp.MustCompile(`\$\{?[A-Za-z_]\w*`)

func TestQueriesAreThoseOfEveryPanelWithNothingLeftToFillIn(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, source := range []string{Prometheus, InfluxDB} {
		panels := map[string]bool{}
		for _, q := range queriesOf(t, source, "Anna (Mum)", now) {
			panels[q.Board+q.Row+q.Panel] = true
			if left := variable.FindString(q.Text); left != "" {
				t.Errorf("%s: %s: a variable is left: %s", source, q.Panel, left)
			}
			if q.Text == "" || q.Board == "" || q.Panel == "" || strings.HasPrefix(q.Panel, ",") {
				t.Errorf("%s: incomplete: %+v", source, q)
			}
			if !q.Instant && q.Step <= 0 || !q.From.Before(q.To) {
				t.Errorf("%s: %s: from %v to %v by %v", source, q.Panel, q.From, q.To, q.Step)
			}
		}
		if len(panels) < 80 {
			t.Errorf("%s: only %d panels", source, len(panels))
		}
	}
}

func TestQueriesQuoteNamesForTheirLanguage(t *testing.T) {
	for source, want := range map[string]string{Prometheus: `profile=~"Anna \\(Mum\\)"`, InfluxDB: `/^Anna \(Mum\)$/`} {
		for _, q := range queriesOf(t, source, "Anna (Mum)", time.Now()) {
			if q.Board == "body" && !strings.Contains(q.Text, want) {
				t.Errorf("%s is not in %s", want, q.Text)
			}
		}
	}
}
