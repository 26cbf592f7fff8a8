//go:build linux

package soak

import (
	"cmp"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// sizeVar names the variable with the number of people and of days of BenchmarkBudget, as in 300x30.
const sizeVar = "WITHINGS_SOAK"

// size is what it says; without it, six people for a day, and with -short one.
func size(b *testing.B) (people, days int) {
	text := cmp.Or(os.Getenv(sizeVar), fmt.Sprintf("%dx1", testrun.Bench(6, 1)))
	if n, err := fmt.Sscanf(text, "%dx%d", &people, &days); err != nil || n != 2 || people < 1 || days < 1 {
		b.Fatalf("%s is %q, want people and days such as 300x30", sizeVar, text)
	}
	return people, days
}

// roomy is what --api.rate-limit is in the table: 300 people need more than the default of 100, and Withings allows 120.
const roomy = 115

// settling is how many days pass before those that count: hundreds of people who begin within a minute are all read at once, and
// when their devices synchronise is learned in five days.
const settling = 7

// BenchmarkBudget prints what people cost a day and how soon their readings are shown. The long run, of which CPU seconds
// and memory are printed, too:
//
//	WITHINGS_SOAK=300x30 GOGC=400 go test ./exporter/internal/soak -run '^$' -bench 'Budget/sessions_that_move$' -benchtime 1x -timeout 4h
func BenchmarkBudget(b *testing.B) {
	for _, plan := range accounts() {
		b.Run(plan.Name, func(b *testing.B) {
			plan.People, plan.Days = size(b)
			plan.Limit, plan.Before = roomy, testrun.Bench(settling, 1)
			for b.Loop() {
				before := used(b)
				r := Run(b, plan)
				fmt.Println(r) // a log of a benchmark has ten lines
				b.ReportMetric(r.PerDay(), "requests/person/day")
				b.ReportMetric(100*r.Sent().Within(5*time.Minute), "%in5min")
				b.ReportMetric(100*r.Sent().Within(15*time.Minute), "%in15min")
				b.ReportMetric(r.Sent().Worst.Seconds(), "s-worst")
				b.ReportMetric(r.Typed().Worst.Seconds(), "s-worst-manual")
				b.ReportMetric(float64(r.Limited), "601")
				after := used(b)
				b.ReportMetric(time.Duration(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()).Seconds(), "cpu-s")
				b.ReportMetric(float64(after.Maxrss)/1024, "MiB-peak")
			}
		})
	}
}

// used is what this process has used of the machine.
func used(b *testing.B) (is syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &is); err != nil {
		b.Fatal(err)
	}
	return is
}
