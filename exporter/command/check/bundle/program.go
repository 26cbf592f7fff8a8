package bundle

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/common/version"

	"withings-exporter/exporter/shell"
)

// Program is what a bundle contains about the program and its system.
type Program struct {
	Version    string   `json:"version"`
	Revision   string   `json:"revision,omitempty"`
	Go         string   `json:"go"`
	System     string   `json:"system"`
	Processors int      `json:"processors"`
	Now        string   `json:"now"`
	Zone       string   `json:"local_time_zone"`
	User       string   `json:"user"`
	Container  bool     `json:"container"`
	Set        []string `json:"set_in_the_environment,omitempty"` // the names, no values
}

// Running describes this program.
func Running(now time.Time) Program {
	zone, offset := now.Zone()
	p := Program{
		Version: version.Version, Revision: version.GetRevision(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Processors: runtime.NumCPU(), Now: now.UTC().Format(time.RFC3339), Zone: fmt.Sprintf("%s, %+d s from UTC", zone, offset),
		User: fmt.Sprintf("uid %d, gid %d", os.Geteuid(), os.Getegid()), Container: shell.InContainer(),
	}
	for _, name := range []string{"HOME", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "KUBERNETES_SERVICE_HOST", "container"} {
		if os.Getenv(name) != "" || os.Getenv(strings.ToLower(name)) != "" {
			p.Set = append(p.Set, name)
		}
	}
	return p
}
