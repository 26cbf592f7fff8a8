package daemon

import (
	"math"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
)

func TestGlancesRoundTheDecimalNotTheFloat(t *testing.T) {
	shown := map[string]func(exporter.Decimal) string{}
	for _, g := range glances {
		shown[g.metric] = g.show
	}
	for _, c := range []struct {
		metric string
		value  string
		want   string
	}{
		{"weight_grams", "87350", "87.4"}, // the float64 87.35 is a little less than that
		{"weight_grams", "72345", "72.3"},
		{"weight_grams", "68050", "68.1"},
		{"fat_ratio", "0.2685", "26.9"}, // times 100 it is 26.849999999999998
		{"fat_ratio", "0.268", "26.8"},
		{"fat_ratio", "0.2605", "26.1"},
		{"systolic_blood_pressure_mmhg", "120.5", "121"},
		{"sleep_score", "0", "0"},
		{"activity_steps", "12345", "12,345"},
		{"sleep_total_seconds", "25559", "7:05"},
		{"in_bed", "0", "no"},
		{"in_bed", "1", "yes"},
	} {
		value, err := exporter.ParseDecimal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown[c.metric](value); got != c.want {
			t.Errorf("%s of %v is shown as %s, want %s", c.metric, c.value, got, c.want)
		}
	}
}

// TestStepsOfTodayAreStillCounted looks at what the chart of each glance is told.
func TestStepsOfTodayAreStillCounted(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(20 * time.Minute)
		card := cardOf(w, "Anna")
		card.Fill(&card, true)
		drawn := 0
		for _, r := range card.Readings {
			if r.Chart == nil {
				continue
			}
			drawn++
			if got, want := r.Chart().Counting, r.Label == "Steps today"; got != want {
				t.Errorf("%s: counting is %v, want %v", r.Label, got, want)
			}
		}
		if drawn < 2 {
			t.Errorf("only %d charts", drawn)
		}
	})
}

// TestDaysOfAChartAreWrittenAsTheValueIs looks at those of a weight.
func TestDaysOfAChartAreWrittenAsTheValueIs(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(20 * time.Minute)
		card := cardOf(w, "Anna")
		card.Fill(&card, true)
		for _, r := range card.Readings {
			if r.Label != "Weight" {
				continue
			}
			for _, d := range r.Chart().Days {
				if want := decimals(exporter.Integer(int64(math.Round(d.Value))), -3, 1); d.Known && d.Text != want {
					t.Errorf("%v is %s, want %s", d.Value, d.Text, want)
				}
			}
			return
		}
		t.Error("no weight is drawn")
	})
}

// TestABloodPressureIsOneReading has a lower one come alone, an upper one, or none, after both: what belongs to two readings is
// never written as one, on the card and in its chart.
func TestABloodPressureIsOneReading(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	upper, lower := exporter.ByName("systolic_blood_pressure_mmhg"), exporter.ByName(diastolic)
	read := func(hour int, readings ...exporter.Reading) exporter.Record {
		at := time.Date(2026, 7, 15, hour, 0, 0, 0, time.UTC)
		return exporter.Record{ID: at.String() + readings[0].Metric.Name, Service: exporter.Measure, Start: at, End: at, Modified: at, Readings: readings}
	}
	is := func(m *exporter.Metric, value int64) exporter.Reading {
		return exporter.Reading{Metric: m, Value: exporter.Integer(value)}
	}
	yesterday := read(-18, is(upper, 130), is(lower, 85))
	for _, c := range []struct {
		name, card, last, lowest string
		after                    []exporter.Record
	}{
		{"both", "125/82", "125/82", "82–85", nil},
		{"the lower one alone", "125/82", "125/82", "82–85", []exporter.Record{read(7, is(lower, 60))}},
		{"the upper one alone", "140", "140", "85", []exporter.Record{read(7, is(upper, 140))}},
		{"at one moment", "140/90", "140/90", "85–90", []exporter.Record{read(7, is(upper, 140)), read(7, is(lower, 90))}},
	} {
		s := exporter.NewState("Anna", nil)
		s.Apply(exporter.Batch{Service: exporter.Measure, Records: append([]exporter.Record{yesterday, read(6, is(upper, 125), is(lower, 82))}, c.after...)})
		got := glance(s, s.Snapshot(now).Samples, now)
		if len(got) != 1 || got[0].Value != c.card {
			t.Errorf("%s: the card has %+v, want %s", c.name, got, c.card)
			continue
		}
		drawn := got[0].Chart()
		if text := drawn.Description(); !strings.Contains(text, "last "+c.last+" mmHg on 15 July") || !strings.HasSuffix(drawn.Range(), "/"+c.lowest) {
			t.Errorf("%s: the chart says %s; %s; want last %s, and %s", c.name, text, drawn.Range(), c.last, c.lowest)
		}
	}
}
