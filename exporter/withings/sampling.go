package withings

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// mostSamples is how many samples of an answer are read: it is about 24 hours at most,
// so this is one a second.
const mostSamples = 24 * 60 * 60

// sampling collects the records of an answer about minutes: each is one sample of one device.
type sampling struct {
	*decoder
	at  map[string]int // where in all an id is
	all []exporter.Record
}

func (d *decoder) sampling() *sampling { return &sampling{decoder: d, at: map[string]int{}} }

// of is where the record of a device at a moment is; false if there are too many.
func (s *sampling) of(who maker, at time.Time) (int, bool) {
	id := strconv.FormatInt(at.Unix(), 10) + "-" + who.id
	i, known := s.at[id]
	switch {
	case known:
		return i, true
	case len(s.all) == mostSamples:
		s.tooMany("samples of a day")
		return 0, false
	}
	i = len(s.all)
	s.at[id] = i
	s.all = append(s.all, exporter.Record{Service: s.service, ID: id, Start: at, End: at})
	return i, true
}

// add adds a value to the record of a device at a moment.
func (s *sampling) add(who maker, at time.Time, m *exporter.Metric, v *fastjson.Value) {
	i, ok := s.of(who, at)
	if !ok {
		return
	}
	spoilt := s.spoilt
	s.decoder.add(&s.all[i], m, v, who.labels)
	if s.spoilt > spoilt { // an earlier value stays
		s.all[i].Damaged = true
	}
}

// records are those that have readings.
func (s *sampling) records() []exporter.Record {
	told := s.all[:0]
	for _, r := range s.all {
		if len(r.Readings) > 0 {
			told = append(told, r)
		}
	}
	return told
}

// maker is the device that made a sample.
type maker struct {
	id     string // tells it from others
	labels exporter.Labels
}

// maker reads which device a row comes from: by its id, or else by its name.
func (d *decoder) maker(v *fastjson.Value) maker {
	name := d.model(v)
	for _, key := range []string{"hash_deviceid", "deviceid"} {
		if id := d.label(text(v.Get(key))); id != "" {
			return maker{strings.ToValidUTF8(id, "�"), exporter.LabelValues(name)}
		}
	}
	return maker{name, exporter.LabelValues(name)}
}

// model is the name of the device in a row, as sent or else by its number; "" if
// neither tells. If there are too many, it is "unknown".
func (d *decoder) model(v *fastjson.Value) string {
	name := ""
	if model := v.Get("model"); model != nil && model.Type() == fastjson.TypeString { // a number is a class of devices
		name = strings.ToValidUTF8(strings.TrimSpace(d.label(text(model))), "�")
	}
	id, _ := integer(v.Get("model_id"))
	name = modelName(name, id)
	if name != "" && !d.admits("models of devices", name) {
		return "unknown"
	}
	return name
}

// keyMoment reads UNIX seconds that are a key of an object.
func keyMoment(key []byte) (time.Time, bool) {
	n, err := strconv.ParseInt(string(key), 10, 64)
	if err != nil || n <= 0 || n >= latest {
		return time.Time{}, false
	}
	return time.Unix(n, 0).UTC(), true
}
