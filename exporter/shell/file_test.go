package shell

import (
	"strings"
	"testing"
)

func TestWhatACommandOfTheServiceHasWrittenCanBeFetched(t *testing.T) {
	t.Chdir(t.TempDir())
	if at, told := Place("report.zip"), Fetching("report.zip"); at != "report.zip" || told != "" {
		t.Errorf("without a service it is at %s: %s", at, told)
	}
	t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
	at := Place("it's.zip")
	if !strings.HasPrefix(at, "/") || !strings.HasSuffix(at, "/it's.zip") {
		t.Errorf("the service's file is at %s, want its whole path", at)
	}
	if got, want := Fetch("it's.zip"), `sudo install -m 600 -o "$(id -u)" `+Quote(at)+" ."; got != want {
		t.Errorf("the command is\n%s, want\n%s", got, want)
	}
	if got := Fetching("it's.zip"); !strings.HasSuffix(got, "run:\n  "+Fetch("it's.zip")+"\n") {
		t.Errorf("it tells %q", got)
	}
}
