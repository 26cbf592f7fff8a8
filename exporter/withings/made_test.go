package withings

import (
	"testing"

	"withings-exporter/exporter"
)

// TestARecordSaysWhatMadeIt: the device by its id, nobody for what a person typed in, and
// a device without a name where Withings does not tell.
func TestARecordSaysWhatMadeIt(t *testing.T) {
	const id = "a1f0c3d27be84596a0d4417c9e35b6f208d7e144"
	named := exporter.MakerOf(id)
	measured := func(more string) string {
		return row("measuregrps", `"grpid":1,"date":1784094310,`+more+`"measures":[`+weight+`]`)
	}
	for _, c := range []struct {
		name    string
		service exporter.Service
		body    string
		want    exporter.Maker
	}{
		{"a weigh-in", exporter.Measure, measured(`"attrib":0,"deviceid":"` + id + `",`), named},
		{"with the other name of the id", exporter.Measure, measured(`"attrib":8,"hash_deviceid":"` + id + `",`), named},
		{"typed in", exporter.Measure, measured(`"attrib":2,"deviceid":null,"hash_deviceid":null,`), exporter.ByHand},
		{"typed in, whatever the device", exporter.Measure, measured(`"attrib":2,"deviceid":"` + id + `",`), exporter.ByHand},
		{"when the account was made", exporter.Measure, measured(`"attrib":4,`), exporter.ByHand},
		{"without a device", exporter.Measure, measured(`"attrib":0,"deviceid":null,`), exporter.ByHand},
		{"a day of a watch", exporter.Activity, row("activities", `"date":"2026-07-15","brand":1,"modelid":94,"deviceid":null`), exporter.Unnamed},
		{"a day of a phone", exporter.Activity, row("activities", `"date":"2026-07-15","brand":18,"modelid":1054,"deviceid":null`), exporter.Unnamed},
		{"a day on which nothing was worn", exporter.Activity, row("activities", `"date":"2026-07-15","brand":18,"modelid":-1,"model":null`), exporter.ByHand},
		{"a day of a named device", exporter.Activity, row("activities", `"date":"2026-07-15","modelid":94,"deviceid":"`+id+`"`), named},
		{"a night", exporter.Sleep, row("series", `"id":1,"startdate":1784065560,"enddate":1784093100,"hash_deviceid":"`+id+`"`), named},
		{"a night of another app", exporter.Sleep, row("series", `"id":1,"startdate":1784065560,"enddate":1784093100,"hash_deviceid":null`), exporter.Unnamed},
		{"a workout", exporter.Workout, row("series", `"id":1,"startdate":1784065560,"enddate":1784067000,"attrib":7,"deviceid":"`+id+`"`), named},
		{"a workout typed in", exporter.Workout, row("series", `"id":1,"startdate":1784065560,"enddate":1784067000,"attrib":2,"deviceid":null`), exporter.ByHand},
		{"an ECG", exporter.Heart, row("series", `"timestamp":1784011200,"deviceid":"`+id+`"`), named},
		{"a device", exporter.Device, row("devices", `"type":"Scale","deviceid":"`+id+`"`), named},
		{"an id that is not text", exporter.Heart, row("series", `"timestamp":1784011200,"deviceid":{}`), exporter.Unnamed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := only(t, c.service, c.body).Maker; got != c.want {
				t.Errorf("made by %d, want %d", got, c.want)
			}
		})
	}
}
