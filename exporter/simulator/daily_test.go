package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// The data fields of sections 4.1, 4.3 and 5.2.
var (
	sleepFields, _   = documentedIn("5.2 data_fields")
	workoutFields, _ = documentedIn("4.3 data_fields")
	dayFields, _     = documentedIn("4.1 data_fields")
)

// dataOf returns the data object of a row; activity rows carry their data themselves.
func dataOf(row map[string]any) map[string]any {
	if data, ok := row["data"].(map[string]any); ok {
		return data
	}
	return row
}

func TestAnnaHasEveryDailyField(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	for _, test := range []struct {
		path, action string
		fields       []string
	}{
		{"/v2/measure", "getactivity", dayFields},
		{"/v2/sleep", "getsummary", sleepFields},
		{"/v2/measure", "getworkouts", workoutFields},
	} {
		seen := map[string]bool{}
		rows, _ := v.all(t, test.path, params{"action": test.action, "data_fields": strings.Join(test.fields, ",")})
		for _, row := range rows {
			for name := range dataOf(row) {
				seen[name] = true
			}
		}
		for _, field := range test.fields {
			if !seen[field] {
				t.Errorf("%s never has %s", test.action, field)
			}
		}
	}
}

func TestLastNightOnTheMatIsComplete(t *testing.T) {
	c, _ := newCloud(t, Options{})
	nights := c.Nights(c.people[Full].ID, testStart, testStart)
	i := slices.IndexFunc(nights, func(n Night) bool { return n.Class == classMat })
	if i < 0 {
		t.Fatal("no night on the mat")
	}
	for _, field := range sleepFields {
		if _, ok := nights[i].Data.Get(field); !ok && field != "asleepduration" {
			t.Errorf("%s is missing", field)
		}
	}
}

func TestOnlyRequestedFieldsComeBack(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	since := epoch(testStart.AddDate(0, 0, -3))
	for _, test := range []struct {
		path, action, ask string
		want, not         []string
	}{
		{"/v2/measure", "getactivity", "steps,hr_max", []string{"steps", "hr_max", "date", "modified"}, []string{"distance", "hr_min"}},
		{"/v2/measure", "getactivity", "", []string{"steps", "totalcalories"}, []string{"hr_average"}},
		{"/v2/sleep", "getsummary", "sleep_score,hr_average", []string{"sleep_score", "hr_average"}, []string{"total_sleep_time", "snoring"}},
		{"/v2/sleep", "getsummary", "", summaryDefaults, []string{"sleep_score", "hr_average", "snoring"}},
	} {
		p := params{"action": test.action, "lastupdate": since}
		if test.ask != "" {
			p["data_fields"] = test.ask
		}
		rows, _ := v.all(t, test.path, p)
		if len(rows) == 0 {
			t.Fatalf("%s: no rows", test.action)
		}
		for _, row := range rows {
			for _, name := range test.want {
				if _, ok := dataOf(row)[name]; !ok {
					t.Errorf("%s, asked for %q: no %s", test.action, test.ask, name)
				}
			}
			for _, name := range test.not {
				if _, ok := dataOf(row)[name]; ok {
					t.Errorf("%s, asked for %q: got %s", test.action, test.ask, name)
				}
			}
		}
	}
}

func TestUndocumentedSleepFieldsFollowTheSwitch(t *testing.T) {
	for _, test := range []struct {
		extras SleepExtras
		status int
		served bool
	}{{IgnoreExtras, 0, false}, {ServeExtras, 0, true}, {RefuseExtras, 503, false}} {
		c, _ := newCloud(t, Options{Switches: Switches{SleepExtras: test.extras}})
		answer := visit(c, Full).call(t, "/v2/sleep", params{"action": "getsummary", "lastupdate": epoch(testStart.AddDate(0, 0, -2)), "data_fields": "sleep_score,skin_temperature"})
		if served := strings.Contains(answer.raw, "skin_temperature"); answer.Status != test.status || served != test.served {
			t.Errorf("switch %d: status %d, served %v", test.extras, answer.Status, served)
		}
	}
}

func TestNightAddsUp(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, n := range c.Nights(c.people[Full].ID, testStart.AddDate(-1, 0, 0), testStart) {
		f := func(name string) float64 { v, _ := n.Data.Number(name); return v }
		if _, external := n.Data.Get("asleepduration"); external {
			if v, ok := n.Data.Get("deepsleepduration"); !ok || v != nil {
				t.Errorf("night %d: an external night has stages", n.ID)
			}
			continue
		}
		if got := f("lightsleepduration") + f("deepsleepduration") + f("remsleepduration"); got != f("total_sleep_time") {
			t.Errorf("night %d: stages %v, asleep %v", n.ID, got, f("total_sleep_time"))
		}
		if got := f("total_sleep_time") + f("wakeupduration"); got != f("total_timeinbed") || got != float64(n.End-n.Start) {
			t.Errorf("night %d: asleep and awake %v, in bed %v, row %v", n.ID, got, f("total_timeinbed"), n.End-n.Start)
		}
		if got := f("sleep_latency") + f("waso") + f("wakeup_latency"); got != f("wakeupduration") || f("waso") < 0 {
			t.Errorf("night %d: %v awake in parts, %v in all", n.ID, got, f("wakeupduration"))
		}
		if hr := f("hr_average"); hr < f("hr_min") || hr > f("hr_max") || hr < 35 {
			t.Errorf("night %d: heart rate %v", n.ID, hr)
		}
	}
}

func TestMinutesOfTheNightAgreeWithItsSummary(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	n := c.Nights(v.user, testStart, testStart)[0]
	rows, _ := v.all(t, "/v2/sleep", params{"action": "get", "startdate": epoch(time.Unix(n.Start, 0)), "enddate": epoch(time.Unix(n.End, 0)), "data_fields": "hr,snoring"})
	seconds := map[int64]int64{}
	var snoring float64
	end := n.Start
	for _, row := range rows {
		if number(t, row, "startdate") != end {
			t.Errorf("a gap at %d", end)
		}
		end = number(t, row, "enddate")
		seconds[number(t, row, "state")] += end - number(t, row, "startdate")
		for _, s := range row["snoring"].(map[string]any) {
			snoring += s.(float64)
		}
		if minutes := len(row["hr"].(map[string]any)); int64(minutes) != (end-number(t, row, "startdate"))/60 {
			t.Errorf("%d heart rates in segment %v", minutes, row["startdate"])
		}
		if _, ok := row["rr"]; ok {
			t.Error("rr was not asked for")
		}
	}
	for state, name := range map[int64]string{light: "lightsleepduration", deep: "deepsleepduration", rem: "remsleepduration", awake: "wakeupduration"} {
		if want, _ := n.Data.Number(name); float64(seconds[state]) != want {
			t.Errorf("%s: %d s in the minutes, %v in the summary", name, seconds[state], want)
		}
	}
	if want, _ := n.Data.Number("snoring"); snoring != want {
		t.Errorf("snoring: %v in the minutes, %v in the summary", snoring, want)
	}
}

func TestNapsAndSecondDevicesOccur(t *testing.T) {
	c, _ := newCloud(t, Options{})
	naps, doubles, watchOnly := 0, 0, 0
	perDate := map[string][]Night{}
	for _, n := range c.Nights(c.people[Full].ID, testStart.AddDate(-1, 0, 0), testStart) {
		perDate[n.Date] = append(perDate[n.Date], n)
	}
	for _, list := range perDate {
		mats := 0
		for i, n := range list {
			if n.End-n.Start < 2*3600 {
				naps++
			} else if i > 0 && n.Start < list[i-1].End {
				doubles++
			}
			if n.Class == classMat {
				mats++
			}
		}
		if mats == 0 {
			watchOnly++
		}
		if mats > 1 {
			t.Errorf("%s: the mat has %d nights", list[0].Date, mats)
		}
	}
	if naps < 10 || doubles < 10 || watchOnly < 5 || len(perDate) < 360 {
		t.Errorf("%d naps, %d overlapping nights, %d days without the mat, %d days", naps, doubles, watchOnly, len(perDate))
	}
}

func TestIntradayAddsUpToTheDay(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, kind := range []Kind{Full, Scale} {
		v := visit(c, kind)
		p := c.people[kind]
		day := p.dayOf(testStart.Unix()) - 3
		var body struct {
			Series map[string]map[string]any `json:"series"`
		}
		v.call(t, "/v2/measure", params{"action": "getintradayactivity", "startdate": epoch(time.Unix(p.midnight(day), 0)), "enddate": epoch(time.Unix(p.midnight(day+1), 0))}).into(t, &body)
		var steps float64
		for _, sample := range body.Series {
			if n, ok := sample["steps"].(float64); ok {
				steps += n
			}
			if _, hasDevice := sample["deviceid"].(string); hasDevice != (kind == Full) {
				t.Fatalf("kind %d: sample %v", kind, sample)
			}
		}
		row := c.Days(v.user, time.Unix(p.midnight(day), 0), time.Unix(p.midnight(day), 0))[0]
		if want, _ := row.Data.Number("steps"); steps != want || want == 0 {
			t.Errorf("kind %d: %v steps in the samples, %v in the row", kind, steps, want)
		}
	}
}

func TestIntradayIsCutAfterADay(t *testing.T) {
	c, _ := newCloud(t, Options{})
	from := testStart.AddDate(0, 0, -4)
	var body struct{ Series map[string]any }
	visit(c, Full).call(t, "/v2/measure", params{"action": "getintradayactivity", "startdate": epoch(from), "enddate": epoch(testStart)}).into(t, &body)
	for key := range body.Series {
		if key < epoch(from) || key >= epoch(from.Add(24*time.Hour)) {
			t.Fatalf("a sample at %s", key)
		}
	}
	if len(body.Series) < 100 {
		t.Errorf("%d samples", len(body.Series))
	}
}

func TestActivityRowsHaveTheirQuirks(t *testing.T) {
	c, _ := newCloud(t, Options{})
	untracked, late := 0, 0
	rows, _ := visit(c, Full).all(t, "/v2/measure", params{"action": "getactivity", "data_fields": strings.Join(activityFields, ",")})
	for _, row := range rows {
		if row["deviceid"] != nil {
			t.Fatalf("row %v names its device", row)
		}
		if number(t, row, "modelid") == -1 {
			untracked++
			if row["model"] != nil || row["is_tracker"] != false || number(t, row, "brand") != 18 || number(t, row, "steps") != 0 || number(t, row, "totalcalories") < 800 {
				t.Errorf("untracked row %v", row)
			}
		} else if date, err := time.Parse(time.DateOnly, row["date"].(string)); err != nil || number(t, row, "modified")-date.Unix() > 2*secondsPerDay {
			late++
		}
	}
	if untracked == 0 || late == 0 {
		t.Errorf("%d untracked days, %d that came late", untracked, late)
	}
}

func TestRecordings(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	rows, _ := v.all(t, "/v2/heart", params{"action": "list", "startdate": epoch(testStart.AddDate(-1, 0, 0))})
	failed, lengths := 0, map[int64]int{}
	for _, row := range rows {
		ecg, ok := row["ecg"].(map[string]any)
		if !ok {
			failed++
			if _, rate := row["heart_rate"]; rate {
				t.Errorf("failed row %v has a heart rate", row)
			}
			continue
		}
		if model := number(t, row, "model"); lengths[model] == 0 {
			var body struct{ Signal []int }
			v.call(t, "/v2/heart", params{"action": "get", "signalid": epoch(time.Unix(number(t, ecg, "signalid"), 0))}).into(t, &body)
			lengths[model] = len(body.Signal)
		}
	}
	if failed == 0 || lengths[modelScanWatch2] != 9000 || lengths[modelBPMCore] != 10000 {
		t.Errorf("%d failed recordings, lengths %v", failed, lengths)
	}
	sounds, _ := v.all(t, "/v2/stetho", params{"action": "list"})
	var body struct{ Signal []int }
	v.call(t, "/v2/stetho", params{"action": "get", "signalid": epoch(time.Unix(number(t, sounds[0], "signalid"), 0))}).into(t, &body)
	if len(body.Signal) != 80000 {
		t.Errorf("a sound of %d samples", len(body.Signal))
	}
	for _, id := range []string{"", "0", "12345678", "x"} {
		if got := v.call(t, "/v2/heart", params{"action": "get", "signalid": id}); got.Status != 503 {
			t.Errorf("signal %q: status %d, want 503", id, got.Status)
		}
	}
	ben := visit(c, Scale)
	if got := ben.call(t, "/v2/stetho", params{"action": "get", "signalid": epoch(time.Unix(number(t, sounds[0], "signalid"), 0))}); got.Status != 503 {
		t.Errorf("somebody else's recording: status %d, want 503", got.Status)
	}
}
