package archive

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"testing"

	"withings-exporter/exporter"
)

// FuzzCSV reads any text as any of the files that are read.
func FuzzCSV(f *testing.F) {
	names := slices.Sorted(maps.Keys(layouts()))
	for i := range names {
		f.Add(i, goodRow)
		f.Add(i, "from,to,deep (s),Activity type,Data\n2026-02-03T07:21:05+01:00,2026-02-03T08:21:05+01:00,9,Yoga,\"{\"\"steps\"\":1}\"\n")
		f.Add(i, "date,\"value (°C)\"\n2026-02-03 07:21:05,\"36,700\"\n3/2/2026 07:21:05,36.7\n")
		f.Add(i, "type;date;value;unit;position\nICW;3/13/2026 7:21 PM;\"31,5\";lb;\n")
	}
	f.Fuzz(func(t *testing.T, which int, text string) {
		name := names[(which%len(names)+len(names))%len(names)] + ".csv"
		archive := pack(t, packed{name, text})
		records, report := read(t, archive)
		again, sameReport := read(t, archive)
		if !slices.Equal(shown(records), shown(again)) || report.String() != sameReport.String() {
			t.Errorf("read once as\n%q\n%s\nthen as\n%q\n%s", shown(records), report, shown(again), sameReport)
		}
	})
}

// FuzzNumber reads any text as a number, in no more than two ways, which differ by the
// thousand that a mark may stand for.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"72.35", "1,356", "1.356", "-1,356", "1 356,5", "1.234.567", "1’234.5", "1e3", "0,356", " +5", "five", "1.3E6", "1,3E6", "1E3,456", "1.2E3.456", "1 2E4.5", "1,234.5E3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, why := numbers(text)
		if (why == "") != (len(all) > 0) || len(all) > 2 {
			t.Fatalf("%q has %d readings, and is left out for %q", text, len(all), why)
		}
		if len(all) == 2 {
			thousand, err := all[0].value.Scale(1, 3)
			if err != nil || thousand.String() != all[1].value.String() || all[0].in == all[1].in {
				t.Errorf("%q is %v or %v", text, all[0], all[1])
			}
		}
	})
}

// FuzzZIP reads any bytes as an archive.
func FuzzZIP(f *testing.F) {
	f.Add(pack(f, packed{"weight.csv", goodRow}))
	f.Add(pack(f, packed{"a/b/aggregates_steps.csv", "date,value\n2026-02-03,1\n"}, packed{"raw_x.csv", ""}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		readings := 0
		report, err := Read(context.Background(), bytes.NewReader(archive), int64(len(archive)), options(), func(b exporter.Batch) error {
			for i := range b.Records {
				checkRecord(t, b.Service, &b.Records[i])
				readings += len(b.Records[i].Readings)
			}
			return nil
		})
		if report.Readings != readings {
			t.Errorf("report counts %d readings, handed over were %d (error %v)", report.Readings, readings, err)
		}
	})
}
