package check

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/common/version"
)

// program tells of the program and what it runs on.
func (g *gathering) program(w io.Writer, now time.Time) error {
	revision := version.GetRevision()
	zone, offset := now.Zone()
	rows := [][2]string{
		{"version", version.Version},
		{"revision", revision[:min(len(revision), 12)]}, // longer, it looks like a secret
		{"built with", runtime.Version() + " for " + runtime.GOOS + "/" + runtime.GOARCH},
		{"processors", fmt.Sprint(runtime.NumCPU())},
		{"now", fmt.Sprintf("%s; local zone %s, %+d s from UTC", now.UTC().Format(time.RFC3339), zone, offset)},
		{"TZ", isSet("TZ")},
		{"knows time zones", knowsZones()},
		{"user", fmt.Sprintf("uid %d, gid %d", os.Geteuid(), os.Getegid())},
		{"home folder", isSet("HOME")},
		{"container", container()},
		{"proxy", proxies()},
	}
	for _, row := range rows {
		fmt.Fprintf(w, "%-18s %s\n", row[0], row[1])
	}
	return nil
}

func isSet(variable string) string {
	if os.Getenv(variable) == "" {
		return "not set"
	}
	return "set"
}

func knowsZones() string {
	if _, err := time.LoadLocation("Europe/Vienna"); err != nil {
		return "no: days are those of UTC; tzdata is missing"
	}
	return "yes"
}

// container tells of the signs that the usual engines leave.
func container() string {
	var signs []string
	for _, path := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(path); err == nil {
			signs = append(signs, path)
		}
	}
	for _, variable := range []string{"KUBERNETES_SERVICE_HOST", "container"} {
		if os.Getenv(variable) != "" {
			signs = append(signs, "$"+variable)
		}
	}
	if len(signs) == 0 {
		return "no sign of one"
	}
	return "yes, by " + strings.Join(signs, ", ")
}

func proxies() string {
	var set []string
	for _, variable := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		if os.Getenv(variable) != "" || os.Getenv(strings.ToLower(variable)) != "" {
			set = append(set, variable)
		}
	}
	if len(set) == 0 {
		return "none"
	}
	return strings.Join(set, ", ") + " set"
}
