package simulator

import (
	"fmt"
	"testing"
	"time"
)

// brokenNight is a night on the mat in which the person got up.
func brokenNight(t *testing.T, c *Cloud) *night {
	t.Helper()
	p := c.people[Full]
	for day := p.dayOf(testStart.Unix()); day > p.firstDay; day-- {
		for _, n := range c.history.day(p, day).nights {
			if n.kind == nightMat && n.breakAt != 0 && n.breakAt+int64(n.breakFor)*60 < n.end {
				return n
			}
		}
	}
	t.Fatal("nobody gets up at night")
	return nil
}

func TestAMatOfTheSpecialPlanTellsThatTheBedIsEmpty(t *testing.T) {
	for _, special := range []bool{false, true} {
		c, _ := newCloud(t, Options{Switches: Switches{SleepRx: special}})
		n := brokenNight(t, c)
		var answer struct {
			Series []struct {
				State              int
				Startdate, Enddate int64
				HR                 map[string]int
				Index              map[string]int `json:"withings_index"`
			}
		}
		visit(c, Full).call(t, "/v2/sleep", params{"action": "get", "data_fields": "hr,withings_index",
			"startdate": fmt.Sprint(n.start), "enddate": fmt.Sprint(n.end)}).into(t, &answer)
		var out []string
		at, minutes := n.start, 0
		for _, s := range answer.Series {
			if s.Startdate != at {
				t.Fatalf("a segment begins at %d, the one before ends at %d", s.Startdate, at)
			}
			at = s.Enddate
			minutes += len(s.Index)
			if s.State == 15 {
				out = append(out, fmt.Sprint(s.Startdate, s.Enddate, len(s.HR), len(s.Index)))
			} else if len(s.HR) != int(s.Enddate-s.Startdate)/60 {
				t.Errorf("%d heart rates in a segment of %d seconds", len(s.HR), s.Enddate-s.Startdate)
			}
		}
		want := fmt.Sprint(n.breakAt+120, n.breakAt+int64(n.breakFor)*60-180, 0, 0)
		if at != n.end || special != (len(out) == 1) || special && out[0] != want || special != (minutes > 0) {
			t.Errorf("special plan %v: out of bed %q, want %s; %d minutes with an index; the segments end at %d of %d", special, out, want, minutes, at, n.end)
		}
	}
}

func TestNewScalesHaveTheirModels(t *testing.T) {
	c, _ := newCloud(t, Options{People: 7})
	for i, want := range map[int]Device{
		0: {Model: "Body Scan", ModelID: 10}, 1: {Model: "Body+", ModelID: 13},
		3: {Model: "Body Scan 2", ModelID: 19}, 4: {Model: "Body Fit", ModelID: 20}, 6: {Model: "Body Scan", ModelID: 10},
	} {
		p := c.people[i]
		if got := p.Devices[0]; got.Model != want.Model || got.ModelID != want.ModelID || got.Type != "Scale" {
			t.Errorf("%s has %+v, want %+v", p.Name, got, want)
		}
	}
	attribs := map[int]int{}
	for _, g := range c.Measures(c.people[3].ID, testStart.AddDate(0, -2, 0), testStart) {
		if g.Device != nil && g.Device.ModelID == modelBodyScan2 {
			attribs[g.Attrib]++
		}
	}
	if attribs[10009] < 20 || attribs[10010] < 5 {
		t.Errorf("a Body Scan 2 gives the attribs %v", attribs)
	}
}

// TestSamplesOfALateDayAppearDaysLater: what a watch kept for days arrives with its own times.
func TestSamplesOfALateDayAppearDaysLater(t *testing.T) {
	c, _ := newCloud(t, Options{})
	v := visit(c, Full)
	evening := testStart.Add(90 * time.Minute)
	if err := c.DelayDevice(v.user, modelScanWatch2, evening.Add(-time.Hour), evening.AddDate(0, 0, 3)); err != nil {
		t.Fatal(err)
	}
	samples := func() int {
		var answer struct {
			Series map[string]struct{ HeartRate int }
		}
		v.call(t, "/v2/measure", params{"action": "getintradayactivity", "data_fields": "heart_rate",
			"startdate": epoch(evening), "enddate": epoch(evening.Add(time.Hour))}).into(t, &answer)
		return len(answer.Series)
	}
	c.Advance(70 * time.Hour)
	before := samples()
	c.Advance(5 * time.Hour)
	if after := samples(); before != 0 || after < 5 {
		t.Errorf("%d samples of the evening before the watch came back, %d after", before, after)
	}
}
