package influx

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// FuzzLedger reads any file as a ledger: it is refused, or a plan made on it
// writes what a batch says.
func FuzzLedger(f *testing.F) {
	f.Add([]byte(`{"version":1,"profile":"Anna","target":"t||","catalog":"c","services":{"measure":{"updated":"2026-01-03T07:00:00Z","covered":[{"from":"2020-01-01T00:00:00Z","to":"2021-01-01T00:00:00Z"}],"written":{"1":{"at":1767423600,"old":[1767420000],"hash":1,"keys":2,"in":["withings_body"]}}}}}`))
	f.Add([]byte(`{"version":1,"profile":"Anna","services":{"measure":null}}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`[]`))
	dir, err := statedir.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(dir.File("Anna", kind), data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := NewSink(SinkOptions{Writer: &Writer{base: &url.URL{Path: "t"}}, Dir: dir, Profile: "Anna", Log: slog.New(slog.DiscardHandler),
			Owner: func() string { return "" }, Now: func() time.Time { return day(20) }})
		batch := exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{weighIn("1", day(3), 70_000)}, Whole: exporter.Always()}
		if err := s.Look(func(b *book) {
			c := b.Of(exporter.Measure)
			p := s.plan(c, batch)
			e := c.Written["1"]
			if e == nil || e.At != day(3).Unix() {
				t.Errorf("the record is remembered at %+v", e)
			} else if len(p.jobs) == 0 && e.Hash == 0 {
				t.Error("nothing is written, and nothing was")
			}
			if _, err := json.Marshal(b); err != nil {
				t.Errorf("what was read cannot be saved: %v", err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		aside, _ := filepath.Glob(dir.File("Anna", kind) + ".*") // there may be a thousand
		for _, path := range aside {
			_ = os.Remove(path)
		}
	})
}

// FuzzTag writes any label as a tag and splits the line again.
func FuzzTag(f *testing.F) {
	for _, label := range []string{"Anna", `a,b=c d`, `\`, "x\ny", "＼", ""} {
		f.Add(label)
	}
	f.Fuzz(func(t *testing.T, label string) {
		r := weighIn("1", day(3), 70_000)
		points := pointsOf(label, &r)
		line := string(points[0].line(nil, day(3)))
		if strings.Count(line, "\n") != 1 {
			t.Fatalf("%q is more than one line", line)
		}
		series, fields, at := parts(line)
		if fields != "weight_grams" || at != "1767423600" {
			t.Errorf("%q has fields %q and time %q", line, fields, at)
		}
		if back := unescape(strings.TrimPrefix(series, "withings_body,profile=")); back != tagValue(label) {
			t.Errorf("%q comes back as %q", label, back)
		}
	})
}

// unescape reads the value of a tag as InfluxDB does.
func unescape(value string) string {
	return strings.NewReplacer(`\,`, ",", `\=`, "=", `\ `, " ").Replace(value)
}
