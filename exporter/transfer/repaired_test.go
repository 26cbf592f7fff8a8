package transfer_test

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

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
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
	settings command.Influx
	keep     func(time.Duration)
	drop     func()
	create   func()
}

// owners make a database that is empty, keeps everything where keeps is 0, and
// speaks TLS or not.
var owners = map[string]func(t *testing.T, keeps time.Duration, tls bool) *owned{
	"1.8": func(t *testing.T, keeps time.Duration, tls bool) *owned {
		s := testserver.Influx(t, choices(keeps, tls)...)
		o := &owned{database: s, settings: command.Influx{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token},
			keep: func(d time.Duration) { s.AlterPolicy("autogen", d) }, drop: s.DropDatabase, create: s.CreateDatabase}
		return o
	},
	"2.7": func(t *testing.T, keeps time.Duration, tls bool) *owned {
		s := testserver.Influx2(t, choices(keeps, tls)...)
		o := &owned{database: s, settings: command.Influx{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token},
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

// anna has five months of history, of which a serve reads one by itself.
func anna() simulator.Options {
	return simulator.Options{People: 1, Months: 5, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}}
}

// untouchedAnna is the past of Anna before a test changes it.
var untouchedAnna = sync.OnceValue(func() stage.Past { return stage.PastOf(simulator.New(stage.Options(anna()))) })

// repairable is Anna, read by a serve of which every poll is a tenth of a
// second after the last.
func repairable(t *testing.T, to command.Influx) *stage.World {
	s := stage.NewOf(t, anna())
	s.Settings.Profiles = []string{"Anna"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	w := &stage.World{T: t, Sim: s.Sim, Settings: s.Settings, Log: s.Log}
	w.Settings.Influx, w.Settings.PollInterval = to, 100*time.Millisecond
	return w
}

// serve polls until the test ends.
func serve(w *stage.World) {
	w.T.Helper()
	var err error
	w.Set, err = profiles.Open(w.Settings, prometheus.NewRegistry())
	w.Try(err)
	w.Try(w.Set.Load(w.Settings))
	w.Set.Start(context.Background(), w.Settings)
	w.T.Cleanup(w.Set.Halt)
}

// awaitSink waits until the sink is as a function wants.
func awaitSink(w *stage.World, what string, is func(problem string, lag time.Duration) bool) (problem string) {
	w.T.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.After(2 * time.Minute)
	for {
		if s := w.Set.List()[0].Status.Condition().Sink; s != nil && is(s.Problem.Text, s.Lag(w.Sim.Now())) {
			return s.Problem.Text
		}
		select {
		case <-look.C:
		case <-limit:
			w.T.Fatalf("InfluxDB is not %s within two minutes: %+v\n%s", what, w.Set.List()[0].Status.Condition().Sink, w.Log)
		}
	}
}

func failing(problem string, _ time.Duration) bool   { return problem != "" }
func healthy(problem string, lag time.Duration) bool { return problem == "" && lag == 0 }
func backfill(w *stage.World) (told string, err error) {
	var out, talk strings.Builder
	err = transfer.Run(w.T.Context(), w.Settings, transfer.Options{}, &out, &talk)
	return out.String() + talk.String(), err
}

// whole waits until a serve alone has put everything that Withings knows into the
// database, to the last digit.
func whole(w *stage.World, db database) {
	w.T.Helper()
	want := untouchedAnna()
	if !w.Sim.Now().Equal(stage.CloudStart) {
		want = stage.PastOf(w.Sim)
	}
	var differences []string
	for range 60 {
		polled(w)
		awaitSink(w, "healthy", healthy)
		if differences = db.Sums().Of(truth.Covers).Differences(want.Sums); len(differences) == 0 {
			return
		}
	}
	stage.Complain(w.T, differences)
	w.T.Log(w.Log)
}

// TestAnAddressThatIsWrongLosesNothing has a serve and a backfill write to an
// address that does not take writes, until somebody corrects the server's side.
func TestAnAddressThatIsWrongLosesNothing(t *testing.T) {
	t.Parallel()
	for version, make := range testrun.FewOf(owners) {
		for _, c := range []struct {
			name, want string
			front      func(t *testing.T, db *owned) (address string, repair func())
			tls        bool
		}{
			{"the scheme", "use https://", plainInFrontOfTLS, true},
			{"the path", map[string]string{"1.8": "no version 2 write interface", "2.7": "a web page instead of status 204"}[version], wrongPath, false},
		} {
			t.Run(version+" "+c.name, func(t *testing.T) {
				t.Parallel()
				db := make(t, 0, c.tls)
				address, repair := c.front(t, db)
				db.settings.URL = address
				w := repairable(t, db.settings)
				serve(w)
				if problem := awaitSink(w, "failing", failing); !strings.Contains(problem, c.want) {
					t.Errorf("it says %q, want %q", problem, c.want)
				}
				if told, err := backfill(w); err == nil || strings.Contains(told, "up to date") || strings.Contains(told, "imported") {
					t.Errorf("a backfill says %s, %v", told, err)
				}
				if n := db.Sums().Count(); n != 0 {
					t.Errorf("%d values have arrived", n)
				}
				repair()
				awaitSink(w, "healthy", healthy)
				if told, err := backfill(w); err != nil || !strings.Contains(told, "imported") {
					t.Errorf("repaired, a backfill says %s, %v", told, err)
				}
				whole(w, db)
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
	for version, make := range testrun.FewOf(owners) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, time.Since(stage.CloudStart)+20*24*time.Hour, false)
			w := repairable(t, db.settings)
			told, err := backfill(w)
			if err == nil || !strings.Contains(err.Error(), "rejected") || !strings.Contains(told, "older than the retention policy allows") {
				t.Errorf("a backfill of which most is refused says %s, %v", told, err)
			}
			if got := hint.Of(err); !strings.HasPrefix(got, "set a longer retention in InfluxDB, with: influx ") || !strings.HasSuffix(got, "; then a running serve writes them within the hour, or run this import again") {
				t.Errorf("it says to do %q", got)
			}
			truth := untouchedAnna()
			if n := db.Sums().Count(); n == 0 || n > len(truth.Points)/4 {
				t.Errorf("%d of %d values are stored, want those of some weeks", n, len(truth.Points))
			}
			if n := imported(told); n == 0 || n > len(truth.Points)/4 {
				t.Errorf("it says that %d of %d readings were imported:\n%s", n, len(truth.Points), told)
			}
			if told, err := backfill(w); err == nil || strings.Contains(told, "up to date") {
				t.Errorf("a second one says %s, %v", told, err)
			}
			var report strings.Builder
			if err := check.Check(t.Context(), w.Settings, &report, io.Discard); err != nil || !strings.Contains(report.String(), "note  profile \"Anna\": InfluxDB rejects points of ") {
				t.Errorf("check says %s, %v", &report, err)
			}
			serve(w)
			polled(w)
			if p := daemon.Page(w.Set, w.Sim.Now(), w.Sim.Now()).Profiles[0]; p.State != web.StateNoted || len(p.Notes) == 0 {
				t.Errorf("the page says %s, %q", p.State, p.Notes)
			}
			db.keep(0)
			w.Sim.Advance(2 * time.Hour)
			whole(w, db)
			if told, err := backfill(w); err != nil {
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
		var readings int
		if _, err := fmt.Sscanf(line, "%s %d", &group, &readings); err == nil {
			n += readings
		}
	}
	return n
}

// TestADatabaseThatIsDroppedAndMadeAgainIsFilledByServe has everything there, and
// then nothing.
func TestADatabaseThatIsDroppedAndMadeAgainIsFilledByServe(t *testing.T) {
	t.Parallel()
	for version, make := range testrun.FewOf(owners) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, 0, false)
			w := repairable(t, db.settings)
			if told, err := backfill(w); err != nil {
				t.Fatalf("%s, %v", told, err)
			}
			serve(w)
			whole(w, db)
			db.drop()
			db.create()
			w.Sim.Advance(10 * time.Minute)
			whole(w, db)
			if n := strings.Count(w.Log.String(), "no longer has points"); n != 1 {
				t.Errorf("the log says so %d times:\n%s", n, w.Log)
			}
		})
	}
}

// TestAFieldOfAnotherTypeIsListedUntilItIsGone has another program's text where a
// weight belongs, in the week of it.
func TestAFieldOfAnotherTypeIsListedUntilItIsGone(t *testing.T) {
	t.Parallel()
	for version, make := range testrun.FewOf(owners) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			db := make(t, 0, false)
			w := repairable(t, db.settings)
			writes(w, db, fmt.Sprintf(`withings_body,profile=Anna weight_grams="heavy" %d`, stage.CloudStart.AddDate(0, -3, 0).Unix()))
			told, err := backfill(w)
			if err == nil || !strings.Contains(told, "the field has another type in the database") || !strings.Contains(told, "field type conflict") {
				t.Errorf("a backfill says %s, %v", told, err)
			}
			serve(w)
			polled(w)
			db.drop()
			db.create()
			w.Sim.Advance(2 * time.Hour)
			whole(w, db)
		})
	}
}

// writes posts a line of another program.
func writes(w *stage.World, db *owned, line string) {
	w.T.Helper()
	to := db.settings.URL + "/api/v2/write?" + url.Values{"bucket": {db.settings.Bucket}, "org": {db.settings.Org}, "precision": {"s"}}.Encode()
	request, err := http.NewRequestWithContext(w.T.Context(), http.MethodPost, to, strings.NewReader(line))
	w.Try(err)
	request.Header.Set("Authorization", "Token "+db.settings.Token)
	answer, err := http.DefaultClient.Do(request)
	w.Try(err)
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
		w.T.Fatal(answer.Status)
	}
}
