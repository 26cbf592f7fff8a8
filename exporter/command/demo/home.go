package demo

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// home is the time zone of this machine by its name. The people of the demo live
// there: a browser on the same machine then shows their mornings as mornings, and
// their nights as nights.
func home() string {
	now := time.Now()
	link, _ := os.Readlink("/etc/localtime")
	return zoneName(now, os.Getenv("TZ"), link)
}

// zoneName returns the name of the time zone of a moment, from what the environment
// and the link of the system say. If neither is right, it names the difference to
// UTC in whole hours.
func zoneName(now time.Time, variable, link string) string {
	_, seconds := now.Zone()
	for _, text := range []string{strings.TrimPrefix(variable, ":"), link} {
		if _, after, found := strings.Cut(text, "zoneinfo/"); found {
			text = after
		}
		zone, err := time.LoadLocation(text)
		if err != nil || text == "" || text == "Local" {
			continue
		}
		if _, there := now.In(zone).Zone(); there == seconds {
			return text
		}
	}
	if hours := seconds / 3600; hours != 0 {
		return fmt.Sprintf("Etc/GMT%+d", -hours) // the sign is that of POSIX
	}
	return "UTC"
}
