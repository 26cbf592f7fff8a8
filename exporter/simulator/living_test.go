package simulator

import (
	"slices"
	"testing"
	"time"
)

// watched follows a person for some days in small steps and calls see after each.
func watched(t *testing.T, c *Cloud, days int, step time.Duration, see func(now time.Time)) {
	t.Helper()
	for end := c.Now().Add(time.Duration(days) * 24 * time.Hour); c.Now().Before(end); c.Advance(step) {
		see(c.Now())
	}
}

func TestNothingComesFromTheFuture(t *testing.T) {
	c, _ := newCloud(t, Options{})
	watched(t, c, 40, 7*time.Hour+13*time.Minute, func(now time.Time) {
		from, to := now.AddDate(0, 0, -3), now.AddDate(0, 0, 3)
		for _, p := range c.people {
			for _, g := range c.Measures(p.ID, from, to) {
				if max(g.Date, g.Created, g.Modified) > now.Unix() {
					t.Fatalf("%v: group %+v", now, g)
				}
			}
			for _, n := range c.Nights(p.ID, from, to) {
				if max(n.Start, n.End, n.Created, n.Modified) > now.Unix() {
					t.Fatalf("%v: night %+v", now, n)
				}
			}
			for _, w := range c.Workouts(p.ID, from, to) {
				if max(w.End, w.Created, w.Modified) > now.Unix() {
					t.Fatalf("%v: workout %+v", now, w)
				}
			}
			for _, d := range c.Days(p.ID, from, to) {
				if d.Modified > now.Unix() {
					t.Fatalf("%v: day %+v", now, d)
				}
			}
		}
	})
}

func TestRowsOnceSeenStay(t *testing.T) {
	c, _ := newCloud(t, Options{})
	user := c.people[Full].ID
	seen := map[int64]Group{}
	watched(t, c, 10, 5*time.Hour, func(now time.Time) {
		current := map[int64]Group{}
		for _, g := range c.Measures(user, testStart.AddDate(0, 0, -15), now) {
			current[g.ID] = g
		}
		for id, old := range seen {
			if g, ok := current[id]; !ok || g.Date != old.Date || g.Modified < old.Modified {
				t.Fatalf("%v: group %d was %+v and is %+v", now, id, old, g)
			}
		}
		seen = current
	})
	if len(seen) == 0 {
		t.Error("nothing was seen")
	}
}

func TestStepsGrowThroughTheDay(t *testing.T) {
	c, _ := newCloud(t, Options{Start: time.Date(2026, 7, 14, 22, 30, 0, 0, time.UTC)}) // 0:30 in Vienna
	user := c.people[Full].ID
	var counts []float64
	for range 23 {
		if days := c.Days(user, c.Now(), c.Now()); len(days) == 1 {
			n, _ := days[0].Data.Number("steps")
			counts = append(counts, n)
		}
		c.Advance(time.Hour)
	}
	if !slices.IsSorted(counts) || len(slices.Compact(counts)) < 8 || counts[0] != 0 {
		t.Errorf("steps by the hour: %v", counts)
	}
}

func TestTodayHasNoRowBeforeTheFirstSynchronisation(t *testing.T) {
	c, _ := newCloud(t, Options{Start: time.Date(2026, 7, 14, 22, 0, 0, 0, time.UTC)}) // midnight in Vienna
	user := c.people[Full].ID
	if days := c.Days(user, c.Now(), c.Now()); len(days) != 0 {
		t.Fatalf("a row at midnight: %+v", days)
	}
	c.Advance(16 * time.Minute)
	if days := c.Days(user, c.Now(), c.Now()); len(days) != 1 || days[0].Date != "2026-07-15" {
		t.Errorf("rows a quarter of an hour later: %+v", days)
	}
}

func TestEachMorningBringsANightAndWeighIns(t *testing.T) {
	c, _ := newCloud(t, Options{Start: time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)})
	user := c.people[Full].ID
	weighIns := 0
	for range 14 {
		evening := c.Now()
		c.Advance(24 * time.Hour)
		nights := c.Nights(user, c.Now(), c.Now())
		if !slices.ContainsFunc(nights, func(n Night) bool { return n.End > evening.Unix() && n.Completed }) {
			t.Errorf("no new night on %v", c.Now())
		}
		for _, g := range c.Measures(user, evening, c.Now()) {
			if g.Device != nil && g.Device.ModelID == modelBodyScan {
				weighIns++
			}
		}
	}
	if weighIns < 20 {
		t.Errorf("%d groups of the scale in 14 days", weighIns)
	}
}

func TestLastSessionMoves(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	sessions := func() map[string]any {
		var body struct{ Devices []map[string]any }
		v.call(t, "/v2/user", params{"action": "getdevice"}).into(t, &body)
		byType := map[string]any{}
		for _, d := range body.Devices {
			byType[d["type"].(string)+d["model"].(string)] = d["last_session_date"]
		}
		return byType
	}
	before := sessions()
	c.Advance(72 * time.Hour)
	after := sessions()
	for _, name := range []string{"ScaleBody Scan", "Activity TrackerScanWatch 2", "Blood Pressure MonitorBPM Connect"} {
		if before[name] == after[name] || after[name] == nil {
			t.Errorf("%s: last session %v, three days later %v", name, before[name], after[name])
		}
	}
	if after["Sleep Monitor"] != nil {
		t.Errorf("the mat tells its last session: %v", after["Sleep Monitor"])
	}
}

func TestNightsAreProcessedAgain(t *testing.T) {
	c, _ := newCloud(t, Options{})
	user := c.people[Full].ID
	grown, analysed := false, false
	last := map[int64]Night{}
	watched(t, c, 60, 9*time.Minute, func(now time.Time) {
		if h := now.Hour(); h < 1 || h > 9 {
			return
		}
		for _, n := range c.Nights(user, now, now) {
			old, known := last[n.ID]
			index, _ := n.Data.Number("apnea_hypopnea_index")
			before, _ := old.Data.Number("apnea_hypopnea_index")
			grown = grown || known && n.End > old.End && n.Modified > old.Modified && n.Created < n.End
			analysed = analysed || known && before == -1 && index > 0 && n.Modified > old.Modified
			last[n.ID] = n
		}
	})
	if !grown || !analysed {
		t.Errorf("in 60 nights: one grew %v, one was analysed later %v", grown, analysed)
	}
}

func TestDaysOfClockChange(t *testing.T) {
	for _, test := range []struct {
		kind  Kind
		date  time.Time
		hours float64
	}{
		{Full, time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), 23},
		{Full, time.Date(2025, 10, 26, 0, 0, 0, 0, time.UTC), 25},
		{Scale, time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), 23},
		{Scale, time.Date(2025, 11, 2, 0, 0, 0, 0, time.UTC), 25},
		{Pressure, time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), 24.5},
		{Pressure, time.Date(2025, 10, 5, 0, 0, 0, 0, time.UTC), 23.5},
		{Full, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), 24},
	} {
		c, _ := newCloud(t, Options{})
		p := c.people[test.kind]
		day := dayNumber(test.date.Date())
		if got := float64(p.midnight(day+1)-p.midnight(day)) / 3600; got != test.hours {
			t.Errorf("%s, %s: %v hours, want %v", p.Name, ymd(day), got, test.hours)
		}
		for unix := p.midnight(day); unix < p.midnight(day+1); unix += 599 {
			if got := p.dayOf(unix); got != day {
				t.Fatalf("%s: %d belongs to %s, want %s", p.Name, unix, ymd(got), ymd(day))
			}
		}
		total := 0
		slots := p.slots(day, nil)
		for _, s := range slots {
			total += s.steps
		}
		if want := int(test.hours * 6); len(slots) != want || total != p.stepsOn(day) {
			t.Errorf("%s, %s: %d slots and %d steps, want %d and %d", p.Name, ymd(day), len(slots), total, want, p.stepsOn(day))
		}
	}
}

func TestNightBelongsToTheLocalDayOfWakingUp(t *testing.T) {
	c, _ := newCloud(t, Options{})
	p := c.people[Full]
	nights := c.Nights(p.ID, testStart.AddDate(-2, 0, 0), testStart)
	if len(nights) < 700 {
		t.Fatalf("%d nights in two years", len(nights))
	}
	for _, n := range nights {
		if n.Completed && n.Date != time.Unix(n.End, 0).In(p.zone(0)).Format(time.DateOnly) {
			t.Errorf("night %d: date %s, end %d", n.ID, n.Date, n.End)
		}
	}
}
