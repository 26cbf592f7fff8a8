package withings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
)

// secret is the access token of the tests. It must show up nowhere.
const secret = "5ecre7-acce55-70ken"

// cloud is Withings as an http.RoundTripper: it answers from a script, at once,
// and keeps what it was asked.
type cloud struct {
	answer func(n int, q asked) (*http.Response, error) // n counts from 0

	mu    sync.Mutex // guards what follows
	asked []asked
}

type asked struct {
	path  string
	form  url.Values
	token string
	at    time.Time
}

func (c *cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	q := asked{r.URL.String(), form, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), time.Now()}
	n := len(c.asked)
	c.asked = append(c.asked, q)
	c.mu.Unlock()
	response, err := c.answer(n, q)
	if response == nil && err == nil { // no answer at all
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return response, err
}

// count is how often it was asked so far.
func (c *cloud) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// params lists one parameter of everything that was asked.
func (c *cloud) params(name string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, q := range c.asked {
		all = append(all, q.form.Get(name))
	}
	return all
}

// script answers in order, the last one for ever.
func script(steps ...func() (*http.Response, error)) func(int, asked) (*http.Response, error) {
	return func(n int, _ asked) (*http.Response, error) { return steps[min(n, len(steps)-1)]() }
}

func says(body string) func() (*http.Response, error) { return answers(200, body) }

func answers(status int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

func silent() (*http.Response, error) { return nil, nil }

// cutShort ends in the middle of the body.
func cutShort() (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"status":0,"body":{`), broken{io.ErrUnexpectedEOF})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}, nil
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// nothing is an answer of every service that has nothing to tell.
const nothing = `{"status":0,"body":{"measuregrps":[],"activities":[],"series":[],"devices":[],"goals":[]}}`

// purse is a Tokens: it gives the first token until it is rejected, then the next.
type purse struct {
	tokens   []string
	err      error
	asked    int
	rejected []string
	used     []string
}

func (p *purse) Token(context.Context) (string, error) {
	p.asked++
	if p.err != nil {
		return "", p.err
	}
	return p.tokens[0], nil
}

func (p *purse) Rejected(access string) {
	p.rejected = append(p.rejected, access)
	if len(p.tokens) > 1 && access == p.tokens[0] {
		p.tokens = p.tokens[1:]
	}
}

func (p *purse) Used(access string) { p.used = append(p.used, access) }

// tally is an Observer.
type tally struct {
	mu       sync.Mutex // guards what follows
	requests map[string]int
	limited  int
	skipped  map[string]int
}

func (o *tally) Requested(service exporter.Service, status string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests[string(service)+" "+status]++
}

func (o *tally) RateLimited() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.limited++
}

func (o *tally) Skipped(reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.skipped[reason]++
}

// world is one account before a scripted cloud.
type world struct {
	*Account
	cloud *cloud
	purse *purse
	tally *tally
	log   *bytes.Buffer
	now   func() time.Time
}

// newWorld is to be called within a bubble of testing/synctest: its clock reads
// noon there and goes on with the clock of the bubble.
func newWorld(answer func(int, asked) (*http.Response, error)) *world {
	began := time.Now()
	w := &world{
		cloud: &cloud{answer: answer},
		purse: &purse{tokens: []string{secret}},
		tally: &tally{requests: map[string]int{}, skipped: map[string]int{}},
		log:   &bytes.Buffer{},
		now:   func() time.Time { return noon.Add(time.Since(began)) },
	}
	client := &Client{
		URL:     "https://api.example.net",
		HTTP:    &http.Client{Transport: w.cloud, CheckRedirect: Transport().CheckRedirect},
		Budget:  NewBudget(100, time.Now, nil),
		Observe: w.tally,
		Log:     slog.New(slog.NewTextHandler(w.log, nil)),
		Now:     w.now,
	}
	w.Account = client.Account("Anna", w.purse)
	return w
}

// fetch asks for what is new and returns all that was brought.
func (w *world) fetch(service exporter.Service, p exporter.Progress) (exporter.Fetched, []exporter.Batch, error) {
	var batches []exporter.Batch
	fetched, err := w.Fetch(context.Background(), service, p, func(b exporter.Batch) { batches = append(batches, b) })
	return fetched, batches, err
}

// known is a progress at which a fetch asks for changes only.
func (w *world) known() exporter.Progress {
	return exporter.Progress{Updated: w.now().Add(-5 * time.Minute), Reread: w.now().Add(-5 * time.Minute)}
}

// inBubble runs a test whose time passes only while everybody waits.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// page is an answer of getmeas with one group, and more fields of the body.
func page(id int, more string) string {
	return fmt.Sprintf(`{"status":0,"body":{"measuregrps":[{"grpid":%d,"date":1784094310,"measures":[%s]}]%s}}`, id, weight, more)
}

var errRefused = errors.New("dial tcp 192.0.2.1:443: connect: connection refused")
