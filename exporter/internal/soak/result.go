package soak

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// Result is what a plan came to.
type Result struct {
	Plan   Plan
	WarmUp time.Duration // until everybody had been polled and the past was known; nothing of it counts below, but for the 601
	// Requests are those per person and day, by service; besides the services there are oauth2 and notify.
	Requests map[string]float64
	// Costs are what each profile takes in a day, and what it is expected to take by what is known of it at the end.
	Costs map[string]Cost
	// Fresh is how soon readings were shown, by service. What the server changed by itself is apart, as in "sleep again", and
	// so is what no device has sent: Manual.
	Fresh      map[string]*Freshness
	Lost       []string // readings that were not shown at the end, without those of the last hour
	Wrong      []string // what the states show at the end that is not what Withings has, or has had an hour before
	Early      int      // readings that were shown before they could be: a fault of the simulator
	Limited    int      // requests that Withings refused with a 601
	Conditions map[string]exporter.Condition
	Complaints []string // the first warnings of the log
}

// Cost is how many requests a profile takes in a day.
type Cost struct{ Took, Expected float64 }

// count sets the requests.
func (r *Result) count(after, before map[string]int) {
	r.Requests = map[string]float64{}
	for service, n := range after {
		if n -= before[service]; n > 0 {
			r.Requests[service] = float64(n) / float64(r.Plan.People*r.Plan.Days)
		}
	}
}

// PerDay is how many requests a person costs a day.
func (r *Result) PerDay() (all float64) {
	for _, n := range r.Requests {
		all += n
	}
	return all
}

// Sent is the freshness of everything that devices sent, and of what Withings changed of it.
func (r *Result) Sent() *Freshness {
	all := &Freshness{}
	for group, fresh := range r.Fresh {
		if group != Manual {
			all.join(fresh, "")
		}
	}
	return all
}

// Typed is the freshness of what no device has sent.
func (r *Result) Typed() *Freshness {
	all := &Freshness{}
	if r.Fresh[Manual] != nil {
		all.join(r.Fresh[Manual], "")
	}
	return all
}

// String is a table.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d people, %d days, every %v, warm-up %v: %.1f requests per person and day, %d refused with a 601, %d lost, %d wrong, %d early\n",
		r.Plan.Name, r.Plan.People, r.Plan.Days, r.Plan.Interval, r.WarmUp, r.PerDay(), r.Limited, len(r.Lost), len(r.Wrong), r.Early)
	for _, service := range slices.Sorted(maps.Keys(r.Requests)) {
		fmt.Fprintf(&b, "  %-16s %8.2f requests\n", service, r.Requests[service])
	}
	r.writeTrust(&b)
	fmt.Fprintf(&b, "  %-16s %9s %9s %9s %9s %9s\n", "readings", "number", "≤ 5 min", "≤ 15 min", "≤ 60 min", "worst")
	for _, group := range slices.Sorted(maps.Keys(r.Fresh)) {
		r.Fresh[group].write(&b, group)
	}
	r.Sent().write(&b, "all sent")
	for _, line := range r.Lost[:min(len(r.Lost), 10)] {
		fmt.Fprintf(&b, "  lost: %s\n", line)
	}
	for _, line := range r.Wrong[:min(len(r.Wrong), 10)] {
		fmt.Fprintf(&b, "  wrong: %s\n", line)
	}
	for _, line := range r.Complaints[:min(len(r.Complaints), 10)] {
		fmt.Fprintf(&b, "  log: %s\n", line)
	}
	return b.String()
}

// writeTrust says for how many people, at the end, the sessions of devices do not decide when a service is asked, or have not
// been seen to yet.
func (r *Result) writeTrust(b *strings.Builder) {
	unheeded, unproven := map[exporter.Service]int{}, map[exporter.Service]int{}
	for _, is := range r.Conditions {
		for _, service := range is.Sign.Unheeded {
			unheeded[service]++
		}
		for _, service := range is.Sign.Unproven {
			unproven[service]++
		}
	}
	for _, service := range exporter.Services() {
		if unheeded[service]+unproven[service] > 0 {
			fmt.Fprintf(b, "  %-16s asked at every poll for %d people, unproven for %d\n", service, unheeded[service], unproven[service])
		}
	}
}

// Freshness is how long readings took from Withings to the state.
type Freshness struct {
	Readings int
	Worst    time.Duration
	Of       string // whose the worst was, and when it could be read
	late     [minutes + 1]int
}

// minutes is how many minutes late are counted one by one.
const minutes = 60

// add counts a reading.
func (f *Freshness) add(late time.Duration, at time.Time) {
	f.Readings++
	if late > f.Worst || f.Of == "" {
		f.Worst, f.Of = late, at.Format("Mon 01-02 15:04:05")
	}
	f.late[min(minutes, int(max(late-1, 0)/time.Minute))]++
}

// join adds those of a profile.
func (f *Freshness) join(more *Freshness, profile string) {
	if more.Worst > f.Worst || f.Of == "" {
		f.Worst, f.Of = more.Worst, strings.TrimSpace(profile+" "+more.Of)
	}
	f.Readings += more.Readings
	for i, n := range more.late {
		f.late[i] += n
	}
}

// Within is the share of readings that were shown within a time, in whole minutes up to an hour; 1 if there were none.
func (f *Freshness) Within(d time.Duration) float64 {
	if f == nil || f.Readings == 0 {
		return 1
	}
	n := 0
	for i := range min(minutes, int(d/time.Minute)) {
		n += f.late[i]
	}
	return float64(n) / float64(f.Readings)
}

func (f *Freshness) write(b *strings.Builder, name string) {
	fmt.Fprintf(b, "  %-16s %9d %8.3f%% %8.3f%% %8.3f%% %9v  %s\n", name, f.Readings, 100*f.Within(5*time.Minute), 100*f.Within(15*time.Minute),
		100*f.Within(time.Hour), f.Worst.Round(time.Second), f.Of)
}
