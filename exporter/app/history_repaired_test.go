package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/internal/testserver"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/web"
)

// database is a real InfluxDB and what its owner can do with it.
type database interface {
	Sums() tally.Sums
	Query(influxql string) []testserver.Row
}

// owned is a database of either kind, under one set of names.
type owned struct {
	database
	settings Influx
	keep     func(time.Duration)
	drop     func()
	create   func()
}

// owners make a database that is empty, keeps everything where keeps is 0, and
// speaks TLS or not.
var owners = map[string]func(t *testing.T, keeps time.Duration, tls bool) *owned{
	"1.8": func(t *testing.T, keeps time.Duration, tls bool) *owned {
		s := testserver.Influx(t, choices(keeps, tls)...)
		o := &owned{database: s, settings: Influx{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token},
			keep: func(d time.Duration) { s.AlterPolicy("autogen", d) }, drop: s.DropDatabase, create: s.CreateDatabase}
		return o
	},
	"2.7": func(t *testing.T, keeps time.Duration, tls bool) *owned {
		s := testserver.Influx2(t, choices(keeps, tls)...)
		o := &owned{database: s, settings: Influx{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token},
			keep: func(d time.Duration) { s.SetRetention(s.Bucket, d) }, drop: func() { s.DeleteBucket(s.Bucket) },
			create: func() { s.CreateBucket(s.Bucket, 0) }}
		return o
	},
}

func choices(keeps time.Duration, tls bool) (all []testserver.Option) {
	if keeps > 0 {
		all = append(all, testserver.Retention(keeps))
	}
	if tls {
		all = append(all, testserver.TLS())
	}
	return all
}

// household of one person and a year, read by a serve of which every poll is a
// tenth of a second after the last.
func repairable(t *testing.T, to Influx) *world {
	s := newStageOf(t, simulator.Options{People: 1, Years: 1, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}})
	s.settings.Profiles = []string{"Anna"}
	if err := SignIn(t.Context(), s.settings); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, sim: s.sim, settings: s.settings, log: s.log}
	w.settings.Influx, w.settings.PollInterval = to, 100*time.Millisecond
	return w
}

// serve polls until the test ends.
func (w *world) serve() {
	w.t.Helper()
	dir, err := statedir.Open(w.settings.StateDir)
	w.try(err)
	w.home = &household{counters: newCounters(prometheus.NewRegistry()), dir: dir, budget: newBudget(w.settings, dir)}
	w.try(w.home.load(w.settings))
	w.home.start(context.Background(), w.settings)
	w.t.Cleanup(w.home.halt)
}

// sunk waits until the sink fares as a function wants.
func (w *world) sunk(what string, is func(problem string, lag time.Duration) bool) (problem string) {
	w.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.After(2 * time.Minute)
	for {
		if s := w.home.list()[0].Status.Condition().Sunk; s != nil && is(s.Problem.Text, s.Lag(w.sim.Now())) {
			return s.Problem.Text
		}
		select {
		case <-look.C:
		case <-limit:
			w.t.Fatalf("InfluxDB is not %s within two minutes: %+v\n%s", what, w.home.list()[0].Status.Condition().Sunk, w.log)
		}
	}
}

func failing(problem string, _ time.Duration) bool   { return problem != "" }
func healthy(problem string, lag time.Duration) bool { return problem == "" && lag == 0 }
func (w *world) backfill() (told string, err error) {
	var out, talk strings.Builder
	err = Backfill(w.t.Context(), w.settings, BackfillOptions{}, &out, &talk)
	return out.String() + talk.String(), err
}

// whole waits until a serve alone has put everything that Withings knows into the
// database, to the last digit.
func (w *world) whole(db database) {
	w.t.Helper()
	want := pastOf(w.sim)
	var differences []string
	for range 60 {
		w.polled()
		w.sunk("healthy", healthy)
		if differences = db.Sums().Of(truth.Covers).Differences(want.sums); len(differences) == 0 {
			return
		}
	}
	complain(w.t, differences)
	w.t.Log(w.log)
}

// TestAnAddressThatIsWrongLosesNothing has a serve and a backfill write to an
// address that does not take writes, until somebody corrects the server's side.
func TestAnAddressThatIsWrongLosesNothing(t *testing.T) {
	t.Parallel()
	for version, make := range owners {
		for _, c := range []struct {
			name, want string
			front      func(t *testing.T, db *owned) (address string, repair func())
			tls        bool
		}{
			{"the scheme", "must begin with https://", plainInFrontOfTLS, true},
			{"the path", map[string]string{"1.8": "no version 2 write interface", "2.7": "a web page instead of status 204"}[version], wrongPath, false},
		} {
			t.Run(version+" "+c.name, func(t *testing.T) {
				t.Parallel()
				db := make(t, 0, c.tls)
				address, repair := c.front(t, db)
				db.settings.URL = address
				w := repairable(t, db.settings)
				w.serve()
				if problem := w.sunk("failing", failing); !strings.Contains(problem, c.want) {
					t.Errorf("it says %q, want %q", problem, c.want)
				}
				if told, err := w.backfill(); err == nil || strings.Contains(told, "up to date") || strings.Contains(told, "imported") {
					t.Errorf("a backfill says %s, %v", told, err)
				}
				if n := db.Sums().Count(); n != 0 {
					t.Errorf("%d values have arrived", n)
				}
				repair()
				w.sunk("healthy", healthy)
				if told, err := w.backfill(); err != nil || !strings.Contains(told, "imported") {
					t.Errorf("repaired, a backfill says %s, %v", told, err)
				}
				w.whole(db)
			})
		}
	}
}

// plainInFrontOfTLS leads plain HTTP to a TLS port; repaired, TLS is taken off.
func plainInFrontOfTLS(t *testing.T, db *owned) (string, func()) {
	target := strings.TrimPrefix(db.settings.URL, "https://")
	var repaired atomic.Bool
	return "http://" + relay(t, func() (net.Conn, error) {
		if !repaired.Load() {
			return net.Dial("tcp", target)
		}
		return tls.Dial("tcp", target, &tls.Config{InsecureSkipVerify: true}) // a certificate of this test's server
	}), func() { repaired.Store(true) }
}

// relay copies every connection to a listener of its own to one that dial opens.
func relay(t *testing.T, dial func() (net.Conn, error)) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer in.Close()
				out, err := dial()
				if err != nil {
					return
				}
				defer out.Close()
				both := make(chan struct{}, 2)
				for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
					running.Go(func() {
						_, _ = io.Copy(way[0], way[1])
						both <- struct{}{}
					})
				}
				select {
				case <-both:
				case <-t.Context().Done():
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// wrongPath is a proxy that passes on a path which the server does not have;
// repaired, it takes off what comes before.
func wrongPath(t *testing.T, db *owned) (string, func()) {
	target, err := url.Parse(db.settings.URL)
	if err != nil {
		t.Fatal(err)
	}
	var repaired atomic.Bool
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		if repaired.Load() {
			r.Out.URL.Path = strings.TrimPrefix(r.Out.URL.Path, "/orgs/0123456789abcdef")
		}
	}})
	t.Cleanup(proxy.Close)
	return proxy.URL + "/orgs/0123456789abcdef", func() { repaired.Store(true) }
}

// TestARetentionThatIsWidenedLaterLosesNothing has a database that keeps some
// weeks, until its owner lets it keep everything: a running serve alone then
// brings what it refused.
func TestARetentionThatIsWidenedLaterLosesNothing(t *testing.T) {
	t.Parallel()
	for version, make := range owners {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, time.Since(cloudStart)+20*24*time.Hour, false)
			w := repairable(t, db.settings)
			told, err := w.backfill()
			if err == nil || !strings.Contains(err.Error(), "rejected") || !strings.Contains(told, "older than the retention policy allows") {
				t.Errorf("a backfill of which most is refused says %s, %v", told, err)
			}
			truth := pastOf(w.sim)
			if n := db.Sums().Count(); n == 0 || n > len(truth.points)/4 {
				t.Errorf("%d of %d values are stored, want those of some weeks", n, len(truth.points))
			}
			if n := imported(told); n == 0 || n > len(truth.points)/4 {
				t.Errorf("it says that %d of %d readings were imported:\n%s", n, len(truth.points), told)
			}
			if told, err := w.backfill(); err == nil || strings.Contains(told, "up to date") {
				t.Errorf("a second one says %s, %v", told, err)
			}
			var report strings.Builder
			if err := Check(t.Context(), w.settings, &report); err != nil || !strings.Contains(report.String(), "note  profile \"Anna\": InfluxDB rejects points of ") {
				t.Errorf("check says %s, %v", &report, err)
			}
			w.serve()
			w.polled()
			if p := page(w.home, w.sim.Now(), w.sim.Now()).Profiles[0]; p.State != web.StateNoted || len(p.Notes) == 0 {
				t.Errorf("the page says %s, %q", p.State, p.Notes)
			}
			db.keep(0)
			w.sim.Advance(2 * time.Hour)
			w.whole(db)
			if told, err := w.backfill(); err != nil {
				t.Errorf("when all is there, a backfill says %s, %v", told, err)
			}
		})
	}
}

// imported adds up the readings that a backfill says it has imported.
func imported(told string) (n int) {
	before, _, _ := strings.Cut(told, "rejected")
	for line := range strings.Lines(before) {
		var group string
		var records, readings int
		if _, err := fmt.Sscanf(line, "%s %d %d", &group, &records, &readings); err == nil {
			n += readings
		}
	}
	return n
}

// TestADatabaseThatIsDroppedAndMadeAgainIsFilledByServe has everything there, and
// then nothing.
func TestADatabaseThatIsDroppedAndMadeAgainIsFilledByServe(t *testing.T) {
	t.Parallel()
	for version, make := range owners {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, 0, false)
			w := repairable(t, db.settings)
			if told, err := w.backfill(); err != nil {
				t.Fatalf("%s, %v", told, err)
			}
			w.serve()
			w.whole(db)
			db.drop()
			db.create()
			w.sim.Advance(10 * time.Minute)
			w.whole(db)
			if n := strings.Count(w.log.String(), "no longer has points"); n != 1 {
				t.Errorf("the log says so %d times:\n%s", n, w.log)
			}
		})
	}
}

// TestAFieldOfAnotherTypeIsListedUntilItIsGone has another program's text where a
// weight belongs, in the week of it.
func TestAFieldOfAnotherTypeIsListedUntilItIsGone(t *testing.T) {
	t.Parallel()
	for version, make := range owners {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, 0, false)
			w := repairable(t, db.settings)
			w.writes(db, fmt.Sprintf(`withings_body,profile=Anna weight_grams="heavy" %d`, cloudStart.AddDate(0, -3, 0).Unix()))
			told, err := w.backfill()
			if err == nil || !strings.Contains(told, "the field has another type in the database") || !strings.Contains(told, "field type conflict") {
				t.Errorf("a backfill says %s, %v", told, err)
			}
			w.serve()
			w.polled()
			db.drop()
			db.create()
			w.sim.Advance(2 * time.Hour)
			w.whole(db)
		})
	}
}

// writes posts a line of another program.
func (w *world) writes(db *owned, line string) {
	w.t.Helper()
	to := db.settings.URL + "/api/v2/write?" + url.Values{"bucket": {db.settings.Bucket}, "org": {db.settings.Org}, "precision": {"s"}}.Encode()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, to, strings.NewReader(line))
	w.try(err)
	request.Header.Set("Authorization", "Token "+db.settings.Token)
	answer, err := http.DefaultClient.Do(request)
	w.try(err)
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
		w.t.Fatal(answer.Status)
	}
}
