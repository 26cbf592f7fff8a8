package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
)

// TestABackfillOnAFullDiskClaimsToKeepOnlyWhatItHasWritten, when somebody loses patience.
func TestABackfillOnAFullDiskClaimsToKeepOnlyWhatItHasWritten(t *testing.T) {
	s, disk := stage.NewOf(t, stage.AnnaAndBen()), testrun.SmallDisk(t, 4<<20, 100)
	s.Settings.StateDir, s.Settings.Profiles = disk.Path, []string{"Ben"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	disk.Fill()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o := transfer.Options{To: "openmetrics=" + filepath.Join(t.TempDir(), "history.om"), Since: "2026-06-01"}
	talk, ended := stage.NewTranscript(), make(chan struct{})
	var err error
	go func() {
		defer close(ended)
		err = transfer.Run(ctx, s.Settings, o, talk, talk)
	}()
	talk.Await(t, regexp.MustCompile(`no space left on device; free some space on that disk(.*\n)+.*Ctrl-C`), ended)
	stop()
	<-ended
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted, it says %v", err)
	}
	stage.Says(t, "on a full disk, it", talk.String(), "what could not be written until then is read again the next time",
		"what could not be written is read again; run the same command to resume")
	disk.Free()
	stage.Says(t, "the next", h(s).MustBring(o), "written")
}

// TestAFullDiskUnderTheFileIsNamedWithWhatIsKept: everything was read, and only the disk of the file is in the way.
func TestAFullDiskUnderTheFileIsNamedWithWhatIsKept(t *testing.T) {
	s, disk := stage.NewOf(t, stage.AnnaAndBen()), testrun.SmallDisk(t, 256<<10, 20)
	s.Settings.Profiles = []string{"Ben"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	disk.Fill()
	file := filepath.Join(disk.Path, "history.om")
	o := transfer.Options{To: "openmetrics=" + file, Since: "2026-06-01"}
	err := transfer.Run(t.Context(), s.Settings, o, stage.NewTranscript(), stage.NewTranscript())
	want := fmt.Sprintf("write the history %q: no space left on device; free some space on that disk; progress is saved; run the same command to resume", file)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	disk.Free()
	stage.Says(t, "the next", h(s).MustBring(o), "written")
}

// h is a stage as one of histories.
func h(s *stage.Stage) *stage.History { return &stage.History{Stage: s} }
