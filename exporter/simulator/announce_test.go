package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// plain is a form without the stray field.
func plain(form string) string { return strings.TrimSuffix(form, "&foo=bar") }

func plains(forms []string) []string {
	for i := range forms {
		forms[i] = plain(forms[i])
	}
	return forms
}

// allCategories is every category that is known for certain.
var allCategories = []string{"1", "2", "4", "16", "44", "46", "50", "51", "52", "54", "55", "58"}

func TestAWeighInMakesSeveralNotifications(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1", "2", "4")
	at := c.Now().Unix()
	for _, types := range [][]int{{1, 5, 6, 8, 76}, {11, 130}, {91, 155}, {196, 197}} {
		g := Group{Device: c.people[0].scale, Date: at - 30}
		for _, kind := range types {
			g.Measures = append(g.Measures, measure(kind, 70, 0))
		}
		if _, err := c.AddGroup(v.user, g); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.Deliver(t.Context()); n != 3 {
		t.Errorf("%d sent, want 3", n)
	}
	weight := fmt.Sprintf("userid=%d&appli=1&startdate=%d&enddate=%d", v.user, at-30, at-29)
	pulse := fmt.Sprintf("userid=%d&appli=4&startdate=%d&enddate=%d", v.user, at-30, at-29)
	if got, want := plains(to.taken()), []string{weight, pulse, weight}; !slices.Equal(got, want) {
		t.Errorf("posted %q\nwant %q", got, want)
	}
	if n := c.Deliver(t.Context()); n != 0 {
		t.Errorf("%d sent twice", n)
	}
}

func TestCategoriesFollowFromTheTypesOfAGroup(t *testing.T) {
	for _, row := range []struct {
		types []int
		all   bool
		want  []int64
	}{
		{types: []int{1}, want: []int64{1}},
		{types: []int{88}, want: []int64{1}},
		{types: []int{91}, want: []int64{1}},
		{types: []int{12}, want: []int64{2}},
		{types: []int{71}, want: []int64{1, 2}},
		{types: []int{73, 71}, want: []int64{1, 2}},
		{types: []int{9, 10, 11}, want: []int64{4}},
		{types: []int{54}, want: []int64{4}},
		{types: []int{11, 1}, want: []int64{1, 4}},
		{types: []int{147, 251}, want: []int64{63}},
		{types: []int{123}},
		{types: []int{123}, all: true, want: []int64{1}},
		{types: []int{4}},
	} {
		var g Group
		for _, kind := range row.types {
			g.Measures = append(g.Measures, measure(kind, 1, 0))
		}
		if got := g.applis(Notifications{AnnounceAll: row.all}); !slices.Equal(got, row.want) {
			t.Errorf("types %v, all %v: categories %v, want %v", row.types, row.all, got, row.want)
		}
	}
}

// TestOrdinaryLifeIsAnnounced lets ten days pass, and holds what was announced against what the data calls say.
func TestOrdinaryLifeIsAnnounced(t *testing.T) {
	c, v, _ := subscribed(t, Notifications{}, allCategories...)
	p := c.people[Full]
	until := testStart.AddDate(0, 0, 10)
	sent := map[string]int{} // by form
	rows := map[string]int64{}
	for v.toNext() && c.Now().Before(until) {
		if n := c.Deliver(t.Context()); n == 0 {
			t.Fatalf("nothing is due at %v, which was to have something", c.Now())
		}
		for _, d := range c.Deliveries() {
			if d.Time != c.Now() {
				continue
			}
			form := plain(d.Form)
			sent[form]++
			if values, _ := url.ParseQuery(form); values.Get("appli") == "16" {
				rows[values.Get("date")] = d.Time.Unix()
			}
		}
	}
	want := map[string]int{}
	expect := func(appli int, format string, more ...any) {
		want[fmt.Sprintf("userid=%d&appli=%d&", v.user, appli)+fmt.Sprintf(format, more...)]++
	}
	new := func(at int64) bool { return at > testStart.Unix() && at < until.Unix() }
	for _, g := range c.Measures(v.user, testStart.AddDate(0, -3, 0), until) {
		if !new(g.Modified) || g.Category == 2 {
			continue
		}
		families := map[int]bool{}
		for _, m := range g.Measures {
			switch m.Type {
			case 1, 5, 6, 8, 76, 77, 88, 91:
				families[1] = true
			case 71, 73:
				families[1], families[2] = true, true
			case 12:
				families[2] = true
			case 9, 10, 11, 54:
				families[4] = true
			}
		}
		for appli := range families {
			expect(appli, "startdate=%d&enddate=%d", g.Date, g.Date+1)
		}
	}
	for _, row := range c.sleepRows(p, c.Now().Unix(), p.dayOf(testStart.Unix())-1, p.dayOf(until.Unix())+1, window{}) {
		for _, state := range row.plan.states {
			if new(state.from) {
				expect(44, "startdate=%d&enddate=%d", row.plan.start, state.end)
			}
		}
	}
	for _, n := range c.Nights(v.user, testStart.AddDate(0, 0, -1), until.AddDate(0, 0, 1)) {
		if n.ModelID != modelMat {
			continue
		}
		text, _ := n.Data.Get("night_events")
		var events map[string][]int64
		if err := json.Unmarshal([]byte(text.(string)), &events); err != nil {
			t.Fatal(err)
		}
		for key, appli := range map[string]int{"1": 50, "4": 51} {
			for _, second := range events[key] {
				if at := n.Start + second; new(at) {
					expect(appli, "date=%d&deviceid=%s", at, p.mat.ID)
				}
			}
		}
	}
	for _, h := range c.heartRows(p, c.Now().Unix(), window{to: endless}) {
		switch {
		case !new(h.Modified):
		case h.SignalID != 0:
			expect(54, "startdate=%d&enddate=%d&deviceid=%s", h.Timestamp, h.Timestamp+int64(h.duration), h.Device.ID)
		default:
			expect(55, "date=%d&deviceid=%s", h.Timestamp, h.Device.ID)
		}
	}
	activity := fmt.Sprintf("userid=%d&appli=16&date=", v.user)
	other := maps.Clone(sent)
	maps.DeleteFunc(other, func(form string, _ int) bool { return strings.HasPrefix(form, activity) })
	if len(want) < 60 {
		t.Errorf("only %d different notifications in ten days", len(want))
	}
	for form, n := range want {
		// The night under way at the end has no row yet, so its events are not expected.
		if other[form] != n {
			t.Errorf("%s came %d times, want %d", form, other[form], n)
		}
		delete(other, form)
	}
	for form := range other {
		if values, _ := url.ParseQuery(form); values.Get("appli") == "50" {
			if at, _ := strconv.ParseInt(values.Get("date"), 10, 64); at > until.Unix()-secondsPerDay {
				continue
			}
		}
		t.Errorf("%s came, but nothing answers to it", form)
	}
	for _, d := range c.Days(v.user, testStart.AddDate(0, 0, 1), until.AddDate(0, 0, -1)) {
		if rows[d.Date] != d.Modified {
			t.Errorf("activity of %s was last announced at %d, and changed at %d", d.Date, rows[d.Date], d.Modified)
		}
	}
	for _, w := range c.Workouts(v.user, testStart.AddDate(0, 0, 1), until.AddDate(0, 0, -1)) {
		if !slices.ContainsFunc(c.Deliveries(), func(d Delivery) bool {
			return d.Time.Unix() == w.Modified && plain(d.Form) == activity+w.Date
		}) {
			t.Errorf("the workout of %s was not announced when it was complete", w.Date)
		}
	}
}

// TestEveryChangeOfADayIsAnnounced lets half a year pass, with days that reach the server days later and days without any
// tracking: the last notification of each comes when its row last changed.
func TestEveryChangeOfADayIsAnnounced(t *testing.T) {
	c, _ := newCloud(t, Options{Switches: Switches{SyncEvery: 6 * time.Hour}, Callbacks: &http.Client{Transport: &callback{}}})
	v := visit(c, Scale)
	v.subscribe(t, "16")
	until := testStart.AddDate(0, 6, 0)
	for v.toNext() && c.Now().Before(until) {
		c.Deliver(t.Context())
	}
	last := map[string]int64{}
	for _, d := range c.Deliveries() {
		form, _ := url.ParseQuery(d.Form)
		last[form.Get("date")] = d.Time.Unix()
	}
	late, untracked := 0, 0
	for _, d := range c.Days(v.user, testStart, until.AddDate(0, 0, -1)) {
		if last[d.Date] != d.Modified {
			t.Errorf("activity of %s was last announced at %d, and changed at %d", d.Date, last[d.Date], d.Modified)
		}
		day, _ := time.Parse(time.DateOnly, d.Date)
		if d.Modified > day.Unix()+3*secondsPerDay {
			late++
		}
		if d.ModelID == modelNone {
			untracked++
		}
	}
	if late < 2 || untracked < 1 {
		t.Errorf("%d late days and %d without tracking are not enough to tell", late, untracked)
	}
}

func TestNotificationsComeWhenTheDataCanBeRead(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1", "44")
	for range 20 {
		if !v.toNext() {
			t.Fatal("nothing more is due")
		}
		c.Deliver(t.Context())
		for _, form := range to.taken() {
			values, _ := url.ParseQuery(form)
			since := strconv.FormatInt(c.Now().Unix()-1, 10)
			path, p, time := "/measure", params{"action": "getmeas", "lastupdate": since}, "date"
			if values.Get("appli") == "44" {
				path, p, time = "/v2/sleep", params{"action": "getsummary", "lastupdate": since}, "startdate"
			}
			rows, _ := v.all(t, path, p)
			if !slices.ContainsFunc(rows, func(r map[string]any) bool {
				return strconv.FormatInt(number(t, r, time), 10) == values.Get("startdate")
			}) {
				t.Errorf("%s: the server changed in that second: %v", form, rows)
			}
		}
	}
}

func TestOnlyWhatComesAfterTheSubscriptionIsAnnounced(t *testing.T) {
	c, v, to := subscribed(t, Notifications{})
	v.weigh(t)
	c.Advance(48 * time.Hour)
	v.subscribe(t, "1")
	if n := c.Deliver(t.Context()); n != 0 {
		t.Errorf("%d notifications of the past: %q", n, to.taken())
	}
	v.weigh(t)
	if n := c.Deliver(t.Context()); n != 1 {
		t.Errorf("%d notifications of the weigh-in after it, want 1", n)
	}
	v.call(t, "/notify", params{"action": "revoke", "callbackurl": testCallback, "appli": "1"})
	v.weigh(t)
	if n := c.Deliver(t.Context()); n != 0 {
		t.Errorf("%d notifications after the revoke", n)
	}
	if _, ok := c.NextDelivery(); ok {
		t.Error("without a subscription something is due")
	}
}

func TestTheOtherFormsOfDates(t *testing.T) {
	c, v, to := subscribed(t, Notifications{OtherDates: true}, "16", "50")
	if err := c.GetInBed(v.user, testStart); err != nil {
		t.Fatal(err)
	}
	c.Advance(15 * time.Minute)
	c.Deliver(t.Context())
	midnight := time.Date(2026, 7, 14, 22, 0, 0, 0, time.UTC).Unix() // of the 15th in Vienna
	want := []string{
		fmt.Sprintf("userid=%d&appli=50&date=2026-07-15&deviceid=%s", v.user, c.people[0].mat.ID),
		fmt.Sprintf("userid=%d&appli=16&date=%d", v.user, midnight),
	}
	if got := plains(to.taken()); !slices.Equal(got, want) {
		t.Errorf("posted %q\nwant %q", got, want)
	}
}

func TestVariabilityIsAnnouncedWithItsSynchronisation(t *testing.T) {
	c, v, to := subscribed(t, Notifications{Uncertain: true}, "62")
	n := 0
	for range 10 {
		v.toNext()
		c.Deliver(t.Context())
		for _, form := range to.taken() {
			values, _ := url.ParseQuery(form)
			answer := v.call(t, "/v2/measure", params{"action": "getintradayactivity", "data_fields": "rmssd",
				"startdate": values.Get("startdate"), "enddate": values.Get("enddate")})
			if !strings.Contains(answer.raw, `"`+values.Get("startdate")+`":{"rmssd":`) {
				t.Errorf("%s: %s", form, answer.raw)
			}
			n++
		}
	}
	if n < 10 {
		t.Errorf("only %d notifications", n)
	}
}

func TestWatchesSynchroniseAsOftenAsTold(t *testing.T) {
	for every, want := range map[time.Duration]float64{0: 96, time.Hour: 24, 6 * time.Hour: 4} {
		c, _ := newCloud(t, Options{Switches: Switches{SyncEvery: every}, Callbacks: &http.Client{Transport: &callback{}}})
		visit(c, Scale).subscribe(t, "16")
		c.Advance(10 * 24 * time.Hour)
		c.Deliver(t.Context())
		// A day without tracking has one; the last synchronisation of a day closes two.
		if perDay := float64(len(c.Deliveries())) / 10; perDay < 0.85*want || perDay > want+2 {
			t.Errorf("every %v: %.1f notifications a day, want about %.0f", every, perDay, want)
		}
	}
}
