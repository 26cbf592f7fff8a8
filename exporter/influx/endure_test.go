package influx

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

// TestADatabaseThatNeverShowsWhatItTookIsFilledOnceMoreAtMost has questions go to
// where the points are not: a mapping to another bucket, a replica that lags.
func TestADatabaseThatNeverShowsWhatItTookIsFilledOnceMoreAtMost(t *testing.T) {
	for name, empty := range map[string]string{
		"2.7 with a mapping to another bucket": `{"results":[{"statement_id":0}]}`,
		"1.8 behind a balancer":                `{"results":[{"statement_id":0,"series":[]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On("/query", rude.Say(200, "application/json", empty+"\n"))
			records := []exporter.Record{weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)}
			for range 6 {
				k.put(batch(records...))
				k.covered(exporter.Measure)
				k.later(2 * lookEvery)
				k.ready()
			}
			if n := strings.Count(k.log.String(), "written again"); n > 1 {
				t.Errorf("everything is written again %d times:\n%s", n, &k.log)
			}
			if got := k.Progress(exporter.Measure); got.Updated.IsZero() {
				t.Errorf("the cursor is %+v", got)
			}
		})
	}
}

func TestADatabaseThatIsLostTwiceIsFilledTwice(t *testing.T) {
	k := newDesk(t, "v2")
	for range 3 {
		k.put(batch(night("7", day(9), 80)))
		if k.Progress(exporter.Sleep).Updated.IsZero() {
			k.covered(exporter.Sleep)
		}
		if err := k.Advance(exporter.Sleep, func(p *exporter.Progress) { // as serve does
			p.Renew(exporter.Fetched{Updated: k.now, Whole: k.now.AddDate(0, 0, -30)}, *p, k.now)
			p.Done = true
		}); err != nil {
			t.Fatal(err)
		}
		k.later(2 * lookEvery)
		k.ready()
		k.db.Drop()
		k.later(2 * lookEvery)
		k.ready()
		if got := k.Progress(exporter.Sleep); got.Updated.Year() != 1970 || got.Done {
			t.Fatalf("the cursor of nights is %+v, want one that years come by", got)
		}
	}
}

// TestWhatServeHasGatheredComesAgain has a serve without a backfill for half a year.
func TestWhatServeHasGatheredComesAgain(t *testing.T) {
	for _, service := range []exporter.Service{exporter.Sleep, exporter.Activity, exporter.Workout} {
		t.Run(string(service), func(t *testing.T) {
			k := newDesk(t, "v2")
			began := day(1).AddDate(0, -6, 0)
			r := night("7", day(9), 80)
			r.Service = service
			k.put(batch(r))
			if err := k.Advance(service, func(p *exporter.Progress) {
				p.Updated, p.Success, p.Reread, p.Back, p.Done = k.now, k.now, k.now, began, true
			}); err != nil {
				t.Fatal(err)
			}
			k.db.Drop()
			k.later(2 * lookEvery)
			k.ready()
			if got := k.Progress(service); got.Updated.After(began) || got.Updated.IsZero() {
				t.Errorf("the cursor is %+v, want one that everything since %s comes by", got, began)
			}
		})
	}
}

// TestWhatIsTakenAgainIsMissingUntilItIsThere looks at the time between the server's
// change of mind and the next poll.
func TestWhatIsTakenAgainIsMissingUntilItIsThere(t *testing.T) {
	k := newDesk(t, "v2")
	k.db.On(write, before(9))
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	k.covered(exporter.Measure)
	if err := k.Reopen(exporter.Span{From: day(5), To: day(6)}); err != nil { // and a backfill --again was interrupted
		t.Fatal(err)
	}
	k.db.Set(rude.Influx2)
	k.later(2 * retry)
	k.ready()
	for _, at := range []time.Time{day(3), day(5)} {
		if missing := k.Missing(exporter.Measure, exporter.Span{From: at, To: at.Add(time.Second)}); len(missing) != 1 {
			t.Errorf("what began at %s does not count as missing", at)
		}
	}
}

// TestARefusedReadingThatIsGoneAtWithingsStaysGone has one that is refused, and then
// deleted or moved before the server takes it.
func TestARefusedReadingThatIsGoneAtWithingsStaysGone(t *testing.T) {
	for name, change := range map[string]func(k *desk){
		"deleted": func(k *desk) {
			k.put(batch(exporter.Record{Service: exporter.Sleep, ID: "1", Start: day(9), End: day(9)}))
		},
		"vanished": func(k *desk) { k.put(gone(exporter.Sleep, 15)) },
		"moved":    func(k *desk) { k.put(batch(night("1", day(9).Add(2*time.Hour), 80))) },
		"corrected": func(k *desk) {
			r := night("1", day(9), 85)
			r.Modified = day(10)
			k.put(batch(r))
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.db.On(write, conflict("score"))
			k.put(batch(night("1", day(9), 80)), batch(weighIn("2", day(10), 71_000)))
			k.covered(exporter.Sleep)
			change(k)
			k.db.Set(rude.Influx2)
			k.later(2 * retry)
			k.ready()
			switch name {
			case "moved":
				k.put(batch(night("1", day(9).Add(2*time.Hour), 80)))
				k.want("body weight_grams 10 = 71000", "sleep score 9 = 80 2")
			case "corrected":
				k.put(batch(night("1", day(9), 85)))
				k.want("body weight_grams 10 = 71000", "sleep score 9 = 85")
			default:
				k.put(batch(night("3", day(12), 60)))
				k.want("body weight_grams 10 = 71000", "sleep score 12 = 60")
			}
			if got := k.Progress(exporter.Sleep); !got.Success.IsZero() {
				t.Errorf("what was refused does not come again: %+v", got)
			}
		})
	}
}

// TestARecordKeepsItsPointWhenOneOfTheSameMomentIsDeleted has two of a moment, of
// which one goes.
func TestARecordKeepsItsPointWhenOneOfTheSameMomentIsDeleted(t *testing.T) {
	fat := weighIn("2", day(3), 0)
	fat.Readings = []exporter.Reading{{Metric: exporter.ByName("fat_ratio"), Value: exporter.Integer(1)}}
	for name, later := range map[string][]exporter.Batch{
		"vanished from a whole answer":  {{Service: exporter.Measure, Whole: &exporter.Span{From: day(1), To: day(15)}, Records: []exporter.Record{fat}}},
		"taken back beside it":          {batch(fat, exporter.Record{Service: exporter.Measure, ID: "1", Start: day(3), End: day(3)})},
		"moved away":                    {batch(fat, weighIn("1", day(3).Add(-time.Hour), 70_000)), batch(fat, exporter.Record{Service: exporter.Measure, ID: "1", Start: day(3), End: day(3)})},
		"taken back after it, together": {batch(fat), batch(exporter.Record{Service: exporter.Measure, ID: "1", Start: day(3), End: day(3)}, fat)},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v1")
			k.put(batch(weighIn("1", day(3), 70_000), fat))
			k.put(later...)
			k.want("body fat_ratio 3 = 1")
		})
	}
}

// TestALossIsNoticedWhereNothingIsRecent has a database that holds years, and
// nothing of the last weeks.
func TestALossIsNoticedWhereNothingIsRecent(t *testing.T) {
	old := func(month int) time.Time { return day(1).AddDate(0, -month, 0) }
	for name, c := range map[string]struct {
		lose func(k *desk)
		want bool
	}{
		"dropped and made again": {func(k *desk) { k.db.Drop() }, true},
		"its first year is gone": {func(k *desk) { k.db.DropIf(func(l rude.Line) bool { return l.Time.Before(old(50)) }) }, true},
		"nothing":                {func(k *desk) {}, false},
		"a policy took it away": {func(k *desk) {
			k.db.DropIf(func(l rude.Line) bool { return l.Time.Before(old(50)) })
			k.db.On(write, rude.Write("2.7: older than the retention period").Lines(func(l rude.Line) bool { return l.Time.Before(old(50)) }))
		}, false},
		"a policy would refuse it, and somebody deleted all": {func(k *desk) {
			k.db.Drop()
			k.db.On(write, rude.Write("2.7: older than the retention period").Lines(func(l rude.Line) bool { return l.Time.Before(old(50)) }))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			var years []exporter.Record
			for m := 2; m < 60; m++ {
				years = append(years, weighIn(fmt.Sprint(m), old(m), 70_000))
			}
			k.put(batch(years[:20]...))
			k.put(batch(years[20:]...))
			k.covered(exporter.Measure)
			k.open()
			c.lose(k)
			for range 3 {
				k.ready()
				k.later(2 * lookRarely)
			}
			if got := strings.Count(k.log.String(), "no longer has points") == 1; got != c.want {
				t.Errorf("that it was lost is %v, want %v: %s", got, c.want, &k.log)
			}
			if missing := k.Missing(exporter.Measure, all); len(missing) > 0 != c.want {
				t.Errorf("missing is %v", missing)
			}
		})
	}
}

// TestWhatIsForgottenIsStillLookedFor has a serve, whose points become too old to be
// remembered one by one.
func TestWhatIsForgottenIsStillLookedFor(t *testing.T) {
	k := newDesk(t, "v2")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	k.later(100 * 24 * time.Hour)
	k.put(batch(weighIn("3", k.now, 72_000)))
	k.covered(exporter.Measure)
	k.db.DropIf(func(l rude.Line) bool { return l.Time.Before(day(20)) })
	k.ready()
	if got := k.log.String(); strings.Count(got, "no longer has points") != 1 {
		t.Errorf("logged %q", got)
	}
}

// TestFewPointsAreLookedFor has many written, and asks what of it the ledger keeps.
func TestFewPointsAreLookedFor(t *testing.T) {
	c := &chapter{}
	for i := range 10_000 {
		c.mark(spot{"withings_body", int64(i * 7919 % 10_007)})
	}
	if n := len(c.Marks); n != samples || c.Marks[0].At != 0 || c.Marks[n-1].At < 9_990 {
		t.Fatalf("marked are %v", c.Marks)
	}
	for i := 1; i < samples; i++ {
		if gap := c.Marks[i].At - c.Marks[i-1].At; gap < 1500 {
			t.Errorf("marked are %v, want them apart", c.Marks)
		}
	}
}

// TestALossOfOneServiceIsNoticed has a database dropped while a serve or a backfill
// fills it: what one service had is gone, what the next ones have is there.
func TestALossOfOneServiceIsNoticed(t *testing.T) {
	for name, lost := range map[string]string{"the measures": "withings_body", "the nights": "withings_sleep", "the days": "withings_activity"} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			var nights, days, measures []exporter.Record
			for n := 1; n < 20; n++ {
				measures = append(measures, weighIn(fmt.Sprint(n), day(n), 70_000))
				nights = append(nights, night(fmt.Sprint(n), day(n).Add(time.Minute), 80))
				steps := weighIn(fmt.Sprint(n), day(n).Add(2*time.Minute), 0)
				steps.Service = exporter.Activity
				steps.Readings = []exporter.Reading{{Metric: exporter.ByName("activity_steps"), Value: exporter.Integer(9000)}}
				days = append(days, steps)
			}
			k.put(batch(measures...), batch(nights...), batch(days[3:7]...))
			k.covered(exporter.Measure)
			k.db.DropIf(func(l rude.Line) bool { return l.Measurement == lost })
			k.ready()
			if got := k.log.String(); strings.Count(got, "no longer has points") != 1 {
				t.Errorf("logged %q", got)
			}
		})
	}
}

// TestOnlyAnAcknowledgedWriteEndsAnOutage has a sink be asked again and again while the database is away, with nothing to write.
func TestOnlyAnAcknowledgedWriteEndsAnOutage(t *testing.T) {
	for name, meet := range map[string]func(k *desk) error{ // how the outage is noticed
		"in a look at what was acknowledged": func(k *desk) error { k.later(2 * lookEvery); return k.Ready(k.t.Context()) },
		"in a write":                         func(k *desk) error { return k.Put(k.t.Context(), batch(weighIn("2", day(10), 71_000))) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.put(batch(weighIn("1", day(3), 70_000)))
			k.db.Set(rude.Slam)
			if err := meet(k); err == nil {
				t.Fatal("the outage is not noticed")
			}
			for range 3 {
				if err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000))); err != nil {
					t.Fatal(err) // it was acknowledged before, so that nothing is sent
				}
				if k.Ready(t.Context()) == nil {
					t.Error("the sink is ready while the database is away")
				}
			}
			k.db.Set(rude.Influx2)
			before := k.db.Requests(write)
			k.ready()
			if k.db.Requests(write) == before {
				t.Error("the sink is ready, and nothing was acknowledged")
			}
		})
	}
}

// TestADatabaseThatRejectsEveryPointIsNotReady has one that names each line, and takes none.
func TestADatabaseThatRejectsEveryPointIsNotReady(t *testing.T) {
	k := newDesk(t, "v2")
	k.db.On(write, before(3000))
	if k.Put(t.Context(), batch(weighIn("1", day(3), 70_000))) == nil || k.Ready(t.Context()) == nil {
		t.Error("the sink is ready while the database takes nothing")
	}
}

// TestALedgerThatCannotBeSavedIsToldUntilItCan although the database takes everything.
func TestALedgerThatCannotBeSavedIsToldUntilItCan(t *testing.T) {
	k := newDesk(t, "v2")
	k.put(batch(weighIn("1", day(3), 70_000)))
	locked := k.dir.LockFile("Anna", kind)
	if err := os.Remove(locked); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(locked, 0o700); err != nil {
		t.Fatal(err)
	}
	k.later(2 * lookEvery)
	if k.Put(t.Context(), batch(weighIn("2", day(10), 71_000))) == nil || k.Ready(t.Context()) == nil {
		t.Error("the sink is ready while its ledger cannot be saved")
	}
	if err := os.Remove(locked); err != nil {
		t.Fatal(err)
	}
	k.ready()
}

// TestAnotherDatabaseAfterAnOutageIsNoticedAtOnce has an empty one come back before the next look is due.
func TestAnotherDatabaseAfterAnOutageIsNoticedAtOnce(t *testing.T) {
	for name, back := range map[string]func(k *desk){ // what is acknowledged first
		"a test":  func(*desk) {},
		"a write": func(k *desk) { k.put(batch(weighIn("2", day(10), 71_000))) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.put(batch(weighIn("1", day(3), 70_000)))
			k.ready()
			k.db.Set(rude.Slam)
			if k.Put(t.Context(), batch(weighIn("2", day(10), 71_000))) == nil {
				t.Fatal("the outage is not noticed")
			}
			k.db.Drop()
			k.db.Set(rude.Influx2)
			back(k)
			k.ready()
			if got := k.log.String(); strings.Count(got, "no longer has points") != 1 {
				t.Errorf("logged %q", got)
			}
		})
	}
}

// TestAQuestionWhoseAnswerIsLostIsAskedOnceMore in a look at what was acknowledged.
func TestAQuestionWhoseAnswerIsLostIsAskedOnceMore(t *testing.T) {
	for lost, fails := range map[int]bool{1: false, 2: true} {
		k := newDesk(t, "v2")
		k.put(batch(weighIn("1", day(3), 70_000)))
		k.db.On("/query", rude.Times(lost, rude.Slam, rude.Influx2))
		if err := k.Ready(t.Context()); (err != nil) != fails {
			t.Errorf("after %d lost answers it says %v", lost, err)
		}
	}
}
