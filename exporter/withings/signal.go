package withings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// mostSignal is the size of the largest answer with a signal: ecg.MostSamples of them,
// with a few digits each, take 1.4 MB.
const mostSignal = 2 << 20

// ErrNoSignal is behind the error of a signal that Withings does not have for a
// person.
var ErrNoSignal = errors.New("no such recording")

// Recording is a row of the list of ECGs or of the stethoscope's.
type Recording struct {
	exporter.Record
	Device string         // its id; "" if unknown
	Model  string         // its name; "" if unknown
	Zone   *time.Location // where the person was; nil if the row does not tell
}

// Recordings reads the list of ECGs, or of the stethoscope's, dated in a span, and
// passes on every row in the order in which Withings sends them.
func (a *Account) Recordings(ctx context.Context, service exporter.Service, span exporter.Span, each func(Recording)) error {
	q := ask(service, a.minimal).between(span).together()
	q.each = func(v *fastjson.Value, r *exporter.Record) {
		row := Recording{Record: *r, Device: short(cmp.Or(text(v.Get("deviceid")), text(v.Get("hash_deviceid"))))}
		if model, ok := integer(v.Get("model")); ok {
			row.Model = models[model]
		}
		if zone, err := time.LoadLocation(text(v.Get("timezone"))); err == nil && v.Get("timezone") != nil {
			row.Zone = zone
		}
		each(row)
	}
	read, err := a.pages(ctx, q, a.client.Now(), func(exporter.Batch) {})
	if err = cmp.Or(err, read.rows.readable(service)); err != nil {
		return a.failed(service, err)
	}
	return nil
}

// ECG is the curve of a recording, with what its answer tells besides.
type ECG struct {
	ecg.Curve
	Model    string // of the device; "" if unknown
	Position string // where it was worn, in words; "" if unknown
}

// ECG fetches a curve by the number of its signal.
func (a *Account) ECG(ctx context.Context, signal int64) (got ECG, err error) {
	err = a.signal(ctx, exporter.Heart, signal, func(body *fastjson.Value) (err error) {
		got, err = readECG(body)
		return err
	})
	return got, err
}

// Sound fetches a recording of a stethoscope by the number of its signal.
func (a *Account) Sound(ctx context.Context, signal int64) (got ecg.Sound, err error) {
	err = a.signal(ctx, exporter.Stetho, signal, func(body *fastjson.Value) (err error) {
		got, err = readSound(body)
		return err
	})
	return got, err
}

// readECG reads the answer with a curve.
func readECG(body *fastjson.Value) (ECG, error) {
	frequency, err := frequency(body.Get("sampling_frequency"), ecg.MostFrequency)
	if err != nil {
		return ECG{}, err
	}
	values, err := samples(body.Get("signal"), ecg.MostSamples)
	if err != nil {
		return ECG{}, err
	}
	got := ECG{Curve: ecg.Curve{Frequency: frequency, Microvolts: values}}
	if model, ok := integer(body.Get("model")); ok {
		got.Model = models[model]
	}
	if where, known := position(body.Get("wearposition")); known {
		got.Position = strings.ReplaceAll(string(where), "_", " ")
	}
	return got, nil
}

// readSound reads the answer with a sound. Its format is documented by name alone, so
// anything that is not a byte for each sample of one channel is refused.
func readSound(body *fastjson.Value) (ecg.Sound, error) {
	if bits, told := integer(body.Get("resolution")); told && bits != 8 {
		return ecg.Sound{}, fmt.Errorf("its samples have %d bits instead of the 8 of the A-law", bits)
	}
	if channels, told := integer(body.Get("channel")); told && channels > 1 {
		return ecg.Sound{}, fmt.Errorf("it has %d channels instead of one", channels)
	}
	frequency, err := frequency(body.Get("frequency"), ecg.MostSoundRate)
	if err != nil {
		return ecg.Sound{}, err
	}
	values, err := samples(body.Get("signal"), ecg.MostSound)
	if err != nil {
		return ecg.Sound{}, err
	}
	got := ecg.Sound{Frequency: frequency, Samples: make([]byte, len(values))}
	for i, v := range values {
		if v < 0 || v > 255 {
			return ecg.Sound{}, fmt.Errorf("sample %d is %d instead of a byte", i+1, v)
		}
		got.Samples[i] = byte(v)
	}
	return got, nil
}

// frequency reads how many samples a second has.
func frequency(v *fastjson.Value, most int64) (int, error) {
	n, ok := integer(v)
	if !ok || n < 1 || n > most {
		return 0, errors.New("it has no sampling frequency that can be right")
	}
	return int(n), nil
}

// signal asks for one signal and passes the body of the answer to use.
func (a *Account) signal(ctx context.Context, service exporter.Service, signal int64, use func(body *fastjson.Value) error) error {
	q := request{service: service, path: endpoints[service].path, action: "get", bytes: mostSignal,
		form: url.Values{"action": {"get"}, "signalid": {strconv.FormatInt(signal, 10)}}}
	var problem error
	err := a.call(ctx, q, func(body *fastjson.Value) {
		if problem = use(body); problem != nil {
			problem = hint.Wrap(fmt.Errorf("get: cannot read the recording %d: %w", signal, problem),
				"try again later; if this lasts, please report it")
		}
	})
	switch {
	case hasClass(err, envelope.InvalidParams):
		return &kind{hint.Wrap(fmt.Errorf("recording %d of profile %q does not exist at Withings; each person has their own numbers: %w", signal, a.profile, err),
			"to list them, run: "+shell.Heart(a.profile)), []error{ErrNoSignal}}
	case err != nil:
		return a.failed(service, err)
	}
	return problem
}

// samples reads the list of a signal. Numbers with a fraction would be in a unit that
// is not the documented one.
func samples(v *fastjson.Value, most int) ([]int64, error) {
	if v == nil || v.Type() != fastjson.TypeArray {
		return nil, errors.New("it has no list of samples")
	}
	told := v.GetArray()
	switch {
	case len(told) == 0:
		return nil, errors.New("it has no samples")
	case len(told) > most:
		return nil, fmt.Errorf("it has %d samples, more than %d", len(told), most)
	}
	all := make([]int64, len(told))
	for i, sample := range told {
		value, err := sample.Int64()
		if err != nil {
			return nil, fmt.Errorf("sample %d is not a whole number", i+1)
		}
		all[i] = value
	}
	return all, nil
}
