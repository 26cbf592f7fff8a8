package rude

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

// answered is what a client received.
type answered struct {
	status int
	header http.Header
	body   string
	err    error // of the request, or of reading the body up to a limit
}

// limit is how much of an answer is read here.
const limit = 1 << 20

// post sends a request to a peer.
func post(t *testing.T, p *Peer, path, body string, header ...string) answered {
	t.Helper()
	return postContext(t, t.Context(), p, path, body, header...)
}

func postContext(t *testing.T, ctx context.Context, p *Peer, path, body string, header ...string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := p.Client().Do(request)
	if err != nil {
		return answered{err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, limit))
	return answered{answer.StatusCode, answer.Header, string(text), err}
}

const write = "/api/v2/write?org=o&bucket=b&precision=s"

func (a answered) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.err != nil || a.status != status || !strings.Contains(a.body, body) {
		t.Errorf("answered %d %q, %v; want %d %q", a.status, a.body, a.err, status, body)
	}
}

// sums compares what a peer stored.
func sums(t *testing.T, p *Peer, points ...tally.Point) {
	t.Helper()
	for _, line := range tally.Differences(p.Points(), points) {
		t.Error(line)
	}
}

func point(measurement, profile, field string, at, value int64) tally.Point {
	return tally.Point{Measurement: measurement, Tags: map[string]string{"profile": profile}, Field: field,
		Time: time.Unix(at, 0).UTC(), Value: big.NewRat(value, 1)}
}

func TestAPeerStoresWhatItAcknowledgesAndCountsRequests(t *testing.T) {
	p := Server(t, Influx2)
	post(t, p, write, "m,profile=a v=1 10\nm,profile=b v=2,w=3 20\n").want(t, 204, "")
	post(t, p, write, "m,profile=a v=1 10\n").want(t, 204, "")
	sums(t, p, point("m", "a", "v", 10, 1), point("m", "b", "v", 20, 2), point("m", "b", "w", 20, 3))
	if n, bytes := p.Requests("/api/v2/write"), p.Bytes("/api/v2/write"); n != 2 || bytes != 61 {
		t.Errorf("%d requests with %d bytes are counted, want 2 with 61", n, bytes)
	}
	if log := p.Log(); log[0].Status != 204 || log[0].Query["bucket"][0] != "b" || log[0].Method != "POST" {
		t.Errorf("the log says %+v", log[0])
	}
}

func TestAPeerTakesCompressedWrites(t *testing.T) {
	p := Server(t, Influx2)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, "m,profile=a v=1 10\n")
	_ = z.Close()
	post(t, p, write, packed.String(), "Content-Encoding", "gzip").want(t, 204, "")
	sums(t, p, point("m", "a", "v", 10, 1))
	if got := p.Bytes(""); got != int64(packed.Len()) {
		t.Errorf("%d bytes are counted, want the %d of the line", got, packed.Len())
	}
}

func TestAPeerCanBeRepairedWhileItRuns(t *testing.T) {
	p := Server(t, Influx2)
	p.On("/api/v2/write", Write("2.7: wrong token").Give)
	p.On("/api/v2/delete", Status(500))
	post(t, p, write, "m v=1 1").want(t, 401, "unauthorized access")
	post(t, p, "/sub/path"+write, "m v=1 1").want(t, 401, "unauthorized access")
	post(t, p, "/query", "").want(t, 400, "error parsing query")
	p.On("/api/v2/write", Write("2.7: wrong bucket").Give)
	post(t, p, write, "m v=1 1").want(t, 404, "bucket")
	p.Set(Influx2)
	post(t, p, write, "m,profile=a v=1 1").want(t, 204, "")
	post(t, p, "/api/v2/delete?org=o", "{}").want(t, 204, "")
	if p.Requests("/api/v2/write") != 4 || p.Requests("") != 6 {
		t.Errorf("%d writes of %d requests are counted, want 4 of 6", p.Requests("/api/v2/write"), p.Requests(""))
	}
}

func TestATLSPeerIsTrustedByItsFileAloneAndAnswersPlainHTTPLikeGo(t *testing.T) {
	p := TLS(t, Influx2)
	if a := post(t, p, write, "m v=1 1"); a.err == nil || !strings.Contains(a.err.Error(), "certificate") {
		t.Errorf("a stranger is answered %+v", a)
	}
	pem, err := os.ReadFile(p.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	answer, err := client.Get(p.URL + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Errorf("with its certificate /ping is %s", answer.Status)
	}
	want := Write("Go server: http to a TLS port")
	p.URL = "http://" + p.Host()
	post(t, p, write, "m v=1 1").want(t, want.Status, want.Body)
}

// TestAPipeHasTheTimeOfABubble waits for an hour, which passes at once.
func TestAPipeHasTheTimeOfABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Pipe(t, After(time.Hour, Influx2))
		begin := time.Now()
		post(t, p, write, "m,profile=a v=1 1").want(t, 204, "")
		if took := time.Since(begin); took != time.Hour {
			t.Errorf("it took %s, want an hour", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if a := postContext(t, ctx, p, write, "m,profile=a v=2 1"); !errors.Is(a.err, context.DeadlineExceeded) {
			t.Errorf("after a minute of patience: %+v", a)
		}
	})
}

func TestAClientInALoopIsLeftHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Pipe(t, Status(404))
		p.log = make([]*Request, most)
		for i := range p.log {
			p.log[i] = &Request{}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if a := postContext(t, ctx, p, "/", ""); !errors.Is(a.err, context.DeadlineExceeded) {
			t.Errorf("request %d is answered %+v", most+1, a)
		}
	})
}
