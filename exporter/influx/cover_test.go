package influx

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

// TestWhatIsSafeIsRecordedInOneStep: a long history has thousands of loads, and each
// change of the ledger waits for the disk.
func TestWhatIsSafeIsRecordedInOneStep(t *testing.T) {
	k := newDesk(t, "v1")
	if err := k.Advance(exporter.Measure, func(p *exporter.Progress) { p.Updated = day(19) }); err != nil {
		t.Fatal(err)
	}
	span := exporter.Span{From: day(-200), To: day(-100)}
	cover := func(records ...exporter.Record) error {
		return k.Cover(t.Context(), asSafe(exporter.Measure, span),
			func(service exporter.Service, is *exporter.Progress) {
				if service != exporter.Measure {
					t.Errorf("%s is moved", service)
				}
				is.Updated = day(18)
			}, batch(records...))
	}
	file := func() string {
		data, err := os.ReadFile(k.file())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := file()
	k.db.Set(rude.Status(http.StatusServiceUnavailable))
	if err := cover(weighIn("1", day(-150), 70_000)); err == nil {
		t.Error("nothing was acknowledged, and that is no error")
	}
	if file() != before {
		t.Error("the ledger has changed although nothing was acknowledged")
	}
	k.db.Set(rude.Influx1)
	k.ready()
	if err := cover(weighIn("1", day(-150), 70_000)); err != nil {
		t.Fatal(err)
	}
	k.open()
	missing := k.Missing(exporter.Measure, span)
	if at := k.Progress(exporter.Measure).Updated; len(missing) > 0 || !at.Equal(day(18)) {
		t.Errorf("missing is %v, and the cursor is at %s", missing, at)
	}
	if strings.Contains(file(), `"written"`) {
		t.Errorf("an old record is remembered: %s", file())
	}
}

// asSafe is what is recorded as safe when it is one span of a service.
func asSafe(service exporter.Service, span exporter.Span) map[exporter.Service]exporter.Spans {
	return map[exporter.Service]exporter.Spans{service: {span}}
}
