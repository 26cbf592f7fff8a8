package influx

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"withings-exporter/exporter/redact"
)

// errCannotDelete says that a server cannot delete points now: a proxy may answer
// the same while the server behind it is down.
var errCannotDelete = errors.New("the server cannot delete points")

// recheck is when a server that cannot delete is asked again.
const recheck = time.Hour

// spot is where points of a profile are: those of a measurement at a moment.
type spot struct {
	Measurement string `json:"in"`
	At          int64  `json:"at"` // UNIX seconds
}

func (s spot) is(other spot) bool { return s == other }

func (s spot) compare(other spot) int {
	return cmp.Or(cmp.Compare(s.At, other.At), cmp.Compare(s.Measurement, other.Measurement))
}

// deleting is what is known of how a server deletes points.
type deleting struct {
	mu    sync.Mutex // guards what follows
	way   way        // the one that worked last; nil while none has
	never time.Time  // until then the server is not asked
	seen  bool       // a point was there before it was deleted, and gone afterwards
	told  bool       // it was logged that the server cannot
}

// way is a call that deletes the points of a profile at a spot.
type way func(w *Writer, ctx context.Context, profile string, s spot) error

// canDelete reports whether it is worth trying to delete.
func (w *Writer) canDelete() bool {
	d := &w.deleting
	d.mu.Lock()
	defer d.mu.Unlock()
	return !time.Now().Before(d.never)
}

// cannotDelete notes for a while that the server cannot delete. If a write fails
// afterwards, 0 takes that back: then nothing the server said counts.
func (w *Writer) cannotDelete(span time.Duration) {
	d := &w.deleting
	d.mu.Lock()
	defer d.mu.Unlock()
	d.way, d.never = nil, time.Now().Add(span)
	if span > 0 && !d.told {
		d.told = true
		w.log.Warn("InfluxDB cannot delete points now: what Withings has deleted stays there, and a night keeps the time of its first version; tried again every hour",
			"server", w.where)
	}
}

// Delete removes the points of a profile at a spot. The first call finds out how this
// server does that.
func (w *Writer) Delete(ctx context.Context, profile string, s spot) error {
	d := &w.deleting
	d.mu.Lock()
	known, seen := d.way, d.seen
	d.mu.Unlock()
	ways := []way{(*Writer).deleteV2, (*Writer).deleteV1}
	if known != nil {
		ways = []way{known}
	}
	there := false
	if !seen {
		there, _, _ = w.has(ctx, profile, s)
	}
	for _, by := range ways {
		err := by(w, ctx, profile, s)
		if errors.Is(err, errCannotDelete) {
			continue
		}
		if err == nil && there {
			if still, known, _ := w.has(ctx, profile, s); known && still {
				continue // InfluxDB Cloud Serverless acknowledges, and deletes nothing
			}
		}
		if err == nil {
			d.mu.Lock()
			d.way, d.seen, d.told = by, d.seen || there, false
			d.mu.Unlock()
		}
		return err
	}
	return errCannotDelete
}

// forget deletes a point of the writer's own, if possible.
func (w *Writer) forget(ctx context.Context, s spot) {
	if !w.canDelete() {
		return
	}
	if w.deleteV2(ctx, "", s) != nil {
		_ = w.deleteV1(ctx, "", s) // it does no harm where it stays
	}
}

// deleteV2 is the call of InfluxDB 2.
func (w *Writer) deleteV2(ctx context.Context, profile string, s spot) error {
	at := time.Unix(s.At, 0).UTC()
	predicate := fmt.Sprintf(`_measurement=%q`, s.Measurement)
	if profile != "" {
		predicate += " AND profile=" + quote(profile, `"`)
	}
	body, err := json.Marshal(map[string]any{"start": at, "stop": at.Add(time.Nanosecond), "predicate": predicate})
	if err != nil {
		return err
	}
	got, err := w.ask(ctx, "api/v2/delete", url.Values{"org": {w.org}, "bucket": {w.bucket}},
		strings.NewReader(string(body)), "Content-Type", "application/json")
	switch {
	case err != nil:
		return w.unreachable(err)
	case got.status == http.StatusNoContent:
		return nil
	}
	return w.undeleted(ctx, got)
}

// deleteV1 sends a statement of InfluxQL. Servers other than InfluxDB 1 may answer it
// as if it were a query, so the answer must be that of a statement without a result.
func (w *Writer) deleteV1(ctx context.Context, profile string, s spot) error {
	got, err := w.influxql(ctx, fmt.Sprintf("DELETE FROM %q WHERE %stime = %ds", s.Measurement, whose(profile), s.At))
	if err != nil {
		return w.unreachable(err)
	}
	results, ok := got.results()
	switch {
	case !ok:
		return w.undeleted(ctx, got)
	case results[0].Error != "":
		return w.undeletedBecause(results[0].Error)
	case results[0].Statement == nil || results[0].Series != nil:
		return errCannotDelete
	}
	return nil
}

// undeleted is the error of an answer that does not acknowledge a delete:
// errCannotDelete if the server has no such call, otherwise why it failed.
func (w *Writer) undeleted(ctx context.Context, r reply) error {
	config := strings.Contains(r.message(), "bucket") || strings.Contains(r.message(), "organization")
	switch {
	case config && !r.page():
	case r.status == http.StatusRequestTimeout, r.status == http.StatusTooManyRequests:
	case r.status < 500, r.status == http.StatusNotImplemented:
		// The server, the token or a proxy may allow writes but no deletes. If more is
		// wrong, the next write shows it.
		return errCannotDelete
	}
	return w.judge(ctx, r)
}

// undeletedBecause is the error of a statement that the database rejects. InfluxDB 2
// says "not found" of a bucket that the token may not read.
func (w *Writer) undeletedBecause(told string) error {
	for _, never := range []string{"not authorized", "not allowed", "not supported", "not found", "not set", "error parsing"} {
		if strings.Contains(told, never) {
			return errCannotDelete
		}
	}
	return &Error{Status: http.StatusOK, text: fmt.Sprintf("InfluxDB at %s cannot delete points now (%s)", w.where, redact.Text(unquote(told), w.secrets...))}
}
