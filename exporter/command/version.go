package command

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// Version names the version that was stamped at the build, or what Go knows of
// the source, and what it was built from, each on a line.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && version.Version == "" {
		version.Version = strings.Trim(info.Main.Version, "()")
	}
	text := fmt.Sprintf("withings-exporter, version %s (%s, %s/%s)\nrevision %s",
		version.Version, version.GoVersion, version.GoOS, version.GoArch, version.GetRevision())
	if version.BuildDate != "" {
		text += "\nbuilt from the commit of " + version.BuildDate
	}
	if version.Branch != "" {
		text += ", branch " + version.Branch
	}
	return text
}
