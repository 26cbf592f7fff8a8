package daemon

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// TestFaultOfOneProfileLeavesTheOthersFresh lets every fault the simulator
// knows strike one person for half an hour. The others must stay fresh all the
// time, what was known of the person must stay known, and afterwards the person
// must be fresh again without anybody doing anything.
func TestFaultOfOneProfileLeavesTheOthersFresh(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name  string
		fault simulator.Fault
		up    bool   // the person's polls read everything all the same
		says  string // part of what the status page then says
		auth  bool   // a person has to authorise again
		long  bool   // it shows once something is new, since that has the trailing window read
	}{
		{name: "expired access token, refused again after renewal", fault: simulator.Fault{Kind: simulator.FaultExpiredToken}, says: "withings-exporter auth"},
		{name: "one expired access token", fault: simulator.Fault{Kind: simulator.FaultExpiredToken, Times: 1}, up: true},
		{name: "too many requests, a burst", fault: simulator.Fault{Kind: simulator.FaultRateLimited, Times: 2}, up: true},
		{name: "status 100, authentication failed", fault: status(100), says: "withings-exporter auth", auth: true},
		{name: "status 293, invalid params", fault: status(293), says: "report it"},
		{name: "status 503, invalid params", fault: status(503), says: "report it"},
		{name: "status 2555, unauthorized", fault: status(2555), says: "withings-exporter auth"},
		{name: "status 2554, not implemented", fault: status(2554), says: "not implemented"},
		{name: "status 522, timeout", fault: status(522), says: "timeout"},
		{name: "status 524, bad state", fault: status(524), says: "bad state"},
		{name: "status 2556, an error occurred", fault: status(2556), says: "an error occurred"},
		{name: "status 999, not listed", fault: status(999), says: "unknown status"},
		{name: "HTTP 500", fault: simulator.Fault{Kind: simulator.FaultHTTP, Status: http.StatusInternalServerError}, says: "HTTP status 500"},
		{name: "HTTP 403", fault: simulator.Fault{Kind: simulator.FaultHTTP, Status: http.StatusForbidden}, says: "withings-exporter auth"},
		{name: "HTTP 404", fault: simulator.Fault{Kind: simulator.FaultHTTP, Status: http.StatusNotFound}, says: "--api.url"},
		{name: "a web page", fault: simulator.Fault{Kind: simulator.FaultHTML}, says: "web page"},
		{name: "wrong content type", fault: simulator.Fault{Kind: simulator.FaultContentType}, up: true},
		{name: "empty answer", fault: simulator.Fault{Kind: simulator.FaultEmpty}, says: "empty"},
		{name: "answer cut short", fault: simulator.Fault{Kind: simulator.FaultTruncated}, says: "breaks off"},
		{name: "connection cut", fault: simulator.Fault{Kind: simulator.FaultCut}, says: "cannot reach Withings"},
		{name: "lost answer", fault: simulator.Fault{Kind: simulator.FaultLostAnswer}, says: "cannot reach Withings"},
		{name: "no answer", fault: simulator.Fault{Kind: simulator.FaultHang, Action: "getmeas"}, says: "no answer in time"},
		{name: "endless answer", fault: simulator.Fault{Kind: simulator.FaultEndless, Action: "getactivity", Times: 3}, says: ""},
		{name: "[] for the body", fault: simulator.Fault{Kind: simulator.FaultArrayBody}, says: "has no list of"},
		{name: "no body", fault: simulator.Fault{Kind: simulator.FaultWithout}, says: "it has no body"},
		{name: "null for the body", fault: simulator.Fault{Kind: simulator.FaultValue, Text: "null"}, says: "it has no body"},
		{name: "no lists", fault: simulator.Fault{Kind: simulator.FaultWithout, Keys: lists}, says: "no list of measurements, although"},
		{name: "groups without grpid", fault: simulator.Fault{Kind: simulator.FaultWithout, Keys: []string{"grpid"}}, says: "rows without grpid", long: true},
		{name: "rows whose date is null", fault: simulator.Fault{Kind: simulator.FaultValue, Keys: []string{"date", "startdate"}, Text: "null"}, says: "rows without date", long: true},
		{name: "values that are words", fault: simulator.Fault{Kind: simulator.FaultValue, Keys: []string{"value"}, Text: `"n/a"`}, says: "without a value that can be read", long: true},
		{name: "values that are null", fault: simulator.Fault{Kind: simulator.FaultValue, Keys: []string{"value"}, Text: "null"}, says: "without a value that can be read", long: true},
		{name: "false for numbers", fault: simulator.Fault{Kind: simulator.FaultFalseNumbers}, up: true},
		{name: "text for numbers", fault: simulator.Fault{Kind: simulator.FaultStringNumbers}, up: true},
		{name: "unknown fields and values", fault: simulator.Fault{Kind: simulator.FaultUnknowns}, up: true},
		{name: "a broken record in every list", fault: simulator.Fault{Kind: simulator.FaultBrokenRecord}, up: true},
		{name: "paging that does not advance", fault: simulator.Fault{Kind: simulator.FaultStuckOffset, Action: "getmeas"}, says: "never end"},
		{name: "refresh refused", fault: simulator.Fault{Kind: simulator.FaultRefreshRefused}, up: true}, // until the token expires
	}) {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorldPolled(t, 10*time.Minute, simulator.Switches{}, func(w *stage.World) {
				before := w.Series()
				c.fault.UserID = w.ID("Anna")
				w.Sim.Inject(c.fault)
				rounds := 3
				if c.long { // a few changes that cannot be read have all of the last weeks read
					rounds = 8
					weighs(w, "Anna", 70_500)
				}
				weighed := time.Time{}
				for range rounds {
					last := weighed
					weighed = weighs(w, "Ben", 81_000)
					w.Pass(10 * time.Minute)
					weighedBy(w, "Ben", last)
					fresh(w, "Ben", 15*time.Minute)
					fresh(w, "Carla", 15*time.Minute)
					known(w, "Anna", before)
				}
				complains(w, "Anna", c.up, c.says)
				w.Sim.Clear()
				if c.auth {
					w.Settings.Profiles = []string{"Anna"}
					w.SignIn()
				}
				w.Pass(2 * time.Hour)
				fresh(w, "Anna", 15*time.Minute)
				weighed = weighs(w, "Anna", 70_000)
				w.Pass(20 * time.Minute)
				weighedBy(w, "Anna", weighed)
				known(w, "Anna", before)
				if got := w.Series()["withings_up{profile=Anna}"]; got != 1 {
					t.Errorf("up is %v two hours after the fault, want 1", got)
				}
			})
		})
	}
}

func status(code int) simulator.Fault {
	return simulator.Fault{Kind: simulator.FaultStatus, Status: code, Text: "made up"}
}

// fresh fails unless every service of the profile was read lately, or as lately as it is
// to be: some are asked only when a device has something, and otherwise rarely.
func fresh(w *stage.World, profile string, longest time.Duration) {
	w.T.Helper()
	if stale := w.Overdue(profile, longest); len(stale) > 0 {
		w.T.Errorf("%s is not fresh: %s", profile, strings.Join(stale, ", "))
	}
}

// afresh fails unless every service of the profile was read lately, whatever its pace.
func afresh(w *stage.World, profile string, longest time.Duration) {
	w.T.Helper()
	if stale := w.Stale(profile, longest); len(stale) > 0 {
		w.T.Errorf("%s was not read afresh: %s", profile, strings.Join(stale, ", "))
	}
}

// weighs puts a person on their scale, and returns when that was.
func weighs(w *stage.World, profile string, grams int64) time.Time {
	w.T.Helper()
	id, now := w.ID(profile), w.Sim.Now()
	on := lastWeighIn(w.T, w.Sim.Measures(id, now.AddDate(0, 0, -25), now)).Device
	_, err := w.Sim.AddGroup(id, simulator.Group{Device: on, Measures: []simulator.Measure{{Type: 1, Value: grams, Unit: -3, Position: simulator.NoPosition}}})
	w.Try(err)
	return now
}

// weighedBy fails unless a weigh-in of some moment is shown, or a later one.
func weighedBy(w *stage.World, profile string, at time.Time) {
	w.T.Helper()
	if shown := w.Series()["withings_measured_timestamp_seconds{metric=weight_grams,profile="+profile+"}"]; shown < float64(at.Unix()) {
		w.T.Errorf("at %s the weigh-in shown of %s is of %s, want that of %s", w.Sim.Now(), profile, time.Unix(int64(shown), 0).UTC(), at)
	}
}

// known fails when a series of the profile that was shown before is gone. The
// passing of a day and a new night or workout with other fields do not happen
// within the time of these tests.
func known(w *stage.World, profile string, before map[string]float64) {
	w.T.Helper()
	now := w.Series()
	var gone []string
	for name := range before {
		if _, ok := now[name]; !ok && strings.Contains(name, "profile="+profile) && !strings.Contains(name, "workout") && !strings.HasPrefix(name, "withings_up") {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	if len(gone) > 0 {
		w.T.Errorf("%d series of %s are gone, the first is %s", len(gone), profile, gone[0])
	}
}

// complains fails unless the profile is up or not, as wanted, and the page says
// why.
func complains(w *stage.World, profile string, up bool, says string) {
	w.T.Helper()
	if says == "" && !up {
		return
	}
	if got := w.Series()["withings_up{profile="+profile+"}"] == 1; got != up {
		w.T.Errorf("%s is up: %v, want %v", profile, got, up)
	}
	for _, p := range pageOf(w).Profiles {
		if p.Name != profile || up || strings.Contains(p.Command, says) {
			continue
		}
		if slices.ContainsFunc(p.Services, func(s web.Service) bool { return strings.Contains(s.Err, says) }) {
			continue
		}
		w.T.Errorf("nothing on the card of %s says %q: %+v", profile, says, p)
	}
}

// lists are the names of what Withings lists.
var lists = []string{"measuregrps", "activities", "series", "devices", "goals"}

// TestWhatWithingsLeavesOutIsKeptForADayAndThePageSaysSo has Withings answer
// about one person as if there were nothing, or next to nothing.
func TestWhatWithingsLeavesOutIsKeptForADayAndThePageSaysSo(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name  string
		fault simulator.Fault
	}{
		{"null for the lists", simulator.Fault{Kind: simulator.FaultValue, Keys: lists, Text: "null"}},
		{"false for the lists", simulator.Fault{Kind: simulator.FaultValue, Keys: lists, Text: "false"}},
		{"empty lists", simulator.Fault{Kind: simulator.FaultValue, Keys: lists, Text: "[]"}},
		{"lists of one", simulator.Fault{Kind: simulator.FaultShortLists, Status: 1}},
	}) {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorldPolled(t, 10*time.Minute, simulator.Switches{}, func(w *stage.World) {
				before := w.Series()
				c.fault.UserID = w.ID("Anna")
				w.Sim.Inject(c.fault)
				noted := func() bool {
					return strings.Contains(notesOf(w, "Anna"), "known measurements. They are kept until 16 July")
				}
				for waited := 0; waited < 7 && !noted(); waited++ { // measurements are read again every six hours
					w.Pass(time.Hour)
				}
				known(w, "Anna", before)
				complains(w, "Anna", true, "")
				if !noted() {
					t.Errorf("the page notes %q", notesOf(w, "Anna"))
				}
				if n := strings.Count(w.Log.String(), "leaves out most"); n == 0 || n > len(exporter.Asked()) {
					t.Errorf("%d lines are logged, at most one of a service is right:\n%s", n, w.Log)
				}
				w.Sim.Clear()
				w.Pass(70 * time.Minute)
				known(w, "Anna", before)
				if notes := notesOf(w, "Anna"); notes != "" {
					t.Errorf("the page still notes %q", notes)
				}
			})
		})
	}
}

// notesOf are those of a profile on the page.
func notesOf(w *stage.World, profile string) string {
	for _, p := range pageOf(w).Profiles {
		if p.Name == profile {
			return strings.Join(p.Notes, " ")
		}
	}
	return ""
}
