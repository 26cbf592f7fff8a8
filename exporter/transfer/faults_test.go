package transfer_test

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// forward passes requests on to a server; while that is down it answers 502.
func forward(t testing.TB, address string) http.Handler {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	return proxy
}

// acknowledging tells of writes that were acknowledged, if somebody waits.
type acknowledging chan struct{}

func (a acknowledging) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusNoContent {
		select {
		case a <- struct{}{}:
		default:
		}
	}
	return answer, err
}

func TestADatabaseThatIsDownForTheMiddleThirdHasEverythingInTheEnd(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Into(db.URL, db)
	written := make(acknowledging, 1)
	h.Settings.Influx.HTTP = &http.Client{Transport: written}
	// What the backfill asks for in the middle third is met by one outage after the
	// other. Each begins once the one before is over, and with something to write.
	const outages = 3
	reached, down := make(chan struct{}), make(chan struct{})
	sixth := stage.Pages(h.Sim) / 6
	h.Gate.Meddle(func(n int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		if n == 2*sixth || n == 3*sixth || n == 4*sixth {
			reached <- struct{}{}
			<-down
		}
		to.ServeHTTP(w, r)
	})
	talk, ended := stage.NewTranscript(), make(chan struct{})
	var failed error
	go func() {
		defer close(ended)
		failed = transfer.Run(h.T.Context(), h.Settings, transfer.Options{}, stage.NewTranscript(), talk)
	}()
	t.Cleanup(func() { <-ended })
	await := func(what <-chan struct{}) {
		select {
		case <-what:
		case <-ended:
			t.Fatalf("it ended before the outages: %v\n%s", failed, talk)
		}
	}
	for i := range outages {
		await(reached)
		await(written)
		db.Kill()
		down <- struct{}{}
		waiting := fmt.Sprintf(`(?s)((?:waiting: cannot reach InfluxDB at.*?){%d})`, i+1)
		talk.Await(t, regexp.MustCompile(waiting), ended)
		select {
		case <-written: // before
		default:
		}
		db.Start()
	}
	<-ended
	if failed != nil {
		t.Fatalf("%v\n%s", failed, talk)
	}
	stage.Holds(t, db, stage.Untouched())
}

// leaping is a clock that goes on by more than any cool-off whenever it is looked
// at, so that nobody waits for one.
type leaping struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (l *leaping) look() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(10 * time.Minute)
	return l.now
}

func TestRateLimitsAndCutConnectionsAllAlongLoseNothing(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Settings.Wall = (&leaping{now: time.Now()}).look
	influx := &stage.Gate{To: forward(t, db.URL)}
	h.Into(influx.Open(t), db)
	faults := 0
	h.Gate.Meddle(func(n int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		kinds := []simulator.FaultKind{
			simulator.FaultRateLimited, simulator.FaultCut, simulator.FaultRateLimited, simulator.FaultLostAnswer,
			simulator.FaultRateLimited, simulator.FaultTruncated,
		}
		if n%3 == 0 { // requests come one by one, so it is this one that goes wrong
			h.Sim.Inject(simulator.Fault{Kind: kinds[faults%len(kinds)], Times: 1})
			faults++
		}
		to.ServeHTTP(w, r)
	})
	influx.Meddle(func(n int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		switch n % 12 {
		case 5:
			panic(http.ErrAbortHandler) // it did not get there
		case 11:
			to.ServeHTTP(&deaf{header: http.Header{}}, r) // it did, and nobody hears of it
			panic(http.ErrAbortHandler)
		}
		to.ServeHTTP(w, r)
	})
	h.MustBring(transfer.Options{})
	stage.Holds(t, db, stage.Untouched())
	limited := h.Sim.Count("", 0, 601)
	t.Logf("%d of %d requests went wrong, %d by the rate limit", faults, h.Gate.Count(), limited)
	if limited < 6 || faults < 12 {
		t.Errorf("%d faults, %d of them 601, are too few to prove anything", faults, limited)
	}
}

// deaf is a response that nobody gets.
type deaf struct{ header http.Header }

func (d *deaf) Header() http.Header         { return d.header }
func (d *deaf) Write(p []byte) (int, error) { return len(p), nil }
func (d *deaf) WriteHeader(int)             {}
