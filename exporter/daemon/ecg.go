package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/withings"
)

// Whoever reaches the pages can have ECGs drawn, which costs a request for each: only
// those that are known, one at a time, and few. A dozen is what a person looks at in one
// go; then one a minute keeps clear of the 120 a minute that Withings allows.
const (
	curvesAtOnce = 12
	curveEvery   = time.Minute
	mostWaiting  = 4      // for another drawing to end
	keptCurves   = 8      // in memory
	longestKept  = 20_000 // samples; longer ones are asked for each time
)

// viewer draws the ECGs of the profiles that are served.
type viewer struct {
	set  *profiles.Set
	now  func() time.Time
	room chan struct{} // as many as may wait or draw
	turn chan struct{} // one draws
	rate *rate.Limiter // of curves from Withings

	mu   sync.Mutex // guards kept
	kept []keptCurve
}

// keptCurve is a curve in memory. The heading is made again each time.
type keptCurve struct {
	state  *exporter.State
	signal int64
	curve  withings.ECG
}

func newViewer(set *profiles.Set, now func() time.Time) *viewer {
	return &viewer{
		set: set, now: now, room: make(chan struct{}, mostWaiting+1), turn: make(chan struct{}, 1),
		rate: rate.NewLimiter(rate.Every(curveEvery), curvesAtOnce),
	}
}

// draw draws the ECG of a profile, which may be unnamed if it is the only one. What
// cannot be drawn is a *web.Problem.
func (v *viewer) draw(ctx context.Context, profile string, signal int64) ([]byte, error) {
	m, r, err := v.find(profile, signal)
	if err != nil {
		return nil, err
	}
	curve, err := v.curve(ctx, m, signal)
	if err != nil {
		return nil, v.problem(ctx, m, err)
	}
	svg, err := ecg.SVG(curve.Curve, v.heading(m, r, curve))
	if err != nil {
		return nil, &web.Problem{Status: http.StatusBadGateway, Text: command.Sentence(fmt.Sprintf("recording %d: %v", signal, err))}
	}
	return svg, nil
}

// find is the profile and the record of a signal that it holds.
func (v *viewer) find(profile string, signal int64) (*profiles.Member, exporter.Record, error) {
	all := v.set.List()
	i := slices.IndexFunc(all, func(m *profiles.Member) bool { return spelling.Of(m.State.Profile()) == spelling.Of(profile) })
	switch {
	case profile == "" && len(all) == 1:
		i = 0
	case profile == "":
		return nil, exporter.Record{}, &web.Problem{Status: http.StatusNotFound, Text: "Whose ECG? Add ?profile=NAME to the address."}
	case i < 0:
		return nil, exporter.Record{}, &web.Problem{Status: http.StatusNotFound, Text: "There is no such profile. Correct profile=NAME in the address."}
	}
	r, ok := all[i].State.Find(exporter.ByOrigin(exporter.Heart, "ecg.signalid"), exporter.Integer(signal))
	if !ok {
		return nil, exporter.Record{}, &web.Problem{Status: http.StatusNotFound, Text: fmt.Sprintf(
			"ECG %d is not among the newest ECGs of %s, which the exporter knows. Older ones are drawn by:\n\n    %s --signal=%[1]d --out=ecg.svg",
			signal, all[i].State.Profile(), shell.Heart(all[i].State.Profile()))}
	}
	return all[i], r, nil
}

// errBusy and errMany are why Withings is not asked for a curve now.
var (
	errBusy = &web.Problem{Status: http.StatusServiceUnavailable, Text: "Other ECGs are being drawn. Reload this page in a few seconds."}
	errMany = &web.Problem{Status: http.StatusTooManyRequests, Text: "Many ECGs were drawn of late. Reload this page in a minute."}
)

// curve is one from memory, or else from Withings.
func (v *viewer) curve(ctx context.Context, m *profiles.Member, signal int64) (withings.ECG, error) {
	if curve, ok := v.known(m, signal); ok {
		return curve, nil
	}
	select {
	case v.room <- struct{}{}:
		defer func() { <-v.room }()
	default:
		return withings.ECG{}, errBusy
	}
	select {
	case v.turn <- struct{}{}:
		defer func() { <-v.turn }()
	case <-ctx.Done():
		return withings.ECG{}, errBusy
	}
	if curve, ok := v.known(m, signal); ok { // whoever had the turn before wanted the same
		return curve, nil
	}
	if !v.rate.AllowN(v.now(), 1) {
		return withings.ECG{}, errMany
	}
	curve, err := m.Viewer.ECG(ctx, signal)
	if err == nil && len(curve.Microvolts) <= longestKept {
		v.keep(keptCurve{state: m.State, signal: signal, curve: curve})
	}
	return curve, err
}

// known is a curve in memory.
func (v *viewer) known(m *profiles.Member, signal int64) (withings.ECG, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range v.kept {
		if k.state == m.State && k.signal == signal {
			return k.curve, true
		}
	}
	return withings.ECG{}, false
}

// keep keeps a curve instead of the oldest one.
func (v *viewer) keep(curve keptCurve) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept = append(v.kept, curve)
	if len(v.kept) > keptCurves {
		v.kept = slices.Clone(v.kept[1:])
	}
}

// problem is an error of Withings for the person who wanted to see an ECG.
func (v *viewer) problem(ctx context.Context, m *profiles.Member, err error) error {
	if problem, ok := errors.AsType[*web.Problem](err); ok {
		return problem
	}
	if ctx.Err() != nil {
		return &web.Problem{Status: http.StatusGatewayTimeout, Text: "Withings does not send the ECG in time. Reload this page in a minute."}
	}
	status := http.StatusBadGateway
	switch {
	case errors.Is(err, withings.ErrNoSignal):
		status = http.StatusNotFound
	case errors.Is(err, exporter.ErrNotAuthorized):
		status = http.StatusServiceUnavailable
	}
	lines := []string{fmt.Sprintf("The ECG of %s cannot be drawn.", m.State.Profile())}
	for _, l := range hint.Lines(err) {
		lines = append(lines, command.Sentence(l.Text))
		if l.Advice != "" {
			lines = append(lines, command.Sentence(l.Advice))
		}
	}
	return &web.Problem{Status: status, Text: strings.Join(lines, "\n")}
}

// heading is what stands above the curve of a recording.
func (v *viewer) heading(m *profiles.Member, r exporter.Record, curve withings.ECG) ecg.Heading {
	value := func(key string) int64 {
		d, _ := r.Value(exporter.ByOrigin(exporter.Heart, key))
		return int64(d.Float())
	}
	zone := m.State.Timezone()
	if zone == nil {
		zone = time.UTC
	}
	f := ecg.Facts{
		Person: m.State.Profile(), At: r.Start.In(zone), Device: curve.Model, Position: curve.Position,
		Rate: value("heart_rate"), Systolic: value("bloodpressure.systole"), Diastolic: value("bloodpressure.diastole"), Signal: value("ecg.signalid"),
	}
	if found, has := r.Value(exporter.ByOrigin(exporter.Heart, "ecg.afib")); has {
		f.Finding = ecg.Finding(int64(found.Float()))
	}
	return f.Heading(curve.Curve)
}
