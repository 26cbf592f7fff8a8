package influx

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
	"github.com/influxdata/influxdb-client-go/v2/api/write"
)

// What becomes of a point: the result label of withings_influx_points_total.
const (
	ResultWritten = "written" // the server acknowledged it
	ResultRefused = "refused" // the server will never take it
	ResultFailed  = "failed"  // not now: it is written again later
)

// Results lists every result, for counters that begin at zero.
func Results() []string { return []string{ResultWritten, ResultRefused, ResultFailed} }

// Options say which server.
type Options struct {
	URL    string // its base, with a path when it lies behind one
	Org    string
	Bucket string // database/retention policy of InfluxDB 1.8
	Token  string // user:password of InfluxDB 1.8
	HTTP   *http.Client
	Log    *slog.Logger

	Observe func(result string, points int)
}

// Writer sends lines to one server. It is safe for concurrent use.
type Writer struct {
	api     api.WriteAPIBlocking
	service influxhttp.Service
	base    *url.URL
	org     string
	bucket  string
	where   string // the server in messages
	log     *slog.Logger
	observe func(result string, points int)

	dialect atomic.Int32 // how this server deletes, once that is known
}

const (
	// requestTime is the limit for one write.
	requestTime = 15 * time.Second
	// most is how many points go out in one request; InfluxDB advises 5,000.
	most = 5000
)

// New returns a writer for a server, which is not asked anything: what a server
// says to questions about its health differs more than how it takes a write.
func New(o Options) (*Writer, error) {
	base, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("--influx.url is not an address")
	}
	where := base.Host
	base.Path = strings.TrimRight(base.Path, "/") + "/" // else the last part would be replaced
	client := o.HTTP
	if client == nil {
		client = transport()
	}
	service := influxhttp.NewService(base.String(), "Token "+o.Token,
		influxhttp.DefaultOptions().SetHTTPClient(client).SetApplicationName("withings-exporter"))
	return &Writer{
		api: api.NewWriteAPIBlocking(o.Org, o.Bucket, service,
			write.DefaultOptions().SetPrecision(time.Second)),
		service: service, base: base, org: o.Org, bucket: o.Bucket, where: where, log: o.Log, observe: o.Observe,
	}, nil
}

// transport is an HTTP client with limits on every step that follows no
// redirect: the token goes nowhere else.
func transport() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	t.MaxIdleConnsPerHost = 4
	return &http.Client{
		Transport:     t,
		Timeout:       requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Target names where the points go, without the token: points of one target are
// not those of another.
func (w *Writer) Target() string {
	return strings.Join([]string{w.base.String(), w.org, w.bucket}, "|")
}

// Probe asks whether the server takes a write, by one of nothing. An answer that
// only finds the nothing wrong is a yes.
func (w *Writer) Probe(ctx context.Context) error {
	err := w.post(ctx, "")
	var bad *errBad
	if errors.As(err, &bad) {
		return nil
	}
	return err
}

func (w *Writer) post(ctx context.Context, text string) error {
	if err := w.api.WriteRecord(ctx, text); err != nil {
		return w.judge(err)
	}
	return nil
}

// Write sends lines, each ending in a line feed. Lines that the server will
// never take are counted and left out, and one of them is named; any other
// failure is returned.
func (w *Writer) Write(ctx context.Context, lines string) error {
	var refused refusal
	defer func() { w.tell(refused) }()
	for lines != "" {
		part := head(lines, most)
		if err := w.send(ctx, part, &refused); err != nil {
			return err
		}
		lines = lines[len(part):]
	}
	return nil
}

// send writes some lines, and halves them as long as the server refuses some of
// them. That it took the others is certain only where it refuses none: InfluxDB 1
// answers as soon as one of its shards has found a bad line, while the others may
// still be writing, or failing.
func (w *Writer) send(ctx context.Context, lines string, refused *refusal) error {
	n := strings.Count(lines, "\n")
	err := w.post(ctx, lines)
	var bad *errBad
	switch {
	case err == nil:
		w.observe(ResultWritten, n)
		return nil
	case !errors.As(err, &bad):
		w.observe(ResultFailed, n)
		return err
	case n == 1, bad.partial >= n:
		w.observe(ResultRefused, n)
		refused.add(n, lines, bad)
		return nil
	}
	first := head(lines, n/2)
	if err := w.send(ctx, first, refused); err != nil {
		return err
	}
	return w.send(ctx, lines[len(first):], refused)
}

// refusal is what a server will never take of a write.
type refusal struct {
	n    int
	line string // the first
	told string // by the server of that one
}

func (r *refusal) add(n int, lines string, bad *errBad) {
	if r.n == 0 {
		r.line, r.told = head(lines, 1), bad.told
	}
	r.n += n
}

// tell logs a refusal and names one of the points. What it says of the readings
// stays out of the log.
func (w *Writer) tell(r refusal) {
	if r.n == 0 {
		return
	}
	series, fields, at := parts(r.line)
	w.log.Error("InfluxDB refuses points for good; they are left out, the others are there", "server", w.where,
		"points", r.n, "series", series, "fields", fields, "time", at, "err", r.told)
}

// head is the first lines of a text, at most n.
func head(lines string, n int) string {
	end := 0
	for ; n > 0 && end < len(lines); n-- {
		end += strings.IndexByte(lines[end:], '\n') + 1
	}
	return lines[:end]
}

// parts takes a line of ours apart: its series, the names of its fields, its time.
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
