package heart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/ecg"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
)

// The formats of a file, by the end of its name.
const (
	drawn   = ".svg"
	numbers = ".csv"
	played  = ".wav"
)

// format is that of --out; standard output gets numbers.
func (o Options) format() string {
	if o.toStandardOutput() {
		return numbers
	}
	return strings.ToLower(filepath.Ext(o.Out))
}

func (o Options) toStandardOutput() bool { return o.Out == "" || o.Out == "-" }

// free reports whether a recording may be written to a path: to a new file of a known
// format, or to standard output.
func free(path string) error {
	if (Options{Out: path}).toStandardOutput() {
		return nil
	}
	if format := (Options{Out: path}).format(); !slices.Contains([]string{drawn, numbers, played}, format) {
		return command.Usagef("give a name that ends in .svg (a drawing), .csv (numbers) or .wav (the sound of a stethoscope)",
			"--out %q: unknown kind of file", path)
	}
	if err := command.MayWrite("--out", path); err != nil {
		return err
	}
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return taken(path)
	case !errors.Is(err, fs.ErrNotExist):
		return command.Usage(hint.Wrap(fmt.Errorf("look at --out: %w", err), "choose another file"))
	}
	if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
		return command.Usagef("create it first, or choose another file", "--out %q: there is no folder %q", path, filepath.Dir(path))
	}
	return nil
}

func taken(path string) error {
	return command.Usagef("choose another file, or delete it first", "--out %q exists and is left alone", path)
}

// write fetches the recording that was asked for and writes it.
func (v *viewer) write(ctx context.Context) error {
	listed, err := v.recordings(ctx, time.Unix(1, 0), v.options.Signal)
	if err != nil {
		return err
	}
	o := v.options
	r := recording{signal: o.Signal, sound: o.format() == played}
	if i := slices.IndexFunc(listed, func(r recording) bool { return r.signal == o.Signal }); i >= 0 {
		r = listed[i]
	} // otherwise Withings says whether there is one
	switch {
	case r.sound && o.format() != played:
		return command.Usagef("give --out=FILE.wav", "recording %d is the sound of a stethoscope, which has no curve", o.Signal)
	case !r.sound && o.format() == played:
		return command.Usagef("give --out=FILE.svg or FILE.csv", "recording %d is an ECG, which cannot be played", o.Signal)
	}
	data, length, err := v.content(ctx, r)
	if err != nil {
		return err
	}
	if o.toStandardOutput() {
		if _, err := v.out.Write(data); err != nil {
			return fmt.Errorf("print the recording: %w", err)
		}
		return nil
	}
	err = statedir.Create(o.Out, data)
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(o.Out)
	case err != nil:
		return statedir.Elsewhere(err, "the recording", o.Out, "choose a --out FILE in a folder that can be written")
	}
	fmt.Fprintf(v.talk, "%s of recording %d were written to %s.\n%s", length, o.Signal, shell.Place(o.Out), shell.Fetching(o.Out))
	return nil
}

// content fetches a recording and is what its file consists of.
func (v *viewer) content(ctx context.Context, r recording) (data []byte, length string, err error) {
	if r.sound {
		sound, err := v.member.Account.Sound(ctx, r.signal)
		if err != nil {
			return nil, "", err
		}
		data, err = ecg.WAV(sound)
		return data, english.Plural(len(sound.Samples)/sound.Frequency, "second", ""), err
	}
	is, err := v.member.Account.ECG(ctx, r.signal)
	if err != nil {
		return nil, "", err
	}
	if v.options.format() == drawn {
		r.Model = cmp.Or(is.Model, r.Model)
		data, err = ecg.SVG(is.Curve, v.heading(r, is.Curve, is.Position))
	} else {
		data, err = ecg.CSV(is.Curve)
	}
	if err != nil {
		return nil, "", hint.Wrap(fmt.Errorf("recording %d: %w", r.signal, err), "please report it")
	}
	return data, english.Plural(int(is.Duration()/time.Second), "second", ""), nil
}

// heading is what the paper says above the curve. Of a signal that Withings does not
// list only its number is known.
func (v *viewer) heading(r recording, curve ecg.Curve, position string) ecg.Heading {
	f := ecg.Facts{Person: v.member.State.Profile(), Device: v.device(r), Position: position, Signal: r.signal,
		Rate:     value(r.Recording, exporter.Heart, "heart_rate"),
		Systolic: value(r.Recording, exporter.Heart, "bloodpressure.systole"), Diastolic: value(r.Recording, exporter.Heart, "bloodpressure.diastole")}
	if !r.Start.IsZero() {
		f.At = v.when(r)
	}
	if r.has(exporter.Heart, "ecg.afib") {
		f.Finding = ecg.Finding(value(r.Recording, exporter.Heart, "ecg.afib"))
	}
	return f.Heading(curve)
}
