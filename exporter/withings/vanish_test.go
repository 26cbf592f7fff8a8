package withings

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// weighIns are groups of the last days, the newest last; the first has a height
// and a fat ratio, too.
func weighIns(n int) rowsOf {
	var rows rowsOf
	for i := range n {
		at := float64(caseNow - 86400*(n-i)/2)
		measures := []any{map[string]any{"value": float64(70000 + i), "type": 1.0, "unit": -3.0}}
		if i == 0 {
			measures = append(measures, map[string]any{"value": 180.0, "type": 4.0, "unit": -2.0}, map[string]any{"value": 25.0, "type": 6.0, "unit": 0.0})
		}
		rows = append(rows, map[string]any{"grpid": float64(i + 1), "attrib": 0.0, "date": at, "created": at, "modified": at, "category": 1.0, "measures": measures})
	}
	return rows
}

// nightsOf are nights of the last days, the newest last.
func nightsOf(n int) rowsOf {
	var rows rowsOf
	for i := range n {
		end := float64(caseNow - 3600 - 86400*(n-1-i))
		rows = append(rows, map[string]any{"id": float64(i + 1), "startdate": end - 28000, "enddate": end, "modified": end,
			"date": time.Unix(int64(end), 0).UTC().Format(time.DateOnly), "timezone": "Europe/Paris",
			"data": map[string]any{"sleep_score": float64(50 + i), "lightsleepduration": 20000.0}})
	}
	return rows
}

// aHousehold has 40 weigh-ins and a few of everything else, all known.
func aHousehold() map[exporter.Service]rowsOf {
	day := func(back, steps float64) map[string]any {
		at := time.Unix(caseNow, 0).UTC().AddDate(0, 0, -int(back))
		return map[string]any{"date": at.Format(time.DateOnly), "steps": steps, "brand": 1.0, "modified": float64(at.Unix() - 100), "timezone": "Europe/Paris"}
	}
	device := func(id string) map[string]any {
		return map[string]any{"deviceid": id, "type": "Scale", "model": "Body", "model_id": 7.0}
	}
	return map[exporter.Service]rowsOf{
		exporter.Measure: weighIns(40), exporter.Sleep: nightsOf(6),
		exporter.Activity: {day(0, 100), day(1, 8000), day(2, 7000)},
		exporter.Device:   {device("a"), device("b"), device("c")},
		exporter.Goal:     {{"steps": 9000.0, "sleep": 28800.0}},
		exporter.Workout: {{"id": 1.0, "category": 1.0, "startdate": float64(caseNow - 90000), "enddate": float64(caseNow - 88000),
			"date": time.Unix(caseNow-90000, 0).UTC().Format(time.DateOnly), "modified": float64(caseNow - 88000), "data": map[string]any{"steps": 5.0}}},
		exporter.Objective: {{"grpid": 900.0, "date": float64(caseNow - 90000), "modified": float64(caseNow - 90000), "category": 2.0,
			"measures": []any{map[string]any{"value": 70.0, "type": 1.0, "unit": 0.0}}}},
	}
}

// readings are the series of what is shown that are a person's.
func (h *house) readings(t *testing.T) map[string]float64 {
	all := h.shown(t)
	for name := range all {
		for _, own := range []string{"withings_up", "withings_authorized", "withings_influx", "withings_token"} {
			if strings.HasPrefix(name, own) {
				delete(all, name)
			}
		}
	}
	return all
}

// kept complains about everything that was there before and is not now.
func (h *house) kept(t *testing.T, before map[string]float64, records map[exporter.Service]int) {
	t.Helper()
	now := h.readings(t)
	for name, value := range before {
		if is, ok := now[name]; !ok || is != value {
			t.Errorf("%s was %v and is %v (there: %t)", name, value, is, ok)
		}
	}
	for service, n := range records {
		if got := h.sink.count(service); got < n {
			t.Errorf("the sink has %d records of %s, had %d", got, service, n)
		}
	}
	h.sink.mu.Lock()
	defer h.sink.mu.Unlock()
	if h.sink.deleted > 0 {
		t.Errorf("the sink deleted %d records", h.sink.deleted)
	}
}

func (h *house) counts() map[exporter.Service]int {
	all := map[exporter.Service]int{}
	for _, service := range exporter.Asked() {
		all[service] = h.sink.count(service)
	}
	return all
}

// empties are answers of a service that have no rows.
func empties(service exporter.Service) map[string]string {
	list := endpoints[service].list
	return map[string]string{
		"an empty list":   `{"status":0,"body":{"` + list + `":[]}}`,
		"a list of null":  `{"status":0,"body":{"` + list + `":null}}`,
		"a list of false": `{"status":0,"body":{"` + list + `":false}}`,
		"an object":       `{"status":0,"body":{"` + list + `":{}}}`,
		"no list":         `{"status":0,"body":{"updatetime":1795670000}}`,
		"an empty body":   `{"status":0,"body":{}}`,
		"a body of null":  `{"status":0,"body":null}`,
		"a body of []":    `{"status":0,"body":[]}`,
		"no body":         `{"status":0}`,
	}
}

// TestNothingVanishesByAnEmptyAnswer has every service of the account answer for
// some hours as if there were nothing.
func TestNothingVanishesByAnEmptyAnswer(t *testing.T) {
	for service := range aHousehold() {
		for name, body := range testrun.FewOf(empties(service)) {
			inBubble(t, string(service)+" "+name, func(t *testing.T) {
				h := newHouse(aHousehold())
				h.open(t)
				before, records := h.readings(t), h.counts()
				h.shows(t, map[string]float64{"withings_up": 1})
				h.log.Reset()
				h.every(service, body)
				h.pass(6 * time.Hour)
				h.kept(t, before, records)
				said := h.state.Progress(service).Doubt
				_, failed := h.status.Condition().Problems[service]
				// null, false, [] and {} are a list that is empty; anything else is no list.
				if empty := strings.Contains(name, "list of") || name == "an empty list" || name == "an object"; failed == empty || said.Doubted.IsZero() != !empty {
					t.Errorf("failed %t, doubted since %s, want a doubt: %t, a failure else", failed, said.Doubted, empty)
				}
				if lines := strings.Count(h.log.String(), "level=WARN"); lines != 1 || !strings.Contains(h.log.String(), "service="+string(service)) {
					t.Errorf("want one line about it, logged:\n%s", h.log)
				}
				h.every(service, "")
				h.pass(70 * time.Minute)
				h.kept(t, before, records)
				h.shows(t, map[string]float64{"withings_up": 1})
				if again := h.state.Progress(service).Doubt; again != (exporter.Doubt{}) {
					t.Errorf("all is told again and %+v is doubted", again)
				}
			})
		}
	}
}

// noGoals are goals of which some say that there is none.
func noGoals(steps, sleep any) rowsOf { return rowsOf{{"steps": steps, "sleep": sleep}} }

func TestWhatASingleAnswerLeavesOutIsStillThere(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		left    rowsOf // by the first answer of the window
		after   rowsOf // by the second
		gone    int    // records
		doubted bool
	}{
		{"one of 40, by one answer", exporter.Measure, weighIns(40)[:39], weighIns(40), 0, false},
		{"one of 40, by both", exporter.Measure, weighIns(40)[:39], weighIns(40)[:39], 1, false},
		{"all, by one answer", exporter.Measure, nil, weighIns(40), 0, false},
		{"all, by both", exporter.Measure, nil, nil, 0, true},
		{"different ones by each", exporter.Measure, weighIns(40)[:35], weighIns(40)[5:], 0, false},
		{"some by both", exporter.Measure, weighIns(40)[:35], weighIns(40)[:38], 2, false},
		{"22 of 40, which is most", exporter.Measure, weighIns(40)[:18], weighIns(40)[:18], 0, true},
		{"two of six nights", exporter.Sleep, nightsOf(6)[:4], nightsOf(6)[:4], 4, false}, // and the naps of both dates
		{"four of six nights", exporter.Sleep, nightsOf(6)[:2], nightsOf(6)[:2], 0, true},
		{"a night by one answer", exporter.Sleep, nightsOf(6)[1:], nightsOf(6), 0, false},
		{"one of one workout", exporter.Workout, nil, nil, 0, true},
		{"one of three devices", exporter.Device, aHousehold()[exporter.Device][:2], aHousehold()[exporter.Device][:2], 1, false},
		{"one of three devices, by one answer", exporter.Device, aHousehold()[exporter.Device][:2], aHousehold()[exporter.Device], 0, false},
		{"one of two goals", exporter.Goal, rowsOf{{"steps": 9000.0}}, rowsOf{{"steps": 9000.0}}, 1, false},
		{"the only objective", exporter.Objective, nil, nil, 0, true},
		{"goals that are null", exporter.Goal, noGoals(null, null), noGoals(null, null), 0, true},
		{"goals that are null, by one answer", exporter.Goal, noGoals(null, null), aHousehold()[exporter.Goal], 0, false},
		{"one of two goals is 0", exporter.Goal, noGoals(9000.0, 0.0), noGoals(9000.0, 0.0), 1, false},
		{"one of two goals is false, by one answer", exporter.Goal, noGoals(false, 28800.0), aHousehold()[exporter.Goal], 0, false},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			h := newHouse(aHousehold())
			h.open(t)
			h.shows(t, map[string]float64{"withings_up": 1})
			before := h.sink.count(c.service)
			looks := 0
			h.when(c.service, func(q asked) (string, bool) {
				if q.form.Has("lastupdate") {
					return bodyOf(c.service, nil), true
				}
				if looks++; looks%2 == 1 {
					return bodyOf(c.service, c.left), true
				}
				return bodyOf(c.service, c.after), true
			})
			h.pass(time.Hour + askedWithin(c.service) + time.Minute) // one look at the window: once an hour, with the poll that comes next
			if got := before - h.sink.count(c.service); got != c.gone {
				t.Errorf("%d records are gone, want %d", got, c.gone)
			}
			if got := !h.state.Progress(c.service).Doubted.IsZero(); got != c.doubted {
				t.Errorf("doubted %t, want %t", got, c.doubted)
			}
			h.shows(t, map[string]float64{"withings_up": 1})
		})
	}
}

// TestASecondAnswerIsJudgedByItself has the first answer that would take something
// away have no list, and the one that is asked for then have everything, or nothing.
func TestASecondAnswerIsJudgedByItself(t *testing.T) {
	for _, c := range []struct {
		name   string
		second rowsOf
		doubt  bool
	}{
		{"everything", weighIns(40), false},
		{"an empty list", nil, true},
	} {
		for _, service := range []exporter.Service{exporter.Measure, exporter.Device, exporter.Goal} {
			inBubble(t, string(service)+", "+c.name, func(t *testing.T) {
				h := newHouse(aHousehold())
				h.open(t)
				before, records := h.readings(t), h.counts()
				looks := 0
				h.when(service, func(q asked) (string, bool) {
					if q.form.Has("lastupdate") {
						return bodyOf(service, nil), true
					}
					switch looks++; {
					case looks == 1:
						return `{"status":0,"body":{}}`, true
					case c.second == nil:
						return bodyOf(service, nil), true
					}
					return "", false
				})
				if service == exporter.Device || service == exporter.Goal {
					h.pass(askedWithin(service)) // asked once
				} else {
					h.pass(71 * time.Minute) // one look at the window
				}
				h.shows(t, map[string]float64{"withings_up": 1})
				h.kept(t, before, records)
				if got := !h.state.Progress(service).Doubted.IsZero(); got != c.doubt {
					t.Errorf("doubted %t, want %t", got, c.doubt)
				}
			})
		}
	}
}

// TestWhatIsLeftOutForADayIsBelieved also restarts the exporter every few hours.
func TestWhatIsLeftOutForADayIsBelieved(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		left    rowsOf
		series  string
		restart bool
	}{
		{"measures", exporter.Measure, weighIns(40)[:2], "withings_weight_grams", false},
		{"measures, restarted", exporter.Measure, nil, "withings_weight_grams", true},
		{"nights, restarted", exporter.Sleep, nil, "withings_sleep_score", true},
		{"devices", exporter.Device, nil, `withings_device_info{device="a",model="Body",model_id="7",type="Scale"}`, false},
		{"goals, restarted", exporter.Goal, nil, "withings_goal_steps", true},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			h := newHouse(aHousehold())
			h.open(t)
			was, shown := h.shown(t)[c.series]
			if !shown {
				t.Fatalf("%s is not shown", c.series)
			}
			h.list(c.service, c.left)
			h.pass(time.Hour + askedWithin(c.service))
			doubt := h.state.Progress(c.service).Doubt
			if doubt.Doubted.IsZero() || doubt.Missing == 0 || doubt.Known < doubt.Missing {
				t.Fatalf("the doubt is %+v", doubt)
			}
			for h.now().Before(doubt.Until().Add(-time.Hour)) {
				h.pass(5 * time.Hour / 2)
				if c.restart {
					h.restart(t)
				}
				if h.now().Before(doubt.Until()) {
					h.shows(t, map[string]float64{c.series: was, "withings_up": 1})
				}
			}
			h.pass(3 * time.Hour)
			if is := h.shown(t)[c.series]; is == was {
				t.Errorf("after a day %s is still %v", c.series, is)
			}
			if is := h.state.Progress(c.service).Doubt; is != (exporter.Doubt{}) || h.sink.count(c.service) > 2*len(c.left) {
				t.Errorf("after a day %+v is doubted, and the sink has %d records", is, h.sink.count(c.service))
			}
			if n := strings.Count(h.log.String(), "leaves out most"); n != 1 || !strings.Contains(h.log.String(), "they count as deleted") {
				t.Errorf("want a line when it begins and one when it is believed, logged:\n%s", h.log)
			}
		})
	}
}

// TestADoubtThatGrowsBeginsWithIt has more be left out shortly before what was left
// out first is believed to be gone.
func TestADoubtThatGrowsBeginsWithIt(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name        string
		service     exporter.Service
		first, then rowsOf
	}{
		{"then all measures", exporter.Measure, weighIns(40)[36:], nil},
		{"then a weigh-in more", exporter.Measure, weighIns(40)[30:], weighIns(40)[31:]},
		{"then all devices", exporter.Device, aHousehold()[exporter.Device][:1], nil},
		{"then all nights", exporter.Sleep, nightsOf(6)[4:], nil},
		{"no more", exporter.Measure, weighIns(40)[36:], weighIns(40)[36:]},
	}) {
		for _, restart := range []bool{false, true} {
			inBubble(t, fmt.Sprintf("%s, restarted %t", c.name, restart), func(t *testing.T) {
				home := aHousehold()
				delete(home, exporter.Activity) // what is of today changes with the day
				h := newHouse(home)
				h.open(t)
				before := h.readings(t)
				h.list(c.service, c.first)
				h.pass(23 * time.Hour)
				if h.state.Progress(c.service).Doubted.IsZero() {
					t.Fatal("nothing is doubted")
				}
				h.list(c.service, c.then)
				if restart {
					h.restart(t)
				}
				h.pass(4 * time.Hour)
				if len(c.first) != len(c.then) {
					h.kept(t, before, nil)
					h.pass(15 * time.Hour)
					h.kept(t, before, nil)
					h.pass(8 * time.Hour)
				}
				if is := h.state.Progress(c.service).Doubt; is != (exporter.Doubt{}) {
					t.Errorf("after a day %+v is doubted", is)
				}
				most := len(c.then)
				if c.service == exporter.Sleep {
					most *= 2
				}
				if n := h.sink.count(c.service); n > most {
					t.Errorf("after a day the sink has %d records, want %d", n, most)
				}
			})
		}
	}
}

// TestADoubtFromBeforeAnOutageOfTheSinkIsOver has the sink be away while Withings
// tells everything again, and come back when it does not.
func TestADoubtFromBeforeAnOutageOfTheSinkIsOver(t *testing.T) {
	for _, service := range testrun.Few([]exporter.Service{exporter.Measure, exporter.Sleep, exporter.Device, exporter.Goal}) {
		inBubble(t, string(service), func(t *testing.T) {
			home := aHousehold()
			delete(home, exporter.Activity)
			h := newHouse(home)
			h.open(t)
			before, records := h.readings(t), h.counts()
			h.list(service, nil)
			h.pass(70 * time.Minute)
			h.sink.leave(true)
			h.list(service, aHousehold()[service])
			h.pass(40 * time.Hour)
			h.kept(t, before, records)
			h.list(service, nil)
			h.sink.leave(false)
			h.pass(10 * time.Hour)
			h.kept(t, before, records)
			if h.state.Progress(service).Doubted.IsZero() {
				t.Error("nothing is doubted")
			}
			h.pass(20 * time.Hour)
			if n := h.sink.count(service); n > 0 {
				t.Errorf("after a day the sink has %d records", n)
			}
		})
	}
}

// TestUnreadableValuesLoseNothing has the values of every answer be something
// else for some polls, the answers about the past among them.
func TestUnreadableValuesLoseNothing(t *testing.T) {
	for _, bad := range []struct {
		name  string
		value any
	}{{"text", "n/a"}, {"null", null}, {"false", false}, {"an object", map[string]any{}}, {"more digits than there are", 1e300}} {
		for _, all := range []bool{true, false} { // every group, or only the newest and the one of years ago
			inBubble(t, fmt.Sprintf("%s, all %t", bad.name, all), func(t *testing.T) {
				rows := weighIns(12)
				rows[0]["date"], rows[0]["modified"] = float64(1400000000), float64(1400000000) // height and fat ratio are years old
				h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: rows})
				h.open(t)
				h.shows(t, map[string]float64{"withings_height_meters": 1.8, "withings_fat_ratio": 0.25, "withings_weight_grams": 70011})
				before, records := h.readings(t), h.counts()
				spoilt := slices.Clone(rows)
				for i, row := range spoilt {
					if all || i == 0 || i == len(rows)-1 {
						var measures []any
						for _, m := range row["measures"].([]any) {
							measures = append(measures, edited(m.(map[string]any), map[string]any{"value": bad.value}))
						}
						spoilt[i] = edited(row, map[string]any{"measures": measures, "modified": float64(h.now().Unix())})
					}
				}
				h.list(exporter.Measure, spoilt)
				h.pass(5 * 65 * time.Minute)
				h.kept(t, before, records)
				if _, failed := h.status.Condition().Problems[exporter.Measure]; failed != all {
					t.Errorf("failed %t, want %t", failed, all)
				}
				h.restart(t)
				h.kept(t, before, records)
				h.list(exporter.Measure, rows)
				h.pass(70 * time.Minute)
				h.kept(t, before, records)
				h.shows(t, map[string]float64{"withings_up": 1})
			})
		}
	}
}
