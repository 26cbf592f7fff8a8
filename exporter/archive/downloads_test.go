package archive

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestADownloadedArchiveIsRead reads archives that are written as those that people have
// published, with values made up.
func TestADownloadedArchiveIsRead(t *testing.T) {
	for file, want := range map[string][]string{
		"archive-2026-us.zip": {
			"csv-other-123-1781367840 2026-06-13T16:24:00Z vo2_max_milliliters_per_minute_per_kilogram=37",
			"csv-other-155-1780912718 2026-06-08T09:58:38Z vascular_age_years=31",
			"csv-other-170-1780912718 2026-06-08T09:58:38Z visceral_fat=2.1",
			"csv-other-226-1780912718 2026-06-08T09:58:38Z basal_metabolic_rate_joules_per_day=5673504", // 1356 × 4184
			"csv-other-227-1780912718 2026-06-08T09:58:38Z metabolic_age_years=29",
			"csv-other-196-1780912718 2026-06-08T09:58:38Z electrodermal_activity_feet=87",
			"csv-other-130-1778775094 2026-05-14T16:11:34Z ecg_atrial_fibrillation_class=0",
			"csv-other-139-1778688694 2026-05-13T16:11:34Z ppg_atrial_fibrillation_class=1",
			"csv-other-135-1778775094 2026-05-14T16:11:34Z ecg_qrs_interval_seconds=0.063",
			"csv-other-136-1778775094 2026-05-14T16:11:34Z ecg_pr_interval_seconds=0.11", // QT intervals of 0 are absent
			"csv-other-167-1778392800 2026-05-10T06:00:00Z nerve_health_score_feet=81",
		},
		"archive-2020-german.zip": {
			"csv-spo2-1578205800 2020-01-05T06:30:00Z spo2_ratio=0.97",
			"csv-spo2-1578292260 2020-01-06T06:31:00Z spo2_ratio=0.96",
			"csv-temperature-1578205800 2020-01-05T06:30:00Z body_temperature_celsius=36.7",
			"csv-temperature-1578341400 2020-01-06T20:10:00Z body_temperature_celsius=38.2",
			"csv-bp-1578206400 2020-01-05T06:40:00Z heart_pulse_beats_per_minute=61 systolic_blood_pressure_mmhg=121 diastolic_blood_pressure_mmhg=79",
			"csv-pwv-1578206400 2020-01-05T06:40:00Z pulse_wave_velocity_meters_per_second=6.9",
			"csv-height-1577529811 2019-12-28T10:43:31Z height_meters=1.81",
			"csv-weight-1577536375 2019-12-28T12:32:55Z weight_grams=83100",
			"csv-weight-1577536375 2019-12-28T12:32:55Z weight_grams=83100",
			"csv-1577575560-33540 2019-12-28T23:26:00Z to 2019-12-29T08:45:00Z on 2019-12-29 sleep_start_timestamp_seconds=1577575560 sleep_end_timestamp_seconds=1577609100 sleep_light_seconds=18660 sleep_deep_seconds=14160 sleep_rem_seconds=0 sleep_wakeup_seconds=720 sleep_wakeups=0 sleep_duration_to_sleep_seconds=120 sleep_duration_to_wakeup_seconds=600 sleep_snoring_seconds=0 sleep_snoring_episodes=0 sleep_heart_rate_average_beats_per_minute=61 sleep_heart_rate_min_beats_per_minute=52 sleep_heart_rate_max_beats_per_minute=86",
			"csv-7-1578558720 2020-01-09T08:32:00Z to 2020-01-09T09:02:00Z workout_info{swimming}=1 workout_category=7 workout_start_timestamp_seconds=1578558720 workout_end_timestamp_seconds=1578560520 workout_duration_seconds=1800 workout_energy_joules=878640 workout_intensity=30 workout_manual_distance_meters=0 workout_manual_energy_joules=0 workout_pool_laps=22 workout_pool_length_meters=25 workout_strokes=305",
			"csv-0-1578645120 2020-01-10T08:32:00Z to 2020-01-10T09:02:00Z workout_start_timestamp_seconds=1578645120 workout_end_timestamp_seconds=1578646920 workout_duration_seconds=1800 workout_effective_seconds=1500 workout_energy_joules=460240 workout_heart_rate_average_beats_per_minute=120 workout_heart_rate_max_beats_per_minute=150 workout_heart_rate_min_beats_per_minute=80 workout_intensity=30",
		},
		"temperature-and-oxygen.zip": {
			"csv-temperature-1704436200 2024-01-05T06:30:00Z body_temperature_celsius=36.7",
			"csv-temperature-1704522600 2024-01-06T06:30:00Z body_temperature_celsius=36.8",
			"csv-spo2-1704522600 2024-01-06T06:30:00Z spo2_ratio=0.97",
			"csv-pwv-1704522600 2024-01-06T06:30:00Z pulse_wave_velocity_meters_per_second=7.1",
			"csv-spo2-1704609000 2024-01-07T06:30:00Z spo2_ratio=0.96",
		},
	} {
		t.Run(file, func(t *testing.T) {
			packed, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			records, report := read(t, packed)
			if got := shown(records); !slices.Equal(got, want) {
				t.Errorf("got\n%q\nwant\n%q", got, want)
			}
			for _, f := range report.Files {
				if f.Refused != "" || f.Skipped[valueNoRow] > 0 || f.Left[valueTwoWays] > 0 {
					t.Errorf("report %+v", f)
				}
				for _, name := range f.Unknown {
					if name != "type Gym class" {
						t.Errorf("%s is unknown in %s", name, f.Name)
					}
				}
			}
		})
	}
}

// typedFile is an other.csv of one moment, with a row for each kind, value and unit.
func typedFile(rows ...[3]string) string {
	text := "type,date,value,unit,position\n"
	for _, r := range rows {
		text += `"` + r[0] + `","2026-02-03 07:21:05",` + r[1] + "," + r[2] + ",\"Left Arm\"\n"
	}
	return text
}

const (
	bmr       = "Basal Metabolic Rate (BMR)"
	armMuscle = "Muscle Mass for segments"
)

func TestANumberIsJudgedByItsFileAndWhatItCounts(t *testing.T) {
	const moment, day = " 2026-02-03T06:21:05Z ", "2026-02-03 2026-02-02T23:00:00Z to 2026-02-03T23:00:00Z on 2026-02-03 "
	rate := "csv-other-226-1770099665" + moment + "basal_metabolic_rate_joules_per_day=5673504"
	arm := func(grams string) string {
		return "csv-other-175-1770099665-left_arm" + moment + "segment_muscle_mass_grams{left_arm}=" + grams
	}
	for _, c := range []struct {
		name, file, text string
		want             []string
		left             int // values that stay ambiguous
	}{
		{name: "a rate with a comma between thousands, beside points", file: "other.csv",
			text: typedFile([3]string{armMuscle, "4.6", "kg"}, [3]string{bmr, `"1,356"`}), want: []string{arm("4600"), rate}},
		{name: "a rate with a point between thousands", file: "other.csv", text: typedFile([3]string{bmr, "1.356"}), want: []string{rate}},
		{name: "a rate with a space between thousands", file: "other.csv", text: typedFile([3]string{bmr, "1 356"}), want: []string{rate}},
		{name: "a rate with a narrow space", file: "other.csv", text: typedFile([3]string{bmr, "1\u202f356"}), want: []string{rate}},
		{name: "a rate with an apostrophe", file: "other.csv", text: typedFile([3]string{bmr, "1’356"}), want: []string{rate}},
		{name: "a rate with a fraction in German", file: "other.csv", text: typedFile([3]string{bmr, `"1.356,0"`}), want: []string{rate}},
		{name: "a rate with a comma, beside masses with a decimal one", file: "other.csv",
			text: typedFile([3]string{armMuscle, `"4,6"`, "kg"}, [3]string{bmr, `"1,356"`}, [3]string{armMuscle, `"4,615"`, "kg"}), want: []string{arm("4600"), rate, arm("4615")}},
		{name: "quoted and not", file: "other.csv", text: typedFile([3]string{bmr, `"1356"`}, [3]string{bmr, "1356"}, [3]string{bmr, `"1,356"`}), want: []string{rate, rate, rate}},
		{name: "a mass with three decimals", file: "weight.csv", text: "Date,Weight (kg)\n2026-02-03 07:21:05,\"72,350\"\n",
			want: []string{"csv-weight-1770099665" + moment + "weight_grams=72350"}},
		{name: "a mass in grams", file: "weight.csv", text: "Date,Weight (g)\n2026-02-03 07:21:05,\"72,350\"\n",
			want: []string{"csv-weight-1770099665" + moment + "weight_grams=72350"}},
		{name: "steps have no fraction", file: "aggregates_steps.csv", text: "date,value\n2026-02-03,8.312\n", want: []string{day + "activity_steps=8312"}},
		{name: "steps in thousands, told by another day", file: "aggregates_steps.csv", text: "date,value\n2026-02-03,8.000\n2026-02-03,7.512\n2026-02-03,8.000\n",
			want: []string{day + "activity_steps=8000"}},
		{name: "a distance by the commas of its column", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n2026-02-02,\"812,5\"\n",
			want: []string{"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=812.5", day + "activity_distance_meters=6.12"}},
		{name: "a distance by the points of its column", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n2026-02-02,812.5\n",
			want: []string{"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=812.5", day + "activity_distance_meters=6120"}},
		{name: "a distance by one that can be but one", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n2026-02-02,\"812,500\"\n",
			want: []string{"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=812.5", day + "activity_distance_meters=6.12"}},
		{name: "a distance by the other columns of its file", file: "activities.csv", text: "Date,Steps,\"Distance (m)\",\"Active calories\"\n2026-02-03,\"8,312\",\"6,120\",\"402,1\"\n2026-02-02,1,2,3\n",
			want: []string{"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=2 activity_energy_joules=12552 activity_steps=1",
				day + "activity_energy_joules=1682386.4 activity_steps=8312"}, left: 1},
		{name: "a distance by the commas of another column", file: "activities.csv", text: "Date,\"Distance (m)\",\"Elevation (m)\"\n2026-02-03,\"6,120\",\"31,5\"\n",
			want: []string{day + "activity_distance_meters=6.12 activity_elevation_meters=31.5"}},
		{name: "a distance by its column, whatever another one says", file: "activities.csv", text: "Date,\"Distance (m)\",\"Elevation (m)\"\n2026-02-03,\"6,120\",\"31,5\"\n2026-02-02,812.5,\n",
			want: []string{"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=812.5",
				day + "activity_distance_meters=6120 activity_elevation_meters=31.5"}},
		{name: "a row that was split says nothing", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n2026-02-02,33.25,9\n", left: 1},
		{name: "seconds have no fraction", file: "sleep.csv", text: "from,to,light (s),deep (h)\n2026-02-03T00:00:00+01:00,2026-02-03T07:00:00+01:00,\"18,660\",\"1,500\"\n",
			want: []string{"csv-1770073200-25200 2026-02-02T23:00:00Z to 2026-02-03T06:00:00Z on 2026-02-03 sleep_start_timestamp_seconds=1770073200 sleep_end_timestamp_seconds=1770098400 sleep_light_seconds=18660 sleep_deep_seconds=5400"}},
		{name: "a point as Withings writes it", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,6.120\n", want: []string{day + "activity_distance_meters=6.12"}},
		{name: "a point between thousands, told by a comma", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,6.120\n2026-02-03,\"812,5\"\n2026-02-03,6.120\n",
			want: []string{day + "activity_distance_meters=6120"}},
		{name: "a column that contradicts itself", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,6.120\n2026-02-02,\"812,5\"\n2026-02-01,33.25\n2026-01-31,\"1,234\"\n",
			want: []string{"2026-02-01 2026-01-31T23:00:00Z to 2026-02-01T23:00:00Z on 2026-02-01 activity_distance_meters=33.25",
				"2026-02-02 2026-02-01T23:00:00Z to 2026-02-02T23:00:00Z on 2026-02-02 activity_distance_meters=812.5"}, left: 2},
		{name: "semicolons leave the comma to the fraction", file: "aggregates_distance.csv", text: "date;value\n2026-02-03;6,120\n", want: []string{day + "activity_distance_meters=6.12"}},
		{name: "semicolons do not make a rate of 1.4 kcal", file: "other.csv", text: "type;date;value;unit;position\n" + bmr + ";2026-02-03 07:21:05;1,356;;\n", want: []string{rate}},
		{name: "a comma of which nothing tells what it is", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n", left: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			records, file := readOne(t, c.file, c.text)
			if got := shown(records); !slices.Equal(got, c.want) {
				t.Errorf("got\n%q\nwant\n%q\nreport %+v", got, c.want, file)
			}
			if file.Left[valueTwoWays] != c.left {
				t.Errorf("left out %v, want %d ambiguous", file.Left, c.left)
			}
		})
	}
}

func TestAFileOfOneValueIsKnownByItsNameAndUnit(t *testing.T) {
	for _, c := range []struct{ file, header, value, want string }{
		{"body_temperature.csv", `date,"value (°C)"`, "36.7", "temperature=body_temperature_celsius=36.7"},
		{"body_temperature.csv", `date,value`, "36.7", "temperature=body_temperature_celsius=36.7"},
		{"body_temperature.csv", `date,value`, "98.06", "temperature=body_temperature_celsius=36.7"},
		{"body_temperature.csv", `date,"value (°F)"`, "98.06", "temperature=body_temperature_celsius=36.7"},
		{"body_temperature.csv", `date,"value (ºF)"`, `"98,060"`, "temperature=body_temperature_celsius=36.7"},
		{"Body Temperature.CSV", `Fecha,"Temperatura corporal (°C)",Comentarios`, `"36,7"`, "temperature=body_temperature_celsius=36.7"},
		{"temperature.csv", `Datum,"Körpertemperatur (°C)",Kommentare`, "36.7", "temperature=body_temperature_celsius=36.7"},
		{"temperature.csv", `Date,Temperature`, "36.7", "temperature=body_temperature_celsius=36.7"},
		{"temperature.csv", `Päivä,date,"Lämpötila (°C)"`, "", ""},
		{"skin_temperature.csv", `date,"value (°C)"`, "33.4", "skin-temperature=skin_temperature_celsius=33.4"},
		{"oxy.csv", `Date,"Sauerstoffsättigung (%)",Kommentare`, "97", "spo2=spo2_ratio=0.97"},
		{"oxy.csv", `Date,Sauerstoffsättigung,Kommentare`, "97", "spo2=spo2_ratio=0.97"},
		{"spo2.csv", `Date,"Oxygen saturation (%)",Comments`, "97", "spo2=spo2_ratio=0.97"},
		{"spo2.csv", `Date,"Happisaturaatio (%)",Comments`, "97", "spo2=spo2_ratio=0.97"},
		{"manual_spo2.csv", `date,"value (%)"`, "97", "spo2=spo2_ratio=0.97"},
		{"pwv.csv", `date,"value (m/s)"`, "7.1", "pwv=pulse_wave_velocity_meters_per_second=7.1"},
		{"pwv.csv", `date,value`, "7.1", "pwv=pulse_wave_velocity_meters_per_second=7.1"},
		{"vo2max.csv", `date,value`, "37", "vo2=vo2_max_milliliters_per_minute_per_kilogram=37"},
		{"vo2_max.csv", `date,"value (ml/min/kg)"`, "37", "vo2=vo2_max_milliliters_per_minute_per_kilogram=37"},
	} {
		t.Run(c.file+" "+c.header, func(t *testing.T) {
			records, file := readOne(t, c.file, c.header+"\n\"2026-02-03 07:21:05\","+c.value+"\n")
			var want []string
			if name, reading, ok := strings.Cut(c.want, "="); ok {
				want = []string{"csv-" + name + "-1770099665 2026-02-03T06:21:05Z " + reading}
			}
			if got := shown(records); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q, report %+v", got, want, file)
			}
		})
	}
}

func TestATemperatureOfNobodyHasNoUnit(t *testing.T) {
	for _, value := range []string{"60", "5", "-3", "367", "0"} {
		records, file := readOne(t, "body_temperature.csv", "date,value\n2026-02-03 07:21:05,"+value+"\n")
		if len(records) != 0 || file.Left[valueOutOfRange] != 1 {
			t.Errorf("%s is read as %q, report %+v", value, shown(records), file)
		}
	}
}

func TestLapsAndStrokesAreThoseOfASwim(t *testing.T) {
	const frame = " 2026-02-03T06:00:00Z to 2026-02-03T06:30:00Z "
	for _, c := range []struct{ kind, data, want string }{
		{"Swimming", `{"laps":22,"mvts":305}`, "workout_pool_laps=22 workout_strokes=305"},
		{"Swimming", `{"laps":0,"mvts":0}`, "workout_pool_laps=0 workout_strokes=0"},
		{"Swimming", `{"pool_laps":24,"laps":22,"strokes":310}`, "workout_pool_laps=24 workout_strokes=310"},
		{"Swimming", `{"laps":null,"mvts":"305","startdate_auto":1770098400,"enddate_auto":0}`, "workout_strokes=305"},
		{"Walking", `{"laps":0,"mvts":0,"steps":100}`, "workout_steps=100"},
		{"Walking", `{"laps":3}`, "workout_pool_laps=3"},
	} {
		t.Run(c.kind+c.data, func(t *testing.T) {
			records, file := readOne(t, "activities.csv", "from,to,Activity type,Data\n2026-02-03T07:00:00+01:00,2026-02-03T07:30:00+01:00,"+c.kind+
				",\""+strings.ReplaceAll(c.data, `"`, `""`)+"\"\n")
			got := show(records[0])
			if _, got, _ = strings.Cut(got, "workout_duration_seconds=1800 "); got != c.want || len(file.Unknown) > 0 || !strings.Contains(show(records[0]), frame) {
				t.Errorf("got %q, want %q, report %+v", got, c.want, file)
			}
		})
	}
}

func TestEveryKindOfValueSeenIsKnown(t *testing.T) {
	for kind, want := range map[string]string{
		"Electrodermal activity feet": "196=electrodermal_activity_feet=1", "Nerve Response Score (NRS)": "196=electrodermal_activity_feet=1",
		"Nerve Response Score (NRS) feet": "196=electrodermal_activity_feet=1", "Electrodermal activity left foot": "197=electrodermal_activity_left_foot=1",
		"Nerve Response Score (NRS) right foot": "198=electrodermal_activity_right_foot=1",
		"Atrial fibrillation result from PPG":   "139=ppg_atrial_fibrillation_class=1", "Atrial fibrillation result": "130=ecg_atrial_fibrillation_class=1",
		"Electrochemical Skin Conductance (ESC)": "229=electrochemical_skin_conductance_siemens=0.000001",
		"Max Nerve Response Score (NRS) feet":    valueNotImported, "SPO2 Quality score": valueNotImported, "Quality score": valueNotImported,
		"Checked Atrial fibrillation": valueNotImported, "HR PNN 50": valueNotImported, "BIA Error": valueNotImported, "FAT_FREE_MASS": valueNotImported,
		"Training load": valueNoMetric, "Training Duration": valueNoMetric, "Menstruation flow": valueNoMetric, "Activity class": valueNoMetric,
		"Valvular heart disease result": valueNoMetric, "Mystery": valueNoRow,
	} {
		records, file := readOne(t, "other.csv", "type,date,value,unit,position\n\""+kind+"\",2026-02-03 07:21:05,1,,\n")
		key, reading, taken := strings.Cut(want, "=")
		switch {
		case taken && (len(records) != 1 || show(records[0]) != "csv-other-"+key+"-1770099665 2026-02-03T06:21:05Z "+reading):
			t.Errorf("%s is read as %q, want %s", kind, shown(records), want)
		case !taken && (len(records) > 0 || file.Skipped[want] != 1):
			t.Errorf("%s is read as %q, report %+v, want %s", kind, shown(records), file, want)
		case (want == valueNoRow) != (len(file.Unknown) == 1):
			t.Errorf("%s: not understood are %q", kind, file.Unknown)
		}
	}
}

func TestAKindIsReadInItsUnits(t *testing.T) {
	for row, want := range map[string]string{
		`Urine pH,,6.2`: "147=urine_ph=6.2", `"Urine specific gravity",,"1,018"`: "148=urine_specific_gravity=1.018", `"Specific gravity",,1.018`: "148=urine_specific_gravity=1.018",
		`Urine nitrites,,0`: "151=urine_nitrites_micromoles_per_liter=0", `Nitrites,µmol/L,12`: "151=urine_nitrites_micromoles_per_liter=12",
		`Nitrites,mmol/L,0.012`: "151=urine_nitrites_micromoles_per_liter=12", `Urine ketones,mmol/L,0.5`: "204=urine_ketones_millimoles_per_liter=0.5",
		`Urine vitamin C,,1.2`: "205=urine_vitamin_c_millimoles_per_liter=1.2", `Urine calcium,mmol/L,3.1`: "248=urine_calcium_millimoles_per_liter=3.1",
		`Urine creatinine,,"9,800"`: "249=urine_creatinine_millimoles_per_liter=9.8", `Urine calcium/creatinine ratio,mmol/mmol,0.32`: "251=urine_calcium_creatinine_ratio=0.32",
		`Electrodermal activity feet,%,87`: "196=electrodermal_activity_feet=87", `Electrodermal activity feet,µS,"87,000"`: "196=electrodermal_activity_feet=87",
		`Calcium/creatinine ratio,,0.32`: "251=urine_calcium_creatinine_ratio=0.32",
	} {
		records, file := readOne(t, "other.csv", "type,unit,value,date,position\n"+row+",2026-02-03 07:21:05,\n")
		key, reading, _ := strings.Cut(want, "=")
		if got := shown(records); !slices.Equal(got, []string{"csv-other-" + key + "-1770099665 2026-02-03T06:21:05Z " + reading}) {
			t.Errorf("%s is read as %q, want %s, report %+v", row, got, want, file)
		}
	}
	if _, file := readOne(t, "other.csv", "type,date,value,unit,position\nUrine calcium,2026-02-03 07:21:05,12,mg/dL,\n"); file.Skipped[valueWrongUnit] != 1 {
		t.Errorf("calcium in another unit: report %+v", file)
	}
}

func TestANightMayHaveTheNamesOfTheAPI(t *testing.T) {
	records, file := readOne(t, "sleep.csv", "startdate,enddate,date,timezone,lightsleepduration,deep (s),hr_average,snoring,sleep_score,sleep_efficiency,rmssd\n"+
		"2026-02-02T23:10:00+01:00,2026-02-03T06:40:00+01:00,2026-02-03,Europe/Vienna,14400,7200,54,0,80,0.91,41\n")
	want := []string{"csv-1770070200-27000 2026-02-02T22:10:00Z to 2026-02-03T05:40:00Z on 2026-02-03 sleep_start_timestamp_seconds=1770070200 sleep_end_timestamp_seconds=1770097200 " +
		"sleep_light_seconds=14400 sleep_deep_seconds=7200 sleep_heart_rate_average_beats_per_minute=54 sleep_snoring_seconds=0 sleep_score=80 sleep_efficiency_ratio=0.91 sleep_rmssd_seconds=0.041"}
	if got := shown(records); !slices.Equal(got, want) || len(file.Unknown) > 0 {
		t.Errorf("got\n%q\nwant\n%q\nreport %+v", got, want, file)
	}
	if _, file := readOne(t, "sleep.csv", "from,to,Snoring,Deep (s)\n"); !slices.Equal(file.Unknown, []string{"Snoring (no unit given)"}) {
		t.Errorf("a word of the app has a unit that was guessed: %+v", file)
	}
}

func TestEveryColumnHasItsLimits(t *testing.T) {
	check := func(c column) {
		if in, ok := plausible[c.key]; !ok || in.least >= in.most {
			t.Errorf("column %s has no limits", c.key)
		}
	}
	for _, l := range layouts() {
		for _, c := range l.columns {
			check(c)
		}
	}
	for _, c := range kinds() {
		check(c)
	}
}
