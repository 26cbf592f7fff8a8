package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// vienna is where the people of the tests live.
var vienna = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		panic(err)
	}
	return zone
}()

var now = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

func options() Options { return Options{Zone: vienna, Now: now} }

// packed is one file of an archive under test.
type packed struct{ name, text string }

func pack(t testing.TB, files ...packed) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		entry, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read reads an archive to its end and checks what holds for every archive.
func read(t testing.TB, archive []byte) (records []exporter.Record, report Report) {
	t.Helper()
	readings := 0
	report, err := Read(context.Background(), bytes.NewReader(archive), int64(len(archive)), options(), func(b exporter.Batch) error {
		if len(b.Records) == 0 || len(b.Records) > maxBatch {
			t.Errorf("a batch has %d records", len(b.Records))
		}
		if b.Whole != nil {
			t.Error("a batch claims to be all there is")
		}
		for i := range b.Records {
			checkRecord(t, b.Service, &b.Records[i])
			readings += len(b.Records[i].Readings)
		}
		records = append(records, b.Records...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Readings != readings {
		t.Errorf("report counts %d readings, handed over were %d", report.Readings, readings)
	}
	for _, f := range report.Files {
		if rows := f.Taken + total(f.Skipped); rows != f.Rows {
			t.Errorf("%s: %d rows, but %d are taken or left out", f.Name, f.Rows, rows)
		}
	}
	for line := range strings.SplitSeq(report.String(), "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("a line of the report has %d columns: %s", n, line)
		}
	}
	return records, report
}

func checkRecord(t testing.TB, service exporter.Service, r *exporter.Record) {
	t.Helper()
	if r.Service != service || r.ID == "" || r.End.Before(r.Start) || r.Start.Nanosecond() != 0 || len(r.Readings) == 0 {
		t.Errorf("record %+v in a batch of %s", r, service)
	}
	for _, reading := range r.Readings {
		if reading.Metric == nil || reading.Metric.Service != service || reading.Value.Sign() < 0 {
			t.Errorf("record %s has reading %+v", r.ID, reading)
		}
	}
}

func total(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// readOne reads a single file.
func readOne(t testing.TB, name, text string) ([]exporter.Record, FileReport) {
	t.Helper()
	records, report := read(t, pack(t, packed{name, text}))
	if len(report.Files) != 1 {
		t.Fatalf("report has files %+v and ignored %+v", report.Files, report.Ignored)
	}
	return records, report.Files[0]
}

// show writes a record the way the tests expect it.
func show(r exporter.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.ID, r.Start.UTC().Format(time.RFC3339))
	if !r.End.Equal(r.Start) {
		fmt.Fprintf(&b, " to %s", r.End.UTC().Format(time.RFC3339))
	}
	if r.Date != "" {
		fmt.Fprintf(&b, " on %s", r.Date)
	}
	for _, reading := range r.Readings {
		fmt.Fprintf(&b, " %s", reading.Metric.Name)
		for _, label := range reading.Labels.Values() {
			fmt.Fprintf(&b, "{%s}", label)
		}
		fmt.Fprintf(&b, "=%s", reading.Value)
	}
	return b.String()
}

func shown(records []exporter.Record) []string {
	var all []string
	for _, r := range records {
		all = append(all, show(r))
	}
	return all
}
