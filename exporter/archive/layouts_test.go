package archive

import (
	"slices"
	"testing"
)

func TestEveryLayoutBecomesTheReadingsOfTheAPI(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		want             []string
		unknown          []string
	}{
		{
			name: "weight in English and kilograms", file: "weight.csv",
			text: "Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\"Hydration (kg)\",Comments\n" +
				"\"2026-02-03 07:21:05\",72.35,15.20,3.05,54.10,40.00,\"after, run\"\n" +
				"\"2026-02-02 07:00:00\",72.50,,,,,\n",
			want: []string{
				"csv-weight-1770099665 2026-02-03T06:21:05Z weight_grams=72350 fat_mass_grams=15200 bone_mass_grams=3050 muscle_mass_grams=54100 hydration_grams=40000",
				"csv-weight-1770012000 2026-02-02T06:00:00Z weight_grams=72500",
			},
		},
		{
			name: "weight in pounds", file: "weight.csv",
			text: "Date,\"Weight (lb)\",\"Fat mass (lb)\"\n2026-02-03 07:21:05,183.2,23.5\n",
			want: []string{"csv-weight-1770099665 2026-02-03T06:21:05Z weight_grams=83098.122184 fat_mass_grams=10659.420695"},
		},
		{
			name: "weight in German", file: "weight.csv",
			text: "Datum,\"Gewicht (kg)\",\"Fettmasse (kg)\",\"Knochenmasse (kg)\",\"Muskelmasse (kg)\",\"Wasseranteil (kg)\",Kommentare\n" +
				"2026-02-03 07:21:05,72.35,15.2,3.05,54.1,40,\n",
			want: []string{"csv-weight-1770099665 2026-02-03T06:21:05Z weight_grams=72350 fat_mass_grams=15200 bone_mass_grams=3050 muscle_mass_grams=54100 hydration_grams=40000"},
		},
		{
			name: "weight in French", file: "weight.csv",
			text: "Date,\"Poids (kg)\",\"Gras (kg)\",\"Masse osseuse (kg)\",\"Masse musculaire (kg)\",\"Hydratation (kg)\",Commentaires\n" +
				"2026-02-03 07:21:05,72.35,15.2,3.05,54.1,40,\n",
			want: []string{"csv-weight-1770099665 2026-02-03T06:21:05Z weight_grams=72350 fat_mass_grams=15200 bone_mass_grams=3050 muscle_mass_grams=54100 hydration_grams=40000"},
		},
		{
			name: "weight as German scales were exported long ago", file: "weight.csv",
			text: "\"Date\",\"Gewicht (kg)\",\"Fettmasse (kg)\",\"Fettfreier Anteil (kg)\",\"Kommentare\"\n\"2014-02-13 6:04 Uhr\",\"94.34\",\"26.81\",\"68.43\",\"\"\n",
			want: []string{"csv-weight-1392267840 2014-02-13T05:04:00Z weight_grams=94340 fat_mass_grams=26810 fat_free_mass_grams=68430"},
		},
		{
			name: "masses without a unit are not guessed", file: "weight.csv",
			text:    "Date,Weight,Fat mass (kg)\n2026-02-03 07:21:05,72.35,15.2\n",
			want:    []string{"csv-weight-1770099665 2026-02-03T06:21:05Z fat_mass_grams=15200"},
			unknown: []string{"Weight (no unit given)"},
		},
		{
			name: "blood pressure", file: "bp.csv",
			text: "Date,\"Heart rate\",Systolic,Diastolic,Comments\n\"2026-02-03 07:21:05\",68,128,84,\n\"2026-02-03 08:00:00\",61,,,\n",
			want: []string{
				"csv-bp-1770099665 2026-02-03T06:21:05Z heart_pulse_beats_per_minute=68 systolic_blood_pressure_mmhg=128 diastolic_blood_pressure_mmhg=84",
				"csv-bp-1770102000 2026-02-03T07:00:00Z heart_pulse_beats_per_minute=61",
			},
		},
		{
			name: "blood pressure in German", file: "bp.csv",
			text: "Date,Herzfrequenz,Systole,Diastole,Kommentare\n\"2026-02-03 07:21:05\",68,128,84,\n",
			want: []string{"csv-bp-1770099665 2026-02-03T06:21:05Z heart_pulse_beats_per_minute=68 systolic_blood_pressure_mmhg=128 diastolic_blood_pressure_mmhg=84"},
		},
		{
			name: "height in metres", file: "height.csv", text: "Datum,\"Grösse (m)\",Kommentare\n\"2026-02-03 07:21:05\",1.81,\n",
			want: []string{"csv-height-1770099665 2026-02-03T06:21:05Z height_meters=1.81"},
		},
		{
			name: "height in feet", file: "height.csv", text: "Date,\"Height (in)\",Comments\n\"2026-02-03 07:21:05\",\"5' 10.5''\",\n",
			want: []string{"csv-height-1770099665 2026-02-03T06:21:05Z height_meters=1.7907"},
		},
		{
			name: "temperature in Fahrenheit", file: "temperature.csv", text: "Date,\"Body temperature (°F)\"\n2026-02-03 07:21:05,98.6\n",
			want: []string{"csv-temperature-1770099665 2026-02-03T06:21:05Z body_temperature_celsius=37"},
		},
		{
			name: "blood oxygen", file: "manual_spo2.csv", text: "date,value\n\"2026-02-03 07:21:05\",97\n",
			want: []string{"csv-spo2-1770099665 2026-02-03T06:21:05Z spo2_ratio=0.97"},
		},
		{
			name: "pulse wave velocity", file: "pwv.csv", text: "date,value\n\"2026-02-03 07:21:05\",7.1\n",
			want: []string{"csv-pwv-1770099665 2026-02-03T06:21:05Z pulse_wave_velocity_meters_per_second=7.1"},
		},
		{
			name: "other, whose rows are shorter than its header", file: "other.csv",
			text: "type,date,value,unit,position\n" +
				"\"Vascular age\",\"2026-02-03 07:21:05\",41,\n" +
				"FAT_PERCENT,\"2026-02-03 07:21:05\",21,\n" +
				"\"VA Reached count\",\"2026-02-03 07:21:05\",\"1,2\",\n" +
				"\"Muscle Mass for segments\",\"2026-02-03 07:21:05\",4.6,kg,\"Left Arm\"\n" +
				"\"Muscle Mass for segments\",\"2026-02-03 07:21:05\",4.8,kg,\"Right Arm\"\n" +
				"\"Muscle Mass for segments\",\"2026-02-03 07:21:05\",4.8,kg,\n" +
				"\"Extracellular Water\",\"2026-02-03 07:21:05\",19,\n" +
				"\"Basal Metabolic Rate (BMR)\",\"2026-02-03 07:21:05\",1800,,\n" +
				"\"QRS interval duration\",\"2026-02-03 07:21:05\",92,,\n" +
				"\"Mystery\",\"2026-02-03 07:21:05\",5,,\n",
			want: []string{
				"csv-other-155-1770099665 2026-02-03T06:21:05Z vascular_age_years=41",
				"csv-other-175-1770099665-left_arm 2026-02-03T06:21:05Z segment_muscle_mass_grams{left_arm}=4600",
				"csv-other-175-1770099665-right_arm 2026-02-03T06:21:05Z segment_muscle_mass_grams{right_arm}=4800",
				"csv-other-226-1770099665 2026-02-03T06:21:05Z basal_metabolic_rate_joules_per_day=7531200",
				"csv-other-135-1770099665 2026-02-03T06:21:05Z ecg_qrs_interval_seconds=0.092",
			},
			unknown: []string{"type Mystery"},
		},
		{
			name: "sleep", file: "sleep.csv",
			text: "from,to,\"light (s)\",\"deep (s)\",\"rem (s)\",\"awake (s)\",\"wake up\",\"Duration to sleep (s)\",\"Duration to wake up (s)\",\"Snoring (s)\",\"Snoring episodes\",\"Average heart rate\",\"Heart rate (min)\",\"Heart rate (max)\",\"Night events\",Notes\n" +
				"2026-02-02T23:10:00+01:00,2026-02-03T06:40:30+01:00,14400,7200,3600,1830,2,600,120,300,3,54,48,0,,\n",
			want: []string{"csv-1770070200-27030 2026-02-02T22:10:00Z to 2026-02-03T05:40:30Z on 2026-02-03 sleep_start_timestamp_seconds=1770070200 sleep_end_timestamp_seconds=1770097230 sleep_light_seconds=14400 sleep_deep_seconds=7200 sleep_rem_seconds=3600 sleep_wakeup_seconds=1830 sleep_wakeups=2 sleep_duration_to_sleep_seconds=600 sleep_duration_to_wakeup_seconds=120 sleep_snoring_seconds=300 sleep_snoring_episodes=3 sleep_heart_rate_average_beats_per_minute=54 sleep_heart_rate_min_beats_per_minute=48"},
		},
		{
			name: "sleep in German", file: "sleep.csv",
			text: "von,bis,\"leicht (s)\",\"tief (s)\",\"rem (s)\",\"wach (s)\",Aufwachen,\"Dauer des Schlafs (s)\",\"Dauer bis zum Wachwerden (s)\",\"Schnarchen (s)\",Schnarchepisoden,\"Durchschnittliche Herzfrequenz\",\"Herzfrequenz (min)\",\"Herzfrequenz (max)\",\"Night events\"\n" +
				"2026-02-02T23:10:00+01:00,2026-02-03T06:40:00+01:00,14400,7200,3600,1800,2,600,120,0,0,54,48,70,\n",
			want: []string{"csv-1770070200-27000 2026-02-02T22:10:00Z to 2026-02-03T05:40:00Z on 2026-02-03 sleep_start_timestamp_seconds=1770070200 sleep_end_timestamp_seconds=1770097200 sleep_light_seconds=14400 sleep_deep_seconds=7200 sleep_rem_seconds=3600 sleep_wakeup_seconds=1800 sleep_wakeups=2 sleep_duration_to_sleep_seconds=600 sleep_duration_to_wakeup_seconds=120 sleep_snoring_seconds=0 sleep_snoring_episodes=0 sleep_heart_rate_average_beats_per_minute=54 sleep_heart_rate_min_beats_per_minute=48 sleep_heart_rate_max_beats_per_minute=70"},
		},
		{
			name: "sleep in Spanish, far from home", file: "sleep.csv",
			text: "de,a,\"ligero (s)\",\"profundo (s)\",\"despierto (s)\",despertar\n2026-02-02T18:00:00-08:00,2026-02-02T23:30:00-08:00,14400,3600,60,1\n",
			want: []string{"csv-1770084000-19800 2026-02-03T02:00:00Z to 2026-02-03T07:30:00Z on 2026-02-02 sleep_start_timestamp_seconds=1770084000 sleep_end_timestamp_seconds=1770103800 sleep_light_seconds=14400 sleep_deep_seconds=3600 sleep_wakeup_seconds=60 sleep_wakeups=1"},
		},
		{
			name: "sleep in UTC, which tells nothing of the place", file: "sleep.csv",
			text: "from,to,deep (s)\n2026-02-02T18:00:00Z,2026-02-02T23:30:00Z,3600\n",
			want: []string{"csv-1770055200-19800 2026-02-02T18:00:00Z to 2026-02-02T23:30:00Z on 2026-02-03 sleep_start_timestamp_seconds=1770055200 sleep_end_timestamp_seconds=1770075000 sleep_deep_seconds=3600"},
		},
		{
			name: "workouts", file: "activities.csv",
			text: "from,to,\"from (manual)\",\"to (manual)\",Timezone,\"Activity type\",Data,GPS,Modified\n" +
				"2026-02-03T07:00:00+01:00,2026-02-03T07:30:00+01:00,,,Europe/Vienna,Running,\"{\"\"calories\"\":256.87,\"\"hr_average\"\":117,\"\"hr_min\"\":0,\"\"spo2_average\"\":null,\"\"steps\"\":7667,\"\"distance\"\":5524.94,\"\"metcumul\"\":3,\"\"novel\"\":1}\",{},2026-02-03T08:00:00+01:00\n" +
				"2026-02-03T07:00:00+01:00,2026-02-03T07:30:00+01:00,,,Europe/Vienna,\"Multi Sport\",{},{},\n" +
				"2026-02-04T07:00:00+01:00,2026-02-04T07:30:00+01:00,,,Europe/Vienna,\"Gym class\",{},{},\n",
			want: []string{
				"csv-2-1770098400 2026-02-03T06:00:00Z to 2026-02-03T06:30:00Z workout_info{run}=1 workout_category=2 workout_start_timestamp_seconds=1770098400 workout_end_timestamp_seconds=1770100200 workout_duration_seconds=1800 workout_distance_meters=5524.94 workout_energy_joules=1074744.08 workout_heart_rate_average_beats_per_minute=117 workout_steps=7667",
				"csv-272-1770098400 2026-02-03T06:00:00Z to 2026-02-03T06:30:00Z workout_info{multi_sport}=1 workout_category=272 workout_start_timestamp_seconds=1770098400 workout_end_timestamp_seconds=1770100200 workout_duration_seconds=1800",
				"csv-0-1770184800 2026-02-04T06:00:00Z to 2026-02-04T06:30:00Z workout_start_timestamp_seconds=1770184800 workout_end_timestamp_seconds=1770186600 workout_duration_seconds=1800",
			},
			unknown: []string{"Data: novel", "type Gym class"},
		},
		{
			name: "activities as totals of days, as they once were", file: "activities.csv",
			text: "Date,Pas,\"Distance (km)\",\"Dénivelé (m)\",\"Calories actives\"\n2016-02-03,8312,\"6,12\",31,402\n",
			want: []string{"2016-02-03 2016-02-02T23:00:00Z to 2016-02-03T23:00:00Z on 2016-02-03 activity_distance_meters=6120 activity_elevation_meters=31 activity_energy_joules=1681968 activity_steps=8312"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			records, file := readOne(t, c.file, c.text)
			if got := shown(records); !slices.Equal(got, c.want) {
				t.Errorf("got\n%q\nwant\n%q\nreport %+v", got, c.want, file)
			}
			if !slices.Equal(file.Unknown, c.unknown) {
				t.Errorf("not understood %q, want %q", file.Unknown, c.unknown)
			}
			if file.Refused != "" {
				t.Errorf("refused: %s", file.Refused)
			}
		})
	}
}

func TestTheFilesOfADayMakeOneRecord(t *testing.T) {
	records, _ := read(t, pack(t,
		packed{"aggregates_steps.csv", "date,value\n2026-07-30,8312\n2026-07-31,0\n2026-08-01,100\n"},
		packed{"aggregates_distance.csv", "date,value\n2026-07-30,6120.44\n"},
		packed{"aggregates_elevation.csv", "date,value\n2026-07-30,31\n"},
		packed{"aggregates_calories_passive.csv", "date,value\n2026-07-30,1813.785\n2026-07-29,1700\n"},
		packed{"aggregates_calories_earned.csv", "date,value\n2026-07-30,402.118\n"},
	))
	want := []string{
		"2026-07-30 2026-07-29T22:00:00Z to 2026-07-30T22:00:00Z on 2026-07-30 activity_distance_meters=6120.44 activity_elevation_meters=31 activity_energy_joules=1682461.712 activity_steps=8312 activity_total_energy_joules=9271338.152",
		"2026-07-31 2026-07-30T22:00:00Z to 2026-07-31T22:00:00Z on 2026-07-31 activity_steps=0",
		"2026-08-01 2026-07-31T22:00:00Z to 2026-08-01T12:00:00Z on 2026-08-01 activity_steps=100",
	}
	if got := shown(records); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestEveryColumnHasAMetric(t *testing.T) {
	for file, l := range layouts() {
		for name, c := range l.columns {
			if c.metric == nil && c.key != passiveKey {
				t.Errorf("%s: column %q has key %q, which the catalogue does not know", file, name, c.key)
			}
			if name != fold(name) {
				t.Errorf("%s: column %q is not folded", file, name)
			}
			if _, ok := units[c.of][c.unit]; c.unit != "" && !ok {
				t.Errorf("%s: column %q has a unit that is none of its quantity", file, name)
			}
		}
		if file != fold(file) {
			t.Errorf("file %q is not folded", file)
		}
	}
	for name, c := range kinds() {
		if c.metric == nil {
			t.Errorf("type %q has key %q, which the catalogue does not know", name, c.key)
		}
	}
}

func TestFilesAreIgnoredWithAReason(t *testing.T) {
	_, report := read(t, pack(t,
		packed{"raw_tracker_hr.csv", "start,duration,value\n"},
		packed{"raw_hr_Atrial fibrillation result.csv", "start,duration,value\n"},
		packed{"signal.csv", "date\n"}, packed{"aggregates_manual_spo2.csv", "date,value\n"},
		packed{"README.txt", "hello"}, packed{"devices.csv", "x\n"}, packed{"photo.jpg", "x"}, packed{"novel.csv", "x\n"},
		packed{"__MACOSX/data/._weight.csv", "x"}, packed{"__MACOSX/weight.csv", goodRow}, packed{"data/.DS_Store", "x"}, packed{"data/", ""},
	))
	want := []IgnoredFile{
		{"raw_tracker_hr.csv", "intraday data, not imported"},
		{"raw_hr_Atrial fibrillation result.csv", "intraday data, not imported"},
		{"signal.csv", "ECG signal, not imported"},
		{"aggregates_manual_spo2.csv", "not a daily total that the API has"},
		{"README.txt", "no readings"},
		{"devices.csv", "account data, no readings"},
		{"photo.jpg", "not a CSV file"},
		{"novel.csv", "unknown file"},
	}
	if !slices.Equal(report.Ignored, want) {
		t.Errorf("ignored %+v, want %+v", report.Ignored, want)
	}
	if len(report.Files) != 0 {
		t.Errorf("read %+v", report.Files)
	}
}
