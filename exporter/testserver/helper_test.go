package testserver

import (
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// now is an ordinary Wednesday evening.
var now = time.Date(2026, time.July, 15, 18, 30, 0, 0, time.UTC)

// history returns the points of one person's months, at full scale of a year of three.
func history(t testing.TB) []tally.Point {
	t.Helper()
	sim := simulator.New(simulator.Options{People: testrun.Scale(1, 3), Months: testrun.Scale(3, 12), Start: now, Now: func() time.Time { return now }})
	var all []tally.Point
	for _, p := range sim.People() {
		all = append(all, truth.Points(sim, p, time.Time{}, time.Time{})...)
	}
	return all
}

// each returns changed copies of points.
func each(points []tally.Point, change func(tally.Point) tally.Point) []tally.Point {
	changed := make([]tally.Point, len(points))
	for i, p := range points {
		changed[i] = change(p)
	}
	return changed
}

// expect reports differences, up to a readable number.
func expect(t *testing.T, what string, differences []string) {
	t.Helper()
	const readable = 10
	for _, line := range differences[:min(readable, len(differences))] {
		t.Errorf("%s: %s", what, line)
	}
	if more := len(differences) - readable; more > 0 {
		t.Errorf("%s: and %d more", what, more)
	}
}

// weight returns a point of Anna's weight.
func weight(at time.Time, grams int64) tally.Point {
	return tally.Point{Measurement: "withings_body", Tags: map[string]string{"profile": "Anna"}, Field: "weight_grams",
		Time: at.UTC(), Value: big.NewRat(grams, 1)}
}

// linesOf writes points as lines, times in nanoseconds.
func linesOf(t *testing.T, points []tally.Point) string {
	t.Helper()
	var lines strings.Builder
	if err := tally.WriteLines(&lines, points); err != nil {
		t.Fatal(err)
	}
	return lines.String()
}

// exchange posts a body to a path of a server, with a token, "" for none, and returns
// the answer.
func exchange(t *testing.T, s *server, path, token, body string) (status int, header http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Token "+token)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(read)
}

// TestMain has the files of servers and of what is under test in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
