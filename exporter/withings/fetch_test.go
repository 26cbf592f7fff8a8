package withings

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// ids lists the records of batches.
func ids(batches []exporter.Batch) []string {
	var all []string
	for _, b := range batches {
		for _, r := range b.Records {
			all = append(all, r.ID)
		}
	}
	return all
}

func TestPagingGoesToTheEnd(t *testing.T) {
	for _, c := range []struct {
		name    string
		pages   []string
		offsets []string
		ids     []string
	}{
		{"J3 more as a number, absent at the end", []string{page(1, `,"more":1,"offset":250`), page(2, `,"more":1,"offset":500`), page(3, "")},
			[]string{"", "250", "500"}, []string{"1", "2", "3"}},
		{"J3 more as true and false", []string{page(1, `,"more":true,"offset":300`), page(2, `,"more":false,"offset":0`)}, []string{"", "300"}, []string{"1", "2"}},
		{"more and offset as text", []string{page(1, `,"more":"1","offset":"9"`), page(2, `,"more":"0"`)}, []string{"", "9"}, []string{"1", "2"}},
		{"an offset without more is no page", []string{page(1, `,"more":false,"offset":200`)}, []string{""}, []string{"1"}},
		{"J2 more and offset as false", []string{page(1, `,"more":false,"offset":false`)}, []string{""}, []string{"1"}},
		{"a page without records in between", []string{page(1, `,"more":1,"offset":1`), `{"status":0,"body":{"measuregrps":[],"more":1,"offset":2}}`, page(3, "")},
			[]string{"", "1", "2"}, []string{"1", "3"}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			var steps []func() (*http.Response, error)
			for _, p := range c.pages {
				steps = append(steps, says(p))
			}
			w := newWorld(script(steps...))
			_, batches, err := w.fetch(exporter.Measure, w.known())
			if err != nil {
				t.Fatal(err)
			}
			if got := w.cloud.params("offset"); !slices.Equal(got, c.offsets) {
				t.Errorf("asked for offsets %q, want %q", got, c.offsets)
			}
			if got := ids(batches); !slices.Equal(got, c.ids) {
				t.Errorf("records %q, want %q", got, c.ids)
			}
		})
	}
}

func TestPagingThatWouldNotEndIsAnError(t *testing.T) {
	for _, c := range []struct {
		name     string
		answer   func(n int, _ asked) (*http.Response, error)
		requests int
		records  int
		text     string
	}{
		{"the same offset again", script(says(page(1, `,"more":1,"offset":250`))), 2, 2, "after the page at offset 250 comes offset 250"},
		{"an offset that goes back", script(says(page(1, `,"more":1,"offset":250`)), says(page(2, `,"more":1,"offset":100`))), 2, 2, "comes offset 100"},
		{"no offset", script(says(page(1, `,"more":1`))), 1, 1, "after the page at offset 0 comes offset 0"},
		{"a negative offset", script(says(page(1, `,"more":1,"offset":-1`))), 1, 1, "comes offset -1"},
		{"more without end", func(n int, _ asked) (*http.Response, error) {
			return says(page(n, `,"more":1,"offset":`+strconv.Itoa(n+1)))()
		}, maxPages, maxPages, "more than 5000 pages"},
		{"the same rows without end", func(n int, _ asked) (*http.Response, error) {
			return says(page(7, `,"more":1,"offset":`+strconv.Itoa(n+1)))()
		}, 1 + idlePages, 1 + idlePages, "have nothing new"},
		{"two pages by turns", func(n int, _ asked) (*http.Response, error) {
			return says(page(n%2, `,"more":1,"offset":`+strconv.Itoa(n+1)))()
		}, 2 + idlePages, 2 + idlePages, "have nothing new"},
		{"no rows without end", func(n int, _ asked) (*http.Response, error) {
			return says(`{"status":0,"body":{"measuregrps":[],"more":1,"offset":` + strconv.Itoa(n+1) + `}}`)()
		}, idlePages, 0, "have nothing new"},
		{"rows nobody can read without end", func(n int, _ asked) (*http.Response, error) {
			return says(`{"status":0,"body":{"measuregrps":[{"date":7}],"more":1,"offset":` + strconv.Itoa(n+1) + `}}`)()
		}, idlePages, 0, "have nothing new"},
		{"pages of many rows without end", func(n int, _ asked) (*http.Response, error) {
			return says(`{"status":0,"body":{"measuregrps":[{"grpid":` + strconv.Itoa(n) + `,"date":1784000000,"measures":[{"type":1,"value":1,"unit":0}]}` +
				strings.Repeat(`,{}`, mostTogether/10) + `],"more":1,"offset":` + strconv.Itoa(n+1) + `}}`)()
		}, 10, 10, "more than 50000 rows"},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(c.answer)
			_, batches, err := w.fetch(exporter.Measure, w.known())
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %q", err, c.text)
			}
			if w.cloud.count() != c.requests || len(ids(batches)) != c.records {
				t.Errorf("%d requests, %d records, want %d and %d", w.cloud.count(), len(ids(batches)), c.requests, c.records)
			}
		})
	}
}

func TestRequestsAreWhatTheReferenceWants(t *testing.T) {
	nights := strings.Join(exporter.Fields(exporter.Sleep, true), ",")
	for _, c := range []struct {
		service exporter.Service
		want    string // path and form of an increment
	}{
		{exporter.Measure, "/measure action=getmeas category=1 lastupdate=1784101300"},
		{exporter.Objective, "/measure action=getmeas category=2 lastupdate=1784101300"},
		{exporter.Activity, "/v2/measure action=getactivity data_fields=" + strings.Join(exporter.Fields(exporter.Activity, true), ",") + " lastupdate=1784101300"},
		{exporter.Workout, "/v2/measure action=getworkouts data_fields=" + strings.Join(exporter.Fields(exporter.Workout, true), ",") + " lastupdate=1784101300"},
		{exporter.Sleep, "/v2/sleep action=getsummary data_fields=" + nights + " lastupdate=1784101300"},
		{exporter.Device, "/v2/user action=getdevice"},
		{exporter.Goal, "/v2/user action=getgoals"},
		{exporter.Intraday, "/v2/measure action=getintradayactivity data_fields=" + strings.Join(exporter.Fields(exporter.Intraday, true), ",") + " startdate=1784016100 enddate=1784102500"},
		{exporter.Night, "/v2/sleep action=get data_fields=hr,rr,snoring,sdnn_1,rmssd,hrv_quality,mvt_score,chest_movement_rate,withings_index,breathing_sounds startdate=1784016100 enddate=1784102500"},
	} {
		inBubble(t, string(c.service), func(t *testing.T) {
			w := newWorld(script(says(nothing)))
			if _, _, err := w.fetch(c.service, w.known()); err != nil {
				t.Fatal(err)
			}
			q := w.cloud.asked[0]
			got := strings.TrimPrefix(q.path, w.client.URL)
			for _, key := range []string{"action", "category", "data_fields", "lastupdate", "startdate", "startdateymd", "enddate", "enddateymd"} {
				if q.form.Has(key) {
					got += " " + key + "=" + q.form.Get(key)
				}
			}
			if got != c.want || w.cloud.count() != 1 {
				t.Errorf("asked %s, want %s, once", got, c.want)
			}
			if q.token != secret {
				t.Errorf("token %q", q.token)
			}
		})
	}
}

func TestTheFirstFetchReadsTheTrailingWindow(t *testing.T) {
	for _, c := range []struct {
		service  exporter.Service
		answer   string
		from, to string // parameters
		updated  time.Time
	}{
		{exporter.Measure, page(1, `,"updatetime":1784102461`), "startdate=1781510500", "enddate=1784275300", time.Unix(1784102461, 0)},
		{exporter.Objective, page(1, `,"updatetime":1784199999`), "startdate=1781510500", "enddate=1784275300", noon}, // never ahead of our clock
		{exporter.Activity, `{"status":0,"body":{"activities":[{"date":"2026-07-14","modified":1784070012},{"date":"2026-07-13","modified":1784000012}]}}`,
			"startdateymd=2026-06-15", "enddateymd=2026-07-17", time.Unix(1784070012, 0)},
		{exporter.Sleep, `{"status":0,"body":{"series":[{"id":1,"startdate":1784065560,"enddate":1784093100,"modified":1784106100}]}}`,
			"startdateymd=2026-06-15", "enddateymd=2026-07-17", noon},
		{exporter.Workout, `{"status":0,"body":{"series":[]}}`, "startdateymd=2026-06-15", "enddateymd=2026-07-17", noon.Add(-doubt)},
	} {
		inBubble(t, string(c.service), func(t *testing.T) {
			w := newWorld(script(says(c.answer)))
			fetched, batches, err := w.fetch(c.service, exporter.Progress{})
			if err != nil {
				t.Fatal(err)
			}
			form := w.cloud.asked[0].form.Encode()
			if !strings.Contains(form, c.from) || !strings.Contains(form, c.to) || strings.Contains(form, "lastupdate") || w.cloud.count() != 1 {
				t.Errorf("asked %d times, first %s, want once with %s and %s and no lastupdate", w.cloud.count(), form, c.from, c.to)
			}
			if !fetched.Updated.Equal(c.updated) || !fetched.Whole.Equal(noon.Add(-trailing)) {
				t.Errorf("known up to %s, whole from %s, want %s and %s", fetched.Updated, fetched.Whole, c.updated, noon.Add(-trailing))
			}
			want := exporter.Span{From: noon.Add(-trailing + 48*time.Hour), To: noon.Add(-exporter.Overlap)}
			if len(batches) != 1 || batches[0].Whole == nil || *batches[0].Whole != want {
				t.Errorf("batches %v, want one that is all of %v", batches, want)
			}
		})
	}
}

func TestTheTrailingWindowIsReadAgainEveryHour(t *testing.T) {
	for _, c := range []struct {
		name   string
		reread time.Duration // ago
		window bool
	}{
		{"a minute ago", time.Minute, false},
		{"almost an hour ago", reread - time.Second, false},
		{"an hour ago", reread, true},
		{"a year ago", 365 * 24 * time.Hour, true},
		{"in the future, by a clock that was wrong", -time.Minute, true},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(script(says(page(1, `,"updatetime":1784102461`))))
			p := w.known()
			p.Reread = noon.Add(-c.reread)
			fetched, batches, err := w.fetch(exporter.Measure, p)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"1784101300"} // fifteen minutes before the last change
			if c.window {
				want = []string{"", "1784101300"}
			}
			if got := w.cloud.params("lastupdate"); !slices.Equal(got, want) {
				t.Errorf("asked with lastupdate %q, want %q", got, want)
			}
			if (batches[0].Whole != nil) != c.window || fetched.Whole.IsZero() == c.window {
				t.Errorf("whole %v, progress %v, want a window: %t", batches[0].Whole, fetched.Whole, c.window)
			}
		})
	}
}

func TestWhatIsGoneIsJudgedByWholeAnswersOnly(t *testing.T) {
	const good = `{"grpid":1,"date":1784094310,"measures":[` + weight + `]}`
	for _, c := range []struct {
		name    string
		service exporter.Service
		answer  func(int, asked) (*http.Response, error)
		whole   bool
		records int
	}{
		{"all is well", exporter.Measure, script(says(page(1, ""))), true, 1},
		{"several pages are one answer", exporter.Measure, script(says(page(1, `,"more":1,"offset":1`)), says(page(2, ""))), true, 2},
		{"the second page fails", exporter.Measure, script(says(page(1, `,"more":1,"offset":1`)), says(`{"status":503}`)), false, 1},
		{"a record cannot be read, and has an id", exporter.Measure, script(says(`{"status":0,"body":{"measuregrps":[` + good + `,{"grpid":2,"date":"soon"}]}}`)), true, 2},
		{"a record cannot be read, and has none", exporter.Measure, script(says(`{"status":0,"body":{"measuregrps":[` + good + `,{"date":1784094310}]}}`)), true, 1},
		{"two of three records cannot be read", exporter.Measure, script(says(`{"status":0,"body":{"measuregrps":[` + good + `,{"date":1784094310},7]}}`)), false, 1},
		{"a record on the first of two pages cannot be read", exporter.Measure,
			script(says(`{"status":0,"body":{"measuregrps":[null],"more":1,"offset":1}}`), says(page(1, ""))), true, 1},
		{"a value cannot be read", exporter.Measure, script(says(`{"status":0,"body":` + group(weight+`,{"value":"x","type":11,"unit":0}`) + `}`)), true, 1},
		{"no value can be read", exporter.Measure, script(says(`{"status":0,"body":` + group(`{"value":"x","type":1,"unit":0}`) + `}`)), false, 1},
		{"devices", exporter.Device, script(says(`{"status":0,"body":{"devices":[{"deviceid":"a"}]}}`)), true, 1},
		{"no devices", exporter.Device, script(says(`{"status":0,"body":{"devices":[]}}`)), true, 0},
		{"a device that cannot be read", exporter.Device, script(says(`{"status":0,"body":{"devices":[{"deviceid":"a"},{}]}}`)), true, 1},
		{"most devices cannot be read", exporter.Device, script(says(`{"status":0,"body":{"devices":[{"deviceid":"a"},{},{}]}}`)), false, 1},
		{"goals", exporter.Goal, script(says(`{"status":0,"body":{"goals":{"steps":1}}}`)), true, 1},
		{"no goals", exporter.Goal, script(says(`{"status":0,"body":{"goals":[]}}`)), true, 0},
		{"goals that cannot be read", exporter.Goal, script(says(`{"status":0,"body":{"goals":"none"}}`)), false, 0},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(c.answer)
			_, batches, _ := w.fetch(c.service, exporter.Progress{})
			if len(batches) != 1 || (batches[0].Whole != nil) != c.whole || len(batches[0].Records) != c.records {
				t.Errorf("batches %v, want one with %d records, whole: %t", batches, c.records, c.whole)
			}
		})
	}
}

func TestTheCursorFollowsTheServersClock(t *testing.T) {
	activity := func(modified string) string {
		return `{"status":0,"body":{"activities":[{"date":"2026-07-14","modified":` + modified + `}]}}`
	}
	for _, c := range []struct {
		name    string
		service exporter.Service
		known   time.Time
		answer  func(int, asked) (*http.Response, error)
		asked   string // lastupdate
		want    time.Time
	}{
		{"moves on", exporter.Measure, noon.Add(-time.Hour), script(says(page(1, `,"updatetime":1784102461`))), "1784098000", time.Unix(1784102461, 0)},
		{"moves on without anything new", exporter.Measure, noon.Add(-time.Hour), script(says(`{"status":0,"body":{"updatetime":1784102461,"measuregrps":[]}}`)), "1784098000", time.Unix(1784102461, 0)},
		{"is that of the first page", exporter.Measure, noon.Add(-time.Hour),
			script(says(page(1, `,"updatetime":1784102100,"more":1,"offset":1`)), says(page(2, `,"updatetime":1784102400`))), "1784098000", time.Unix(1784102100, 0)},
		{"is the newest change where no time is told", exporter.Activity, noon.Add(-time.Hour), script(says(activity("1784102000"))), "1784098000", time.Unix(1784102000, 0)},
		{"stays where nothing is told", exporter.Activity, noon.Add(-time.Hour), script(says(nothing)), "1784098000", noon.Add(-time.Hour)},
		{"never goes back", exporter.Activity, noon.Add(-time.Hour), script(says(activity("1700000000"))), "1784098000", noon.Add(-time.Hour)},
		{"M10 is never ahead of our clock", exporter.Measure, noon.Add(-time.Hour), script(says(page(1, `,"updatetime":1984102461`))), "1784098000", noon},
		{"M10 comes back from the future", exporter.Activity, noon.Add(1000 * time.Hour), script(says(nothing)), "1784101600", noon},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(c.answer)
			fetched, _, err := w.fetch(c.service, exporter.Progress{Updated: c.known, Reread: noon})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.cloud.params("lastupdate")[0]; got != c.asked {
				t.Errorf("asked with lastupdate %s, want %s", got, c.asked)
			}
			if !fetched.Updated.Equal(c.want) {
				t.Errorf("known up to %s, want %s", fetched.Updated, c.want)
			}
		})
	}
}

func TestThePastIsReadAYearFirstThenTheRest(t *testing.T) {
	for _, c := range []struct {
		service exporter.Service
		want    []string // from and to of each request
	}{
		{exporter.Measure, []string{"1752480100 1781596900", "1 1752566500"}},
		{exporter.Sleep, []string{"2025-07-14 2026-06-16", "1970-01-01 2025-07-15"}},
		{exporter.Workout, []string{"2025-07-14 2026-06-16", "1970-01-01 2025-07-15"}},
	} {
		inBubble(t, string(c.service), func(t *testing.T) {
			w := newWorld(script(says(nothing)))
			p := exporter.Progress{Back: noon.Add(-trailing)}
			for first := true; first || !p.Back.IsZero(); first = false {
				back, err := w.Older(t.Context(), c.service, p, func(b exporter.Batch) {
					if b.Whole != nil {
						t.Error("the past says what is gone")
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				p.Back = back
				if w.cloud.count() > len(c.want) {
					t.Fatal("the past has no end")
				}
			}
			var got []string
			for _, q := range w.cloud.asked {
				got = append(got, q.form.Get("startdate")+q.form.Get("startdateymd")+" "+q.form.Get("enddate")+q.form.Get("enddateymd"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("asked %q, want %q", got, c.want)
			}
		})
	}
}

func TestAPastThatFailsIsTriedFromWhereItWas(t *testing.T) {
	inBubble(t, "503", func(t *testing.T) {
		w := newWorld(script(says(`{"status":503}`)))
		back := noon.Add(-trailing)
		got, err := w.Older(t.Context(), exporter.Measure, exporter.Progress{Back: back}, func(exporter.Batch) {})
		if err == nil || !strings.Contains(err.Error(), "history before 2026-06-15: getmeas") {
			t.Errorf("error %v", err)
		}
		if !got.Equal(back) {
			t.Errorf("known back to %s, want %s still", got, back)
		}
	})
}

func TestAFailureNamesNoDateInTheFuture(t *testing.T) {
	inBubble(t, "401", func(t *testing.T) {
		w := newWorld(func(int, asked) (*http.Response, error) { return says(`{"status":401}`)() })
		for _, service := range []exporter.Service{exporter.Measure, exporter.Activity} {
			for end, want := range map[time.Time]string{
				noon.Add(48 * time.Hour): `history: `, noon.Add(-24 * time.Hour): `history before 2026-07-14: `,
			} {
				_, err := w.Page(t.Context(), service, exporter.Span{To: end}, 0)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s up to %s: %v, want %q", service, end, err, want)
				}
			}
			_, err := w.Older(t.Context(), service, exporter.Progress{}, func(exporter.Batch) {})
			if err == nil || !strings.Contains(err.Error(), "history: ") {
				t.Errorf("%s from the newest on: %v", service, err)
			}
		}
	})
}

func TestUndocumentedFieldsAreGivenUpWithinThePoll(t *testing.T) {
	for _, service := range []exporter.Service{exporter.Sleep, exporter.Workout} {
		inBubble(t, string(service), func(t *testing.T) {
			all, few := dataFields(service, false), dataFields(service, true)
			w := newWorld(func(_ int, q asked) (*http.Response, error) {
				if q.form.Get("data_fields") != few {
					return says(`{"status":503,"error":"Invalid Params"}`)()
				}
				return says(`{"status":0,"body":{"series":[{"id":1,"startdate":1784065560,"enddate":1784093100}]}}`)()
			})
			_, batches, err := w.fetch(service, w.known())
			if err != nil || len(ids(batches)) != 1 {
				t.Errorf("error %v, records %q, want one", err, ids(batches))
			}
			if _, _, err := w.fetch(service, w.known()); err != nil {
				t.Error(err)
			}
			if got := w.cloud.params("data_fields"); !slices.Equal(got, []string{all, few, few}) {
				t.Errorf("asked for %q, want all once and then the documented ones", got)
			}
		})
	}
}

func TestUndocumentedFieldsAreNotToBlameForEveryRefusal(t *testing.T) {
	inBubble(t, "503 for another reason", func(t *testing.T) {
		all, few := dataFields(exporter.Sleep, false), dataFields(exporter.Sleep, true)
		w := newWorld(script(says(`{"status":503}`), says(`{"status":503}`), says(nothing)))
		if _, _, err := w.fetch(exporter.Sleep, w.known()); err == nil {
			t.Error("no error")
		}
		if _, _, err := w.fetch(exporter.Sleep, w.known()); err != nil {
			t.Error(err)
		}
		if got := w.cloud.params("data_fields"); !slices.Equal(got, []string{all, few, all}) {
			t.Errorf("asked for %q, want all again afterwards", got)
		}
	})
}
