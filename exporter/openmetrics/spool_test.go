package openmetrics

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// story is a history as it comes, with a record that is revised, one that is
// deleted, and one that a whole answer no longer tells of.
func story() []exporter.Batch {
	night := session("7", "2020-01-02", "2020-01-01 22:30", "2020-01-02 06:30", "81")
	return []exporter.Batch{
		batch(group("1", "2020-01-01 07:00", is("weight_grams", "70000")), group("2", "2020-01-02 07:00", is("weight_grams", "70100"))),
		batch(night, session("8", "2020-01-03", "2020-01-02 22:30", "2020-01-03 06:30", "70")),
		{Service: exporter.Activity, Timezone: "Europe/Vienna", Records: []exporter.Record{day("2020-03-29", zone("Europe/Vienna"), is("activity_steps", "5000"))}},
		batch(changed(night, "2020-01-04 08:00", is("sleep_score", "82"))),
		wholeBatch(exporter.Sleep, "2020-01-02 12:00", "2020-01-04 00:00"),
		wholeBatch(exporter.Measure, "2020-01-01 00:00", "2020-01-03 00:00", group("2", "2020-01-02 07:00", is("weight_grams", "70100"))),
	}
}

func TestPuttingTwiceWritesTheSameFile(t *testing.T) {
	once, _ := written(t, Options{}, spoolOf(t, "Anna", story()...))
	twice, _ := written(t, Options{}, spoolOf(t, "Anna", slices.Concat(story(), story())...))
	if once != twice {
		t.Errorf("got\n%s\nwant\n%s", twice, once)
	}
	expect(t, once, `activity_steps{day="yesterday"} 5000 @ 2020-03-29 22:00`,
		"sleep_naps 0 @ 2020-01-02 06:30", "sleep_naps_seconds 0 @ 2020-01-02 06:30", "sleep_score 82 @ 2020-01-02 06:30",
		"weight_grams 70100 @ 2020-01-02 07:00")
}

func TestAHistoryOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	s := openAt(t, path, "Anna")
	updated, span := at("2026-07-14 11:00"), exporter.Span{From: at("2020-01-01 00:00"), To: at("2021-01-01 00:00")}
	put(t, s, story()...)
	if err := s.Advance(exporter.Sleep, func(p *exporter.Progress) { p.Updated = updated }); err != nil {
		t.Fatal(err)
	}
	if err := s.Cover(t.Context(), asSafe(exporter.Sleep, span), nil); err != nil {
		t.Fatal(err)
	}
	want, _ := written(t, Options{}, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err == nil || s.Put(t.Context(), story()[0]) == nil || s.Cover(t.Context(), asSafe(exporter.Sleep, span), nil) == nil {
		t.Error("a closed spool takes records")
	}

	again := openAt(t, path, "Anna")
	if got, _ := written(t, Options{}, again); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := again.Progress(exporter.Sleep).Updated; !got.Equal(updated) {
		t.Errorf("progress is %s, want %s", got, updated)
	}
	all := exporter.Span{From: at("2019-01-01 00:00"), To: at("2022-01-01 00:00")}
	gaps := []exporter.Span{{From: span.To, To: all.To}, {From: all.From, To: span.From}}
	if got := again.Missing(exporter.Sleep, all); !slices.EqualFunc(got, gaps, sameSpan) {
		t.Errorf("missing is %v, want %v", got, gaps)
	}
	if got := again.Missing(exporter.Workout, all); !slices.EqualFunc(got, []exporter.Span{all}, sameSpan) {
		t.Errorf("of workouts %v is missing, want all", got)
	}
	if got := again.Missing(exporter.Device, all); len(got) > 0 {
		t.Errorf("of devices %v is missing, want nothing", got)
	}
}

func sameSpan(a, b exporter.Span) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }

// TestACrashAnywhereCostsNothingThatIsPutAgain cuts the records after every few
// bytes that are not yet recorded as safe, and lets the whole story come again.
func TestACrashAnywhereCostsNothingThatIsPutAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.json")
	s := openAt(t, path, "Anna")
	put(t, s, story()[:2]...)
	if err := s.Cover(t.Context(), asSafe(exporter.Measure, exporter.Span{From: at("2020-01-01 00:00"), To: at("2020-02-01 00:00")}), nil); err != nil {
		t.Fatal(err)
	}
	safe := s.length
	put(t, s, story()[2:]...)
	want, _ := written(t, Options{}, s)
	ledger, records := read(t, path), read(t, path+recordsEnding)
	for cut := safe; cut <= int64(len(records)); cut += 3 {
		path := filepath.Join(dir, "cut.json")
		write(t, path, ledger)
		write(t, path+recordsEnding, records[:cut])
		again := openAt(t, path, "Anna")
		if again.length < safe || again.length > cut {
			t.Fatalf("cut at %d: %d bytes are taken for whole", cut, again.length)
		}
		put(t, again, story()[2:]...)
		if got, _ := written(t, Options{}, again); got != want {
			t.Fatalf("cut at %d: got\n%s\nwant\n%s", cut, got, want)
		}
		if err := again.Remove(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatAFailedWriteLeftBehindIsNoRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	s := openAt(t, path, "Anna")
	left, err := encode(batch(group("9", "2020-01-09 07:00", is("weight_grams", "9")), group("10", "2020-01-10 07:00", is("weight_grams", "10"))))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, story()[0])
	write(t, path+recordsEnding, append(read(t, path+recordsEnding), left[:len(left)-10]...))
	put(t, s, batch(group("3", "2020-01-03 07:00", is("weight_grams", "70200"))))
	if err := errors.Join(s.Advance(exporter.Measure, func(*exporter.Progress) {}), s.Close()); err != nil {
		t.Fatal(err)
	}
	text, _ := written(t, Options{}, openAt(t, path, "Anna"))
	expect(t, text, "weight_grams 70000 @ 2020-01-01 07:00", "weight_grams 70100 @ 2020-01-02 07:00", "weight_grams 70200 @ 2020-01-03 07:00")
}

func TestDamageIsSetAsideToldAndTheHistoryStartsOver(t *testing.T) {
	span := exporter.Span{From: at("2020-01-01 00:00"), To: at("2020-02-01 00:00")}
	for _, c := range []struct {
		name   string
		damage func(ledger, records []byte) (newLedger, newRecords []byte)
		want   string
	}{
		{"ledger cut off", func(l, r []byte) ([]byte, []byte) { return l[:len(l)/2], r }, "not a ledger"},
		{"ledger empty", func(_, r []byte) ([]byte, []byte) { return nil, r }, "not a ledger"},
		{"ledger of a negative length", func(_, r []byte) ([]byte, []byte) {
			return []byte(`{"version":1,"profile":"Anna","length":-1}`), r
		}, "its length is negative"},
		{"ledger of a newer exporter", func(_, r []byte) ([]byte, []byte) { return []byte(`{"version":2,"profile":"Anna"}`), r }, "a newer version of withings-exporter wrote it (format 2, and this one reads up to 1); upgrade withings-exporter"},
		{"ledger of somebody else", func(_, r []byte) ([]byte, []byte) { return []byte(`{"version":1,"profile":"Ben"}`), r }, `of profile \"Ben\"`},
		{"a bit of the records", func(l, r []byte) ([]byte, []byte) { r[len(r)/2] ^= 1; return l, r }, "bytes of the records are whole"},
		{"records cut off", func(l, r []byte) ([]byte, []byte) { return l, r[:len(r)-1] }, "bytes of the records are whole"},
		{"records gone", func(l, _ []byte) ([]byte, []byte) { return l, nil }, "only 0 of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.json")
			s := openAt(t, path, "Anna")
			put(t, s, story()...)
			if err := errors.Join(s.Cover(t.Context(), asSafe(exporter.Sleep, span), nil), s.Close()); err != nil {
				t.Fatal(err)
			}
			ledger, records := c.damage(read(t, path), read(t, path+recordsEnding))
			write(t, path, ledger)
			write(t, path+recordsEnding, records)

			again, told := openFor(t, path, "Anna", "")
			for _, want := range []string{c.want, path + ".damaged-20260714T120000Z", "everything is downloaded again"} {
				if !strings.Contains(told, want) {
					t.Errorf("told is %s, want %q in it", told, want)
				}
			}
			if got := read(t, path+".damaged-20260714T120000Z"); string(got) != string(ledger) {
				t.Error("the damaged file is not kept as it was")
			}
			if got := again.Missing(exporter.Sleep, span); len(got) != 1 || !sameSpan(got[0], span) {
				t.Errorf("missing is %v, want everything", got)
			}
			if text, _ := written(t, Options{}, again); text != ending {
				t.Errorf("got %q, want nothing", text)
			}
		})
	}
}

func TestWithAnotherCatalogueTheHistoryStartsOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	s, _ := openFor(t, path, "Anna", "17")
	put(t, s, story()...)
	if err := errors.Join(s.Advance(exporter.Sleep, func(p *exporter.Progress) { p.Done = true }), s.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, path, []byte(strings.Replace(string(read(t, path)), exporter.CatalogID(), "0123456789abcdef", 1)))
	again, _ := openFor(t, path, "Anna", "17")
	if text, _ := written(t, Options{}, again); text != ending || again.Progress(exporter.Sleep).Done {
		t.Errorf("what another catalogue read is still there: %s", text)
	}
}

func TestTheHistoryOfAnotherPersonGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	for _, c := range []struct {
		name, user string
		kept       bool
	}{{"nobody yet", "", false}, {"the first", "17", true}, {"the same", "17", true}, {"not told", "", true},
		{"another", "18", false}, {"the other, again", "18", true}} {
		s, told := openFor(t, path, "Anna", c.user)
		text, _ := written(t, Options{}, s)
		if kept := text != ending; kept != c.kept || s.Progress(exporter.Sleep).Done != c.kept || told != "" {
			t.Errorf("%s: the history before is there: %t, want %t; told is %q", c.name, kept, c.kept, told)
		}
		put(t, s, story()...)
		if err := errors.Join(s.Advance(exporter.Sleep, func(p *exporter.Progress) { p.Done = true }), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecordsWithoutALedgerAreDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	put(t, openAt(t, path, "Anna"), story()...)
	if text, _ := written(t, Options{}, openAt(t, path, "Anna")); text != ending {
		t.Errorf("got %s, want nothing", text)
	}
}

func TestFilesArePrivateAndGoWhenRemoved(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "history.json"), "Anna")
	put(t, s, story()...)
	if err := s.Cover(t.Context(), asSafe(exporter.Sleep, exporter.Span{From: at("2020-01-01 00:00"), To: at("2020-02-01 00:00")}), nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("got %v, %v, want two files", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v, want 0600", e.Name(), info.Mode(), err)
		}
	}
	if err := s.Remove(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left are %v, %v", entries, err)
	}
	if err := s.Remove(); err != nil {
		t.Errorf("removing twice: %v", err)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if _, err := OpenSpool(SpoolOptions{Path: filepath.Join(t.TempDir(), "none", "history.json"), Profile: "Anna", Now: clock}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the folder is missing", err)
	}
}

func TestManyMayPutWhileAFileIsWritten(t *testing.T) {
	s := spoolOf(t, "Anna")
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Go(func() {
			for n := range 10 {
				taken := at("2020-01-01 00:00").Add(time.Duration(10*i+n) * time.Hour)
				r := exporter.Record{Service: exporter.Measure, ID: taken.String(), Start: taken, End: taken, Readings: []exporter.Reading{is("weight_grams", "1")}}
				if err := s.Put(t.Context(), batch(r)); err != nil {
					t.Error(err)
				}
				if err := s.Cover(t.Context(), asSafe(exporter.Measure, exporter.Span{From: taken, To: taken.Add(time.Hour)}), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	written(t, Options{}, s)
	workers.Wait()
	if _, sum := written(t, Options{}, s); sum.Samples != 40 {
		t.Errorf("got %d samples, want 40", sum.Samples)
	}
	if got := s.Missing(exporter.Measure, exporter.Span{From: at("2020-01-01 00:00"), To: at("2020-01-02 16:00")}); len(got) > 0 {
		t.Errorf("missing is %v, want nothing", got)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAHistoryOfVersion1IsReadAsItIs reads one that the exporter before the package
// ledger has written.
func TestAHistoryOfVersion1IsReadAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	write(t, path, bytes.Replace(read(t, "testdata/history.json"), []byte("6d180f88927adc99"), []byte(exporter.CatalogID()), 1))
	write(t, path+recordsEnding, read(t, "testdata/history.json"+recordsEnding))
	s, told := openFor(t, path, "Anna", "17")
	if told != "" {
		t.Fatal(told)
	}
	got, _ := written(t, Options{}, s)
	if want, _ := written(t, Options{}, spoolOf(t, "Anna", story()...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if p := s.Progress(exporter.Sleep); !p.Updated.Equal(at("2026-07-14 11:00")) || !p.Success.Equal(noon) {
		t.Errorf("the cursor is %+v", p)
	}
	all := exporter.Span{From: at("2020-01-01 00:00"), To: noon}
	if got := s.Missing(exporter.Sleep, all); len(got) != 1 || !got[0].From.Equal(at("2021-01-01 00:00")) {
		t.Errorf("missing is %v, want what is after the year 2020", got)
	}
}
