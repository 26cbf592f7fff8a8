package importer

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

const (
	localRow = "Date,Weight (kg)\n2026-02-03 07:21:05,72.35\n"
	zonedRow = "Date,Weight (kg)\n2026-02-03T07:21:05+01:00,72.35\n"
)

// importing is an import in a folder of its own.
type importing struct {
	dir      string
	settings command.Settings
	options  Options
}

// newImporting is one of an archive with these names and texts of files, in turn.
func newImporting(t *testing.T, files ...string) *importing {
	t.Helper()
	i := &importing{dir: t.TempDir()}
	i.options = Options{File: filepath.Join(i.dir, "data.zip"), Profile: "Anna", To: "openmetrics=" + filepath.Join(i.dir, "anna.om")}
	i.settings = command.Settings{StateDir: filepath.Join(i.dir, "state"), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for n := 0; n < len(files); n += 2 {
		entry, err := w.Create(files[n])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, files[n+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(i.options.File, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return i
}

// run imports, and returns the file that came of it, "" for none.
func (i *importing) run(t *testing.T) (file, told string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = Import(t.Context(), i.settings, i.options, &out, io.Discard)
	data, failed := os.ReadFile(filepath.Join(i.dir, "anna.om"))
	if failed != nil && !errors.Is(failed, os.ErrNotExist) {
		t.Fatal(failed)
	}
	return string(data), out.String(), err
}

// refused checks that an import was refused as a mistake of usage, with advice, and
// has left nothing behind.
func (i *importing) refused(t *testing.T, says, advises string) {
	t.Helper()
	file, _, err := i.run(t)
	if !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), says) || !strings.Contains(hint.Of(err), advises) {
		t.Errorf("got %v, advice %q; want %q, %q", err, hint.Of(err), says, advises)
	}
	if file != "" {
		t.Errorf("a file was written: %s", file)
	}
	if left, _ := filepath.Glob(filepath.Join(i.settings.StateDir, "*archive*")); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

// saved writes a state in which Withings has reported a time zone, "" for none.
func (i *importing) saved(t *testing.T, profile, zone string) {
	t.Helper()
	state := exporter.NewState(profile, nil)
	state.Apply(exporter.Batch{Service: exporter.Measure, Timezone: zone})
	data, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := statedir.Open(i.settings.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := statedir.Write(dir.File(profile, "state"), data); err != nil {
		t.Fatal(err)
	}
}

func TestAMistypedProfileIsNotImported(t *testing.T) {
	t.Parallel()
	for profile, advice := range map[string]string{
		"Ann": `did you mean "Anna"?`, "anna": `did you mean "Anna"?`, "ANNA": `did you mean "Anna"?`, "Anna ": `did you mean "Anna"?`,
		"Bne": "choose from Anna, Benjamin; for somebody without a token, also give --profiles=Bne", "benjamni": `did you mean "Benjamin"?`,
		"Great Aunt": "choose from Anna, Benjamin; for somebody without a token, also give --profiles='Great Aunt'",
	} {
		t.Run(profile, func(t *testing.T) {
			i := newImporting(t, "weight.csv", zonedRow)
			i.settings.Profiles = []string{"Benjamin"}
			i.saved(t, "Anna", "")
			i.options.Profile = profile
			i.refused(t, "unknown profile", advice)
		})
	}
}

func TestAKnownOrNamedProfileIsImported(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(i *importing){
		"nobody is known": func(*importing) {},
		"configured":      func(i *importing) { i.settings.Profiles = []string{"Ann", "Anna"} },
		"with a state":    func(i *importing) { i.saved(t, "Anna", ""); i.saved(t, "Ann", "") },
		"the only one named": func(i *importing) {
			i.saved(t, "Ann", "")
			i.settings.Profiles, i.options.Profile = []string{"Anna"}, ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newImporting(t, "weight.csv", zonedRow)
			prepare(i)
			if file, _, err := i.run(t); err != nil || !strings.Contains(file, `withings_weight_grams{profile="Anna"} 72350 1770099665`) {
				t.Errorf("got %v and %s", err, file)
			}
		})
	}
}

func TestAFileThatExistsIsNotReplaced(t *testing.T) {
	t.Parallel()
	i := newImporting(t, "weight.csv", zonedRow)
	path := filepath.Join(i.dir, "anna.om")
	if err := os.WriteFile(path, []byte("Ben's"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _, err := i.run(t)
	if !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), path+": the file exists") || hint.Of(err) == "" || file != "Ben's" {
		t.Errorf("got %v, advice %q, and the file has %q", err, hint.Of(err), file)
	}
	before, _ := os.ReadFile(i.options.File)
	i.options.To = "openmetrics=" + i.options.File // the archive itself
	_, _, err = i.run(t)
	if after, _ := os.ReadFile(i.options.File); !errors.Is(err, command.ErrUsage) || !bytes.Equal(before, after) {
		t.Errorf("got %v for the archive itself", err)
	}
	if err := errors.Join(os.Remove(path), os.Symlink("elsewhere", path)); err != nil {
		t.Fatal(err)
	}
	i.options.To = "openmetrics=" + path
	i.refused(t, "the file exists", "new file")
}

func TestTimesWithoutAZoneAreInThatOfTheProfile(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, row, reported string
		given               *time.Location
		want, says          string // the time in the file, what is said of the zone
	}{
		{name: "reported by Withings", row: localRow, reported: "Europe/Vienna", want: "1770099665", says: "read as Europe/Vienna ("},
		{name: "given, which comes first", row: localRow, reported: "Europe/Vienna", given: tokyo, want: "1770070865", says: "read as Asia/Tokyo ("},
		{name: "none needed", row: zonedRow, want: "1770099665"},
		{name: "unknown", row: localRow},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newImporting(t, "weight.csv", c.row)
			i.saved(t, "Anna", c.reported)
			i.settings.Timezone = c.given
			if c.want == "" {
				i.refused(t, "times without a zone", "--timezone=Europe/Vienna")
				return
			}
			file, told, err := i.run(t)
			if err != nil || !strings.Contains(file, `withings_weight_grams{profile="Anna"} 72350 `+c.want) {
				t.Errorf("got %v and %s", err, file)
			}
			if !strings.Contains(told, c.says) || c.says == "" && strings.Contains(told, "zone") {
				t.Errorf("it says %s, want %q", told, c.says)
			}
		})
	}
}

func TestAZoneIsNotTakenFromADamagedState(t *testing.T) {
	t.Parallel()
	i := newImporting(t, "weight.csv", localRow)
	i.saved(t, "Anna", "Europe/Vienna")
	dir, err := statedir.Open(i.settings.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	path := dir.File("Anna", "state")
	if err := os.WriteFile(path, []byte(`{"version":1,"timezone":"Asia/Tokyo"`), 0o600); err != nil {
		t.Fatal(err)
	}
	i.refused(t, "times without a zone", "--timezone")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the state was touched: %v", err)
	}
}

func TestAnArchiveOfWhichNothingIsReadFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		files      []string
	}{
		{"without files", "it has no files", nil},
		{"without readings", "it has 3 files: raw_x.csv, account.csv, photo.jpg", []string{"raw_x.csv", "", "account.csv", "x\n", "photo.jpg", "x"}},
		{"with an archive in it", "it has 1 file: data.zip", []string{"data.zip", "PK"}},
		{"in an unknown language", "it has 1 file: weight.csv", []string{"weight.csv", "Päivä,Paino (kg)\n2026-02-03 07:21:05,72.35\n"}},
		{"with a header alone", "it has 1 file: weight.csv", []string{"weight.csv", "Date,Weight (kg)\n"}},
		{"with many files", "it has 7 files: 1, 2, 3, 4, 5 and 2 more", []string{"1", "", "2", "", "3", "", "4", "", "5", "", "6", "", "7", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newImporting(t, c.files...)
			file, _, err := i.run(t)
			if err == nil || errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), "nothing in it could be read: "+c.says) || hint.Of(err) == "" || file != "" {
				t.Errorf("got %v, advice %q, and the file has %q; want %q", err, hint.Of(err), file, c.says)
			}
		})
	}
}
