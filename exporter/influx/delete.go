package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// errCannotDelete says that a server has no way to delete a point.
var errCannotDelete = errors.New("the server cannot delete points")

// How a server deletes points.
const (
	dialectUnknown int32 = iota
	dialectV2            // /api/v2/delete: InfluxDB 2
	dialectV1            // InfluxQL: InfluxDB 1
	dialectNone          // InfluxDB 3, VictoriaMetrics
)

// spot is where points of a profile are: all of a measurement at a moment.
type spot struct {
	measurement, profile string
	at                   int64 // UNIX seconds
}

// Delete removes the points at a spot. Which way is the server's is found out
// with the first one.
func (w *Writer) Delete(ctx context.Context, s spot) error {
	ways := map[int32]func(context.Context, spot) error{dialectV2: w.deleteV2, dialectV1: w.deleteV1}
	if known := w.dialect.Load(); known != dialectUnknown {
		if way := ways[known]; way != nil {
			return way(ctx, s)
		}
		return errCannotDelete
	}
	for _, dialect := range []int32{dialectV2, dialectV1} {
		err := ways[dialect](ctx, s)
		if !errors.Is(err, errCannotDelete) {
			if err == nil {
				w.dialect.Store(dialect)
			}
			return err
		}
	}
	w.dialect.Store(dialectNone)
	w.log.Warn("this server cannot delete points: a night keeps the time of its first version, and what is deleted at Withings stays",
		"server", w.where)
	return errCannotDelete
}

// deleteV2 is the call of InfluxDB 2.
func (w *Writer) deleteV2(ctx context.Context, s spot) error {
	at := time.Unix(s.at, 0).UTC()
	body, err := json.Marshal(map[string]any{
		"start": at, "stop": at.Add(time.Nanosecond),
		"predicate": fmt.Sprintf(`_measurement=%q AND profile=%s`, s.measurement, quote(s.profile, `"`)),
	})
	if err != nil {
		return err
	}
	query := url.Values{"org": {w.org}, "bucket": {w.bucket}}
	return w.ask(ctx, "api/v2/delete", query, string(body), "application/json", nil)
}

// deleteV1 is a statement of InfluxQL. Others than InfluxDB 1 answer it as if it
// were a question, so the answer must be that of a statement without a result.
func (w *Writer) deleteV1(ctx context.Context, s spot) error {
	database, _, _ := strings.Cut(w.bucket, "/")
	statement := fmt.Sprintf(`DELETE FROM %q WHERE "profile" = %s AND time = %ds`, s.measurement, quote(s.profile, `'`), s.at)
	form := url.Values{"db": {database}, "q": {statement}}
	return w.ask(ctx, "query", nil, form.Encode(), "application/x-www-form-urlencoded", func(answer io.Reader) error {
		var told struct {
			Results []struct {
				Statement *int              `json:"statement_id"`
				Series    []json.RawMessage `json:"series"`
				Error     string            `json:"error"`
			} `json:"results"`
		}
		err := json.NewDecoder(answer).Decode(&told)
		switch {
		case err != nil || len(told.Results) != 1:
			return errCannotDelete
		case told.Results[0].Error != "":
			return fmt.Errorf("InfluxDB at %s does not delete: %s; the user must be allowed to", w.where, told.Results[0].Error)
		case told.Results[0].Statement == nil || told.Results[0].Series != nil:
			return errCannotDelete
		}
		return nil
	})
}

// quote writes a string of a statement.
func quote(s, mark string) string {
	return mark + strings.NewReplacer(`\`, `\\`, mark, `\`+mark).Replace(s) + mark
}

// ask posts to a path below the base; an answer that says there is no such
// thing is errCannotDelete.
func (w *Writer) ask(ctx context.Context, path string, query url.Values, body, kind string, read func(io.Reader) error) error {
	at := w.base.JoinPath(path)
	at.RawQuery = query.Encode()
	failed := w.service.DoPostRequest(ctx, at.String(), strings.NewReader(body),
		func(r *http.Request) { r.Header.Set("Content-Type", kind) },
		func(r *http.Response) error {
			defer r.Body.Close()
			if read == nil {
				return nil
			}
			return read(io.LimitReader(r.Body, 1<<20))
		})
	switch {
	case failed == nil:
		return nil
	case errors.Is(failed, errCannotDelete):
		return errCannotDelete
	case noSuchThing(failed):
		return errCannotDelete
	}
	err := w.judge(failed)
	var bad *errBad
	if errors.As(err, &bad) {
		return fmt.Errorf("InfluxDB at %s does not delete: %s", w.where, bad.told)
	}
	return err
}

func noSuchThing(e *influxhttp.Error) bool {
	switch e.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusBadRequest:
		return strings.Contains(e.Message, "unsupported path") // VictoriaMetrics
	}
	return false
}
