package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"withings-exporter/exporter"
)

const goodRow = "Date,Weight (kg)\n2026-02-03 07:21:05,72.35\n"

func drop(exporter.Batch) error { return nil }

func TestWhatIsNoArchiveIsRefused(t *testing.T) {
	whole := pack(t, packed{"weight.csv", goodRow})
	for name, text := range map[string]string{
		"nothing": "", "a CSV file": goodRow, "the end of an archive alone": string(whole[len(whole)-22:]), "a part of an archive": string(whole[:len(whole)-30]),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(context.Background(), strings.NewReader(text), int64(len(text)), options(), drop)
			if err == nil || !strings.Contains(err.Error(), "download it again") {
				t.Errorf("error %v, want one that says what to do", err)
			}
		})
	}
}

func TestOnlyTimesWithoutAnOffsetNeedATimeZone(t *testing.T) {
	const workout = "from,to,Activity type,Data\n2026-02-03T07:00:00+01:00,2026-02-03T07:30:00+01:00,Running,{}\n"
	for _, c := range []struct {
		name, file, text string
		needs            bool
	}{
		{"a moment", "weight.csv", goodRow, true},
		{"a moment with an offset", "weight.csv", "Date,Weight (kg)\n2026-02-03T07:21:05+01:00,72.35\n", false},
		{"a day", "aggregates_steps.csv", "date,value\n2026-02-03,8000\n", true},
		{"a night with an offset", "sleep.csv", "from,to,deep (s)\n2026-02-02T23:10:00+01:00,2026-02-03T06:40:00+01:00,7200\n", false},
		{"a night in UTC, whose date depends on the place", "sleep.csv", "from,to,deep (s)\n2026-02-02T23:10:00Z,2026-02-03T06:40:00Z,7200\n", true},
		{"a night without an offset", "sleep.csv", "from,to,deep (s)\n2026-02-02 23:10:00,2026-02-03 06:40:00,7200\n", true},
		{"a workout", "activities.csv", workout, false},
		{"a date that is none", "weight.csv", "Date,Weight (kg)\nyesterday,72.35\n", false},
		{"a file that is not read", "raw_tracker_hr.csv", "start,duration,value\n2026-02-03 07:21:05,[60],[60]\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := pack(t, packed{"activities.csv", workout}, packed{c.file, c.text})
			_, err := Read(t.Context(), bytes.NewReader(whole), int64(len(whole)), Options{Now: now}, drop)
			if errors.Is(err, ErrNoZone) != c.needs || !c.needs && err != nil {
				t.Errorf("error %v, want one for the zone: %v", err, c.needs)
			}
		})
	}
}

func TestTooManyFilesAreRefused(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range maxEntries + 1 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("%d.csv", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Read(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), options(), drop)
	if err == nil || !strings.Contains(err.Error(), "more than 10000 files") {
		t.Errorf("error %v", err)
	}
}

// bomb is an archive with a weight.csv that has a row without end.
func bomb(t *testing.T, start string, length int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	entry, err := w.Create("weight.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(entry, start); err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("2026"), 1<<14)
	for n := 0; n < length; n += len(chunk) {
		if _, err := entry.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARowWithoutEndIsRefused(t *testing.T) {
	for name, start := range map[string]string{
		"in the header": "", "in a row": goodRow, "in quotes that are never closed": goodRow + "\"", "in the header, quoted": "\"",
	} {
		t.Run(name, func(t *testing.T) {
			_, report := read(t, bomb(t, start, 2*maxRow))
			if got := report.Files[0].Refused; !strings.Contains(got, "row is longer") {
				t.Errorf("refused %q", got)
			}
		})
	}
}

func TestAFileMayBeLongerThanARow(t *testing.T) {
	const rows = maxRow/20 + 1
	records, file := readOne(t, "weight.csv", "Date,Weight (kg)\n"+strings.Repeat("2026-02-03 07:21:05,72.35\n", rows))
	if len(records) != rows || file.Refused != "" {
		t.Errorf("%d records of %d rows, refused %q", len(records), rows, file.Refused)
	}
}

func TestWhatAnArchiveMayUnpackToIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		bounded bounded
		left    int64
		want    string
	}{
		"the file":    {bounded{row: 100, entry: 10}, 100, "larger than 256 MB"},
		"the archive": {bounded{row: 100, entry: 100}, 10, "the archive is larger than 1024 MB"},
		"the row":     {bounded{row: 10, entry: 100}, 100, "a row is longer than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.bounded
			b.from, b.archive = io.NopCloser(strings.NewReader(strings.Repeat("x", 50))), &c.left
			text, err := io.ReadAll(&b)
			var why refusal
			if len(text) != 10 || !errors.As(err, &why) || string(why) != c.want {
				t.Errorf("read %d bytes, error %v; want 10, %q", len(text), err, c.want)
			}
		})
	}
}

func TestADamagedFileStopsNoOther(t *testing.T) {
	whole := pack(t, packed{"bp.csv", "Date,Heart rate\n2026-02-03 07:21:05,60\n"}, packed{"weight.csv", goodRow})
	at := bytes.Index(whole, []byte("bp.csv")) + len("bp.csv")
	whole[at+3] ^= 0xff // within the compressed bytes of the first file
	records, report := read(t, whole)
	if got := report.Files[0].Refused; !strings.HasPrefix(got, "damaged: ") {
		t.Errorf("refused %q", got)
	}
	if len(records) == 0 || records[len(records)-1].ID != "csv-weight-1770099665" {
		t.Errorf("got %q", shown(records))
	}
}

func TestAnEncryptedFileIsRefused(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: "weight.csv", Flags: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, report := read(t, b.Bytes())
	if got := report.Files[0].Refused; !strings.HasPrefix(got, "encrypted") {
		t.Errorf("refused %q", got)
	}
}

func TestRecordsComeInBatchesOfOneService(t *testing.T) {
	var weight strings.Builder
	weight.WriteString("Date,Weight (kg)\n")
	for i := range 600 {
		fmt.Fprintf(&weight, "2026-02-03 %02d:%02d:00,72.35\n", i/60, i%60)
	}
	whole := pack(t, packed{"weight.csv", weight.String()}, packed{"aggregates_steps.csv", "date,value\n2026-02-03,1\n"})
	var sizes []string
	report, err := Read(context.Background(), bytes.NewReader(whole), int64(len(whole)), options(), func(b exporter.Batch) error {
		sizes = append(sizes, fmt.Sprintf("%s %d", b.Service, len(b.Records)))
		return nil
	})
	if got, want := strings.Join(sizes, ", "), "measure 256, measure 256, measure 88, activity 1"; err != nil || got != want {
		t.Errorf("batches %s, error %v; want %s", got, err, want)
	}
	if report.Records[exporter.Measure] != 600 || report.Records[exporter.Activity] != 1 || report.Readings != 601 {
		t.Errorf("report counts %v, %d readings", report.Records, report.Readings)
	}
}

func TestReadingEndsWhenRecordsAreNotTaken(t *testing.T) {
	whole := pack(t, packed{"weight.csv", goodRow}, packed{"bp.csv", "Date,Heart rate\n2026-02-03 07:21:05,60\n"}, packed{"aggregates_steps.csv", "date,value\n2026-02-03,1\n"})
	full := errors.New("disk is full")
	calls := 0
	report, err := Read(context.Background(), bytes.NewReader(whole), int64(len(whole)), options(), func(exporter.Batch) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 || report.Readings != 0 {
		t.Errorf("error %v after %d calls, %d readings reported", err, calls, report.Readings)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	whole := pack(t, packed{"weight.csv", goodRow})
	_, err := Read(ctx, bytes.NewReader(whole), int64(len(whole)), options(), func(exporter.Batch) error {
		t.Error("records were handed over")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
