package truth

import (
	"fmt"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

// day writes the totals of a day (section 4.1). Their time is the start of the day,
// midnight where the person was.
func (b *book) day(d *simulator.Day) {
	start := midnight(d.Date, d.Timezone)
	if r := (record{start: start, end: start, modified: d.Modified}); b.has(r) {
		b.fields(r, exporter.Activity, d.Data)
	}
}

// night writes a sleep session, night or nap (section 5.2).
func (b *book) night(n *simulator.Night) {
	r := record{start: n.Start, end: n.End, modified: n.Modified, id: n.ID}
	if !b.has(r) {
		return
	}
	b.put(r, exporter.ByOrigin(exporter.Sleep, "startdate"), "", integer(n.Start))
	b.put(r, exporter.ByOrigin(exporter.Sleep, "enddate"), "", integer(n.End))
	b.fields(r, exporter.Sleep, n.Data)
}

// workout writes a training session (section 4.3).
func (b *book) workout(w *simulator.Workout) {
	r := record{start: w.Start, end: w.End, modified: w.Modified, id: w.ID}
	if !b.has(r) || w.Attrib == attribAmbiguous && !b.ambiguous {
		return
	}
	b.put(r, exporter.ByOrigin(exporter.Workout, "info"), category(w.Category), integer(1))
	for key, value := range map[string]int64{
		"category": int64(w.Category), "startdate": w.Start, "enddate": w.End, "duration": w.End - w.Start,
	} {
		b.put(r, exporter.ByOrigin(exporter.Workout, key), "", integer(value))
	}
	b.fields(r, exporter.Workout, w.Data)
}

// category returns the name from section 4.4 for the categories that the simulator
// uses. Others are written as that section says for unknown ones, so that they stand
// out.
func category(code int) string {
	known := map[int]string{
		1: "walk", 2: "run", 3: "hiking", 6: "bicycling", 7: "swimming", 28: "yoga",
		272: "multi_sport", 550: "hiit", 560: "breathing_exercises",
	}
	if name := known[code]; name != "" {
		return name
	}
	return fmt.Sprintf("unknown_%d", code)
}

// midnight returns the start of a date in a time zone. Where clocks go forward at
// midnight, the day begins with the change. Where they go back to midnight, there
// are two midnights, and the day begins with the first.
func midnight(date, timezone string) int64 {
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		panic(fmt.Sprintf("truth: the simulator has a time zone %q: %v", timezone, err))
	}
	day, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil {
		panic(fmt.Sprintf("truth: the simulator has a date %q: %v", date, err))
	}
	for day.Format(time.DateOnly) < date {
		day = day.Add(time.Minute)
	}
	for day.Add(-time.Minute).Format(time.DateOnly) == date {
		day = day.Add(-time.Minute)
	}
	return day.Unix()
}
