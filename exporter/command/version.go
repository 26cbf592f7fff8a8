package command

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// Version is the version set at the build, or else what Go knows of the source,
// and the revision, on a line each.
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
