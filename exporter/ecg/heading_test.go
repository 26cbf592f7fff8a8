package ecg

import (
	"strings"
	"testing"
	"time"
)

func TestAResultIsAWordAlsoWhereTheCodeIsUnknown(t *testing.T) {
	for code, want := range map[int64][2]string{
		0: {"negative", "No atrial fibrillation found"}, 1: {"positive", "Atrial fibrillation found"}, 2: {"inconclusive", "Inconclusive"},
		3: {"code 3", "Result: code 3"}, -1: {"code -1", "Result: code -1"}, 1 << 40: {"code 1099511627776", "Result: code 1099511627776"},
	} {
		if got := [2]string{Result(code), Finding(code)}; got != want {
			t.Errorf("%d is %q, want %q", code, got, want)
		}
	}
}

func TestAHeadingTellsWhatIsKnown(t *testing.T) {
	curve := Curve{Frequency: 300}
	at := time.Date(2026, 7, 14, 19, 30, 5, 0, time.FixedZone("CEST", 7200))
	for _, c := range []struct {
		name  string
		facts Facts
		want  string
	}{
		{"everything", Facts{Person: "Anna", At: at, Device: "BPM Core", Position: "left arm", Finding: Finding(1), Rate: 88, Systolic: 121, Diastolic: 79, Signal: 42},
			"ECG of Anna|Tuesday 14 July 2026, 19:30:05 CEST · BPM Core, left arm|Atrial fibrillation found · 88 beats per minute · 121/79 mmHg · recording 42 · 300 samples per second"},
		{"a number alone", Facts{Person: "Anna", Signal: 42}, "ECG of Anna||recording 42 · 300 samples per second"},
		{"half a blood pressure is none", Facts{Person: "Anna", Device: "ScanWatch", Finding: Finding(7), Systolic: 121, Signal: 42},
			"ECG of Anna|ScanWatch|Result: code 7 · recording 42 · 300 samples per second"},
	} {
		h := c.facts.Heading(curve)
		if got := h.Title + "|" + strings.Join(h.Lines, "|"); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.want)
		}
	}
}
