package influx

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// What becomes of a point: the result label of withings_influx_points_total.
const (
	ResultWritten = "written" // the server acknowledged it
	ResultRefused = "refused" // the server rejected it by name
	ResultFailed  = "failed"  // the write failed; it is tried again later
)

// Results lists every result, for counters that begin at zero.
func Results() []string { return []string{ResultWritten, ResultRefused, ResultFailed} }

// Options say which server.
type Options struct {
	URL    string // its address, with a path if it is below one
	Org    string
	Bucket string // database/retention policy of InfluxDB 1.8
	Token  string // user:password of InfluxDB 1.8

	TokenFile string // where Token was read from, for messages; empty: from none
	TokenFrom string // where else Token was given, for messages; empty: that is not known

	TokenReread bool // a reload reads it there again, for messages

	HTTP *http.Client
	Log  *slog.Logger

	Observe func(result string, points int)
}

// Writer sends lines to one server. It is safe for concurrent use.
type Writer struct {
	service   influxhttp.Service
	base      *url.URL
	org       string
	bucket    string
	token     string
	tokenFile string
	tokenFrom string
	reread    bool     // what tokenFrom names, by a reload
	where     string   // the server as named in messages
	secrets   []string // not to be repeated in messages
	log       *slog.Logger
	observe   func(result string, points int)

	batch  atomic.Int32 // how many lines are sent in one request
	good   atomic.Int32 // how many lines in a row were acknowledged
	packed atomic.Bool  // the connection is slow: bodies are compressed
	causes sync.Map     // of refused points, which were logged
	heard  atomic.Int64 // when it last answered, or was last asked whether it is there, UNIX nanoseconds
	probed atomic.Bool  // it was tried without something to write whether the server takes a point
	proven atomic.Int64 // when the server last acknowledged a line, UNIX nanoseconds

	deleting deleting
}

const (
	// most is how many points are sent in one request; InfluxDB advises 5,000.
	most = 5000
	// fewest is how few are sent in one over the slowest connection, some 8 KB.
	fewest = 50
	// regain is how many lines must be acknowledged before requests grow again. It is
	// more than one Write has, so that at least every other Write succeeds.
	regain = 2 * most
	// provenFor is how long an acknowledgement shows that the server stores points, so
	// that a rejected line is the fault of the line.
	provenFor = time.Minute
)

// New returns a writer for a server. It sends no health check, since servers differ
// more in those than in how they accept a write.
func New(o Options) (*Writer, error) {
	o, err := Resolve(o)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(o.URL + "/") // so that the last part of the path stays
	if err != nil {
		return nil, fmt.Errorf("--influx.url is not an address: %w", err)
	}
	client := o.HTTP
	if client == nil {
		client = transport()
	}
	service := influxhttp.NewService(base.String(), "Token "+o.Token,
		influxhttp.DefaultOptions().SetHTTPClient(bounded(client)).SetApplicationName("withings-exporter"))
	w := &Writer{service: service, base: base, org: o.Org, bucket: o.Bucket, token: o.Token, tokenFile: o.TokenFile, tokenFrom: o.TokenFrom, reread: o.TokenReread,
		where: base.Host, log: o.Log, observe: o.Observe}
	if _, password, found := strings.Cut(o.Token, ":"); found {
		w.secrets = append(w.secrets, password)
	}
	w.secrets = append(w.secrets, o.Token)
	w.batch.Store(most)
	return w, nil
}

// Target identifies where the points go, without the token.
func (w *Writer) Target() string {
	return strings.Join([]string{w.base.String(), w.org, w.bucket}, "|")
}

// Place is where the points go, in words.
func (w *Writer) Place() string {
	if w.bucket == "" {
		return "InfluxDB at " + w.where
	}
	return fmt.Sprintf("bucket %q of InfluxDB at %s", w.bucket, w.where)
}

// probe is the measurement of points that only test whether a write works.
const probe = "withings_exporter"

// Probe writes a test point, and deletes it if possible. It returns nil if the server
// acknowledged the point.
func (w *Writer) Probe(ctx context.Context) error {
	at := time.Now().Unix()
	if err := w.acknowledge(ctx, fmt.Sprintf("%s probe=1 %d\n", probe, at)); err != nil {
		return err
	}
	w.forget(ctx, spot{probe, at})
	return nil
}

// acknowledge sends a line and returns nil if the server acknowledges it.
func (w *Writer) acknowledge(ctx context.Context, line string) error {
	got, err := w.post(ctx, line)
	switch {
	case err != nil:
		return w.unreachable(err)
	case got.status != http.StatusNoContent:
		return w.judge(ctx, got)
	}
	w.proven.Store(time.Now().UnixNano())
	return nil
}

// post sends lines in one request.
func (w *Writer) post(ctx context.Context, lines string) (reply, error) {
	query := url.Values{"org": {w.org}, "bucket": {w.bucket}, "precision": {"s"}}
	const kind, plain = "Content-Type", "text/plain; charset=utf-8"
	if !w.packed.Load() {
		return w.ask(ctx, "api/v2/write", query, strings.NewReader(lines), kind, plain)
	}
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	_, err := io.WriteString(zip, lines)
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		return reply{}, err
	}
	return w.ask(ctx, "api/v2/write", query, &body, kind, plain, "Content-Encoding", "gzip")
}

// Write sends lines, each ending in a line feed, and returns those that the server
// rejected by name while it accepted others. After an error everything must be
// written again.
func (w *Writer) Write(ctx context.Context, lines string) ([]Refused, error) {
	s := &sending{w: w}
	for first := 0; lines != ""; {
		part := head(lines, int(w.batch.Load()))
		if err := s.send(ctx, part, first); err != nil {
			return nil, err
		}
		first += strings.Count(part, "\n")
		lines = lines[len(part):]
	}
	return s.refused, s.believe(ctx)
}

// sending is one Write in progress.
type sending struct {
	w       *Writer
	refused []Refused
}

// send writes lines, and splits them in halves as long as the server rejects some.
// Lines are certainly stored only when none is rejected: InfluxDB 1 answers as soon
// as one of its shards has found a bad line, while the others may still be writing,
// or failing.
func (s *sending) send(ctx context.Context, lines string, first int) error {
	w, n := s.w, strings.Count(lines, "\n")
	got, err := w.post(ctx, lines)
	if err != nil {
		w.observe(ResultFailed, n)
		if slow(err) && ctx.Err() == nil {
			w.slower()
		}
		return w.unreachable(err)
	}
	bad, isNamed := w.naming(got)
	switch {
	case got.status == http.StatusNoContent:
		w.observe(ResultWritten, n)
		w.faster(n)
		return nil
	case isNamed && (n == 1 || bad.partial >= n):
		for i := range n {
			s.refused = append(s.refused, Refused{Line: first + i, Reason: bad.reason, Told: bad.told})
		}
		return nil
	case got.status == http.StatusRequestEntityTooLarge && n > 1:
		w.batch.Store(int32(max(min(int(w.batch.Load()), n/2), 1)))
	case !isNamed:
		w.observe(ResultFailed, n)
		return w.judge(ctx, got)
	}
	half := head(lines, n/2)
	if err := s.send(ctx, half, first); err != nil {
		return err
	}
	return s.send(ctx, lines[len(half):], first+n/2)
}

// believe accepts that lines were rejected if the server has shown that it accepts
// others; otherwise the server, or the address, is wrong.
func (s *sending) believe(ctx context.Context) error {
	n := len(s.refused)
	if n == 0 {
		return nil
	}
	w := s.w
	if time.Since(time.Unix(0, w.proven.Load())) > provenFor {
		if err := w.Probe(ctx); err != nil {
			w.observe(ResultFailed, n)
			first := s.refused[0]
			return &Error{Final: true, Status: http.StatusBadRequest, hint: w.remedy(first.Reason),
				text: fmt.Sprintf("InfluxDB at %s rejects every point, so all of them are kept to be tried again (%s)", w.where, first.Told)}
		}
	}
	w.observe(ResultRefused, n)
	return nil
}

// remedy is what a person can do about lines rejected for a reason, with a command if there is one.
func (w *Writer) remedy(reason string) string {
	if reason == ReasonRetention {
		return remedy(reason) + ", with: " + w.keepAll()
	}
	return remedy(reason)
}

// remedy is the same without a command.
func remedy(reason string) string {
	switch reason {
	case ReasonRetention:
		return "set a longer retention in InfluxDB"
	case ReasonConflict:
		return "delete the field that has the wrong type in InfluxDB, or choose another bucket"
	}
	return "check the log of the server"
}

// slower makes requests smaller and compressed after one that took too long.
func (w *Writer) slower() {
	w.good.Store(0)
	w.packed.Store(true)
	w.batch.Store(max(w.batch.Load()/4, fewest))
}

// faster notes an acknowledgement, and makes requests larger after many.
func (w *Writer) faster(lines int) {
	w.proven.Store(time.Now().UnixNano())
	if w.batch.Load() < most && w.good.Add(int32(lines)) >= regain {
		w.good.Store(0)
		w.batch.Store(min(2*w.batch.Load(), most))
	}
}

// head is the first lines of a text, at most n.
func head(lines string, n int) string {
	end := 0
	for ; n > 0 && end < len(lines); n-- {
		end += strings.IndexByte(lines[end:], '\n') + 1
	}
	return lines[:end]
}

// parts splits a line into its series, the names of its fields and its time.
func parts(line string) (series, fields, at string) {
	line = strings.TrimSuffix(line, "\n")
	i := strings.LastIndexByte(line, ' ')
	if i < 0 {
		return line, "", ""
	}
	line, at = line[:i], line[i+1:]
	i = strings.LastIndexByte(line, ' ') // no field has a space
	if i < 0 {
		return line, "", at
	}
	var names []string
	for field := range strings.SplitSeq(line[i+1:], ",") {
		name, _, _ := strings.Cut(field, "=")
		names = append(names, name)
	}
	return line[:i], strings.Join(names, ","), at
}
