package simulator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
)

// everything asks for all data of a person, with every field.
func everything(t testing.TB, c *Cloud, kind Kind) []string {
	t.Helper()
	v := visit(c, kind)
	var texts []string
	for _, ask := range []struct {
		path string
		p    params
	}{
		{"/measure", params{"action": "getmeas", "lastupdate": "0"}},
		{"/v2/measure", params{"action": "getactivity", "lastupdate": "0"}},
		{"/v2/measure", params{"action": "getworkouts", "lastupdate": "0"}},
		{"/v2/measure", params{"action": "getintradayactivity"}},
		{"/v2/sleep", params{"action": "getsummary", "lastupdate": "0"}},
		{"/v2/sleep", params{"action": "get", "startdate": epoch(c.Now().Add(-24 * time.Hour)), "enddate": epoch(c.Now()), "data_fields": "hr,rr"}},
		{"/v2/heart", params{"action": "list"}},
		{"/v2/user", params{"action": "getdevice"}},
		{"/v2/user", params{"action": "getgoals"}},
	} {
		texts = append(texts, v.call(t, ask.path, ask.p).raw)
	}
	return texts
}

func TestSameSeedAnswersTheSameBytes(t *testing.T) {
	one, _ := newCloud(t, Options{Seed: 7})
	two, _ := newCloud(t, Options{Seed: 7})
	other, _ := newCloud(t, Options{Seed: 8})
	for kind := range Kind(kinds) {
		a, b, x := everything(t, one, kind), everything(t, two, kind), everything(t, other, kind)
		if !slices.Equal(a, b) {
			t.Errorf("kind %d: two clouds of one seed differ", kind)
		}
		if a[0] == x[0] {
			t.Errorf("kind %d: two seeds give the same measures", kind)
		}
	}
}

func TestHistoryDoesNotDependOnWhenTheCloudStarted(t *testing.T) {
	early, _ := newCloud(t, Options{Start: testStart.AddDate(0, 0, -20)})
	early.Advance(20 * 24 * time.Hour)
	late, _ := newCloud(t, Options{})
	from := testStart.AddDate(0, 0, -300)
	for i, p := range early.people {
		if a, b := early.Measures(p.ID, from, testStart), late.Measures(late.people[i].ID, from, testStart); fmt.Sprint(measuresOf(a)) != fmt.Sprint(measuresOf(b)) {
			t.Errorf("%s: the same days differ", p.Name)
		}
	}
}

// measuresOf leaves out the device pointers, which differ between clouds.
func measuresOf(groups []Group) []Group {
	for i := range groups {
		groups[i].Device = nil
	}
	return groups
}

func TestFirstThreePeopleAreOfFixedKinds(t *testing.T) {
	c, _ := newCloud(t, Options{Seed: 99, People: 500, Years: 12})
	people := c.People()
	ids := map[int64]bool{}
	for _, p := range people {
		ids[p.ID] = true
	}
	if len(people) != 500 || len(ids) != 500 {
		t.Fatalf("%d people with %d ids, want 500", len(people), len(ids))
	}
	for i, want := range []Person{
		{Name: "Anna", Timezone: "Europe/Vienna", Kind: Full},
		{Name: "Ben", Timezone: "America/New_York", Kind: Scale},
		{Name: "Carla", Timezone: "Australia/Lord_Howe", Kind: Pressure},
	} {
		if got := people[i]; got.Name != want.Name || got.Timezone != want.Timezone || got.Kind != want.Kind {
			t.Errorf("person %d is %+v", i, got)
		}
	}
	if a, b := everything(t, c, 0), people[499]; len(a) == 0 || b.Name == "" {
		t.Error("nothing to see")
	}
}

func TestAnnaHasEveryMeasureTypeOfTheReference(t *testing.T) {
	c, _ := newCloud(t, Options{})
	seen := map[int]bool{}
	for _, g := range c.Measures(c.people[Full].ID, testStart.AddDate(-5, 0, -1), testStart) {
		for _, m := range g.Measures {
			seen[m.Type] = true
		}
	}
	documented, others := documentedIn("3.3 types")
	for _, text := range append(documented, others...) {
		kind, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		if !seen[kind] {
			t.Errorf("measure type %d never occurs", kind)
		}
	}
}

func TestBodyCompositionAddsUp(t *testing.T) {
	c, _ := newCloud(t, Options{})
	checked := 0
	for _, g := range c.Measures(c.people[Full].ID, testStart.AddDate(-5, 0, 0), testStart) {
		sums, whole := map[int]float64{}, map[int]float64{}
		for _, m := range g.Measures {
			switch m.Position {
			case torso, leftLeg, leftArm, rightLeg, rightArm:
				sums[m.Type] += m.Real()
			default:
				whole[m.Type] = m.Real()
			}
		}
		if len(sums) == 0 {
			continue
		}
		checked++
		for _, check := range []struct {
			name      string
			got, want float64
			within    float64
		}{
			{"lean + fat = weight", whole[5] + whole[8], whole[1], 0.0001},
			{"muscle + bone = lean", whole[76] + whole[88], whole[5], 0.0001},
			{"extra + intra = water", whole[168] + whole[169], whole[77], 0.0001},
			{"fat ratio", 100 * whole[8] / whole[1], whole[6], 0.001},
			{"lean segments", sums[173], whole[5], 0.02},
			{"fat segments", sums[174], whole[8], 0.02},
			{"muscle segments", sums[175], whole[76], 0.02},
		} {
			if math.Abs(check.got-check.want) > check.within {
				t.Fatalf("group %d: %s: %v, want %v", g.ID, check.name, check.got, check.want)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d complete weigh-ins in five years", checked)
	}
}

func TestValuesAreBelievable(t *testing.T) {
	plausible := map[int][2]float64{
		1: {30, 250}, 4: {1.2, 2.2}, 5: {25, 110}, 9: {40, 120}, 10: {80, 200}, 11: {35, 200},
		12: {10, 43}, 54: {70, 100}, 71: {34, 42}, 73: {28, 40}, 76: {20, 105}, 77: {20, 80}, 88: {1.5, 6}, 91: {4, 15},
		123: {15, 75}, 130: {0, 13}, 135: {60, 160}, 136: {90, 260}, 137: {300, 500}, 138: {320, 520}, 139: {0, 2},
		155: {18, 100}, 158: {0, 100}, 159: {0, 100}, 167: {0, 100}, 168: {8, 35}, 169: {10, 45}, 170: {1, 20},
		173: {2, 45}, 174: {0.3, 40}, 175: {2, 42}, 196: {0, 100}, 197: {0, 100}, 198: {0, 100}, 226: {900, 3000},
		227: {12, 100}, 229: {0, 100},
		147: {4.5, 9}, 148: {1, 1.04}, 151: {0, 50}, 204: {0, 16}, 205: {0, 5}, 248: {0.5, 10}, 249: {1, 30}, 251: {0.02, 1.5},
	}
	for seed := range uint64(3) {
		c, _ := newCloud(t, Options{Seed: seed, People: 6})
		for _, p := range c.people {
			for _, g := range c.Measures(p.ID, testStart.AddDate(-5, 0, -1), testStart) {
				for _, m := range g.Measures {
					r, ok := plausible[m.Type]
					if v := m.Real(); ok && g.Attrib != 1 && !(m.Derived && v == 0) && (v < r[0] || v > r[1]) {
						t.Fatalf("seed %d, %s, group %d: type %d is %v", seed, p.Name, g.ID, m.Type, v)
					}
				}
			}
		}
	}
}

func TestIllnessShowsEverywhere(t *testing.T) {
	c, _ := newCloud(t, Options{})
	p := c.people[Full]
	fevers := 0
	var sick, well spread
	for day := p.dayOf(testStart.Unix()) - 5*365; day < p.dayOf(testStart.Unix()); day++ {
		if p.illness(day) > 0.7 {
			sick.add(p.stepsOn(day))
			for _, g := range p.temperatures(day) {
				if g.Measures[0].Real() > 38 {
					fevers++
				}
			}
			continue
		}
		well.add(p.stepsOn(day))
	}
	if fevers == 0 || sick.n == 0 || sick.mean()*2 > well.mean() {
		t.Errorf("%d fevers, %d steps on %d ill days, %d on others", fevers, sick.mean(), sick.n, well.mean())
	}
}

func TestHistoryHasGaps(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, p := range c.people[:2] {
		var last, longest int64
		for _, g := range c.Measures(p.ID, testStart.AddDate(-1, 0, 0), testStart) {
			if g.Device == p.scale {
				if last != 0 {
					longest = max(longest, g.Date-last)
				}
				last = g.Date
			}
		}
		if days := longest / secondsPerDay; days < 5 || days > 60 {
			t.Errorf("%s: the longest gap of a year is %d days", p.Name, days)
		}
	}
}

func TestHeightIsWrittenOnceAtTheBeginning(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for kind := range Kind(kinds) {
		v := visit(c, kind)
		rows, _ := v.all(t, "/measure", params{"action": "getmeas", "meastype": "4", "lastupdate": "0"})
		if len(rows) != 1 || rows[0]["deviceid"] != nil || number(t, rows[0], "attrib") != 4 {
			t.Errorf("kind %d: height rows %v", kind, rows)
			continue
		}
		if age := testStart.Sub(time.Unix(number(t, rows[0], "date"), 0)); age < 4*365*24*time.Hour {
			t.Errorf("kind %d: the height is %v old", kind, age)
		}
	}
}

func TestQuirksOfGroupsOccur(t *testing.T) {
	c, _ := newCloud(t, Options{Years: 6})
	attribs, units, positions := map[int]bool{}, map[[2]int]bool{}, map[[2]int]bool{}
	twice, objectives, lateArrival, sameSecond := 0, 0, int64(0), map[int64]int{}
	for _, p := range c.people {
		for _, g := range c.Measures(p.ID, testStart.AddDate(-6, 0, -1), testStart) {
			attribs[g.Attrib] = true
			if g.Category == 2 {
				objectives++
			}
			lateArrival = max(lateArrival, g.Created-g.Date)
			sameSecond[g.Date]++
			seen := map[[2]int]bool{}
			for _, m := range g.Measures {
				units[[2]int{m.Type, m.Unit}] = true
				positions[[2]int{m.Type, m.Position}] = true
				if seen[[2]int{m.Type, m.Position}] {
					twice++
				}
				seen[[2]int{m.Type, m.Position}] = true
			}
		}
	}
	for _, attrib := range []int{0, 1, 2, 4, 5, 8, 10, 15, 17, 10009} {
		if !attribs[attrib] {
			t.Errorf("attrib %d never occurs", attrib)
		}
	}
	for _, want := range [][2]int{{1, -3}, {1, -2}, {1, -4}, {8, -2}, {8, -3}, {10, 0}, {10, -2}} {
		if !units[want] {
			t.Errorf("type %d never has exponent %d", want[0], want[1])
		}
	}
	if !positions[[2]int{168, noSegment}] || !positions[[2]int{168, wholeBody}] {
		t.Error("type 168 does not change its position code")
	}
	most := 0
	for _, n := range sameSecond {
		most = max(most, n)
	}
	if twice == 0 || objectives == 0 || lateArrival < 14*secondsPerDay || most < 4 {
		t.Errorf("%d doubles, %d objectives, latest arrival %d s, at most %d groups in a second", twice, objectives, lateArrival, most)
	}
}

func TestOldRowsLackLaterFields(t *testing.T) {
	c, _ := newCloud(t, Options{Years: 6})
	rows, _ := visit(c, Full).all(t, "/measure", params{"action": "getmeas", "startdate": "1635724800", "enddate": "1646092800"})
	old, recent := 0, 0
	for _, row := range rows {
		_, has := row["modified"]
		if isOld := number(t, row, "created") < oldFormat; isOld == has {
			t.Fatalf("row of %d: modified present is %v", number(t, row, "created"), has)
		} else if isOld {
			old++
		} else {
			recent++
		}
	}
	if old == 0 || recent == 0 {
		t.Errorf("%d old and %d recent rows", old, recent)
	}
}
