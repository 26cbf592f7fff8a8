package dashboards

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/shell"
	"withings-exporter/grafana"
)

// hidden are the folders of which Grafana's unit for systemd hides what is in them (ProtectHome, PrivateTmp).
var hidden = []string{"/home", "/root", "/run/user", "/tmp", "/var/tmp"}

// closed is the folder nearest to dir, or dir, that keeps other users out, of which Grafana is one; "" if there is none. What does not
// exist yet is made for everybody.
func closed(dir string) string {
	at, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if info, err := os.Stat(at); err == nil && info.Mode().Perm()&0o001 == 0 || slices.Contains(hidden, at) {
			return at
		}
		if filepath.Dir(at) == at {
			return ""
		}
		at = filepath.Dir(at)
	}
}

// placed refuses files of the service where only the service can read them. They need nothing of it but its configuration, so root
// writes them just as well, where Grafana can read them.
func placed(dir, configFile string) error {
	if dir == "" || !shell.IsService() {
		return nil
	}
	if shut := closed(dir); shut != "" {
		run := shell.ByRoot(configFile, os.Args[1:], "--dir", grafana.BoardsDir)
		return command.Usagef("files need no service: run: "+run, "--dir %s: Grafana may not enter %s", dir, shut)
	}
	return nil
}

// elsewhere is a line on files of a person that Grafana may not be able to read; "" for others.
func elsewhere(dir string) string {
	shut := closed(dir)
	if shut == "" || runtime.GOOS != "linux" { // elsewhere, Grafana is mostly run by who installed it
		return ""
	}
	return fmt.Sprintf("It reads the dashboards there. If it may not enter %s, as with its\npackages, write them as root with --dir %s.\n", shut, grafana.BoardsDir)
}
