package influx

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// database is a server that takes line protocol and can be told to misbehave.
type database struct {
	*httptest.Server
	deletes string // "v1", "v2", or "" for one that cannot

	mu     sync.Mutex // guards what follows
	points map[string]string
	writes int
	refuse func(line string) bool // a line that is never taken
	whole  bool                   // with one bad line, nothing of a request is taken
	hasty  bool                   // … and it says that the others were
	answer int                    // status of every answer, 0 for the right one
	cut    int                    // after so many more writes were stored, the answer is lost
}

func newDatabase(t *testing.T, deletes string) *database {
	d := &database{deletes: deletes, points: map[string]string{}, cut: -1}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v2/write", d.write)
	if deletes == "v2" {
		mux.HandleFunc("POST /api/v2/delete", d.deleteV2)
	}
	if deletes == "v1" {
		mux.HandleFunc("POST /query", d.deleteV1)
	} else {
		mux.HandleFunc("POST /query", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"results":[{"name":"databases","series":[{"columns":["name"]}]}]}`)
		})
	}
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

// with changes the server's behaviour.
func (d *database) with(change func(*database)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

var fieldsOf = regexp.MustCompile(`^(.*[^\\]) ([^ ]+) (\d+)$`)

func (d *database) write(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes++
	switch {
	case r.Header.Get("Authorization") != "Token anna:secret":
		http.Error(w, `{"code":"unauthorized"}`, http.StatusUnauthorized)
		return
	case d.answer != 0:
		w.WriteHeader(d.answer)
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	bad := 0
	for _, line := range lines {
		if line != "" && d.refuse != nil && d.refuse(line) {
			bad++
		}
	}
	if bad == 0 || !d.whole && !d.hasty {
		for _, line := range lines {
			if m := fieldsOf.FindStringSubmatch(line); m != nil && (d.refuse == nil || !d.refuse(line)) {
				for field := range strings.SplitSeq(m[2], ",") {
					name, value, _ := strings.Cut(field, "=")
					d.points[m[1]+" "+name+" "+m[3]] = value
				}
			}
		}
	}
	if d.cut == 0 {
		panic(http.ErrAbortHandler)
	}
	d.cut--
	switch {
	case bad > 0 && d.whole:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `unable to parse 'withings_body weight=70.5': a reason`)
	case bad > 0:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `partial write: field type conflict dropped=%d`, bad)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (d *database) deleteV2(_ http.ResponseWriter, r *http.Request) {
	var asked struct {
		Start, Stop time.Time
		Predicate   string
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	m := regexp.MustCompile(`^_measurement="(\w+)" AND profile="(.+)"$`).FindStringSubmatch(asked.Predicate)
	d.remove(m[1], m[2], asked.Start.Unix())
}

func (d *database) deleteV1(w http.ResponseWriter, r *http.Request) {
	m := regexp.MustCompile(`^DELETE FROM "(\w+)" WHERE "profile" = '(.+)' AND time = (\d+)s$`).FindStringSubmatch(r.FormValue("q"))
	at, _ := strconv.ParseInt(m[3], 10, 64)
	d.remove(m[1], m[2], at)
	_, _ = io.WriteString(w, `{"results":[{"statement_id":0}]}`)
}

func (d *database) remove(measurement, profile string, at int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.points, func(key, _ string) bool {
		return strings.HasPrefix(key, measurement+",") && strings.Contains(key, "profile="+escape(profile)) &&
			strings.HasSuffix(key, " "+strconv.FormatInt(at, 10))
	})
}

// has lists what is stored, one "series field time = value" a line.
func (d *database) has() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for _, key := range slices.Sorted(maps.Keys(d.points)) {
		all = append(all, key+" = "+d.points[key])
	}
	return strings.Join(all, "\n")
}

// desk is a sink in front of a database.
type desk struct {
	*Sink
	t    *testing.T
	db   *database
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
	k := &desk{t: t, db: newDatabase(t, deletes), dir: dir, user: "1", now: day(20), counted: map[string]int{}}
	k.open()
	return k
}

// open makes the sink anew, as a new process would.
func (k *desk) open() {
	w, err := New(Options{URL: k.db.URL, Org: "any", Bucket: "health/autogen", Token: "anna:secret",
		Log: slog.New(slog.NewTextHandler(&k.log, nil)), Observe: func(result string, n int) { k.counted[result] += n }})
	if err != nil {
		k.t.Fatal(err)
	}
	k.Sink = NewSink(w, k.dir, "Anna", func() string { return k.user }, func() time.Time { return k.now },
		slog.New(slog.NewTextHandler(&k.log, nil)))
}

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

func (k *desk) put(b exporter.Batch) {
	k.t.Helper()
	if err := k.Put(k.t.Context(), b); err != nil {
		k.t.Fatal(err)
	}
}

// want compares what is stored; a line is "measurement field day = value".
func (k *desk) want(lines ...string) {
	k.t.Helper()
	var all []string
	for _, line := range lines {
		f := strings.Fields(line)
		n, _ := strconv.Atoi(f[2])
		at := day(n)
		if len(f) > 5 { // hours later
			hours, _ := strconv.Atoi(f[5])
			at = at.Add(time.Duration(hours) * time.Hour)
		}
		all = append(all, fmt.Sprintf("withings_%s,profile=Anna %s %d = %s", f[0], f[1], at.Unix(), f[4]))
	}
	slices.Sort(all)
	if got, want := k.db.has(), strings.Join(all, "\n"); got != want {
		k.t.Errorf("stored is\n%s\nwant\n%s", got, want)
	}
}
