package archive

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheReportSaysWhatWasAndWhatWasNotRead(t *testing.T) {
	_, report := read(t, pack(t,
		packed{"weight.csv", "Date,Weight (kg),Vikt\n2026-02-03 07:21:05,72.35,9\nyesterday,72,\n2026-02-04 07:21:05,heavy,\n"},
		packed{"aggregates_steps.csv", "date,value\n2026-02-03,8000\n"},
		packed{"bp.csv", "x\n"},
		packed{"raw_tracker_hr.csv", ""}, packed{"raw_tracker_steps.csv", ""},
	))
	want := `weight.csv: 1 of 3 rows
  1 row skipped: no known value
  1 row skipped: unknown time format
  1 value skipped: not a number
  unknown: Vikt
aggregates_steps.csv: 1 of 1 row
bp.csv: 0 of 0 rows
  reading stopped early: no column for the date
  unknown: x
not read: raw_tracker_hr.csv and 1 more (intraday data, not imported)
2 readings in 2 records: measure 1, activity 1
`
	if got := report.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var b bytes.Buffer
	if n, err := report.WriteTo(&b); err != nil || int(n) != b.Len() || b.String() != want {
		t.Errorf("wrote %d bytes, error %v:\n%s", n, err, b.String())
	}
}

func TestTheReportShowsNoValueAndNoControlCharacter(t *testing.T) {
	long := strings.Repeat("é", 300)
	records, report := read(t, pack(t,
		packed{"weight.csv", "Date,Weight (kg),\x1b[31mred\a," + long + "\n2026-02-03 07:21:05,98765.43,1,2\n2026-02-04 07:21:05,9876 kilos,,\n"},
		packed{"\x1b]0;title\a" + long + ".csv", ""},
	))
	if len(records) != 1 {
		t.Fatalf("got %q", shown(records))
	}
	got := report.String()
	if strings.ContainsAny(got, "\x1b\a") || strings.Contains(got, "9876") || strings.Contains(got, "72") {
		t.Errorf("report\n%q", got)
	}
}

func TestUnknownNamesAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("type,date,value,unit,position\n")
	for i := range 1000 {
		text.WriteString("mystery" + strings.Repeat("x", i%300) + ",2026-02-03 07:21:05,1,,\n")
	}
	_, file := readOne(t, "other.csv", text.String())
	if len(file.Unknown) > maxUnknown || file.Skipped[valueNoRow] != 1000 {
		t.Errorf("%d unknown names, left out %v", len(file.Unknown), file.Skipped)
	}
}
