package withings

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// noon is when the tests take place: minutes after the answers of the API
// reference were given, 2026-07-15 in Vienna.
var noon = time.Unix(1784102500, 0).UTC()

// heard is what a decoder told of an answer.
type heard struct {
	batch   exporter.Batch
	skipped map[string]int
	unknown []string
	decoder *decoder
}

// hear decodes an answer as the client does.
func hear(service exporter.Service, answer []byte, ambiguous bool) (heard, error) {
	return hearSplit(service, answer, ambiguous, nil)
}

// hearByRow is hear with the rows of the answer read one after the other.
func hearByRow(service exporter.Service, answer []byte, ambiguous bool) (heard, error) {
	long := append(slices.Clone(answer), bytes.Repeat([]byte{' '}, 32<<10)...)
	return hearSplit(service, long, ambiguous, ask(service, false).split)
}

func hearSplit(service exporter.Service, answer []byte, ambiguous bool, split *envelope.Split) (heard, error) {
	h := heard{skipped: map[string]int{}}
	h.decoder = &decoder{
		now:       noon,
		ambiguous: ambiguous,
		skip:      func(reason string) { h.skipped[reason]++ },
		unknown: func(service exporter.Service, kind string) {
			h.unknown = append(h.unknown, string(service)+" "+kind)
		},
	}
	h.decoder.split = split
	err := split.Open(endpoints[service].action, http.StatusOK, answer, func(body *fastjson.Value) {
		h.batch = h.decoder.decode(service, body)
	})
	return h, err
}

// String has a line for every reading, "id metric{labels} value start..end
// modified", then what was skipped and what was unknown.
func (h heard) String() string {
	var lines []string
	for _, r := range h.batch.Records {
		moments := fmt.Sprintf("%s..%s %s", moment(r.Start), moment(r.End), moment(r.Modified))
		if len(r.Readings) == 0 {
			lines = append(lines, fmt.Sprintf("%s nothing %s", r.ID, moments))
		}
		for _, reading := range r.Readings {
			lines = append(lines, fmt.Sprintf("%s %s %s %s", r.ID, series(reading), reading.Value, moments))
		}
	}
	for _, reason := range Reasons() {
		if n := h.skipped[reason]; n > 0 {
			lines = append(lines, fmt.Sprintf("skipped %d %s", n, reason))
		}
	}
	for _, kind := range h.unknown {
		lines = append(lines, "unknown "+kind)
	}
	return strings.Join(lines, "\n")
}

// series is the reading's metric with its labels.
func series(r exporter.Reading) string {
	var pairs []string
	for i, value := range r.Labels.Values() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", r.Metric.Labels[i], value))
	}
	return r.Metric.Name + "{" + strings.Join(pairs, ",") + "}"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// values has only series and value of every reading, as in "weight_grams{} 72345".
func (h heard) values() []string {
	var all []string
	for _, r := range h.batch.Records {
		for _, reading := range r.Readings {
			all = append(all, series(reading)+" "+reading.Value.String())
		}
	}
	return all
}

// skips lists what was skipped, as in "ambiguous 1".
func (h heard) skips() []string {
	var all []string
	for reason, n := range h.skipped {
		all = append(all, fmt.Sprintf("%s %d", reason, n))
	}
	slices.Sort(all)
	return all
}
