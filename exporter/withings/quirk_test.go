package withings

import (
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
)

// quirk is an answer that bit another project, under its number in section 8 of
// the API reference where it has one, and what is made of it.
type quirk struct {
	name    string
	service exporter.Service
	body    string
	want    []string // series and value
	skipped []string
	unknown []string
}

func (q quirk) test(t *testing.T) {
	h, err := hear(q.service, []byte(`{"status":0,"body":`+q.body+`}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.values(); !slices.Equal(got, q.want) {
		t.Errorf("readings\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(q.want, "\n\t"))
	}
	if got := h.skips(); !slices.Equal(got, q.skipped) {
		t.Errorf("skipped %q, want %q", got, q.skipped)
	}
	if !slices.Equal(h.unknown, q.unknown) {
		t.Errorf("unknown %q, want %q", h.unknown, q.unknown)
	}
}

// group is a body with one measure group; more are further fields of it, and
// win over those given here because readers take the first.
func group(measures string, more ...string) string {
	return `{"measuregrps":[{` + strings.Join(append(more,
		`"grpid":7612045518,"attrib":0,"date":1784094310,"created":1784094395,"modified":1784094401,"category":1,"measures":[`+measures+`]`), ",") + `}]}`
}

// row is a body with one row of a service.
func row(list, fields string) string { return `{"` + list + `":[{` + fields + `}]}` }

// sleepOf and workoutOf are bodies with one row that has these data fields.
func sleepOf(data string) string {
	return row("series", `"id":1,"startdate":1784065560,"enddate":1784093100,"date":"2026-07-15","data":`+data)
}

func workoutOf(data string) string {
	return row("series", `"id":1,"category":6,"startdate":1784044800,"enddate":1784048340,"data":`+data)
}

// The readings every night and every bicycle ride of these tests has.
var (
	sleepFrame   = []string{"sleep_start_timestamp_seconds{} 1784065560", "sleep_end_timestamp_seconds{} 1784093100"}
	workoutFrame = []string{`workout_info{category="bicycling"} 1`, "workout_category{} 6",
		"workout_start_timestamp_seconds{} 1784044800", "workout_end_timestamp_seconds{} 1784048340", "workout_duration_seconds{} 3540"}
)

func with(frame []string, more ...string) []string { return append(slices.Clone(frame), more...) }

const weight = `{"value":72345,"type":1,"unit":-3}`

func TestQuirksOfShape(t *testing.T) {
	for _, q := range []quirk{
		{name: "J1 goals that are none are a list", service: exporter.Goal, body: `{"goals":[]}`},
		{name: "J1 a body that is none is a list", service: exporter.Measure, body: `[]`},
		{name: "J1 a body that is a list", service: exporter.Measure, body: `[1]`, skipped: []string{"malformed 1"}},
		{name: "J1 a body that is null", service: exporter.Sleep, body: `null`, skipped: []string{"malformed 1"}},
		{name: "J1 a series that is an object", service: exporter.Sleep, body: `{"series":{}}`},
		{name: "J1 night data that is a list", service: exporter.Sleep, body: sleepOf(`[]`), want: sleepFrame},
		{name: "J1 workout data that is a list", service: exporter.Workout, body: workoutOf(`[]`), want: workoutFrame},
		{name: "J1 a goal that is a list", service: exporter.Goal, body: `{"goals":{"steps":9000,"weight":[]}}`,
			want: []string{"goal_steps{} 9000"}, skipped: []string{"malformed 1"}},
		{name: "J1 rows numbered by an object", service: exporter.Measure,
			body: `{"measuregrps":{"0":{"grpid":1,"date":1784094310,"measures":{"0":` + weight + `}}}}`,
			want: []string{"weight_grams{} 72345"}},
		{name: "J2 false for every number around a value", service: exporter.Measure,
			body: `{"updatetime":false,"more":false,"offset":false,"timezone":false,"measuregrps":[{"grpid":1,"attrib":false,"date":1784094310,` +
				`"created":false,"modified":false,"category":false,"modelid":false,"is_inconclusive":false,"measures":[` + weight + `]}]}`,
			want: []string{"weight_grams{} 72345"}},
		{name: "J2 false for a value", service: exporter.Measure, body: group(`{"value":false,"type":1,"unit":0}`), skipped: []string{"not_available 1"}},
		{name: "J4 night events in a string", service: exporter.Sleep, body: sleepOf(`{"night_events":"{\"1\":[0,28500],\"2\":[720]}"}`),
			want: with(sleepFrame, `sleep_night_events{event="got_in_bed"} 2`, `sleep_night_events{event="fell_asleep"} 1`)},
		{name: "J4 night events in an object", service: exporter.Sleep, body: sleepOf(`{"night_events":{"4":[28500],"3":{"0":1,"1":2}}}`),
			want: with(sleepFrame, `sleep_night_events{event="got_out_of_bed"} 1`, `sleep_night_events{event="woke_up"} 2`)},
		{name: "J4 no night events as a list", service: exporter.Sleep, body: sleepOf(`{"night_events":[]}`), want: sleepFrame},
		{name: "J4 no night events as null", service: exporter.Sleep, body: sleepOf(`{"night_events":null}`), want: sleepFrame},
		{name: "J4 no night events as text", service: exporter.Sleep, body: sleepOf(`{"night_events":""}`), want: sleepFrame},
		{name: "J4 no night events in a string", service: exporter.Sleep, body: sleepOf(`{"night_events":"[]"}`), want: sleepFrame},
		{name: "J4 night events that break off", service: exporter.Sleep, body: sleepOf(`{"night_events":"{\"1\":[0,","sleep_score":80}`),
			want: with(sleepFrame, "sleep_score{} 80"), skipped: []string{"malformed 1"}},
		{name: "J4 night events that are a number", service: exporter.Sleep, body: sleepOf(`{"night_events":7}`), want: sleepFrame, skipped: []string{"malformed 1"}},
		{name: "J4 night events without moments", service: exporter.Sleep, body: sleepOf(`{"night_events":{"1":null,"2":[5]}}`),
			want: with(sleepFrame, `sleep_night_events{event="fell_asleep"} 1`), skipped: []string{"malformed 1"}},
		{name: "J6 model is a number where it is text elsewhere", service: exporter.Workout,
			body: row("series", `"id":1,"model":94,"model_id":"94","category":6,"startdate":1784044800,"enddate":1784048340,"data":{"calories":1}`),
			want: with(workoutFrame, "workout_energy_joules{} 4184")},
		{name: "J7 device ids that are null", service: exporter.Activity,
			body: row("activities", `"date":"2026-07-14","timezone":"Europe/Vienna","deviceid":null,"hash_deviceid":null,"steps":5`),
			want: []string{"activity_steps{} 5"}},
		{name: "J8 a model that is null and numbered -1", service: exporter.Activity,
			body: row("activities", `"date":"2026-07-14","model":null,"modelid":-1,"steps":0`), want: []string{"activity_steps{} 0"}},
		{name: "J8 a device without a name", service: exporter.Device, body: row("devices", `"deviceid":"d","type":"Scale","model":"","model_id":13,"timezone":"Europe/Vienna"`),
			want: []string{`device_info{device="d",type="Scale",model="Body+",model_id="13",timezone="Europe/Vienna"} 1`}},
		{name: "J8 scales of 2026 without a name", service: exporter.Device, body: `{"devices":[{"deviceid":"d","model":null,"model_id":19},{"deviceid":"e","model":"","model_id":20}]}`,
			want: []string{`device_info{device="d",type="",model="Body Scan 2",model_id="19",timezone=""} 1`,
				`device_info{device="e",type="",model="Body Fit",model_id="20",timezone=""} 1`}},
		{name: "J8 a model in no table keeps its name", service: exporter.Device, body: row("devices", `"deviceid":"d","model":"U-Scan","model_id":72`),
			want: []string{`device_info{device="d",type="",model="U-Scan",model_id="72",timezone=""} 1`}},
		{name: "J9 only what is needed", service: exporter.Measure, body: `{"measuregrps":[{"grpid":1,"date":1784094310,"measures":[` + weight + `]}]}`,
			want: []string{"weight_grams{} 72345"}},
		{name: "J9 fields nobody knows", service: exporter.Measure,
			body: group(`{"value":72345,"type":1,"unit":-3,"apppfmid":9,"algo_params":{"a":[{}]},"new":null}`, `"new":{"x":[1,2,[3]]}`),
			want: []string{"weight_grams{} 72345"}},
		{name: "J12 data full of nulls", service: exporter.Workout, body: workoutOf(`{"algo_pause_duration":null}`), want: workoutFrame, skipped: []string{"not_available 1"}},
		{name: "numbers as text", service: exporter.Measure,
			body: `{"updatetime":"1784102461","measuregrps":[{"grpid":"7612045518","attrib":"0","date":"1784094310","category":"1","measures":[{"value":"72345","type":"1","unit":"-3","position":"12"}]}]}`,
			want: []string{`weight_grams{position="torso"} 72345`}},
		{name: "numbers as text with spaces and points", service: exporter.Activity, body: row("activities", `"date":"2026-07-14","distance":" 6120.44 ","steps":"0"`),
			want: []string{"activity_distance_meters{} 6120.44", "activity_steps{} 0"}},
		{name: "numbers that are words", service: exporter.Activity, body: row("activities", `"date":"2026-07-14","steps":"many","distance":[],"soft":true,"elevation":{}`),
			skipped: []string{"malformed 4"}},
		{name: "E6 no key at all", service: exporter.Device, body: `{}`},
		{name: "records that are a word", service: exporter.Device, body: `{"devices":"none"}`, skipped: []string{"malformed 1"}},
	} {
		t.Run(q.name, q.test)
	}
}

func TestQuirksOfAbsence(t *testing.T) {
	for _, q := range []quirk{
		{name: "J13 a heart rate of 0 is none", service: exporter.Activity, body: row("activities", `"date":"2026-07-14","steps":9,"hr_average":0,"hr_min":0,"hr_max":0`),
			want: []string{"activity_steps{} 9"}, skipped: []string{"not_available 3"}},
		{name: "J13 a heart rate variability of 0 is none", service: exporter.Sleep, body: sleepOf(`{"rmssd_start_avg":0,"rmssd_end_avg":33}`),
			want: with(sleepFrame, "sleep_rmssd_end_average_seconds{} 0.033"), skipped: []string{"not_available 1"}},
		{name: "J13 a blood oxygen of 0 is none", service: exporter.Measure, body: group(`{"value":0,"type":54,"unit":0}`), skipped: []string{"not_available 1"}},
		{name: "J13 no steps are 0 steps", service: exporter.Activity, body: row("activities", `"date":"2026-07-14","steps":0,"distance":0,"calories":0`),
			want: []string{"activity_distance_meters{} 0", "activity_energy_joules{} 0", "activity_steps{} 0"}},
		{name: "J14 an index of -1 is none", service: exporter.Sleep, body: sleepOf(`{"breathing_disturbances_intensity":-1,"apnea_hypopnea_index":-1,"sleep_score":0}`),
			want: with(sleepFrame, "sleep_score{} 0"), skipped: []string{"not_available 2"}},
		{name: "J14 a negative time awake is none", service: exporter.Sleep, body: sleepOf(`{"waso":-25920,"sleep_latency":28800}`),
			want: with(sleepFrame, "sleep_latency_seconds{} 28800"), skipped: []string{"not_available 1"}},
		{name: "J15 sessions that are null", service: exporter.Device, body: row("devices", `"deviceid":"d","model":"M","model_id":1,"first_session_date":null,"last_session_date":null`),
			want: []string{`device_info{device="d",type="",model="M",model_id="1",timezone=""} 1`}},
		{name: "J16 a battery that is unknown", service: exporter.Device, body: row("devices", `"deviceid":"d","model":"M","model_id":1,"battery":"unknown"`),
			want: []string{`device_info{device="d",type="",model="M",model_id="1",timezone=""} 1`}},
		{name: "S9 sleep efficiency is a ratio already", service: exporter.Sleep, body: sleepOf(`{"sleep_efficiency":0.97}`),
			want: with(sleepFrame, "sleep_efficiency_ratio{} 0.97")},
		{name: "a temperature state that is unknown", service: exporter.Sleep, body: sleepOf(`{"core_body_temperature_status":"unknown"}`), want: sleepFrame},
		{name: "a goal of nothing is none", service: exporter.Goal, body: `{"goals":{"steps":0,"sleep":null,"weight":{"value":76500,"unit":-3}}}`,
			want: []string{"goal_weight_grams{} 76500"}, skipped: []string{"not_available 2"}},
		{name: "a goal without its power of ten", service: exporter.Goal, body: `{"goals":{"steps":9000,"weight":{"value":76500}}}`,
			want: []string{"goal_steps{} 9000"}, skipped: []string{"malformed 1"}},
	} {
		t.Run(q.name, q.test)
	}
}

func TestUnknownKindsAreNeitherLostNorFatal(t *testing.T) {
	for _, q := range []quirk{
		{name: "U1 U2 U3 types that crashed others have rows", service: exporter.Measure,
			body: group(`{"value":42,"type":123,"unit":0},{"value":92,"type":135,"unit":0},{"value":3267,"type":173,"unit":-2,"position":12},{"value":34,"type":227,"unit":0}`),
			want: []string{"vo2_max_milliliters_per_minute_per_kilogram{} 42", "ecg_qrs_interval_seconds{} 0.092", `segment_fat_free_mass_grams{position="torso"} 32670`, "metabolic_age_years{} 34"}},
		{name: "U3 a type without a row keeps its raw value", service: exporter.Measure, body: group(`{"value":-31,"type":240,"unit":-1},` + weight),
			want: []string{`unknown_measure{type="240"} -3.1`, "weight_grams{} 72345"}, skipped: []string{"unknown 1"}, unknown: []string{"measure 240"}},
		{name: "U3 a type without a row twice is one reading", service: exporter.Measure, body: group(`{"value":1,"type":240,"unit":0},{"value":2,"type":240,"unit":0}`),
			want: []string{`unknown_measure{type="240"} 2`}, skipped: []string{"unknown 2"}, unknown: []string{"measure 240", "measure 240"}},
		{name: "U4 attributions nobody explains are the person's", service: exporter.Measure,
			body: `{"measuregrps":[` + strings.Join([]string{
				`{"grpid":3,"attrib":3,"date":1784094310,"measures":[` + weight + `]}`,
				`{"grpid":4,"attrib":4,"date":1784094310,"measures":[` + weight + `]}`,
				`{"grpid":10,"attrib":10,"date":1784094310,"measures":[` + weight + `]}`,
				`{"grpid":10000,"attrib":10000,"date":1784094310,"measures":[` + weight + `]}`,
				`{"grpid":10009,"attrib":10009,"date":1784094310,"measures":[` + weight + `]}`,
				`{"grpid":10010,"attrib":10010,"date":1784094310,"measures":[` + weight + `]}`}, ",") + `]}`,
			want: []string{"weight_grams{} 72345", "weight_grams{} 72345", "weight_grams{} 72345", "weight_grams{} 72345", "weight_grams{} 72345", "weight_grams{} 72345"}},
		{name: "U6 a workout category that was new", service: exporter.Workout,
			body: row("series", `"id":1,"category":564,"startdate":1784044800,"enddate":1784044800`),
			want: []string{`workout_info{category="bowling"} 1`, "workout_category{} 564", "workout_start_timestamp_seconds{} 1784044800", "workout_end_timestamp_seconds{} 1784044800", "workout_duration_seconds{} 0"}},
		{name: "U6 a workout category of tomorrow", service: exporter.Workout,
			body:    row("series", `"id":1,"category":36000,"startdate":1784044800,"enddate":1784044800`),
			want:    []string{`workout_info{category="unknown_36000"} 1`, "workout_category{} 36000", "workout_start_timestamp_seconds{} 1784044800", "workout_end_timestamp_seconds{} 1784044800", "workout_duration_seconds{} 0"},
			unknown: []string{"workout category 36000"}},
		{name: "U7 device models by number", service: exporter.Device,
			body: `{"devices":[{"deviceid":"a","model_id":71},{"deviceid":"b","model_id":94},{"deviceid":"c","model_id":17},{"deviceid":"d","model_id":5000}]}`,
			want: []string{`device_info{device="a",type="",model="BeamO",model_id="71",timezone=""} 1`, `device_info{device="b",type="",model="ScanWatch 2",model_id="94",timezone=""} 1`,
				`device_info{device="c",type="",model="Body Pro 2",model_id="17",timezone=""} 1`, `device_info{device="d",type="",model="",model_id="5000",timezone=""} 1`}},
		{name: "U8 a device type never seen", service: exporter.Device, body: row("devices", `"deviceid":"a","type":"Futuristic device","model":"X","model_id":1`),
			want: []string{`device_info{device="a",type="Futuristic device",model="X",model_id="1",timezone=""} 1`}},
		{name: "a battery state never seen", service: exporter.Device, body: row("devices", `"deviceid":"a","model":"X","model_id":1,"battery":"charging"`),
			want:    []string{`device_info{device="a",type="",model="X",model_id="1",timezone=""} 1`},
			skipped: []string{"unknown 1"}, unknown: []string{`device battery "charging"`}},
		{name: "a night event never seen", service: exporter.Sleep, body: sleepOf(`{"night_events":{"77":[1,2]}}`),
			want: with(sleepFrame, `sleep_night_events{event="event_77"} 2`), unknown: []string{"sleep event_77"}},
		{name: "a temperature state never seen", service: exporter.Workout, body: workoutOf(`{"core_body_temperature_status":"low"}`),
			want: workoutFrame, skipped: []string{"unknown 1"}, unknown: []string{`workout core_body_temperature_status "low"`}},
		{name: "an objective without a row", service: exporter.Objective, body: group(`{"value":120,"type":10,"unit":0},{"value":61,"type":5,"unit":0}`, `"category":2`),
			want: []string{"objective_fat_free_mass_grams{} 61000"}, skipped: []string{"unknown 1"}, unknown: []string{"objective 10"}},
		{name: "positions the reference has and one it has not", service: exporter.Measure,
			body: group(`{"value":7,"type":91,"unit":0,"position":31},{"value":8,"type":91,"unit":0,"position":32},{"value":9,"type":91,"unit":0,"position":6},{"value":6,"type":91,"unit":0,"position":-1}`),
			want: []string{`pulse_wave_velocity_meters_per_second{position="hold_left"} 7`, `pulse_wave_velocity_meters_per_second{position="position_32"} 8`, "pulse_wave_velocity_meters_per_second{} 6"}},
	} {
		t.Run(q.name, q.test)
	}
}

func TestQuirksOfMeasures(t *testing.T) {
	for _, q := range []quirk{
		{name: "M1 M3 several groups of one second, one without weight", service: exporter.Measure,
			body: `{"measuregrps":[{"grpid":1,"date":1784094310,"measures":[` + weight + `]},{"grpid":2,"date":1784094310,"measures":[{"value":61,"type":11,"unit":0}]}]}`,
			want: []string{"weight_grams{} 72345", "heart_pulse_beats_per_minute{} 61"}},
		{name: "M2 a type twice in a group, the last counts", service: exporter.Measure,
			body: group(`{"value":6105,"type":5,"unit":-2,"position":7},{"value":6106,"type":5,"unit":-2,"position":7},{"value":3267,"type":5,"unit":-2,"position":12}`),
			want: []string{"fat_free_mass_grams{} 61060", `fat_free_mass_grams{position="torso"} 32670`}},
		{name: "M4 one weight by any exponent", service: exporter.Measure,
			body: `{"measuregrps":[` + strings.Join([]string{
				`{"grpid":1,"date":1784094310,"measures":[{"value":7850,"type":1,"unit":-2}]}`,
				`{"grpid":2,"date":1784094310,"measures":[{"value":78500,"type":1,"unit":-3}]}`,
				`{"grpid":3,"date":1784094310,"measures":[{"value":785000,"type":1,"unit":-4}]}`,
				`{"grpid":4,"date":1784094310,"measures":[{"value":8,"type":1,"unit":1}]}`,
				`{"grpid":5,"date":1784094310,"measures":[{"value":78.5,"type":1,"unit":0}]}`}, ",") + `]}`,
			want: []string{"weight_grams{} 78500", "weight_grams{} 78500", "weight_grams{} 78500", "weight_grams{} 80000", "weight_grams{} 78500"}},
		{name: "M4 a value without its power of ten is no value", service: exporter.Measure, body: group(`{"value":72345,"type":1},{"value":72345,"unit":-3},{"type":1,"unit":-3},null,[],7`),
			skipped: []string{"malformed 6"}},
		{name: "M4 pressure by both exponents", service: exporter.Measure, body: group(`{"value":7400,"type":9,"unit":-2},{"value":118,"type":10,"unit":0}`),
			want: []string{"diastolic_blood_pressure_mmhg{} 74", "systolic_blood_pressure_mmhg{} 118"}},
		{name: "M5 what may be another person's", service: exporter.Measure, body: group(weight, `"attrib":1`), skipped: []string{"ambiguous 1"}},
		{name: "M6 an objective among measures", service: exporter.Measure, body: group(weight, `"category":2`), skipped: []string{"category 1"}},
		{name: "M6 a measure among objectives", service: exporter.Objective, body: group(weight), skipped: []string{"category 1"}},
		{name: "M7 an entry by hand without fat", service: exporter.Measure, body: group(`{"value":7440,"type":1,"unit":-2},{"value":0,"type":8,"unit":-2},{"value":0,"type":6,"unit":0}`, `"attrib":2,"deviceid":null,"modelid":null`),
			want: []string{"weight_grams{} 74400"}, skipped: []string{"not_available 2"}},
		{name: "M13 only a weight", service: exporter.Measure, body: group(weight), want: []string{"weight_grams{} 72345"}},
		{name: "inconclusive by Withings' own word", service: exporter.Measure, body: group(`{"value":95,"type":54,"unit":0}`, `"is_inconclusive":true`), skipped: []string{"inconclusive 1"}},
		{name: "values beyond all measure", service: exporter.Measure,
			body: group(`{"value":1e400,"type":1,"unit":0},{"value":123456789012345678901234567890,"type":1,"unit":0},{"value":1,"type":1,"unit":400},{"value":1,"type":1,"unit":-99999999999},{"value":72,"type":11,"unit":0}`),
			want: []string{"heart_pulse_beats_per_minute{} 72"}, skipped: []string{"out_of_range 4"}},
		{name: "a value that overflows only in its unit", service: exporter.Measure, body: group(`{"value":999999999999999999,"type":226,"unit":0}`), skipped: []string{"out_of_range 1"}},
		{name: "dates of the future, before 1970, and none", service: exporter.Measure,
			body:    `{"measuregrps":[{"grpid":1,"date":1884094310,"measures":[` + weight + `]},{"grpid":2,"date":-5,"measures":[` + weight + `]},{"grpid":3,"measures":[` + weight + `]},{"grpid":4,"date":1e30,"measures":[` + weight + `]}]}`,
			skipped: []string{"future 1", "malformed 3"}},
		{name: "one broken group amid good ones", service: exporter.Measure,
			body: `{"measuregrps":[{"grpid":1,"date":1784094310,"measures":[` + weight + `]},null,"x",[],{},{"grpid":"abc","date":1784094310},{"grpid":2,"date":1784094311,"measures":"none"},{"grpid":3,"date":1784094312,"measures":[` + weight + `]}]}`,
			want: []string{"weight_grams{} 72345", "weight_grams{} 72345"}, skipped: []string{"malformed 6"}},
	} {
		t.Run(q.name, q.test)
	}
}

func TestQuirksOfRows(t *testing.T) {
	for _, q := range []quirk{
		{name: "days of the future, before 1970, and none", service: exporter.Activity,
			body:    `{"activities":[{"date":"2031-01-01","steps":1},{"date":"0000-01-01","timezone":"Europe/Vienna","steps":1},{"date":"14.7.2026","steps":1},{"steps":1},{"date":"2026-02-30","steps":1},{"date":"2026-07-14","steps":2}]}`,
			want:    []string{"activity_steps{} 2"},
			skipped: []string{"future 1", "malformed 4"}},
		{name: "a night that ends before it begins", service: exporter.Sleep, body: row("series", `"id":1,"startdate":1784093100,"enddate":1784065560,"data":{"sleep_score":1}`), skipped: []string{"malformed 1"}},
		{name: "a night without an end", service: exporter.Sleep, body: row("series", `"id":1,"startdate":1784093100,"data":{"sleep_score":1}`), skipped: []string{"malformed 1"}},
		{name: "a night of the future", service: exporter.Sleep, body: row("series", `"id":1,"startdate":1784093100,"enddate":1894065560,"data":{"sleep_score":1}`), skipped: []string{"future 1"}},
		{name: "a workout that may be another person's", service: exporter.Workout, body: row("series", `"id":1,"attrib":1,"category":6,"startdate":1784044800,"enddate":1784048340`), skipped: []string{"ambiguous 1"}},
		{name: "a workout without a category", service: exporter.Workout, body: row("series", `"id":1,"startdate":1784044800,"enddate":1784044860`),
			want: []string{"workout_start_timestamp_seconds{} 1784044800", "workout_end_timestamp_seconds{} 1784044860", "workout_duration_seconds{} 60"}},
		{name: "a device without any id", service: exporter.Device, body: `{"devices":[{"model":"X"},{"hash_deviceid":"h","model":"Y","model_id":1}]}`,
			want: []string{`device_info{device="h",type="",model="Y",model_id="1",timezone=""} 1`}, skipped: []string{"malformed 1"}},
		{name: "text that is not UTF-8", service: exporter.Device, body: row("devices", `"deviceid":"a`+"\xff"+`b","model":"X","model_id":1`),
			want: []string{`device_info{device="a�b",type="",model="X",model_id="1",timezone=""} 1`}},
	} {
		t.Run(q.name, q.test)
	}
}
