package exporter

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestWhatIsDue is the table of who is asked when. The services were all asked at noon,
// with --poll-interval=5m unless the case says otherwise.
func TestWhatIsDue(t *testing.T) {
	every := []Service{Measure, Sleep, Device, Goal}
	announced := []Service{Measure, Sleep}
	for _, c := range []struct {
		name                     string
		interval                 time.Duration
		announced, rare, pressed []Service
		after                    time.Duration
		want                     []Service
	}{
		{name: "just asked", after: time.Second},
		{name: "too soon for any spread", after: 4*time.Minute + 29*time.Second},
		{name: "the shortest spread", after: 285 * time.Second, want: every},
		{name: "five minutes", after: 5 * time.Minute, want: every},
		{name: "rarely, not yet", rare: []Service{Sleep}, after: 21 * time.Hour, want: []Service{Measure, Device, Goal}},
		{name: "rarely, after a day", rare: []Service{Sleep}, after: 24 * time.Hour, want: every},
		{name: "notified, not yet", announced: announced, after: 50 * time.Minute},
		{name: "notified, an hour", announced: announced, after: 57 * time.Minute, want: announced},
		{name: "notified, two hours", announced: announced, after: 2 * time.Hour, want: announced},
		{name: "notified, three hours", announced: announced, after: 171 * time.Minute, want: every},
		{name: "notified, and what failed", announced: announced, pressed: []Service{Goal}, after: 5 * time.Minute, want: []Service{Goal}},
		{name: "notified, and of one there is nothing", announced: announced, rare: []Service{Sleep}, after: time.Hour, want: []Service{Measure}},
		{name: "notified, and the interval is longer", interval: 2 * time.Hour, announced: announced, after: time.Hour},
		{name: "notified, and the interval is over", interval: 2 * time.Hour, announced: announced, after: 2 * time.Hour, want: announced},
		{name: "the interval is longer than a day", interval: 48 * time.Hour, rare: []Service{Sleep}, announced: announced, after: 25 * time.Hour},
		{name: "rare, and it failed", rare: []Service{Sleep}, pressed: []Service{Sleep}, after: 5 * time.Minute, want: every},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schedule{interval: c.interval, announced: c.announced, rare: c.rare, pressing: c.pressed,
				asked: map[Service]time.Time{}, polled: map[Service]time.Time{}}
			if s.interval == 0 {
				s.interval = 5 * time.Minute
			}
			if got := s.due(every, noon); !slices.Equal(got, every) || s.next(every, noon) != 0 {
				t.Errorf("before anything was asked, due are %v", got)
			}
			for _, service := range every {
				s.asked[service], s.polled[service] = noon, noon
			}
			if got := s.due(every, noon.Add(c.after)); !slices.Equal(got, c.want) {
				t.Errorf("due are %v, want %v", got, c.want)
			}
			wait := s.next(every, noon)
			if got := s.due(every, noon.Add(wait)); wait <= 0 || len(got) == 0 {
				t.Errorf("nothing is due after %s, when the next poll is said to begin", wait)
			}
		})
	}
}

// TestHintsDoNotReplacePollsForEver: the last weeks are read again by polls alone.
func TestHintsDoNotReplacePollsForEver(t *testing.T) {
	s := schedule{interval: 5 * time.Minute, announced: []Service{Measure}, asked: map[Service]time.Time{}, polled: map[Service]time.Time{Measure: noon}}
	for after, due := range map[time.Duration]bool{5 * time.Hour: false, 6 * time.Hour: true} {
		s.asked[Measure] = noon.Add(after - time.Minute) // for a hint
		if got := s.due([]Service{Measure}, noon.Add(after)); (len(got) > 0) != due {
			t.Errorf("%s after the last poll, due are %v", after, got)
		}
	}
}

func TestNothingToAskIsLookedAtAgain(t *testing.T) {
	s := schedule{interval: 5 * time.Minute}
	if got := s.next(nil, noon); got != s.interval {
		t.Errorf("without services the next poll is in %s, want %s", got, s.interval)
	}
}

// TestNotificationsTakeThePlaceOfPollsOnceAllAreConfirmed: a subscription to a category
// that Withings may not have is not waited for.
func TestNotificationsTakeThePlaceOfPollsOnceAllAreConfirmed(t *testing.T) {
	all := []Service{Measure, Activity, Sleep, Workout, Heart}
	for _, c := range []struct {
		name             string
		asked, confirmed []Service
		want             []Service
	}{
		{"none", Asked(), nil, nil},
		{"all that are certain", Asked(), all, all},
		{"all", Asked(), append(slices.Clone(all), Stetho), append(slices.Clone(all), Stetho)},
		{"one is missing", Asked(), all[1:], nil},
		{"the missing one is not asked", all[1:], all[1:], all[1:]},
		{"more than is asked", []Service{Measure, Device}, all, []Service{Measure}},
		{"nothing that is asked", []Service{Device, Goal}, all, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := slices.Clone(c.want)
			if got := replaced(slices.DeleteFunc(slices.Clone(c.asked), func(s Service) bool { return s == "intraday" || s == "night" }), c.confirmed); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestWhatNoDeviceRecordsIsAskedRarely: a service is only given up for a day once the
// devices are known, and comes back with the first record or device.
func TestWhatNoDeviceRecordsIsAskedRarely(t *testing.T) {
	device := func(id, kind string) Record {
		return Record{Service: Device, ID: id, Readings: []Reading{is("device_info", "1", id, kind, "", "63", "")}}
	}
	ecg := Record{Service: Heart, ID: "1", Start: noon, End: noon, Readings: []Reading{is("ecg_signal_id", "7")}}
	for _, c := range []struct {
		name    string
		records []Record
		unknown bool // the devices have not been read
		named   []Service
		want    []Service
	}{
		{name: "no devices", want: []Service{Heart, Stetho}},
		{name: "devices are not known", unknown: true},
		{name: "a mat", records: []Record{device("m", "Sleep Monitor")}, want: []Service{Heart, Stetho}},
		{name: "a watch", records: []Record{device("m", "Sleep Monitor"), device("w", "Activity Tracker")}, want: []Service{Stetho}},
		{name: "a cuff", records: []Record{device("c", "Blood Pressure Monitor")}},
		{name: "a scale", records: []Record{device("s", "Scale")}, want: []Service{Stetho}},
		{name: "an ECG of a watch that is no longer linked", records: []Record{ecg}, want: []Service{Stetho}},
		{name: "chosen by name", named: []Service{Stetho}, want: []Service{Heart}},
		{name: "a device without facts", records: []Record{{Service: Device, ID: "x", Readings: []Reading{is("device_battery_state", "1", "x", "low")}}}, want: []Service{Heart, Stetho}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState(c.records...)
			if !c.unknown {
				_ = s.Advance(Device, func(p *Progress) { p.Success = noon })
			}
			if got := s.Rare(Choice{Named: c.named, Asked: []Service{Measure, Activity, Sleep, Device, Goal, Objective, Workout, Heart, Stetho}}); !slices.Equal(got, c.want) {
				t.Errorf("rarely asked are %v, want %v", got, c.want)
			}
		})
	}
}

// TestWhileTheLimitIsTightWhatIsUnprovenWaits has services of which it is not known yet
// whether sessions tell of their news.
func TestWhileTheLimitIsTightWhatIsUnprovenWaits(t *testing.T) {
	every := []Service{Device, Measure, Sleep}
	for _, c := range []struct {
		name    string
		tight   bool
		pressed []Service
		after   time.Duration
		want    []Service
	}{
		{name: "room for all", after: slowest, want: every},
		{name: "no room", tight: true, after: slowest, want: []Service{Device}},
		{name: "no room for an hour", tight: true, after: time.Hour, want: []Service{Device, Measure}},
		{name: "no room, and one failed", tight: true, pressed: []Service{Sleep}, after: slowest, want: []Service{Device, Sleep}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schedule{interval: 5 * time.Minute, tight: c.tight, pressing: c.pressed, signed: true,
				heed: map[Service]heed{Measure: unproven, Sleep: unproven}, asked: map[Service]time.Time{}, polled: map[Service]time.Time{}}
			for _, service := range every {
				s.asked[service], s.polled[service] = noon, noon
			}
			if got := s.due(every, noon.Add(c.after)); !slices.Equal(got, c.want) {
				t.Errorf("due are %v, want %v", got, c.want)
			}
		})
	}
}
