package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// curvesAsked is how many curves Withings was asked for.
func curvesAsked(w *stage.World) int {
	n := 0
	for _, r := range w.Sim.Requests() {
		if r.Service == "heart" && r.Action == "get" {
			n++
		}
	}
	return n
}

// record makes an ECG and waits until the exporter knows it.
func record(w *stage.World, name string, h simulator.Heart) (signal int64) {
	w.T.Helper()
	signal, err := w.Sim.AddRecording(w.ID(name), h)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Pass(6 * time.Minute)
	return signal
}

// refused is the problem with a drawing.
func refused(t *testing.T, err error) web.Problem {
	t.Helper()
	problem, ok := errors.AsType[*web.Problem](err)
	if !ok {
		t.Fatalf("the error is %v, which nobody is to see", err)
	}
	return *problem
}

func TestAnECGIsFetchedOnceAndDrawnForAnybodyWhoLooks(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		signal := record(w, "Anna", simulator.Heart{Rate: 71, AFib: 1, Systole: 121, Diastole: 79})
		v := newViewer(w.Set, w.Sim.Now)
		for range 3 {
			svg, err := v.draw(w.T.Context(), "Anna", signal)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"<svg", "ECG of Anna", "Atrial fibrillation found", "71 beats per minute", "121/79 mmHg", "ScanWatch", "left wrist", "CEST", fmt.Sprintf("recording %d", signal)} {
				if !strings.Contains(string(svg), want) {
					t.Errorf("the drawing lacks %q", want)
				}
			}
		}
		if n := curvesAsked(w); n != 1 {
			t.Errorf("Withings was asked %d times for one curve", n)
		}
		if page := cardOf(w, "Anna").Readings; page[len(page)-1].Page != web.ECGPage("Anna", signal) || page[len(page)-1].Value != "positive" {
			t.Errorf("the page shows %+v", page[len(page)-1])
		}
	})
}

func TestAnECGThatFailedIsOnThePageWithoutACurve(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		record(w, "Anna", simulator.Heart{})
		page := cardOf(w, "Anna").Readings
		if last := page[len(page)-1]; last.Label != "ECG" || last.Value != "failed" || last.Page != "" {
			t.Errorf("the page shows %+v", last)
		}
		for _, r := range cardOf(w, "Ben").Readings {
			if r.Label == "ECG" {
				t.Error("somebody without a watch has an ECG")
			}
		}
	})
}

// TestWhatIsNotKnownIsNotAskedFor has numbers of nobody, of somebody else and of a
// profile that does not exist.
func TestWhatIsNotKnownIsNotAskedFor(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		signal := record(w, "Anna", simulator.Heart{Rate: 71})
		v := newViewer(w.Set, w.Sim.Now)
		for _, c := range []struct {
			profile string
			signal  int64
			says    string
		}{
			{"Anna", signal + 1, fmt.Sprintf("    withings-exporter heart Anna --signal=%d --out=ecg.svg", signal+1)},
			{"Ben", signal, "not among the newest ECGs of Ben"},
			{"Nobody", signal, "no such profile"},
			{"<b>", signal, "no such profile"},
			{"", signal, "?profile=NAME"},
		} {
			_, err := v.draw(w.T.Context(), c.profile, c.signal)
			if p := refused(t, err); p.Status != http.StatusNotFound || !strings.Contains(p.Text, c.says) || strings.Contains(p.Text, "<b>") {
				t.Errorf("%q %d: %d %s", c.profile, c.signal, p.Status, p.Text)
			}
		}
		if n := curvesAsked(w); n != 0 {
			t.Errorf("Withings was asked %d times", n)
		}
	})
}

// TestManyViewersCostFewRequests has thirty ECGs that a hundred programs ask for again
// and again.
func TestManyViewersCostFewRequests(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		var signals []int64
		for range 30 {
			signals = append(signals, record(w, "Anna", simulator.Heart{Rate: 71}))
		}
		v := newViewer(w.Set, w.Sim.Now)
		results := map[int]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				for j := range 30 {
					status := http.StatusOK
					if _, err := v.draw(w.T.Context(), "Anna", signals[(i+j)%len(signals)]); err != nil {
						problem, _ := errors.AsType[*web.Problem](err)
						status = problem.Status
					}
					mu.Lock()
					results[status]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if n := curvesAsked(w); n > curvesAtOnce || n == 0 {
			t.Errorf("Withings was asked %d times, want up to %d", n, curvesAtOnce)
		}
		if results[http.StatusOK] == 0 || results[http.StatusTooManyRequests] == 0 || results[http.StatusOK]+results[http.StatusTooManyRequests]+results[http.StatusServiceUnavailable] != 3000 {
			t.Errorf("the answers are %v", results)
		}
		if len(v.kept) > keptCurves {
			t.Errorf("%d curves are in memory", len(v.kept))
		}
		before := curvesAsked(w)
		w.Pass(2*curveEvery + time.Second)
		for _, signal := range signals {
			_, _ = v.draw(w.T.Context(), "Anna", signal)
		}
		if n := curvesAsked(w) - before; n < 2 || n > 3 {
			t.Errorf("in two minutes Withings was asked %d times, want about 2", n)
		}
	})
}

func TestWhatIsWrongWithACurveIsSaid(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		signal := record(w, "Anna", simulator.Heart{Rate: 71})
		v := newViewer(w.Set, w.Sim.Now)
		for _, c := range []struct {
			name   string
			fault  simulator.Fault
			status int
			says   string
		}{
			{"an empty list", simulator.Fault{Kind: simulator.FaultValue, Keys: []string{"signal"}, Text: "[]"}, http.StatusBadGateway, "no samples"},
			{"words", simulator.Fault{Kind: simulator.FaultValue, Keys: []string{"signal"}, Text: `["x"]`}, http.StatusBadGateway, "not a whole number"},
			{"no frequency", simulator.Fault{Kind: simulator.FaultWithout, Keys: []string{"sampling_frequency"}}, http.StatusBadGateway, "frequency"},
			{"a page", simulator.Fault{Kind: simulator.FaultHTML}, http.StatusBadGateway, "cannot be drawn"},
			{"a number of nobody", simulator.Fault{Kind: simulator.FaultStatus, Status: 503}, http.StatusNotFound, "no recording"},
			{"silence", simulator.Fault{Kind: simulator.FaultHang}, http.StatusGatewayTimeout, "in time"},
		} {
			c.fault.Action = "heart.get"
			w.Sim.Inject(c.fault)
			ctx, cancel := context.WithTimeout(w.T.Context(), 25*time.Second)
			_, err := v.draw(ctx, "Anna", signal)
			cancel()
			if p := refused(t, err); p.Status != c.status || !strings.Contains(p.Text, c.says) || strings.Contains(p.Text, "<") {
				t.Errorf("%s: %d %s", c.name, p.Status, p.Text)
			}
			w.Sim.Clear()
		}
		w.Pass(10 * time.Minute)
		if _, err := v.draw(w.T.Context(), "Anna", signal); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// TestDrawingDoesNotDisturbPolling draws while Withings hangs for whoever wants a curve.
func TestDrawingDoesNotDisturbPolling(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		signal := record(w, "Anna", simulator.Heart{Rate: 71})
		v := newViewer(w.Set, w.Sim.Now)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Action: "heart.get"})
		for range 20 {
			ctx, cancel := context.WithTimeout(w.T.Context(), 25*time.Second)
			_, err := v.draw(ctx, "Anna", signal)
			cancel()
			refused(t, err)
			w.Pass(time.Minute)
		}
		if stale := w.Stale("Anna", 7*time.Minute); len(stale) > 0 {
			t.Errorf("these are behind: %v", stale)
		}
		if p := cardOf(w, "Anna"); p.State != web.StateOK {
			t.Errorf("the page says %s %s", p.State, p.Headline)
		}
	})
}

func TestADrawingIsGoneWithThePerson(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		signal := record(w, "Anna", simulator.Heart{Rate: 71})
		v := newViewer(w.Set, w.Sim.Now)
		if _, err := v.draw(w.T.Context(), "Anna", signal); err != nil {
			t.Fatal(err)
		}
		for _, m := range w.Set.List() {
			if m.State.Profile() == "Anna" {
				m.State.Bind("somebody else")
			}
		}
		_, err := v.draw(w.T.Context(), "Anna", signal)
		if p := refused(t, err); p.Status != http.StatusNotFound {
			t.Errorf("%d %s", p.Status, p.Text)
		}
	})
}

func TestARecordIsFoundByAValue(t *testing.T) {
	state := exporter.NewState("Anna", nil)
	row := exporter.ByOrigin(exporter.Heart, "ecg.signalid")
	at := time.Unix(1_784_000_000, 0)
	state.Apply(exporter.Batch{Service: exporter.Heart, Records: []exporter.Record{
		{Service: exporter.Heart, ID: "1", Start: at, End: at, Readings: []exporter.Reading{{Metric: row, Value: exporter.Integer(1200)}}},
		{Service: exporter.Heart, ID: "2", Start: at.Add(time.Hour), End: at.Add(time.Hour), Readings: []exporter.Reading{{Metric: row, Value: exporter.Integer(12)}}},
	}})
	if r, ok := state.Find(row, exporter.Integer(12)); !ok || r.ID != "2" {
		t.Errorf("found %v %q", ok, r.ID)
	}
	if _, ok := state.Find(row, exporter.Integer(120)); ok {
		t.Error("found what is not there")
	}
}
