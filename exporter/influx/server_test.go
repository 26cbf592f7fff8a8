package influx

import (
	"context"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// servers are the databases that matter, by how they delete.
var servers = map[string]rude.Behaviour{"v1": rude.Influx1, "v2": rude.Influx2, "": rude.Victoria}

const (
	write = "/api/v2/write"
	token = "anna:s3cret-of-anna"
)

// desk is a sink in front of a database.
type desk struct {
	*Sink
	t    *testing.T
	db   *rude.Peer
	dir  *statedir.Dir
	user string
	now  time.Time
	log  strings.Builder

	counted map[string]int
}

func newDesk(t *testing.T, deletes string) *desk {
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{t: t, db: rude.Server(t, servers[deletes]), dir: dir, user: "1", now: day(20), counted: map[string]int{}}
	k.open()
	return k
}

// open makes the sink as a new process would.
func (k *desk) open() {
	w, err := New(Options{URL: k.db.URL, Org: "any", Bucket: "health/autogen", Token: token,
		Log: k.logger(), Observe: func(result string, n int) { k.counted[result] += n }})
	if err != nil {
		k.t.Fatal(err)
	}
	k.Sink = NewSink(SinkOptions{Writer: w, Dir: k.dir, Profile: "Anna", Log: k.logger(),
		Owner: func() string { return k.user }, Now: func() time.Time { return k.now }})
	k.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
}

func (k *desk) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&k.log, nil)) }

// file is that of the ledger.
func (k *desk) file() string { return k.dir.File("Anna", kind) }

// day is a morning of January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 7, 0, 0, 0, time.UTC) }

// weighIn is a record of some grams.
func weighIn(id string, at time.Time, grams int64) exporter.Record {
	return exporter.Record{Service: exporter.Measure, ID: id, Start: at, End: at, Modified: at,
		Readings: []exporter.Reading{{Metric: exporter.ByName("weight_grams"), Value: exporter.Integer(grams)}}}
}

// night is a record of a night and its score.
func night(id string, start time.Time, score int64) exporter.Record {
	return exporter.Record{Service: exporter.Sleep, ID: id, Date: start.Format(time.DateOnly), Start: start, End: start.Add(8 * time.Hour), Modified: start,
		Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_score"), Value: exporter.Integer(score)}}}
}

func batch(records ...exporter.Record) exporter.Batch {
	return exporter.Batch{Service: records[0].Service, Records: records}
}

// gone is an answer without any record of a service from day 1 to the last.
func gone(service exporter.Service, last int) exporter.Batch {
	return exporter.Batch{Service: service, Whole: &exporter.Span{From: day(1), To: day(last)}}
}

func (k *desk) put(b ...exporter.Batch) {
	k.t.Helper()
	if err := k.Put(k.t.Context(), b...); err != nil {
		k.t.Fatal(err)
	}
}

// ready fails the test unless the sink takes readings.
func (k *desk) ready() {
	k.t.Helper()
	if err := k.Ready(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// later lets time pass.
func (k *desk) later(d time.Duration) { k.now = k.now.Add(d) }

// has lists what is stored, one "series field time = value" a line.
func (k *desk) has() string {
	var all []string
	for _, p := range k.db.Points() {
		var tags []string
		for name, value := range p.Tags {
			tags = append(tags, ","+name+"="+escape(value))
		}
		slices.Sort(tags)
		all = append(all, fmt.Sprintf("%s%s %s %d = %s", p.Measurement, strings.Join(tags, ""), p.Field, p.Time.Unix(), decimal(p.Value)))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func decimal(r *big.Rat) string {
	text := r.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// want compares what is stored; a line is "measurement field day = value", and
// hours later than the morning at its end where it is not that.
func (k *desk) want(lines ...string) {
	k.t.Helper()
	var all []string
	for _, line := range lines {
		f := strings.Fields(line)
		n, _ := strconv.Atoi(f[2])
		at := day(n)
		if len(f) > 5 {
			hours, _ := strconv.Atoi(f[5])
			at = at.Add(time.Duration(hours) * time.Hour)
		}
		all = append(all, fmt.Sprintf("withings_%s,profile=Anna %s %d = %s", f[0], f[1], at.Unix(), f[4]))
	}
	slices.Sort(all)
	if got, want := k.has(), strings.Join(all, "\n"); got != want {
		k.t.Errorf("stored is\n%s\nwant\n%s", got, want)
	}
}

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
