package withings

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// without are rows in which fields are other ones.
func without(rows rowsOf, fields map[string]any) rowsOf {
	var all rowsOf
	for _, row := range rows {
		all = append(all, edited(row, fields))
	}
	return all
}

func answerOf(t *testing.T, service exporter.Service, list any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"status": 0, "body": map[string]any{endpoints[service].list: list}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAServiceThatCannotBeReadHasFailed has a service answer every question in a
// way in which nothing can be read, from the beginning and after everything was
// known.
func TestAServiceThatCannotBeReadHasFailed(t *testing.T) {
	home := aHousehold()
	nights, days := home[exporter.Sleep], home[exporter.Activity]
	words := []any{"one", "two", "three"}
	for _, c := range []struct {
		name    string
		service exporter.Service
		body    string
		says    string
	}{
		{"groups without grpid", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"grpid": nil})), "getmeas: cannot read the answer: 3 of 3 rows without grpid"},
		{"groups whose grpid is null", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"grpid": null})), "3 of 3 rows without grpid"},
		{"groups whose date is null", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"date": null})), "3 of 3 rows without date"},
		{"groups without measures", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"measures": nil})), "3 of 3 rows without measures"},
		{"groups whose measures are a word", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"measures": "none"})), "3 of 3 rows without measures"},
		{"values that are no numbers", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"measures": []any{map[string]any{"type": 1, "unit": 0, "value": "x"}}})), "3 of 3 rows without a value that can be read"},
		{"values without their unit", exporter.Measure, bodyOf(exporter.Measure, without(weighIns(3), map[string]any{"measures": []any{map[string]any{"type": 1, "value": 70}}})), "3 of 3 rows without a value that can be read"},
		{"rows that are words", exporter.Measure, answerOf(t, exporter.Measure, words), "3 of 3 rows that are not objects"},
		{"most rows are words", exporter.Measure, answerOf(t, exporter.Measure, append(words, weighIns(40)[39])), "3 of 4 rows that are not objects"},
		{"different faults", exporter.Measure, answerOf(t, exporter.Measure, []any{edited(weighIns(1)[0], map[string]any{"grpid": nil}), "x", "y"}), "2 of 3 rows that are not objects, 1 of 3 rows without grpid"},
		{"a list that is a word", exporter.Measure, answerOf(t, exporter.Measure, "none"), "it has no list of measuregrps"},
		{"a list that is a number", exporter.Measure, answerOf(t, exporter.Measure, 7), "it has no list of measuregrps"},
		{"more rows that never come", exporter.Measure, `{"status":0,"body":{"measuregrps":[],"more":true,"offset":0}}`, "at offset 0"},
		{"more rows, of which none is one", exporter.Measure, `{"status":0,"body":{"measuregrps":[],"more":true,"offset":9}}`, "at offset 9"},
		{"no body", exporter.Measure, `{"status":0}`, "it has no body"},
		{"a body that is null", exporter.Sleep, `{"status":0,"body":null}`, "getsummary: cannot read the answer: it has no body"},
		{"a body that is a list", exporter.Activity, `{"status":0,"body":[1]}`, "it has no body"},
		{"a body that is a word", exporter.Device, `{"status":0,"body":"ok"}`, "it has no body"},
		{"nights whose startdate is null", exporter.Sleep, bodyOf(exporter.Sleep, without(nights, map[string]any{"startdate": null})), "6 of 6 rows without startdate"},
		{"nights without enddate", exporter.Sleep, bodyOf(exporter.Sleep, without(nights, map[string]any{"enddate": nil})), "6 of 6 rows without enddate"},
		{"nights whose data is a word", exporter.Sleep, bodyOf(exporter.Sleep, without(nights, map[string]any{"data": "none"})), "6 of 6 rows without a value that can be read"},
		{"nights with words for values", exporter.Sleep, bodyOf(exporter.Sleep, without(nights, map[string]any{"data": map[string]any{"sleep_score": "good"}})), "6 of 6 rows without a value that can be read"},
		{"days whose date is null", exporter.Activity, bodyOf(exporter.Activity, without(days, map[string]any{"date": null})), "3 of 3 rows without date"},
		{"days with words for values", exporter.Activity, bodyOf(exporter.Activity, without(days, map[string]any{"steps": "many"})), "3 of 3 rows without a value that can be read"},
		{"a workout without startdate", exporter.Workout, bodyOf(exporter.Workout, without(home[exporter.Workout], map[string]any{"startdate": nil})), "1 of 1 rows without startdate"},
		{"devices without an id", exporter.Device, bodyOf(exporter.Device, without(home[exporter.Device], map[string]any{"deviceid": null})), "3 of 3 rows without deviceid"},
		{"devices that are a word", exporter.Device, answerOf(t, exporter.Device, "none"), "it has no list of devices"},
		{"goals that are words", exporter.Goal, `{"status":0,"body":{"goals":{"steps":"many","sleep":"long"}}}`, "2 of 2 rows without a value that can be read"},
		{"goals that are a word", exporter.Goal, answerOf(t, exporter.Goal, "none"), "it has no list of goals"},
		{"an objective without grpid", exporter.Objective, bodyOf(exporter.Objective, without(home[exporter.Objective], map[string]any{"grpid": nil})), "1 of 1 rows without grpid"},
	} {
		inBubble(t, c.name+", from the beginning", func(t *testing.T) {
			h := newHouse(aHousehold())
			h.every(c.service, c.body)
			h.open(t)
			h.fails(t, c.service, c.says)
			h.every(c.service, "")
			h.pass(70 * time.Minute)
			h.shows(t, map[string]float64{"withings_up": 1})
		})
		inBubble(t, c.name+", later", func(t *testing.T) {
			h := newHouse(aHousehold())
			h.open(t)
			before, records, was := h.readings(t), h.counts(), h.state.Progress(c.service)
			h.log.Reset()
			h.every(c.service, c.body)
			h.pass(askedWithin(c.service) + time.Minute)
			h.fails(t, c.service, c.says) // when it is asked next, not when the window is due
			h.pass(2 * time.Hour)
			h.fails(t, c.service, c.says)
			h.kept(t, before, records)
			if is := h.state.Progress(c.service); !is.Updated.Equal(was.Updated) || !is.Reread.Equal(was.Reread) {
				t.Errorf("the cursor moved from %+v to %+v", was, is)
			}
			if n := strings.Count(h.log.String(), "service failed"); n != 1 {
				t.Errorf("%d lines about it, want one:\n%s", n, h.log)
			}
			h.every(c.service, "")
			h.pass(70 * time.Minute)
			h.kept(t, before, records)
			h.shows(t, map[string]float64{"withings_up": 1})
		})
	}
}

// fails complains unless a service, and none but it, has failed for a reason.
func (h *house) fails(t *testing.T, service exporter.Service, reason string) {
	t.Helper()
	is := h.status.Condition()
	if problem := is.Problems[service].Text; is.Up || len(is.Problems) != 1 || !strings.Contains(problem, reason) {
		t.Errorf("up %t, problems %v; want one of %s that says %q", is.Up, is.Problems, service, reason)
	}
	h.shows(t, map[string]float64{"withings_up": 0})
}

func TestAnAccountWithoutDataIsFine(t *testing.T) {
	for name, body := range map[string]string{
		"empty lists":               "",
		"bodies without lists":      `{"status":0,"body":{}}`,
		"lists in place of bodies":  `{"status":0,"body":[]}`,
		"objects in place of lists": `{"status":0,"body":{"measuregrps":{},"activities":{},"series":{},"devices":{},"goals":{}}}`,
	} {
		inBubble(t, name, func(t *testing.T) {
			h := newHouse(nil)
			for _, service := range exporter.Asked() {
				h.every(service, body)
			}
			h.open(t)
			h.shows(t, map[string]float64{"withings_up": 1})
			h.pass(3 * time.Hour)
			h.shows(t, map[string]float64{"withings_up": 1})
			if h.log.Len() > 0 {
				t.Errorf("logged:\n%s", h.log)
			}
		})
	}
}

func TestOneBadRowAmongGoodOnesIsCountedAndFailsNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		bad     map[string]any
	}{
		{"a group without grpid", exporter.Measure, map[string]any{"grpid": nil}},
		{"a group without date", exporter.Measure, map[string]any{"date": nil, "grpid": 77.0}},
		{"a group whose value is a word", exporter.Measure, map[string]any{"grpid": 77.0, "measures": []any{map[string]any{"type": 1, "unit": 0, "value": "x"}}}},
		{"a night without startdate", exporter.Sleep, map[string]any{"startdate": nil, "id": 77.0}},
		{"a night without id and enddate", exporter.Sleep, map[string]any{"enddate": nil, "id": nil}},
		{"a day that is none", exporter.Activity, map[string]any{"date": "soon"}},
		{"a device without id", exporter.Device, map[string]any{"deviceid": nil}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			h := newHouse(aHousehold())
			h.open(t)
			before, records := h.readings(t), h.counts()
			// The bad row alone is what has changed, with every poll once more.
			good := aHousehold()[c.service]
			bad := edited(good[len(good)-1], c.bad)
			for range 40 {
				bad = edited(bad, map[string]any{"modified": float64(h.now().Unix())})
				h.list(c.service, append(rowsOf{bad}, good...))
				h.pass(10 * time.Minute)
				h.shows(t, map[string]float64{"withings_up": 1})
			}
			h.kept(t, before, records)
			if h.tally.skipped[ReasonMalformed] == 0 {
				t.Error("it is not counted")
			}
			if n := strings.Count(h.log.String(), "rows that cannot be read"); n != 1 || strings.Count(h.log.String(), "level=WARN") != 1 {
				t.Errorf("want one line about it, logged:\n%s", h.log)
			}
		})
	}
}

// TestAPastThatCannotBeReadIsReadAgain has everything before the trailing window
// be unreadable for a while.
func TestAPastThatCannotBeReadIsReadAgain(t *testing.T) {
	old := weighIns(40)
	for i := range old {
		old[i]["date"], old[i]["modified"] = 1.5e9+float64(i), 1.5e9
	}
	recent := edited(weighIns(1)[0], map[string]any{"grpid": 1000.0, "measures": []any{map[string]any{"type": 1, "unit": 0, "value": 71}}})
	for _, c := range []struct {
		name string
		rows rowsOf
		ok   bool
	}{
		{"all of it", without(old, map[string]any{"grpid": nil}), false},
		{"no value of it", without(old, map[string]any{"measures": []any{map[string]any{"type": 1, "unit": 0, "value": false}}}), false},
		{"one row of it", append(rowsOf{edited(old[0], map[string]any{"grpid": nil})}, old...), true},
		{"one row, which is all there is", rowsOf{edited(old[0], map[string]any{"grpid": nil})}, true},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: append(rowsOf{recent}, c.rows...)})
			h.open(t)
			if is := h.state.Progress(exporter.Measure); is.Done != c.ok || h.status.Condition().Up != c.ok {
				t.Errorf("the past counts as read: %t, up: %t, want %t: %v", is.Done, h.status.Condition().Up, c.ok, h.status.Condition().Problems)
			}
			h.list(exporter.Measure, append(rowsOf{recent}, old...))
			h.pass(10 * time.Minute)
			want := map[string]float64{"withings_up": 1}
			if !c.ok {
				want["withings_height_meters"], want["withings_fat_ratio"] = 1.8, 0.25
			}
			h.shows(t, want)
		})
	}
}

// TestAPastWithoutAListIsReadAgain has only the questions about the past be
// answered as if nobody ever measured anything.
func TestAPastWithoutAListIsReadAgain(t *testing.T) {
	for _, body := range []string{`{"status":0,"body":{}}`, `{"status":0,"body":{"updatetime":1795670000}}`, `{"status":0,"body":[]}`, `{"status":0}`} {
		inBubble(t, body, func(t *testing.T) {
			rows := weighIns(3)
			rows[0]["date"] = 1.5e9
			h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: rows})
			h.when(exporter.Measure, func(q asked) (string, bool) {
				from, err := strconv.ParseInt(q.form.Get("startdate"), 10, 64)
				return body, err == nil && from < caseNow-60*86400
			})
			h.open(t)
			// Without a body nothing was told; without a list that may be all there is.
			told := body != `{"status":0}`
			if is := h.state.Progress(exporter.Measure); is.Done || h.status.Condition().Up != told {
				t.Errorf("the past counts as read: %t, up: %t", is.Done, h.status.Condition().Up)
			}
			h.every(exporter.Measure, "")
			h.pass(11 * time.Minute)
			h.shows(t, map[string]float64{"withings_up": 1, "withings_height_meters": 1.8})
		})
	}
}

func TestWhatNobodyKnowsIsBounded(t *testing.T) {
	many := func(n int, row func(i int) map[string]any) (rows rowsOf) {
		for i := range n {
			rows = append(rows, row(i))
		}
		return rows
	}
	group := func(i int, measures ...any) map[string]any {
		at := float64(caseNow - 1000 - i)
		return map[string]any{"grpid": float64(i + 1), "date": at, "modified": at, "category": 1.0, "measures": measures}
	}
	weight := map[string]any{"type": 1, "unit": 0, "value": 70}
	for _, c := range testrun.Few([]struct {
		name    string
		service exporter.Service
		rows    rowsOf
		most    int // series
		left    int // values left out, at least
	}{
		{"types of measures", exporter.Measure, many(100, func(i int) map[string]any {
			var all []any
			for j := range 100 {
				all = append(all, map[string]any{"type": 10_000 + 100*i + j, "unit": 0, "value": 1})
			}
			return group(i, append(all, weight)...)
		}), exporter.MostUnknown + 1, 9_900},
		{"one type at many positions", exporter.Measure, many(1000, func(i int) map[string]any {
			return group(i, map[string]any{"type": 999, "unit": 0, "value": 1, "position": 100 + i}, weight)
		}), exporter.MostUnknown + 1, 900},
		{"positions of a known type", exporter.Measure, many(1000, func(i int) map[string]any {
			return group(i, map[string]any{"type": 91, "unit": 0, "value": 1, "position": 100 + i}, weight)
		}), mostKinds + 1, 900},
		{"devices", exporter.Device, many(500, func(i int) map[string]any {
			return map[string]any{"deviceid": fmt.Sprint("d", i), "model": strings.Repeat("M", 5000), "model_id": 7}
		}), mostDevices, 400},
		{"events of a night", exporter.Sleep, many(1, func(int) map[string]any {
			events := map[string]any{}
			for i := range 3000 {
				events[fmt.Sprint(100+i)] = []any{1}
			}
			return edited(nightsOf(1)[0], map[string]any{"data": map[string]any{"night_events": events, "sleep_score": 5}})
		}), mostKinds + 5, 2900},
		{"models of devices", exporter.Night, many(500, func(i int) map[string]any {
			return map[string]any{"startdate": caseNow - 1000 - i, "enddate": caseNow - 990 - i, "state": 1, "model": fmt.Sprint(i, strings.Repeat("M", 5000))}
		}), mostKinds + 1 + 7, 400},
	}) {
		inBubble(t, c.name, func(t *testing.T) {
			h := newHouse(map[exporter.Service]rowsOf{c.service: c.rows})
			h.open(t)
			first := len(h.readings(t))
			h.restart(t) // others may come first now
			for i := range 3 {
				h.list(c.service, append(c.rows[i*len(c.rows)/7:], c.rows[:i*len(c.rows)/7]...))
				h.pass(70 * time.Minute)
			}
			if last := len(h.readings(t)); first > c.most || last > c.most || first == 0 {
				t.Errorf("%d series, later %d, want %d at most", first, last, c.most)
			}
			for name := range h.readings(t) {
				if len(name) > 600 {
					t.Errorf("a series has a name of %d bytes", len(name))
				}
			}
			if got := h.tally.skipped[ReasonTooMany]; got < c.left {
				t.Errorf("%d values are counted as too many, want at least %d", got, c.left)
			}
			if n := strings.Count(h.log.String(), "more than this exporter accepts"); n != 1 {
				t.Errorf("%d lines about it, want one", n)
			}
			if n := strings.Count(h.log.String(), "\n"); n > 2*mostKinds+10 {
				t.Errorf("%d lines are logged", n)
			}
		})
	}
}

func TestWhatIsLoggedOnceIsNotRememberedWithoutEnd(t *testing.T) {
	inBubble(t, "many different things", func(t *testing.T) {
		w := newWorld(script(says(nothing)))
		for i := range 10 * mostWarned {
			w.client.once(fmt.Sprint(i), "something odd")
			w.client.once(fmt.Sprint(i), "something odd")
		}
		lines := strings.Count(w.log.String(), "\n")
		if n := len(w.client.warned.seen); n != mostWarned || lines != mostWarned+1 {
			t.Errorf("%d things are remembered, %d lines logged, want %d and a last line", n, lines, mostWarned)
		}
	})
}
