package simulator

import (
	"math"
	"testing"
)

// TestTheUScanIsUsedTwiceAWeek looks at five years of Anna's urine.
func TestTheUScanIsUsedTwiceAWeek(t *testing.T) {
	c, _ := newCloud(t, Options{Stories: true})
	groups, zeros, most := 0, map[int]int{}, map[int]float64{}
	for _, g := range c.Measures(c.people[Full].ID, testStart.AddDate(-5, 0, 0), testStart) {
		if g.Device == nil || g.Device.ModelID != modelUScan {
			continue
		}
		groups++
		is := map[int]float64{}
		for _, m := range g.Measures {
			is[m.Type] = m.Real()
			most[m.Type] = max(most[m.Type], m.Real())
			if m.Value == 0 {
				zeros[m.Type]++
			}
		}
		if len(is) != 8 {
			t.Fatalf("group %d has %v, want eight types", g.ID, is)
		}
		if ratio := is[248] / is[249]; math.Abs(ratio-is[251]) > 0.00501 {
			t.Fatalf("group %d: %v of calcium and %v of creatinine have the ratio %v, sent is %v", g.ID, is[248], is[249], ratio, is[251])
		}
	}
	if weeks := 5 * 52; groups < weeks*3/2 || groups > weeks*2 {
		t.Errorf("%d readings in %d weeks", groups, weeks)
	}
	for _, kind := range []int{151, 204, 205} {
		if zeros[kind] == 0 || most[kind] == 0 {
			t.Errorf("type %d is 0 in %d of %d groups, and %v at most", kind, zeros[kind], groups, most[kind])
		}
	}
	for _, kind := range []int{147, 148, 248, 249, 251} {
		if zeros[kind] != 0 {
			t.Errorf("type %d is 0 in %d groups", kind, zeros[kind])
		}
	}
}

// TestOnlyAnnaHasAUScan keeps the others without urine.
func TestOnlyAnnaHasAUScan(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, p := range c.people {
		found := false
		for _, g := range c.Measures(p.ID, testStart.AddDate(0, -2, 0), testStart) {
			for _, m := range g.Measures {
				found = found || m.Type == 147
			}
		}
		if found != (p.Kind == Full) {
			t.Errorf("%s has urine measures: %v", p.Name, found)
		}
	}
}
