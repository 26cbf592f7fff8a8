package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"withings-exporter/exporter"
)

// Error says why a server did not take what was written, and what to do.
type Error struct {
	Final  bool // the same request fails again until somebody mends something
	Status int  // HTTP status, 0 when there was no answer
	text   string
}

func (e *Error) Error() string { return e.text }

// Is makes a final error one that somebody must mend.
func (e *Error) Is(target error) bool { return target == exporter.ErrMend && e.Final }

// errBad is an answer that refuses some of the lines.
type errBad struct {
	told    string // by the server, without readings
	partial int    // how many at least, where others may have been taken; 0 where none was, or it is the size that is refused
}

func (e *errBad) Error() string { return e.told }

// judge tells apart what may pass, what a person must mend, and lines that the
// server does not take.
func (w *Writer) judge(err error) error {
	var answer *influxhttp.Error
	if !errors.As(err, &answer) || answer.StatusCode == 0 {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		if errors.Is(err, context.Canceled) {
			return err
		}
		return &Error{text: fmt.Sprintf("InfluxDB at %s does not answer: %v; check --influx.url, and whether the server runs", w.where, err)}
	}
	told := tame(answer)
	fail := func(final bool, format string, args ...any) error {
		text := fmt.Sprintf("InfluxDB at %s ", w.where) + fmt.Sprintf(format, args...)
		return &Error{Final: final, Status: answer.StatusCode, text: text}
	}
	switch status := answer.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fail(true, "refuses the token (%s); check --influx.token-file, which InfluxDB 1.8 wants as user:password, "+
			"and that it may write to bucket %q", told, w.bucket)
	case status == http.StatusNotFound:
		return fail(true, "has no bucket %q, or not the version 2 write interface (%s); make the bucket, check "+
			"--influx.bucket (database/retention policy in InfluxDB 1.8, which is the oldest that will do) and --influx.url", w.bucket, told)
	case status == http.StatusRequestEntityTooLarge:
		return &errBad{told: told}
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return &errBad{told: told, partial: refusedOf(told)}
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return fail(false, "cannot take readings now (%s)", told)
	}
	return fail(true, "answers with HTTP status %d (%s); check --influx.url", answer.StatusCode, told)
}

var (
	quoted  = regexp.MustCompile(`(?s)'.*'`)
	dropped = regexp.MustCompile(`dropped=(\d+)`)
)

// tame is what a server said, on one line and without the lines it quotes: those
// are readings.
func tame(answer *influxhttp.Error) string {
	text := answer.Message
	if text == "" {
		text = answer.Header.Get("X-Influxdb-Error")
	}
	if text == "" {
		text = http.StatusText(answer.StatusCode)
	}
	text = strings.Join(strings.Fields(quoted.ReplaceAllString(text, "a line")), " ")
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + " …"
	}
	return text
}

// refusedOf reads how many lines of a partial write were refused; 0 when the
// write was not partial, and so nothing of it was taken.
func refusedOf(told string) int {
	if !strings.Contains(told, "partial write") {
		return 0
	}
	if m := dropped.FindStringSubmatch(told); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			return n
		}
	}
	return 1
}
