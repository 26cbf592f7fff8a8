package influx

import (
	"net/http"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

// TestWhatIsLeftOutIsNoted has points refused and deletes not possible, and both
// come right.
func TestWhatIsLeftOutIsNoted(t *testing.T) {
	k := newDesk(t, "v2")
	wants := func(when string, notes ...string) {
		t.Helper()
		got := k.Notes()
		if len(got) != len(notes) {
			t.Fatalf("%s the notes are %q, want %d", when, got, len(notes))
		}
		for i, want := range notes {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s the note is %q, want %q in it", when, got[i], want)
			}
		}
	}
	k.put(batch(weighIn("1", day(10), 70_000), weighIn("2", day(11), 71_000)))
	k.ready()
	wants("with everything there")

	k.db.On(write, before(9))
	k.put(batch(weighIn("3", day(3), 72_000), weighIn("4", day(12), 73_000)))
	const old = "InfluxDB rejects points of withings_body: older than the retention policy allows. What to do: set a longer retention in InfluxDB, with: influx -port "
	wants("after a refusal", old)
	wants("after a refusal", `'ALTER RETENTION POLICY "autogen" ON "health" DURATION INF SHARD DURATION 52w'; once the cause is gone, they are written within the hour.`)
	k.db.On(remove, rude.Delete("1.8: no such path").Give)
	k.db.On("/query", rude.Status(http.StatusNotFound))
	k.put(batch(exporter.Record{Service: exporter.Measure, ID: "1", Start: day(10), End: day(10)}, weighIn("4", day(12), 73_001)))
	wants("after a delete that is not possible", old, "still has 1 point that Withings has deleted")
	k.open()
	k.ready()
	wants("after a restart", old, "still has 1 point")

	k.db.Set(rude.Influx2)
	k.later(2 * retry)
	k.ready()
	k.put(batch(weighIn("3", day(3), 72_000), weighIn("4", day(12), 73_001)))
	wants("when all is well again")
	k.want("body weight_grams 3 = 72000", "body weight_grams 11 = 71000", "body weight_grams 12 = 73001")
}
