package heart

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
)

// instead answers some of the requests for a person's recordings in place of Withings.
type instead struct {
	next    http.RoundTripper
	answers map[string]string // by path and action
	asked   *[]string         // the forms of those requests
}

func (i instead) RoundTrip(q *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	q.Body = io.NopCloser(strings.NewReader(string(form)))
	action, _, _ := strings.Cut(strings.SplitAfter(string(form), "action=")[1], "&")
	answer, mine := i.answers[q.URL.Path+" "+action]
	if !mine {
		return i.next.RoundTrip(q)
	}
	*i.asked = append(*i.asked, string(form))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: q}, nil
}

// answers puts answers in place of Withings' own, and is what was asked for them.
func answers(w *stage.World, by map[string]string) *[]string {
	asked := &[]string{}
	w.Settings.HTTP = &http.Client{Transport: instead{w.Settings.HTTP.Transport, by, asked}}
	return asked
}

func TestWhatTheListLeavesOpenIsFilledInOrLeftEmpty(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		m, err := one(w.Set, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		mat := ""
		for _, s := range m.State.Snapshot(w.Sim.Now()).Samples {
			if labels := s.Labels.Values(); s.Metric == exporter.ByName("device_info") && labels[1] == "Sleep Monitor" {
				mat = labels[0]
			}
		}
		answers(w, map[string]string{
			"/v2/heart list": `{"status":0,"body":{"series":[
				{"deviceid":"gone","model":71,"ecg":{"signalid":11,"afib":7},"heart_rate":61,"timestamp":1784011200},
				{"deviceid":"gone","model":4711,"ecg":{"signalid":12},"bloodpressure":{"systole":120},"timestamp":1784011100,"timezone":"Asia/Tokyo"}]}}`,
			"/v2/stetho list": fmt.Sprintf(`{"status":0,"body":{"series":[{"hash_deviceid":%q,"signalid":13,"timestamp":1784011000},
				{"hash_deviceid":"gone","signalid":14,"vhd":2,"timestamp":1784010900}]}}`, mat),
		})
		out, _, err := show(w, Options{Profile: "Anna"})
		want := `When Device Result bpm mmHg Signal
2026-07-14 08:40 CEST BeamO code 7 61 11
2026-07-14 15:38 JST - none 12
2026-07-14 08:36 CEST Sleep Analyzer sound 13
2026-07-14 08:35 CEST - sound (code 2) 14
`
		if got := regexp.MustCompile(" +").ReplaceAllString(out, " "); err != nil || got != want {
			t.Errorf("%v, listed is\n%s\nwant\n%s", err, got, want)
		}
	})
}

func TestADayBeginsWhereThePersonIs(t *testing.T) {
	const none = `{"status":0,"body":{"series":[]}}`
	for since, want := range map[string]string{
		"2026-07-14":                "startdate=1783980000", // midnight in Vienna, 22:00 UTC
		"2026-07-14T06:00:00-04:00": "startdate=1784023200",
		"":                          "startdate=1&",
	} {
		t.Run(since, func(t *testing.T) {
			stage.InWorld(t, func(w *stage.World) {
				asked := answers(w, map[string]string{"/v2/heart list": none, "/v2/stetho list": none})
				out, talk, err := show(w, Options{Profile: "Anna", Since: since})
				if err != nil || out != "" || !strings.HasPrefix(talk, "Withings has no recordings of Anna") || !strings.Contains(talk, since) {
					t.Errorf("%v, %q, %q", err, out, talk)
				}
				if len(*asked) != 2 || !strings.Contains((*asked)[0]+"&", want) || !strings.Contains((*asked)[1]+"&", want) {
					t.Errorf("asked %q, want %s in both lists", *asked, want)
				}
			})
		})
	}
}

func TestARecordingThatIsInNoListIsAskedForByItsNumber(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		answers(w, map[string]string{
			"/v2/heart list": `{"status":0,"body":{"series":[]}}`, "/v2/stetho list": `{"status":0,"body":{"series":[]}}`,
			"/v2/heart get":  `{"status":0,"body":{"signal":[` + strings.Repeat("5,", 299) + `5],"sampling_frequency":300,"model":91}}`,
			"/v2/stetho get": `{"status":0,"body":{"signal":[213,85],"frequency":4000}}`,
		})
		path := filepath.Join(w.T.TempDir(), "ecg.SVG")
		if _, talk, err := show(w, Options{Profile: "Anna", Signal: 77, Out: path}); err != nil || talk != "1 second of recording 77 were written to "+path+".\n" {
			t.Errorf("%v, %q", err, talk)
		}
		drawn, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(drawn), ">Move ECG</text>") || !strings.Contains(string(drawn), ">recording 77 · 300 samples per second</text>") {
			t.Errorf("%v, drawn is %.900s", err, drawn)
		}
		sound := filepath.Join(filepath.Dir(path), "a.wav")
		if _, _, err := show(w, Options{Profile: "Anna", Signal: 78, Out: sound}); err != nil {
			t.Error(err)
		}
		if got, err := os.ReadFile(sound); err != nil || !strings.HasSuffix(string(got), "\xd5\x55") {
			t.Errorf("%v, the sound is %q", err, got)
		}
		if out, _, err := show(w, Options{Profile: "Anna", Signal: 77, Out: "-"}); err != nil || !strings.HasPrefix(out, "seconds,microvolts\n0.000000,5\n0.003333,5\n") {
			t.Errorf("%v, standard output gets %.60q", err, out)
		}
	})
}
