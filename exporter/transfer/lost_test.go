package transfer_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/testrun"
)

// TestABackfillNoticesThatTheDatabaseWasLostMeanwhile has somebody drop the
// database and make it again between two writes, early or late, or once it was full.
func TestABackfillNoticesThatTheDatabaseWasLostMeanwhile(t *testing.T) {
	t.Parallel()
	for name, at := range testrun.FewOf(map[string]int64{"after the first writes": 3, "in the middle": 6, "late": 9}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := rude.Server(t, rude.Influx2)
			var writes atomic.Int64
			db.On("/api/v2/write", func(c *rude.Call) {
				if writes.Add(1) == at {
					db.Drop()
				}
				rude.Influx2(c)
			})
			w := repairable(t, command.Influx{URL: db.URL, Org: "home", Bucket: "withings", Token: "any"})
			told, err := backfill(w)
			if n := writes.Load(); n < at {
				t.Fatalf("%d writes are fewer than the test needs", n)
			}
			if err == nil || !strings.Contains(err.Error(), "run the same command") || strings.Contains(told, "up to date") {
				t.Errorf("the database was dropped meanwhile, and the backfill says %s, %v", told, err)
			}
			if told, err := backfill(w); err != nil {
				t.Fatalf("%s, %v", told, err)
			}
			stage.Complain(t, db.Sums().Of(truth.Covers).Differences(untouchedAnna().Sums))
		})
	}
}
