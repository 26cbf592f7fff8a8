package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
)

// Exposed returns a line for the log if a file that holds a secret can be read by others than its owner, with the command that
// changes it, else "". A group may read it if it is root's, or if the file is somebody else's, who gave it to the group of
// this program, as a package does. What a container or systemd has mounted is as its maker says, and nobody else is there.
func Exposed(path, what string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" || mounted(path) {
		return "" // Windows keeps access elsewhere than in the mode
	}
	mode := info.Mode().Perm()
	owner, group := statedir.Owner(info)
	if mode&0o004 == 0 && (mode&0o040 == 0 || group == 0 || owner != os.Geteuid()) {
		return ""
	}
	return fmt.Sprintf("%s holds %s and can be read by other users (mode %04o): run %s", path, what, mode, closed(path, owner, os.Geteuid(), os.Getegid()))
}

// closed is the command that leaves a file to its owner and to the user and group that this program runs as. A service reads files of
// root, which it could not any more if they were root's alone.
func closed(path string, owner, user, group int) string {
	word := shell.Quote(path)
	if owner == user || user == 0 {
		return "chmod 600 " + word
	}
	return fmt.Sprintf("sudo chgrp %d %s && sudo chmod 640 %[2]s", group, word)
}

// mounted reports whether a file is one that Kubernetes, Docker or systemd puts in place.
func mounted(path string) bool {
	if os.Getenv("KUBERNETES_SERVICE_HOST") != "" || passed(path) {
		return true
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	for _, folder := range []string{"/run/secrets", os.Getenv("CREDENTIALS_DIRECTORY")} {
		if folder != "" && strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}
