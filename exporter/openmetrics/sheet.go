package openmetrics

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"withings-exporter/exporter"
)

// Minutes are thousands a day and have nothing but times and values, so a spool has
// them by series. The lines of such a batch are sheets, one for each series:
//
//	1b2c3d4e {"service":"night","records":2}
//	5f607182 {"metric":"sleep_minute_state","labels":["Sleep Analyzer"],"at":[1784065560,60,60],"values":[0,1,1]}
//	93a4b5c6 {"metric":"sleep_minute_heart_rate_beats_per_minute",…}
//
// A value takes six bytes instead of three hundred. Of two values of a series at one
// moment the one that came later counts.

// sheet is the values of a series in one batch.
type sheet struct {
	Metric string             `json:"metric"`
	Labels []string           `json:"labels,omitempty"`
	At     []int64            `json:"at"` // UNIX seconds of the first; of the others, the seconds since the one before
	Values []exporter.Decimal `json:"values"`

	last int64 // UNIX seconds of the last
}

// sheets turns the records of a batch of minutes into lines.
func sheets(b exporter.Batch) (lines [][]byte, err error) {
	type series struct {
		metric *exporter.Metric
		labels exporter.Labels
	}
	at, all := map[series]int{}, []sheet{}
	for _, r := range b.Records {
		for _, reading := range r.Readings {
			of := series{reading.Metric, reading.Labels}
			i, known := at[of]
			if !known {
				i = len(all)
				at[of] = i
				all = append(all, sheet{Metric: reading.Metric.Name, Labels: reading.Labels.Values()})
			}
			s, moment := &all[i], r.End.Unix()
			s.At, s.Values, s.last = append(s.At, moment-s.last), append(s.Values, reading.Value), moment
		}
	}
	for i := range all {
		line, err := json.Marshal(&all[i])
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// lastMoment is the last second that has four digits of the year.
const lastMoment = 253402300799

// sheet adds the samples of a line. What the catalogue does not have is left out.
func (p *past) sheet(profile string, service exporter.Service, line []byte) error {
	p.page = sheet{At: p.page.At[:0], Values: p.page.Values[:0]}
	if err := json.Unmarshal(line, &p.page); err != nil || len(p.page.At) != len(p.page.Values) {
		return errDamaged
	}
	m := exporter.ByName(p.page.Metric)
	if m == nil || m.Service != service || len(p.page.Labels) > len(m.Labels) {
		return nil
	}
	s := exporter.Sample{Metric: m, Labels: exporter.LabelValues(p.page.Labels...)}
	p.key = appendSampleKey(p.key[:0], profile, s)
	keyed := p.key[len(p.key)-timeSize:] // its time
	moment := int64(0)
	for i, since := range p.page.At {
		if moment += since; moment <= 0 || moment > lastMoment {
			return errDamaged
		}
		at := time.Unix(moment, 0)
		if !p.options.has(at) {
			continue
		}
		binary.BigEndian.PutUint64(keyed, uint64(at.UnixMilli()))
		p.value = appendSampleValue(p.value[:0], p.page.Values[i], time.Time{})
		if err := p.samples.add(p.key, p.value); err != nil {
			return err
		}
	}
	return nil
}
