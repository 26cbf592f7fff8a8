package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestChangesOfATestAreAnnounced(t *testing.T) {
	anna, ben := int64(0), int64(0)
	for _, change := range []struct {
		name  string
		do    func(c *Cloud, g Group) error
		appli int
		of    *int64
	}{
		{"corrected", func(c *Cloud, g Group) error { return c.CorrectGroup(anna, g.ID, 1, 71000, -3) }, 1, &anna},
		{"deleted", func(c *Cloud, g Group) error { return c.DeleteGroup(anna, g.ID) }, 1, &anna},
		{"reassigned", func(c *Cloud, g Group) error { return c.ReassignGroup(anna, ben, g.ID) }, 1, &ben},
	} {
		c, v, to := subscribed(t, Notifications{}, "1", "2", "4")
		visit(c, Scale).subscribe(t, "1")
		anna, ben = c.people[Full].ID, c.people[Scale].ID
		g := latest(t, c, v.user, 1)
		c.Advance(time.Minute)
		c.Deliver(t.Context())
		to.taken()
		if err := change.do(c, g); err != nil {
			t.Fatal(err)
		}
		c.Deliver(t.Context())
		want := fmt.Sprintf("userid=%d&appli=%d&startdate=%d&enddate=%d", *change.of, change.appli, g.Date, g.Date+1)
		if got := plains(to.taken()); !slices.Contains(got, want) {
			t.Errorf("%s: posted %q, without %s", change.name, got, want)
		}
	}
}

func TestAConfirmedGroupIsAnnounced(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1")
	id, err := c.WeighAmbiguous(v.user, 81000)
	if err != nil {
		t.Fatal(err)
	}
	v.call(t, "/v2/measure", params{"action": "confirmuser", "grpid": fmt.Sprint(id), "is_confirmed": "true"})
	if n := c.Deliver(t.Context()); n != 2 {
		t.Errorf("%q, want one when it was added and one when it was confirmed", to.taken())
	}
}

func TestARevisedNightIsAnnounced(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "44")
	night := c.Nights(v.user, c.Now(), c.Now())[0]
	if err := c.ReviseNight(v.user, night.ID, 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	c.Deliver(t.Context())
	want := fmt.Sprintf("userid=%d&appli=44&startdate=%d&enddate=%d", v.user, night.Start+300, night.End)
	if got := plains(to.taken()); !slices.Equal(got, []string{want}) {
		t.Errorf("posted %q, want %s", got, want)
	}
}

func TestALateDeviceIsAnnouncedWhenItIsBack(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1", "16", "44", "50")
	until := testStart.AddDate(0, 0, 10)
	for _, model := range []int{modelBodyScan, modelScanWatch2, modelMat} {
		if err := c.DelayDevice(v.user, model, testStart, until); err != nil {
			t.Fatal(err)
		}
	}
	v.weigh(t)
	c.Advance(10*24*time.Hour - time.Second)
	c.Deliver(t.Context())
	for _, form := range plains(to.taken()) {
		// A night or an entry of another app, and what is typed in, needs no device.
		if strings.Contains(form, "appli=16") || strings.Contains(form, "appli=50") {
			t.Errorf("%s came while the devices were away", form)
		}
	}
	c.Advance(time.Second)
	c.Deliver(t.Context())
	got := plains(to.taken())
	weighIn := fmt.Sprintf("userid=%d&appli=1&startdate=%d&enddate=%d", v.user, testStart.Unix(), testStart.Unix()+1)
	if !slices.Contains(got, weighIn) {
		t.Errorf("the weigh-in of the first day is not among %d notifications", len(got))
	}
	for day := range 9 {
		date := testStart.AddDate(0, 0, day+1).Format(time.DateOnly)
		if form := fmt.Sprintf("userid=%d&appli=16&date=%s", v.user, date); !slices.Contains(got, form) {
			t.Errorf("no activity of %s", date)
		}
	}
}

func TestTheBedTells(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "50", "51", "52")
	at := c.Now().Add(-20 * time.Second)
	for _, err := range []error{
		c.GetInBed(v.user, at), c.GetOutOfBed(v.user, at.Add(time.Second)), c.InflateMat(v.user),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.Deliver(t.Context())
	mat := c.people[Full].mat.ID
	want := []string{
		fmt.Sprintf("userid=%d&appli=50&date=%d&deviceid=%s", v.user, at.Unix(), mat),
		fmt.Sprintf("userid=%d&appli=51&date=%d&deviceid=%s", v.user, at.Unix()+1, mat),
		fmt.Sprintf("userid=%d&appli=52&date=%d&deviceid=%s", v.user, c.Now().Unix(), mat),
	}
	if got := plains(to.taken()); !slices.Equal(got, want) {
		t.Errorf("posted %q\nwant %q", got, want)
	}
	if err := c.GetInBed(c.people[Scale].ID, at); !errors.Is(err, ErrUnknown) {
		t.Errorf("in a bed without a mat: %v", err)
	}
}

func TestASubscriptionMayBeginWithTheLatestBedEvent(t *testing.T) {
	for recall, want := range map[bool]int{false: 0, true: 2} {
		c, v, to := subscribed(t, Notifications{Recall: recall}, "1", "50", "51")
		visit(c, Scale).subscribe(t, "50")
		if n := c.Deliver(t.Context()); n != want {
			t.Errorf("recall %v: %d notifications, want %d", recall, n, want)
		}
		n := c.Nights(v.user, c.Now(), c.Now())[0]
		mat := c.people[Full].mat.ID
		moves := []string{
			fmt.Sprintf("userid=%d&appli=50&date=%d&deviceid=%s", v.user, n.Start, mat),
			fmt.Sprintf("userid=%d&appli=51&date=%d&deviceid=%s", v.user, n.End, mat),
		}
		if got := plains(to.taken()); recall && !slices.Equal(got, moves) {
			t.Errorf("posted %q, want %q", got, moves)
		}
	}
}

func TestAnAddedRecordingIsListedAndAnnounced(t *testing.T) {
	c, v, to := subscribed(t, Notifications{Uncertain: true}, "54", "55", "61")
	p := c.people[Full]
	now := c.Now().Unix()
	good, err := c.AddRecording(v.user, Heart{Rate: 64, AFib: 1})
	if err != nil || good == 0 {
		t.Fatal(good, err)
	}
	failed, err := c.AddRecording(v.user, Heart{Timestamp: now - 5})
	if err != nil || failed != 0 {
		t.Fatal(failed, err)
	}
	core, err := c.AddRecording(v.user, Heart{Timestamp: now - 9, Rate: 70, AFib: 2, Systole: 126, Diastole: 79, StethoID: 1, Device: p.core})
	if err != nil {
		t.Fatal(err)
	}
	c.Deliver(t.Context())
	want := []string{
		fmt.Sprintf("userid=%d&appli=54&startdate=%d&enddate=%d&deviceid=%s", v.user, now, now+30, p.watch.ID),
		fmt.Sprintf("userid=%d&appli=55&date=%d&deviceid=%s", v.user, now-5, p.watch.ID),
		fmt.Sprintf("userid=%d&appli=54&startdate=%d&enddate=%d&deviceid=%s", v.user, now-9, now+11, p.core.ID),
		fmt.Sprintf("userid=%d&appli=61&startdate=%d&enddate=%d", v.user, now-9, now+11),
	}
	if got := plains(to.taken()); !slices.Equal(got, want) {
		t.Errorf("posted %q\nwant %q", got, want)
	}
	answer := v.call(t, "/v2/heart", params{"action": "list", "startdate": fmt.Sprint(now - 9), "enddate": fmt.Sprint(now)})
	wanted := fmt.Sprintf(`{"series":[`+
		`{"deviceid":"%[1]s","model":94,"ecg":{"signalid":%[3]d,"afib":1},"heart_rate":64,"timestamp":%[5]d,"modified":%[5]d,"timezone":"Europe/Vienna"},`+
		`{"deviceid":"%[1]s","model":94,"timestamp":%[6]d,"modified":%[5]d,"timezone":"Europe/Vienna"},`+
		`{"deviceid":"%[2]s","model":44,"ecg":{"signalid":%[4]d,"afib":2},"bloodpressure":{"diastole":79,"systole":126},`+
		`"stetho":{"signalid":%[8]d,"vhd":0},"heart_rate":70,"timestamp":%[7]d,"modified":%[5]d,"timezone":"Europe/Vienna"}],"more":false,"offset":0}`,
		p.watch.ID, p.core.ID, good, core, now, now-5, now-9, core+1)
	if string(answer.Body) != wanted {
		t.Errorf("list %s\nwant %s", answer.Body, wanted)
	}
	for id, samples := range map[int64]int{good: 9000, core: 10000} {
		var recording struct{ Signal []int }
		v.call(t, "/v2/heart", params{"action": "get", "signalid": fmt.Sprint(id)}).into(t, &recording)
		if len(recording.Signal) != samples {
			t.Errorf("signal %d has %d values, want %d", id, len(recording.Signal), samples)
		}
	}
	if _, err := c.AddRecording(c.people[Scale].ID, Heart{Rate: 60}); !errors.Is(err, ErrUnknown) {
		t.Errorf("a recording without a device: %v", err)
	}
}

func TestAnyNotificationCanBeSent(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "46", "58")
	for category, form := range map[int]url.Values{46: {"action": {"unlink"}}, 58: {"startdate": {"1"}, "enddate": {"2"}}, 99: nil} {
		if err := c.Announce(v.user, category, form); err != nil {
			t.Fatal(err)
		}
	}
	c.Deliver(t.Context())
	got := plains(to.taken())
	slices.Sort(got)
	want := []string{fmt.Sprintf("userid=%d&appli=46&action=unlink", v.user), fmt.Sprintf("userid=%d&appli=58&enddate=2&startdate=1", v.user)}
	if !slices.Equal(got, want) {
		t.Errorf("posted %q, want %q", got, want)
	}
}

func TestFailedRecordingsMayHaveAnEmptyECG(t *testing.T) {
	c, _ := newCloud(t, Options{Switches: Switches{EmptyECG: true, NoSignals: true}})
	v := visit(c, Full)
	if _, err := c.AddRecording(v.user, Heart{}); err != nil {
		t.Fatal(err)
	}
	id, err := c.AddRecording(v.user, Heart{Rate: 61})
	if err != nil {
		t.Fatal(err)
	}
	answer := v.call(t, "/v2/heart", params{"action": "list", "startdate": fmt.Sprint(c.Now().Unix())})
	if !strings.Contains(answer.raw, `"model":94,"ecg":[],"timestamp"`) {
		t.Errorf("list %s", answer.raw)
	}
	answer = v.call(t, "/v2/heart", params{"action": "get", "signalid": fmt.Sprint(id)})
	if want := `{"signal":[],"sampling_frequency":300,"wearposition":1,"model":94,"heart_rate":61}`; string(answer.Body) != want {
		t.Errorf("get %s, want %s", answer.Body, want)
	}
}

func TestMinutesMayContradictTheirNight(t *testing.T) {
	deepAndPulse := func(disagree bool) (deepMinutes, pulse, summary int) {
		c, _ := newCloud(t, Options{Switches: Switches{NightsDisagree: disagree}})
		v := visit(c, Full)
		n := c.Nights(v.user, c.Now(), c.Now())[0]
		var minutes struct {
			Series []struct {
				State              int
				Startdate, Enddate int64
				HR                 map[string]int
			}
		}
		v.call(t, "/v2/sleep", params{"action": "get", "data_fields": "hr", "startdate": fmt.Sprint(n.Start), "enddate": fmt.Sprint(n.End)}).into(t, &minutes)
		for _, s := range minutes.Series {
			if s.State == deep {
				deepMinutes += int(s.Enddate-s.Startdate) / 60
			}
			for _, hr := range s.HR {
				pulse += hr
			}
		}
		seconds, _ := n.Data.Number("deepsleepduration")
		return deepMinutes, pulse / max(1, int(n.End-n.Start)/60), int(seconds) / 60
	}
	minutes, pulse, summary := deepAndPulse(false)
	if minutes != summary || minutes == 0 {
		t.Errorf("%d deep minutes, and %d in the summary", minutes, summary)
	}
	other, faster, same := deepAndPulse(true)
	if other != 0 || same != summary || faster-pulse < 4 || faster-pulse > 6 {
		t.Errorf("%d deep minutes against %d, pulse %d against %d", other, same, faster, pulse)
	}
}
