package heart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/withings"
)

// mostListed is how many recordings are listed unless all are asked for.
const mostListed = 50

// recording is one that can be shown: an ECG, or the sound of a stethoscope. A row of
// Withings' list may be both.
type recording struct {
	withings.Recording
	signal int64 // 0 for one that failed
	sound  bool
}

// list prints a table, the newest recording first.
func (v *viewer) list(ctx context.Context) error {
	since := time.Unix(1, 0)
	if v.options.Since != "" {
		since, _, _ = command.Instant(v.options.Since, v.zone()) // which check has read before
	}
	all, err := v.recordings(ctx, since, 0)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		since := ""
		if v.options.Since != "" {
			since = " since " + v.options.Since
		}
		fmt.Fprintf(v.talk, "Withings has no recordings of %s%s.\n", v.member.State.Profile(), since)
		return nil
	}
	shown := all
	if !v.options.All {
		shown = all[:min(len(all), mostListed)]
	}
	table := tabwriter.NewWriter(v.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "When\tDevice\tResult\tbpm\tmmHg\tSignal")
	for _, r := range shown {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", v.when(r).Format("2006-01-02 15:04 MST"),
			cmp.Or(v.device(r), "-"), r.result(), r.number(exporter.Heart, "heart_rate"), r.pressure(), r.id())
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the list: %w", err)
	}
	if len(shown) < len(all) {
		fmt.Fprintf(v.talk, "These are the newest %d of %s; --all lists every one.\n", len(shown), english.Plural(len(all), "recording", ""))
	}
	if i := slices.IndexFunc(shown, func(r recording) bool { return r.signal != 0 && !r.sound }); i >= 0 {
		fmt.Fprintf(v.talk, "To draw one, run: %s --signal=%d --out=ecg.svg\n", shell.Heart(v.member.State.Profile()), shown[i].signal)
	}
	return nil
}

// recordings are all since a moment, the newest first. Some sounds are in both of
// Withings' lists; the second is not read if the first has the wanted signal.
func (v *viewer) recordings(ctx context.Context, since time.Time, wanted int64) ([]recording, error) {
	var all []recording
	heard := map[int64]bool{}
	span := exporter.Span{From: since, To: v.settings.Now().Add(48 * time.Hour)}
	err := v.member.Account.Recordings(ctx, exporter.Heart, span, func(r withings.Recording) {
		all = append(all, recording{Recording: r, signal: value(r, exporter.Heart, "ecg.signalid")})
		if sound := value(r, exporter.Heart, "stetho.signalid"); sound != 0 {
			heard[sound] = true
			all = append(all, recording{Recording: r, signal: sound, sound: true})
		}
	})
	if err != nil || wanted != 0 && slices.ContainsFunc(all, func(r recording) bool { return r.signal == wanted }) {
		return all, err
	}
	err = v.member.Account.Recordings(ctx, exporter.Stetho, span, func(r withings.Recording) {
		if sound := value(r, exporter.Stetho, "signalid"); sound != 0 && !heard[sound] {
			heard[sound] = true
			all = append(all, recording{Recording: r, signal: sound, sound: true})
		}
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, exporter.ErrNotAuthorized) { // the ECGs are what most people have
		fmt.Fprintf(v.talk, "Recordings of a stethoscope are not listed: %v\n", err)
		err = nil
	}
	slices.SortStableFunc(all, func(a, b recording) int { return b.Start.Compare(a.Start) })
	return all, err
}

// value is a field of a row; 0 if it is absent.
func value(r withings.Recording, service exporter.Service, key string) int64 {
	metric := exporter.ByOrigin(service, key)
	for _, reading := range r.Readings {
		if reading.Metric == metric {
			return int64(reading.Value.Float())
		}
	}
	return 0
}

// number is a field in words; "" if it is absent.
func (r recording) number(service exporter.Service, key string) string {
	if n := value(r.Recording, service, key); n != 0 && !r.sound {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

// has reports whether a row has a field.
func (r recording) has(service exporter.Service, key string) bool {
	metric := exporter.ByOrigin(service, key)
	return slices.ContainsFunc(r.Readings, func(is exporter.Reading) bool { return is.Metric == metric })
}

// result is that of the recording in words. Those of a sound are documented nowhere.
func (r recording) result() string {
	service, key := exporter.Heart, "stetho.vhd"
	if r.has(exporter.Stetho, "timestamp") {
		service, key = exporter.Stetho, "vhd"
	}
	switch {
	case r.sound && r.has(service, key):
		return fmt.Sprintf("sound (code %d)", value(r.Recording, service, key))
	case r.sound:
		return "sound"
	case r.signal == 0:
		return "failed"
	case !r.has(exporter.Heart, "ecg.afib"):
		return "none"
	}
	return ecg.Result(value(r.Recording, exporter.Heart, "ecg.afib"))
}

// pressure is the blood pressure that was measured at the same time; "" without one.
func (r recording) pressure() string {
	upper, lower := r.number(exporter.Heart, "bloodpressure.systole"), r.number(exporter.Heart, "bloodpressure.diastole")
	if upper == "" || lower == "" {
		return ""
	}
	return upper + "/" + lower
}

// id is the number of the signal; "-" for a recording that failed.
func (r recording) id() string {
	if r.signal == 0 {
		return "-"
	}
	return strconv.FormatInt(r.signal, 10)
}

// when is the moment of a recording where the person was, or else in the time zone of
// the profile.
func (v *viewer) when(r recording) time.Time {
	if r.Zone != nil && v.settings.Timezone == nil {
		return r.Start.In(r.Zone)
	}
	return r.Start.In(v.zone())
}

// zone is the time zone of the profile, UTC if it is not known.
func (v *viewer) zone() *time.Location {
	return cmp.Or(v.settings.Timezone, v.member.State.Timezone(), time.UTC)
}

// device is the name of the device that made a recording; "" if it is not known.
func (v *viewer) device(r recording) string {
	if r.Model != "" {
		return r.Model
	}
	info := exporter.ByOrigin(exporter.Device, "info")
	for _, s := range v.member.State.Snapshot(v.settings.Now()).Samples {
		if labels := s.Labels.Values(); s.Metric == info && labels[0] == r.Device && len(labels) > 2 {
			return labels[2]
		}
	}
	return ""
}
