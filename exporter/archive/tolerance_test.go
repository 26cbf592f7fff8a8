package archive

import (
	"slices"
	"strings"
	"testing"
)

const plainWeight = "csv-weight-1770099665 2026-02-03T06:21:05Z weight_grams=72350 fat_mass_grams=15200"

func TestEveryWayOfWritingATableIsRead(t *testing.T) {
	for _, c := range []struct{ name, file, text string }{
		{"as Withings does", "weight.csv", "Date,\"Weight (kg)\",\"Fat mass (kg)\"\n\"2026-02-03 07:21:05\",72.35,15.2\n"},
		{"byte order mark and CRLF", "weight.csv", "\ufeffDate,Weight (kg),Fat mass (kg)\r\n2026-02-03 07:21:05,72.35,15.2\r\n"},
		{"carriage returns alone", "weight.csv", "Date,Weight (kg),Fat mass (kg)\r2026-02-03 07:21:05,72.35,15.2\r"},
		{"semicolons and decimal commas", "weight.csv", "Datum;Gewicht (kg);Fettmasse (kg)\n03.02.2026 07:21:05;72,350;15,2\n"},
		{"tabs and an empty field", "weight.csv", "Date\tBone mass (kg)\tWeight (kg)\tFat mass (kg)\n2026-02-03 07:21:05\t\t72.35\t15.2\n"},
		{"quoted decimal commas between commas", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n2026-02-03 07:21:05,\"72,35\",\"15,2\"\n"},
		{"spaces after commas", "weight.csv", "Date, \"Weight (kg)\", Fat mass (kg)\n2026-02-03 07:21:05, \"72.35\", 15.2\n"},
		{"no newline at the end, blank lines", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n\n,,\n2026-02-03 07:21:05,72.35,15.2"},
		{"other order, other case, other brackets", "weight.csv", "WEIGHT [kg],DATE,FAT MASS [KG]\n72.35,2026-02-03 07:21:05,15.2\n"},
		{"grams", "weight.csv", "Date,Weight (g),Fat mass (g)\n2026-02-03 07:21:05,72350,15200\n"},
		{"Latin-1", "weight.csv", "Date,Weight (kg),Fat mass (kg),Gr\xf6\xdfe (m)\n2026-02-03 07:21:05,72.35,15.2,1.8\n"},
		{"nested folder", "data_ANN_1770099665/weight.csv", "Date,Weight (kg),Fat mass (kg)\n2026-02-03 07:21:05,72.35,15.2\n"},
		{"folder of Windows, upper case", `data_ANN\WEIGHT.CSV`, "Date,Weight (kg),Fat mass (kg)\n2026-02-03 07:21:05,72.35,15.2\n"},
		{"absent values in every form", "weight.csv", "Date,Weight (kg),Fat mass (kg),Bone mass (kg),Muscle mass (kg),Hydration (kg)\n2026-02-03 07:21:05,72.35,15.2,-,null,\n"},
		{"a zero is no mass", "weight.csv", "Date,Weight (kg),Fat mass (kg),Bone mass (kg)\n2026-02-03 07:21:05,72.35,15.2,0\n"},
		{"with T", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n2026-02-03T07:21:05,72.35,15.2\n"},
		{"with offset", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n2026-02-03T07:21:05+01:00,72.35,15.2\n"},
		{"with offset elsewhere and a fraction", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n2026-02-02T22:21:05.250-0800,72.35,15.2\n"},
		{"month first, told by another row", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n2/3/2026 7:21:05 AM,72.35,15.2\n2/13/2099 7:21:05 AM,72,15\n"},
		{"day first, told by another row", "weight.csv", "Date,Weight (kg),Fat mass (kg)\n3/2/2026 07:21:05,72.35,15.2\n13/2/2099 07:21:05,72,15\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			records, file := readOne(t, c.file, c.text)
			if got := shown(records); !slices.Equal(got, []string{plainWeight}) {
				t.Errorf("got %q, report %+v", got, file)
			}
		})
	}
}

func TestWhatIsNotUnderstoodIsRefusedAndCounted(t *testing.T) {
	header := "Date,Weight (kg)\n"
	for _, c := range []struct {
		name, file, text string
		refused          string
		skipped, left    string
		unknown          string
	}{
		{name: "day or month first", file: "weight.csv", text: header + "3/8/2017 7:21:00 AM,72\n4/8/2017 7:21:00,72\n", refused: "dates may begin with the day or with the month", skipped: rowRefused},
		{name: "day and month first", file: "weight.csv", text: header + "3/18/2017 7:21:00,72\n18/3/2017 7:21:00,72\n", refused: "some dates begin with the day, others with the month", skipped: rowRefused},
		{name: "no time column", file: "weight.csv", text: "Weight (kg)\n72\n", refused: "no column for the date"},
		{name: "no known column", file: "weight.csv", text: "Date,Vikt (kg)\n2026-02-03 07:21:05,72\n", refused: "no known column with values", unknown: "Vikt (kg)"},
		{name: "a column twice", file: "weight.csv", text: "Date,Datum,Weight (kg)\n2026-02-03 07:21:05,,72\n", unknown: "Datum (a second time)"},
		{name: "no header", file: "weight.csv", text: "2026-02-03 07:21:05,72.35\n2026-02-04 07:21:05,72.45\n", refused: "no header in the first line"},
		{name: "numbers alone", file: "sleep.csv", text: "a,72.35\n", refused: "no header in the first line"},
		{name: "no end", file: "sleep.csv", text: "from,deep (s)\n2026-02-03 07:21:05,72\n", refused: "no column for the end"},
		{name: "workouts without a start", file: "activities.csv", text: "to,Activity type,Data\n2026-02-03T07:21:05Z,Yoga,{}\n", refused: "no column for the date"},
		{name: "no type", file: "other.csv", text: "date,value\n2026-02-03 07:21:05,72\n", refused: "no columns for type and value"},
		{name: "nothing", file: "weight.csv", text: "", refused: "empty"},
		{name: "UTF-16", file: "weight.csv", text: "\xff\xfeD\x00a\x00", refused: "UTF-16 text; save it as UTF-8"},
		{name: "no time of day", file: "weight.csv", text: header + "2026-02-03,72\n", skipped: timeNoClock},
		{name: "no date", file: "weight.csv", text: header + "yesterday,72\n", skipped: timeMalformed},
		{name: "a day that is none", file: "weight.csv", text: header + "2026-02-30 07:21:05,72\n", skipped: timeMalformed},
		{name: "in the future", file: "weight.csv", text: header + "2026-08-04 07:21:05,72\n", skipped: timeFuture},
		{name: "future day", file: "aggregates_steps.csv", text: "date,value\n2026-08-04,72\n", skipped: timeFuture},
		{name: "empty row of a day", file: "aggregates_steps.csv", text: "date,value\n2026-07-04,\n", skipped: rowNoValues},
		{name: "ends before it begins", file: "sleep.csv", text: "from,to,deep (s)\n2026-02-03T07:21:05+01:00,2026-02-03T07:21:05+02:00,1\n", skipped: rowBackwards},
		{name: "no number", file: "weight.csv", text: header + "2026-02-03 07:21:05,heavy\n", skipped: rowNoValues, left: valueMalformed},
		{name: "two numbers", file: "aggregates_distance.csv", text: "date,value\n2026-02-03,\"6,120\"\n", skipped: rowNoValues, left: valueTwoWays},
		{name: "a number that was not quoted", file: "weight.csv", text: header + "2026-02-03 07:21:05,72,35\n", skipped: rowTooLong},
		{name: "a note that was not quoted", file: "sleep.csv", text: "from,to,deep (s),Night events\n2026-02-03T00:00:00+01:00,2026-02-03T07:00:00+01:00,3600,{1:[0,60]}\n"},
		{name: "a column twice, in two units", file: "weight.csv", text: "Date,Weight (kg),Gewicht (lb)\n2026-02-03 07:21:05,72,159\n", unknown: "Gewicht (lb) (a second time)"},
		{name: "a unit of something else", file: "spo2.csv", text: "date,value (kg)\n2026-02-03 07:21:05,72\n", refused: `"value (kg)" has a unit that does not fit the file`, unknown: "value (kg) (unit does not fit)"},
		{name: "a unit of something else by an unknown name", file: "body_temperature.csv", text: "date,Ruumiinlämpö (%)\n2026-02-03 07:21:05,72\n", refused: `"Ruumiinlämpö (%)" has a unit that does not fit the file`, unknown: "Ruumiinlämpö (%) (unit does not fit)"},
		{name: "two columns where one is expected", file: "oxy.csv", text: "date,Happi (%),Kylläisyys (%)\n2026-02-03 07:21:05,72,97\n", refused: "no known column with values", unknown: "Happi (%)|Kylläisyys (%)"},
		{name: "a unit of something else in other.csv", file: "other.csv", text: "type,date,value,unit,position\nICW,2026-02-03 07:21:05,31,kcal,\n", skipped: valueWrongUnit},
		{name: "negative", file: "weight.csv", text: header + "2026-02-03 07:21:05,-72\n", skipped: rowNoValues, left: valueNotAvailable},
		{name: "too many digits", file: "weight.csv", text: header + "2026-02-03 07:21:05,1e30\n", skipped: rowNoValues, left: valueOutOfRange},
		{name: "mass without a unit", file: "other.csv", text: "type,date,value,unit,position\nICW,2026-02-03 07:21:05,31,,\n", skipped: valueNoUnit},
		{name: "broken data of a workout", file: "activities.csv", text: "from,to,Activity type,Data\n2026-02-03T07:21:05Z,2026-02-03T07:22:05Z,Yoga,{\n", left: valueMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, file := readOne(t, c.file, c.text)
			if file.Refused != c.refused {
				t.Errorf("refused %q, want %q", file.Refused, c.refused)
			}
			if c.skipped != "" && file.Skipped[c.skipped] != 1 || c.skipped == "" && len(file.Skipped) > 0 {
				t.Errorf("skipped %v, want one %q", file.Skipped, c.skipped)
			}
			if c.left != "" && file.Left[c.left] != 1 {
				t.Errorf("left out %v, want one %q", file.Left, c.left)
			}
			if got := strings.Join(file.Unknown, "|"); got != c.unknown {
				t.Errorf("not understood %q, want %q", got, c.unknown)
			}
		})
	}
}

func TestNumbersAreReadInEveryWayTheyMayBeWritten(t *testing.T) {
	for text, want := range map[string]string{
		"72.35": "72.35", "72,35": "72.35", " +72.35 ": "72.35", "1234,500": "1234.5", "1,234.5": "1234.5", "1.234,5": "1234.5",
		"1 234,5": "1234.5", "1 234,567": "1234.567", "1\u202f234": "1234", "1\u2009234": "1234", "1'234.5": "1234.5", "1’234": "1234",
		"1,234,567": "1234567", "1.234.567": "1234567", "0": "0", "-1": "-1", "1e3": "1000", ",5": "0.5", "0,356": "0.356", "0.356": "0.356",
		"72,350": "72.35 or 72350", "1,356": "1.356 or 1356", "1.356": "1.356 or 1356", "-1,356": "-1.356 or -1356", "001,356": "1.356",
		"1.3E6": "1300000", "1,3E6": "1300000", "1,234.5e3": "1234500", "1E3,456": valueMalformed, "1.2E3.456": valueMalformed, "1 2E4": valueMalformed,
		"12.34.567": valueMalformed, "1.2,3.4": valueMalformed, "72 kg": valueMalformed, "": valueMalformed, "--5": valueMalformed,
		"12,34.5": valueMalformed, "1 23": valueMalformed, "1 2345": valueMalformed, "1234 567": valueMalformed, "-1 234": "-1234", "1 -34": valueMalformed, "1 234 5": valueMalformed, "1,234 567": valueMalformed,
		"five": valueMalformed, "1,23a": valueMalformed, ".": valueMalformed, ",": valueMalformed, "1 234,5,6": valueMalformed,
	} {
		all, why := numbers(text)
		var got []string
		for _, r := range all {
			got = append(got, r.value.String())
		}
		if got := strings.Join(got, " or ") + why; got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

func TestFeetAndInchesAreInches(t *testing.T) {
	for text, want := range map[string]string{"5' 10.0''": "70", "6'": "72", "5'7": "67", `5' 7.25"`: "67.25"} {
		if d, ok := feet(text); !ok || d.String() != want {
			t.Errorf("feet(%q) = %s, %v, want %s", text, d, ok, want)
		}
	}
	for _, text := range []string{"70", "five' 6''", "5' six''", ""} {
		if d, ok := feet(text); ok {
			t.Errorf("feet(%q) = %s, want none", text, d)
		}
	}
}

func TestNamesAreComparedWithoutCaseMarksAndUnits(t *testing.T) {
	for _, c := range []struct{ header, name, unit string }{
		{"Weight (kg)", "weight", "kg"}, {"  WEIGHT[KG] ", "weight", "kg"}, {"Größe (m)", "grosse", "m"}, {"Gro\u0308sse (m)", "grosse", "m"},
		{"Heart rate (min)", "heart rate min", ""}, {"Dénivelé (m)", "denivele", "m"}, {"Temp (ºC)", "temp", "°c"}, {"fat_mass (lb)", "fat mass", "lb"},
		{"Systolic", "systolic", ""}, {"PWV (m/s)", "pwv", "m/s"}, {"Basal Metabolic Rate (BMR)", "basal metabolic rate bmr", ""}, {"", "", ""}, {"(kg)", "", "kg"},
	} {
		if name, unit := heading(c.header); name != c.name || unit != c.unit {
			t.Errorf("heading(%q) = %q, %q, want %q, %q", c.header, name, unit, c.name, c.unit)
		}
	}
}
