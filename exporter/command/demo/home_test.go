package demo

import (
	"testing"
	"time"
)

func TestDemoLivesWhereItRuns(t *testing.T) {
	for _, c := range []struct{ name, at, variable, link, want string }{
		{"by the variable", "2026-07-15T12:00:00+02:00", "Europe/Vienna", "", "Europe/Vienna"},
		{"by the variable with a colon", "2026-07-15T12:00:00+02:00", ":Europe/Vienna", "/usr/share/zoneinfo/Etc/UTC", "Europe/Vienna"},
		{"by the path in the variable", "2026-07-15T12:00:00+05:30", "/usr/share/zoneinfo/Asia/Kolkata", "", "Asia/Kolkata"},
		{"by the link", "2026-01-15T12:00:00-05:00", "", "../usr/share/zoneinfo/America/New_York", "America/New_York"},
		{"by the link of a Mac", "2026-01-15T12:00:00-05:00", "", "/var/db/timezone/zoneinfo/America/New_York", "America/New_York"},
		{"in a container", "2026-07-15T12:00:00Z", "", "", "UTC"},
		{"on a machine that keeps UTC", "2026-07-15T12:00:00Z", "", "/usr/share/zoneinfo/Etc/UTC", "Etc/UTC"},
		{"without a name", "2026-07-15T12:00:00+02:00", "", "", "Etc/GMT-2"},
		{"west, without a name", "2026-07-15T12:00:00-07:00", "PST8PDT7", "", "Etc/GMT+7"},
		{"with a variable that is not in force", "2026-07-15T12:00:00Z", "Europe/Vienna", "", "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			got := zoneName(at, c.variable, c.link)
			if got != c.want {
				t.Errorf("lives in %q, want %q", got, c.want)
			}
			if _, err := time.LoadLocation(got); err != nil {
				t.Errorf("%q cannot be loaded: %v", got, err)
			}
		})
	}
	if _, err := time.LoadLocation(home()); err != nil {
		t.Errorf("home is %q: %v", home(), err)
	}
}
