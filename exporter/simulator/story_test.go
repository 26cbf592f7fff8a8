package simulator

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// storyTold runs a test on clouds with stories: of some seeds, in some time zones, started on every day of a week in
// the holiday season and of one around New Year.
func storyTold(t *testing.T, f func(t *testing.T, c *Cloud)) {
	for seed := range uint64(3) {
		for _, from := range []time.Time{testStart, time.Date(2026, 12, 30, 6, 0, 0, 0, time.UTC)} {
			for days := range 7 {
				home := []string{"", "UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"}[days%5]
				start := from.AddDate(0, 0, days).Add(time.Duration(5*days) * time.Hour)
				t.Run(fmt.Sprintf("seed %d on %s", seed, start.Format("Mon 2006-01-02 15h")), func(t *testing.T) {
					c, _ := newCloud(t, Options{Seed: seed, Years: 1, Stories: true, Home: home, Start: start})
					f(t, c)
				})
			}
		}
	}
}

// ago is a moment some days before now.
func ago(c *Cloud, days int) time.Time { return c.Now().AddDate(0, 0, -days) }

// values are the readings of one type in a span of days, by time; ambiguous ones and objectives are not among them.
func values(c *Cloud, p *person, kind, days int) (at []int64, values []float64) {
	for _, g := range c.Measures(p.ID, ago(c, days), c.Now()) {
		for _, m := range g.Measures {
			if m.Type == kind && g.Attrib != 1 && g.Category == 1 {
				at, values = append(at, g.Date), append(values, m.Real())
			}
		}
	}
	return at, values
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// squares are those of the deviations from the mean.
func squares(values []float64) []float64 {
	all, middle := make([]float64, len(values)), mean(values)
	for i, v := range values {
		all[i] = (v - middle) * (v - middle)
	}
	return all
}

func TestAnnaHadAFeverSomeDaysAgo(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		high := map[int]float64{}
		at, degrees := values(c, p, 71, 60)
		for i, v := range degrees {
			if v >= 38 {
				high[p.dayOf(at[i])] = max(high[p.dayOf(at[i])], v)
			}
		}
		if len(high) != 3 {
			t.Fatalf("a fever on days %v, want three", high)
		}
		if last := degrees[len(degrees)-1]; last > 37.2 {
			t.Errorf("the last temperature is %.1f °C", last)
		}
		var calm, ill [4][]float64 // temperature, heart rate, breathing and less variability of nights
		today := p.dayOf(c.Now().Unix())
		for day, v := range high {
			if since := today - day; since < 3 || since > 11 || v < 38.4 || v > 40.2 {
				t.Errorf("%.1f °C %d days ago", v, since)
			}
		}
		for _, n := range c.Nights(p.ID, ago(c, 60), c.Now()) {
			temperature, warm := n.Data.Number("core_body_temperature_avg")
			breathing, whole := n.Data.Number("rr_average")
			if !warm || !whole || n.Class != classMat {
				continue
			}
			pulse, _ := n.Data.Number("hr_average")
			rmssd, _ := n.Data.Number("rmssd_start_avg")
			into := &calm
			if _, fever := high[p.dayOf(n.End)]; fever {
				into = &ill
			} else if p.illness(p.dayOf(n.End)) > 0 {
				continue // neither well nor feverish
			}
			for i, v := range []float64{temperature, pulse, breathing, -rmssd} {
				into[i] = append(into[i], v)
			}
		}
		if len(ill[0]) != 3 || len(calm[0]) < 40 {
			t.Fatalf("%d nights with a fever and %d without", len(ill[0]), len(calm[0]))
		}
		for i, want := range [4]struct{ higher, least, most float64 }{{1.2, 0.08, 0.3}, {7, 1, 3}, {2, 0.4, 1.2}, {10, 3, 8}} {
			usual := math.Sqrt(mean(squares(calm[i])))
			if higher := mean(ill[i]) - mean(calm[i]); higher < want.higher || higher < 2.5*usual {
				t.Errorf("quantity %d is %.2f higher in these nights, want %v or more", i, higher, want.higher)
			}
			if usual < want.least || usual > want.most {
				t.Errorf("quantity %d usually varies by %.2f", i, usual)
			}
		}
	})
}

func TestAnnaHasNearlyReachedHerGoal(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		at, weights := values(c, p, 1, 60)
		days := map[int]float64{}
		for i := range at {
			days[p.dayOf(at[i])] = weights[i]
		}
		mean14 := func(end int) float64 {
			var list []float64
			for day := end - 13; day <= end; day++ {
				if w, ok := days[day]; ok {
					list = append(list, w)
				}
			}
			return mean(list)
		}
		today := p.dayOf(c.Now().Unix())
		goal := float64(p.goals(today).Weight) / 1000
		now := mean14(today)
		rate := (now - mean14(today-28)) / 28
		if left := now - goal; left < 0.3 || left > 1.3 {
			t.Errorf("%.2f kg from the goal", left)
		}
		if forecast := (goal - now) / rate; !(forecast > 7 && forecast < 63) {
			t.Errorf("%.2f kg in %.1f days at %.3f kg a day", now-goal, forecast, rate)
		}
		if len(days) < 40 {
			t.Errorf("weighed on %d of 60 days", len(days))
		}
	})
}

func TestAnnasWeightHasNoJumps(t *testing.T) {
	for seed := range uint64(20) {
		c, _ := newCloud(t, Options{Seed: seed, Stories: true})
		p := c.people[Full]
		month := func(day int) (sum float64) {
			for i := range 30 {
				sum += p.weightOn(day-i) / 30
			}
			return sum
		}
		for day := p.story.monday - 500; day < p.story.monday+40; day++ {
			if gained := month(day) - month(day-30); gained > 1.9 || gained < -1.9 {
				t.Fatalf("seed %d: %.2f kg in the month before %s", seed, gained, ymd(day))
			}
			if gained := p.weightOn(day) - p.weightOn(day-3); gained > 1.5 {
				t.Fatalf("seed %d: %.2f kg in the three days before %s", seed, gained, ymd(day))
			}
		}
	}
}

func TestAnnaReachesHerGoal(t *testing.T) {
	c, _ := newCloud(t, Options{Years: 1, Stories: true})
	p := c.people[Full]
	c.Advance(40 * 24 * time.Hour)
	_, weights := values(c, p, 1, 10)
	if goal := float64(p.goals(p.dayOf(c.Now().Unix())).Weight) / 1000; math.Abs(mean(weights)-goal) > 0.5 {
		t.Errorf("40 days later she weighs %.2f kg, the goal is %.2f", mean(weights), goal)
	}
}

func TestCarlasPressureIsHighAtHomeAndNotByTheOfficeThreshold(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Pressure]
		for days, least := range map[int]float64{7: 2, 14: 3, 30: 4} {
			at, upper := values(c, p, 10, days)
			_, lower := values(c, p, 9, days)
			var halves [2][]float64
			for i := range at {
				half := 0
				if time.Unix(at[i], 0).In(p.zone(p.dayOf(at[i]))).Hour() >= 12 {
					half = 1
				}
				halves[half] = append(halves[half], upper[i])
			}
			systole, diastole := mean(upper), mean(lower)
			if systole < 135 || systole >= 140 || diastole < 85 || diastole >= 90 {
				t.Errorf("mean of %d readings in %d days: %.1f/%.1f", len(upper), days, systole, diastole)
			}
			if days == 30 && (systole < 136 || systole > 138.2 || diastole < 86 || diastole > 88.2) {
				t.Errorf("mean of 30 days: %.1f/%.1f", systole, diastole)
			}
			if higher := mean(halves[0]) - mean(halves[1]); higher < least || len(halves[0]) < days/2 || len(halves[1]) < days/2 {
				t.Errorf("%d days: mornings are %.1f higher in %d and %d readings", days, higher, len(halves[0]), len(halves[1]))
			}
		}
	})
}

func TestAnnasPressureIsHealthy(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		_, upper := values(c, c.people[Full], 10, 30)
		_, lower := values(c, c.people[Full], 9, 30)
		if len(upper) < 8 || mean(upper) >= 120 || mean(lower) >= 70 {
			t.Errorf("mean of %d readings: %.1f/%.1f", len(upper), mean(upper), mean(lower))
		}
	})
}

func TestAnnasFibrillationIsFollowedBySinusRhythm(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		at, classes := values(c, p, 130, 60)
		last := -1
		for i, class := range classes {
			if class == 1 || class == 11 || class == 12 {
				last = i
			}
		}
		if last < 1 || classes[last] != fibrillationFast || classes[last-1] != fibrillationFast {
			t.Fatalf("classes %v", classes)
		}
		if since := p.dayOf(c.Now().Unix()) - p.dayOf(at[last]); since < 15 || since > 21 {
			t.Errorf("%d days ago", since)
		}
		normal := map[int]bool{}
		for i := last + 1; i < len(at); i++ {
			if classes[i] != normalRate && classes[i] != 0 {
				t.Errorf("class %v after it", classes[i])
			}
			if classes[i] == normalRate {
				normal[p.dayOf(at[i])-p.dayOf(at[last])] = true
			}
		}
		for day := 1; day <= 7; day++ {
			if !normal[day] {
				t.Errorf("no sinus rhythm %d days later", day)
			}
		}
		rows, _ := visit(c, Full).all(t, "/v2/heart", params{"action": "list", "startdate": epoch(ago(c, 30)), "enddate": epoch(c.Now())})
		if positive := slices.DeleteFunc(rows, func(row map[string]any) bool {
			found, ok := row["ecg"].(map[string]any)
			return !ok || found["afib"] != 1.0
		}); len(positive) != 2 {
			t.Errorf("the heart list has %d positive rows, want 2", len(positive))
		}
		background, found := values(c, p, 139, 30)
		if i := slices.Index(found, 1); i < 0 || slices.Contains(found[i+1:], 1) || p.dayOf(background[i]) != p.dayOf(at[last]) {
			t.Errorf("in the background: %v", found)
		}
	})
}

func TestAnnasWatchWasSilentForThreeDays(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		today := p.dayOf(c.Now().Unix())
		rows := map[string]bool{}
		for _, d := range c.Days(p.ID, ago(c, 40), c.Now()) {
			rows[d.Date] = true
			if d.ModelID == modelNone {
				t.Errorf("%s has a row without the watch", d.Date)
			}
		}
		var silent []int
		for day := today - 39; day < today; day++ {
			if !rows[ymd(day)] {
				silent = append(silent, today-day)
			}
		}
		if len(silent) != 3 || silent[0]-silent[2] != 2 {
			t.Fatalf("silent %v days ago", silent)
		}
		from, to := p.midnight(today-silent[0]), p.midnight(today-silent[2]+1)
		for _, g := range c.Measures(p.ID, time.Unix(from, 0), time.Unix(to, 0)) {
			if g.Device == p.watch {
				t.Errorf("group %+v", g)
			}
		}
		for _, n := range c.Nights(p.ID, time.Unix(from, 0), time.Unix(to-1, 0)) {
			if n.Device != p.mat {
				t.Errorf("night %+v", n)
			}
		}
		if workouts := c.Workouts(p.ID, time.Unix(from, 0), time.Unix(to-1, 0)); len(workouts) > 0 {
			t.Errorf("%d workouts", len(workouts))
		}
	})
}

func TestAnnaHasAStreakAndARecord(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		today := p.dayOf(c.Now().Unix())
		var longest, run, recordAt int
		var record, second float64
		for _, d := range c.Days(p.ID, ago(c, 360), c.Now()) {
			steps, _ := d.Data.Number("steps")
			date, _ := time.Parse(time.DateOnly, d.Date)
			since := today - dayNumber(date.Date())
			if steps > record {
				record, second, recordAt = steps, record, since
			} else {
				second = max(second, steps)
			}
			if since > 0 && since < 60 {
				if run++; steps < float64(p.goals(today-since).Steps) {
					run = 0
				}
				longest = max(longest, run)
			}
		}
		if record < recordSteps || second > record-1000 || recordAt < 29 || recordAt > 35 {
			t.Errorf("record %v steps %d days ago, the next best %v", record, recordAt, second)
		}
		if longest != 14 || run != 1+int(weekday(today)+6)%7 {
			t.Errorf("longest streak %d, present one %d", longest, run)
		}
	})
}

func TestAnnaHasTwoWorkoutsOnSomeDays(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		days := map[string][]Workout{}
		for _, w := range c.Workouts(c.people[Full].ID, ago(c, 30), c.Now()) {
			for _, other := range days[w.Date] {
				if w.Start < other.End {
					t.Errorf("%s: workouts %d and %d at once", w.Date, other.Category, w.Category)
				}
			}
			days[w.Date] = append(days[w.Date], w)
		}
		two := 0
		for _, list := range days {
			if len(list) == 2 {
				two++
			}
		}
		if two < 4 || two > 10 {
			t.Errorf("two workouts on %d of 30 days", two)
		}
	})
}

func TestAnnaSleepsLongerAtTheWeekendAndNaps(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Full]
		var asleep, bed [2][]float64
		naps := 0
		for _, n := range c.Nights(p.ID, ago(c, 60), c.Now()) {
			seconds, _ := n.Data.Number("total_sleep_time")
			day := p.dayOf(n.End)
			if n.End-n.Start < 2*3600 {
				if c.Now().Unix()-n.End < 14*secondsPerDay {
					naps++
				}
				continue
			}
			if n.Class != classMat || !n.Completed || p.illness(day) > 0 {
				continue
			}
			free := 0
			if w := weekday(day); w == time.Saturday || w == time.Sunday {
				free = 1
			}
			asleep[free] = append(asleep[free], seconds/3600)
			bed[free] = append(bed[free], float64(n.Start-p.midnight(day))/3600)
		}
		if more := mean(asleep[1]) - mean(asleep[0]); more < 0.5 || more > 1.7 {
			t.Errorf("%.2f h on working days, %.2f h on free ones", mean(asleep[0]), mean(asleep[1]))
		}
		if later := mean(bed[1]) - mean(bed[0]); later < 0.2 || later > 1 {
			t.Errorf("to bed %.2f h later before free days", later)
		}
		if goal := float64(p.goals(p.dayOf(c.Now().Unix())).Sleep) / 3600; mean(asleep[0]) > goal-0.3 {
			t.Errorf("%.2f h asleep on working days with a goal of %.2f h", mean(asleep[0]), goal)
		}
		if naps < 2 {
			t.Errorf("%d naps in 14 days", naps)
		}
	})
}

func TestBenHasAScaleAndAPhoneOnly(t *testing.T) {
	storyTold(t, func(t *testing.T, c *Cloud) {
		p := c.people[Scale]
		if len(p.Devices) != 2 || len(c.Nights(p.ID, ago(c, 30), c.Now())) > 0 || p.goals(p.dayOf(c.Now().Unix())) != (Goals{}) {
			t.Errorf("devices %v", p.Devices)
		}
		_, weights := values(c, p, 1, 30)
		_, upper := values(c, p, 10, 30)
		if days := c.Days(p.ID, ago(c, 29), c.Now()); len(weights) < 9 || len(upper) > 0 || len(days) < 28 {
			t.Errorf("%d weigh-ins, %d pressures, %d days", len(weights), len(upper), len(days))
		}
	})
}

func TestStoryStaysTheSameThroughoutItsWeek(t *testing.T) {
	monday := time.Date(2026, time.July, 13, 12, 0, 0, 0, time.UTC)
	one, _ := newCloud(t, Options{Stories: true, Start: monday})
	one.Advance(6 * 24 * time.Hour)
	two, _ := newCloud(t, Options{Stories: true, Start: monday.AddDate(0, 0, 6)})
	next, _ := newCloud(t, Options{Stories: true, Start: monday.AddDate(0, 0, 7)})
	for i, p := range one.people {
		from, to := monday.AddDate(0, 0, -300), monday.AddDate(0, 0, 6)
		a, b := measuresOf(one.Measures(p.ID, from, to)), measuresOf(two.Measures(two.people[i].ID, from, to))
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: the same days differ", p.Name)
		}
		if p.Kind == Full && fmt.Sprint(a) == fmt.Sprint(measuresOf(next.Measures(next.people[i].ID, from, to))) {
			t.Errorf("%s: a week later the story is where it was", p.Name)
		}
	}
}

func TestEverybodyLivesAtHome(t *testing.T) {
	c, _ := newCloud(t, Options{People: 5, Home: "Asia/Kolkata"})
	for _, p := range c.People() {
		if p.Timezone != "Asia/Kolkata" {
			t.Errorf("%s lives in %s", p.Name, p.Timezone)
		}
	}
}

func TestOnlyTheFirstPeopleHaveAStory(t *testing.T) {
	c, _ := newCloud(t, Options{Stories: true, People: 7})
	for i, p := range c.people {
		if has := p.story != nil; has != (i < storied) {
			t.Errorf("%s has a story: %v", p.Name, has)
		}
	}
	plain, _ := newCloud(t, Options{People: 7})
	for _, p := range plain.people {
		if p.story != nil {
			t.Errorf("%s has a story nobody asked for", p.Name)
		}
	}
}
