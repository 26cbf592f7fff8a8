package queries

import (
	"testing"
	"time"

	_ "withings-exporter/exporter/testrun" // the flag -update, which go test gives all packages that it is run for
)

// vienna is a quarter past ten on a summer morning.
var vienna = time.Date(2026, 8, 20, 10, 15, 30, 0, time.FixedZone("CEST", 7200))

// board is one with a panel.
func board(from, query string) map[string]any {
	return map[string]any{
		"time": map[string]any{"from": from, "to": "now"},
		"templating": map[string]any{"list": []any{
			map[string]any{"name": "midnight", "type": "query", "current": map[string]any{"value": "0"}},
			map[string]any{"name": "goal", "type": "custom", "current": map[string]any{"value": "3"}},
		}},
		"panels": []any{map[string]any{"title": "P", "interval": "1d", "maxDataPoints": 5000.0,
			"targets": []any{map[string]any{"refId": "A", "expr": query}}}},
	}
}

// only is the one query of a board.
func only(t *testing.T, b map[string]any) Query {
	t.Helper()
	panels, err := Panels("b", b, View{Person: "Anna (Mum)", Now: vienna, Variables: map[string]string{"midnight": "79200"}})
	if err != nil {
		t.Fatal(err)
	}
	return panels[0].Queries[0]
}

func TestVariablesAreFilledInAsGrafanaDoes(t *testing.T) {
	for query, want := range map[string]string{
		`{profile=~"$profile"}`:                            `{profile=~"Anna \\(Mum\\)"}`,
		`/^${profile:regex}$/`:                             `/^Anna \(Mum\)$/`,
		`/^${has_weight_grams:regex}$/`:                    `/^Anna \(Mum\)$/`,
		`[1d] offset -1d${midnight}s`:                      `[1d] offset -1d79200s`,
		`$goal months`:                                     `3 months`,
		`[$__range]`:                                       `[172800s]`,
		`offset ${__range_ms}ms`:                           `offset 172800000ms`,
		`$__interval`:                                      `1d`,
		`${__to:date:H} ${__to:date:m} ${__to:date}`:       `10 15 2026-08-20T08:15:30.000Z`,
		`'${__to:date:YYYY-MM-DD}T00:00:00${__to:date:Z}'`: `'2026-08-20T00:00:00+02:00'`,
		`$__to ${__from:date:seconds}`:                     `1787213730000 1787040930`,
		`$timeFilter`:                                      `time >= 1787040930000ms and time <= 1787213730000ms`,
		`$unknown ${unknown:date}`:                         `$unknown ${unknown:date}`,
	} {
		if got := only(t, board("now-2d", query)).Text; got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
}

func TestStepsBeginWithTheDayOfTheBrowser(t *testing.T) {
	first, last := only(t, board("now-2d", "x")).Aligned()
	if got, want := first.Format(time.RFC3339)+" "+last.Format(time.RFC3339), "2026-08-18T00:00:00+02:00 2026-08-20T00:00:00+02:00"; got != want {
		t.Errorf("steps are from %s, want %s", got, want)
	}
}

func TestStepsAreAsLongAsGrafanaMakesThem(t *testing.T) {
	for _, c := range []struct {
		interval string
		points   any
		shown    time.Duration
		want     time.Duration
	}{
		{"1d", 5000.0, 365 * day, day},
		{"", nil, day, time.Minute}, // of 86.4 s
		{"5m", nil, day, 5 * time.Minute},
		{"", nil, time.Minute, 15 * time.Second},
		{"1d", 1000.0, 5 * 365 * day, day},
		{"", 10.0, 365 * day, 30 * day},
	} {
		if got := step(c.interval, c.points, c.shown); got != c.want {
			t.Errorf("the step of %v with interval %q and %v points is %v, want %v", c.shown, c.interval, c.points, got, c.want)
		}
	}
}

func TestTimesAreWrittenAndReadAsMomentDoes(t *testing.T) {
	for format, want := range map[string]string{
		"YYYY-MM-DD HH:mm:ss Z":                 "2026-08-20 10:15:30 +02:00",
		`[{"column":"]MM[","row":"]gggg-ww["}]`: `{"column":"08","row":"2026-34"}`,
		"D MMM YYYY, E":                         "20 Aug 2026, 4",
	} {
		if got := Written(vienna, format); got != want {
			t.Errorf("%s is %s, want %s", format, got, want)
		}
	}
	for _, c := range [][3]string{
		{"2026-03-09", "YYYY-MM-DD", "2026-03-09T00:00:00"}, {"2026-34", "gggg-ww", "2026-08-17T00:00:00"},
		{"2026-34 6", "gggg-ww e", "2026-08-23T00:00:00"}, {"03-09", "MM-DD", "2026-03-09T00:00:00"},
		{"1970-01-01T12:40:00Z", time.RFC3339, "1970-01-01T12:40:00"},
	} {
		got, err := Read(c[0], c[1], vienna)
		if err != nil || got.Format("2006-01-02T15:04:05") != c[2] {
			t.Errorf("%s, which is %s, is read as %v, %v, want %s", c[0], c[1], got, err, c[2])
		}
	}
}

func TestAVariableTakesWhatItsPatternFinds(t *testing.T) {
	v := Variable{Name: "midnight", Regex: `/^(?:\{\} )?([0-9]+)/`}
	for answer, want := range map[string]string{"{} 79200 1790000000000": "79200", "79200": "79200"} {
		if got, err := v.Taken(answer); err != nil || got != want {
			t.Errorf("of %q it takes %q, %v, want %q", answer, got, err, want)
		}
	}
	if got, err := v.Taken("nothing"); err == nil {
		t.Errorf("of nothing it takes %q", got)
	}
}
