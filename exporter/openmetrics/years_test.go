package openmetrics

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// manyKinds is a spool with some days of everything a person has who owns every
// device, up to the day before noon.
func manyKinds(t testing.TB, profile string, days int) *Spool {
	t.Helper()
	s := spoolOf(t, profile)
	fill(t, s, days)
	return s
}

// fill puts days into a spool in the order in which a backfill gets them:
// newest first by stretches, each service by itself.
func fill(t testing.TB, s *Spool, days int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	vienna := zone("Europe/Vienna")
	const stretch = 100
	for to := days; to > 0; to -= stretch {
		var measures, dayRows, nights, workouts []exporter.Record
		for back := max(to-stretch, 0) + 1; back <= to; back++ {
			date := noon.AddDate(0, 0, back-days-1)
			measures = append(measures, weighing(random, date, 7), weighing(random, date, 20))
			dayRows = append(dayRows, day(date.Format(time.DateOnly), vienna, anyValues(random, exporter.Activity)...))
			nights = append(nights, spell(random, exporter.Sleep, date, -4, 8))
			if back%7 == 0 {
				nights = append(nights, spell(random, exporter.Sleep, date, 14, 1))
			}
			workouts = append(workouts, spell(random, exporter.Workout, date, 17, 1))
		}
		put(t, s, batch(measures...), batch(dayRows...), batch(nights...), batch(workouts...))
	}
}

// weighing is a measure group of a scale that tells of the body and its parts.
func weighing(random *rand.Rand, date time.Time, hour int) exporter.Record {
	readings := []exporter.Reading{is("weight_grams", fmt.Sprint(70000+random.IntN(3000))), is("fat_ratio", fmt.Sprintf("0.2%02d", random.IntN(100)))}
	for _, m := range []string{"fat_mass_grams", "muscle_mass_grams", "bone_mass_grams", "hydration_grams", "heart_pulse_beats_per_minute"} {
		readings = append(readings, is(m, fmt.Sprint(1+random.IntN(30000))))
	}
	for _, position := range []string{"left_arm", "left_leg", "right_arm", "right_leg", "torso"} {
		readings = append(readings, is("segment_fat_mass_grams", fmt.Sprint(random.IntN(9000)), position))
	}
	taken := date.Truncate(24 * time.Hour).Add(time.Duration(hour) * time.Hour)
	return exporter.Record{Service: exporter.Measure, ID: fmt.Sprint(taken.Unix()), Start: taken, End: taken, Modified: taken, Readings: readings}
}

// spell is a session or a workout that begins at an hour of a day.
func spell(random *rand.Rand, service exporter.Service, date time.Time, hour, length int) exporter.Record {
	start := date.Truncate(24 * time.Hour).Add(time.Duration(hour)*time.Hour + time.Duration(random.IntN(3000))*time.Second)
	return exporter.Record{Service: service, ID: fmt.Sprint(start.Unix()), Date: date.Format(time.DateOnly),
		Start: start, End: start.Add(time.Duration(length) * time.Hour), Modified: start, Readings: anyValues(random, service)}
}

// anyValues is a reading of every plain row of a service.
func anyValues(random *rand.Rand, service exporter.Service) []exporter.Reading {
	var readings []exporter.Reading
	for _, m := range exporter.Catalog() {
		if m.Service == service && m.States == nil && m.Key != "naps" && m.Key != "naps_duration" && m.Key != "night_events" && m.Key != "info" {
			readings = append(readings, is(m.Name, fmt.Sprintf("%d.%d", random.IntN(5000), random.IntN(10))))
		}
	}
	return readings
}
