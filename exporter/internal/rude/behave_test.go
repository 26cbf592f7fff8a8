package rude

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEndlessAnswersStallAfterEnoughBytes(t *testing.T) {
	for name, b := range map[string]Behaviour{
		"a body": EndlessBody(400), "a header": EndlessHeader, "many headers": EndlessHeaders,
	} {
		t.Run(name, func(t *testing.T) {
			p := Server(t, b)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			// The header is limited to a little by the client itself, the body by nothing.
			answer, err := p.Client().Do(request)
			if name != "a body" {
				if err == nil || !strings.Contains(err.Error(), "exceeded") {
					t.Fatalf("the client says %v, want that its limit is exceeded", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if n, err := io.CopyN(io.Discard, answer.Body, Enough); n != Enough || err != nil {
				t.Errorf("%d bytes came, then %v; want %d", n, err, int64(Enough))
			}
			read := make(chan error)
			go func() {
				_, err := io.Copy(io.Discard, answer.Body)
				read <- err
			}()
			cancel()
			if err := <-read; !errors.Is(err, context.Canceled) {
				t.Errorf("after that comes %v, want silence until the client goes away", err)
			}
		})
	}
}

func TestWhatAnEndlessAnswerSentIsCounted(t *testing.T) {
	p := Server(t, EndlessBody(500))
	answer, err := p.Client().Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.CopyN(io.Discard, answer.Body, 100)
	answer.Body.Close() // the client has read enough
	if err != nil {
		t.Fatal(err)
	}
	sent := p.Sent("")
	for sent < 100 && t.Context().Err() == nil { // it is counted once it was sent
		runtime.Gosched()
		sent = p.Sent("")
	}
	if sent < 100 || sent >= Enough {
		t.Errorf("%d bytes are counted, want some, and not all", sent)
	}
}

func TestConnectionsThatBreak(t *testing.T) {
	for _, c := range []struct {
		name   string
		b      Behaviour
		err    string
		stored int
	}{
		{"at once", Slam, "EOF", 0},
		{"with a reset", Reset, "connection reset", 0},
		{"in the body", Truncated(400, `{"error":"par`), "unexpected EOF", 0},
		{"in the body of a success", Truncated(200, `{"results":[`), "unexpected EOF", 0},
		{"after the work", Lost(Influx2), "EOF", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Server(t, c.b)
			a := post(t, p, write, "m v=1 1\n")
			if a.err == nil || !strings.Contains(a.err.Error(), c.err) {
				t.Errorf("the client is told %d %q, %v; want %s", a.status, a.body, a.err, c.err)
			}
			if got := len(p.Points()); got != c.stored {
				t.Errorf("%d points are stored, want %d", got, c.stored)
			}
		})
	}
}

// TestSlowPeersTakeTheirTime runs in a bubble, where an hour passes at once.
func TestSlowPeersTakeTheirTime(t *testing.T) {
	for _, c := range []struct {
		name string
		b    Behaviour
		took time.Duration
	}{
		{"a byte a second", Drip(400, "not now", time.Second), 7 * time.Second},
		{"a late answer", After(time.Hour, Influx2), time.Hour},
		{"a slow line", SlowRead(2, Influx2), 4 * time.Second}, // the lines have nine bytes
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := Pipe(t, c.b)
				begin := time.Now()
				a := post(t, p, write, "m v=1 11\n")
				if took := time.Since(begin); a.err != nil || took != c.took {
					t.Errorf("it took %s, %v; want %s", took, a.err, c.took)
				}
			})
		})
	}
}

func TestSilentPeersAreLeftByTheClient(t *testing.T) {
	for name, b := range map[string]Behaviour{
		"never answers": Hang, "never reads": HangUnread, "stops in the body": EndlessBody(200), "drips": Drip(200, strings.Repeat("x", 1000), time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := Pipe(t, b)
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				a := postContext(t, ctx, p, write, "m v=1 1\n")
				if name == "stops in the body" {
					if a.err != nil || len(a.body) != limit {
						t.Errorf("%d bytes are read, %v", len(a.body), a.err)
					}
				} else if !errors.Is(a.err, context.DeadlineExceeded) {
					t.Errorf("the client is told %d, %v", a.status, a.err)
				}
				if p.Requests("") != 1 {
					t.Errorf("%d requests are counted", p.Requests(""))
				}
			})
		})
	}
}

// TestAPeerEndsWithItsTestWhateverItDoes ends tests while requests are under way.
func TestAPeerEndsWithItsTestWhateverItDoes(t *testing.T) {
	for name, b := range map[string]Behaviour{
		"hangs": Hang, "hangs unread": HangUnread, "pours": EndlessBody(200), "pours headers": EndlessHeaders,
		"drips": Drip(200, "never", time.Hour), "waits": After(time.Hour, Influx2),
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			t.Run("inner", func(t *testing.T) {
				begun := make(chan struct{})
				p := Server(t, func(c *Call) {
					close(begun)
					b(c)
				})
				request, err := http.NewRequest(http.MethodPost, p.URL, strings.NewReader("m v=1 1\n"))
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					answer, err := p.Client().Do(request)
					if err == nil {
						_, err = io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
					}
					ended <- err
				}()
				<-begun
			})
			if err := <-ended; err == nil {
				t.Error("the request succeeds")
			}
		})
	}
}

func TestARedirectSaysWhereTo(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		p := Server(t, Influx2)
		p.On("/api/v2/write", Redirect(status, "https://elsewhere.example/api/v2/write"))
		a := post(t, p, write, "m v=1 1\n")
		if a.status != status || a.header.Get("Location") != "https://elsewhere.example/api/v2/write" {
			t.Errorf("answered %d to %q, want %d", a.status, a.header.Get("Location"), status)
		}
	}
}

func TestAnEchoRepeatsTheTokenInEveryEncoding(t *testing.T) {
	const token = `anna:s3cret/"quoted"+more`
	for _, c := range []struct {
		name  string
		b     Behaviour
		wants []string
	}{
		{"in the body", Echo(401), []string{`s3cret/\"quoted\"+more`, url.QueryEscape(token), base64.StdEncoding.EncodeToString([]byte(token))}},
		{"on a page", EchoPlain(200), []string{"Authorization: Token " + token}},
		{"in headers", EchoHeader(401), []string{token, url.QueryEscape(token)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := post(t, Server(t, c.b), write, "m v=1 1\n", "Authorization", "Token "+token)
			said := a.body + strings.Join(a.header["X-Influxdb-Error"], "") + a.header.Get("Location")
			for _, want := range c.wants {
				if !strings.Contains(said, want) {
					t.Errorf("%s is not in %s", want, said)
				}
			}
		})
	}
}

func TestAGzipBombIsSmallOnTheWire(t *testing.T) {
	p := Server(t, GzipBomb(400, 32<<20))
	answer, err := p.Client().Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || n != 32<<20 {
		t.Errorf("%d bytes are unpacked, %v; want %d", n, err, 32<<20)
	}
	if sent := p.Sent(""); sent > 1<<20 {
		t.Errorf("%d bytes went over the line", sent)
	}
}

func TestABehaviourCanChangeAfterSomeRequests(t *testing.T) {
	p := Server(t, Times(2, RetryAfter(429, "30"), Influx2))
	for i, want := range []int{429, 429, 204, 204} {
		a := post(t, p, write, "m v=1 1\n")
		if a.status != want || want == 429 && a.header.Get("Retry-After") != "30" {
			t.Errorf("request %d is answered %d, Retry-After %q; want %d", i+1, a.status, a.header.Get("Retry-After"), want)
		}
	}
}

func TestAHoleAcknowledgesAndKeepsNothing(t *testing.T) {
	p := Server(t, Hole)
	for _, path := range []string{write, "/api/v2/delete", "/query", "/ping"} {
		post(t, p, path, "m v=1 1\n").want(t, 204, "")
	}
	sums(t, p)
}

func TestALimitOfTheBodyCountsItsBytes(t *testing.T) {
	p := Server(t, TooLargeAbove(20, Influx2))
	post(t, p, write, "m,profile=a v=1 1\n").want(t, 204, "")
	post(t, p, write, "m,profile=a v=1 10000000\n").want(t, 413, "Too Large")
	sums(t, p, point("m", "a", "v", 1, 1))
}

func TestAMeasurementCanBeRefusedAlone(t *testing.T) {
	p := Server(t, Without("n", Influx2, Status(500)))
	post(t, p, write, "m,profile=a v=1 1\n").want(t, 204, "")
	post(t, p, write, "m,profile=a v=2 2\nn v=1 1\n").want(t, 500, "")
	sums(t, p, point("m", "a", "v", 1, 1))
}

func TestServerlessSaysThatItDeletes(t *testing.T) {
	p := Server(t, Serverless)
	post(t, p, write, "m,profile=a v=1 1\n").want(t, 204, "")
	post(t, p, "/api/v2/delete?org=o", `{"start":"1970-01-01T00:00:00Z","stop":"2030-01-01T00:00:00Z"}`).want(t, 204, "")
	sums(t, p, point("m", "a", "v", 1, 1))
	p.Set(Influx2)
	post(t, p, "/api/v2/delete?org=o", `{"start":"1970-01-01T00:00:00Z","stop":"2030-01-01T00:00:00Z","predicate":"_measurement=\"m\" AND profile=\"b\""}`).want(t, 204, "")
	sums(t, p, point("m", "a", "v", 1, 1))
	post(t, p, "/api/v2/delete?org=o", `{"start":"1970-01-01T00:00:00Z","stop":"1970-01-01T00:00:01Z","predicate":"_measurement=\"m\" AND profile=\"a\""}`).want(t, 204, "")
	sums(t, p)
	if d := p.Deletions(); len(d) != 2 || d[0].Removed != 0 || d[1].Removed != 1 {
		t.Errorf("deletions are %+v", d)
	}
}

func TestADatabaseCanLoseWhatItHolds(t *testing.T) {
	p := Server(t, Core3)
	if err := p.Write("m,profile=a v=1 1\nm,profile=b v=2 2\nn,profile=a v=3,text=\"x\" 3\n"); err != nil {
		t.Fatal(err)
	}
	p.DropIf(func(l Line) bool { return l.Measurement == "m" && l.Tags["profile"] == "a" })
	sums(t, p, point("m", "b", "v", 2, 2), point("n", "a", "v", 3, 3))
	if texts := p.Texts(); len(texts) != 1 {
		t.Errorf("the texts are %v, want one", texts)
	}
	p.Drop()
	sums(t, p)
	post(t, p, "/api/v2/delete", "{}").want(t, 404, "not found")
	post(t, p, write, "").want(t, 400, "incoming write was empty")
}
