package config

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
)

// packageGroup is the group of the user of a package's service, which reads by it the files that belong to root.
const packageGroup = "withings-exporter"

// Exposed returns a line for the log if a file that holds a secret can be read by others than its owner, with the command that
// changes it, else "". A group may read it if it is root's, or if the file was given to the group of this program by somebody
// else, or by root to that of the service. What a container or systemd has mounted is as its maker says, and nobody else is there.
func Exposed(path, what string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" || mounted(path) {
		return "" // Windows keeps access elsewhere than in the mode
	}
	owner, group := statedir.Owner(info)
	f := secretFile{path: path, mode: info.Mode().Perm(), owner: owner, group: group}
	r := account{user: os.Geteuid(), group: os.Getegid()}
	if r.user == 0 {
		r.group = serviceGroup()
	}
	if !f.exposed(r) {
		return ""
	}
	return fmt.Sprintf("%s holds %s and can be read by other users (mode %04o): run %s", path, what, f.mode, f.closed(r))
}

// secretFile is a file that holds a secret.
type secretFile struct {
	path         string
	mode         fs.FileMode
	owner, group int
}

// account is whom this program runs as, with the group by which the service reads its files: for root that of a package, or -1.
type account struct{ user, group int }

// serviceGroup is the group of a package's user, or -1.
func serviceGroup() int {
	group, err := user.LookupGroup(packageGroup)
	if err != nil {
		return -1
	}
	id, err := strconv.Atoi(group.Gid)
	if err != nil {
		return -1
	}
	return id
}

// exposed reports whether a file can be read by whom it was not given to.
func (f secretFile) exposed(r account) bool {
	return f.mode&0o004 != 0 || f.mode&0o040 != 0 && f.group != 0 && f.owner == r.user && !f.ofService(r)
}

// ofService reports whether root has given a file of its own to the group of the service.
func (f secretFile) ofService(r account) bool {
	return f.owner == 0 && f.group > 0 && (f.group == r.group || f.inPackage())
}

func (f secretFile) inPackage() bool {
	path, err := filepath.Abs(f.path)
	return err == nil && strings.HasPrefix(path, shell.ServiceFolder+"/")
}

// closed is the command that leaves a file to its owner and to the user and group that this program or its service runs as. A service reads files of
// root, which it could not any more if they were root's alone.
func (f secretFile) closed(r account) string {
	word, sudo := shell.Quote(f.path), ""
	if f.owner != r.user && r.user != 0 {
		sudo = "sudo "
	}
	switch {
	case r.user == 0 && f.ofService(r), sudo != "" && f.group == r.group:
		return sudo + "chmod 640 " + word
	case sudo != "", f.owner == 0 && r.user == 0 && r.group > 0 && f.inPackage():
		return shell.Share(r.user, f.path, r.group)
	}
	return "chmod 600 " + word
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
