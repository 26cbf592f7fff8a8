package influx

import (
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testserver"
)

// realServer is a real InfluxDB, as a sink is told of it.
type realServer struct {
	options Options
}

var realServers = map[string]func(t *testing.T) realServer{
	"1.8": func(t *testing.T) realServer {
		s := testserver.Influx(t)
		return realServer{Options{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token}}
	},
	"2.7": func(t *testing.T) realServer {
		s := testserver.Influx2(t)
		return realServer{Options{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token}}
	},
}

// sink is one of a profile in front of the server, with a ledger of its own.
func (r realServer) sink(t *testing.T, profile string) (*Sink, *desk) {
	k := newDesk(t, "v2")
	o := r.options
	o.Log, o.Observe = k.logger(), func(result string, n int) { k.counted[result] += n }
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return NewSink(SinkOptions{Writer: w, Dir: k.dir, Profile: profile, Log: k.logger(),
		Owner: func() string { return "1" }, Now: func() time.Time { return k.now }}), k
}

// TestPointsOfEveryNameAreFoundAndDeleted has profiles with what line protocol,
// InfluxQL and predicates give a meaning to.
func TestPointsOfEveryNameAreFoundAndDeleted(t *testing.T) {
	for version, start := range realServers {
		t.Run(version, func(t *testing.T) {
			server := start(t)
			for i, name := range []string{
				"Anna", "Anna Müller", "O'Brien", `Jo "the cat"`, `a\b`, `a\ b`, `a\\b`, `a\,b`, `a,b=c`, `ends\`, `a\'b`, `a\"b`,
				"日本 ☕", "a\u00a0b", " lead", "trail ", "#x", `\`, "$1", "a AND b", "_x",
			} {
				t.Run(name, func(t *testing.T) {
					sink, k := server.sink(t, name)
					at := day(2 + i%15)
					if err := sink.Put(t.Context(), batch(night("1", at, 80), night("2", at.Add(-time.Hour), 70))); err != nil {
						t.Fatal(err)
					}
					there, known, err := sink.writer.has(t.Context(), tagValue(name), spot{"withings_sleep", at.Unix()})
					if !there || !known || err != nil {
						t.Errorf("it is there, but has says %v, %v, %v", there, known, err)
					}
					if err := sink.Put(t.Context(), batch(exporter.Record{Service: exporter.Sleep, ID: "1", Start: at, End: at})); err != nil {
						t.Fatal(err)
					}
					there, known, err = sink.writer.has(t.Context(), tagValue(name), spot{"withings_sleep", at.Unix()})
					if there || !known || err != nil {
						t.Errorf("it was deleted, but has says %v, %v, %v", there, known, err)
					}
					there, known, err = sink.writer.has(t.Context(), tagValue(name), spot{"withings_sleep", at.Add(-time.Hour).Unix()})
					if !there || !known || err != nil {
						t.Errorf("the other is there, but has says %v, %v, %v", there, known, err)
					}
					if k.log.String() != "" {
						t.Error(&k.log)
					}
				})
			}
		})
	}
}
