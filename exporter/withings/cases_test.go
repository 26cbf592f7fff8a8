package withings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// permuted are the rows in every order.
func permuted(rows rowsOf) []rowsOf {
	if len(rows) < 2 {
		return []rowsOf{rows}
	}
	var all []rowsOf
	for i := range rows {
		rest := slices.Delete(slices.Clone(rows), i, i+1)
		for _, tail := range permuted(rest) {
			all = append(all, append(rowsOf{rows[i]}, tail...))
		}
	}
	return all
}

func TestTypesThatNobodyKnowsKeepTheirPositions(t *testing.T) {
	group := func(rows rowsOf) []any { return rows[0]["measures"].([]any) }
	value := func(kind, value, position float64) map[string]any {
		return map[string]any{"type": kind, "value": value, "unit": -2.0, "position": position}
	}
	five := map[string]float64{"torso": 32.67, "left_leg": 10.44, "left_arm": 3.62, "right_leg": 10.61, "right_arm": 3.71}
	for _, c := range []struct {
		name string
		more []any
		want map[string]float64 // of type 999, by position
	}{
		{"five segments", nil, five},
		{"a position that is not in the reference", []any{value(999, 1234, 77)}, with2(five, "position_77", 12.34)},
		{"the whole body has none", []any{value(999, 1234, 7)}, with2(five, "", 12.34)},
		{"another type at the same position", []any{value(998, 1234, 12)}, five},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			rows := caseRows(t, "unknown-type-with-positions", "measuregrps.json")
			rows[0]["measures"] = append(group(rows), c.more...)
			h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: rows})
			h.open(t)
			got := map[string]float64{}
			for name, value := range h.shown(t) {
				if strings.HasPrefix(name, "withings_unknown_measure{") && strings.Contains(name, `type="999"`) {
					_, position, _ := strings.Cut(name, `position="`)
					position, _, _ = strings.Cut(position, `"`)
					got[position] = value
				}
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("shown %v, want %v", got, c.want)
			}
			sunk := map[string]string{}
			for position, value := range c.want {
				sunk[strings.TrimSuffix("9001 999,"+position, ",")] = fmt.Sprint(value)
			}
			if strings.Contains(c.name, "another type") {
				sunk["9001 998,torso"] = "12.34"
			}
			if got := h.sink.values(exporter.Measure, "unknown_measure"); !maps.Equal(got, sunk) {
				t.Errorf("the sink has %v, want %v", got, sunk)
			}
		})
	}
}

func with2(all map[string]float64, key string, value float64) map[string]float64 {
	all = maps.Clone(all)
	all[key] = value
	return all
}

func TestANightIsThatOfTheDeviceWhichTellsStages(t *testing.T) {
	file := func(t *testing.T) (mat, imported map[string]any) {
		rows := caseRows(t, "two-devices-one-night", "sleep_summary.json")
		return rows[0], rows[1]
	}
	for _, c := range []struct {
		name   string
		edit   func(mat, imported map[string]any) rowsOf
		asleep float64
		score  float64
		naps   float64
	}{
		{"the mat, though the other is 25 minutes longer", func(mat, imported map[string]any) rowsOf { return rowsOf{mat, imported} }, 22000, 80, 0},
		{"also when the other is hours longer", func(mat, imported map[string]any) rowsOf {
			return rowsOf{mat, edited(imported, map[string]any{"startdate": 1795633200.0})}
		}, 22000, 80, 0},
		{"also when they do not overlap and are about as long", func(mat, imported map[string]any) rowsOf {
			return rowsOf{mat, edited(imported, map[string]any{"startdate": 1795619000.0, "enddate": 1795643900.0})}
		}, 22000, 80, 1},
		{"of two with stages the longer", func(mat, imported map[string]any) rowsOf {
			longer := edited(mat, map[string]any{"id": 42.0, "startdate": 1795640000.0,
				"data": map[string]any{"total_sleep_time": 25000.0, "lightsleepduration": 25000.0, "sleep_score": 81.0}})
			return rowsOf{mat, longer}
		}, 25000, 81, 0},
		{"without any stages the longest", func(mat, imported map[string]any) rowsOf {
			return rowsOf{edited(mat, map[string]any{"data": map[string]any{"sleep_score": 80.0}}), imported}
		}, absent, absent, 0},
		{"stages of no time are none", func(mat, imported map[string]any) rowsOf {
			return rowsOf{edited(mat, map[string]any{"data": map[string]any{"sleep_score": 80.0, "lightsleepduration": 0.0, "deepsleepduration": 0.0}}), imported}
		}, absent, absent, 0},
		{"a nap with stages is no night", func(mat, imported map[string]any) rowsOf {
			nap := edited(mat, map[string]any{"startdate": 1795700000.0 - 31000, "enddate": 1795700000.0 - 29600})
			return rowsOf{nap, imported}
		}, absent, absent, 1},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			mat, imported := file(t)
			for _, rows := range permuted(c.edit(mat, imported)) {
				h := newHouse(map[exporter.Service]rowsOf{exporter.Sleep: rows})
				h.open(t)
				h.shows(t, map[string]float64{"withings_sleep_total_seconds": c.asleep, "withings_sleep_score": c.score, "withings_sleep_naps": c.naps})
				if got, want := h.sink.values(exporter.Sleep, "sleep_naps")["naps-2026-11-26"], fmt.Sprint(c.naps); got != want {
					t.Errorf("the sink has %q naps, want %s as shown", got, want)
				}
				h.stop()
			}
		})
	}
}

func TestADayIsThatOfTheTrackerWhateverTheOrder(t *testing.T) {
	const yesterday = `withings_activity_steps{day="yesterday"}`
	date := "2026-11-25"
	file := func(t *testing.T) (relayed, own, today map[string]any) {
		rows := caseRows(t, "tracker-and-relayed-day", "activities.json")
		return rows[0], rows[1], rows[2]
	}
	inBubble(t, "in one answer", func(t *testing.T) {
		relayed, own, today := file(t)
		other := edited(relayed, map[string]any{"modelid": 1060.0, "steps": 4200.0, "modified": 1795640200.0})
		for _, c := range []struct {
			rows rowsOf
			want float64
		}{
			{rowsOf{relayed, own, today}, 8000},
			{rowsOf{relayed, other, today}, 4200}, // the one changed last
			{rowsOf{relayed, edited(own, map[string]any{"brand": nil}), other}, 8000},
		} {
			for _, rows := range permuted(c.rows) {
				h := newHouse(map[exporter.Service]rowsOf{exporter.Activity: rows})
				h.open(t)
				h.shows(t, map[string]float64{yesterday: c.want})
				if got := h.sink.values(exporter.Activity, "activity_steps")[date]; got != fmt.Sprint(c.want) {
					t.Errorf("the sink has %s steps, want %v", got, c.want)
				}
				h.stop()
			}
		}
	})
	for _, c := range []struct {
		name  string
		polls [][]int // of relayed 0, own 1 and today 2, which are there
		want  []float64
	}{
		{"the relayed one comes later", [][]int{{1, 2}, {0, 1, 2}}, []float64{8000, 8000}},
		{"the tracker's comes later", [][]int{{0, 2}, {0, 1, 2}}, []float64{4100, 8000}},
		{"the tracker's is deleted", [][]int{{0, 1, 2}, {0, 2}}, []float64{8000, 4100}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			relayed, own, today := file(t)
			all := rowsOf{relayed, own, today}
			h := newHouse(nil)
			for i, poll := range c.polls {
				var rows rowsOf
				for _, j := range poll {
					row := all[j]
					if i > 0 && !slices.Contains(c.polls[i-1], j) { // it is new
						row = edited(row, map[string]any{"modified": float64(h.now().Unix())})
					}
					rows = append(rows, row)
				}
				h.list(exporter.Activity, rows)
				if i == 0 {
					h.open(t)
				} else {
					h.pass(70 * time.Minute)
				}
				h.shows(t, map[string]float64{yesterday: c.want[i]})
				if got := h.sink.values(exporter.Activity, "activity_steps")[date]; got != fmt.Sprint(c.want[i]) {
					t.Errorf("poll %d: the sink has %s steps, want %v", i, got, c.want[i])
				}
				h.restart(t)
			}
		})
	}
	inBubble(t, "rows of years ago that another app relays now", func(t *testing.T) {
		relayed, own, today := file(t)
		own, relayed = edited(own, map[string]any{"date": "2024-02-03"}), edited(relayed, map[string]any{"date": "2024-02-03"})
		h := newHouse(map[exporter.Service]rowsOf{exporter.Activity: {own, today}})
		h.open(t)
		h.list(exporter.Activity, rowsOf{own, today, edited(relayed, map[string]any{"modified": float64(h.now().Unix())})})
		h.pass(11 * time.Minute)
		if got := h.sink.values(exporter.Activity, "activity_steps")["2024-02-03"]; got != "8000" {
			t.Errorf("the sink has %s steps of that day, want those of the tracker, 8000", got)
		}
	})
}

func TestAMalformedRowDoesNotKeepADeletedOneAlive(t *testing.T) {
	const service = "malformed-row-beside-a-deletion"
	workouts := func() (before, after rowsOf) {
		workout := func(id, start, steps float64) map[string]any {
			return map[string]any{"id": id, "category": 1.0, "startdate": start, "enddate": start + 1800, "date": "2026-11-25",
				"modified": start + 1900, "data": map[string]any{"steps": steps}}
		}
		good, gone := workout(1, 1795550532, 70), workout(2, 1795630532, 90)
		bad := edited(workout(98, 1795600000, 1), map[string]any{"enddate": null})
		return rowsOf{good, gone, bad}, rowsOf{good, bad}
	}
	devices := func() (before, after rowsOf) {
		device := func(id string) map[string]any {
			return map[string]any{"deviceid": id, "type": "Scale", "model": "Body", "model_id": 7.0, "timezone": "Europe/Paris"}
		}
		bad := edited(device(""), map[string]any{"deviceid": null})
		return rowsOf{device("a"), device("b"), bad}, rowsOf{device("a"), bad}
	}
	file := func(t *testing.T, name string) func() (before, after rowsOf) {
		return func() (before, after rowsOf) {
			return caseRows(t, service, name), caseRows(t, service, "stage-1", name)
		}
	}
	device := func(id string) string {
		return `withings_device_info{device="` + id + `",model="Body",model_id="7",timezone="Europe/Paris",type="Scale"}`
	}
	for _, c := range []struct {
		name    string
		service exporter.Service
		rows    func(t *testing.T) func() (before, after rowsOf)
		bad     map[string]any // further fields of the malformed row
		before  map[string]float64
		after   map[string]float64
	}{
		{"a night without startdate", exporter.Sleep, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "sleep_summary.json") }, nil,
			map[string]float64{"withings_sleep_score": 90}, map[string]float64{"withings_sleep_score": 70}},
		{"a night without startdate and id", exporter.Sleep, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "sleep_summary.json") }, map[string]any{"id": nil},
			map[string]float64{"withings_sleep_score": 90}, map[string]float64{"withings_sleep_score": 70}},
		{"a night that ends before it begins", exporter.Sleep, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "sleep_summary.json") }, map[string]any{"startdate": 1795700000.0},
			map[string]float64{"withings_sleep_score": 90}, map[string]float64{"withings_sleep_score": 70}},
		{"a group without date", exporter.Measure, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "measuregrps.json") }, nil,
			map[string]float64{"withings_weight_grams": 80000}, map[string]float64{"withings_weight_grams": 70000}},
		{"a group without grpid", exporter.Measure, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "measuregrps.json") }, map[string]any{"grpid": nil, "date": 1795620532.0},
			map[string]float64{"withings_weight_grams": 80000}, map[string]float64{"withings_weight_grams": 70000}},
		{"a group without measures", exporter.Measure, func(t *testing.T) func() (rowsOf, rowsOf) { return file(t, "measuregrps.json") }, map[string]any{"date": 1795620532.0, "measures": null},
			map[string]float64{"withings_weight_grams": 80000}, map[string]float64{"withings_weight_grams": 70000}},
		{"a workout without enddate", exporter.Workout, func(*testing.T) func() (rowsOf, rowsOf) { return workouts }, nil,
			map[string]float64{"withings_workout_steps": 90}, map[string]float64{"withings_workout_steps": 70}},
		{"a workout without startdate and id", exporter.Workout, func(*testing.T) func() (rowsOf, rowsOf) { return workouts }, map[string]any{"id": nil, "startdate": nil},
			map[string]float64{"withings_workout_steps": 90}, map[string]float64{"withings_workout_steps": 70}},
		{"a device without any id", exporter.Device, func(*testing.T) func() (rowsOf, rowsOf) { return devices }, nil,
			map[string]float64{device("a"): 1, device("b"): 1}, map[string]float64{device("a"): 1, device("b"): absent}},
		{"a device that is a word", exporter.Device, func(*testing.T) func() (rowsOf, rowsOf) { return devices }, map[string]any{"hash_deviceid": []any{}},
			map[string]float64{device("a"): 1, device("b"): 1}, map[string]float64{device("a"): 1, device("b"): absent}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			before, after := c.rows(t)()
			for _, rows := range []rowsOf{before, after} {
				rows[len(rows)-1] = edited(rows[len(rows)-1], c.bad)
			}
			h := newHouse(map[exporter.Service]rowsOf{c.service: before})
			h.open(t)
			h.shows(t, c.before)
			h.list(c.service, after)
			h.pass(70 * time.Minute)
			h.shows(t, c.after)
			h.shows(t, map[string]float64{"withings_up": 1})
			if h.sink.deleted == 0 {
				t.Error("the sink still has what is gone")
			}
			if c := strings.Count(h.log.String(), "rows that cannot be read"); c != 1 {
				t.Errorf("%d log lines about the row, want one:\n%s", c, h.log)
			}
		})
	}
}

// TestTheSinkHasTheNapsThatAreShown plays a nap that comes later, one that is
// deleted, and both across a restart.
func TestTheSinkHasTheNapsThatAreShown(t *testing.T) {
	nights := nightsOf(4)
	date := nights[3]["date"].(string)
	end := nights[3]["enddate"].(float64)
	nap := func(id, from, seconds float64) map[string]any {
		return edited(nights[3], map[string]any{"id": id, "startdate": end + from, "enddate": end + from + seconds,
			"modified": end + from + seconds, "data": map[string]any{"sleep_score": 1.0}})
	}
	one, two := nap(50, 600, 900), nap(51, 1700, 600)
	for _, c := range []struct {
		name  string
		looks []rowsOf
		naps  []string // what is in the sink after each, count and seconds
	}{
		{"none", []rowsOf{nights}, []string{"0 0"}},
		{"one comes later", []rowsOf{nights, append(rowsOf{one}, nights...)}, []string{"0 0", "1 900"}},
		{"another comes later", []rowsOf{append(rowsOf{one}, nights...), append(rowsOf{one, two}, nights...)}, []string{"1 900", "2 1500"}},
		{"one is deleted", []rowsOf{append(rowsOf{one, two}, nights...), append(rowsOf{two}, nights...)}, []string{"2 1500", "1 600"}},
		{"all are deleted", []rowsOf{append(rowsOf{one}, nights...), nights}, []string{"1 900", "0 0"}},
		{"it is told in full later", []rowsOf{append(rowsOf{one}, nights...), append(rowsOf{nap(50, 600, 1000)}, nights...)}, []string{"1 900", "1 1000"}},
		{"one cannot be read", []rowsOf{append(rowsOf{one}, nights...), append(rowsOf{edited(one, map[string]any{"startdate": nil})}, nights...)}, []string{"1 900", "1 900"}},
		{"the night itself is deleted", []rowsOf{append(rowsOf{one, two}, nights...), append(rowsOf{one, two}, nights[:3]...)}, []string{"2 1500", "1 600"}},
	} {
		for _, restarted := range []bool{false, true} {
			inBubble(t, fmt.Sprintf("%s, restarted %t", c.name, restarted), func(t *testing.T) {
				h := newHouse(nil)
				for i, rows := range c.looks {
					h.list(exporter.Sleep, slices.Clone(rows))
					switch {
					case i == 0:
						h.open(t)
					case restarted:
						h.restart(t)
						h.pass(70 * time.Minute)
					default:
						h.pass(70 * time.Minute)
					}
					count := h.sink.values(exporter.Sleep, "sleep_naps")["naps-"+date]
					got := count + " " + h.sink.values(exporter.Sleep, "sleep_naps_seconds")["naps-"+date]
					if got != c.naps[i] {
						t.Errorf("look %d: the sink has %s naps and seconds, want %s", i, got, c.naps[i])
					}
					shown := h.shown(t)
					if is := fmt.Sprint(shown["withings_sleep_naps"], " ", shown["withings_sleep_naps_seconds"]); is != c.naps[i] {
						t.Errorf("look %d: shown are %s, want %s", i, is, c.naps[i])
					}
				}
			})
		}
	}
}
