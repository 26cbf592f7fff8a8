package web

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// heldMetrics has metrics that are told of each request, and answer when they are let go on.
func heldMetrics(o *Options) (begun chan struct{}, goOn func()) {
	begun, wait := make(chan struct{}), make(chan struct{})
	o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-wait
		_, _ = io.WriteString(w, "withings_up 1\n")
	})
	return begun, func() { close(wait) }
}

func TestSoManyScrapesAreAnsweredAtTheSameTime(t *testing.T) {
	const most = 3
	var begun chan struct{}
	var goOn func()
	s := newServer(t, func(o *Options) {
		o.MaxScrapes = most
		begun, goOn = heldMetrics(o)
	})
	var scrapes sync.WaitGroup
	for range most {
		scrapes.Go(func() {
			if w := do(t, s, "GET", "/metrics"); w.Code != http.StatusOK || w.Body.String() != "withings_up 1\n" {
				t.Errorf("one of the first is answered with %d: %s", w.Code, w.Body)
			}
		})
	}
	for range most {
		<-begun
	}
	w := do(t, s, "GET", "/metrics")
	if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.Contains(body, "--web.max-requests is 3") || strings.Count(body, "\n") != 1 {
		t.Errorf("one too many is answered with %d: %s", w.Code, body)
	}
	for _, path := range []string{"/", "/-/healthy", "/-/ready", "/sd"} {
		if got := do(t, s, "GET", path).Code; got != http.StatusOK {
			t.Errorf("meanwhile %s is answered with %d", path, got)
		}
	}
	goOn()
	scrapes.Wait()
	scrapes.Go(func() { <-begun })
	if got := do(t, s, "GET", "/metrics").Code; got != http.StatusOK {
		t.Errorf("after them a scrape is answered with %d", got)
	}
	scrapes.Wait()
}

func TestAScrapeThatPanicsLeavesItsPlaceToOthers(t *testing.T) {
	broken := true
	s := newServer(t, func(o *Options) {
		o.MaxScrapes = 1
		o.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if broken {
				panic(http.ErrAbortHandler)
			}
		})
	})
	func() {
		defer func() { _ = recover() }()
		do(t, s, "GET", "/metrics")
	}()
	broken = false
	if got := do(t, s, "GET", "/metrics").Code; got != http.StatusOK {
		t.Errorf("got %d", got)
	}
}

func TestWithoutALimitEveryScrapeIsAnswered(t *testing.T) {
	var begun chan struct{}
	var goOn func()
	s := newServer(t, func(o *Options) { begun, goOn = heldMetrics(o) })
	var scrapes sync.WaitGroup
	for range 100 {
		scrapes.Go(func() {
			if got := do(t, s, "GET", "/metrics").Code; got != http.StatusOK {
				t.Errorf("got %d", got)
			}
		})
	}
	for range 100 {
		<-begun
	}
	goOn()
	scrapes.Wait()
}
