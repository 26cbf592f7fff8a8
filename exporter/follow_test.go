package exporter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/testrun"
)

// minuteCloud is a cloud with days and nights that a test adds and changes, and a
// sample for every ten minutes. An answer about days or nights has what was changed
// since the cursor.
type minuteCloud struct {
	fakeCloud
	rows    shared[[]Record]
	refuses shared[func(Service, Span) error] // nil: none
	read    shared[[]string]                  // windows: "intraday 2000-01-01 00:00 24h0m0s"
}

func newMinuteCloud() *minuteCloud {
	c := &minuteCloud{}
	c.fetch = func(_ context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
		if service.Row().Minutes {
			return Fetched{}, c.window(service, p.Wanted, apply)
		}
		b := Batch{Service: service}
		for _, r := range c.rows.get() {
			if r.Service == service && (p.Updated.IsZero() || !r.Modified.Before(p.Updated.Add(-15*time.Minute))) {
				b.Records = append(b.Records, r)
			}
		}
		apply(b)
		return Fetched{Updated: time.Now()}, nil
	}
	return c
}

func (c *minuteCloud) window(service Service, wanted Spans, apply func(Batch)) error {
	w := wanted[0]
	c.read.set(append(slices.Clone(c.read.get()), fmt.Sprintf("%s %s %s", service, w.From.UTC().Format("2006-01-02 15:04"), w.To.Sub(w.From))))
	if refuses := c.refuses.get(); refuses != nil {
		if err := refuses(service, w); err != nil {
			return err
		}
	}
	metric := map[Service]string{Intraday: "activity_intraday_steps", Night: "sleep_minute_heart_rate_beats_per_minute"}[service]
	b := Batch{Service: service}
	for at := w.From.Truncate(10 * time.Minute); at.Before(w.To) && !at.After(time.Now()); at = at.Add(10 * time.Minute) {
		b.Records = append(b.Records, Record{Service: service, ID: fmt.Sprint(at.Unix()), Start: at, End: at,
			Readings: []Reading{is(metric, "60", "ScanWatch 2")}})
	}
	apply(b)
	return nil
}

// tell adds or changes a day or a night, now.
func (c *minuteCloud) tell(r Record) {
	r.Modified = time.Now()
	r.Readings = append(slices.Clone(r.Readings), is(map[Service]string{Activity: "activity_steps", Sleep: "sleep_score"}[r.Service], fmt.Sprint(time.Now().Unix()%1000)))
	rows := slices.DeleteFunc(slices.Clone(c.rows.get()), func(held Record) bool { return held.Service == r.Service && held.ID == r.ID })
	c.rows.set(append(rows, r))
}

// windows are those of a service that were read since the last call, without those
// that were read every hour.
func (c *minuteCloud) windows(service Service) []string {
	var all []string
	for _, w := range c.read.get() {
		if rest, is := strings.CutPrefix(w, string(service)+" "); is {
			all = append(all, rest)
		}
	}
	c.read.set(slices.DeleteFunc(slices.Clone(c.read.get()), func(w string) bool { return strings.HasPrefix(w, string(service)+" ") }))
	return all
}

// firstDay is when the bubble's clock begins: all tests do.
const firstDay = "2000-01-01 00:00"

// dayRow and nightRow are rows of a date, without readings.
func dayRow(date string) Record {
	return Record{Service: Activity, ID: date, Date: date, Start: at(date + " 00:00"), End: at(date + " 00:00").Add(24 * time.Hour)}
}

func nightRow(id, date, start, end string) Record {
	return Record{Service: Sleep, ID: id, Date: date, Start: at(start), End: at(end)}
}

func TestMinutesAreReadForNewAndChangedDaysAndNightsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		cloud.tell(dayRow("1999-12-31"))
		cloud.tell(nightRow("1", "1999-12-30", "1999-12-29 22:00", "1999-12-30 06:00"))
		p := &Profile{Fetch: &cloud.fakeCloud}
		start(t, p)
		const first = "1999-12-31 00:00 24h0m0s"
		for _, service := range []Service{Intraday, Night} {
			if got := cloud.windows(service); !slices.Equal(got, []string{first}) {
				t.Errorf("at first %s is asked for %q, want the last day alone", service, got)
			}
		}
		pass(50 * time.Minute)
		if got := cloud.read.get(); len(got) > 0 {
			t.Errorf("without news %q are read", got)
		}
		pass(15 * time.Minute)
		for _, service := range []Service{Intraday, Night} {
			if got := cloud.windows(service); len(got) != 1 || !strings.HasSuffix(got[0], " 24h0m0s") || strings.HasPrefix(got[0], "1999-12-31 00:00") {
				t.Errorf("after an hour %s is asked for %q, want the last day", service, got)
			}
		}

		cloud.tell(nightRow("2", "1999-12-28", "1999-12-27 22:30", "1999-12-28 06:30"))
		cloud.tell(dayRow("1999-12-14"))
		pass(6 * time.Minute)
		if got, want := cloud.windows(Night), []string{"1999-12-27 22:30 8h0m0s"}; !slices.Equal(got, want) {
			t.Errorf("a new night has %q read, want %q", got, want)
		}
		if got, want := cloud.windows(Intraday), []string{"1999-12-14 00:00 24h0m0s"}; !slices.Equal(got, want) {
			t.Errorf("a day that came late has %q read, want %q", got, want)
		}
		pass(25 * time.Minute)
		if got := cloud.read.get(); len(got) > 0 {
			t.Errorf("what is known comes again in increments, and %q are read", got)
		}
		cloud.tell(nightRow("2", "1999-12-28", "1999-12-27 22:30", "1999-12-28 07:00"))
		pass(6 * time.Minute)
		if got, want := cloud.windows(Night), []string{"1999-12-27 22:30 8h30m0s"}; !slices.Equal(got, want) {
			t.Errorf("a revised night has %q read, want %q", got, want)
		}
		if got := p.State.Progress(Night); len(got.Wanted) > 0 || !got.Success.Equal(p.State.Progress(Sleep).Success) || !p.Status.Condition().Up {
			t.Errorf("nothing is wanted, and its progress is %+v", got)
		}
	})
}

func TestOfTodayOnlyWhatMayBeMissingIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		pass(10*time.Hour + 7*time.Minute)
		start(t, &Profile{Fetch: &cloud.fakeCloud})
		cloud.windows(Intraday)
		pass(20 * time.Minute) // until about 10:27
		cloud.tell(dayRow("2000-01-01"))
		pass(6 * time.Minute)
		got := cloud.windows(Intraday)
		// The newest sample is of 10:00.
		if len(got) != 1 || !strings.HasPrefix(got[0], "2000-01-01 09:00 1h") {
			t.Errorf("today has %q read, want from an hour before the newest sample", got)
		}
	})
}

func TestTheDeviceThatWasSilentLongestSaysFromWhereTodayIsRead(t *testing.T) {
	sample := func(taken, model string) Record {
		return Record{Service: Intraday, ID: taken + model, Start: at(taken), End: at(taken), Readings: []Reading{is("activity_intraday_steps", "1", model)}}
	}
	s := newState(sample("2026-07-15 11:50", "Android step tracker"), sample("2026-07-15 07:20", "ScanWatch 2"), sample("2026-03-01 12:00", "Pulse HR"))
	if got, want := s.sampled(Intraday, at("2026-07-14 00:00")), at("2026-07-15 07:20"); !got.Equal(want) {
		t.Errorf("samples are known up to %s, want %s: a watch that was not worn since spring does not count", got, want)
	}
	if got := s.sampled(Night, at("2026-07-14 00:00")); !got.IsZero() {
		t.Errorf("without samples it is %s", got)
	}
}

func TestAWindowThatFailsStaysWantedAndOthersAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		p := &Profile{Fetch: &cloud.fakeCloud}
		start(t, p)
		cloud.windows(Night)
		bad := errors.New("status 503")
		cloud.refuses.set(func(_ Service, w Span) error {
			if w.From.Equal(at("1999-12-20 22:00")) {
				return bad
			}
			return nil
		})
		for _, day := range []string{"19", "20", "21"} {
			cloud.tell(nightRow(day, "1999-12-"+day, "1999-12-"+day+" 22:00", "1999-12-"+day+" 23:00"))
		}
		pass(6 * time.Minute)
		want := []string{"1999-12-21 22:00 1h0m0s", "1999-12-20 22:00 1h0m0s", "1999-12-19 22:00 1h0m0s"}
		if got := cloud.windows(Night); !slices.Equal(got, want) {
			t.Errorf("read are %q, want %q", got, want)
		}
		is := p.Status.Condition()
		if left := p.State.Progress(Night).Wanted; is.Up || is.Problems[Night].Text != "status 503" || len(is.Problems) != 1 || len(left) != 1 || !left[0].From.Equal(at("1999-12-20 22:00")) {
			t.Errorf("wanted are %v, problems %v", left, is.Problems)
		}
		cloud.refuses.set(nil)
		pass(6 * time.Minute)
		if got := cloud.windows(Night); !slices.Equal(got, want[1:2]) || len(p.State.Progress(Night).Wanted) > 0 || !p.Status.Condition().Up {
			t.Errorf("afterwards %q are read, want %q", got, want[1:2])
		}
	})
}

func TestALongAbsenceIsReadInWindowsOfADayTheNewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		var down shared[bool]
		p := &Profile{Fetch: &cloud.fakeCloud}
		p.Ready = func(context.Context) error {
			if down.get() {
				return ErrNotAuthorized
			}
			return nil
		}
		startEvery(t, time.Hour, p)
		cloud.windows(Intraday)
		down.set(true)
		for range 50 {
			pass(24 * time.Hour)
			yesterday := time.Now().UTC().AddDate(0, 0, -1)
			cloud.tell(dayRow(yesterday.Format(time.DateOnly)))
		}
		down.set(false)
		pass(time.Minute)
		got := cloud.windows(Intraday)
		if len(got) != mostWindows || !strings.HasPrefix(got[0], "2000-02-19 00:00 24h") {
			t.Errorf("at first %d windows are read, want %d: %q", len(got), mostWindows, got)
		}
		pass(70 * time.Minute) // the next poll, which may be a little late
		got = append(got, cloud.windows(Intraday)...)
		if oldest := got[len(got)-1]; !strings.HasPrefix(oldest, "2000-01-01 00:00") || len(got) < 50 || len(got) > 52 {
			t.Errorf("then %d windows in all, down to %s", len(got), oldest)
		}
		if left := p.State.Progress(Intraday).Wanted; len(left) > 0 {
			t.Errorf("still wanted are %v", left)
		}
		for _, w := range got {
			if length, err := time.ParseDuration(w[strings.LastIndex(w, " ")+1:]); err != nil || length > Window {
				t.Errorf("a window is %s", w)
			}
		}
	})
}

func TestASinkGetsTheMinutesOfAnOutageOfAnyLength(t *testing.T) {
	testrun.Unraced(t, "weeks of what other outages have hours of")
	synctest.Test(t, func(t *testing.T) {
		cloud, sink := newMinuteCloud(), newMemorySink()
		p := &Profile{Fetch: &cloud.fakeCloud, Sink: sink}
		startEvery(t, time.Hour, p)
		pass(2 * time.Hour)
		if sink.times("intraday "+fmt.Sprint(at(firstDay).Add(-time.Hour).Unix())) == 0 {
			t.Fatal("the sink has no minutes")
		}
		sink.down.set(true)
		for day := 1; day <= 60; day++ {
			pass(24 * time.Hour)
			date := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
			cloud.tell(dayRow(date))
			cloud.tell(nightRow(date, date, date+" 22:00", date+" 23:30"))
		}
		pass(time.Hour)
		if is := p.Status.Condition().Sink; is == nil || is.Behind.IsZero() {
			t.Fatal("a sink that is down is not behind")
		}
		sink.down.set(false)
		pass(6 * time.Hour)
		for at := at("2000-01-01 00:00"); at.Before(time.Now().Add(-2 * time.Hour)); at = at.Add(10 * time.Minute) {
			if sink.times("intraday "+fmt.Sprint(at.Unix())) == 0 {
				t.Fatalf("the sink lacks the sample of %s", at)
			}
		}
		for _, minute := range []string{"2000-01-01 22:00", "2000-01-31 22:40", "2000-02-28 23:20"} {
			if sink.times("night "+fmt.Sprint(at(minute).Unix())) == 0 {
				t.Errorf("the sink lacks the minute of %s", minute)
			}
		}
		if is := p.Status.Condition(); !is.Sink.Behind.IsZero() || !is.Up {
			t.Errorf("the sink is behind since %s", is.Sink.Behind)
		}
		for _, service := range []Service{Intraday, Night} {
			if left := sink.Progress(service); len(left.Wanted) > 0 {
				t.Errorf("the sink still wants %v of %s", left.Wanted, service)
			}
		}
	})
}

func TestWhatIsWantedOutlivesACrashAndAnUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		p := &Profile{Fetch: &cloud.fakeCloud}
		var saved []byte
		p.Save = func() (err error) { saved, err = p.State.MarshalJSON(); return err }
		r := start(t, p)
		cloud.refuses.set(func(Service, Span) error { return errCloud })
		cloud.tell(nightRow("2", "1999-12-28", "1999-12-27 22:30", "1999-12-28 06:30"))
		pass(6 * time.Minute)
		r.stop()
		<-r.done
		for name, file := range map[string]string{"a crash": string(saved), "an upgrade": strings.Replace(string(saved), CatalogID(), "another", 1)} {
			next := newMinuteCloud()
			next.rows.set(cloud.rows.get())
			state := NewState(p.State.Profile(), nil)
			if err := state.Restore([]byte(file)); err != nil {
				t.Fatal(err)
			}
			start(t, &Profile{Fetch: &next.fakeCloud, State: state})
			if got := next.windows(Night); !slices.Contains(got, "1999-12-27 22:30 8h0m0s") {
				t.Errorf("after %s %q are read", name, got)
			}
		}
	})
}

func TestAServiceThatHasNothingToAskIsAsWellAsTheOneItFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		inner := cloud.fetch
		var fails shared[error]
		cloud.fetch = func(ctx context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
			if err := fails.get(); err != nil && !service.Row().Minutes {
				return Fetched{}, err
			}
			return inner(ctx, service, p, apply)
		}
		refused := 0
		p := &Profile{Fetch: &cloud.fakeCloud, Refused: func() { refused++ }}
		r := start(t, p)
		before := p.State.Progress(Intraday).Success
		fails.set(fmt.Errorf("everything: %w", ErrTokenRefused))
		pass(6 * time.Minute)
		if refused != 1 {
			t.Errorf("when every service that is asked refuses the token, that is told %d times", refused)
		}
		is := p.Status.Condition()
		if _, told := is.Problems[Intraday]; told || is.Up || !p.State.Progress(Intraday).Success.Equal(before) {
			t.Errorf("it counts as read, or its problem is told twice: %v", is.Problems)
		}
		if strings.Contains(r.lines(), "service=intraday") {
			t.Error("it is logged twice")
		}
	})
}

func TestWithoutTheServiceThatTheyFollowMinutesAreReadEveryHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		p := &Profile{Fetch: &cloud.fakeCloud, Choose: func() Choice { return Choice{Asked: []Service{Night}, Sure: true} }}
		start(t, p)
		pass(5*time.Hour + 30*time.Minute)
		if got := cloud.windows(Night); len(got) < 6 || len(got) > 12 || !p.Status.Condition().Up {
			t.Errorf("in five hours and a half %q were read", got)
		}
	})
}

func TestAnAbsurdRecordHasNoMoreThanTwoDaysRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newMinuteCloud()
		start(t, &Profile{Fetch: &cloud.fakeCloud})
		cloud.windows(Night)
		cloud.tell(nightRow("1", "2000-01-01", "1970-01-02 00:00", "2000-01-01 00:00"))
		cloud.tell(nightRow("2", "2000-01-09", "2000-01-08 00:00", "2000-01-09 00:00"))
		pass(6 * time.Minute)
		if got, want := cloud.windows(Night), []string{"1970-01-03 00:00 24h0m0s", "1970-01-02 00:00 24h0m0s"}; !slices.Equal(got, want) {
			t.Errorf("read are %q, want %q", got, want)
		}
	})
}

func TestWhatAFileHasOfWantedIsPutInOrder(t *testing.T) {
	s := newState()
	_ = s.Advance(Night, func(p *Progress) { // the state never fails
		p.Wanted = Spans{{at("2026-07-15 08:00"), at("2026-07-15 06:00")}, {at("2026-07-14 00:00"), at("2026-07-14 02:00")}, {at("2026-07-13 23:00"), at("2026-07-14 01:00")}}
	})
	saved, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	back := newState()
	if err := back.Restore(saved); err != nil {
		t.Fatal(err)
	}
	is := back.Progress(Night).Wanted
	if len(is) != 1 || !is[0].From.Equal(at("2026-07-13 23:00")) || !is[0].To.Equal(at("2026-07-14 02:00")) {
		t.Errorf("wanted is %v", is)
	}
}
