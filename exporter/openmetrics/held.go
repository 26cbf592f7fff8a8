package openmetrics

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// unescaper is the reverse of escaper.
var unescaper = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`)

// Held is what a file has of a profile.
type Held struct {
	Profile     string
	Service     exporter.Service // "" of metrics that are not in the catalogue
	First, Last time.Time        // of its samples; zero if their times cannot be read
}

// Holdings are what a file has, by profile and service.
func Holdings(path string) ([]Held, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var h holdings
	lines := bufio.NewReaderSize(file, 1<<16)
	for whole := true; ; { // of a line that is longer, only the beginning is looked at
		line, err := lines.ReadSlice('\n')
		if whole {
			h.add(line)
		}
		whole = !errors.Is(err, bufio.ErrBufferFull)
		switch {
		case errors.Is(err, io.EOF):
			slices.SortFunc(h.all, func(a, b Held) int {
				return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Service, b.Service))
			})
			return h.all, nil
		case err != nil && whole:
			return nil, err
		}
	}
}

// holdings are those of the lines of a file so far.
type holdings struct {
	all    []Held
	series []byte // name and profile of the line before
	at     int    // of that in all
}

// add counts a line if it is a sample.
func (h *holdings) add(line []byte) {
	name, profile := sampleOf(line)
	if profile == nil {
		return
	}
	if series := line[:len(name)+len(profileLabel)+len(profile)]; !bytes.Equal(series, h.series) {
		h.series = append(h.series[:0], series...)
		h.at = h.place(string(name), unescaper.Replace(string(profile)))
	}
	at, ok := timeOf(line)
	if !ok {
		return
	}
	held := &h.all[h.at]
	if held.First.IsZero() || at.Before(held.First) {
		held.First = at
	}
	if at.After(held.Last) {
		held.Last = at
	}
}

// place is where a metric of a profile is counted.
func (h *holdings) place(name, profile string) int {
	var service exporter.Service
	if m := exporter.ByName(strings.TrimPrefix(name, exporter.Prefix)); m != nil {
		service = m.Service
	}
	at := slices.IndexFunc(h.all, func(a Held) bool { return a.Profile == profile && a.Service == service })
	if at < 0 {
		at = len(h.all)
		h.all = append(h.all, Held{Profile: profile, Service: service})
	}
	return at
}

// sampleOf are the metric and the profile of a sample as they are written, nil of another line.
func sampleOf(line []byte) (metric, profile []byte) {
	metric, rest, ok := bytes.Cut(line, []byte(profileLabel))
	if !ok || line[0] == '#' {
		return nil, nil
	}
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return metric, rest[:i]
		}
	}
	return nil, nil
}

// timeOf is that of a sample.
func timeOf(line []byte) (at time.Time, ok bool) {
	line, ended := bytes.CutSuffix(line, []byte("\n"))
	seconds, err := strconv.ParseFloat(string(line[bytes.LastIndexByte(line, ' ')+1:]), 64)
	if !ended || err != nil {
		return at, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}
