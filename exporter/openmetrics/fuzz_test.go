package openmetrics

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"withings-exporter/exporter"
)

// FuzzLabelsReadBackAsTheyWere writes any profile and label, and lets the parser
// of Prometheus read the line.
func FuzzLabelsReadBackAsTheyWere(f *testing.F) {
	for _, text := range []string{"Anna", `\`, `\n`, "\n", `"`, `\"`, "\x00", "\xff", "\x1f", `",type="`, "} 1 2\n"} {
		f.Add(text, text)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	f.Fuzz(func(t *testing.T, profile, kind string) {
		labels := exporter.LabelValues(kind)
		s := exporter.Sample{Metric: exporter.ByName("unknown_measure"), Labels: labels, Value: exporter.Integer(1)}
		line := appendSample(nil, s.Metric.FullName(), appendLabels(nil, profile, s), []byte("1"), at("2020-01-01 00:00"))
		if bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q is not one line", line)
		}
		families, err := parser.TextToMetricFamilies(bytes.NewReader(line))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got := map[string]string{}
		for _, pair := range families[s.Metric.FullName()].GetMetric()[0].GetLabel() {
			got[pair.GetName()] = pair.GetValue()
		}
		if want := strings.ToValidUTF8(profile, "�"); got["profile"] != want {
			t.Errorf("profile is %q, want %q", got["profile"], want)
		}
		if want := string(labels); got["type"] != want {
			t.Errorf("type is %q, want %q", got["type"], want)
		}
	})
}

// FuzzSpoolTakesAnyFile opens whatever stands where the records should be. The
// whole batches in front are kept, and what comes after them can be read.
func FuzzSpoolTakesAnyFile(f *testing.F) {
	var text []byte
	for _, b := range story() {
		encoded, err := encode(b)
		if err != nil {
			f.Fatal(err)
		}
		text = append(text, encoded...)
	}
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add(slices.Concat(text[:300], []byte("\n"), text[300:]))
	f.Add(appendLine(nil, []byte(`{"service":"sleep","records":1000000000000}`)))
	f.Add(appendLine(appendLine(nil, []byte(`{"service":"sleep","records":1}`)), []byte(`{"id":"7","start":7}`)))
	f.Add(appendLine(appendLine(nil, []byte(`{"service":"sleep","records":1}`)), []byte(`{"id":"7"}`)))
	f.Add(appendLine(appendLine(nil, []byte(`{"service":"night","records":1}`)), []byte(`{"metric":"sleep_minute_state","labels":["mat"],"at":[1784065560,60],"values":[1,2]}`)))
	f.Add(appendLine(appendLine(nil, []byte(`{"service":"night","records":1}`)), []byte(`{"metric":"sleep_minute_state","at":[0],"values":[]}`)))
	f.Add([]byte("\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, records []byte) {
		whole, err := intact(bytes.NewReader(records))
		if err != nil || whole > int64(len(records)) {
			t.Fatalf("%d of %d bytes are whole, %v", whole, len(records), err)
		}
		path := filepath.Join(t.TempDir(), "history.json")
		s := openAt(t, path, "Anna")
		if err := errors.Join(s.Advance(exporter.Sleep, func(*exporter.Progress) {}), s.Close()); err != nil {
			t.Fatal(err)
		}
		write(t, path+recordsEnding, records)
		s = openAt(t, path, "Anna")
		if got := read(t, path+recordsEnding); !bytes.Equal(got, records[:whole]) {
			t.Fatalf("%q is kept, want %q", got, records[:whole])
		}
		var text strings.Builder
		_, err = Write(t.Context(), &text, []*Spool{s}, Options{Now: noon, Temp: t.TempDir()})
		if err == nil && !strings.HasSuffix(text.String(), ending) {
			t.Errorf("got %q without an end", text.String())
		}
	})
}
