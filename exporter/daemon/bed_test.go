package daemon

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
)

// toBed posts that somebody got in bed, at Anna's address.
func toBed(w *stage.World, secret, person string) {
	w.T.Helper()
	if code := post(w, secret, fmt.Sprintf("userid=%d&appli=50&date=%d", w.ID(person), w.Sim.Now().Unix())); code != 200 {
		w.T.Errorf("answered %d", code)
	}
}

// annasStore is where Anna's token is kept.
func annasStore(w *stage.World) *auth.Store {
	return auth.NewStore(w.Set.Dir, "Anna", w.Settings.ClientID, w.Settings.Now)
}

// anna is her profile.
func anna(w *stage.World) *profiles.Member { return w.Set.List()[0] }

// TestWithoutATokenNobodyElseIsInBed: then the number of the person is not known, but whose the readings are is.
func TestWithoutATokenNobodyElseIsInBed(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		secret := string(secretOf(w, "Anna"))
		w.Try(annasStore(w).Withdraw(context.Background()))
		anna(w).Source.Reload()
		toBed(w, secret, "Ben")
		if is, ok := w.Series()["withings_in_bed{profile=Anna}"]; ok {
			t.Errorf("with Ben in bed, Anna is shown as %v", is)
		}
		toBed(w, secret, "Anna")
		if w.Series()["withings_in_bed{profile=Anna}"] != 1 {
			t.Error("Anna is not in bed")
		}
	})
}

// TestNewsOfThePersonBeforeAreDropped: a notification may have been let in a moment before the profile became another person's.
func TestNewsOfThePersonBeforeAreDropped(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		secret := string(secretOf(w, "Anna"))
		anna(w).State.Bind("12345")
		toBed(w, secret, "Anna") // the token that is loaded is still hers
		if is, ok := w.Series()["withings_in_bed{profile=Anna}"]; ok {
			t.Errorf("in bed is %v", is)
		}
	})
}

// TestABedEventDuringTheStopIsThereAfterARestart: the server answers until the end, so that Withings does not send it again.
func TestABedEventDuringTheStopIsThereAfterARestart(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		secret := string(secretOf(w, "Anna"))
		toBed(w, secret, "Anna") // polling has stopped
		w.Set.SaveTold(context.Background(), w.Settings.Log)
		w.Start()
		defer w.Set.Halt()
		if w.Series()["withings_in_bed{profile=Anna}"] != 1 {
			t.Error("it is forgotten")
		}
	})
}

// TestABedEventWaitsForAStateFileThatCannotBeRead: Withings was told that it has arrived, and what the file has comes back with it,
// which may be of another person than the event.
func TestABedEventWaitsForAStateFileThatCannotBeRead(t *testing.T) {
	for name, tokenToo := range map[string]bool{"the state alone": false, "the token, too": true} {
		t.Run(name, func(t *testing.T) {
			inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
				secret, before := string(secretOf(w, "Anna")), w.Series()
				paths := []string{w.Set.Dir.File("Anna", "state")}
				if tokenToo {
					paths = append(paths, w.Set.Dir.File("Anna", "token"))
				}
				for _, path := range paths {
					w.Try(os.Rename(path, path+".intact"))
					w.Try(os.Symlink(path, path)) // which nobody can open, not even root
				}
				w.Start()
				defer func() { w.Set.Halt() }()
				toBed(w, secret, "Anna")
				w.Pass(time.Minute)
				if tokenToo {
					toBed(w, secret, "Ben") // the number of Anna is not known
				}
				for _, path := range paths {
					w.Try(os.Remove(path))
					w.Try(os.Rename(path+".intact", path))
				}
				w.Pass(30 * time.Second)
				now := w.Series()
				if now["withings_in_bed{profile=Anna}"] != 1 {
					t.Error("once the file can be read, the event is forgotten")
				}
				if ben := w.Sim.Now().Add(-time.Minute).Unix(); now["withings_got_in_bed_timestamp_seconds{profile=Anna}"] >= float64(ben) {
					t.Error("Ben's event is hers")
				}
				if weight := "withings_weight_grams{profile=Anna}"; now[weight] != before[weight] {
					t.Errorf("the weight is %v, was %v", now[weight], before[weight])
				}
				w.Set.Halt()
				w.Start()
				if w.Series()["withings_in_bed{profile=Anna}"] != 1 {
					t.Error("it is not saved")
				}
			})
		})
	}
}

// TestABedEventOfAProfileThatLeavesIsThereWhenItReturns: it may come while the profile is taken out of the configuration.
func TestABedEventOfAProfileThatLeavesIsThereWhenItReturns(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		toBed(w, string(secretOf(w, "Anna")), "Anna")
		without := w.Settings
		without.Profiles = []string{"Ben", "Carla"}
		w.Try(w.Set.Load(without))
		w.Try(w.Set.Load(w.Settings))
		if w.Series()["withings_in_bed{profile=Anna}"] != 1 {
			t.Error("it is forgotten")
		}
	})
}

// TestThePageSaysWhoIsInBed, once it is known.
func TestThePageSaysWhoIsInBed(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		shown := func() string {
			for _, r := range cardOf(w, "Anna").Readings {
				if r.Label == "In bed" {
					return r.Value
				}
			}
			return ""
		}
		if is := shown(); is != "" {
			t.Errorf("before anything is known, it says %q", is)
		}
		toBed(w, string(secretOf(w, "Anna")), "Anna")
		if is := shown(); is != "yes" {
			t.Errorf("with Anna in bed, it says %q", is)
		}
	})
}
