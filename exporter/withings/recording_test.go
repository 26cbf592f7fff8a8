package withings

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// recording is one answer in testdata/<service>. Those named in the examples of
// the API reference (section 10) are copied from there: weigh-in, nothing-new,
// two-days, an-hour, two-workouts, night-and-nap, two-segments, three-devices,
// three-recordings, one-recording, all, some, none. The
// others are put together from its field tables and from its list of quirks
// (section 8), in the shape of the examples.
type recording struct {
	service exporter.Service
	path    string
	answer  []byte
}

func recordings(t testing.TB) []recording {
	t.Helper()
	var all []recording
	for _, service := range exporter.Asked() {
		paths, err := filepath.Glob(filepath.Join("testdata", string(service), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			answer, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, recording{service, path, answer})
		}
	}
	if len(all) == 0 {
		t.Fatal("testdata has no recordings")
	}
	return all
}

func TestRecordedAnswersBecomeTheseReadings(t *testing.T) {
	for _, r := range recordings(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(r.path), "testdata/"), ".json"), func(t *testing.T) {
			h, err := hear(r.service, r.answer, false)
			if err != nil {
				t.Fatal(err)
			}
			got := h.String() + "\n"
			golden := strings.TrimSuffix(r.path, ".json") + ".golden"
			if *testrun.Update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s decodes to\n%swant\n%s(run with -update to rewrite it)", r.path, got, want)
			}
		})
	}
}

// TestEveryRowIsRecorded wants a recorded answer for every row of the catalogue,
// be it decoded from one answer or counted from several records when shown, but for
// what only notifications tell.
func TestEveryRowIsRecorded(t *testing.T) {
	recorded := map[*exporter.Metric]bool{}
	for _, r := range recordings(t) {
		h, err := hear(r.service, r.answer, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range h.batch.Records {
			for _, reading := range record.Readings {
				recorded[reading.Metric] = true
			}
		}
		state := exporter.NewState("test", time.UTC)
		state.Apply(h.batch)
		for _, sample := range state.Snapshot(noon).Samples {
			recorded[sample.Metric] = true
		}
	}
	for _, m := range exporter.Catalog() {
		if !recorded[m] && !m.Service.Row().Told {
			t.Errorf("%s (%s %s) is in no recording", m.Name, m.Service, m.Key)
		}
	}
}

func TestRecordedKindsWithoutARowAreThese(t *testing.T) {
	want := []string{
		`device battery "empty"`, // made up
		"measure 238",            // claimed to be a nerve activity
		"measure 239",            // claimed to be a nerve health score
		"measure 35",             // claimed to be CO₂, which getmeas does not serve
		"measure 78",             // seen on real accounts, meaning unknown
		"measure 9999",           // made up
		"objective 10",           // nobody has been seen to aim at a blood pressure
		"sleep event_9",          // made up
		"workout category 999",   // made up
	}
	var got []string
	for _, r := range recordings(t) {
		h, err := hear(r.service, r.answer, false)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, h.unknown...)
	}
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("kinds without a row:\n%q\nwant\n%q", got, want)
	}
}
