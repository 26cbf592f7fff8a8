package archive

import (
	"testing"
	"time"
)

func TestTimesAreThoseOfThePlaceWhereTheyWereTaken(t *testing.T) {
	for _, c := range []struct {
		name, text string
		order      dateOrder
		want       string // in UTC; "" when the time never came
		twice      bool
	}{
		{"winter", "2026-02-03 07:21:05", orderUnknown, "2026-02-03T06:21:05Z", false},
		{"summer", "2026-07-03 07:21:05", orderUnknown, "2026-07-03T05:21:05Z", false},
		{"skipped by the clocks", "2026-03-29 02:30:00", orderUnknown, "", false},
		{"the last second before", "2026-03-29 01:59:59", orderUnknown, "2026-03-29T00:59:59Z", false},
		{"the first second after", "2026-03-29 03:00:00", orderUnknown, "2026-03-29T01:00:00Z", false},
		{"came twice, the first is taken", "2026-10-25 02:30:00", orderUnknown, "2026-10-25T00:30:00Z", true},
		{"the first second that came twice", "2026-10-25 02:00:00", orderUnknown, "2026-10-25T00:00:00Z", true},
		{"came once again", "2026-10-25 03:00:00", orderUnknown, "2026-10-25T02:00:00Z", false},
		{"an offset tells which", "2026-10-25 02:30:00+01:00", orderUnknown, "2026-10-25T01:30:00Z", false},
		{"points", "08.03.2017 07:21", orderUnknown, "2017-03-08T06:21:00Z", false},
		{"day first", "8/3/2017 7:21", dayFirst, "2017-03-08T06:21:00Z", false},
		{"month first", "3/8/2017 7:21 PM", monthFirst, "2017-03-08T18:21:00Z", false},
		{"midnight", "3/8/2017 12:00 am", monthFirst, "2017-03-07T23:00:00Z", false},
		{"noon", "2017-03-08 12:00 PM", orderUnknown, "2017-03-08T11:00:00Z", false},
		{"year first with slashes", "2017/03/08 07:21:05", orderUnknown, "2017-03-08T06:21:05Z", false},
		{"as the API sends it", "1770099665", orderUnknown, "2026-02-03T06:21:05Z", false},
		{"with a comma", "08.03.2017, 07:21:05", orderUnknown, "2017-03-08T06:21:05Z", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, ok := parseStamp(c.text, c.order)
			if !ok {
				t.Fatalf("%q was not understood", c.text)
			}
			at, twice, ok := s.in(vienna)
			got := ""
			if ok {
				got = at.UTC().Format(time.RFC3339)
			}
			if got != c.want || twice != c.twice {
				t.Errorf("%q is %s, twice %v; want %s, %v", c.text, got, twice, c.want, c.twice)
			}
		})
	}
}

func TestTimesThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "now", "2026-02-30 07:00:00", "2026-13-01 07:00:00", "2026-02-03 24:00:00", "2026-02-03 07:60:00", "2026-02-03 07:00:60",
		"03.02.26 07:00", "2026-02.03 07:00", "2026-02-03 13:00 PM", "2026-02-03 0:30 AM", "1969-12-31 07:00:00", "2026-02-03 07:00:00+99:00",
		"2026-02-03 07", "12026-02-03 07:00:00", "2026-02-2026", "2026-02-03T07:00:00+01:00 x",
	} {
		if s, ok := parseStamp(text, dayFirst); ok {
			t.Errorf("%q was understood as %+v", text, s)
		}
	}
}

func TestWhatATimeDoesNotTellIsNoted(t *testing.T) {
	_, file := readOne(t, "weight.csv", "Date,Weight (kg)\n2025-10-26 02:30:00,72\n2026-02-03 07:21,72\n2026-03-29 02:30:00,72\n")
	if file.Taken != 2 || file.Notes[noteTwice] != 1 || file.Notes[noteMinute] != 1 || file.Skipped[timeSkipped] != 1 {
		t.Errorf("report %+v", file)
	}
}

func TestADayOfAClockChangeIsAsLongAsItWas(t *testing.T) {
	records, _ := readOne(t, "aggregates_steps.csv", "date,value\n2026-03-29,1\n2025-10-26,1\n")
	for i, want := range []time.Duration{25 * time.Hour, 23 * time.Hour} {
		if got := records[i].End.Sub(records[i].Start); got != want {
			t.Errorf("%s has %s, want %s", records[i].Date, got, want)
		}
	}
}
