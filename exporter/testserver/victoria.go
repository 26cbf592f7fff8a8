package testserver

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
)

// VictoriaServer is a single-node VictoriaMetrics. It accepts lines at InfluxDB's
// paths, with any token, and OpenMetrics at /api/v1/import/prometheus.
type VictoriaServer struct{ *server }

// Victoria starts an empty VictoriaMetrics, which keeps a hundred years unless a
// [Retention] is given; older points are acknowledged and dropped. Points written
// twice are stored once. Of two values for one time it keeps the larger, so only a
// correction to a larger value is visible.
func Victoria(t testing.TB, all ...Option) *VictoriaServer {
	t.Helper()
	dir, o := t.TempDir(), chosen(all)
	keeps := "100y"
	if o.retention > 0 {
		keeps = fmt.Sprintf("%dh", int(o.retention.Hours()))
	}
	certificate, key := o.certified(t)
	return &VictoriaServer{launch(t, testrun.Victoria, "/health", certificate, func(address string) []string {
		args := []string{
			"-httpListenAddr=" + address, "-storageDataPath=" + dir,
			"-retentionPeriod=" + keeps,
			// What is written again is stored once. Of two values for one time the
			// larger is kept, whichever was written last.
			"-dedup.minScrapeInterval=1ms",
			"-search.latencyOffset=0s", "-search.disableCache",
			"-search.maxQueryLen=64KiB", // some of the dashboards' queries are longer than 16 KiB
			// By default it uses 60 % of the memory, which it shares with other tests.
			"-memory.allowedBytes=256MB",
			"-loggerLevel=WARN",
		}
		if o.tls {
			args = append(args, "-tls", "-tlsCertFile="+certificate, "-tlsKeyFile="+key)
		}
		return args
	})}
}

// Write posts points to the v2 write path.
func (s *VictoriaServer) Write(points []tally.Point) {
	s.t.Helper()
	s.write("/api/v2/write?precision=ns", points)
}

// Points returns everything in the database that matches a selector such as
// {profile="Anna"}, sorted by time; "" matches everything. A field of InfluxDB is a
// separate series there, named by Flat.
func (s *VictoriaServer) Points(match string) []tally.Point {
	s.t.Helper()
	var all []tally.Point
	s.export(match, func(_ tally.Key, p tally.Point) { all = append(all, p) })
	tally.Sort(all)
	return all
}

// Sums returns how many values each series that matches a selector has, and their
// exact sum.
func (s *VictoriaServer) Sums(match string) tally.Sums {
	s.t.Helper()
	var sums tally.Adder
	s.export(match, func(key tally.Key, p tally.Point) { sums.Add(key, p.Value) })
	return sums.Sums()
}

// line is one line of an export: part of a series, with times in milliseconds.
type line struct {
	Metric     map[string]string
	Values     []json.Number
	Timestamps []int64
}

func (s *VictoriaServer) export(match string, each func(tally.Key, tally.Point)) {
	s.t.Helper()
	flushed, err := s.get("/internal/force_flush") // otherwise the last second would be missing
	if err != nil {
		s.t.Fatal(err)
	}
	flushed.Close()
	if match == "" {
		match = `{__name__!=""}`
	}
	// Without start and end everything is exported.
	body, err := s.ask("/api/v1/export", url.Values{"match[]": {match}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer body.Close()
	documents(s.server, body, func(l line) error {
		p := tally.Point{Tags: l.Metric, Field: l.Metric["__name__"]}
		delete(p.Tags, "__name__")
		key := p.Key()
		for i, text := range l.Values {
			value, err := tally.Parse(text.String())
			if err != nil {
				return fmt.Errorf("series %s: %w", key, err)
			}
			p.Value, p.Time = value, time.UnixMilli(l.Timestamps[i]).UTC()
			each(key, p)
		}
		return nil
	})
}

// Flat returns a point of InfluxDB as VictoriaMetrics stores it from line protocol:
// the series is named measurement_field.
func Flat(p tally.Point) tally.Point {
	p.Measurement, p.Field = "", strings.TrimPrefix(p.Measurement+"_"+p.Field, "_")
	return p
}
