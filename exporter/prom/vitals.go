package prom

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// vitals are the numbers of the process that Prometheus' collectors for Go and the process have, at one moment.
type vitals struct {
	samples []metrics.Sample
	places  map[string]int // in samples
	gc      debug.GCStats
	kernel
}

// read reads all of them. It reports whether the system tells what it should.
func (v *vitals) read() bool {
	if v.samples == nil {
		v.places = map[string]int{}
		for name := range strings.FieldsSeq(sampleNames) {
			v.places[name] = len(v.samples)
			v.samples = append(v.samples, metrics.Sample{Name: name})
		}
		v.gc.PauseQuantiles = make([]time.Duration, 5)
	}
	metrics.Read(v.samples)
	debug.ReadGCStats(&v.gc)
	return v.kernel.read()
}

// sampleNames are what Go is asked.
const sampleNames = `
	/gc/gogc:percent /gc/gomemlimit:bytes /sched/gomaxprocs:threads
	/gc/heap/tiny/allocs:objects /gc/heap/allocs:objects /gc/heap/frees:objects /gc/heap/allocs:bytes /gc/heap/objects:objects /gc/heap/goal:bytes
	/memory/classes/total:bytes /memory/classes/heap/objects:bytes /memory/classes/heap/unused:bytes /memory/classes/heap/released:bytes
	/memory/classes/heap/free:bytes /memory/classes/heap/stacks:bytes /memory/classes/os-stacks:bytes
	/memory/classes/metadata/mspan/inuse:bytes /memory/classes/metadata/mspan/free:bytes
	/memory/classes/metadata/mcache/inuse:bytes /memory/classes/metadata/mcache/free:bytes
	/memory/classes/profiling/buckets:bytes /memory/classes/metadata/other:bytes /memory/classes/other:bytes`

// sum is a row whose number is the sum of some samples.
func sum(names ...string) row {
	return row{number: func(v *vitals) float64 {
		var all uint64
		for _, name := range names {
			if value := v.samples[v.places[name]].Value; value.Kind() == metrics.KindUint64 {
				all += value.Uint64()
			}
		}
		return float64(all)
	}}
}

const (
	heapObjects  = "/memory/classes/heap/objects:bytes"
	heapUnused   = "/memory/classes/heap/unused:bytes"
	heapReleased = "/memory/classes/heap/released:bytes"
	heapFree     = "/memory/classes/heap/free:bytes"
	stacks       = "/memory/classes/heap/stacks:bytes"
	mspans       = "/memory/classes/metadata/mspan/inuse:bytes"
	mcaches      = "/memory/classes/metadata/mcache/inuse:bytes"
	tinyAllocs   = "/gc/heap/tiny/allocs:objects"
)

// readers has a row for every family of the collectors, without its texts. One with neither a number nor a family does not change.
var readers = map[string]row{
	"go_info":                          {},
	"go_gc_duration_seconds":           {family: pauses},
	"go_gc_gogc_percent":               sum("/gc/gogc:percent"),
	"go_gc_gomemlimit_bytes":           sum("/gc/gomemlimit:bytes"),
	"go_sched_gomaxprocs_threads":      sum("/sched/gomaxprocs:threads"),
	"go_goroutines":                    {number: func(*vitals) float64 { return float64(runtime.NumGoroutine()) }},
	"go_threads":                       {number: func(*vitals) float64 { n, _ := runtime.ThreadCreateProfile(nil); return float64(n) }},
	"go_memstats_last_gc_time_seconds": {number: func(v *vitals) float64 { return float64(v.gc.LastGC.UnixNano()) / 1e9 }},
	"go_memstats_alloc_bytes":          sum(heapObjects),
	"go_memstats_alloc_bytes_total":    sum("/gc/heap/allocs:bytes"),
	"go_memstats_sys_bytes":            sum("/memory/classes/total:bytes"),
	"go_memstats_mallocs_total":        sum("/gc/heap/allocs:objects", tinyAllocs),
	"go_memstats_frees_total":          sum("/gc/heap/frees:objects", tinyAllocs),
	"go_memstats_heap_alloc_bytes":     sum(heapObjects),
	"go_memstats_heap_sys_bytes":       sum(heapObjects, heapUnused, heapReleased, heapFree),
	"go_memstats_heap_idle_bytes":      sum(heapReleased, heapFree),
	"go_memstats_heap_inuse_bytes":     sum(heapObjects, heapUnused),
	"go_memstats_heap_released_bytes":  sum(heapReleased),
	"go_memstats_heap_objects":         sum("/gc/heap/objects:objects"),
	"go_memstats_stack_inuse_bytes":    sum(stacks),
	"go_memstats_stack_sys_bytes":      sum(stacks, "/memory/classes/os-stacks:bytes"),
	"go_memstats_mspan_inuse_bytes":    sum(mspans),
	"go_memstats_mspan_sys_bytes":      sum(mspans, "/memory/classes/metadata/mspan/free:bytes"),
	"go_memstats_mcache_inuse_bytes":   sum(mcaches),
	"go_memstats_mcache_sys_bytes":     sum(mcaches, "/memory/classes/metadata/mcache/free:bytes"),
	"go_memstats_buck_hash_sys_bytes":  sum("/memory/classes/profiling/buckets:bytes"),
	"go_memstats_gc_sys_bytes":         sum("/memory/classes/metadata/other:bytes"),
	"go_memstats_other_sys_bytes":      sum("/memory/classes/other:bytes"),
	"go_memstats_next_gc_bytes":        sum("/gc/heap/goal:bytes"),

	"process_start_time_seconds":           {},
	"process_cpu_seconds_total":            {number: func(v *vitals) float64 { return v.cpu }},
	"process_virtual_memory_bytes":         {number: func(v *vitals) float64 { return v.virtual }},
	"process_virtual_memory_max_bytes":     {number: func(v *vitals) float64 { return v.maxVirtual }},
	"process_resident_memory_bytes":        {number: func(v *vitals) float64 { return v.resident }},
	"process_open_fds":                     {number: func(v *vitals) float64 { return v.files }},
	"process_max_fds":                      {number: func(v *vitals) float64 { return v.maxFiles }},
	"process_network_receive_bytes_total":  {number: func(v *vitals) float64 { return v.received }},
	"process_network_transmit_bytes_total": {number: func(v *vitals) float64 { return v.sent }},
}

// pauses are those of the garbage collector.
func pauses(v *vitals) *dto.MetricFamily {
	n, total := uint64(v.gc.NumGC), v.gc.PauseTotal.Seconds()
	is := &dto.Summary{SampleCount: &n, SampleSum: &total}
	for i, pause := range v.gc.PauseQuantiles {
		quantile, seconds := float64(i)/float64(len(v.gc.PauseQuantiles)-1), pause.Seconds()
		is.Quantile = append(is.Quantile, &dto.Quantile{Quantile: &quantile, Value: &seconds})
	}
	return &dto.MetricFamily{Metric: []*dto.Metric{{Summary: is}}}
}

// told are the numbers that the system tells of the process.
type told struct {
	cpu               float64 // seconds, of user and system
	virtual, resident float64 // bytes
	maxVirtual        float64 // bytes
	files, maxFiles   float64 // file descriptors
	received, sent    float64 // bytes, of the whole network namespace
}
