package truth

import (
	"math/big"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth/tally"
)

// book collects the points of a person, one value for each place in a database.
type book struct {
	profile                 string
	span                    span
	ambiguous, undocumented bool
	pages                   map[place]page
}

// place is where a value is stored in a database: a series and a time.
type place struct {
	metric *exporter.Metric
	label  string // value of the metric's label, "" without
	at     int64  // UNIX seconds
}

type page struct {
	value *big.Rat
	by    record
}

// put writes a value, as Withings sends it, of a metric with at most one label
// besides profile. Values that mean "not available" are left out: negative ones
// (sections 8.3 J14 and 5.2), and 0 where a measured value cannot be 0 (8.3 J13,
// 8.5 M7). Of two values within one record the last counts (section 3.6).
func (b *book) put(by record, m *exporter.Metric, label string, value *big.Rat) {
	if value.Sign() >= 0 && !(m.Present && value.Sign() == 0) {
		b.write(by, m, label, value)
	}
}

// write writes any value.
func (b *book) write(by record, m *exporter.Metric, label string, value *big.Rat) {
	at := place{metric: m, label: label, at: by.start}
	if held, ok := b.pages[at]; ok && held.by.outranks(by) {
		return
	}
	b.pages[at] = page{scaled(m, value), by}
}

// has reports whether a record is in the requested span.
func (b *book) has(r record) bool { return b.span.has(time.Unix(r.start, 0)) }

func (b *book) points() []tally.Point {
	type series struct {
		metric *exporter.Metric
		label  string
	}
	tags := map[series]map[string]string{} // shared by the points of a series
	all := make([]tally.Point, 0, len(b.pages))
	for at, p := range b.pages {
		s := series{at.metric, at.label}
		if tags[s] == nil {
			tags[s] = b.tags(at.metric, at.label)
		}
		n := nameOf(at.metric)
		all = append(all, tally.Point{
			Measurement: n.measurement, Tags: tags[s], Field: n.field,
			Time: time.Unix(at.at, 0).UTC(), Value: p.value,
		})
	}
	tally.Sort(all)
	return all
}

// tags returns the labels of a series. A day has no label of its own: today and
// yesterday depend on the current time.
func (b *book) tags(m *exporter.Metric, label string) map[string]string {
	tags := map[string]string{"profile": b.profile}
	if label != "" {
		tags[m.Labels[0]] = label
	}
	return tags
}

// scaled converts a value to the unit of its row.
func scaled(m *exporter.Metric, value *big.Rat) *big.Rat {
	factor := big.NewRat(max(m.Factor, 1), 1)
	return factor.Mul(factor, value).Mul(factor, power(m.Power))
}

// power is 10^n.
func power(n int) *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), ten)
	}
	return new(big.Rat).SetInt(ten)
}

func integer(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }
