//go:build linux

package daemon

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
)

// BenchmarkPageOfMany asks the real binary, with the saved states of some people, for the status page as a browser does,
// and in turn a bare server that has the same page in memory: how long the first byte and the last take, how large the page is, and
// the processor time. Withings does not answer, so what is shown is from the run before.
func BenchmarkPageOfMany(b *testing.B) {
	program, floor := stage.Build(b), stage.BuildBare(b)
	three, silent := stateOfThree(b, program), silence(b)
	for _, crowd := range []struct {
		like   string
		people int
	}{{"Anna", 1}, {"Anna", 30}, {"Anna", testrun.Bench(1000, 50)}, {"Carla", testrun.Bench(10_000, 500)}} {
		b.Run(fmt.Sprintf("like=%s/people=%d", crowd.like, crowd.people), func(b *testing.B) {
			ours := serving(b, program, stateOfMany(b, three, crowd.like, crowd.people), silent)
			defer ours.end(b)
			ours.page(b)
			<-time.After(time.Duration(testrun.Bench(5, 0)) * time.Second) // what the start has left is collected
			page := look(b, ours).body
			least := bare(b, floor, page)
			defer least.end(b)
			least.page(b)
			var first, last, spent, bareLast, bareSpent []time.Duration
			for b.Loop() {
				for range testrun.Bench(rounds, 1) {
					before := ours.cpu(b)
					seen := look(b, ours)
					first, last, spent = append(first, seen.first), append(last, seen.last), append(spent, ours.cpu(b)-before)
					before = least.cpu(b)
					seen = look(b, least)
					bareLast, bareSpent = append(bareLast, seen.last), append(bareSpent, least.cpu(b)-before)
				}
			}
			const ms = float64(time.Millisecond)
			b.ReportMetric(median(first)/ms, "ms/first-byte")
			b.ReportMetric(median(last)/ms, "ms/page")
			b.ReportMetric(median(bareLast)/ms, "ms/floor")
			b.ReportMetric(median(spent)/ms, "cpu-ms/page")
			b.ReportMetric(median(bareSpent)/ms, "cpu-ms/floor")
			b.ReportMetric(float64(len(page)), "bytes")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// looked is a page, and when its first and its last byte had come.
type looked struct {
	body        []byte
	first, last time.Duration
}

// look asks for the status page over a connection that is kept.
func look(b *testing.B, p *process) looked {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+"/", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	began := time.Now()
	answer, err := kept.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	seen := looked{first: time.Since(began)}
	seen.body, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer.Status, err)
	}
	seen.last = time.Since(began)
	return seen
}
