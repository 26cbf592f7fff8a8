package authorize

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
)

func TestFullDiskIsToldBeforeAnybodyGoesToWithings(t *testing.T) {
	s, disk := stage.New(t), testrun.SmallDisk(t, 256<<10, 20)
	s.Settings.StateDir = disk.Path
	mustAuthorize(s, "Anna", "Anna")
	before := content(s, "Anna")
	disk.Fill()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	a := begin(s, ctx, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	err := a.wait()
	stage.Says(t, "error", fmt.Sprint(err), "before signing in", disk.Path, "no space left on device; free some space on that disk")
	if a.out.String() != "" || content(s, "Anna") != before {
		t.Errorf("it wrote %q, and the token is changed: %t", a.out, content(s, "Anna") != before)
	}
}

func TestTokenThatCannotBeReadIsToldBeforeAnybodyGoesToWithings(t *testing.T) {
	s := stage.New(t)
	path := store(s, "Anna").Path()
	if err := os.Symlink(path, path); err != nil { // which nobody can open, not even root
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	a := begin(s, ctx, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	if err := a.wait(); err == nil || errors.Is(err, context.DeadlineExceeded) || a.out.String() != "" {
		t.Errorf("got %v, and it wrote %q", err, a.out)
	}
}
