package withings

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

func TestWindowsOfMinutesAreAskedForAsTheyAreWanted(t *testing.T) {
	inBubble(t, "two spans, and a page", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":{"series":{"1784098921":{"heart_rate":68,"model":"ScanWatch 2"}}}}`)))
		wanted := exporter.Spans{{From: noon.Add(-30 * time.Hour), To: noon.Add(-20 * time.Hour)}, {From: noon.Add(-time.Hour), To: noon}}
		if _, batches, err := w.fetch(exporter.Intraday, exporter.Progress{Wanted: wanted}); err != nil || len(ids(batches)) != 2 {
			t.Errorf("%d records, error %v", len(ids(batches)), err)
		}
		if got, want := w.cloud.params("startdate"), []string{"1783994500", "1784098900"}; !slices.Equal(got, want) {
			t.Errorf("asked from %q, want %q", got, want)
		}
		if got, want := w.cloud.params("enddate"), []string{"1784030500", "1784102500"}; !slices.Equal(got, want) {
			t.Errorf("asked to %q, want %q", got, want)
		}
		if got := strings.Join(w.cloud.params("lastupdate"), ""); got != "" {
			t.Errorf("there is no lastupdate, yet asked %q", got)
		}
	})
}

func TestAHistoryOfMinutesHasPagesOfADay(t *testing.T) {
	inBubble(t, "two days and a half", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":{"series":[]}}`)))
		span := exporter.Span{From: noon.Add(-60 * time.Hour), To: noon}
		var offset int64
		for n := 1; ; n++ {
			page, err := w.Page(t.Context(), exporter.Night, span, offset)
			if err != nil {
				t.Fatal(err)
			}
			if page.More != (n < 3) {
				t.Fatalf("page %d says that there are more: %v", n, page.More)
			}
			if offset = page.Next; !page.More {
				break
			}
		}
		if got, want := w.cloud.params("startdate"), []string{"1783886500", "1783972900", "1784059300"}; !slices.Equal(got, want) {
			t.Errorf("asked from %q, want %q", got, want)
		}
		if got, want := w.cloud.params("enddate"), []string{"1783972900", "1784059300", "1784102500"}; !slices.Equal(got, want) {
			t.Errorf("asked to %q, want %q", got, want)
		}
	})
}

func TestAWindowThatCannotBeReadIsAnError(t *testing.T) {
	for name, answer := range map[string]string{
		"a list of intraday samples":  `{"status":0,"body":{"series":[{"heart_rate":60}]}}`,
		"most samples are no objects": `{"status":0,"body":{"series":{"1784098921":{"heart_rate":60},"1784098922":5,"1784098923":null}}}`,
		"status 503":                  `{"status":503,"body":{},"error":"Invalid Params"}`,
		"no body":                     `{"status":0}`,
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWorld(func(int, asked) (*http.Response, error) { return says(answer)() })
			if _, _, err := w.fetch(exporter.Intraday, exporter.Progress{}); err == nil {
				t.Error("it counts as read")
			}
		})
	}
}

// answered is an answer with a series.
func answered(t *testing.T, series any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"status": 0, "body": map[string]any{"series": series}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnAnswerHasASampleASecondAtMost(t *testing.T) {
	samples := map[string]any{}
	for i := range mostSamples + 500 {
		samples[fmt.Sprint(noon.Unix()-int64(i))] = map[string]any{"heart_rate": 60}
	}
	// Two devices have a state for every minute, again and again.
	var segments []any
	for i := range 100 {
		segments = append(segments, map[string]any{"startdate": noon.Unix() - 48*3600, "enddate": noon.Unix(), "state": 1, "hash_deviceid": fmt.Sprint("d", i)})
	}
	for service, series := range map[exporter.Service]any{exporter.Intraday: samples, exporter.Night: segments} {
		h, err := hear(service, answered(t, series), false)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.batch.Records) != mostSamples || h.skipped[ReasonTooMany] < 500 {
			t.Errorf("%s: %d records, skipped %v, want %d at most", service, len(h.batch.Records), h.skipped, mostSamples)
		}
	}
}

func TestADeviceIsNamedAsItIsSentOrByItsNumber(t *testing.T) {
	for _, c := range []struct{ row, want string }{
		{`"model":"ScanWatch 2","model_id":94`, `model="ScanWatch 2"`},
		{`"model":" ScanWatch 2 "`, `model="ScanWatch 2"`},
		{`"model":"Aura Sensor V2","model_id":63`, `model="Sleep Analyzer"`},
		{`"model":"Aura Sensor V2"`, `model="Sleep Analyzer"`},
		{`"model":"Aura Sensor","model_id":61`, `model="Aura Sensor"`},
		{`"model":"","model_id":63`, `model="Sleep Analyzer"`},
		{`"model":null,"model_id":"94"`, `model="ScanWatch 2"`},
		{`"model":16,"model_id":93`, `model="ScanWatch"`},
		{`"model":16`, ``},
		{`"model_id":4711`, ``},
		{`"model":false,"model_id":-1`, ``},
		{`"model":{}`, ``},
	} {
		h, err := hear(exporter.Intraday, []byte(`{"status":0,"body":{"series":{"1784098921":{"heart_rate":68,`+c.row+`}}}}`), false)
		if want := "activity_intraday_heart_rate_beats_per_minute{" + c.want + "} 68"; err != nil || !slices.Equal(h.values(), []string{want}) {
			t.Errorf("%s: got %q, %v, want %q", c.row, h.values(), err, want)
		}
	}
}

func TestTwoDevicesOfOneMomentAreTwoRecords(t *testing.T) {
	h, err := hear(exporter.Night, answered(t, []any{
		map[string]any{"startdate": 1784070000, "enddate": 1784070060, "state": 1, "model": "Aura Sensor V2", "hash_deviceid": "a", "hr": map[string]int{"1784070000": 60}},
		map[string]any{"startdate": 1784070000, "enddate": 1784070060, "state": 2, "model": "ScanWatch 2", "hash_deviceid": "b", "hr": map[string]int{"1784070000": 62}},
		map[string]any{"startdate": 1784070000, "enddate": 1784070060, "state": 3, "model": "ScanWatch 2", "hash_deviceid": "b"}, // the later one counts
	}), false)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`sleep_minute_state{model="Sleep Analyzer"} 1`, `sleep_minute_heart_rate_beats_per_minute{model="Sleep Analyzer"} 60`,
		`sleep_minute_state{model="ScanWatch 2"} 3`, `sleep_minute_heart_rate_beats_per_minute{model="ScanWatch 2"} 62`,
	}
	if got := h.values(); !slices.Equal(got, want) || len(h.batch.Records) != 2 {
		t.Errorf("%d records: %q, want %q", len(h.batch.Records), got, want)
	}
}
