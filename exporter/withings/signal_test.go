package withings

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

func TestAnECGIsFetchedByTheNumberOfItsSignal(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":{"signal":[-14,-9,3,22,61,140,96,11,-30,-18],"sampling_frequency":300,"wearposition":1,"model":94,"heart_rate":64}}`)))
		got, err := w.ECG(t.Context(), 90417723)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Microvolts, []int64{-14, -9, 3, 22, 61, 140, 96, 11, -30, -18}) || got.Frequency != 300 ||
			got.Model != "ScanWatch 2" || got.Position != "left wrist" {
			t.Errorf("got %+v", got)
		}
		q := w.cloud.asked[0]
		if q.path != "https://api.example.net/v2/heart" || q.form.Encode() != "action=get&signalid=90417723" || q.token != secret {
			t.Errorf("asked %s %s", q.path, q.form.Encode())
		}
		if w.tally.requests["heart 0"] != 1 {
			t.Errorf("counted %v", w.tally.requests)
		}
	})
}

func TestASoundIsFetchedByTheNumberOfItsSignal(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		w := newWorld(script(says(`{"status":0,"body":{"signal":[213,212,85,84,211,90],"frequency":4000,"duration":20,"format":0,"size":80000,"resolution":8,"channel":1,"model":44,"position":19,"vhd":0}}`)))
		got, err := w.Sound(t.Context(), 90398111)
		if err != nil || string(got.Samples) != "\xd5\xd4\x55\x54\xd3\x5a" || got.Frequency != 4000 {
			t.Errorf("got %+v, %v", got, err)
		}
		if q := w.cloud.asked[0]; q.path != "https://api.example.net/v2/stetho" || q.form.Encode() != "action=get&signalid=90398111" {
			t.Errorf("asked %s %s", q.path, q.form.Encode())
		}
	})
}

func TestASignalThatCannotBeReadSaysWhatIsWrong(t *testing.T) {
	body := func(fields string) string { return `{"status":0,"body":{` + fields + `}}` }
	const rate = `"sampling_frequency":300`
	for _, c := range []struct {
		name, answer, want string
	}{
		{"no samples", body(`"signal":[],` + rate), "recording 7: it has no samples"},
		{"no list", body(rate), "it has no list of samples"},
		{"null", body(`"signal":null,` + rate), "it has no list of samples"},
		{"an object", body(`"signal":{"0":1},` + rate), "it has no list of samples"},
		{"fractions", body(`"signal":[1,0.014],` + rate), "sample 2 is not a whole number"},
		{"texts", body(`"signal":["1","2"],` + rate), "sample 1 is not a whole number"},
		{"numbers without end", body(`"signal":[1` + strings.Repeat(`0`, 30) + `],` + rate), "sample 1 is not a whole number"},
		{"one of null", body(`"signal":[1,2,null],` + rate), "sample 3 is not a whole number"},
		{"ten million", body(`"signal":[0` + strings.Repeat(",1", 10_000_000) + `],` + rate), "larger than 2 MiB"},
		{"more than can be written", body(`"signal":[0` + strings.Repeat(",1", ecg.MostSamples) + `],` + rate), "it has 200001 samples, more than 200000"},
		{"no frequency", body(`"signal":[1]`), "no sampling frequency that can be right"},
		{"a frequency of 0", body(`"signal":[1],"sampling_frequency":0`), "no sampling frequency that can be right"},
		{"a frequency below 0", body(`"signal":[1],"sampling_frequency":-300`), "no sampling frequency that can be right"},
		{"a frequency of thousands of millions", body(`"signal":[1],"sampling_frequency":9000000000`), "no sampling frequency that can be right"},
		{"PHP's empty body", `{"status":0,"body":[]}`, "no sampling frequency that can be right"},
		{"no body", `{"status":0}`, "no sampling frequency that can be right"},
		{"a web page", `<html><h1>Bad gateway</h1></html>`, "the answer is not JSON from Withings (it is a web page)"},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(script(says(c.answer)))
			got, err := w.ECG(t.Context(), 7)
			if err == nil || !strings.Contains(err.Error(), c.want) || got.Microvolts != nil {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	for _, c := range []struct {
		name, fields, want string
	}{
		{"a sample that is no byte", `"signal":[1,256],"frequency":4000`, "sample 2 is 256 instead of a byte"},
		{"a sample below 0", `"signal":[-1],"frequency":4000`, "sample 1 is -1 instead of a byte"},
		{"16 bits", `"signal":[1],"frequency":4000,"resolution":16`, "16 bits"},
		{"two channels", `"signal":[1],"frequency":4000,"channel":2`, "2 channels"},
		{"no frequency", `"signal":[1]`, "no sampling frequency"},
		{"no samples", `"signal":[],"frequency":4000`, "no samples"},
	} {
		inBubble(t, "a sound: "+c.name, func(t *testing.T) {
			w := newWorld(script(says(body(c.fields))))
			if got, err := w.Sound(t.Context(), 7); err == nil || !strings.Contains(err.Error(), c.want) || got.Samples != nil {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestASignalOfAnotherPersonIsExplained(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		w := newWorld(script(says(`{"status":503,"body":{},"error":"Invalid Params: invalid signalid"}`)))
		_, err := w.ECG(t.Context(), 90417723)
		if !errors.Is(err, ErrNoSignal) || !strings.Contains(err.Error(), `recording 90417723 of profile "Anna" does not exist at Withings`) {
			t.Errorf("%v", err)
		}
		if got, want := hint.Of(err), "to list them, run: withings-exporter heart Anna"; got != want {
			t.Errorf("the advice is %q, want %q", got, want)
		}
		if w.cloud.count() != 1 {
			t.Errorf("asked %d times", w.cloud.count())
		}
	})
}

func TestRecordingsAreListedWithDeviceAndZone(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		w := newWorld(func(n int, _ asked) (*http.Response, error) {
			return says(fmt.Sprintf(`{"status":0,"body":{"series":[{"deviceid":"d%d","model":94,"ecg":{"signalid":%[1]d,"afib":0},"timestamp":%d,"timezone":"America/New_York"}],"more":%t,"offset":%d}}`,
				n+1, noon.Unix()-int64(n)*3600, n == 0, n+1))()
		})
		var got []Recording
		err := w.Recordings(t.Context(), exporter.Heart, exporter.Span{From: noon.AddDate(-1, 0, 0), To: noon}, func(r Recording) { got = append(got, r) })
		if err != nil || len(got) != 2 {
			t.Fatalf("%v, %+v", err, got)
		}
		last := got[1]
		if last.Device != "d2" || last.Model != "ScanWatch 2" || last.Zone.String() != "America/New_York" || !last.Start.Equal(noon.Add(-time.Hour)) || len(last.Readings) != 3 {
			t.Errorf("the second is %+v", last)
		}
	})
}

// FuzzSignal reads whole answers as a curve and as a sound.
func FuzzSignal(f *testing.F) {
	for _, body := range []string{
		`{"signal":[-14,-9,3],"sampling_frequency":300,"wearposition":1,"model":94,"heart_rate":64}`,
		`{"signal":[213,212,85],"frequency":4000,"duration":20,"format":0,"size":80000,"resolution":8,"channel":1,"model":44,"position":19}`,
		`{"signal":["1",2.5,null,[],{}],"sampling_frequency":"300","frequency":0}`, `[]`, `{"signal":{}}`,
	} {
		f.Add([]byte(`{"status":0,"body":` + body + `}`))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		_ = envelope.Open("get", http.StatusOK, answer, func(body *fastjson.Value) {
			got, err := readECG(body)
			if n := len(got.Microvolts); (err == nil) != (n > 0) || n > ecg.MostSamples || err == nil && (got.Frequency < 1 || got.Frequency > ecg.MostFrequency) {
				t.Errorf("%d samples at %d Hz, %v", n, got.Frequency, err)
			}
			if err == nil && got.Check() == nil {
				if _, err := ecg.CSV(got.Curve); err != nil {
					t.Error(err)
				}
			}
			sound, err := readSound(body)
			if (err == nil) != (len(sound.Samples) > 0) {
				t.Errorf("%d bytes, %v", len(sound.Samples), err)
			}
			if _, unwritten := ecg.WAV(sound); err == nil && unwritten != nil {
				t.Error(unwritten)
			}
		})
	})
}
