package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// lists are the calls with pages, and how to name a row.
var lists = []struct {
	action, path string
	size         func(*Pages, int)
	id           func(map[string]any) string
}{
	{"getmeas", "/measure", func(p *Pages, n int) { p.Measures = n }, func(r map[string]any) string { return fmt.Sprint(r["grpid"]) }},
	{"getactivity", "/v2/measure", func(p *Pages, n int) { p.Activity = n }, func(r map[string]any) string { return fmt.Sprint(r["date"]) }},
	{"getworkouts", "/v2/measure", func(p *Pages, n int) { p.Workouts = n }, func(r map[string]any) string { return fmt.Sprint(r["id"]) }},
	{"getsummary", "/v2/sleep", func(p *Pages, n int) { p.Sleep = n }, func(r map[string]any) string { return fmt.Sprint(r["id"]) }},
	{"list", "/v2/heart", func(p *Pages, n int) { p.Heart = n }, func(r map[string]any) string { return fmt.Sprint(r["timestamp"]) }},
	{"list", "/v2/stetho", func(p *Pages, n int) { p.Heart = n }, func(r map[string]any) string { return fmt.Sprint(r["signalid"]) }},
}

func TestPagesAreCompleteInEveryOrderAndSize(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	for _, call := range lists {
		var want []string
		for _, order := range []Order{NewestFirst, OldestFirst, Shuffled} {
			for _, size := range []int{Unlimited, 1000, 97, 11} {
				s := Switches{Order: order}
				call.size(&s.Pages, size)
				c, _ := newCloud(t, Options{Years: 1, Switches: s})
				rows, pages := visit(c, Full).all(t, call.path, params{
					"action": call.action, "startdate": epoch(testStart.AddDate(0, 0, -80)), "startdateymd": "2026-04-20",
				})
				ids := make([]string, len(rows))
				for i, row := range rows {
					ids[i] = call.id(row)
				}
				slices.Sort(ids)
				if len(slices.Compact(slices.Clone(ids))) != len(ids) || len(ids) == 0 {
					t.Fatalf("%s: order %d, size %d: %d rows, some twice", call.path, order, size, len(ids))
				}
				if want == nil {
					want = ids
				}
				if !slices.Equal(ids, want) {
					t.Errorf("%s: order %d, size %d: %d rows, want %d", call.path, order, size, len(ids), len(want))
				}
				if wantPages := (len(want) + size - 1) / size; size > 0 && pages != wantPages {
					t.Errorf("%s: size %d: %d pages, want %d", call.path, size, pages, wantPages)
				}
			}
		}
	}
}

func TestOrderSwitch(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	dates := func(order Order) []int64 {
		c, _ := newCloud(t, Options{Years: 1, Switches: Switches{Order: order, Pages: Pages{Measures: Unlimited}}})
		rows, _ := visit(c, Full).all(t, "/measure", params{"action": "getmeas"})
		list := make([]int64, len(rows))
		for i, row := range rows {
			list[i] = number(t, row, "date")
		}
		return list
	}
	oldest, newest, shuffled := dates(OldestFirst), dates(NewestFirst), dates(Shuffled)
	if !slices.IsSorted(oldest) {
		t.Error("oldest first is not sorted")
	}
	if slices.Reverse(newest); !slices.IsSorted(newest) {
		t.Error("newest first is not sorted backwards")
	}
	if slices.IsSorted(shuffled) {
		t.Error("the shuffle sorted the rows")
	}
}

func TestMoreIsAnIntegerForMeasuresAndABooleanElsewhere(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	for _, test := range []struct {
		path     string
		p        params
		want     string // at the end of the answer
		lastPage string
	}{
		{"/measure", params{"action": "getmeas"}, `"more":1,"offset":250}}`, `]}}`},
		{"/v2/measure", params{"action": "getactivity"}, `"more":true,"offset":200}}`, `"more":false,"offset":0}}`},
		{"/v2/measure", params{"action": "getworkouts"}, `"more":true,"offset":200}}`, `"more":false,"offset":0}}`},
		{"/v2/sleep", params{"action": "getsummary"}, `"more":true,"offset":300}}`, `"more":false,"offset":0}}`},
		{"/v2/heart", params{"action": "list"}, `"more":true,"offset":200}}`, `"more":false,"offset":0}}`},
	} {
		if got := v.call(t, test.path, test.p).raw; !strings.HasSuffix(got, test.want) {
			t.Errorf("%v ends in %s, want %s", test.p, got[len(got)-60:], test.want)
		}
		test.p["offset"] = "1000000"
		if got := v.call(t, test.path, test.p).raw; !strings.HasSuffix(got, test.lastPage) || strings.Contains(got, `"more":1`) {
			t.Errorf("%v ends in %s, want %s", test.p, got, test.lastPage)
		}
	}
}

func TestStrayOffsetOfActivity(t *testing.T) {
	c, _ := newCloud(t, Options{Switches: Switches{StrayActivityOffset: true}})
	got := visit(c, Full).call(t, "/v2/measure", params{"action": "getactivity", "startdateymd": "2026-07-01"}).raw
	if !strings.HasSuffix(got, `"more":false,"offset":200}}`) {
		t.Errorf("the answer ends in %s", got[len(got)-60:])
	}
}

func TestLastUpdateFindsWhatChangedAndNothingElse(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	c, _ := newCloud(t, Options{Years: 2, Switches: Switches{Pages: Pages{Unlimited, Unlimited, Unlimited, Unlimited, Unlimited}}})
	v := visit(c, Full)
	for _, call := range lists[:4] {
		whole, _ := v.all(t, call.path, params{"action": call.action})
		for _, back := range []time.Duration{time.Hour, 26 * time.Hour, 40 * 24 * time.Hour, 500 * 24 * time.Hour} {
			since := testStart.Add(-back)
			var want []string
			for _, row := range whole {
				if modified, ok := row["modified"].(float64); ok && int64(modified) > since.Unix() {
					want = append(want, call.id(row))
				}
			}
			rows, _ := v.all(t, call.path, params{"action": call.action, "lastupdate": epoch(since)})
			var got []string
			for _, row := range rows {
				got = append(got, call.id(row))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s since %v: %d rows, want %d", call.action, back, len(got), len(want))
			}
		}
	}
}

func TestPollingByLastUpdateMissesNothing(t *testing.T) {
	for _, inclusive := range []bool{false, true} {
		c, _ := newCloud(t, Options{Years: 1, Switches: Switches{LastUpdateInclusive: inclusive, Pages: Pages{Measures: Unlimited}}})
		v := visit(c, Full)
		known := map[int64]int64{}
		cursor := int64(0)
		for range 150 {
			answer := v.call(t, "/measure", params{"action": "getmeas", "lastupdate": fmt.Sprint(cursor)})
			var page listing
			answer.into(t, &page)
			for _, row := range page.Groups {
				known[number(t, row, "grpid")] = number(t, row, "created")
			}
			cursor = int64(page.UpdateTime.(float64))
			c.Advance(3*time.Hour + 7*time.Minute + 11*time.Second)
		}
		// The cursor stands at the last poll; what came later is not to be expected.
		for _, g := range c.Measures(v.user, testStart.AddDate(-5, 0, -1), c.Now()) {
			if _, ok := known[g.ID]; !ok && g.Created <= cursor {
				t.Fatalf("inclusive %v: group %d, created %d, was never answered", inclusive, g.ID, g.Created)
			}
		}
	}
}

func TestLastUpdateBoundary(t *testing.T) {
	for _, inclusive := range []bool{false, true} {
		c, _ := newCloud(t, Options{Switches: Switches{LastUpdateInclusive: inclusive}})
		v := visit(c, Full)
		id, err := c.WeighAmbiguous(v.user, 80000)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := v.all(t, "/measure", params{"action": "getmeas", "lastupdate": epoch(c.Now())})
		if found := len(rows) == 1 && number(t, rows[0], "grpid") == id; found != inclusive {
			t.Errorf("inclusive %v: a row modified exactly then is found: %v", inclusive, found)
		}
	}
}

func TestDateParameters(t *testing.T) {
	now := testStart
	day := func(back int) string { return now.AddDate(0, 0, -back).Format(time.DateOnly) }
	for _, test := range []struct {
		name     string
		switches Switches
		path     string
		p        params
		status   int
		rows     int // exactly; -1 means some
	}{
		{"lastupdate in the future", Switches{}, "/measure", params{"action": "getmeas", "lastupdate": epoch(now.Add(time.Second))}, 503, 0},
		{"lastupdate now", Switches{}, "/measure", params{"action": "getmeas", "lastupdate": epoch(now)}, 0, 0},
		{"no dates", Switches{}, "/measure", params{"action": "getmeas"}, 0, -1},
		{"no dates refused", Switches{RefuseNoDates: true}, "/measure", params{"action": "getmeas"}, 503, 0},
		{"nonsense date", Switches{}, "/measure", params{"action": "getmeas", "startdate": "yesterday"}, 503, 0},
		{"nonsense offset", Switches{}, "/measure", params{"action": "getmeas", "offset": "-1"}, 503, 0},
		{"both, intersected", Switches{}, "/v2/measure", params{"action": "getactivity", "startdateymd": day(900), "enddateymd": day(890), "lastupdate": epoch(now.AddDate(0, 0, -9))}, 0, 0},
		{"both, range ignored", Switches{Combined: IgnoreRange}, "/v2/measure", params{"action": "getactivity", "startdateymd": day(900), "enddateymd": day(890), "lastupdate": epoch(now.AddDate(0, 0, -9))}, 0, -1},
		{"both refused", Switches{Combined: RefuseCombine}, "/v2/measure", params{"action": "getactivity", "startdateymd": day(900), "enddateymd": day(890), "lastupdate": "0"}, 503, 0},
		{"ymd is inclusive", Switches{}, "/v2/measure", params{"action": "getactivity", "startdateymd": day(9), "enddateymd": day(5)}, 0, 5},
		{"epoch dates on ymd calls are ignored", Switches{Pages: Pages{Activity: Unlimited}}, "/v2/measure", params{"action": "getactivity", "startdate": epoch(now), "enddate": epoch(now)}, 0, 1827},
		{"nonsense ymd", Switches{}, "/v2/sleep", params{"action": "getsummary", "startdateymd": "13.7.2026"}, 503, 0},
		{"sleep get without range", Switches{}, "/v2/sleep", params{"action": "get"}, 503, 0},
		{"sleep get over three days is cut", Switches{}, "/v2/sleep", params{"action": "get", "startdate": epoch(now.AddDate(0, 0, -3)), "enddate": epoch(now)}, 0, -1},
		{"sleep get over three days refused", Switches{RefuseLongSleep: true}, "/v2/sleep", params{"action": "get", "startdate": epoch(now.AddDate(0, 0, -3)), "enddate": epoch(now)}, 503, 0},
		{"user get is for partners", Switches{}, "/v2/user", params{"action": "get"}, 503, 0},
		{"no action", Switches{}, "/measure", params{}, 2554, 0},
		{"an action of another service", Switches{}, "/measure", params{"action": "getactivity"}, 2554, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newCloud(t, Options{Switches: test.switches})
			answer := visit(c, Full).call(t, test.path, test.p)
			if answer.Status != test.status || answer.HTTP != 200 {
				t.Fatalf("HTTP %d, status %d (%s), want status %d", answer.HTTP, answer.Status, answer.Error, test.status)
			}
			var page listing
			answer.into(t, &page)
			if n := len(page.rows()); n != test.rows && (test.rows != -1 || n == 0) {
				t.Errorf("%d rows, want %d", n, test.rows)
			}
		})
	}
}

func TestMeasureFilters(t *testing.T) {
	c, _ := newCloud(t, Options{Switches: Switches{Pages: Pages{Measures: Unlimited}}})
	v := visit(c, Full)
	for _, test := range []struct {
		name  string
		p     params
		types []int // that may occur; nil means no rows
	}{
		{"one type", params{"meastype": "1"}, []int{1}},
		{"a list of types", params{"meastypes": "9,10,11"}, []int{9, 10, 11}},
		{"a list in meastype matches nothing", params{"meastype": "1,6"}, nil},
		{"an unknown type matches nothing", params{"meastypes": "9999"}, nil},
		{"objectives", params{"category": "2"}, []int{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.p["action"] = "getmeas"
			rows, _ := v.all(t, "/measure", test.p)
			if (len(rows) == 0) != (test.types == nil) {
				t.Fatalf("%d rows", len(rows))
			}
			for _, row := range rows {
				for _, m := range row["measures"].([]any) {
					if kind := int(number(t, m.(map[string]any), "type")); !slices.Contains(test.types, kind) {
						t.Fatalf("type %d among them", kind)
					}
				}
			}
		})
	}
	if rows, _ := v.all(t, "/measure", params{"action": "getmeas", "category": "1", "meastype": "1"}); slices.ContainsFunc(rows, func(r map[string]any) bool { return number(t, r, "category") != 1 }) {
		t.Error("objectives among the real measures")
	}
}

func TestEmptyAnswersHaveTheirQuirks(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, test := range []struct {
		kind Kind
		path string
		p    params
		want string
	}{
		{Scale, "/v2/user", params{"action": "getgoals"}, `{"status":0,"body":{"goals":[]}}`},
		{Pressure, "/v2/measure", params{"action": "getactivity"}, `{"status":0,"body":{"activities":[],"more":false,"offset":0}}`},
		{Pressure, "/v2/measure", params{"action": "getintradayactivity"}, `{"status":0,"body":{"series":{}}}`},
		{Pressure, "/v2/measure", params{"action": "getworkouts"}, `{"status":0,"body":{"series":[],"more":false,"offset":0}}`},
		{Pressure, "/v2/sleep", params{"action": "getsummary"}, `{"status":0,"body":{"series":[],"more":false,"offset":0}}`},
		{Pressure, "/v2/heart", params{"action": "list"}, `{"status":0,"body":{"series":[],"more":false,"offset":0}}`},
		{Pressure, "/notify", params{"action": "list"}, `{"status":0,"body":{"profiles":[]}}`},
	} {
		if got := visit(c, test.kind).call(t, test.path, test.p).raw; got != test.want {
			t.Errorf("%v: %s, want %s", test.p, got, test.want)
		}
	}
	arrays, _ := newCloud(t, Options{Switches: Switches{EmptySeriesAsArray: true}})
	if got := visit(arrays, Pressure).call(t, "/v2/measure", params{"action": "getintradayactivity"}).raw; !strings.Contains(got, `"series":[]`) {
		t.Errorf("with the switch: %s", got)
	}
}

func TestScopesAreChecked(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	for _, test := range []struct {
		scopes, path, action string
		want                 bool
	}{
		{"user.metrics", "/measure", "getmeas", true},
		{"user.activity", "/measure", "getmeas", false},
		{"user.activity", "/v2/sleep", "getsummary", true},
		{"user.metrics", "/v2/measure", "getactivity", false},
		{"user.metrics", "/v2/heart", "list", true},
		{"user.info", "/v2/user", "getdevice", true},
		{"user.metrics,user.activity", "/v2/user", "getgoals", false},
	} {
		for missing, status := range map[MissingScope]int{ScopeHTTP403: 403, ScopeStatus214: 214, ScopeStatus277: 277, ScopeStatus2553: 2553} {
			c, _ := newCloud(t, Options{Switches: Switches{MissingScope: missing}})
			pair := signIn(t, c, c.people[0].ID, test.scopes)
			answer := post(t, c, test.path, pair.Access, params{"action": test.action})
			if test.want {
				status = 0
			}
			if answer.Status != status || (answer.HTTP == 403) != (status == 403) {
				t.Errorf("%s for %s: HTTP %d, status %d, want %d", test.scopes, test.action, answer.HTTP, answer.Status, status)
			}
		}
	}
}

func TestQueryAndFormAreMerged(t *testing.T) {
	c, _ := newCloud(t, Options{})
	pair := signIn(t, c, c.people[0].ID, allScopes)
	answer := post(t, c, "/measure?action=getmeas&meastype=4", "", params{"access_token": pair.Access, "lastupdate": "0"})
	var page listing
	answer.into(t, &page)
	if len(page.Groups) != 1 {
		t.Errorf("%d groups, want the one with the height: %s", len(page.Groups), answer.raw)
	}
}

func TestNightEventsAreJSONInAString(t *testing.T) {
	c, _ := newCloud(t, Options{})
	rows, _ := visit(c, Full).all(t, "/v2/sleep", params{"action": "getsummary", "data_fields": "night_events"})
	for _, row := range rows {
		text, ok := row["data"].(map[string]any)["night_events"].(string)
		if !ok {
			continue // external nights have none
		}
		var events map[string][]int
		if err := json.Unmarshal([]byte(text), &events); err != nil || len(events["1"]) == 0 || len(events["4"]) == 0 {
			t.Fatalf("night_events %q: %v", text, err)
		}
	}
}
