package prom

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// scrape is the answer to a scrape with some headers.
func (s *scene) scrape(method, accept, encoding string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/metrics", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)
	return answer
}

// formats are what scrapers ask for; the first is that of Prometheus 3.
var formats = []string{
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
		"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
	"",
	"application/openmetrics-text; version=0.0.1",
	"text/plain; version=0.0.4; escaping=allow-utf-8",
	"text/plain; version=0.0.4; escaping=underscores",
	"text/plain; version=0.0.4; escaping=values",
	"text/plain; version=0.0.4; escaping=dots",
	"application/openmetrics-text; version=1.0.0; escaping=values",
	"application/openmetrics-text; version=1.0.0; escaping=dots",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=compact-text",
}

// encoded is what the library makes of the families that are gathered.
func (s *scene) encoded(t *testing.T, accept string) (text, contentType string) {
	t.Helper()
	families, err := s.g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	format := expfmt.NegotiateAccept(http.Header{"Accept": {accept}}, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	var all bytes.Buffer
	encoder := expfmt.NewEncoder(&all, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.(expfmt.Closer).Close(); err != nil {
		t.Fatal(err)
	}
	return all.String(), string(format)
}

// same compares every format with what the library writes.
func (s *scene) same(t *testing.T) {
	t.Helper()
	for _, accept := range formats {
		want, contentType := s.encoded(t, accept)
		for _, encoding := range []string{"", "gzip", "zstd", "gzip"} {
			answer := s.scrape(http.MethodGet, accept, encoding)
			if got := answer.Header().Get("Content-Type"); got != contentType {
				t.Errorf("the content type for %q is %q, want %q", accept, got, contentType)
			}
			got := unpack(t, encoding, answer.Body)
			if strings.Contains(accept, "encoding=text") || strings.Contains(accept, "compact") {
				got, want = withoutSpaces(got), withoutSpaces(want) // protobuf adds some at random
			}
			if got != want {
				t.Errorf("the page for %q, compressed with %q, is\n%s\nwant\n%s", accept, encoding, firstDifference(got, want), firstDifference(want, got))
			}
		}
	}
}

func withoutSpaces(text string) string { return strings.ReplaceAll(text, " ", "") }

// firstDifference is the part of a text where it begins to differ from another.
func firstDifference(text, other string) string {
	n := 0
	for n < min(len(text), len(other)) && text[n] == other[n] {
		n++
	}
	return fmt.Sprintf("… %q", text[max(0, n-80):min(len(text), n+80)])
}

func TestAPageIsWhatTheLibraryWrites(t *testing.T) {
	s := newScene(anna(t), person("Ben", 400), person("quote \" and \\ back\nline 😀", 200))
	registerSome(s)
	s.same(t)
	weighIn(s.profiles[0], 7)
	s.same(t)
	s.profiles = s.profiles[1:]
	s.same(t)
	s.profiles = nil
	s.same(t)
}

func TestAPageOfManyIsWhatTheLibraryWrites(t *testing.T) {
	testrun.Unraced(t, "one page is made after the other")
	s := newScene(crowd(40, 40*230)...)
	registerSome(s)
	s.same(t)
	for n := range 3 {
		weighIn(s.profiles[n*13], n)
	}
	s.same(t)
}

func FuzzAPageIsWhatTheLibraryWrites(f *testing.F) {
	f.Add("Ben", "torso", int64(72345), -3)
	f.Add("a\"b\\c\nd", "e\"f\\g\nh", int64(-1), 30)
	f.Add("😀", "\xff", int64(0), 0)
	f.Fuzz(func(t *testing.T, profile, position string, mantissa int64, exponent int) {
		value, err := exporter.NewDecimal(mantissa, exponent)
		if err != nil || profile == "" || profile == "somebody else" {
			return
		}
		p := person(profile, 4)
		p.State.Apply(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{{
			Service: exporter.Measure, ID: "2", Start: moment, End: moment, Modified: moment,
			Readings: []exporter.Reading{
				{Metric: exporter.ByName("unknown_measure"), Labels: exporter.LabelValues("300", position), Value: value},
				{Metric: exporter.ByName("weight_grams"), Labels: exporter.LabelValues(position), Value: value},
			},
		}}})
		s := newScene(p, person("somebody else", 40))
		for _, accept := range formats[:2] {
			want, _ := s.encoded(t, accept)
			if got := s.scrape(http.MethodGet, accept, "").Body.String(); got != want {
				t.Errorf("the page for %q is %s, want %s", accept, firstDifference(got, want), firstDifference(want, got))
			}
		}
	})
}

func TestAChangedPersonAmongThousandsIsWrittenAgainAlone(t *testing.T) {
	const people = 10_000
	s := newScene(crowd(people, 8*people)...)
	zipped := func() (written, squeezed int) {
		before, known := s.g.people.written, s.handler.(*handler).known
		squeezes := known.squeezes
		if answer := s.scrape(http.MethodGet, "", "gzip"); answer.Code != http.StatusOK {
			t.Fatal(answer.Code)
		}
		return s.g.people.written - before, known.squeezes - squeezes
	}
	if written, squeezed := zipped(); written != people || squeezed < 100 {
		t.Fatalf("the first scrape writes %d people and compresses %d pieces", written, squeezed)
	}
	if written, squeezed := zipped(); written != 0 || squeezed > 0 {
		t.Errorf("when nothing has changed %d people are written again, and %d pieces compressed", written, squeezed)
	}
	for n := range 20 {
		weighIn(s.profiles[n*97], n)
		// A weigh-in changes the weight and when it was measured: two pieces, and the next one when a piece has become so long that it ends elsewhere.
		if written, squeezed := zipped(); written != 1 || squeezed < 2 || squeezed > 8 {
			t.Errorf("after one has changed %d people are written again, and %d pieces compressed", written, squeezed)
		}
	}
}

func TestACompressedPieceIsForgottenWhenNobodyAsksForIt(t *testing.T) {
	s := newScene(person("Ben", 600))
	for n := range 100 {
		weighIn(s.profiles[0], n)
		s.scrape(http.MethodGet, "", "gzip")
	}
	if kept := len(s.handler.(*handler).known.all); kept > 3*(restScrapes+1) {
		t.Errorf("%d pieces are kept", kept)
	}
}

func TestAPageCompressedWithGzipIsOneStream(t *testing.T) {
	s := newScene(crowd(40, 40*230)...)
	registerSome(s)
	for range 2 {
		body := bytes.NewReader(s.scrape(http.MethodGet, "", "gzip").Body.Bytes())
		r, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		r.Multistream(false)
		if text, err := io.ReadAll(r); err != nil || len(text) < 500_000 || body.Len() > 0 {
			t.Errorf("the first stream has %d bytes (%v), and %d follow it", len(text), err, body.Len())
		}
	}
}

func TestASmallPageTellsItsLength(t *testing.T) {
	s := newScene(anna(t))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, encoding := range []string{"", "gzip"} {
			answer := s.scrape(method, "", encoding)
			if length := answer.Header().Get("Content-Length"); length != strconv.Itoa(answer.Body.Len()) {
				t.Errorf("%s with %q has length %q, and %d bytes", method, encoding, length, answer.Body.Len())
			}
			if method == http.MethodHead && answer.Header().Get("Content-Encoding") != "" {
				t.Error("an answer without a body says that it is compressed")
			}
		}
	}
}

// disconnected is an answer to a scraper that has gone.
type disconnected struct {
	discard
	writes int
}

func (d *disconnected) Write([]byte) (int, error) { d.writes++; return 0, io.ErrClosedPipe }

func TestNothingIsSentToAScraperThatHasGone(t *testing.T) {
	s := newScene(crowd(100, 100*230)...)
	for _, encoding := range []string{"", "gzip", "zstd"} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		request.Header.Set("Accept-Encoding", encoding)
		gone := &disconnected{discard: discard{header: http.Header{}}}
		s.handler.ServeHTTP(gone, request)
		if gone.writes != 1 {
			t.Errorf("with %q it is sent %d pieces", encoding, gone.writes)
		}
		if got := unpack(t, encoding, s.scrape(http.MethodGet, "", encoding).Body); strings.Count(got, "\n") < 23_000 {
			t.Errorf("the next scraper with %q gets %d lines", encoding, strings.Count(got, "\n"))
		}
	}
}

func TestTheEncodingThatIsLikedBestIsChosen(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "GZIP": "gzip", "br": "", "zstd": "zstd",
		"gzip, deflate, br, zstd": "zstd", "gzip;q=1.0, zstd;q=0.5": "gzip", "gzip;q=0.5,zstd;q=0.5": "zstd", "zstd;q=0, gzip": "gzip",
		"gzip;q=0": "", "gzip; q=0.2": "gzip", "gzip;q=x": "", "gzip;Q=0": "", "x-gzip": "", "*": "", "gzip;q=0, identity": "",
	} {
		if got := encodingOf(header); got != want {
			t.Errorf("for %q it is %q, want %q", header, got, want)
		}
	}
}

func TestWhatScrapersAskForIsRememberedForAFew(t *testing.T) {
	s := newScene(anna(t))
	for n := range 1000 {
		s.scrape(http.MethodGet, fmt.Sprintf("text/plain;q=0.%d", n), "")
	}
	if kept := len(s.handler.(*handler).asks.known); kept > asksKept {
		t.Errorf("%d are remembered", kept)
	}
}

func TestFormatsAndCompressionAreNegotiated(t *testing.T) {
	s := newScene(anna(t))
	server := httptest.NewServer(Handler(s.g, slog.New(slog.DiscardHandler)))
	defer server.Close()
	for _, c := range []struct{ name, accept, encoding, contentType, has string }{
		{"text", "", "identity", "text/plain; version=0.0.4", "withings_weight_grams{profile=\"Anna\"} 72345\n"},
		{"OpenMetrics", "application/openmetrics-text; version=1.0.0", "identity", "application/openmetrics-text", "# EOF"},
		{"protobuf", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "identity", "application/vnd.google.protobuf", "withings_weight_grams"},
		{"gzip", "", "gzip", "text/plain", "72345"},
		{"zstd", "", "zstd", "text/plain", "72345"},
	} {
		t.Run(c.name, func(t *testing.T) {
			request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
			request.Header.Set("Accept", c.accept)
			request.Header.Set("Accept-Encoding", c.encoding)
			answer, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, c.contentType) {
				t.Errorf("content type is %q, want %q", got, c.contentType)
			}
			page := unpack(t, c.encoding, answer.Body)
			if !strings.Contains(page, c.has) {
				t.Errorf("the page has no %q:\n%s", c.has, page)
			}
		})
	}
}

func unpack(t *testing.T, encoding string, body io.Reader) string {
	t.Helper()
	switch encoding {
	case "gzip":
		r, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = r
	case "zstd":
		r, err := zstd.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		body = r
	}
	page, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// registerSome adds metrics that are not of profiles, before, between and after those.
func registerSome(s *scene) {
	registry := prometheus.NewRegistry()
	for _, name := range []string{"a_first", "withings_api_requests_total", "withings_zz", "zz_last"} {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: `Help with "quotes" and \ a backslash.`}, []string{"reason"})
		c.WithLabelValues("first").Add(3)
		c.WithLabelValues(`"second"`).Add(0.5)
		registry.MustRegister(c)
	}
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "withings_n"})
	h.Observe(3)
	registry.MustRegister(h)
	s.g.others.Registry = registry
}

func TestAPageHasTheProcessToo(t *testing.T) {
	s := newScene(crowd(40, 40*230)...)
	registerSome(s)
	for _, encoding := range []string{"", "gzip", "gzip", "zstd"} {
		without := unpack(t, encoding, s.scrape(http.MethodGet, formats[0], encoding).Body)
		now := moment
		s.g.others.Process = NewProcess(func() time.Time { now = now.Add(time.Minute); return now })
		for range 2 { // as the collectors tell it, then read directly
			page := unpack(t, encoding, s.scrape(http.MethodGet, formats[0], encoding).Body)
			first, rest, _ := strings.Cut(page, "# HELP go_")
			process, last, _ := strings.Cut(rest, "# HELP withings_")
			if !strings.Contains(process, "\nprocess_open_fds ") || strings.Contains(last, "\nprocess_") || first+"# HELP withings_"+last != without {
				t.Errorf("compressed with %q, the page is not the one without the process and that in between", encoding)
			}
		}
		s.g.others.Process = nil
	}
}

// gathered counts how often it is asked.
type gathered struct {
	prometheus.Gatherer
	times int
}

func (g *gathered) Gather() ([]*dto.MetricFamily, error) { g.times++; return g.Gatherer.Gather() }

func TestCountersAreGatheredWhenSomethingWasCounted(t *testing.T) {
	s := newScene(anna(t))
	registry := prometheus.NewRegistry()
	counters := NewCounters(registry, Starts{})
	asked := &gathered{Gatherer: registry}
	s.g.others = Others{Registry: asked, Changes: counters.Changes}
	count := map[string]func(){
		`withings_api_requests_total{service="sleep",status="601"} 1`: func() { counters.Requested(exporter.Sleep, "601") },
		`withings_rate_limited_total 1`:                               counters.RateLimited,
		`withings_skipped_readings_total{reason="future"} 1`:          func() { counters.Skipped("future") },
		`withings_influx_points_total{result="written"} 3`:            func() { counters.Points("written", 3) },
		`withings_notifications_total{category="1",profile="Ben"} 1`:  func() { counters.Notified("Ben", 1) },
		`withings_notifications_refused_total{reason="method"} 1`:     func() { counters.NotificationRefused("method") },
	}
	for line, counts := range count {
		counts()
		for range 3 {
			if page := s.scrape(http.MethodGet, "", "").Body.String(); !strings.Contains(page, line+"\n") {
				t.Errorf("the page has no %s:\n%s", line, page)
			}
		}
	}
	if asked.times != len(count) {
		t.Errorf("the registry was asked %d times, something was counted %d times", asked.times, len(count))
	}
	counters.Forget("Ben")
	if page := s.scrape(http.MethodGet, "", "").Body.String(); strings.Contains(page, "Ben") {
		t.Error("somebody who is forgotten is still shown")
	}
	for _, later := range []time.Duration{othersRest - 1, 1, -time.Hour} {
		s.now = s.now.Add(later)
		s.scrape(http.MethodGet, "", "")
	}
	if asked.times != len(count)+3 {
		t.Errorf("after a minute, and when the clock was set back, the registry was asked %d times, want 2", asked.times-len(count)-1)
	}
}
