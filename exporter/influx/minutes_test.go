package influx

import (
	"fmt"
	"os"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// minute is a minute of a night by one device.
func minute(model string, at time.Time, pulse int64) exporter.Record {
	return exporter.Record{Service: exporter.Night, ID: fmt.Sprintf("%d-%s", at.Unix(), model), Start: at, End: at,
		Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_minute_heart_rate_beats_per_minute"), Labels: exporter.LabelValues(model), Value: exporter.Integer(pulse)}}}
}

func TestMinutesAreTheirOwnPointsOfWhichTheLedgerRemembersNone(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(minute("ScanWatch 2", day(19), 60), minute("Aura Sensor V2", day(19), 58)))
	k.put(batch(minute("ScanWatch 2", day(19), 61)))
	at := day(19).Unix()
	want := fmt.Sprintf("withings_sleep,model=Aura\\ Sensor\\ V2,profile=Anna minute_heart_rate_beats_per_minute %d = 58\n"+
		"withings_sleep,model=ScanWatch\\ 2,profile=Anna minute_heart_rate_beats_per_minute %[1]d = 61", at)
	if got := k.has(); got != want {
		t.Errorf("stored is\n%s\nwant\n%s", got, want)
	}
	var night []exporter.Record
	for i := range 10_000 {
		night = append(night, minute("ScanWatch 2", day(12).Add(time.Duration(i)*time.Minute), 60))
	}
	before := size(t, k)
	k.put(batch(night...))
	if after := size(t, k); after-before > 1000 {
		t.Errorf("a week of minutes makes the ledger %d bytes larger", after-before)
	}
	if n := len(k.db.Points()); n != 10_002 {
		t.Errorf("%d points are stored", n)
	}
}

func size(t *testing.T, k *desk) int64 {
	t.Helper()
	info, err := os.Stat(k.file())
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestAMinuteThatSharedItsMomentWithADeletedNightIsWanted(t *testing.T) {
	k := newDesk(t, "v1")
	k.put(batch(minute("Aura Sensor V2", day(9), 60)), batch(night("7", day(9), 80)))
	k.put(batch(night("7", day(9).Add(-time.Hour), 82)))
	is := k.Progress(exporter.Night).Wanted
	if len(is) != 1 || !is[0].Has(day(9)) || is[0].To.Sub(is[0].From) > time.Minute {
		t.Errorf("wanted is %v, want the moment of the deleted point", is)
	}
	if other := k.Progress(exporter.Intraday).Wanted; len(other) > 0 {
		t.Errorf("of another measurement %v is wanted", other)
	}
}

func TestMinutesOfALostDatabaseAreWantedFromWhenTheyWereFirstRead(t *testing.T) {
	k := newDesk(t, "v1")
	if err := k.Advance(exporter.Night, func(p *exporter.Progress) { p.Back, p.Reread, p.Success = day(8), day(20), day(20) }); err != nil {
		t.Fatal(err)
	}
	k.put(batch(minute("Aura Sensor V2", day(9), 60)))
	k.ready()
	if is := k.Progress(exporter.Night); len(is.Wanted) > 0 {
		t.Fatalf("with everything there, %v is wanted", is.Wanted)
	}
	k.db.Drop()
	k.later(2 * lookEvery)
	k.ready()
	is := k.Progress(exporter.Night)
	if len(is.Wanted) != 1 || !is.Wanted[0].From.Equal(day(8)) || !is.Wanted[0].To.Equal(k.now) || !is.Success.IsZero() {
		t.Errorf("its progress is %+v, want everything since %s wanted", is, day(8))
	}
}

func TestRefusedMinutesAreWantedOnceTheServerTakesThem(t *testing.T) {
	var of chapter
	at := day(5)
	of.Leave(exporter.SpansOf([]time.Time{at}))
	of.note(&job{refused: []refusal{{Reason: "a reason", Changed: at}}})
	of.again(exporter.Night)
	if len(of.Wanted) != 1 || !of.Wanted[0].Has(at) {
		t.Errorf("wanted is %v", of.Wanted)
	}
}
