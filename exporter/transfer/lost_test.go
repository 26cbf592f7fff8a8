package transfer_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
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

// TestABackfillClaimsOnlyWhatItCanSee has somebody empty the bucket, where queries are answered and where they are not.
func TestABackfillClaimsOnlyWhatItCanSee(t *testing.T) {
	t.Parallel()
	db := rude.Server(t, rude.Influx2)
	w := repairable(t, command.Influx{URL: db.URL, Org: "home", Bucket: "withings", Token: "any"})
	dry := transfer.Options{DryRun: true}
	bring(w, transfer.Options{})
	stage.Says(t, "the next", bring(w, transfer.Options{}), "Everything is in InfluxDB already", "InfluxDB is already up to date")
	stage.Says(t, "the next estimate", bring(w, dry), "nothing is missing; this estimate")

	db.On("/query", func(c *rude.Call) { c.Say(http.StatusForbidden, "", "") })
	db.Drop()
	for _, told := range []string{bring(w, transfer.Options{}), bring(w, dry)} {
		stage.Says(t, "one that cannot look", told, "InfluxDB has acknowledged everything already", "cannot be seen whether it still has all of that", "add --again")
		if strings.Contains(told, "is in InfluxDB") || strings.Contains(told, "up to date") || strings.Contains(told, "nothing is missing") {
			t.Errorf("it claims what it cannot see: %s", told)
		}
	}

	db.On("/query", rude.Influx2)
	for range 2 { // an estimate changes nothing
		stage.Says(t, "an estimate", bring(w, dry), "Anna: InfluxDB no longer has points that it acknowledged, so everything would be imported again.", "requests, which take")
	}
	stage.Says(t, "one that can look", bring(w, transfer.Options{}), "imported ", " records into bucket ", " of InfluxDB at 127.0.0.1:", ", by what was measured: group readings")
	stage.Complain(t, db.Sums().Of(truth.Covers).Differences(untouchedAnna().Sums))
}

// TestABackfillNamesWhatServeHasWritten has a serve write all measures first, and what is new of them come after that.
func TestABackfillNamesWhatServeHasWritten(t *testing.T) {
	t.Parallel()
	db := rude.Server(t, rude.Influx2)
	w := repairable(t, command.Influx{URL: db.URL, Org: "home", Bucket: "withings", Token: "any"})
	w.Settings.Services = []string{"measure", "sleep", "device"}
	serve(w)
	polled(w)
	awaitSink(w, "healthy", healthy)
	w.Set.Halt()
	w.Settings.Services = []string{"measure", "sleep", "device", "workout"} // serve has written what it reads of the others
	told, err := backfill(w)
	if err != nil {
		t.Fatalf("%s, %v", told, err)
	}
	for _, want := range []string{`(?m)^body +- +nothing was missing$`, `(?m)^workout +\d+ +\S+ … \S+$`, `(?m)^sleep +\d+ +\S+ … \S+; the rest was there$`} {
		if !regexp.MustCompile(want).MatchString(told) {
			t.Errorf("there is no %s in\n%s", want, told)
		}
	}
	w.Sim.Advance(26 * time.Hour)
	if told, err = backfill(w); err != nil || !regexp.MustCompile(`(?m)^sleep +\d+ +\S+ … \S+; the rest was there$`).MatchString(told) {
		t.Errorf("a day later it says, and ends in %v:\n%s", err, told)
	}
}
