package simulator

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// latest returns the newest group of a person that has a measure type.
func latest(t *testing.T, c *Cloud, user int64, kind int) Group {
	t.Helper()
	groups := c.Measures(user, c.Now().AddDate(0, -2, 0), c.Now())
	slices.Reverse(groups)
	i := slices.IndexFunc(groups, func(g Group) bool {
		return g.Attrib != 1 && slices.ContainsFunc(g.Measures, func(m Measure) bool { return m.Type == kind })
	})
	if i < 0 {
		t.Fatalf("user %d has no measure of type %d", user, kind)
	}
	return groups[i]
}

// has reports whether the server answers a group of a user.
func has(c *Cloud, user, id int64) bool {
	return slices.ContainsFunc(c.Measures(user, testStart.AddDate(-6, 0, 0), c.Now()), func(g Group) bool { return g.ID == id })
}

func TestDeletedGroupVanishesOrLeavesATombstone(t *testing.T) {
	for _, keep := range []bool{false, true} {
		c, _ := newCloud(t, Options{Switches: Switches{KeepTombstones: keep}})
		v := visit(c, Full)
		id := latest(t, c, v.user, 1).ID
		c.Advance(time.Minute)
		before := epoch(c.Now().Add(-time.Second))
		if err := c.DeleteGroup(v.user, id); err != nil {
			t.Fatal(err)
		}
		rows, _ := v.all(t, "/measure", params{"action": "getmeas", "lastupdate": before})
		tombstone := slices.ContainsFunc(rows, func(r map[string]any) bool {
			return number(t, r, "grpid") == id && len(r["measures"].([]any)) == 0
		})
		if tombstone != keep || has(c, v.user, id) != keep {
			t.Errorf("KeepTombstones %v: tombstone %v, group still there %v", keep, tombstone, has(c, v.user, id))
		}
	}
}

func TestCorrectedGroupKeepsItsDate(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	for _, g := range []Group{latest(t, c, v.user, 1), c.Measures(v.user, testStart.AddDate(-4, 0, 0), testStart)[0]} {
		c.Advance(time.Minute)
		cursor := epoch(c.Now().Add(-time.Second))
		if err := c.CorrectGroup(v.user, g.ID, g.Measures[0].Type, 12345, -3); err != nil {
			t.Fatal(err)
		}
		rows, _ := v.all(t, "/measure", params{"action": "getmeas", "lastupdate": cursor})
		if len(rows) != 1 || number(t, rows[0], "grpid") != g.ID || number(t, rows[0], "date") != g.Date ||
			number(t, rows[0]["measures"].([]any)[0].(map[string]any), "value") != 12345 {
			t.Errorf("group %d: lastupdate finds %v", g.ID, rows)
		}
	}
}

func TestReassignedGroupChangesSides(t *testing.T) {
	c, _ := newCloud(t, Options{})
	anna, ben := c.people[0].ID, c.people[1].ID
	g := latest(t, c, anna, 1)
	if err := c.ReassignGroup(anna, ben, g.ID); err != nil {
		t.Fatal(err)
	}
	if has(c, anna, g.ID) || !has(c, ben, g.ID) {
		t.Errorf("Anna has it: %v, Ben has it: %v", has(c, anna, g.ID), has(c, ben, g.ID))
	}
	if err := c.ReassignGroup(ben, anna, g.ID); err != nil {
		t.Fatal(err)
	}
	if !has(c, anna, g.ID) || has(c, ben, g.ID) {
		t.Errorf("on the way back: Anna has it: %v, Ben has it: %v", has(c, anna, g.ID), has(c, ben, g.ID))
	}
}

func TestAmbiguousWeighInCanBeConfirmedOrRejected(t *testing.T) {
	for _, confirm := range []string{"true", "false"} {
		c, _ := newCloud(t, Options{})
		v := visit(c, Full)
		id, err := c.WeighAmbiguous(v.user, 81000)
		if err != nil {
			t.Fatal(err)
		}
		if g, _ := c.findGroup(v.user, id); g.Attrib != 1 {
			t.Fatalf("group %+v is not ambiguous", g)
		}
		answer := v.call(t, "/v2/measure", params{"action": "confirmuser", "grpid": epoch(time.Unix(id, 0)), "is_confirmed": confirm})
		g, _ := c.findGroup(v.user, id)
		if answer.raw != `{"status":0,"body":{}}` || has(c, v.user, id) != (confirm == "true") || g.Attrib != 0 {
			t.Errorf("confirmed %s: %s, still there %v, %+v", confirm, answer.raw, has(c, v.user, id), g)
		}
	}
}

func TestLateDeviceBringsEverythingAtOnce(t *testing.T) {
	c, _ := newCloud(t, Options{})
	user := c.people[Full].ID
	v := visit(c, Full)
	from, until := testStart, testStart.AddDate(0, 0, 21)
	for _, model := range []int{modelBodyScan, modelMat, modelScanWatch2} {
		if err := c.DelayDevice(user, model, from, until); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(20 * 24 * time.Hour)
	ofDevices := func() int {
		n := 0
		for _, night := range c.Nights(user, from.Add(24*time.Hour), until.Add(-24*time.Hour)) {
			if night.Device != nil { // external ones come from another app
				n++
			}
		}
		n += len(c.Days(user, from.Add(24*time.Hour), until.Add(-24*time.Hour)))
		n += len(c.Workouts(user, from.Add(24*time.Hour), until.Add(-24*time.Hour)))
		for _, g := range c.Measures(user, from, until) {
			if g.Device != nil && slices.Contains([]int{modelBodyScan, modelScanWatch2}, g.Device.ModelID) {
				n++
			}
		}
		return n
	}
	if n := ofDevices(); n != 0 {
		t.Errorf("%d records while the devices were away", n)
	}
	cursor := epoch(c.Now())
	c.Advance(24*time.Hour + time.Minute)
	if n := ofDevices(); n < 60 {
		t.Errorf("%d records after they came back", n)
	}
	rows, _ := v.all(t, "/v2/sleep", params{"action": "getsummary", "lastupdate": cursor})
	days, _ := v.all(t, "/v2/measure", params{"action": "getactivity", "lastupdate": cursor})
	if len(rows) < 18 || len(days) < 18 {
		t.Errorf("lastupdate finds %d nights and %d days of three weeks", len(rows), len(days))
	}
}

func TestRevisedNightKeepsItsIDAndDate(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	old := c.Nights(v.user, testStart.AddDate(0, 0, -3), testStart.AddDate(0, 0, -3))[0]
	cursor := epoch(c.Now())
	c.Advance(time.Minute)
	if err := c.ReviseNight(v.user, old.ID, -25*time.Minute); err != nil {
		t.Fatal(err)
	}
	rows, _ := v.all(t, "/v2/sleep", params{"action": "getsummary", "lastupdate": cursor})
	if len(rows) != 1 {
		t.Fatalf("lastupdate finds %d nights", len(rows))
	}
	r := rows[0]
	before, _ := old.Data.Number("deepsleepduration")
	if number(t, r, "id") != old.ID || r["date"] != old.Date || number(t, r, "startdate") != old.Start-25*60 ||
		number(t, r, "enddate") != old.End || dataOf(r)["deepsleepduration"] == before {
		t.Errorf("night %+v became %v", old, r)
	}
}

func TestNightCannotBeRevisedAway(t *testing.T) {
	c, _ := newCloud(t, Options{})
	user := c.people[Full].ID
	if err := c.ReviseNight(user, c.Nights(user, testStart, testStart)[0].ID, 12*time.Hour); err == nil {
		t.Error("a night may end before it begins")
	}
}

func TestJourneyChangesTheZoneFromTheNextMidnight(t *testing.T) {
	c, _ := newCloud(t, Options{})
	user := c.people[Full].ID
	past := c.Days(user, testStart.AddDate(0, 0, -5), testStart)
	if err := c.MoveTo(user, "Asia/Tokyo"); err != nil {
		t.Fatal(err)
	}
	if got := c.Days(user, testStart.AddDate(0, 0, -5), testStart); len(got) != len(past) || got[0].Timezone != "Europe/Vienna" {
		t.Errorf("the past changed: %d days, %s", len(got), got[0].Timezone)
	}
	c.Advance(60 * time.Hour)
	days := c.Days(user, testStart.AddDate(0, 0, -5), c.Now())
	var dates []string
	for _, d := range days {
		dates = append(dates, d.Date)
	}
	last := days[len(days)-1]
	if last.Timezone != "Asia/Tokyo" || !slices.IsSorted(dates) || len(slices.Compact(slices.Clone(dates))) != len(dates) {
		t.Errorf("after the journey: dates %v, the last in %s", dates, last.Timezone)
	}
	if c.People()[Full].Timezone != "Asia/Tokyo" {
		t.Error("the person stayed at home")
	}
}

func TestGoalsChange(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	for _, test := range []struct {
		goals Goals
		want  string
	}{
		{Goals{Steps: 9000, Sleep: 27000, Weight: 76500}, `{"goals":{"steps":9000,"sleep":27000,"weight":{"value":76500,"unit":-3}}}`},
		{Goals{Steps: 9000}, `{"goals":{"steps":9000}}`},
		{Goals{}, `{"goals":[]}`},
	} {
		if err := c.SetGoals(v.user, test.goals); err != nil {
			t.Fatal(err)
		}
		if got := v.call(t, "/v2/user", params{"action": "getgoals"}); string(got.Body) != test.want {
			t.Errorf("%s, want %s", got.Body, test.want)
		}
	}
}

func TestEventsNameWhatTheyDoNotKnow(t *testing.T) {
	c, _ := newCloud(t, Options{})
	anna := c.people[0].ID
	_, add := c.AddGroup(1, Group{})
	for name, err := range map[string]error{
		"add":      add,
		"correct":  c.CorrectGroup(anna, 5, 1, 0, 0),
		"delete":   c.DeleteGroup(anna, 1<<50),
		"reassign": c.ReassignGroup(anna, 1, latest(t, c, anna, 1).ID),
		"revise":   c.ReviseNight(anna, 5, 0),
		"delay":    c.DelayDevice(anna, 9999, testStart, testStart),
		"goals":    c.SetGoals(1, Goals{}),
		"type":     c.CorrectGroup(anna, latest(t, c, anna, 123).ID, 1, 0, 0),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := c.MoveTo(anna, "Mars/Olympus"); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("move: error %v", err)
	}
}
