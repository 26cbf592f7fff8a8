package transfer_test

import (
	"errors"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// TestOfWhomIsSkippedNothingIsSaid asks for the history of people of whom some, or all, have not signed in.
func TestOfWhomIsSkippedNothingIsSaid(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Into(db.URL, db)
	h.MustBring(transfer.Options{})
	for name, c := range map[string]struct {
		people []string
		dry    bool
		out    string // its end; nothing if it is empty
		says   string
	}{
		"an estimate of nobody":  {[]string{"Zoe", "Yan"}, true, "", "2 profiles were skipped"},
		"a run of nobody":        {[]string{"Zoe", "Yan"}, false, "", "2 profiles were skipped"},
		"an estimate of one":     {[]string{"Anna", "Zoe"}, true, "nothing is missing of Anna; this estimate took 1 request\n", "1 profile was skipped"},
		"a run of one":           {[]string{"Anna", "Zoe"}, false, "InfluxDB already has everything of Anna\n", "1 profile was skipped"},
		"a run of two":           {[]string{"Anna", "Ben", "Zoe"}, false, "InfluxDB already has everything of Anna and Ben\n", "1 profile was skipped"},
		"a run of all there are": {[]string{"Anna", "Ben"}, false, "InfluxDB is already up to date\n", ""},
	} {
		settings := h.Settings
		settings.Profiles = c.people
		var out, talk strings.Builder
		err := transfer.Run(t.Context(), settings, transfer.Options{DryRun: c.dry}, &out, &talk)
		if !strings.HasSuffix("\n"+out.String(), "\n"+c.out) || c.out == "" && out.Len() > 0 {
			t.Errorf("%s: it tells %q, want %q", name, &out, c.out)
		}
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || !errors.Is(err, command.ErrNeedsAuthorization) {
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
		if c.out == "" && strings.Contains(talk.String(), "to Withings in") {
			t.Errorf("%s: it counts requests although there was nobody to ask about: %s", name, &talk)
		}
	}
}
