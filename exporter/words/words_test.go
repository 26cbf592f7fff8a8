package words

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDurationsAreToldInTheLargestUnitThatFitsTwice(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		-time.Hour:               "under a second",
		0:                        "under a second",
		time.Second:              "1 second",
		119 * time.Second:        "119 seconds",
		2 * time.Minute:          "2 minutes",
		119 * time.Minute:        "119 minutes",
		2 * time.Hour:            "2 hours",
		48*time.Hour - 1:         "47 hours",
		2 * day:                  "2 days",
		60 * day:                 "60 days",
		70 * day:                 "2 months",
		729 * day:                "23 months",
		800 * day:                "2 years",
		time.Duration(1<<63 - 1): "292 years",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := Ago(9 * time.Second); got != "just now" {
		t.Errorf("nine seconds ago is %q", got)
	}
	if got, want := Ago(10*time.Second), "10 seconds ago"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestShortDurationsAreWrittenAsFlagsAre(t *testing.T) {
	for _, text := range []string{"0s", "10s", "5m", "1m30s", "1h", "10h0m5s", "2h30m"} {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Short(d); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func TestACommandToCopyIsNotBroken(t *testing.T) {
	before := strings.Repeat("word ", 14)
	for _, c := range []struct{ text, whole string }{
		{before + "run: withings-exporter auth Anna", "run: withings-exporter auth Anna"},
		{before + "run: withings-exporter auth 'a*;  ls'; or wait", "run: withings-exporter auth 'a*;  ls'; or wait"},
		{before + `run: withings-exporter auth 'Miss O'\''Brien; x'`, `run: withings-exporter auth 'Miss O'\''Brien; x'`},
		{before + "see `withings-exporter auth --list`, and wait", "`withings-exporter auth --list`, and wait"},
		{before + "run: withings-exporter auth " + strings.Repeat("x", Columns), "run: withings-exporter auth " + strings.Repeat("x", Columns)},
	} {
		var b strings.Builder
		Paragraph(&b, "hint: ", c.text)
		if !strings.Contains(b.String(), c.whole+"\n") {
			t.Errorf("%q is broken:\n%s", c.whole, &b)
		}
	}
}

func TestParagraphsFitAndKeepEveryWord(t *testing.T) {
	address := "https://account.withings.com/oauth2_user/authorize2?" + strings.Repeat("x", Columns)
	text := strings.Repeat("Körpergewicht wird täglich gemessen. ", 9) + address + " Ende"
	for _, label := range []string{"", "  ", " 1. "} {
		var b strings.Builder
		Paragraph(&b, label, text)
		if want := strings.TrimSpace(label) + " " + text; strings.Join(strings.Fields(b.String()), " ") != strings.TrimSpace(want) {
			t.Errorf("label %q: words are lost or added:\n%s", label, &b)
		}
		full := 0
		for i, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			begin := strings.Repeat(" ", len(label))
			if i == 0 {
				begin = label
			}
			if !strings.HasPrefix(line, begin) {
				t.Errorf("label %q: line %d is %q", label, i, line)
			}
			if n := utf8.RuneCountInString(line); n > Columns && strings.TrimSpace(line) != address {
				t.Errorf("label %q: %d columns: %s", label, n, line)
			} else if n > Columns-15 {
				full++
			}
		}
		if full < 4 {
			t.Errorf("label %q: lines are broken early:\n%s", label, &b)
		}
	}
}
