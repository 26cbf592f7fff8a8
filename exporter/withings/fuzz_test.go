package withings

import (
	"bytes"
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"withings-exporter/exporter"
)

func FuzzMeasure(f *testing.F)   { fuzz(f, exporter.Measure) }
func FuzzObjective(f *testing.F) { fuzz(f, exporter.Objective) }
func FuzzActivity(f *testing.F)  { fuzz(f, exporter.Activity) }
func FuzzSleep(f *testing.F)     { fuzz(f, exporter.Sleep) }
func FuzzWorkout(f *testing.F)   { fuzz(f, exporter.Workout) }
func FuzzDevice(f *testing.F)    { fuzz(f, exporter.Device) }
func FuzzGoal(f *testing.F)      { fuzz(f, exporter.Goal) }
func FuzzHeart(f *testing.F)     { fuzz(f, exporter.Heart) }
func FuzzStetho(f *testing.F)    { fuzz(f, exporter.Stetho) }
func FuzzIntraday(f *testing.F)  { fuzz(f, exporter.Intraday) }
func FuzzNight(f *testing.F)     { fuzz(f, exporter.Night) }

// fuzz feeds whole answers to the decoder of a service, beginning with its
// recordings. Parsers are reused, so coverage differs from run to run of the
// same input; -fuzzminimizetime=10x keeps the engine from dwelling on that.
func fuzz(f *testing.F, service exporter.Service) {
	for _, r := range recordings(f) {
		if r.service == service {
			f.Add(r.answer)
		}
	}
	f.Add([]byte(`{"status":0,"body":[]}`))
	f.Add([]byte(`{"status":503,"body":{},"error":"Invalid Params"}`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		h, err := hear(service, answer, false)
		again, errAgain := hearByRow(service, answer, false)
		if (err == nil) != (errAgain == nil) || h.String() != again.String() {
			t.Errorf("decoded once to\n%v %s\nand then to\n%v %s", err, h, errAgain, again)
		}
		if err != nil {
			return
		}
		for _, r := range h.batch.Records {
			checkRecord(t, service, r)
		}
		checkState(t, h.batch)
	})
}

// checkRecord wants what everybody after the decoder relies on.
func checkRecord(t *testing.T, service exporter.Service, r exporter.Record) {
	if r.Service != service || r.ID == "" || !utf8.ValidString(r.ID) {
		t.Errorf("record %q of %q, want an id and service %q", r.ID, r.Service, service)
	}
	if r.Start.IsZero() && !(r.Damaged && len(r.Readings) == 0) || r.Start.After(noon.Add(48*time.Hour)) && len(r.Readings) > 0 {
		t.Errorf("record %q has readings and starts at %s", r.ID, r.Start)
	}
	type series struct {
		metric *exporter.Metric
		labels exporter.Labels
	}
	seen := map[series]bool{}
	for _, reading := range r.Readings {
		if reading.Metric == nil {
			t.Fatalf("record %q has a reading without a row", r.ID)
		}
		name := reading.Metric.Name
		if key := (series{reading.Metric, reading.Labels}); seen[key] {
			t.Errorf("record %q has %s %q twice", r.ID, name, reading.Labels)
		} else {
			seen[key] = true
		}
		if f := reading.Value.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			t.Errorf("%s is %v", name, f)
		}
		if !utf8.ValidString(string(reading.Labels)) || len(reading.Labels.Values()) > len(reading.Metric.Labels) {
			t.Errorf("%s has labels %q, its row has %q", name, reading.Labels.Values(), reading.Metric.Labels)
		}
	}
}

// checkState wants the records to survive being saved and read back.
func checkState(t *testing.T, batch exporter.Batch) {
	state := exporter.NewState("Anna", nil)
	state.Apply(batch)
	saved, err := state.MarshalJSON()
	if err != nil {
		t.Fatalf("not to be saved: %v", err)
	}
	back := exporter.NewState("Anna", nil)
	if err := back.Restore(saved); err != nil {
		t.Fatalf("not to be read back: %v\n%s", err, saved)
	}
	again, err := back.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, saved) {
		t.Errorf("saved\n%s\nand read back\n%s", saved, again)
	}
}
