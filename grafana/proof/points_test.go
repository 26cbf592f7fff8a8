package proof

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// lines are everything that InfluxDB has of a person: a point for each record, with
// the time at which it was taken, in line protocol.
func (h *history) lines() string {
	var text strings.Builder
	nights := map[string]bool{}
	for i := range h.records {
		r := &h.records[i]
		at := r.start
		if r.service == exporter.Device {
			at = r.end
		}
		h.point(&text, at, r.values)
		if r.service == exporter.Sleep && !nights[r.date] { // the naps of a date, at the midnight at which it begins
			nights[r.date] = true
			_, naps := h.nightOf(r.date, h.now)
			h.point(&text, h.midnightAfter(after(r.date, -1)), napValues(naps))
		}
	}
	return text.String()
}

// point writes the values of a record, a line for each measurement and tags.
func (h *history) point(text *strings.Builder, at time.Time, values []value) {
	fields := map[string][]string{}
	for _, v := range values {
		m := exporter.ByName(v.row)
		key := "withings_" + string(m.Group) + ",profile=" + escaped(h.person)
		for _, name := range slices.Sorted(maps.Keys(v.labels)) {
			key += "," + name + "=" + escaped(v.labels[name])
		}
		fields[key] = append(fields[key], m.Field()+"="+strconv.FormatFloat(v.number, 'f', -1, 64))
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(text, "%s %s %d\n", key, strings.Join(fields[key], ","), at.Unix())
	}
}

func escaped(tag string) string {
	return strings.NewReplacer(" ", `\ `, ",", `\,`, "=", `\=`).Replace(tag)
}
