package influx

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

// before refuses what is older than a day of January, as a retention period does.
func before(n int) rude.Behaviour {
	return rude.Write("2.7: older than the retention period").Lines(func(l rude.Line) bool { return l.Time.Before(day(n)) })
}

// conflict refuses a field, as a database does that has it as a text.
func conflict(field string) rude.Behaviour {
	return rude.Write("1.8: field type conflict").Lines(func(l rude.Line) bool { return strings.Contains(l.Text, " "+field+"=") })
}

// covered has the sink read a service up to now and cover its past, as a serve
// and a backfill do.
func (k *desk) covered(service exporter.Service) {
	k.t.Helper()
	if err := k.Advance(service, func(p *exporter.Progress) {
		p.Updated, p.Success, p.Reread, p.Back, p.Done = k.now, k.now, k.now, day(1), true
	}); err != nil {
		k.t.Fatal(err)
	}
	if err := k.Cover(k.t.Context(), asSafe(service, all), nil); err != nil {
		k.t.Fatal(err)
	}
}

var all = exporter.Span{From: time.Unix(1, 0), To: day(31)}

func TestWhatWasRefusedIsMissingAndTheRestIsNot(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{"retention": before(9), "type conflict": conflict("weight_grams")} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, b)
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(4), 71_000)), batch(night("7", day(10), 80)))
			k.covered(exporter.Measure)
			k.covered(exporter.Sleep)
			for range 2 { // and after a restart
				missing := k.Missing(exporter.Measure, all)
				if len(missing) == 0 || !(exporter.Spans{missing[len(missing)-1]})[0].Has(day(3)) || missing[0].To.After(day(5)) {
					t.Errorf("missing is %v, want the refused moments", missing)
				}
				if missing := k.Missing(exporter.Sleep, all); len(missing) != 0 {
					t.Errorf("of what was taken, missing is %v", missing)
				}
				k.open()
			}
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(4), 71_000))) // a backfill tries again
			if err := k.Cover(t.Context(), asSafe(exporter.Measure, all), nil); err != nil {
				t.Fatal(err)
			}
			if missing := k.Missing(exporter.Measure, all); len(missing) == 0 {
				t.Error("refused a second time, it counts as done")
			}
			k.db.Set(rude.Influx2)
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(4), 71_000)))
			if err := k.Cover(t.Context(), asSafe(exporter.Measure, all), nil); err != nil {
				t.Fatal(err)
			}
			if missing := k.Missing(exporter.Measure, all); len(missing) != 0 {
				t.Errorf("taken, it is still missing: %v", missing)
			}
			if refused := k.Refused(); len(refused) != 0 {
				t.Errorf("taken, it still counts as refused: %+v", refused)
			}
		})
	}
}

// TestARunningServeWritesWhatIsNoLongerRefused has the server accept after an hour
// what it refused: everything since comes from Withings again.
func TestARunningServeWritesWhatIsNoLongerRefused(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{"retention widened": before(9), "type conflict resolved": conflict("weight_grams")} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, b)
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(5), 71_000)), batch(night("7", day(10), 80)))
			k.covered(exporter.Measure)
			k.covered(exporter.Sleep)
			k.later(2 * retry)
			k.ready()
			if got := k.Progress(exporter.Measure); !got.Updated.Equal(day(20)) {
				t.Errorf("while it is refused the cursor moves to %s", got.Updated)
			}
			k.db.Set(rude.Influx2)
			k.ready() // within the hour nothing is tried
			if got := k.Progress(exporter.Measure); !got.Updated.Equal(day(20)) {
				t.Errorf("it was tried again at once: %s", got.Updated)
			}
			k.later(2 * retry)
			k.open() // also after a restart
			k.ready()
			if got := k.Progress(exporter.Measure); got.Updated.After(day(3)) || !got.Success.IsZero() || !got.Reread.IsZero() {
				t.Errorf("the cursor is %+v, want one before the first refused change", got)
			}
			if got := k.Progress(exporter.Sleep); !got.Updated.Equal(day(20)) {
				t.Errorf("that of nights, of which nothing was refused, is %s", got.Updated)
			}
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(5), 71_000)))
			k.want("body weight_grams 3 = 70000", "body weight_grams 5 = 71000", "sleep score 10 = 80")
			if got := k.log.String(); strings.Count(got, "now takes points") != 1 {
				t.Errorf("logged %s", got)
			}
		})
	}
}

// TestOfARecordOnlyTheRefusedReadingsCount has one of two fields of a weigh-in on a
// measurement of its own.
func TestOfARecordOnlyTheRefusedReadingsCount(t *testing.T) {
	k := newDesk(t, "v2")
	r := weighIn("1", day(3), 70_000)
	r.Readings = append(r.Readings, exporter.Reading{Metric: exporter.ByName("heart_pulse_beats_per_minute"), Value: exporter.Integer(61)})
	k.db.On(write, conflict("weight_grams"))
	k.put(batch(r))
	taken := k.Taken(batch(r, weighIn("2", day(4), 1)))
	if len(taken.Records[0].Readings) != 1 || taken.Records[0].Readings[0].Metric.Name != "heart_pulse_beats_per_minute" || len(taken.Records[1].Readings) != 1 {
		t.Errorf("taken is %+v", taken.Records)
	}
	k.want("heart heart_pulse_beats_per_minute 3 = 61")
}

// TestARejectedRecordOfALedgersTimeIsNotTaken: the time of the points is that of the record only if it has a date and stays.
func TestARejectedRecordOfALedgersTimeIsNotTaken(t *testing.T) {
	goal := func(at time.Time) exporter.Record {
		return exporter.Record{Service: exporter.Goal, ID: "steps", Start: at, End: at, Readings: []exporter.Reading{{Metric: exporter.ByName("goal_steps"), Value: exporter.Integer(8000)}}}
	}
	mat := exporter.Record{Service: exporter.Device, ID: "d", Start: time.Unix(0, 0), End: time.Unix(0, 0), Readings: []exporter.Reading{
		{Metric: exporter.ByName("device_info"), Value: exporter.Integer(1), Labels: exporter.LabelValues("d", "Sleep Monitor", "Mat", "63", "")}}}
	for name, c := range map[string]struct {
		deletes string
		refuses rude.Behaviour
		puts    []exporter.Record
	}{
		"a mat without a session":                      {"v1", conflict("info"), []exporter.Record{mat}},
		"a goal of before":                             {"v1", conflict("goal_steps"), []exporter.Record{goal(day(1)), goal(day(2))}},
		"a night that moved, where nothing is deleted": {"", conflict("score"), []exporter.Record{night("7", day(9), 80), night("7", day(9).Add(time.Hour), 81)}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, c.deletes)
			k.db.On(write, c.refuses)
			var last exporter.Batch
			for _, r := range c.puts {
				last = exporter.Batch{Service: r.Service, Records: []exporter.Record{r}}
				k.put(last)
			}
			k.later(2 * time.Second)
			if got := k.Taken(last).Records; len(got) != 1 || len(got[0].Readings) > 0 {
				t.Errorf("of what was rejected is taken %+v", got)
			}
			if got := k.Refused(); len(got) != 1 || got[0].Readings != 1 {
				t.Errorf("rejected is %+v, want one reading", got)
			}
		})
	}
}

func TestReopeningASpanLetsItBeWrittenAgain(t *testing.T) {
	k := newDesk(t, "v2")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	k.covered(exporter.Measure)
	if err := k.Reopen(exporter.Span{From: day(2), To: day(5)}); err != nil {
		t.Fatal(err)
	}
	missing := k.Missing(exporter.Measure, all)
	if len(missing) != 1 || !missing[0].From.Equal(day(2)) || !missing[0].To.Equal(day(5)) {
		t.Errorf("missing is %v, want the span", missing)
	}
	sent := k.db.Requests(write)
	k.put(batch(weighIn("1", day(3), 70_000)))
	if k.db.Requests(write) == sent {
		t.Error("what was acknowledged before is not written again")
	}
	if err := k.Cover(t.Context(), asSafe(exporter.Measure, exporter.Span{From: day(2), To: day(5)}), nil); err != nil {
		t.Fatal(err)
	}
	if missing := k.Missing(exporter.Measure, all); len(missing) != 0 {
		t.Errorf("missing is %v", missing)
	}
}

// TestADatabaseThatLostWhatItAcknowledgedIsFilledAgain drops, restores and empties
// one behind the back of a serve.
func TestADatabaseThatLostWhatItAcknowledgedIsFilledAgain(t *testing.T) {
	for name, lose := range map[string]func(*rude.Peer){
		"dropped and made again": (*rude.Peer).Drop,
		"restored from an older backup": func(p *rude.Peer) {
			p.DropIf(func(l rude.Line) bool { return !l.Time.Before(day(12)) })
		},
		"emptied of old points": func(p *rude.Peer) {
			p.DropIf(func(l rude.Line) bool { return l.Time.Before(day(12)) })
		},
	} {
		for _, server := range []string{"v1", "v2"} {
			t.Run(name+" "+server, func(t *testing.T) {
				k := newDesk(t, server)
				records := []exporter.Record{weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000), weighIn("3", day(19), 72_000)}
				k.put(batch(records...), batch(night("7", day(9), 80)))
				k.covered(exporter.Measure)
				k.covered(exporter.Sleep)
				k.ready()
				if got := k.Progress(exporter.Measure); !got.Updated.Equal(day(20)) {
					t.Fatalf("with everything there, the cursor moves to %+v", got)
				}
				lose(k.db)
				k.later(2 * lookEvery)
				k.ready()
				if got := k.Progress(exporter.Measure); !got.Updated.IsZero() || !got.Success.IsZero() {
					t.Errorf("the cursor of measures is %+v, want everything to be read again", got)
				}
				if got := k.Progress(exporter.Sleep); got.Updated.Year() != 1970 || got.Done {
					t.Errorf("the cursor of nights is %+v, want one that years come by", got)
				}
				if missing := k.Missing(exporter.Sleep, all); len(missing) != 1 || missing[0] != all {
					t.Errorf("a backfill would find missing %v, want all", missing)
				}
				k.put(batch(records...), batch(night("7", day(9), 80)))
				k.want("body weight_grams 3 = 70000", "body weight_grams 10 = 71000", "body weight_grams 19 = 72000", "sleep score 9 = 80")
				k.later(2 * lookEvery)
				k.ready()
				if got := k.log.String(); strings.Count(got, "no longer has points") != 1 {
					t.Errorf("want one line in the log: %s", got)
				}
			})
		}
	}
}

func TestADatabaseThatCannotBeAskedHasLostNothing(t *testing.T) {
	for name, b := range map[string]rude.Behaviour{
		"no InfluxQL":     rude.Status(http.StatusNotFound),
		"may not be read": rude.Say(http.StatusOK, "application/json", `{"results":[{"statement_id":0,"error":"database not found: health"}]}`),
		"a web page":      rude.Login,
		"VictoriaMetrics": rude.Victoria,
		"nothing":         rude.Say(http.StatusOK, "application/json", `{"results":[]}`),
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.put(batch(weighIn("1", day(3), 70_000)))
			k.covered(exporter.Measure)
			k.db.Drop()
			k.db.On("/query", b)
			k.later(2 * lookRarely)
			k.ready()
			if got := k.Progress(exporter.Measure); !got.Updated.Equal(day(20)) {
				t.Errorf("the cursor is %+v", got)
			}
		})
	}
}

// TestWhatARetentionPolicyTakesAwayIsNotLost has a server that refuses what is
// older than a week, and drops what becomes so.
func TestWhatARetentionPolicyTakesAwayIsNotLost(t *testing.T) {
	k := newDesk(t, "v2")
	k.now = day(12)
	k.db.On(write, before(5))
	k.put(batch(weighIn("1", day(4), 70_000), weighIn("2", day(6), 71_000), weighIn("3", day(11), 72_000)))
	k.covered(exporter.Measure)
	k.later(3 * 24 * time.Hour)
	k.db.On(write, before(8))
	k.db.DropIf(func(l rude.Line) bool { return l.Time.Before(day(8)) })
	k.ready()
	if got := k.log.String(); strings.Contains(got, "no longer has") {
		t.Errorf("logged %s", got)
	}
}

func TestWhatIsTakenAgainIsReadFromItsEarliestChangeOn(t *testing.T) {
	for name, c := range map[string]struct {
		changes []time.Time
		want    time.Time
	}{
		"the first":        {[]time.Time{day(3), day(7)}, day(3)},
		"the last":         {[]time.Time{day(7), day(3)}, day(3)},
		"one is not known": {[]time.Time{day(7), {}, day(3)}, time.Unix(1, 0)},
	} {
		var of chapter
		of.Updated = day(20)
		for i, changed := range c.changes {
			of.note(&job{refused: []refusal{{Reason: fmt.Sprint(i), Changed: changed}}})
		}
		of.again(exporter.Measure)
		if !of.Updated.Equal(c.want) || len(of.Refused) > 0 {
			t.Errorf("%s: it is read from %s on, want %s", name, of.Updated, c.want)
		}
	}
}

// TestOneCauseOfRejectedPointsIsOneLine of the log, however many services and people it concerns, and fields a point has.
func TestOneCauseOfRejectedPointsIsOneLine(t *testing.T) {
	long := night("7", day(4), 80)
	for _, name := range []string{"sleep_deep_seconds", "sleep_light_seconds", "sleep_rem_seconds", "sleep_total_seconds", "sleep_wakeups"} {
		long.Readings = append(long.Readings, exporter.Reading{Metric: exporter.ByName(name), Value: exporter.Integer(1)})
	}
	for name, c := range map[string]struct {
		behaviour rude.Behaviour
		lines     int
	}{"retention": {before(9), 1}, "a field of each of two measurements": {rude.Write("1.8: field type conflict").Lines(func(rude.Line) bool { return true }), 2}} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			ben := NewSink(SinkOptions{Writer: k.writer, Dir: k.dir, Profile: "Ben", Log: k.logger(), Owner: func() string { return "2" }, Now: func() time.Time { return k.now }})
			k.put(batch(weighIn("0", day(12), 70_000))) // so that it is known to store points
			k.db.On(write, c.behaviour)
			for _, sink := range []*Sink{k.Sink, ben} {
				if err := sink.Put(t.Context(), batch(long, night("8", day(5), 81)), batch(weighIn("1", day(3), 70_000), weighIn("2", day(4), 71_000))); err != nil {
					t.Fatal(err)
				}
			}
			log := k.log.String()
			if n := strings.Count(log, "level=ERROR"); n != c.lines || strings.Contains(log, "wakeups") || c.lines > 1 && !strings.Contains(log, " more\"") {
				t.Errorf("%d lines:\n%s", n, log)
			}
			for line := range strings.Lines(log) {
				if len(line) > 650 {
					t.Errorf("a line of %d characters: %s", len(line), line)
				}
			}
		})
	}
}
