package heart

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }

// show runs the command for a person and is what it printed.
func show(w *stage.World, o Options) (out, talk string, err error) {
	var to, about bytes.Buffer
	err = Show(w.T.Context(), w.Settings, o, &to, &about)
	return to.String(), about.String(), err
}

// latest is the newest ECG of Anna that did not fail, as the simulator has it.
func latest(w *stage.World) simulator.Heart {
	all := w.Sim.Hearts(w.ID("Anna"), time.Unix(1, 0), w.Sim.Now())
	for _, h := range slices.Backward(all) {
		if h.SignalID != 0 && h.StethoID == 0 {
			return h
		}
	}
	w.T.Fatal("Anna has no ECG")
	return simulator.Heart{}
}

func TestEveryRecordingIsListedAsTheSimulatorHasIt(t *testing.T) {
	for name, switches := range map[string]simulator.Switches{
		"newest first":             {},
		"shuffled, on small pages": {Order: simulator.Shuffled, Pages: simulator.Pages{Heart: 7}},
	} {
		t.Run(name, func(t *testing.T) {
			stage.InWorldPolled(t, time.Hour, switches, func(w *stage.World) {
				out, talk, err := show(w, Options{Profile: "Anna", All: true})
				if err != nil || strings.Contains(talk, "newest") {
					t.Fatalf("%v\n%s", err, talk)
				}
				vienna, err := time.LoadLocation("Europe/Vienna")
				if err != nil {
					t.Fatal(err)
				}
				results := []string{"negative", "positive", "inconclusive"} // section 6.1
				want := []string{"When Device Result bpm mmHg Signal"}
				for _, h := range slices.Backward(w.Sim.Hearts(w.ID("Anna"), time.Unix(1, 0), w.Sim.Now())) {
					line := time.Unix(h.Timestamp, 0).In(vienna).Format("2006-01-02 15:04 MST ")
					device := "ScanWatch 2 "
					if h.StethoID != 0 {
						device = "BPM Core "
					}
					switch {
					case h.SignalID == 0:
						want = append(want, line+device+"failed -")
					case h.StethoID == 0:
						want = append(want, fmt.Sprint(line, device, results[h.AFib], " ", h.Rate, " ", h.SignalID))
					default:
						want = append(want, fmt.Sprintf("%s%s%s %d %d/%d %d", line, device, results[h.AFib], h.Rate, h.Systole, h.Diastole, h.SignalID),
							fmt.Sprint(line, device, "sound (code 0) ", h.StethoID))
					}
				}
				got := strings.Split(strings.TrimSpace(regexp.MustCompile(" +").ReplaceAllString(out, " ")), "\n")
				if !slices.Equal(got, want) {
					t.Errorf("listed are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		})
	}
}

func TestARudeAnswerLeavesNoFileAndIsAPlainMessage(t *testing.T) {
	signal := func(text string) simulator.Fault {
		return simulator.Fault{Action: "heart.get", Kind: simulator.FaultValue, Keys: []string{"signal"}, Text: text}
	}
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		want  string
	}{
		{"an empty signal", signal(`[]`), "it has no samples; try again later"},
		{"fractions", signal(`[0.014,0.009]`), "sample 1 is not a whole number"},
		{"texts", signal(`["-14","-9"]`), "sample 1 is not a whole number"},
		{"ten million numbers", signal(`[0` + strings.Repeat(",1", 10_000_000) + `]`), "the answer is larger than 2 MiB"},
		{"a frequency of 0", simulator.Fault{Action: "heart.get", Kind: simulator.FaultValue, Keys: []string{"sampling_frequency"}, Text: "0"}, "no sampling frequency that can be right"},
		{"a frequency of 1", simulator.Fault{Action: "heart.get", Kind: simulator.FaultValue, Keys: []string{"sampling_frequency"}, Text: "1"}, "1 samples a second; from 50 to 5000"},
		{"a web page", simulator.Fault{Action: "heart.get", Kind: simulator.FaultHTML}, "not JSON from Withings (it is a web page)"},
		{"a body that is a list", simulator.Fault{Action: "heart.get", Kind: simulator.FaultArrayBody}, "no sampling frequency"},
		{"half an answer", simulator.Fault{Action: "heart.get", Kind: simulator.FaultTruncated}, "not JSON from Withings"},
		{"a list that hangs", simulator.Fault{Action: "heart.list", Kind: simulator.FaultHang}, "no answer in time"},
		{"a list without rows that can be read", simulator.Fault{Action: "heart.list", Kind: simulator.FaultValue, Keys: []string{"timestamp"}, Text: "null"}, "rows without timestamp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorld(t, func(w *stage.World) {
				dir := w.T.TempDir()
				id := latest(w).SignalID
				w.Sim.Inject(c.fault)
				began := time.Now()
				out, _, err := show(w, Options{Profile: "Anna", Signal: id, Out: filepath.Join(dir, "ecg.svg")})
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || out != "" {
					t.Errorf("%v, want %q", err, c.want)
				}
				if errors.Is(err, command.ErrUsage) || errors.Is(err, command.ErrNeedsAuthorization) {
					t.Errorf("%v counts as a mistake of the person", err)
				}
				if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
					t.Errorf("left are %v, %v", left, err)
				}
				if took := time.Since(began); took > time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestAListOfSoundsThatFailsLeavesTheECGs(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Sim.Inject(simulator.Fault{Action: "stetho.list", Kind: simulator.FaultStatus, Status: 2554})
		out, talk, err := show(w, Options{Profile: "Anna"})
		if err != nil || !strings.Contains(out, "ScanWatch 2") || !strings.Contains(talk, "Recordings of a stethoscope are not listed: list: status 2554") {
			t.Errorf("%v\n%s\n%s", err, talk, out)
		}
	})
}

func TestWhoMustAuthoriseIsToldSo(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(w *stage.World)
		want  string
	}{
		{"the token is refused", func(w *stage.World) { w.Sim.Inject(simulator.Fault{Kind: simulator.FaultExpiredToken}) }, `profile "Anna": `},
		{"ECGs are not allowed", func(w *stage.World) { w.Allow("Anna", true, "user.info", "user.activity") }, "withings-exporter auth Anna"},
		{"and Withings has a status for that", func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{Action: "heart.list", Kind: simulator.FaultStatus, Status: 277})
		}, "access to this data is not allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				c.alter(w)
				if _, _, err := show(w, Options{Profile: "Anna"}); !errors.Is(err, command.ErrNeedsAuthorization) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q and that authorisation is needed", err, c.want)
				}
			})
		})
	}
}

func TestAFileThatAppearsMeanwhileStays(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		path := filepath.Join(w.T.TempDir(), "ecg.csv")
		v := &viewer{settings: w.Settings, options: Options{Signal: latest(w).SignalID, Out: path}, out: io.Discard, talk: io.Discard}
		if err := v.check(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if v.member, err = one(w.Set, "Anna"); err != nil {
			t.Fatal(err)
		}
		if err := v.write(w.T.Context()); !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), "exists and is left alone") {
			t.Errorf("%v, want that the file exists", err)
		}
		if is, err := os.ReadFile(path); err != nil || string(is) != "mine" {
			t.Errorf("the file is %q, %v", is, err)
		}
	})
}
