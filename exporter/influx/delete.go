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

// errCannotDelete says that a server cannot delete points at the moment: a proxy
// answers so, too, while the server behind it is down.
var errCannotDelete = errors.New("the server cannot delete points")

// recheck is how long a server that cannot delete is not asked again.
const recheck = time.Hour

// spot is where points of a profile are: all of a measurement at a moment.
type spot struct {
	Measurement string `json:"in"`
	At          int64  `json:"at"` // UNIX seconds
}

func (s spot) is(other spot) bool { return s == other }

func (s spot) compare(other spot) int {
	return cmp.Or(cmp.Compare(s.At, other.At), cmp.Compare(s.Measurement, other.Measurement))
}

// deleting is how a server deletes points, as far as that is known.
type deleting struct {
	mu    sync.Mutex // guards what follows
	way   way        // the one that worked last; nil while none did
	never time.Time  // until then the server counts as one that cannot
	seen  bool       // a point was there before it was deleted, and gone afterwards
	told  bool       // the log says that it cannot
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

// cannotDelete notes that the server cannot, for a while. A write that fails
// afterwards takes that back: nothing the server says counts then.
func (w *Writer) cannotDelete(for_ time.Duration) {
	d := &w.deleting
	d.mu.Lock()
	defer d.mu.Unlock()
	d.way, d.never = nil, time.Now().Add(for_)
	if for_ > 0 && !d.told {
		d.told = true
		w.log.Warn("this server does not delete points at the moment: what is deleted at Withings stays in it, and a night keeps the time of its first version; tried again every hour",
			"server", w.where)
	}
}

// Delete removes the points of a profile at a spot. Which way is the server's is
// found out with the first one.
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

// forget deletes a point of the writer's own, if that is possible.
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
	return w.undeleted(got)
}

// deleteV1 is a statement of InfluxQL. Others than InfluxDB 1 answer it as if it
// were a question, so the answer must be that of a statement without a result.
func (w *Writer) deleteV1(ctx context.Context, profile string, s spot) error {
	got, err := w.influxql(ctx, fmt.Sprintf("DELETE FROM %q WHERE %stime = %ds", s.Measurement, whose(profile), s.At))
	if err != nil {
		return w.unreachable(err)
	}
	results, ok := got.results()
	switch {
	case !ok:
		return w.undeleted(got)
	case results[0].Error != "":
		return w.undeletedBecause(results[0].Error)
	case results[0].Statement == nil || results[0].Series != nil:
		return errCannotDelete
	}
	return nil
}

// undeleted is the error of an answer that does not acknowledge a delete: that
// there is no such call here, or why it did not work.
func (w *Writer) undeleted(r reply) error {
	config := strings.Contains(r.message(), "bucket") || strings.Contains(r.message(), "organization")
	switch {
	case config && !r.page():
	case r.status == http.StatusRequestTimeout, r.status == http.StatusTooManyRequests:
	case r.status < 500, r.status == http.StatusNotImplemented:
		// There may be writes and no deletes, by the server, the token or a proxy.
		// Where it is more than that, the next write tells.
		return errCannotDelete
	}
	return w.judge(r)
}

// undeletedBecause is the error of a statement that the database refuses. InfluxDB 2
// does not know a bucket that the token may not read.
func (w *Writer) undeletedBecause(told string) error {
	for _, never := range []string{"not authorized", "not allowed", "not supported", "not found", "not set", "error parsing"} {
		if strings.Contains(told, never) {
			return errCannotDelete
		}
	}
	return &Error{Status: http.StatusOK, text: fmt.Sprintf("InfluxDB at %s cannot delete points now (%s)", w.where, redact.Text(unquote(told), w.secrets...))}
}
