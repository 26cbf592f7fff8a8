package withings

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// only decodes a body that has one record.
func only(t *testing.T, service exporter.Service, body string) exporter.Record {
	t.Helper()
	h, err := hear(service, []byte(`{"status":0,"body":`+body+`}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.batch.Records) != 1 {
		t.Fatalf("%d records, want 1: %s", len(h.batch.Records), h)
	}
	return h.batch.Records[0]
}

func TestIDsAreKeptWhole(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		body    string
		want    string
	}{
		{"J10 a group beyond 32 bits", exporter.Measure, group(weight), "7612045518"},
		{"a group beyond 53 bits", exporter.Measure, `{"measuregrps":[{"grpid":9223372036854775807,"date":1784094310,"measures":[` + weight + `]}]}`, "9223372036854775807"},
		{"a night beyond 32 bits", exporter.Sleep, row("series", `"id":6098217744,"startdate":1,"enddate":2`), "6098217744"},
		{"a night whose id is text", exporter.Sleep, row("series", `"id":"6098217744","startdate":1,"enddate":2`), "6098217744"},
		{"a night without an id", exporter.Sleep, row("series", `"startdate":1784065560,"enddate":1784093100`), "start-1784065560"},
		{"a workout without an id", exporter.Workout, row("series", `"id":null,"startdate":1784044800,"enddate":1784048340`), "start-1784044800"},
		{"a day", exporter.Activity, row("activities", `"date":"2026-07-14"`), "2026-07-14"},
		{"a device", exporter.Device, row("devices", `"deviceid":12,"hash_deviceid":"h"`), "12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := only(t, c.service, c.body).ID; got != c.want {
				t.Errorf("id %q, want %q", got, c.want)
			}
		})
	}
}

func TestRecordsLieWhereTheyWereMeasured(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		body    string
		want    string // start..end modified
	}{
		{"a group is a moment", exporter.Measure, group(weight), "2026-07-15T05:45:10Z..2026-07-15T05:45:10Z 2026-07-15T05:46:41Z"},
		{"J9 a group of 2021 was changed when it was made", exporter.Measure, row("measuregrps", `"grpid":1,"date":1610000000,"created":1610000042,"measures":[`+weight+`]`),
			"2021-01-07T06:13:20Z..2021-01-07T06:13:20Z 2021-01-07T06:14:02Z"},
		{"J2 a group that tells no change", exporter.Measure, row("measuregrps", `"grpid":1,"date":1610000000,"created":false,"modified":null,"measures":[`+weight+`]`),
			"2021-01-07T06:13:20Z..2021-01-07T06:13:20Z -"},
		{"a day that is over", exporter.Activity, row("activities", `"date":"2026-07-13","timezone":"Europe/Vienna","modified":1784050000`),
			"2026-07-12T22:00:00Z..2026-07-13T22:00:00Z 2026-07-14T17:26:40Z"},
		{"a day that was last added to before its end", exporter.Activity, row("activities", `"date":"2026-07-13","timezone":"Europe/Vienna","modified":1783970000`),
			"2026-07-12T22:00:00Z..2026-07-13T19:13:20Z 2026-07-13T19:13:20Z"},
		{"today counts up to its change", exporter.Activity, row("activities", `"date":"2026-07-15","timezone":"Europe/Vienna","modified":1784101800`),
			"2026-07-14T22:00:00Z..2026-07-15T07:50:00Z 2026-07-15T07:50:00Z"},
		{"today counts up to now when no change is told", exporter.Activity, row("activities", `"date":"2026-07-15","timezone":"Europe/Vienna"`),
			"2026-07-14T22:00:00Z..2026-07-15T08:01:40Z -"},
		{"a day of 23 hours", exporter.Activity, row("activities", `"date":"2026-03-29","timezone":"Europe/Vienna"`),
			"2026-03-28T23:00:00Z..2026-03-29T22:00:00Z -"},
		{"a day in a time zone nobody knows", exporter.Activity, row("activities", `"date":"2026-07-13","timezone":"Moon/Crater"`),
			"2026-07-13T00:00:00Z..2026-07-14T00:00:00Z -"},
		{"S10 a night worked over days later", exporter.Sleep, row("series", `"id":1,"startdate":1784065560,"enddate":1784093100,"created":1784093000,"modified":1784100000`),
			"2026-07-14T21:46:00Z..2026-07-15T05:25:00Z 2026-07-15T07:20:00Z"},
		{"a device was seen last in its last session", exporter.Device, row("devices", `"deviceid":"d","first_session_date":1700000000,"last_session_date":1784094395`),
			"1970-01-01T00:00:00Z..2026-07-15T05:46:35Z -"},
		{"J15 a device never seen", exporter.Device, row("devices", `"deviceid":"d","first_session_date":null,"last_session_date":null`), "1970-01-01T00:00:00Z..- -"},
		{"a goal counts from now", exporter.Goal, `{"goals":{"steps":1}}`, "2026-07-15T08:01:40Z..2026-07-15T08:01:40Z -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t, c.service, c.body)
			if got := moment(r.Start) + ".." + moment(r.End) + " " + moment(r.Modified); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNightsBelongToTheDayOfWakingUp(t *testing.T) {
	for _, c := range []struct{ name, fields, want string }{
		{"as the row says", `"date":"2026-07-15","timezone":"Europe/Vienna"`, "2026-07-15"},
		{"by the person's calendar when it does not", `"timezone":"Pacific/Auckland"`, "2026-07-15"},
		{"by the person's calendar when it says no date", `"date":"soon","timezone":"Pacific/Honolulu"`, "2026-07-14"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t, exporter.Sleep, row("series", `"id":1,"startdate":1784065560,"enddate":1784093100,`+c.fields))
			if r.Date != c.want {
				t.Errorf("date %q, want %q", r.Date, c.want)
			}
		})
	}
}

func TestEveryDeviceIsWithinWholeAnswers(t *testing.T) {
	r := only(t, exporter.Device, row("devices", `"deviceid":"d"`))
	if !exporter.Always().Has(r.Start) {
		t.Errorf("a device without sessions begins at %s and would never be forgotten", r.Start)
	}
}

// A group that does not count takes back what an earlier version of it said.
func TestGroupsThatDoNotCountAreRecordsWithoutReadings(t *testing.T) {
	for _, c := range []struct {
		name    string
		service exporter.Service
		body    string
	}{
		{"ambiguous", exporter.Measure, group(weight, `"attrib":1`)},
		{"objective", exporter.Measure, group(weight, `"category":2`)},
		{"inconclusive", exporter.Measure, group(weight, `"is_inconclusive":1`)},
		{"ambiguous workout", exporter.Workout, row("series", `"id":1,"attrib":1,"startdate":1784044800,"enddate":1784048340`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := only(t, c.service, c.body); len(r.Readings) != 0 || r.ID == "" {
				t.Errorf("record %q has readings %v, want none", r.ID, r.Readings)
			}
		})
	}
}

func TestAmbiguousMeasuresCountWhenAskedFor(t *testing.T) {
	for _, c := range []struct {
		service exporter.Service
		body    string
	}{
		{exporter.Measure, group(weight, `"attrib":1`)},
		{exporter.Workout, row("series", `"id":1,"attrib":1,"startdate":1784044800,"enddate":1784048340`)},
	} {
		h, err := hear(c.service, []byte(`{"status":0,"body":`+c.body+`}`), true)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.values()) == 0 || len(h.skipped) > 0 {
			t.Errorf("%s: readings %q, skipped %v", c.service, h.values(), h.skipped)
		}
	}
}

func TestAnswersTellTheirTimeAndZone(t *testing.T) {
	for _, c := range []struct {
		name           string
		service        exporter.Service
		body           string
		server, newest string
		zone           string
	}{
		{"J5 the server's time as a number", exporter.Measure, `{"updatetime":1784102461,"timezone":"Europe/Vienna","measuregrps":[]}`, "2026-07-15T08:01:01Z", "-", "Europe/Vienna"},
		{"J5 the server's time as text", exporter.Measure, `{"updatetime":"1784102461"}`, "2026-07-15T08:01:01Z", "-", ""},
		{"J2 the server's time as false", exporter.Measure, `{"updatetime":false}`, "-", "-", ""},
		{"the newest change of all rows", exporter.Activity,
			`{"activities":[{"date":"2026-07-13","modified":1784000000,"timezone":"Asia/Tokyo"},{"date":"2026-07-12","modified":1784000900},{"date":"2026-07-11","modified":1}]}`,
			"-", "2026-07-14T03:48:20Z", "Asia/Tokyo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := hear(c.service, []byte(`{"status":0,"body":`+c.body+`}`), false)
			if err != nil {
				t.Fatal(err)
			}
			if got := moment(h.decoder.server); got != c.server {
				t.Errorf("server's time %s, want %s", got, c.server)
			}
			if got := moment(h.decoder.newest); got != c.newest {
				t.Errorf("newest change %s, want %s", got, c.newest)
			}
			if h.batch.Timezone != c.zone {
				t.Errorf("time zone %q, want %q", h.batch.Timezone, c.zone)
			}
		})
	}
}

func TestARecordWithoutEndIsCutOff(t *testing.T) {
	var measures []string
	for kind := range maxReadings + 50 {
		measures = append(measures, `{"value":1,"unit":0,"type":`+strconv.Itoa(100_000+kind)+`}`)
	}
	h, err := hear(exporter.Measure, []byte(`{"status":0,"body":`+group(strings.Join(measures, ","))+`}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(h.batch.Records[0].Readings); got != maxReadings {
		t.Errorf("%d readings, want %d", got, maxReadings)
	}
	if h.skipped[ReasonMalformed] != 50 {
		t.Errorf("skipped %v, want 50 malformed", h.skipped)
	}
}

func TestARowsZoneIsItsOwn(t *testing.T) {
	d := &decoder{now: noon, skip: func(string) {}, unknown: func(exporter.Service, string) {}}
	zones := []string{"Europe/Vienna", "Asia/Tokyo", "Asia/Tokyo", "", "Moon/Crater", "Europe/Vienna"}
	for _, name := range zones {
		want, err := time.LoadLocation(name)
		if err != nil {
			want = time.UTC
		}
		v := parse(t, `{"timezone":"`+name+`"}`)
		if got := d.location(v); got.String() != want.String() {
			t.Errorf("zone %q is %s, want %s", name, got, want)
		}
	}
}

// TestEveryReasonIsExplained where metrics are documented: who sees a number beside a name asks whether something is lost.
func TestEveryReasonIsExplained(t *testing.T) {
	for _, own := range exporter.Own() {
		if own.Name != "skipped_readings_total" {
			continue
		}
		for _, reason := range Reasons() {
			if !strings.Contains(own.Help, " "+reason+" (") {
				t.Errorf("%s is not explained in: %s", reason, own.Help)
			}
		}
		if listed := strings.Count(own.Help, " ("); listed != len(Reasons()) {
			t.Errorf("%d reasons are explained, and there are %d", listed, len(Reasons()))
		}
		return
	}
	t.Error("the metric is not there")
}
