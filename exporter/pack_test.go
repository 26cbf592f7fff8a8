package exporter

import (
	"reflect"
	"testing"
	"time"
)

// packedLike compares records with what they are after packing: the same, with the end and the change in UTC, as after
// a restart.
func packedLike(t *testing.T, service Service, records []Record) {
	t.Helper()
	want := make([]Record, len(records))
	for i, r := range records {
		r.Service, r.Start, r.End, r.Modified = service, r.Start.Round(0), r.End.UTC(), r.Modified.UTC()
		want[i] = r
	}
	p := packed(records)
	got := p.unpack(service)
	if p.count() != len(records) {
		t.Errorf("%d records, want %d", p.count(), len(records))
	}
	newest := time.Time{}
	for i := range want {
		newest = Later(newest, want[i].End)
	}
	if !p.last().Equal(newest) {
		t.Errorf("the newest is of %s, want %s", p.last(), newest)
	}
	if len(got) != len(want) {
		t.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("record %d:\ngot  %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

func labelled(m *Metric, labels Labels, value Decimal) Reading {
	return Reading{Metric: m, Labels: labels, Value: value}
}

func TestPackedRecordsComeOutAsTheyWere(t *testing.T) {
	vienna := zoneNamed("Europe/Vienna")
	east := time.FixedZone("", 3600)
	m, other := ByName("weight_grams"), Catalog()[len(Catalog())-1]
	decimal := func(mantissa int64, exponent int) Decimal {
		d, err := NewDecimal(mantissa, exponent)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	morning := time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC)
	packedLike(t, Measure, nil)
	packedLike(t, Sleep, []Record{
		{ID: "", Start: morning, End: morning, Readings: []Reading{{Metric: m}}},
		{ID: "2026-03-29", Date: "2026-03-29", Start: morning.In(vienna), End: morning.Add(-time.Hour), Modified: morning.Add(time.Nanosecond),
			Readings: []Reading{labelled(m, "", decimal(1, 30)), labelled(other, "a\x1fÄ", decimal(-999_999_999_999_999_999, 0)), labelled(m, Labels(make([]byte, 300)), decimal(7, -30))}},
		{ID: "x", Date: "2026-03-29", Damaged: true, Start: morning.In(east), End: morning.In(vienna), Readings: []Reading{labelled(other, "", decimal(-1, -30))}},
		{ID: "9", Start: time.Time{}, End: time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), Modified: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
			Readings: []Reading{labelled(m, "one", decimal(999_999_999_999_999_999, 0))}},
		{ID: "local", Start: morning.Local(), End: morning, Readings: []Reading{{Metric: m}}},
	})
	for _, row := range Catalog() {
		packedLike(t, row.Service, []Record{{ID: row.Name, Start: morning, End: morning, Readings: []Reading{labelled(row, "", Integer(1))}}})
	}
}

// TestEveryFieldOfARecordIsPacked fills one field after the other. A new one must be packed, or be named here.
func TestEveryFieldOfARecordIsPacked(t *testing.T) {
	morning := time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC)
	for field := range reflect.TypeFor[Record]().Fields() {
		if field.Name == "Maker" { // is not saved either
			continue
		}
		r := Record{ID: "1", Start: morning, End: morning, Readings: []Reading{{Metric: ByName("weight_grams"), Value: Integer(1)}}}
		switch is := reflect.ValueOf(&r).Elem().FieldByIndex(field.Index).Addr().Interface().(type) {
		case *string:
			*is = "text"
		case *Service:
			*is = Measure
		case *bool:
			*is = true
		case *time.Time:
			*is = morning.Add(time.Hour)
		case *[]Reading:
			*is = append(*is, Reading{Metric: ByName("height_meters"), Labels: "label", Value: Decimal{mantissa: 18, exponent: -1}})
		default:
			t.Errorf("nothing is known of the field %s", field.Name)
		}
		packedLike(t, Measure, []Record{r})
	}
}

// TestWhatIsUnpackedIsACopy changes records in every way that their users may.
func TestWhatIsUnpackedIsACopy(t *testing.T) {
	p := packed(historyPage(0).Records)
	was, got := p.unpack(Measure), p.unpack(Measure)
	got[0].Readings = append(got[0].Readings, got[1].Readings...)
	got[1].Readings[0].Value, got[2].ID = Integer(1), "other"
	if !reflect.DeepEqual(p.unpack(Measure), was) {
		t.Error("changing what was unpacked has changed the packed records")
	}
	if !reflect.DeepEqual(got[3:], was[3:]) || !reflect.DeepEqual(got[1].Readings[1:], was[1].Readings[1:]) {
		t.Error("changing one record has changed another")
	}
}

// TestRecordsAtRestAreSmall bounds what a state of weeks of records takes.
func TestRecordsAtRestAreSmall(t *testing.T) {
	p := packed(historyPage(0).Records)
	if most := 10*p.readings + 32*p.records; len(p.text) > most {
		t.Errorf("%d readings in %d records take %d bytes, want %d at most", p.readings, p.records, len(p.text), most)
	}
	if n := testing.AllocsPerRun(10, func() { p.unpack(Measure) }); n > 2 {
		t.Errorf("unpacking makes %.0f allocations, want one for the records and one for their readings", n)
	}
}

func FuzzPackedRecords(f *testing.F) {
	f.Add("1", "2026-03-29", int64(1774767600), int64(3600), int64(-5), uint32(0), int64(72345), 3, "a", byte(0))
	f.Add("2026-03-29", "2026-03-29", int64(-62135596800), int64(0), int64(0), uint32(999_999_999), int64(-1), -30, "", byte(0xff))
	f.Fuzz(func(t *testing.T, id, date string, start, took, changed int64, nanos uint32, mantissa int64, exponent int, labels string, choice byte) {
		const years = 10_000 * 366 * 24 * 3600
		begin := time.Unix(start%years, int64(nanos%1e9)).UTC()
		r := Record{ID: id, Date: date, Start: begin, End: begin.Add(time.Duration(took)), Damaged: choice&1 != 0}
		if choice&2 != 0 {
			r.Modified = begin.Add(time.Duration(changed))
		}
		if choice&4 != 0 {
			r.Start = begin.In(zoneNamed("America/New_York"))
		}
		value, err := NewDecimal(mantissa, exponent%(maxExponent+1))
		if err != nil {
			value = Integer(mantissa)
		}
		row := Catalog()[int(choice)%len(Catalog())]
		r.Readings = []Reading{labelled(row, Labels(labels), value), {Metric: row}}
		packedLike(t, row.Service, []Record{r, {ID: date, Readings: r.Readings[1:]}, r})
	})
}
