package soak

import (
	"fmt"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// accounts are those of the table: what Withings tells of them, and how.
func accounts() []Plan {
	good := Plan{Name: "sessions that move", Switches: Real()}
	told, unlisted, with, stuck, null, regular := good, good, good, good, good, good
	told.Name, told.Notifications = "notifications", true
	unlisted.Name, unlisted.Switches.MatSessions, unlisted.Switches.UnlistedPhones = "mats without sessions, phones not listed", false, true
	with.Name, with.Switches.Sessions = "sessions that move with the data", simulator.SessionsWithData
	stuck.Name, stuck.Switches.Sessions = "sessions that never move", simulator.SessionsStuck
	null.Name, null.Switches.Sessions = "no sessions", simulator.SessionsNull
	regular.Name, regular.Switches.Irregular, regular.Switches.SyncEvery = "watches every 15 minutes", false, 15*time.Minute
	return []Plan{good, told, unlisted, with, stuck, null, regular}
}

// BenchmarkBudget prints what people cost a day and how soon their readings are shown. The number of people and days goes by
// the scale of the tests, up to 300 for 30 days:
//
//	WITHINGS_TEST_SCALE=10 go test ./exporter/internal/soak -run '^$' -bench 'Budget/sessions_that_move$' -benchtime 1x -timeout 4h
func BenchmarkBudget(b *testing.B) {
	for _, plan := range accounts() {
		plan.People, plan.Days = testrun.Scale(6, 300), testrun.Scale(1, 30)
		b.Run(plan.Name, func(b *testing.B) {
			for b.Loop() {
				r := Run(b, plan)
				fmt.Println(r) // a log of a benchmark has ten lines
				b.ReportMetric(r.PerDay(), "requests/person/day")
				b.ReportMetric(100*r.Sent().Within(5*time.Minute), "%in5min")
				b.ReportMetric(100*r.Sent().Within(15*time.Minute), "%in15min")
				b.ReportMetric(r.Sent().Worst.Seconds(), "s-worst")
				b.ReportMetric(r.Typed().Worst.Seconds(), "s-worst-manual")
				b.ReportMetric(float64(r.Limited), "601")
			}
		})
	}
}
