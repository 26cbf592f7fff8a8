package influx

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestWhatIsPutTogetherIsSentInOrderOfTime: a request should concern as few of a
// database's shards as possible.
func TestWhatIsPutTogetherIsSentInOrderOfTime(t *testing.T) {
	var requests [][]int64 // the times of the lines
	k := newDesk(t, "v1")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var times []int64
		for line := range strings.Lines(string(body)) {
			_, _, at := parts(line)
			n, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				t.Error(err)
			}
			times = append(times, n)
		}
		requests = append(requests, times)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	w, err := New(Options{URL: server.URL, Org: "any", Bucket: "b", Token: token, Log: k.logger(), Observe: func(string, int) {}})
	if err != nil {
		t.Fatal(err)
	}
	k.writer = w
	scale, mat := exporter.Batch{Service: exporter.Measure}, exporter.Batch{Service: exporter.Sleep}
	const nights = 6001 // and as many weigh-ins: three requests
	for i := range nights {
		at := day(1).Add(-time.Duration(100+i) * 24 * time.Hour)
		scale.Records = append(scale.Records, weighIn(strconv.Itoa(i), at, 70_000))
		mat.Records = append(mat.Records, night(strconv.Itoa(i), at.Add(-9*time.Hour), 80))
	}
	k.put(scale, mat)
	var sizes []int
	for _, lines := range requests {
		sizes = append(sizes, len(lines))
	}
	if want := []int{4001, 4001, 4000}; !slices.Equal(sizes, want) {
		t.Errorf("the requests have %d lines, want %d", sizes, want)
	}
	if all := slices.Concat(requests...); !slices.IsSorted(all) {
		t.Error("the lines are not in the order of time")
	}
}
