package boards

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testserver"
	grafana "withings-exporter/grafana/queries"
)

// past is what somebody measured, as InfluxDB has it. Days are counted from the one on
// which it is looked at, so that yesterday is -1.
type past struct {
	person string
	now    time.Time
	lines  strings.Builder // of line protocol
}

// shownDays is how many days before now the time shown begins.
const shownDays = 30

// at is a moment of a day.
func (p *past) at(day, hour, minute int) time.Time {
	return time.Date(p.now.Year(), p.now.Month(), p.now.Day()+day, hour, minute, 0, 0, p.now.Location())
}

func (p *past) add(group string, at time.Time, fields map[string]float64) {
	for name, value := range fields {
		fmt.Fprintf(&p.lines, "withings_%s,profile=%s %s=%f %d\n", group, p.person, name, value, at.Unix())
	}
}

// every is i of a cycle of n.
func every(n, day int) int { return (day%n + n) % n }

// grams is the last weight of a day; on every seventh there is none.
func grams(day int) (float64, bool) {
	return 80000 + 37*float64(day) + 200*float64(every(11, day*day)), every(7, day) != 3
}

func steps(day int) (float64, bool) {
	if day == 0 {
		return 700, true
	}
	return 5000 + 100*float64(every(13, day)), every(9, day) != 4
}

// asleep is what the night of a day says; every tenth is missing, and every tenth is
// known without stages, with less than this.
func asleep(day int) (float64, bool) {
	return 24000 + 60*float64(every(7, day)), every(10, day) != 6 && every(10, day) != 2
}

// pressuresOf are the readings of the mornings and evenings of a day.
func pressuresOf(day int) (mornings, evenings []float64) {
	mornings = []float64{118 + float64(every(5, day)), 122 + float64(every(5, day))}
	if every(8, day) == 1 {
		evenings = append(evenings, 131)
	}
	if every(2, day) == 0 && day != 0 {
		evenings = append(evenings, 126+float64(every(3, day)))
	}
	return mornings, evenings
}

// newPast is somebody with readings of the days up to a date.
func newPast(t *testing.T, person, zone, date string) *past {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.ParseInLocation(time.DateTime, date+" 12:30:00", where)
	if err != nil {
		t.Fatal(err)
	}
	p := &past{person: person, now: now}
	for day := -110; day <= 0; day++ {
		if value, there := grams(day); there {
			if every(5, day) == 0 {
				p.add("body", p.at(day, 0, 1), map[string]float64{"weight_grams": value + 500})
			}
			hour, minute := 7, 0
			if every(6, day) == 1 && day < 0 {
				hour, minute = 23, 55
			}
			p.add("body", p.at(day, hour, minute), map[string]float64{"weight_grams": value})
		}
		if value, there := steps(day); there {
			p.add("activity", p.at(day, 0, 0), map[string]float64{"steps": value})
		}
		p.night(day)
		mornings, evenings := pressuresOf(day)
		for i, value := range mornings {
			p.add("heart", p.at(day, 11, 40+10*i), map[string]float64{"systolic_blood_pressure_mmhg": value, "diastolic_blood_pressure_mmhg": 75, "heart_pulse_beats_per_minute": 60})
		}
		for i, value := range evenings {
			p.add("heart", p.at(day, 12+i*9, 0), map[string]float64{"systolic_blood_pressure_mmhg": value, "diastolic_blood_pressure_mmhg": 88})
		}
	}
	p.add("body", p.at(-400, 9, 0), map[string]float64{"goal_weight_grams": 70000, "height_meters": 1.8, "objective_weight_grams": 81000})
	p.add("body", p.at(-300, 9, 0), map[string]float64{"goal_weight_grams": 70500})
	for day, code := range map[int]float64{-80: 1, -25: 0, -10: 1} {
		p.add("heart", p.at(day, 9, 0), map[string]float64{"ecg_atrial_fibrillation_class": code})
	}
	return p
}

// night adds the sessions of a day: of a mat and of a watch, which saw more of it but
// no stages, and a nap.
func (p *past) night(day int) {
	session := func(from, to time.Time, fields map[string]float64) {
		fields["start_timestamp_seconds"], fields["end_timestamp_seconds"] = float64(from.Unix()), float64(to.Unix())
		p.add("sleep", from, fields)
	}
	start := p.at(day-1, 23, 10)
	if every(3, day) == 0 {
		start = p.at(day, 0, 40)
	}
	if value, there := asleep(day); there {
		session(start, p.at(day, 7, 0), map[string]float64{"total_seconds": value, "light_seconds": 9000, "deep_seconds": value - 9000, "score": 70 + float64(every(20, day))})
	}
	if every(10, day) != 6 {
		session(p.at(day-1, 22, 30), p.at(day, 7, 30), map[string]float64{"total_seconds": 31000})
	}
	if every(4, day) == 1 && day < 0 {
		session(p.at(day, 14, 0), p.at(day, 14, 40), map[string]float64{"total_seconds": 2400, "light_seconds": 2400, "score": 99})
		p.add("sleep", p.at(day, 0, 0), map[string]float64{"naps_seconds": 2400})
	} else {
		p.add("sleep", p.at(day, 0, 0), map[string]float64{"naps_seconds": 0})
	}
}

// filled is a query as Grafana sends it.
func (p *past) filled(t *testing.T, query string) string {
	t.Helper()
	all, err := grafana.Of("test", map[string]any{
		"time":   map[string]any{"from": "now-" + strconv.Itoa(shownDays) + "d"},
		"panels": []any{map[string]any{"title": "test", "targets": []any{map[string]any{"refId": "A", "query": query}}}},
	}, p.person, p.now)
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Text
}

// byDays are the values of an answer by day; each must stand at a midnight.
func (p *past) byDays(t *testing.T, rows []testserver.Row) map[int]float64 {
	t.Helper()
	got := map[int]float64{}
	p.each(t, rows, func(at time.Time, value float64) {
		last := p.at(0, 0, 0) // days have 24 hours in Grafana
		day := int(math.Round(at.Sub(last).Hours() / 24))
		if _, twice := got[day]; twice {
			t.Errorf("day %d has two values", day)
		}
		if !at.Equal(last.Add(time.Duration(day) * 24 * time.Hour)) {
			t.Errorf("a value stands at %s", at.In(p.now.Location()))
		}
		got[day] = value
	})
	return got
}

// each calls for every value of an answer of one column.
func (p *past) each(t *testing.T, rows []testserver.Row, call func(time.Time, float64)) {
	t.Helper()
	for _, row := range rows {
		if row.Tags["profile"] != p.person {
			t.Errorf("the answer is about %v", row.Tags)
		}
		for _, values := range row.Values {
			if len(values) != 2 {
				t.Fatalf("columns %v, want one beside the time", row.Columns)
			}
			if values[1] == nil {
				continue
			}
			at, err := strconv.ParseInt(fmt.Sprint(values[0]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			value, err := strconv.ParseFloat(fmt.Sprint(values[1]), 64)
			if err != nil {
				t.Fatal(err)
			}
			call(time.Unix(0, at), value)
		}
	}
}
