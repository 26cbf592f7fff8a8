package simulator

import (
	"context"
	"net/http"
	"strconv"
	"strings"
)

const jsonType = "application/json"

// outage is what a web server in front of the API shows when the API is away.
const outage = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body><h1>We will be back soon</h1></body></html>\n"

// write sends an answer, spoiled by the fault if it is of a kind that spoils the transport. Faults that end
// the connection do it with http.ErrAbortHandler, so they need a real server around the Cloud.
func (f *Fault) write(ctx context.Context, w http.ResponseWriter, reply answer) {
	switch f.Kind {
	case FaultHTTP, FaultHTML:
		send(w, reply.http, "text/html; charset=utf-8", outage)
		return
	case FaultEmpty:
		send(w, reply.http, jsonType, "")
		return
	case FaultHang:
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	case FaultLostAnswer:
		panic(http.ErrAbortHandler)
	case FaultEndless:
		flood(ctx, w)
		return
	}
	text := string(appendJSON(nil, reply.tree))
	switch f.Kind {
	case FaultContentType:
		send(w, reply.http, "text/html; charset=utf-8", text)
	case FaultTruncated:
		send(w, reply.http, jsonType, text[:len(text)/2])
	case FaultCut:
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		send(w, http.StatusOK, jsonType, text[:len(text)/2])
		_ = http.NewResponseController(w).Flush() // the connection ends here in any case
		panic(http.ErrAbortHandler)
	default:
		send(w, reply.http, jsonType, text)
	}
}

// send writes a whole answer. A client that has left is not worth an error.
func send(w http.ResponseWriter, status int, contentType, text string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// flood sends valid records for ever. It ends when the client stops reading or leaves.
func flood(ctx context.Context, w http.ResponseWriter) {
	const record = `{"grpid":1,"attrib":0,"date":1,"created":1,"category":1,"measures":[]},`
	w.Header().Set("Content-Type", jsonType)
	chunk := []byte(`{"status":0,"body":{"measuregrps":[`)
	more := []byte(strings.Repeat(record, 400))
	for ctx.Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
		chunk = more
	}
}
