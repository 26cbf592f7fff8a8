package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/openmetrics"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
)

// post sends the file to a server that imports such files, as VictoriaMetrics does.
func (f *intoFile) post(ctx context.Context, o openmetrics.Options) (openmetrics.Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, feed := io.Pipe()
	written := make(chan struct{})
	var sum openmetrics.Summary
	var failed error
	go func() {
		defer close(written)
		sum, failed = openmetrics.Write(ctx, feed, f.spools, o)
		feed.CloseWithError(failed)
	}()
	answer, err := f.send(ctx, body)
	_ = body.CloseWithError(errors.New("the server ended the import"))
	<-written
	switch {
	case err != nil:
		return sum, fmt.Errorf("send the history to %s: %w", f.place(), err)
	case failed != nil:
		return sum, fmt.Errorf("send the history to %s: %w", f.place(), failed)
	case answer != http.StatusNoContent:
		return sum, hint.Wrap(fmt.Errorf("send the history to %s: HTTP status %d instead of 204, so nothing counts as imported", f.place(), answer),
			"check the address; the path of VictoriaMetrics is /api/v1/import/prometheus")
	}
	return sum, nil
}

// answerTime is how long a server may take to answer once it has the whole file.
const answerTime = 10 * time.Minute

// send posts a body while it is being written. It follows no redirect, since the
// body cannot be sent twice.
func (f *intoFile) send(ctx context.Context, body io.Reader) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.file, body)
	if err != nil {
		return 0, hint.Wrap(errors.New("not a valid address"), "check --to")
	}
	req.Header.Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
	transport := reach.Transport()
	transport.ResponseHeaderTimeout = answerTime
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: reach.FirstAnswer}
	answer, err := client.Do(req)
	if err != nil {
		return 0, reach.Bare(err)
	}
	return answer.StatusCode, answer.Body.Close()
}

// place is where the file is, or the address without what may be secret.
func (f *intoFile) place() string {
	if !f.posted() {
		return shell.Place(f.file)
	}
	place, _, _ := strings.Cut(f.file, "?")
	if i := strings.LastIndex(place, "@"); i >= 0 {
		place = place[i+1:]
	}
	return place
}
