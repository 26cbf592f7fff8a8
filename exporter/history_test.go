package exporter

import (
	"strings"
	"testing"
)

func TestNightIsWhatTheGaugesShowOfItsDate(t *testing.T) {
	sessions := []Record{
		session("3", "2026-07-14", "2026-07-14 14:00", "2026-07-14 14:30", "20"),
		session("1", "2026-07-14", "2026-07-13 22:00", "2026-07-14 06:00", "80"),
		session("2", "2026-07-14", "2026-07-13 22:10", "2026-07-14 05:00", "60"), // the same sleep, by a second device
	}
	want := shown(newState(sessions...), at("2026-07-14 20:00"))
	got := map[string]string{}
	for _, s := range Sleep.Row().AppendPast(nil, sessions...) {
		if !s.Measured.Equal(at("2026-07-14 06:00")) {
			t.Errorf("%s was measured at %s, want the end of the night", seriesText(s), s.Measured)
		}
		got[seriesText(s)] = s.Value.String()
	}
	expect(t, got, want)
	expect(t, got, map[string]string{"sleep_score": "80", "sleep_naps": "1", "sleep_naps_seconds": "1800"})
	if len(got) != len(want) {
		t.Errorf("got %d series, want the %d of the gauges", len(got), len(want))
	}
}

func TestRecordsOutliveTheirEncoding(t *testing.T) {
	for _, r := range []Record{
		changed(session("17", "2026-07-14", "2026-07-13 22:00", "2026-07-14 06:00", "80"), "2026-07-14 09:00",
			is("sleep_score", "0.5"), is("sleep_night_events", "2", "woke_up")),
		{Service: Measure, ID: "void", Start: at("2026-07-14 08:00"), End: at("2026-07-14 08:00")},
	} {
		data, err := EncodeRecord(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeRecord(r.Service, data)
		if err != nil || !got.equal(&r) || got.Service != r.Service {
			t.Errorf("got %+v, %v, want %+v", got, err, r)
		}
	}
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"not JSON", "{", "not a record"},
		{"a time nobody can write again", `{"id":"7","start":"0000-01-01T00:00:00+23:00"}`, `record "7": its time`},
	} {
		if _, err := DecodeRecord(Measure, []byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}
