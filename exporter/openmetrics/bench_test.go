package openmetrics

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// benchDays are about 500,000 samples in the way of fill.
func benchDays() int { return testrun.Bench(4400, 440) }

// BenchmarkWrite writes twelve years of somebody who owns every device, to a
// file. Heap-MB is the most that was in use while it did.
func BenchmarkWrite(b *testing.B) {
	s := manyKinds(b, "Anna", benchDays())
	path := filepath.Join(b.TempDir(), "history.om")
	b.ReportAllocs()
	var sum Summary
	for b.Loop() {
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		peak := heapPeak()
		sum, err = Write(b.Context(), f, []*Spool{s}, Options{Now: noon, Temp: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak())/(1<<20), "heap-MB")
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(sum.Bytes)
	b.ReportMetric(float64(sum.Samples), "samples")
}

// BenchmarkWritePlainly is the floor: the same bytes, once they are there.
func BenchmarkWritePlainly(b *testing.B) {
	var text bytes.Buffer
	if _, err := Write(b.Context(), &text, []*Spool{manyKinds(b, "Anna", benchDays())}, Options{Now: noon, Temp: b.TempDir()}); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "history.om")
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		f, err := os.Create(path)
		if err == nil {
			_, err = io.Copy(f, bytes.NewReader(text.Bytes()))
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// heapPeak watches the heap until the function it returns is called, which
// tells by how many bytes it had grown at most.
func heapPeak() func() uint64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		most := before.HeapInuse
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
			select {
			case <-stop:
				peak <- most - before.HeapInuse
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-peak
	}
}
