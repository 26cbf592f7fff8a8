package backfill

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// bedroom is a cloud that has the minutes of its sleep sessions, every ten minutes. Of
// a longer span than 24 hours it tells the first 24, as Withings does.
type bedroom struct {
	*cloud
	windows []exporter.Span
	broken  func(exporter.Span) error // nil: none is
}

// newBedroom has n sessions of an hour, the newest two days ago.
func newBedroom(n int, apart time.Duration) *bedroom {
	b := &bedroom{cloud: newCloud(n, apart, 300, exporter.Sleep)}
	for i := range b.records[exporter.Sleep] {
		r := &b.records[exporter.Sleep][i]
		r.Start, r.End, r.Modified = r.Start.AddDate(0, 0, -2), r.End.AddDate(0, 0, -2), r.Modified.AddDate(0, 0, -2)
		b.sleep(r.Start, r.End, 10*time.Minute)
	}
	return b
}

// sleep adds minutes.
func (b *bedroom) sleep(from, to time.Time, every time.Duration) {
	for at := from; at.Before(to); at = at.Add(every) {
		b.records[exporter.Night] = append(b.records[exporter.Night], exporter.Record{Service: exporter.Night, ID: strconv.FormatInt(at.Unix(), 10) + "-mat",
			Start: at, End: at, Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_minute_state"), Labels: exporter.LabelValues("Sleep Analyzer"), Value: exporter.Integer(2)}}})
	}
}

func (b *bedroom) Page(ctx context.Context, s exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	if s != exporter.Night {
		return b.cloud.Page(ctx, s, span, offset)
	}
	b.windows = append(b.windows, span)
	if b.broken != nil {
		if err := b.broken(span); err != nil {
			return exporter.Page{}, err
		}
	}
	span.To = exporter.Earlier(span.To, span.From.Add(24*time.Hour))
	was := b.size
	b.size = len(b.records[exporter.Night])
	defer func() { b.size = was }()
	return b.cloud.Page(ctx, s, span, 0)
}

// Fetch tells what is new, but not of minutes, which have no cursor.
func (b *bedroom) Fetch(ctx context.Context, s exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	if s.Row().Minutes {
		return exporter.Fetched{}, errors.New("minutes have no cursor, and are asked for what is new")
	}
	return b.cloud.Fetch(ctx, s, p, apply)
}

// minutely imports with minutes.
func minutely(ctx context.Context, b *bedroom, s *shelf, span exporter.Span, asked ...exporter.Service) (ahead []Outlook, err error) {
	r := &Run{Span: span, Now: func() time.Time { return now }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Ahead: func(all []Outlook) { ahead = all }}
	if len(asked) == 0 {
		asked = []exporter.Service{exporter.Sleep, exporter.Night}
	}
	_, err = r.Do(ctx, []*Profile{{Name: "Anna", Source: b, Target: s, Asked: asked, Minutes: true}})
	return ahead, err
}

func TestEveryMinuteComesAndOnlyNightsAreAsked(t *testing.T) {
	for _, at := range []struct {
		name         string
		nights, most int
		apart        time.Duration
	}{
		{"every night", 400, 400, 24 * time.Hour},
		{"a nap and a night", 800, 400, 12 * time.Hour},
		{"a week apart, after years without any", 50, 50, 7 * 24 * time.Hour},
		{"one", 1, 1, time.Hour},
	} {
		t.Run(at.name, func(t *testing.T) {
			b, s := newBedroom(at.nights, at.apart), newShelf()
			ahead, err := minutely(t.Context(), b, s, forever)
			if err != nil {
				t.Fatal(err)
			}
			whole(t, b.cloud, s)
			for _, w := range b.windows {
				if w.To.Sub(w.From) > 24*time.Hour {
					t.Errorf("window of %s: of more than 24 hours Withings tells the first 24", w.To.Sub(w.From))
				}
			}
			if n := len(b.windows); n > at.most+1+samples {
				t.Errorf("%d windows, want %d and some to tell what they take", n, at.most)
			}
			if at.nights > fewWindows && (len(ahead) != 1 || ahead[0].Requests != len(b.windows)-samples || ahead[0].Points < 6*at.nights || ahead[0].Points > 7*at.nights) {
				t.Errorf("announced %+v, and then there were %d requests for %d points", ahead, len(b.windows)-samples, 6*at.nights)
			}
			before := b.requests
			if _, err := minutely(t.Context(), b, s, forever); err != nil || b.requests != before {
				t.Errorf("the second run makes %d requests, error %v", b.requests-before, err)
			}
		})
	}
}

// dormitory tells whole segments of 90 minutes, by their begin, as some of Withings'
// answers may.
type dormitory struct {
	*bedroom
	begin time.Time
}

func (d *dormitory) Page(ctx context.Context, s exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	page, err := d.bedroom.Page(ctx, s, span, offset)
	if s != exporter.Night || err != nil {
		return page, err
	}
	page.Records = nil
	for _, r := range d.records[s] {
		if span.Has(d.begin.Add(r.Start.Sub(d.begin).Truncate(90 * time.Minute))) {
			page.Records = append(page.Records, r)
		}
	}
	return page, nil
}

// TestASegmentThatAWindowCutsIsWhole: somebody spent 40 hours in bed.
func TestASegmentThatAWindowCutsIsWhole(t *testing.T) {
	for minutes := range 9 {
		b, s := newBedroom(1, time.Hour), newShelf()
		d := &dormitory{bedroom: b, begin: now.Add(-100 * time.Hour)}
		end := d.begin.Add(40*time.Hour + time.Duration(10*minutes)*time.Minute)
		b.records[exporter.Sleep][0].Start, b.records[exporter.Sleep][0].End = d.begin, end
		b.records[exporter.Night] = nil
		b.sleep(d.begin, end, 10*time.Minute)
		r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { return nil }}
		if _, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: d, Target: s, Asked: []exporter.Service{exporter.Sleep, exporter.Night}, Minutes: true}}); err != nil {
			t.Fatal(err)
		}
		whole(t, b.cloud, s)
	}
}

func TestWhatIsLeftOfMinutesIsKnownToTheWindow(t *testing.T) {
	b, s := newBedroom(100, 36*time.Hour), newShelf()
	var left []int
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { return nil },
		Report: func(is Report) {
			if is.Service == exporter.Night {
				left = append(left, is.Left)
			}
		}}
	if _, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: b, Target: s, Asked: []exporter.Service{exporter.Night}, Minutes: true}}); err != nil {
		t.Fatal(err)
	}
	for i, n := range left {
		if want := max(99-i, 0); n != want {
			t.Fatalf("after window %d there are %d left, want %d", i+1, n, want)
		}
	}
	if len(left) < 100 {
		t.Errorf("%d reports for 100 nights", len(left))
	}
}

func TestWithoutBeingAskedForMinutesAreNotRead(t *testing.T) {
	b, s := newBedroom(100, 24*time.Hour), newShelf()
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { return nil }}
	if _, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: b, Target: s}}); err != nil {
		t.Fatal(err)
	}
	if len(b.windows) > 0 {
		t.Errorf("%d windows were read", len(b.windows))
	}
}

// TestAWindowThatFailsIsNamedAndMissingUntilItIsRead has one, many here and there, and
// all of them fail.
func TestAWindowThatFailsIsNamedAndMissingUntilItIsRead(t *testing.T) {
	for _, at := range []struct {
		name  string
		fails func(n int) bool
		most  int // requests for minutes
	}{
		{"one", func(n int) bool { return n == 20 }, 100 + samples + tries},
		{"every tenth", func(n int) bool { return n%10 == 0 }, 100 + samples + 11*tries},
		{"all", func(n int) bool { return n > 0 }, samples + tries + mostInRow},
	} {
		t.Run(at.name, func(t *testing.T) {
			b, s := newBedroom(100, 24*time.Hour), newShelf()
			first := now.AddDate(0, 0, -2)
			days := func(w exporter.Span) int { return int(first.Sub(w.To)/(24*time.Hour)) + 1 }
			lost := 0
			b.broken = func(w exporter.Span) error {
				if len(b.windows) > samples && at.fails(days(w)) {
					return errors.New("503 for " + w.From.Format(time.DateTime))
				}
				return nil
			}
			_, err := minutely(t.Context(), b, s, forever)
			if err == nil || !strings.Contains(err.Error(), `profile "Anna": 503 for 2026-`) {
				t.Errorf("error %v", err)
			}
			if len(b.windows) > at.most {
				t.Errorf("%d requests, want at most %d", len(b.windows), at.most)
			}
			for _, r := range b.records[exporter.Night] {
				if s.has["night "+r.ID] == 0 {
					lost++
				}
			}
			if at.name == "one" && lost != 6 {
				t.Errorf("%d points are missing, want the 6 of one night", lost)
			}
			b.broken, b.windows = nil, nil
			if _, err := minutely(t.Context(), b, s, forever); err != nil {
				t.Fatal(err)
			}
			whole(t, b.cloud, s)
			if at.name == "one" && len(b.windows) != 1 {
				t.Errorf("%d windows were read again, want the one that failed", len(b.windows))
			}
		})
	}
}

// TestDaysThatAreMissingAreReadAndNoOthers has holes, of which no record tells that there
// is anything in them.
func TestDaysThatAreMissingAreReadAndNoOthers(t *testing.T) {
	b, s := newBedroom(100, 24*time.Hour), newShelf()
	if _, err := minutely(t.Context(), b, s, forever); err != nil {
		t.Fatal(err)
	}
	hole := exporter.Span{From: now.AddDate(0, 0, -20), To: now.AddDate(0, 0, -18)}
	moment := exporter.Span{From: now.AddDate(0, 0, -50), To: now.AddDate(0, 0, -50).Add(time.Second)}
	b.sleep(hole.From, hole.To, 10*time.Minute)
	b.sleep(moment.From, moment.To, time.Second)
	s.covered[exporter.Night] = s.covered[exporter.Night].Without(hole).Without(moment)
	b.windows = nil
	if _, err := minutely(t.Context(), b, s, forever); err != nil || len(b.windows) != 3 {
		t.Errorf("of three days that are missing, %d are read, error %v", len(b.windows), err)
	}
	whole(t, b.cloud, s)
}

func TestMinutesGoOnWhereTheyWereInterrupted(t *testing.T) {
	b, s := newBedroom(200, 18*time.Hour), newShelf()
	random := rand.New(rand.NewPCG(7, 7))
	runs, done := 0, false
	for ; !done; runs++ {
		ctx, cancel := context.WithCancel(t.Context())
		last := b.requests + 4 + random.IntN(20)
		b.fail = func(request int) error {
			if request > last {
				cancel()
				return ctx.Err()
			}
			return nil
		}
		_, err := minutely(ctx, b, s, forever)
		if done = err == nil; !done && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		if runs > 200 {
			t.Fatal("it does not get on")
		}
	}
	whole(t, b.cloud, s)
	t.Logf("%d windows in %d runs", len(b.windows), runs)
}

// TestANightThatChangedIsReadAgain: between two runs it was revised, or came late from
// a device that was away.
func TestANightThatChangedIsReadAgain(t *testing.T) {
	for _, back := range []int{0, 3, 20, 200} {
		b, s := newBedroom(300, 24*time.Hour), newShelf()
		if _, err := minutely(t.Context(), b, s, forever); err != nil {
			t.Fatal(err)
		}
		night := &b.records[exporter.Sleep][back]
		b.sleep(night.Start.Add(5*time.Minute), night.End.Add(2*time.Hour), 10*time.Minute)
		night.Modified = now.Add(time.Hour)
		b.windows = nil
		s.progress[exporter.Sleep] = exporter.Progress{Updated: now, Back: now.AddDate(-1, 0, 0), Success: now.Add(-time.Hour)}
		if _, err := minutely(t.Context(), b, s, forever); err != nil {
			t.Fatal(err)
		}
		whole(t, b.cloud, s)
		if len(b.windows) != 1 {
			t.Errorf("night %d: %d windows, want 1", back, len(b.windows))
		}
	}
}

// TestServeReadsTheMinutesOfWhatABackfillFoundChanged: a backfill moves the cursor of
// nights, and serve would not hear that one changed.
func TestServeReadsTheMinutesOfWhatABackfillFoundChanged(t *testing.T) {
	b, s := newBedroom(30, 24*time.Hour), newShelf()
	back := now.AddDate(0, 0, -10)
	s.progress[exporter.Sleep] = exporter.Progress{Updated: now.AddDate(0, 0, -20), Success: now.Add(-time.Hour)}
	s.progress[exporter.Night] = exporter.Progress{Back: back}
	if err := bring(t.Context(), b.cloud, s, forever); err != nil {
		t.Fatal(err)
	}
	wanted := s.progress[exporter.Night].Wanted
	for _, r := range b.records[exporter.Sleep] {
		has := slices.ContainsFunc(wanted, func(w exporter.Span) bool { return w.Has(r.Start) })
		if want := !r.Start.Before(back); has != want {
			t.Errorf("the minutes of %s are wanted: %v", r.Start.Format(time.DateTime), has)
		}
	}
}

// TestTheLastDaysAreReadAgainIfNobodyTellsOfChanges is a person of whom nights are not
// asked, only their minutes.
func TestTheLastDaysAreReadAgainIfNobodyTellsOfChanges(t *testing.T) {
	b, s := newBedroom(30, 24*time.Hour), newShelf()
	for range 2 {
		if _, err := minutely(t.Context(), b, s, forever, exporter.Night); err != nil {
			t.Fatal(err)
		}
	}
	delete(b.records, exporter.Sleep)
	whole(t, b.cloud, s)
	b.sleep(now.Add(-40*time.Hour), now.Add(-39*time.Hour), time.Minute)
	if _, err := minutely(t.Context(), b, s, forever, exporter.Night); err != nil {
		t.Fatal(err)
	}
	whole(t, b.cloud, s)
}

func TestMinutesComeAfterWhatIsCheap(t *testing.T) {
	b, s := newBedroom(900, 24*time.Hour), newShelf()
	if _, err := minutely(t.Context(), b, s, forever); err != nil {
		t.Fatal(err)
	}
	nights := 0
	for _, asked := range b.asked {
		if strings.HasPrefix(asked, "night") {
			nights++
		} else if nights > samples {
			t.Errorf("asked for %s after %d windows", asked, nights)
		}
	}
}
