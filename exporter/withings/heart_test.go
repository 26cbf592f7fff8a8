package withings

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// ecgAt is a row of the heart list without modified.
func ecgAt(at time.Time, more string) string {
	return fmt.Sprintf(`{"deviceid":"d1","model":94,"timestamp":%d%s}`, at.Unix(), more)
}

// heartList answers as the heart list does: rows dated within the range asked for.
func heartList(rows ...time.Time) func(int, asked) (*http.Response, error) {
	return func(_ int, q asked) (*http.Response, error) {
		from, _ := strconv.ParseInt(q.form.Get("startdate"), 10, 64)
		to, _ := strconv.ParseInt(q.form.Get("enddate"), 10, 64)
		var within []string
		for _, at := range rows {
			if at.Unix() >= from && at.Unix() <= to {
				within = append(within, ecgAt(at, `,"ecg":{"signalid":1,"afib":0}`))
			}
		}
		return says(`{"status":0,"body":{"series":[` + strings.Join(within, ",") + `],"more":false,"offset":0}}`)()
	}
}

func TestAListWithoutLastupdateIsAskedForByRange(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name    string
		updated time.Duration // ago; 0 for never
		reread  time.Duration // ago
		spans   []string      // how long ago each range begins
		whole   bool
	}{
		{"a poll reads the last two days", 5 * time.Minute, 5 * time.Minute, []string{"48h0m0s"}, false},
		{"after half a day as well", 12 * time.Hour, 30 * time.Minute, []string{"48h0m0s"}, false},
		{"once an hour it is the trailing window alone", 5 * time.Minute, time.Hour, []string{"720h0m0s"}, true},
		{"the first time, too", 0, 0, []string{"720h0m0s"}, true},
		{"after four days it begins where the last one ended", 4 * day, 30 * time.Minute, []string{"96h15m0s"}, false},
		{"after weeks the window has it", 29 * day, 29 * day, []string{"720h0m0s"}, true},
		{"after months both are read", 90 * day, 90 * day, []string{"720h0m0s", "2160h15m0s"}, true},
	} {
		for _, service := range []exporter.Service{exporter.Heart, exporter.Stetho} {
			inBubble(t, string(service)+" "+c.name, func(t *testing.T) {
				w := newWorld(script(says(nothing)))
				p := exporter.Progress{}
				if c.updated > 0 {
					p = exporter.Progress{Updated: w.now().Add(-c.updated), Reread: w.now().Add(-c.reread)}
				}
				fetched, batches, err := w.fetch(service, p)
				if err != nil {
					t.Fatal(err)
				}
				var spans []string
				for _, q := range w.cloud.asked {
					from, _ := strconv.ParseInt(q.form.Get("startdate"), 10, 64)
					to, _ := strconv.ParseInt(q.form.Get("enddate"), 10, 64)
					spans = append(spans, noon.Sub(time.Unix(from, 0)).String())
					if to < noon.Add(day).Unix() || q.form.Has("lastupdate") || q.form.Get("action") != "list" {
						t.Errorf("asked %v, want an end after tomorrow and no lastupdate", q.form)
					}
				}
				if !slices.Equal(spans, c.spans) {
					t.Errorf("ranges begin %q ago, want %q", spans, c.spans)
				}
				if !fetched.Updated.Equal(noon) || fetched.Whole.IsZero() == c.whole || (batches[0].Whole != nil) != c.whole {
					t.Errorf("fetched %+v, whole %v, want up to now and whole: %t", fetched, batches[0].Whole, c.whole)
				}
			})
		}
	}
}

func TestNoRecordingIsMissedByAnOutageOfAnyLength(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		var rows []time.Time
		for back := range 400 {
			rows = append(rows, noon.Add(-time.Duration(back)*24*time.Hour-time.Second))
		}
		for _, outage := range []int{1, 3, 29, 31, 45, 399} {
			w := newWorld(heartList(rows...))
			since := noon.AddDate(0, 0, -outage)
			_, batches, err := w.fetch(exporter.Heart, exporter.Progress{Updated: since, Reread: since})
			if err != nil {
				t.Fatal(err)
			}
			got := ids(batches)
			for _, at := range rows[:outage] {
				if !slices.Contains(got, recordingID("d1", at)) {
					t.Errorf("after %d days the recording of %s is missing", outage, at)
				}
			}
		}
	})
}

func TestARecordingThatGetsItsSignalLaterIsTheSameRecord(t *testing.T) {
	state := exporter.NewState("Anna", time.UTC)
	shown := func() (all []string) {
		for _, s := range state.Snapshot(noon).Samples {
			all = append(all, s.Metric.Name+" "+s.Value.String())
		}
		return all
	}
	take := func(rows ...string) {
		h, err := hear(exporter.Heart, []byte(`{"status":0,"body":{"series":[`+strings.Join(rows, ",")+`]}}`), false)
		if err != nil {
			t.Fatal(err)
		}
		state.Apply(h.batch)
	}
	at := noon.Add(-time.Hour)
	take(ecgAt(at.Add(-time.Hour), `,"ecg":{"signalid":7,"afib":1},"heart_rate":99`))
	take(ecgAt(at, `,"modified":1784099000`))
	if got, want := shown(), []string{fmt.Sprintf("ecg_recording_timestamp_seconds %d", at.Unix())}; !slices.Equal(got, want) {
		t.Errorf("of a failed recording %q is shown, want nothing of the one before: %q", got, want)
	}
	take(ecgAt(at, `,"modified":1784099100,"ecg":{"signalid":8,"afib":0},"heart_rate":61`))
	want := []string{"ecg_heart_rate_beats_per_minute 61", fmt.Sprintf("ecg_recording_timestamp_seconds %d", at.Unix()), "ecg_result 0", "ecg_signal_id 8"}
	if got := shown(); !slices.Equal(got, want) {
		t.Errorf("shown is %q, want %q", got, want)
	}
	if n := len(ids([]exporter.Batch{{Records: allOf(t, state)}})); n != 2 {
		t.Errorf("%d records are known, want 2", n)
	}
}

// allOf are the records that a state saves.
func allOf(t *testing.T, state *exporter.State) []exporter.Record {
	t.Helper()
	return state.OfDate(exporter.Heart, "")
}

func TestAnOddRowOfTheHeartListSpoilsNoOther(t *testing.T) {
	good := ecgAt(noon.Add(-time.Hour), `,"ecg":{"signalid":8,"afib":0}`)
	for _, c := range []struct {
		name, row string
		ids       int
		skips     []string
		failed    bool // of two rows it is more than half
	}{
		{"PHP's empty objects", ecgAt(noon, `,"ecg":[],"stetho":[],"bloodpressure":[]`), 2, nil, false},
		{"null for all", ecgAt(noon, `,"ecg":null,"heart_rate":null,"stetho":null`), 2, []string{"not_available 1"}, false},
		{"a text instead of an object", ecgAt(noon, `,"ecg":"90417723"`), 2, []string{"malformed 1"}, false},
		{"a list instead of an object", ecgAt(noon, `,"ecg":[{"signalid":3}]`), 2, []string{"malformed 1"}, false},
		{"a date of the future", ecgAt(noon.AddDate(0, 0, 4), ``), 2, []string{"future 1"}, false},
		{"no moment", `{"deviceid":"d1","ecg":{"signalid":3}}`, 1, []string{"malformed 1"}, false},
		{"a number instead of a row", `7`, 1, []string{"malformed 1"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := hear(exporter.Heart, []byte(`{"status":0,"body":{"series":[`+c.row+`,`+good+`]}}`), false)
			if err != nil {
				t.Fatal(err)
			}
			if got := ids([]exporter.Batch{h.batch}); len(got) != c.ids || !slices.Equal(h.skips(), c.skips) {
				t.Errorf("records %q, skipped %q, want %d and %q", got, h.skips(), c.ids, c.skips)
			}
			if !slices.Contains(h.values(), "ecg_signal_id{} 8") {
				t.Errorf("the other row is gone: %q", h.values())
			}
		})
	}
}

func TestPagesOfRecordingsAreReadToTheEnd(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		w := newWorld(func(n int, q asked) (*http.Response, error) {
			return says(fmt.Sprintf(`{"status":0,"body":{"series":[%s],"more":%t,"offset":%d}}`, ecgAt(noon.Add(-time.Duration(n)*time.Hour), ""), n < 2, n+1))()
		})
		_, batches, err := w.fetch(exporter.Heart, w.known())
		if got := w.cloud.params("offset"); err != nil || len(ids(batches)) != 3 || !slices.Equal(got, []string{"", "1", "2"}) {
			t.Errorf("%v, records %q, asked for offsets %q", err, ids(batches), got)
		}
		page, err := w.Page(context.Background(), exporter.Heart, exporter.Span{From: noon.AddDate(-1, 0, 0), To: noon}, 40)
		if err != nil || len(page.Records) != 1 || w.cloud.params("offset")[3] != "40" {
			t.Errorf("a page of the past: %v, %+v", err, page)
		}
	})
}
