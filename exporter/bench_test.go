package exporter

import (
	"fmt"
	"testing"
	"time"
)

// historyPage is a page of 250 measure groups of up to 30 readings, as a scale
// that knows body segments and a watch leave them.
func historyPage(page int) Batch {
	b := Batch{Service: Measure, Records: make([]Record, 250)}
	var measures []*Metric
	for _, m := range Catalog() {
		if m.Service == Measure && m.Key != "unknown" {
			measures = append(measures, m)
		}
	}
	for i := range b.Records {
		when := at("2026-07-14 08:00").Add(-time.Duration(250*page+i) * 3 * time.Hour)
		r := Record{Service: Measure, ID: fmt.Sprint(int64(7_000_000_000) - int64(250*page+i)), Start: when, End: when, Modified: when}
		for j, m := range measures[:1+i%30] {
			labels := Labels("")
			if j%6 == 5 {
				labels = LabelValues([]string{"torso", "left_arm", "right_arm", "left_leg", "right_leg"}[i%5])
			}
			r.Readings = append(r.Readings, Reading{m, labels, Integer(int64(80000 + i))})
		}
		b.Records[i] = r
	}
	return b
}

// BenchmarkApplyHistoryPage applies a page of the past to a state that has a
// newer reading of everything.
func BenchmarkApplyHistoryPage(b *testing.B) {
	s := newState()
	s.Apply(historyPage(0))
	older := historyPage(1)
	b.ReportAllocs()
	for b.Loop() {
		s.Apply(older)
	}
}

// BenchmarkApplyHistoryAtOnce applies 30,000 groups that come in one answer: the
// size of a page is up to Withings.
func BenchmarkApplyHistoryAtOnce(b *testing.B) {
	var all Batch
	for page := range 120 {
		all.Records = append(all.Records, historyPage(page).Records...)
	}
	all.Service = Measure
	b.ReportAllocs()
	for b.Loop() {
		newState().Apply(all)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	s := full()
	s.Apply(historyPage(0))
	b.ReportAllocs()
	for b.Loop() {
		s.Snapshot(noon)
	}
}

func BenchmarkSave(b *testing.B) {
	s := full()
	s.Apply(historyPage(0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRestore(b *testing.B) {
	s := full()
	s.Apply(historyPage(0))
	data := saved(b, s)
	b.ReportAllocs()
	for b.Loop() {
		if err := newState().Restore(data); err != nil {
			b.Fatal(err)
		}
	}
}
