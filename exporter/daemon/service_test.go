package daemon

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
	"withings-exporter/exporter/web"
)

// TestEveryServiceIsInEveryOutput has Withings answer with what was recorded of a
// service, for each row of the table of services, and looks for it wherever a
// person may. A row without a recording fails, and so does a recording that tells
// nothing.
func TestEveryServiceIsInEveryOutput(t *testing.T) {
	for _, service := range testrun.Few(exporter.Asked()) {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			answer, dir := recorded(t, service), t.TempDir()
			stage.InBubbleOf(t, dir, func(w *stage.World) {
				t := w.T
				db := rude.Pipe(t, rude.Influx2)
				w.Settings.Profiles, w.Settings.Services = []string{"Anna"}, []string{string(service)}
				w.Settings.Influx = command.Influx{URL: db.URL, Org: "home", Bucket: "health", Token: "t", HTTP: db.Client()}
				w.Settings.HTTP = &http.Client{Transport: recording{w.Settings.HTTP.Transport, answer}}
				w.Start()
				w.Pass(4 * time.Minute)
				shown, card := w.Series(), pageOf(w).Profiles[0]
				w.Set.Halt()

				expect(t, "/metrics", service, func(m *exporter.Metric) bool {
					return hasPrefix(shown, m.FullName()+"{")
				})
				points := db.Points()
				expect(t, "InfluxDB", service, func(m *exporter.Metric) bool {
					return slices.ContainsFunc(points, func(p tally.Point) bool {
						return p.Measurement == exporter.Prefix+string(m.Group) && p.Field == m.Field()
					})
				})
				if i := slices.IndexFunc(card.Services, func(s web.Service) bool { return s.Name == string(service) }); i < 0 {
					t.Error("the page has no line for it")
				} else if is := card.Services[i]; is.Readings == 0 || is.Err != "" || is.LastSuccess.IsZero() {
					t.Errorf("the page says %+v", is)
				}
				var out, talk bytes.Buffer
				if err := check.Check(t.Context(), w.Settings, &out, io.Discard); err != nil || !strings.Contains(out.String(), "Withings answers for "+string(service)) {
					t.Errorf("check says %v\n%s", err, &out)
				}
				if service.Row().Current || service.Row().Minutes {
					return // there is no past to tell of, or not without being asked for
				}
				file := filepath.Join(dir, "history.txt")
				if err := transfer.Run(t.Context(), w.Settings, transfer.Options{To: "openmetrics=" + file}, &out, &talk); err != nil {
					t.Fatal(err, talk.String())
				}
				history, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				expect(t, "the history file", service, func(m *exporter.Metric) bool {
					return bytes.Contains(history, []byte("\n"+m.FullName()+"{"))
				})
			})
		})
	}
}

// expect fails unless some metric of a service is in an output.
func expect(t *testing.T, output string, service exporter.Service, has func(*exporter.Metric) bool) {
	t.Helper()
	for _, m := range exporter.Catalog() {
		if m.Service == service && has(m) {
			return
		}
	}
	t.Errorf("%s has nothing of %s", output, service)
}

func hasPrefix(series map[string]float64, prefix string) bool {
	for name := range series {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// recorded is the longest recorded answer of a service, as the only page.
func recorded(t *testing.T, service exporter.Service) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "withings", "testdata", string(service), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is recorded of %s: %v", service, err)
	}
	var answers []string
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, strings.Replace(string(answer), `"more":true`, `"more":false`, 1))
	}
	return slices.MaxFunc(answers, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
}

// recording answers in place of Withings, but for what has to do with signing in.
type recording struct {
	signIn http.RoundTripper
	answer string
}

func (r recording) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Path == "/v2/oauth2" || q.URL.Path == "/v2/signature" {
		return r.signIn.RoundTrip(q)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(r.answer)), Request: q,
	}, nil
}
