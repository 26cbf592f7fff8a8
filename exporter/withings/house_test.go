package withings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/prom"
)

// rowsOf are rows as Withings lists them.
type rowsOf []map[string]any

// house is a Withings account that answers from lists of rows, and with whatever
// else it is told to, before the real client and the real poller. It is to be
// used within a bubble of testing/synctest.
type house struct {
	*world
	state  *exporter.State
	status *exporter.Status
	sink   *shelf
	stop   func()

	mu    sync.Mutex // guards what follows
	rows  map[exporter.Service]rowsOf
	texts map[exporter.Service]func(q asked) (body string, ok bool) // in place of the rows
}

// caseNow is when the cases take place: minutes after their last change.
const caseNow = 1795670000

// newHouse is not asked before poll.
func newHouse(rows map[exporter.Service]rowsOf) *house {
	h := &house{rows: rows, texts: map[exporter.Service]func(asked) (string, bool){}, sink: newShelf(),
		state: exporter.NewState("Anna", nil), stop: func() {}}
	if h.rows == nil {
		h.rows = map[exporter.Service]rowsOf{}
	}
	began := time.Now()
	h.world = newWorld(h.answer)
	h.now = func() time.Time { return time.Unix(caseNow, 0).UTC().Add(time.Since(began)) }
	h.client.Now = h.now
	return h
}

// serviceOf is what a request is for.
func serviceOf(q asked) exporter.Service {
	for service, at := range endpoints {
		if q.form.Get("action") == at.action && (at.action != "getmeas" ||
			(service == exporter.Objective) == (q.form.Get("category") == "2")) {
			return service
		}
	}
	panic("no service for " + q.form.Encode())
}

func (h *house) answer(_ int, q asked) (*http.Response, error) {
	service := serviceOf(q)
	h.mu.Lock()
	defer h.mu.Unlock()
	if text := h.texts[service]; text != nil {
		if body, ok := text(q); ok {
			return says(body)()
		}
	}
	return says(bodyOf(service, slices.DeleteFunc(slices.Clone(h.rows[service]), func(row map[string]any) bool { return !asks(q, row) })))()
}

// bodyOf is an answer with rows.
func bodyOf(service exporter.Service, rows rowsOf) string {
	var list any = rows
	if rows == nil {
		list = []any{}
	}
	body := map[string]any{endpoints[service].list: list}
	if service == exporter.Goal && len(rows) > 0 {
		body = map[string]any{endpoints[service].list: rows[0]}
	}
	text, err := json.Marshal(map[string]any{"status": 0, "body": body})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// asks reports whether a row is in what is asked for.
func asks(q asked, row map[string]any) bool {
	number := func(v any) int64 { n, _ := v.(float64); return int64(n) }
	if since, err := strconv.ParseInt(q.form.Get("lastupdate"), 10, 64); err == nil {
		return number(row["modified"]) >= since
	}
	if from := q.form.Get("startdateymd"); from != "" {
		date, _ := row["date"].(string)
		return date == "" || date >= from && date <= q.form.Get("enddateymd")
	}
	from, err := strconv.ParseInt(q.form.Get("startdate"), 10, 64)
	to, _ := strconv.ParseInt(q.form.Get("enddate"), 10, 64)
	at := number(row["date"])
	return err != nil || at == 0 || at >= from && at <= to
}

// list changes the rows of a service; every lets it answer with a text, until it
// is given none.
func (h *house) list(service exporter.Service, rows rowsOf) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows[service] = rows
}

func (h *house) every(service exporter.Service, body string) {
	h.when(service, func(asked) (string, bool) { return body, body != "" })
}

func (h *house) when(service exporter.Service, text func(q asked) (string, bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.texts[service] = text
}

// open starts a poller, every five minutes, that ends with the test.
func (h *house) open(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	h.stop = func() { stop(); <-done }
	t.Cleanup(h.stop)
	h.status = &exporter.Status{}
	profile := &exporter.Profile{State: h.state, Status: h.status, Fetch: h.Account, Sink: h.sink,
		Save: func() error { return nil }, Ready: func(context.Context) error { return nil }}
	poller := &exporter.Poller{Interval: 10 * time.Minute, Now: h.now, Log: h.client.Log}
	go func() {
		defer close(done)
		poller.Run(ctx, []*exporter.Profile{profile})
	}()
	h.pass(time.Minute)
}

// restart ends the poller and starts one that knows what is in the state file.
func (h *house) restart(t *testing.T) {
	t.Helper()
	h.stop()
	saved, err := json.Marshal(h.state)
	if err != nil {
		t.Fatal(err)
	}
	h.state = exporter.NewState("Anna", nil)
	if err := h.state.Restore(saved); err != nil {
		t.Fatal(err)
	}
	h.Account = h.client.Account("Anna", h.purse)
	h.open(t)
}

// pass lets time pass.
func (h *house) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// askedWithin is how long a service of the house goes unasked at most: until the next poll,
// and longer what only people change.
func askedWithin(service exporter.Service) time.Duration {
	const poll = 10 * time.Minute
	if service == exporter.Goal || service == exporter.Objective {
		return service.Row().Net + poll
	}
	return poll
}

// shown is the exposition: name{labels} to value, without the profile and
// without when things were measured.
func (h *house) shown(t *testing.T) map[string]float64 {
	t.Helper()
	g := prom.NewGatherer(func() []prom.Profile {
		return []prom.Profile{{State: h.state, Status: h.status, TokenExpiry: func() (time.Time, bool) { return time.Time{}, false }}}
	}, prom.Others{Registry: prometheus.NewRegistry()}, h.now)
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		if strings.Contains(f.GetName(), "measured_timestamp") || strings.Contains(f.GetName(), "last_success") {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				if l.GetName() != "profile" {
					labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
				}
			}
			name := f.GetName()
			if len(labels) > 0 {
				name += "{" + strings.Join(labels, ",") + "}"
			}
			all[name] = m.GetGauge().GetValue()
		}
	}
	return all
}

// shows compares some of what is shown; NaN-free: absent is -1.
func (h *house) shows(t *testing.T, want map[string]float64) {
	t.Helper()
	got := h.shown(t)
	for name, value := range want {
		is, ok := got[name]
		if !ok {
			is = absent
		}
		if is != value {
			t.Errorf("%s is %v, want %v (%v is absent)", name, is, value, absent)
		}
	}
}

// absent is what no gauge can be.
const absent = -1.0

// shelf is a sink with a memory as a database with deletes has one.
type shelf struct {
	mu      sync.Mutex // guards what follows
	at      map[exporter.Service]exporter.Progress
	records map[exporter.Service]map[string]exporter.Record
	deleted int
	away    bool // takes nothing at the moment
}

func newShelf() *shelf {
	s := &shelf{at: map[exporter.Service]exporter.Progress{}, records: map[exporter.Service]map[string]exporter.Record{}}
	for _, service := range exporter.Asked() {
		s.records[service] = map[string]exporter.Record{}
	}
	return s
}

func (s *shelf) Ready(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errors.New("away")
	}
	return nil
}

// leave lets the sink take nothing, or everything again.
func (s *shelf) leave(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *shelf) Put(_ context.Context, batches ...exporter.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range batches {
		held := s.records[b.Service]
		if b.Whole != nil {
			before := len(held)
			told := told(b)
			maps.DeleteFunc(held, func(id string, r exporter.Record) bool { return b.Whole.Has(r.Start) && !told[id] })
			s.deleted += before - len(held)
		}
		for _, r := range b.Records {
			switch {
			case len(r.Readings) > 0:
				held[r.ID] = r
			case !r.Damaged:
				delete(held, r.ID)
			}
		}
	}
	return nil
}

func told(b exporter.Batch) map[string]bool {
	all := map[string]bool{}
	for _, r := range b.Records {
		all[r.ID] = true
	}
	return all
}

func (s *shelf) Vanishing(b exporter.Batch) (held, gone int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := told(b)
	for id, r := range s.records[b.Service] {
		if b.Whole.Has(r.Start) {
			held++
			if !told[id] {
				gone++
			}
		}
	}
	return held, gone
}

func (s *shelf) Progress(service exporter.Service) exporter.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[service]
}

func (s *shelf) Advance(service exporter.Service, change func(*exporter.Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.at[service]
	change(&p)
	s.at[service] = p
	return nil
}

// count is how many records of a service there are.
func (s *shelf) count(service exporter.Service) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records[service])
}

// values are those of a metric by record, with its labels.
func (s *shelf) values(service exporter.Service, metric string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]string{}
	for id, r := range s.records[service] {
		for _, reading := range r.Readings {
			if reading.Metric.Name == metric {
				name := id
				if reading.Labels != "" {
					name += " " + strings.Join(reading.Labels.Values(), ",")
				}
				all[name] = reading.Value.String()
			}
		}
	}
	return all
}

// caseRows reads the rows of a file of a case.
func caseRows(t *testing.T, path ...string) rowsOf {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"testdata", "cases"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	var rows rowsOf
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// edited is a copy of a row with other fields; nil takes a field away, null is
// json.RawMessage.
func edited(row map[string]any, fields map[string]any) map[string]any {
	is := maps.Clone(row)
	for key, value := range fields {
		if is[key] = value; value == nil {
			delete(is, key)
		}
	}
	return is
}

var null = json.RawMessage("null")
