package soak

import (
	"fmt"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

// minute is a moment of these tests.
func minute(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }

// newTestWatcher is a watcher whose clock shows what it points to.
func newTestWatcher(now *time.Time) *watcher {
	return &watcher{now: func() time.Time { return *now }, pending: map[key][]pending{}, newest: map[exporter.Service]int64{}, fresh: map[string]*Freshness{}}
}

// arrival is a version of a row that can be read from when it was changed on.
func arrival(list simulator.List, id int64, at int) simulator.Arrival {
	return simulator.Arrival{List: list, ID: id, Modified: minute(at).Unix(), At: minute(at), Device: true}
}

// answer is one with a record.
func answerOf(service exporter.Service, r exporter.Record) exporter.Batch {
	r.Service = service
	return exporter.Batch{Service: service, Records: []exporter.Record{r}}
}

func TestTheWatcherSeesHowLateAReadingIs(t *testing.T) {
	record := func(id string, changed int) exporter.Record {
		return exporter.Record{ID: id, Modified: minute(changed)}
	}
	typed := arrival(simulator.Measures, 1, 10)
	typed.Device = false
	revised := arrival(simulator.Nights, 7, 40)
	revised.Again = true
	doubtful := arrival(simulator.Measures, 1, 10)
	doubtful.Doubtful = true
	day := arrival(simulator.Days, 0, 10)
	day.Date = "2026-06-01"
	sample := func(newest, at int) simulator.Arrival {
		a := arrival(simulator.Samples, 0, at)
		a.Newest = minute(newest).Unix()
		return a
	}
	type seen struct {
		at    int
		batch exporter.Batch
	}
	for _, test := range []struct {
		name    string
		arrives []simulator.Arrival
		seen    []seen
		group   string
		want    string // readings, the worst, lost
	}{
		{"in time", []simulator.Arrival{arrival(simulator.Measures, 1, 10)}, []seen{{14, answerOf(exporter.Measure, record("1", 10))}}, "measure", "1 4m0s 0"},
		{"only the first time counts", []simulator.Arrival{arrival(simulator.Measures, 1, 10)},
			[]seen{{14, answerOf(exporter.Measure, record("1", 10))}, {90, answerOf(exporter.Measure, record("1", 10))}}, "measure", "1 4m0s 0"},
		{"another row is another", []simulator.Arrival{arrival(simulator.Measures, 1, 10)}, []seen{{14, answerOf(exporter.Measure, record("2", 10))}}, "measure", "0 0s 1"},
		{"another service is another", []simulator.Arrival{arrival(simulator.Measures, 1, 10)}, []seen{{14, answerOf(exporter.Objective, record("1", 10))}}, "measure", "0 0s 1"},
		{"an older version is not enough", []simulator.Arrival{revised},
			[]seen{{41, answerOf(exporter.Sleep, record("7", 10))}, {50, answerOf(exporter.Sleep, record("7", 40))}}, "sleep again", "1 10m0s 0"},
		{"a later version is, but the first one was late", []simulator.Arrival{arrival(simulator.Workouts, 3, 10), arrival(simulator.Workouts, 3, 30)},
			[]seen{{31, answerOf(exporter.Workout, record("3", 30))}}, "workout", "2 21m0s 0"},
		{"typed", []simulator.Arrival{typed}, []seen{{40, answerOf(exporter.Measure, record("1", 10))}}, Manual, "1 30m0s 0"},
		{"doubtful ones do not count", []simulator.Arrival{doubtful}, nil, "measure", "0 0s 0"},
		{"days go by their date", []simulator.Arrival{day}, []seen{{12, answerOf(exporter.Activity, exporter.Record{ID: "2026-06-01 relayed", Date: "2026-06-01", Modified: minute(10)})}},
			"activity", "1 2m0s 0"},
		{"an older minute is not enough", []simulator.Arrival{sample(8, 10)},
			[]seen{{12, answerOf(exporter.Intraday, exporter.Record{Start: minute(7)})}, {15, answerOf(exporter.Intraday, exporter.Record{Start: minute(8)})}}, "intraday", "1 5m0s 0"},
		{"a synchronisation without a newer minute is none", []simulator.Arrival{sample(8, 10), sample(8, 20)},
			[]seen{{12, answerOf(exporter.Intraday, exporter.Record{Start: minute(8)})}}, "intraday", "1 2m0s 0"},
	} {
		now := begin
		w := newTestWatcher(&now)
		w.expect(test.arrives)
		for _, one := range test.seen {
			now = minute(one.at)
			w.saw(one.batch)
		}
		result := Result{Fresh: map[string]*Freshness{}}
		w.settle("Anna", minute(600), &result)
		is := result.Fresh[test.group]
		if is == nil {
			is = &Freshness{}
		}
		if got := fmt.Sprint(is.Readings, is.Worst, len(result.Lost)); got != test.want || result.Early > 0 {
			t.Errorf("%s: %s, %d early; want %s\n%v", test.name, got, result.Early, test.want, result.Lost)
		}
	}
}

func TestAReadingBeforeItsTimeIsAFault(t *testing.T) {
	now := minute(9)
	w := newTestWatcher(&now)
	w.expect([]simulator.Arrival{arrival(simulator.Measures, 1, 10)})
	w.saw(answerOf(exporter.Measure, exporter.Record{ID: "1", Modified: minute(10)}))
	result := Result{Fresh: map[string]*Freshness{}}
	if w.settle("Anna", minute(20), &result); result.Early != 1 {
		t.Errorf("%d early, want 1", result.Early)
	}
}

func TestWhatJustArrivedIsNotLost(t *testing.T) {
	now := begin
	w := newTestWatcher(&now)
	w.expect([]simulator.Arrival{arrival(simulator.Measures, 1, 10)})
	for after, want := range map[int]int{30: 0, 90: 1} {
		result := Result{Fresh: map[string]*Freshness{}}
		if w.settle("Anna", minute(after), &result); len(result.Lost) != want {
			t.Errorf("after %d minutes, %d are lost, want %d", after, len(result.Lost), want)
		}
	}
}

func TestSharesAreOfWholeMinutes(t *testing.T) {
	f := &Freshness{}
	for _, late := range []time.Duration{0, time.Minute, 5 * time.Minute, 5*time.Minute + time.Second, 15 * time.Minute, 59 * time.Minute, time.Hour, 5 * time.Hour} {
		f.add(late, begin)
	}
	for d, want := range map[time.Duration]float64{5 * time.Minute: 3. / 8, 15 * time.Minute: 5. / 8, time.Hour: 7. / 8} {
		if got := f.Within(d); got != want {
			t.Errorf("within %v: %v, want %v", d, got, want)
		}
	}
	if f.Worst != 5*time.Hour || f.Readings != 8 {
		t.Errorf("%d readings, worst %v", f.Readings, f.Worst)
	}
	if got := (*Freshness)(nil).Within(time.Hour); got != 1 {
		t.Errorf("of no readings, %v are in time", got)
	}
}
