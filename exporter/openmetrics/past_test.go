package openmetrics

import (
	"testing"

	"withings-exporter/exporter"
)

func TestTheLastVersionOfARecordCounts(t *testing.T) {
	weight := group("1", "2020-01-01 07:00", is("weight_grams", "70000"))
	night := session("7", "2020-01-02", "2020-01-01 22:30", "2020-01-02 06:30", "81")
	moved := changed(session("7", "2020-01-02", "2020-01-01 23:00", "2020-01-02 07:00", "85"), "2020-01-02 09:00", is("sleep_score", "85"))
	other := changed(session("7", "2020-01-03", "2020-01-02 23:00", "2020-01-03 07:00", "85"), "2020-01-04 09:00", is("sleep_score", "86"))
	for _, c := range []struct {
		name    string
		batches []exporter.Batch
		want    []string
	}{
		{"revised value", []exporter.Batch{batch(weight), batch(changed(weight, "2020-01-03 08:00", is("weight_grams", "71000")))},
			[]string{"weight_grams 71000 @ 2020-01-01 07:00"}},
		{"an older version after a newer", []exporter.Batch{batch(changed(weight, "2020-01-03 08:00", is("weight_grams", "71000"))), batch(weight)},
			[]string{"weight_grams 71000 @ 2020-01-01 07:00"}},
		{"a reading less", []exporter.Batch{
			batch(changed(weight, "2020-01-01 08:00", is("weight_grams", "1"), is("fat_ratio", "0.3"))), batch(changed(weight, "2020-01-01 09:00", is("weight_grams", "1")))},
			[]string{"weight_grams 1 @ 2020-01-01 07:00"}},
		{"moved night", []exporter.Batch{batch(night), batch(moved)},
			[]string{"sleep_naps 0 @ 2020-01-02 07:00", "sleep_naps_seconds 0 @ 2020-01-02 07:00", "sleep_score 85 @ 2020-01-02 07:00"}},
		{"night moved to another date", []exporter.Batch{batch(other), batch(night), batch(moved)},
			[]string{"sleep_naps 0 @ 2020-01-03 07:00", "sleep_naps_seconds 0 @ 2020-01-03 07:00", "sleep_score 86 @ 2020-01-03 07:00"}},
		{"deleted night", []exporter.Batch{batch(night), batch(changed(night, "2020-01-05 08:00"))}, nil},
		{"deleted night, and back again", []exporter.Batch{batch(night), batch(changed(night, "2020-01-05 08:00")), batch(night)},
			[]string{"sleep_naps 0 @ 2020-01-02 06:30", "sleep_naps_seconds 0 @ 2020-01-02 06:30", "sleep_score 81 @ 2020-01-02 06:30"}},
		{"a night of which nothing can be read", []exporter.Batch{batch(night), batch(damaged(moved))},
			[]string{"sleep_naps 0 @ 2020-01-02 06:30", "sleep_naps_seconds 0 @ 2020-01-02 06:30", "sleep_score 81 @ 2020-01-02 06:30"}},
		{"a weigh-in of which something can be read", []exporter.Batch{batch(changed(weight, "2020-01-01 08:00", is("weight_grams", "1"), is("fat_ratio", "0.3"))),
			batch(damaged(changed(weight, "2020-01-01 09:00", is("weight_grams", "2")), is("weight_grams", "2")))},
			[]string{"fat_ratio 0.3 @ 2020-01-01 07:00", "weight_grams 2 @ 2020-01-01 07:00"}},
		{"only an id is left", []exporter.Batch{batch(weight), batch(exporter.Record{Service: exporter.Measure, ID: "1", Damaged: true})},
			[]string{"weight_grams 70000 @ 2020-01-01 07:00"}},
		{"naps of a date whose sessions are all gone", []exporter.Batch{exporter.NewCompleter(nil).Complete(batch(night)), batch(changed(night, "2020-01-05 08:00"))}, nil},
		{"measure and objective of one id", []exporter.Batch{batch(weight),
			batch(exporter.Record{Service: exporter.Objective, ID: "1", Start: at("2020-01-01 07:00"), End: at("2020-01-01 07:00"), Readings: []exporter.Reading{is("objective_weight_grams", "65000")}})},
			[]string{"objective_weight_grams 65000 @ 2020-01-01 07:00", "weight_grams 70000 @ 2020-01-01 07:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _ := written(t, Options{}, spoolOf(t, "Anna", c.batches...))
			expect(t, text, c.want...)
		})
	}
}

// damaged is a version of a record of which only some readings could be read.
func damaged(r exporter.Record, readings ...exporter.Reading) exporter.Record {
	r.Readings, r.Damaged = readings, true
	return r
}

func TestWhatAWholeAnswerNoLongerTellsOfIsGone(t *testing.T) {
	one := group("1", "2020-01-01 07:00", is("weight_grams", "1"))
	two := group("2", "2020-01-02 07:00", is("weight_grams", "2"))
	both := []string{"weight_grams 1 @ 2020-01-01 07:00", "weight_grams 2 @ 2020-01-02 07:00"}
	newer := changed(one, "2020-01-09 07:00", is("weight_grams", "9"))
	for _, c := range []struct {
		name    string
		batches []exporter.Batch
		want    []string
	}{
		{"both told", []exporter.Batch{batch(one, two), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00", two, one)}, both},
		{"one not told", []exporter.Batch{batch(one, two), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00", one)}, both[:1]},
		{"nothing told", []exporter.Batch{batch(one, two), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00")}, nil},
		{"outside the span", []exporter.Batch{batch(one, two), wholeBatch(exporter.Measure, "2020-01-02 00:00", "2020-01-03 00:00")}, both[:1]},
		{"of another service", []exporter.Batch{batch(one, two), wholeBatch(exporter.Objective, "2020-01-01 00:00", "2020-01-03 00:00")}, both},
		{"told again later", []exporter.Batch{batch(one, two), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00"), batch(two, one)}, both},
		{"an older version told keeps the newer", []exporter.Batch{batch(newer), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00", one)},
			[]string{"weight_grams 9 @ 2020-01-01 07:00"}},
		{"an older version after it was gone counts", []exporter.Batch{batch(newer), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00"), batch(one)}, both[:1]},
		{"a wider span later", []exporter.Batch{batch(one), wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-02 00:00"), batch(two),
			wholeBatch(exporter.Measure, "2019-01-01 00:00", "2021-01-01 00:00", two)}, both[1:]},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _ := written(t, Options{}, spoolOf(t, "Anna", c.batches...))
			expect(t, text, c.want...)
		})
	}
}

func TestOfTwoValuesAtOneMomentTheOneChangedLaterCounts(t *testing.T) {
	one := group("9", "2020-01-01 07:00", is("weight_grams", "1"))
	two := group("10", "2020-01-01 07:00", is("weight_grams", "2"))
	for _, c := range []struct {
		name    string
		records []exporter.Record
		want    string
	}{
		{"the higher id", []exporter.Record{one, two}, "2"},
		{"the higher id, told first", []exporter.Record{two, one}, "2"},
		{"changed later", []exporter.Record{changed(one, "2020-01-02 00:00", is("weight_grams", "3")), two}, "3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, sum := written(t, Options{}, spoolOf(t, "Anna", batch(c.records...)))
			expect(t, text, "weight_grams "+c.want+" @ 2020-01-01 07:00")
			if sum.Samples != 1 || sum.Groups[exporter.GroupBody].Samples != 1 {
				t.Errorf("got %d samples, want 1", sum.Samples)
			}
		})
	}
}

func TestANightIsItsLongestSessionWithTheOthersAsNaps(t *testing.T) {
	text, sum := written(t, Options{}, spoolOf(t, "Anna",
		batch(session("3", "2020-01-02", "2020-01-02 14:00", "2020-01-02 14:30", "20")),
		batch(session("4", "2020-01-03", "2020-01-02 22:00", "2020-01-03 05:00", "60"),
			session("7", "2020-01-02", "2020-01-01 22:30", "2020-01-02 06:30", "81"),
			session("8", "2020-01-02", "2020-01-01 22:40", "2020-01-02 06:00", "70")),
	))
	expect(t, text,
		"sleep_naps 1 @ 2020-01-02 06:30", "sleep_naps 0 @ 2020-01-03 05:00",
		"sleep_naps_seconds 1800 @ 2020-01-02 06:30", "sleep_naps_seconds 0 @ 2020-01-03 05:00",
		"sleep_score 81 @ 2020-01-02 06:30", "sleep_score 60 @ 2020-01-03 05:00",
	)
	if sum.Records != 4 {
		t.Errorf("got %d records, want 4", sum.Records)
	}
}

func TestADayShowsAsYesterdayFromTheMidnightAfterIt(t *testing.T) {
	vienna, phoenix := zone("Europe/Vienna"), zone("America/Phoenix")
	steps := is("activity_steps", "5000")
	undated := day("2020-03-29", vienna, steps)
	undated.Date = ""
	saved := day("2020-03-29", vienna, steps)
	saved.Start = saved.Start.UTC()
	for _, c := range []struct {
		name     string
		r        exporter.Record
		timezone string
		want     string
	}{
		{"an ordinary day", day("2020-01-10", vienna, steps), "Europe/Vienna", "2020-01-10 23:00"},
		{"of 23 hours", day("2020-03-29", vienna, steps), "Europe/Vienna", "2020-03-29 22:00"},
		{"of 25 hours", day("2020-10-25", vienna, steps), "Europe/Vienna", "2020-10-25 23:00"},
		{"abroad", day("2020-03-29", phoenix, steps), "Europe/Vienna", "2020-03-30 07:00"},
		{"without its zone", saved, "Europe/Vienna", "2020-03-29 22:00"},
		{"without any zone", saved, "", "2020-03-29 23:00"},
		{"in an unknown zone", saved, "Europe/Atlantis", "2020-03-29 23:00"},
		{"without a date", undated, "Europe/Vienna", "2020-03-29 23:00"},
		{"where midnight is skipped", day("2018-11-03", zone("America/Sao_Paulo"), steps), "", "2018-11-04 03:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _ := written(t, Options{}, spoolOf(t, "Anna", exporter.Batch{Service: exporter.Activity, Timezone: c.timezone, Records: []exporter.Record{c.r}}))
			expect(t, text, `activity_steps{day="yesterday"} 5000 @ `+c.want)
		})
	}
}

func TestTodayIsLeftOut(t *testing.T) {
	vienna := zone("Europe/Vienna")
	text, _ := written(t, Options{}, spoolOf(t, "Anna", batch(
		day("2026-07-13", vienna, is("activity_steps", "1")), day("2026-07-14", vienna, is("activity_steps", "2")))))
	expect(t, text, `activity_steps{day="yesterday"} 1 @ 2026-07-13 22:00`)
}

func TestLabelsAreSortedAndWithoutEmptyOnes(t *testing.T) {
	s := exporter.Sample{Metric: exporter.ByName("device_info"), Labels: exporter.LabelValues("id", "", "Body+", "5", "Europe/Vienna")}
	want := `{profile="Anna",device="id",model="Body+",model_id="5",timezone="Europe/Vienna"}`
	if got := string(appendLabels(nil, "Anna", s)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
