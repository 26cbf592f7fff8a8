package prom

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// decoded reads a text as a scraper does.
func decoded(t *testing.T, format expfmt.Format, all []heading) map[string]*dto.MetricFamily {
	t.Helper()
	var text bytes.Buffer
	for _, h := range all {
		text.Write(h.text)
	}
	decoder := expfmt.NewDecoder(&text, format)
	families := map[string]*dto.MetricFamily{}
	for {
		var f dto.MetricFamily
		if err := decoder.Decode(&f); err == io.EOF {
			return families
		} else if err != nil {
			t.Fatal(err)
		}
		families[f.GetName()] = &f
	}
}

// shape is everything of a text but the numbers.
func shape(all []heading) (lines []string) {
	for _, h := range all {
		for line := range strings.Lines(string(h.text)) {
			if !strings.HasPrefix(line, "#") {
				line = line[:strings.LastIndexByte(line, ' ')]
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func TestWhatIsReadDirectlyIsWhatTheCollectorsTell(t *testing.T) {
	now := moment
	p := NewProcess(func() time.Time { return now })
	for _, open := range []bool{false, true} {
		now = now.Add(time.Hour)
		p.rows = nil
		collected := p.headings(open)
		before := decoded(t, bothFormats[0], p.headings(false))
		if p.rows == nil {
			t.Fatal("the collectors have a family that is not known: add it to readers")
		}
		runtime.GC()
		now = now.Add(time.Hour)
		direct := p.headings(open)
		if got, want := shape(direct), shape(collected); !slices.Equal(got, want) {
			t.Errorf("with OpenMetrics %v what is read directly is\n%q\nand what the collectors have\n%q", open, got, want)
		}
		compareVitals(t, before, decoded(t, bothFormats[0], p.headings(false)), p)
	}
}

// compareVitals compares what is read directly with what the collectors told before and tell after it.
func compareVitals(t *testing.T, before, direct map[string]*dto.MetricFamily, p *Process) {
	t.Helper()
	for _, after := range p.families() {
		name := after.GetName()
		number := func(f *dto.MetricFamily) float64 {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue() + m.GetSummary().GetSampleSum()
		}
		was, got, is := number(before[name]), number(direct[name]), number(after)
		low, high := min(was, is), max(was, is)
		if after.GetType() == dto.MetricType_GAUGE && !strings.Contains(name, "max") && !strings.Contains(name, "start") {
			low, high = low/8, high*8 // it goes up and down
		}
		if got < low || got > high {
			t.Errorf("%s is %v, which the collectors say is %v before and %v after", name, got, was, is)
		}
	}
}

func TestTheProcessIsReadEveryFewSeconds(t *testing.T) {
	now := moment
	p := NewProcess(func() time.Time { return now })
	first := &p.headings(false)[0]
	for _, c := range []struct {
		after time.Duration
		again bool
	}{{0, false}, {processRest - 1, false}, {1, true}, {time.Second, false}, {-2 * time.Second, true}} {
		now = now.Add(c.after)
		if again := &p.headings(false)[0] != first; again != c.again {
			t.Errorf("at %v it is read again: %v, want %v", now.Sub(moment), again, c.again)
		}
		first = &p.headings(false)[0]
	}
}

func TestTheCollectorsAreAskedWhenTheSystemDoesNotTell(t *testing.T) {
	now := moment
	p := NewProcess(func() time.Time { return now })
	want := shape(p.headings(true))
	p.kernel = kernel{stat: &reading{}, traffic: &reading{}}
	now = now.Add(time.Minute)
	if got := shape(p.headings(true)); !slices.Equal(got, want) {
		t.Errorf("without files of the system it is %q, want %q", got, want)
	}
	if p = nil; p.headings(true) != nil || p.families() != nil {
		t.Error("there is something of a process that is not to be shown")
	}
}

func TestFilesOfTheSystemAreReadAsTheyAre(t *testing.T) {
	const stat = `4711 (a (b) c) S 1 4711 4711 0 -1 4194560 1209 0 1 0 250 130 0 0 20 0 9 0 5124871 1264930816 3211 18446744073709551615 1 1 0 0 0 0 0 0 2143420159 0 0 0 17 1 0 0 0 0 0`
	const traffic = "TcpExt: SyncookiesSent OutOctets\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets InMcastOctets\nIpExt: 3 123456 789 5\nMPTcpExt: InOctets\nMPTcpExt: 6\n"
	var k told
	if !k.readStat([]byte(stat)) || !k.readTraffic([]byte(traffic)) {
		t.Fatal("a file is not read")
	}
	if k.cpu != 3.8 || k.virtual != 1264930816 || k.resident != float64(3211*os.Getpagesize()) || k.received != 123456 || k.sent != 789 {
		t.Errorf("they tell %+v", k)
	}
	for n := range len(stat) - 120 {
		k.readStat([]byte(stat[:n]))
	}
	if k.readStat([]byte(stat[:60])) || k.readStat(nil) || k.readTraffic(nil) || k.readTraffic([]byte(traffic[:40])) {
		t.Error("a file that is cut off is said to be read")
	}
}

func FuzzFilesOfTheSystem(f *testing.F) {
	f.Add([]byte("1 (x) S 1 1 1"), []byte("\nIpExt: InOctets OutOctets\nIpExt: 1 2\n"))
	f.Fuzz(func(_ *testing.T, stat, traffic []byte) {
		var k told
		k.readStat(stat)
		k.readTraffic(traffic)
	})
}
