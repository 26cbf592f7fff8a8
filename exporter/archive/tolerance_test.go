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
		{name: "two numbers", file: "weight.csv", text: header + "2026-02-03 07:21:05,\"72,350\"\n", skipped: rowNoValues, left: valueTwoWays},
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

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		text  string
		comma bool
		want  string // or the reason
	}{
		{"72.35", false, "72.35"}, {"72,35", false, "72.35"}, {" +72.35 ", false, "72.35"}, {"72,350", true, "72.35"},
		{"72,350", false, valueTwoWays}, {"1234,500", false, "1234.5"}, {"1,234.5", false, "1234.5"}, {"1.234,5", false, "1234.5"},
		{"1 234,5", false, "1234.5"}, {"1\u202f234", false, "1234"}, {"1'234.5", false, "1234.5"}, {"1,234,567", false, "1234567"},
		{"1.234.567", true, "1234567"}, {"12.34.567", false, valueMalformed}, {"1.2,3.4", false, valueMalformed}, {"0", false, "0"},
		{"-1", false, "-1"}, {"72 kg", false, valueMalformed}, {"", false, valueMalformed}, {"--5", false, valueMalformed}, {"1e3", false, "1000"},
		{",5", false, "0.5"}, {"12,34.5", false, valueMalformed},
	} {
		d, why := number(c.text, c.comma)
		got := why
		if why == "" {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("number(%q, %v) = %s, want %s", c.text, c.comma, got, c.want)
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
