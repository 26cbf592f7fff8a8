package exporter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errDown = fmt.Errorf("database is down: %w", ErrOfAll)

// memorySink is a Sink that keeps ids in memory, and refuses while it is down.
type memorySink struct {
	down shared[bool]
	own  shared[bool] // its file cannot be written
	full shared[bool] // it says that it is ready, and takes no batch of which something is new

	tried atomic.Int64 // how often it was asked whether it is ready

	mu   sync.Mutex // guards what follows
	at   map[Service]Progress
	took map[string]int // how often each record was put, by service and id
}

func newMemorySink() *memorySink {
	return &memorySink{at: map[Service]Progress{}, took: map[string]int{}}
}

func (m *memorySink) Ready(context.Context) error {
	m.tried.Add(1)
	return m.refusal()
}

func (m *memorySink) refusal() error {
	if m.own.get() {
		return errors.New("no space left")
	}
	if m.down.get() {
		return errDown
	}
	return nil
}

func (m *memorySink) Put(_ context.Context, batches ...Batch) error {
	if err := m.refusal(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range batches {
		for _, r := range b.Records {
			if m.full.get() && m.took[string(b.Service)+" "+r.ID] == 0 {
				return errDown
			}
			m.took[string(b.Service)+" "+r.ID]++
		}
	}
	return nil
}

func (m *memorySink) Vanishing(Batch) (held, gone int) { return 0, 0 }

func (m *memorySink) Progress(s Service) Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at[s]
}

func (m *memorySink) Advance(s Service, change func(*Progress)) error {
	if err := m.refusal(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.at[s]
	change(&p)
	m.at[s] = p
	return nil
}

func (m *memorySink) times(record string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.took[record]
}

// lateCloud is a cloud whose measures are changed one after the other; an answer
// holds those changed since the cursor, the past one of its own.
type lateCloud struct {
	fakeCloud
	began   time.Time
	changes shared[[]Record]
}

func newLateCloud(past string) *lateCloud {
	d := &lateCloud{began: time.Now()}
	d.fetch = func(_ context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
		if service != Measure {
			return Fetched{}, nil
		}
		batch := Batch{Service: Measure}
		for _, r := range d.changes.get() {
			if r.Modified.After(p.Updated) {
				batch.Records = append(batch.Records, r)
			}
		}
		apply(batch)
		f := Fetched{Updated: time.Now()}
		if p.Updated.IsZero() {
			f.Whole = d.began
		}
		return f, nil
	}
	d.older = func(service Service, p Progress, apply func(Batch)) (time.Time, error) {
		if service == Measure {
			apply(Batch{Service: Measure, Records: []Record{d.weighIn(past, d.began.Add(-time.Hour))}})
		}
		return time.Time{}, nil
	}
	return d
}

func (d *lateCloud) weighIn(id string, at time.Time) Record {
	return Record{Service: Measure, ID: id, Start: at, End: at, Modified: time.Now(),
		Readings: []Reading{{Metric: ByName("weight_grams"), Value: Integer(70_000)}}}
}

func (d *lateCloud) add(id string) { d.changes.set(append(d.changes.get(), d.weighIn(id, time.Now()))) }

// polls are the calls for measures: an f for what is new, a p for the past.
func (d *lateCloud) polls() string {
	var all strings.Builder
	for _, c := range d.taken() {
		switch c.what {
		case "fetch measure":
			all.WriteString("f")
		case "older measure":
			all.WriteString("p")
		}
	}
	return all.String()
}

func TestTheSinkTakesAlongWhatIsReadForTheGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newLateCloud("past"), newMemorySink()
		cloud.add("1")
		p := &Profile{Fetch: cloud, Sink: sink}
		startLateCloud(t, p)
		pass(6 * time.Minute)
		cloud.add("2")
		pass(6 * time.Minute)
		if got := cloud.polls(); got != "fpff" {
			t.Errorf("Withings was asked %q for measures, want once a poll and once for the past", got)
		}
		for _, id := range []string{"1", "2", "past"} {
			if sink.times("measure "+id) != 1 {
				t.Errorf("record %s came %d times", id, sink.times("measure "+id))
			}
		}
		if is := p.Status.Condition().Sink; is == nil || !is.Behind.IsZero() || is.Problem.Text != "" {
			t.Errorf("the sink is said to be %+v", is)
		}
	})
}

func TestWhatASinkMissedInAnOutageFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newLateCloud("past"), newMemorySink()
		p := &Profile{Fetch: cloud, Sink: sink}
		r := startLateCloud(t, p)
		pass(6 * time.Minute)
		down := time.Now()
		sink.down.set(true)
		cloud.add("1")
		pass(3 * time.Hour)
		is := p.Status.Condition()
		if is.Sink.Problem.Text != errDown.Error() || is.Sink.Lag(time.Now()) < 2*time.Hour || is.Sink.Behind.After(down) {
			t.Errorf("after three hours without a database: %+v", is.Sink)
		}
		if !is.Up || p.State.Newest(Measure).Before(down.Add(-time.Second)) {
			t.Error("the gauges do not go on")
		}
		if got := r.lines(); strings.Count(got, "readings cannot be written to the database") != 1 || strings.Contains(got, "profile=") {
			t.Errorf("want one line about it, for all, logged: %s", got)
		}
		cloud.add("2")
		sink.down.set(false)
		cloud.polls()
		pass(6 * time.Minute)
		for _, id := range []string{"1", "2"} {
			if sink.times("measure "+id) == 0 {
				t.Errorf("record %s is lost", id)
			}
		}
		if is := p.Status.Condition().Sink; !is.Behind.IsZero() || is.Lag(time.Now()) != 0 {
			t.Errorf("it caught up and is said to be %+v", is)
		}
		if got := r.lines(); !strings.Contains(got, `msg="readings are written to the database again" profiles=1 after=2h`) {
			t.Errorf("logged: %s", got)
		}
		cloud.polls()
		pass(time.Until(p.Status.Condition().NextPoll) + time.Second)
		if got := cloud.polls(); got != "f" {
			t.Errorf("having caught up, Withings is asked %q a poll, want once", got)
		}
	})
}

// TestASinkThatHasNeverWorkedHasNoLastSuccess, however many polls it has failed in, and is behind since the first.
func TestASinkThatHasNeverWorkedHasNoLastSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newLateCloud("past"), newMemorySink()
		sink.down.set(true)
		began := time.Now()
		p := &Profile{Fetch: cloud, Sink: sink}
		startLateCloud(t, p)
		pass(3 * time.Hour)
		if is := p.Status.Condition().Sink; !is.Safe.IsZero() || is.Behind.Sub(began) > time.Minute {
			t.Errorf("after three hours without a database: %+v", is)
		}
	})
}

func TestASinkThatIsNewGetsWhatGaugesHaveLongKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newLateCloud("past")
		cloud.add("1")
		first := &Profile{Fetch: cloud}
		r := startLateCloud(t, first)
		pass(time.Minute)
		r.stop()
		<-r.done
		sink := newMemorySink()
		startLateCloud(t, &Profile{Fetch: cloud, State: first.State, Sink: sink})
		pass(time.Minute)
		for _, id := range []string{"1", "past"} {
			if sink.times("measure "+id) == 0 {
				t.Errorf("record %s is not in the new sink", id)
			}
		}
	})
}

func TestASinkDownFromTheStartLacksNothingInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newLateCloud("past"), newMemorySink()
		cloud.add("1")
		sink.down.set(true)
		startLateCloud(t, &Profile{Fetch: cloud, Sink: sink})
		pass(time.Hour)
		sink.down.set(false)
		pass(6 * time.Minute)
		for _, id := range []string{"1", "past"} {
			if sink.times("measure "+id) == 0 {
				t.Errorf("record %s is lost", id)
			}
		}
	})
}

// TestASinkIsToldOfBeforeThePastIsRead: no profile is well for the minutes that its
// past takes while nothing reaches the sink.
func TestASinkIsToldOfBeforeThePastIsRead(t *testing.T) {
	for _, down := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			cloud, sink := newLateCloud("past"), newMemorySink()
			cloud.add("1")
			sink.down.set(down)
			past := cloud.older
			cloud.older = func(service Service, p Progress, apply func(Batch)) (time.Time, error) {
				time.Sleep(time.Minute)
				return past(service, p, apply)
			}
			p := &Profile{Fetch: cloud, Sink: sink}
			startLateCloud(t, p)
			pass(30 * time.Second)
			is := p.Status.Condition()
			if !is.Up || len(only(cloud.taken(), "older measure")) != 1 {
				t.Fatalf("it is not at its past: %+v", is)
			}
			if is.Sink == nil || (is.Sink.Problem.Text != "") != down {
				t.Errorf("with the sink down %v its condition is %+v", down, is.Sink)
			}
		})
	}
}

// TestASinkThatIsRepairedIsToldOfAtTheBeginningOfAPoll has Withings take ten minutes for an answer.
func TestASinkThatIsRepairedIsToldOfAtTheBeginningOfAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink, slow := newLateCloud("past"), newMemorySink(), shared[bool]{}
		sink.down.set(true)
		quick := cloud.fetch
		cloud.fetch = func(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
			if slow.get() {
				_ = Pause(ctx, 10*time.Minute)
			}
			return quick(ctx, service, p, apply)
		}
		p := &Profile{Fetch: cloud, Sink: sink}
		r := startLateCloud(t, p)
		pass(time.Minute)
		if is := p.Status.Condition(); is.Sink == nil || is.Sink.Problem.Text == "" {
			t.Fatalf("the sink is well: %+v", is.Sink)
		}
		sink.down.set(false)
		slow.set(true)
		pass(5 * time.Minute)
		if is := p.Status.Condition(); is.Sink.Problem.Text != "" || !is.NextPoll.IsZero() || !strings.Contains(r.lines(), "written to the database again") {
			t.Errorf("during the poll that finds it repaired it is told to be %+v; the log is\n%s", is.Sink, r.lines())
		}
	})
}

// TestAFileOfOneSinkIsToldOfItsProfile is somebody's file that cannot be written; the database takes everything.
func TestAFileOfOneSinkIsToldOfItsProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newLateCloud("past"), newMemorySink()
		r := startLateCloud(t, &Profile{Fetch: cloud, Sink: sink, State: NewState("Ben", nil)})
		pass(6 * time.Minute)
		sink.own.set(true)
		cloud.add("1")
		pass(time.Hour)
		if got := r.lines(); strings.Count(got, `msg="readings cannot be written to the database`) != 1 || !strings.Contains(got, "profile=Ben") {
			t.Errorf("want one line about it, for Ben, logged: %s", got)
		}
	})
}

// startLateCloud starts a poller for a profile of a lateCloud.
func startLateCloud(t *testing.T, p *Profile) *rig {
	d := p.Fetch.(*lateCloud)
	p.Fetch = &d.fakeCloud
	return start(t, p)
}
