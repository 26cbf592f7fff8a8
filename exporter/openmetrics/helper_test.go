package openmetrics

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// noon is the clock of the tests.
var noon = at("2026-07-14 12:00")

func clock() time.Time { return noon }

// at reads "2026-07-14 08:00" as UTC.
func at(text string) time.Time { return atIn(text, time.UTC) }

func atIn(text string, zone *time.Location) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// is makes a reading; value is in the metric's unit.
func is(metric, value string, labels ...string) exporter.Reading {
	d, err := exporter.ParseDecimal(value)
	if err != nil || exporter.ByName(metric) == nil {
		panic(metric + " " + value)
	}
	return exporter.Reading{Metric: exporter.ByName(metric), Labels: exporter.LabelValues(labels...), Value: d}
}

// group is a measure group taken at a moment.
func group(id, taken string, readings ...exporter.Reading) exporter.Record {
	return exporter.Record{Service: exporter.Measure, ID: id, Start: at(taken), End: at(taken), Modified: at(taken), Readings: readings}
}

// day is a row of activity, as it is decoded in a time zone.
func day(date string, zone *time.Location, readings ...exporter.Reading) exporter.Record {
	start, _ := exporter.DayStart(date, zone)
	return exporter.Record{Service: exporter.Activity, ID: date, Date: date, Start: start, End: start.Add(18 * time.Hour), Readings: readings}
}

// session is a sleep session with a score.
func session(id, date, start, end, score string) exporter.Record {
	return exporter.Record{Service: exporter.Sleep, ID: id, Date: date, Start: at(start), End: at(end), Modified: at(end),
		Readings: []exporter.Reading{is("sleep_score", score)}}
}

// changed is r as Withings tells it after a change at a moment.
func changed(r exporter.Record, modified string, readings ...exporter.Reading) exporter.Record {
	r.Modified, r.Readings = at(modified), readings
	return r
}

// batch is an answer with records of one service.
func batch(records ...exporter.Record) exporter.Batch {
	return exporter.Batch{Service: records[0].Service, Records: records}
}

// wholeBatch is an answer with everything in a span.
func wholeBatch(service exporter.Service, from, to string, records ...exporter.Record) exporter.Batch {
	return exporter.Batch{Service: service, Records: records, Whole: &exporter.Span{From: at(from), To: at(to)}}
}

// openAt opens a spool and expects nothing to be wrong with it.
func openAt(t testing.TB, path, profile string) *Spool {
	t.Helper()
	s, told := openFor(t, path, profile, "")
	if told != "" {
		t.Fatal(told)
	}
	return s
}

// openFor opens a spool for a person, and tells what is logged of it.
func openFor(t testing.TB, path, profile, user string) (s *Spool, told string) {
	t.Helper()
	var log strings.Builder
	s, err := OpenSpool(SpoolOptions{Path: path, Profile: profile, User: user, Now: clock, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, log.String()
}

// spoolOf is a new spool of a profile with some batches in it.
func spoolOf(t testing.TB, profile string, batches ...exporter.Batch) *Spool {
	t.Helper()
	s := openAt(t, filepath.Join(t.TempDir(), "history.json"), profile)
	put(t, s, batches...)
	return s
}

func put(t testing.TB, s *Spool, batches ...exporter.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Put(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}

// written is the file of some spools, as of noon, by any options.
func written(t testing.TB, o Options, spools ...*Spool) (string, Summary) {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = noon
	}
	o.Temp = t.TempDir()
	var text bytes.Buffer
	sum, err := Write(t.Context(), &text, spools, o)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(o.Temp); err != nil || len(left) > 0 {
		t.Errorf("sorting left %v behind, %v", left, err)
	}
	if sum.Bytes != int64(text.Len()) {
		t.Errorf("summary says %d bytes, want the %d written", sum.Bytes, text.Len())
	}
	return text.String(), sum
}

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }

// asSafe is what is recorded as safe when it is one span of a service.
func asSafe(service exporter.Service, span exporter.Span) map[exporter.Service]exporter.Spans {
	return map[exporter.Service]exporter.Spans{service: {span}}
}
