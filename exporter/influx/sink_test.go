package influx

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

func TestWritingAgainChangesNothingAndCorrectionsOverwrite(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	k.want("body weight_grams 3 = 70000", "body weight_grams 10 = 71000")
	if k.db.Requests(write) != 1 {
		t.Errorf("%d writes, want one: what is known to be there is not sent again", k.db.Requests(write))
	}
	k.put(batch(weighIn("1", day(3), 70_500)))
	k.want("body weight_grams 3 = 70500", "body weight_grams 10 = 71000")
}

func TestEveryReadingOfARecordIsAFieldOrAPointOfItsOwn(t *testing.T) {
	k := newDesk(t, "v1")
	r := weighIn("1", day(3), 72_345)
	muscle := exporter.ByName("segment_muscle_mass_grams")
	fat, _ := exporter.ParseDecimal("0.268")
	r.Readings = append(r.Readings,
		exporter.Reading{Metric: exporter.ByName("fat_ratio"), Value: fat},
		exporter.Reading{Metric: muscle, Labels: exporter.LabelValues("left_arm"), Value: exporter.Integer(3100)},
		exporter.Reading{Metric: muscle, Labels: exporter.LabelValues("torso"), Value: exporter.Integer(31_240)})
	k.put(batch(r))
	want := strings.Join([]string{
		"withings_body,position=left_arm,profile=Anna segment_muscle_mass_grams 1767423600 = 3100",
		"withings_body,position=torso,profile=Anna segment_muscle_mass_grams 1767423600 = 31240",
		"withings_body,profile=Anna fat_ratio 1767423600 = 0.268",
		"withings_body,profile=Anna weight_grams 1767423600 = 72345"}, "\n")
	if got := k.has(); got != want {
		t.Errorf("stored is\n%s\nwant\n%s", got, want)
	}
	if k.counted[ResultWritten] != 3 {
		t.Errorf("%d points counted, want 3", k.counted[ResultWritten])
	}
}

func TestANightWhoseStartHasMovedIsThereOnce(t *testing.T) {
	for _, deletes := range []string{"v1", "v2"} {
		t.Run(deletes, func(t *testing.T) {
			k := newDesk(t, deletes)
			k.put(batch(night("7", day(9), 80), night("8", day(10), 70)))
			k.put(batch(night("7", day(9).Add(-time.Hour), 82)))
			k.want("sleep score 9 = 82 -1", "sleep score 10 = 70")
			k.open() // the same after a restart
			k.put(batch(night("7", day(9).Add(time.Hour), 83)))
			k.want("sleep score 9 = 83 1", "sleep score 10 = 70")
		})
	}
	t.Run("a server that cannot delete keeps the first moment", func(t *testing.T) {
		k := newDesk(t, "")
		k.put(batch(night("7", day(9), 80)))
		k.put(batch(night("7", day(9).Add(time.Hour), 82)))
		k.want("sleep score 9 = 82")
		k.put(batch(night("7", day(9).Add(2*time.Hour), 84)))
		k.want("sleep score 9 = 84")
		if got := k.log.String(); strings.Count(got, "cannot delete points now") != 1 {
			t.Errorf("logged %s", got)
		}
	})
}

func TestWhatHasVanishedAtWithingsVanishes(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000), weighIn("3", day(19), 72_000)))
	b := batch(weighIn("1", day(3), 70_000))
	b.Whole = &exporter.Span{From: day(1), To: day(15)}
	k.put(b)
	k.want("body weight_grams 3 = 70000", "body weight_grams 19 = 72000")
	k.put(batch(exporter.Record{Service: exporter.Measure, ID: "3", Start: day(19), End: day(19)}))
	k.want("body weight_grams 3 = 70000")
}

func TestARecordThatSharedItsMomentWithADeletedOneIsWrittenAgain(t *testing.T) {
	k := newDesk(t, "v1")
	fat := weighIn("2", day(3), 0)
	fat.Readings = []exporter.Reading{{Metric: exporter.ByName("fat_ratio"), Value: exporter.Integer(1)}}
	k.put(batch(weighIn("1", day(3), 70_000), fat))
	if err := k.Advance(exporter.Measure, func(p *exporter.Progress) { p.Reread = day(19) }); err != nil {
		t.Fatal(err)
	}
	k.put(batch(exporter.Record{Service: exporter.Measure, ID: "1", Start: day(3), End: day(3)}))
	k.want() // one point held both
	if !k.Progress(exporter.Measure).Reread.IsZero() {
		t.Error("the window is not asked for again")
	}
	k.put(batch(fat))
	k.want("body fat_ratio 3 = 1")
}

func TestAFieldThatIsGoneIsGone(t *testing.T) {
	k := newDesk(t, "v1")
	r := weighIn("1", day(3), 70_000)
	r.Readings = append(r.Readings, exporter.Reading{Metric: exporter.ByName("fat_ratio"), Value: exporter.Integer(1)})
	k.put(batch(r))
	k.put(batch(weighIn("1", day(3), 70_000)))
	k.want("body weight_grams 3 = 70000")
}

func TestAGoalIsWrittenWhenItChanges(t *testing.T) {
	k := newDesk(t, "v1")
	goal := func(at time.Time, steps int64) exporter.Batch {
		return exporter.Batch{Service: exporter.Goal, Whole: exporter.Always(), Records: []exporter.Record{{
			Service: exporter.Goal, ID: "steps", Start: at, End: at,
			Readings: []exporter.Reading{{Metric: exporter.ByName("goal_steps"), Value: exporter.Integer(steps)}}}}}
	}
	k.put(goal(day(1), 8000))
	k.put(goal(day(2), 8000))
	k.open()
	k.put(goal(day(3), 8000))
	k.put(goal(day(4), 9000))
	k.put(goal(day(5), 9000))
	k.want("activity goal_steps 1 = 8000", "activity goal_steps 4 = 9000")
}

// TestADeviceWithoutASessionIsWrittenAsOfNow has a sleep mat, of which Withings names neither battery nor session.
func TestADeviceWithoutASessionIsWrittenAsOfNow(t *testing.T) {
	k := newDesk(t, "v1")
	mat := func(model string, session time.Time) exporter.Batch {
		return exporter.Batch{Service: exporter.Device, Whole: exporter.Always(), Records: []exporter.Record{{
			Service: exporter.Device, ID: "d", Start: time.Unix(0, 0), End: session,
			Readings: []exporter.Reading{{Metric: exporter.ByName("device_info"), Value: exporter.Integer(1), Labels: exporter.LabelValues("d", "Sleep Monitor", model, "63", "")}}}}}
	}
	want := func(days ...int) {
		t.Helper()
		var at []string
		for _, n := range days {
			at = append(at, fmt.Sprintf("info %d = 1", day(n).Unix()))
		}
		var got []string
		for line := range strings.Lines(k.has()) {
			got = append(got, line[strings.Index(line, "info "):])
		}
		if has := strings.ReplaceAll(strings.Join(got, ""), "\n", ", "); has != strings.Join(at, ", ") {
			t.Errorf("stored is %s, want %s", has, strings.Join(at, ", "))
		}
	}
	k.put(mat("Mat", time.Unix(0, 0)))
	k.later(24 * time.Hour)
	k.put(mat("Mat", time.Unix(0, 0)))
	k.open()
	k.put(mat("Mat", time.Unix(0, 0)))
	want(20)
	k.put(mat("Other", time.Unix(0, 0)))
	want(20, 21)
	k.put(mat("Other", day(22)))
	want(20, 21, 22)
}

func TestWhenTheAnswerIsLostNothingIsDoubled(t *testing.T) {
	k := newDesk(t, "v1")
	k.db.On(write, rude.Lost(rude.Influx1))
	if err := k.Put(t.Context(), batch(night("7", day(9), 80))); err == nil {
		t.Fatal("a write without an answer counts as done")
	}
	k.db.Set(rude.Influx1)
	k.open() // the process has died, and meanwhile the night was worked over
	k.put(batch(night("7", day(9).Add(time.Hour), 82)))
	k.want("sleep score 9 = 82 1")
}

func TestTheCursorIsSafeBeforeItCounts(t *testing.T) {
	k := newDesk(t, "v1")
	move := func(p *exporter.Progress) { p.Updated, p.Success = day(4), day(5) }
	if err := k.Advance(exporter.Measure, move); err != nil {
		t.Fatal(err)
	}
	k.open()
	if got := k.Progress(exporter.Measure); !got.Updated.Equal(day(4)) || !got.Success.Equal(day(5)) {
		t.Errorf("after a restart the cursor is %+v", got)
	}
	before, _ := os.Stat(k.file())
	if err := k.Advance(exporter.Measure, func(p *exporter.Progress) { p.Success = day(6) }); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(k.file())
	if !k.Progress(exporter.Measure).Success.Equal(day(6)) || !os.SameFile(before, after) {
		t.Error("the time of the last success is wrong, or was worth a write to the disk")
	}
}

func TestTwoProcessesShareALedger(t *testing.T) {
	k := newDesk(t, "v1")
	first := k.Sink
	k.open()
	if err := first.Cover(t.Context(), asSafe(exporter.Sleep, exporter.Span{From: day(1), To: day(5)}), nil); err != nil {
		t.Fatal(err)
	}
	if err := k.Cover(t.Context(), asSafe(exporter.Sleep, exporter.Span{From: day(5), To: day(9)}), nil); err != nil {
		t.Fatal(err)
	}
	if got := first.Missing(exporter.Sleep, exporter.Span{From: day(1), To: day(10)}); len(got) != 1 || !got[0].From.Equal(day(9)) {
		t.Errorf("missing is %v, want only the last day", got)
	}
}

func TestWhatIsSafeDependsOnThePerson(t *testing.T) {
	k := newDesk(t, "v1")
	if err := k.Advance(exporter.Measure, func(p *exporter.Progress) { p.Updated = day(4) }); err != nil {
		t.Fatal(err)
	}
	known := func() bool { k.open(); return !k.Progress(exporter.Measure).Updated.IsZero() }
	if !known() {
		t.Fatal("a restart forgets")
	}
	k.user = ""
	if !known() {
		t.Error("not knowing the person forgets")
	}
	k.user = "2"
	if known() {
		t.Error("another person is taken for the first")
	}
}

func TestADamagedLedgerIsKeptAndEverythingRecentIsWrittenAgain(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(weighIn("1", day(3), 70_000)))
	if err := os.WriteFile(k.file(), []byte(`{"version":1,"profile":"Anna","services":{"sleep":null}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	k.put(batch(weighIn("1", day(3), 70_000)))
	k.want("body weight_grams 3 = 70000")
	if got := k.log.String(); k.db.Requests(write) != 2 || !strings.Contains(got, ".damaged-") {
		t.Errorf("%d writes, logged %s", k.db.Requests(write), got)
	}
}

func TestTheLedgerForgetsOldRecords(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(weighIn("1", day(3), 70_000)))
	k.now = day(3).Add(40 * 24 * time.Hour)
	k.put(batch(weighIn("2", k.now, 71_000)))
	_ = k.Look(func(b *book) {
		if n := len(b.Of(exporter.Measure).Written); n != 1 {
			t.Errorf("%d records are remembered, want the new one", n)
		}
	})
}

func TestAnyProfileNameIsATagThatComesBack(t *testing.T) {
	for label, want := range map[string]string{
		"Anna Müller": `Anna\ Müller`, "a,b=c": `a\,b\=c`, `back\slash`: `back\slash`, `end\`: `end＼`, "two\nlines": `two\ lines`,
	} {
		if got := escape(label); got != want {
			t.Errorf("%q is the tag %q, want %q", label, got, want)
		}
	}
}

// TestALedgerOfVersion1IsReadAsItIs reads one that the exporter before the package
// ledger has written: of a person, with everything that may be in it.
func TestALedgerOfVersion1IsReadAsItIs(t *testing.T) {
	k := newDesk(t, "")
	data, err := os.ReadFile("testdata/ledger.json")
	if err != nil {
		t.Fatal(err)
	}
	data = []byte(strings.NewReplacer("6d180f88927adc99", exporter.CatalogID(), "http://localhost:8086/|any|health/autogen", k.writer.Target()).Replace(string(data)))
	if err := os.WriteFile(k.file(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := k.Progress(exporter.Measure); !p.Updated.Equal(day(20)) || !p.Back.Equal(day(1)) || !p.Done {
		t.Errorf("the cursor is %+v", p)
	}
	if missing := k.Missing(exporter.Measure, all); len(missing) != 1 || !missing[0].From.Equal(day(5)) || !missing[0].To.Equal(day(6)) {
		t.Errorf("missing is %v, want the open day", missing)
	}
	if held, _ := k.Vanishing(gone(exporter.Measure, 20)); held != 2 {
		t.Errorf("%d measures are remembered, want 2", held)
	}
	k.open()
	if notes := strings.Join(k.Notes(), "\n"); !strings.Contains(notes, "withings_sleep: "+ReasonConflict) || !strings.Contains(notes, "3 points") {
		t.Errorf("noted is %s", notes)
	}
	if err := k.Change(t.Context(), func(*book) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(k.file()); string(again) != string(data) {
		t.Errorf("it is saved as\n%s\nwant\n%s", again, data)
	}
}

// TestASinkMadeAfterAFailureMustSeeAWriteAcknowledged, as after a reload: the token may still be wrong.
func TestASinkMadeAfterAFailureMustSeeAWriteAcknowledged(t *testing.T) {
	k := newDesk(t, "v2")
	wrong := func(c *rude.Call) { c.Say(http.StatusUnauthorized, "application/json", `{"code":"unauthorized"}`) }
	for _, failed := range []bool{false, true} {
		k.db.On(write, wrong)
		sink := NewSink(SinkOptions{Writer: k.writer, Dir: k.dir, Profile: "Ben", Failed: failed, Log: k.logger(),
			Owner: func() string { return "2" }, Now: func() time.Time { return k.now }})
		if err := sink.Ready(t.Context()); (err != nil) != failed {
			t.Errorf("made after a failure: %v; before the database takes points it says %v", failed, err)
		}
		k.db.On(write, rude.Influx2)
		if err := sink.Ready(t.Context()); err != nil {
			t.Errorf("made after a failure: %v; of a database that takes points it says %v", failed, err)
		}
	}
}
