package rude

import (
	"maps"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

func TestLinesAreReadAsTheyAreWritten(t *testing.T) {
	at := time.Unix(1_700_000_000, 0).UTC()
	for _, c := range []struct {
		name, text, precision string
		measurement, tags     string
		fields                string
	}{
		{"plain", `m,a=b f=1 1700000000`, "s", "m", "a=b", "f=1"},
		{"several fields", `m f=1,g=2.5e3,h=3i 1700000000000`, "ms", "m", "", "f=1 g=2.5e3 h=3i"},
		{"escapes", `a\ b\,c,x\ y=Anna\,\ Mum\=X f\ g=1 1700000000000000000`, "ns", "a b,c", "x y=Anna, Mum=X", "f g=1"},
		{"texts", `m f="a b, c=d \" e",g=true 1700000000`, "s", "m", "", `f="a b, c=d \" e" g=true`},
		{"no precision", `m f=1 1700000000000000000`, "", "m", "", "f=1"},
		{"carriage returns, comments and empty lines", "# m f=1\n\nm f=1 1700000000\r\n\n", "s", "m", "", "f=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := ParseLines(c.text, c.precision)
			if err != nil || len(lines) != 1 {
				t.Fatalf("read are %v, %v", lines, err)
			}
			l := lines[0]
			var tags, fields []string
			for name, value := range maps.All(l.Tags) {
				tags = append(tags, name+"="+value)
			}
			for _, f := range l.Fields {
				fields = append(fields, f.Name+"="+f.Text)
			}
			if l.Measurement != c.measurement || strings.Join(tags, " ") != c.tags || strings.Join(fields, " ") != c.fields || !l.Time.Equal(at) {
				t.Errorf("read is %+v", l)
			}
		})
	}
}

func TestAnInvalidLineIsRejectedAndQuoted(t *testing.T) {
	for _, text := range []string{"m", "m f", "m f= 1", "m f=abc 1", "m f=1 soon", "m,a f=1", "m,a= f=1", "m f=1 1 1", `m f="a 1`} {
		if _, err := ParseLines("good v=1 1\n"+text, "s"); err == nil || !strings.Contains(err.Error(), "unable to parse '"+text+"'") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ParseLines("m f=1", "weeks"); err == nil {
		t.Error("a precision of weeks is taken")
	}
}

// TestWhatIsWrittenByTheTallyIsReadBack checks that both test kits agree.
func TestWhatIsWrittenByTheTallyIsReadBack(t *testing.T) {
	points := []tally.Point{point("m", "Anna, Mum = X", "f g", 1, 7), point("a b", "ü", "f", 2, -7)}
	var text strings.Builder
	if err := tally.WriteLines(&text, points); err != nil {
		t.Fatal(err)
	}
	p := Server(t, Influx1)
	post(t, p, "/api/v2/write", text.String()).want(t, 204, "")
	sums(t, p, points...)
	for key, total := range p.Sums() {
		if total.Count != 1 {
			t.Errorf("%s has %d values", key, total.Count)
		}
	}
}
