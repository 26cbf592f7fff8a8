package daemon

import (
	"math"
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

// TestDaysOfAChartAreWrittenAsTheValueIs, and the two blood pressures are one only if they were measured together.
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
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for apart, want := range map[time.Duration]string{0: "120/80", time.Minute: "120"} {
		samples := []exporter.Sample{
			{Metric: exporter.ByName("systolic_blood_pressure_mmhg"), Value: exporter.Integer(120), Measured: now},
			{Metric: exporter.ByName(diastolic), Value: exporter.Integer(80), Measured: now.Add(apart)},
		}
		if got := glance(exporter.NewState("Anna", nil), samples, now); len(got) != 1 || got[0].Value != want {
			t.Errorf("measured %v apart they are %+v, want %s", apart, got, want)
		}
	}
}
