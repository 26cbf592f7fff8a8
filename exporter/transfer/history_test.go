package transfer_test

import (
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

func TestACleanBackfillIsTheTruthAndAnotherAsksNothing(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Into(db.URL, db)
	h.MustBring(transfer.Options{})
	first := h.Gate.Count()
	stage.Complain(t, tally.Differences(slices.DeleteFunc(db.Points(), func(p tally.Point) bool { return !truth.Covers(p.Key()) }), stage.Untouched().Points))

	told := h.MustBring(transfer.Options{})
	if again := h.Gate.Count() - first; again != 0 {
		t.Errorf("the second run makes %d requests after %d of the first", again, first)
	}
	stage.Says(t, "the second run", told, "Everything is in InfluxDB already; only what is new is asked for.", "InfluxDB is already up to date")
	t.Logf("%d requests where there are %d pages, %d values", first, stage.Pages(h.Sim), len(stage.Untouched().Points))

	h.Sim.Advance(26 * time.Hour)
	before := h.Gate.Count()
	h.MustBring(transfer.Options{})
	if news := h.Gate.Count() - before; news > 2*2*len(exporter.Asked()) {
		t.Errorf("a day later a run makes %d requests, want what is new of the services of two people", news)
	}
}
