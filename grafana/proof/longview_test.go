package proof

import (
	"fmt"
	"strings"
	"time"
)

// longView is what the dashboard Long view must show.
func longView(h asked) []entry {
	all := []entry{
		{"Weight", "30-day mean", h.mean("weight_grams", 30)},
		{"Steps", "30-day mean", h.mean("activity_steps", 30)},
		{"Body fat", "30-day mean", h.mean("fat_ratio", 30)},
		{"Blood pressure", "Systolic", h.mean(upper, 30)},
		{"Blood pressure", "Diastolic", h.mean(lower, 30)},
		{"Sleep and heart rate at night", "Asleep", hours(h.mean("sleep_total_seconds", 30))},
		{"Sleep and heart rate at night", "Heart rate", h.mean("sleep_heart_rate_min_beats_per_minute", 30)},
	}
	same := func(n float64) float64 { return n }
	for _, of := range []struct {
		title, row string
		in         func(right) right
	}{
		{"Weight", "weight_grams", nil}, {"Steps a day", "activity_steps", nil}, {"Time asleep", "sleep_total_seconds", hours},
		{"Systolic pressure", upper, nil}, {"Resting heart rate", "sleep_heart_rate_min_beats_per_minute", nil}, {"Body fat", "fat_ratio", nil},
	} {
		for back := range 5 {
			line := h.yearAgo(of.row, back).scaled(same)
			if of.in != nil {
				line = of.in(line)
			}
			all = append(all, entry{of.title + ", years compared", strings.ToUpper(years[back][:1]) + years[back][1:], line})
		}
	}
	for month := time.January; month <= time.December; month++ {
		name, number := month.String()[:3], fmt.Sprintf("%02d", month)
		all = append(all,
			entry{"Weight by month, kg", name, kilos(h.months("weight_grams", number))},
			entry{"Steps by month, thousands", name, kilos(h.months("activity_steps", number))},
			entry{"Sleep by month, h", name, hours(h.months("sleep_total_seconds", number))},
			entry{"Systolic pressure by month, mmHg", name, h.months(upper, number)})
	}
	for back, year := range years {
		for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
			name := weekday.String()[:3]
			all = append(all,
				entry{"Steps, " + year, name, h.weekdays("activity_steps", weekday, back)},
				entry{"Sleep, " + year, name, hours(h.weekdays("sleep_total_seconds", weekday, back))})
		}
	}
	return all
}

// years are what the dashboard calls them, beginning with the running one.
var years = []string{"this year", "last year", "2 years ago", "3 years ago", "4 years ago", "5 years ago"}

// stepped are the first and the last day of a query to Prometheus: its steps begin
// with the days of now.
func (a asked) stepped() (first, last string) {
	_, seconds := a.now.Zone()
	now := time.FixedZone("", seconds)
	return a.from.In(now).Format(time.DateOnly), a.to.In(now).Format(time.DateOnly)
}

// yearAgo is the mean of 30 days of a year so many years back, on the days of this
// year: with Prometheus so many times 365 days earlier, with InfluxDB on the same date,
// but not on the last day.
func (a asked) yearAgo(row string, back int) right {
	all := a.over(row)
	r := right{days: map[string]float64{}}
	year := a.now.Format("2006")
	first, last := a.stepped()
	if a.source == "influxdb" {
		first, last = year+"-01-01", year+"-12-31"
	}
	for _, day := range days(first, last) {
		then := after(day, -365*back)
		n, has := meanUpTo(all, then, 30)
		if a.source == "influxdb" {
			if back > 0 && day == last {
				continue
			}
			day = year + then[4:]
		}
		if has && then <= a.today() && !(totals(row) && then == a.today()) && !strings.HasSuffix(day, "02-29") {
			r.days[day] = n
		}
	}
	return r
}

// weekdays are the values of one day of each week of a year so many years back, at the
// last day of the week. With InfluxDB some days before and after belong to it, too.
func (a asked) weekdays(row string, weekday time.Weekday, back int) right {
	r := right{days: map[string]float64{}}
	first, last := a.stepped()
	if a.source == "influxdb" {
		first = a.now.Format("2006") + "-01-01"
		last = after(first, 364-365*back)
		if first = after(first, -365*back); back > 0 {
			first = after(first, -3)
		}
	}
	for day, n := range a.over(row) {
		at, _ := time.Parse(time.DateOnly, day)
		if first <= day && day <= last && at.Weekday() == weekday {
			r.days[after(day, (7-int(weekday))%7)] = n
		}
	}
	return r
}
