package daemon

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// TestGaugesOfMinutesAreTheLatestOfEachDevice compares them with what the simulator
// has, for each way in which the reference leaves the calls open.
func TestGaugesOfMinutesAreTheLatestOfEachDevice(t *testing.T) {
	for name, switches := range testrun.FewOf(map[string]simulator.Switches{
		"as it most likely is":             {},
		"long ranges are refused":          {RefuseLongSleep: true},
		"a mat of the special plan":        {SleepRx: true},
		"minutes contradict their summary": {NightsDisagree: true},
		"nothing is an array":              {EmptySeriesAsArray: true},
	}) {
		t.Run(name, func(t *testing.T) {
			stage.InWorldPolled(t, 20*time.Minute, switches, func(w *stage.World) {
				latest(w)
				w.Pass(26 * time.Hour) // a night later
				latest(w)
			})
		})
	}
}

// latest compares what is shown of minutes with the truth. Samples of the last hour and
// a half need not be there, since they may have arrived after the last poll.
func latest(w *stage.World) {
	w.T.Helper()
	shown := w.Series()
	for _, p := range w.Sim.People() {
		newest := map[string]time.Time{}
		value := map[string]float64{}
		for _, point := range truth.Minutes(w.Sim, p, stage.CloudStart.Add(-23*time.Hour), w.Sim.Now()) {
			name := gauge(point)
			if point.Time.Before(w.Sim.Now().Add(-90 * time.Minute)) {
				newest[name] = exporter.Later(newest[name], point.Time)
			}
			value[name+" "+fmt.Sprint(point.Time.Unix())], _ = point.Value.Float64()
		}
		if len(newest) == 0 && p.Name != "Carla" {
			w.T.Errorf("%s has no minutes", p.Name)
		}
		for name, at := range newest {
			metric, labels, _ := strings.Cut(name, "{")
			measured := shown[fmt.Sprintf("withings_measured_timestamp_seconds{metric=%s,%s", strings.TrimPrefix(metric, exporter.Prefix), labels)]
			is, there := shown[name]
			want, known := value[name+" "+fmt.Sprint(int64(measured))]
			if !there || !known || math.Abs(is-want) > 1e-9 || time.Unix(int64(measured), 0).Before(at) {
				w.T.Errorf("%s: %s is %v, there: %v, of %s; want %v, the newest is of %s", w.Sim.Now().Format(time.DateTime), name, is, there,
					time.Unix(int64(measured), 0).UTC().Format(time.DateTime), want, at.Format(time.DateTime))
			}
		}
	}
}

// gauge is the name of a point on /metrics.
func gauge(p tally.Point) string {
	p = truth.Series(p)
	if model := p.Tags["model"]; model != "" {
		return p.Field + "{model=" + model + ",profile=" + p.Tags["profile"] + "}"
	}
	return p.Field + "{profile=" + p.Tags["profile"] + "}"
}

// TestTheSleepStateIsShownInTheMorningAndNotInTheEvening is the state of the last
// minute of the night, at nine and at nine.
func TestTheSleepStateIsShownInTheMorningAndNotInTheEvening(t *testing.T) {
	stage.InWorldPolled(t, 20*time.Minute, simulator.Switches{}, func(w *stage.World) {
		states := func() (ones, zeros int) {
			for name, value := range w.Series() {
				switch {
				case !strings.HasPrefix(name, "withings_sleep_state{profile=Anna,"):
				case value == 1:
					ones++
				default:
					zeros++
				}
			}
			return ones, zeros
		}
		if ones, zeros := states(); ones != 1 || zeros != 6 {
			t.Errorf("in the morning %d states are 1 and %d are 0, want one and six", ones, zeros)
		}
		w.Pass(12 * time.Hour)
		if ones, zeros := states(); ones+zeros > 0 {
			t.Errorf("in the evening %d states are shown", ones+zeros)
		}
		if !hasPrefix(w.Series(), "withings_sleep_minute_state{") {
			t.Error("in the evening the state of the newest minute is gone, too")
		}
	})
}

// TestMinutesCostFewRequests counts those of a day in which people walk, sleep and
// weigh themselves, polled every ten minutes: the samples are asked for when a day has grown.
func TestMinutesCostFewRequests(t *testing.T) {
	testrun.Unraced(t, "a day of what the tests of polls have hours of")
	stage.InWorldPolled(t, 10*time.Minute, simulator.Switches{}, func(w *stage.World) {
		w.Pass(24 * time.Hour)
		for _, name := range []string{"Anna", "Ben", "Carla"} {
			days, nights := w.Sim.Count("getactivity", w.ID(name), 0), w.Sim.Count("getsummary", w.ID(name), 0)
			samples, minutes := w.Sim.Count("getintradayactivity", w.ID(name), 0), w.Sim.Count("get", w.ID(name), 0)
			if polls := 24 * 6; samples > days || samples > polls*3/4 || minutes > 40 {
				t.Errorf("%s: %d requests for days, %d for samples; %d for nights, %d for minutes", name, days, samples, nights, minutes)
			}
		}
	})
}
